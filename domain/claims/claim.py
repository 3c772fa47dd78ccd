"""What does one claim say, when did it hold, and when was it public?

A claim is one event about a thing. Three clocks: *effective* (in the world, as its source wrote
it), *published* (by its sources), *recorded* (its position in the ledger).
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from events.body import Body, SourceRef
from events.dates import Answer, Edtf, days_at_place, happened_by, lasted_on, parse_date
from events.remember import remembered
from events.value import replace

FAR_FUTURE = date.max
_NOTICE = "agreement.withdrawal-notified"


class _Fields(NamedTuple):
    position: int
    version: int
    thing: str
    type: str
    body: Body
    time: str = ""
    corrected_by: "Claim | None" = None
    published_by: "Claim | None" = None


class Claim(_Fields):
    """One event about a thing as the fold sees it.

    `position` counts the ledger's events from 1, `version` those of the thing. A corrected claim
    keeps its own number and bears the new body, with the correction in `corrected_by`, and in
    `published_by` the correction whose publication became its own. What a fold asks of it more
    than once is remembered: other days, policies and worlds ask again.
    """

    @remembered
    def id(self) -> str:
        """Return the event id, `thing/n`."""
        return f"{self.thing}/{self.version}"

    @property
    def day(self) -> Edtf | None:
        """Return the effective date as read, None where it is unknown."""
        effective = self.body.effective
        return parse_date(effective) if effective else None

    @remembered
    def days(self) -> tuple[date | None, date | None]:
        """Return the first and last day the effective date may mean, None where open or unknown."""
        edtf = self.day
        return days_at_place(edtf, self.body.zone) if edtf else (None, None)

    @remembered
    def order(self) -> tuple[date, date, date, int]:
        """Return the key by which claims are folded: effective, acted, position.

        An unknown date comes last, an open past first.
        """
        body = self.body
        return *_order(body.effective, body.acted, body.zone), self.position

    @remembered
    def newness(self) -> tuple[int, int, int]:
        """Return the key that puts the newest measurement first: earliest day, latest, position."""
        earliest, latest = self.days
        return (
            -(earliest.toordinal() if earliest else 0),
            -(latest.toordinal() if latest else date.max.toordinal()),
            -self.position,
        )

    @property
    def origins(self) -> frozenset[str]:
        """Return the parties at the root of its quote chains: its independent witnesses."""
        sources = self.body.sources or ()
        return frozenset(s.origin or self.body.asserted_by for s in sources) or frozenset(
            (self.body.asserted_by,)
        )


# A tuple with names, without the call that takes the names: one is made for each event read.
_new: Callable[[type[Claim], tuple[object, ...]], Claim] = tuple.__new__


def claimed(  # noqa: PLR0917 - the fields of a claim that is not corrected, in their order
    position: int, version: int, thing: str, type_: str, body: Body, time: str = ""
) -> Claim:
    """Return the claim that an event of the record makes, in half the time that naming takes."""
    return _new(Claim, (position, version, thing, type_, body, time, None, None))


class Clocks(NamedTuple):
    """At which day, as public on which day, as recorded up to which position is asked?"""

    as_of: date
    public_at: date | None = None
    known_at: int | None = None


def published_on(claim: Claim) -> date | None:
    """Return the day by which a claim was certainly public, None where nobody knows.

    Several sources: the earliest. A source whose publication is absent or open is public from
    the day it was retrieved. What the recorder says of itself is public always.
    """
    if claim.published_by is not None:
        return published_on(claim.published_by)
    if claim.body.basis == "recorder":
        return date.min
    days = [day for source in claim.body.sources or () if (day := _source_public(source))]
    return min(days, default=None)


def began_by(claim: Claim, day: date) -> Answer:
    """Say whether what the claim measures was so on the day or before it."""
    edtf = claim.day
    if edtf is None:
        return "cannot tell"
    if edtf.is_span:
        if edtf.begins is None:
            return "yes"
        edtf = edtf.begins
    return happened_by(edtf, day, claim.body.zone)


def days(claim: Claim) -> tuple[date | None, date | None]:
    """Return the first and last day the effective date may mean, None where open or unknown."""
    return claim.days


def begun(claim: Claim) -> Claim:
    """Return the claim as it begins to matter: a withdrawal by its notice, not by its effect.

    The notice moves the standing to *withdrawing*, the effect to *former* (docs/spec/treaties.md,
    2).
    """
    if claim.type == _NOTICE and claim.body.acted:
        return claim._replace(body=replace(claim.body, effective=claim.body.acted))
    return claim


def matters_on(claim: Claim, day: date) -> Answer | None:
    """Say whether a claim as it begins to matter (`begun`) holds on a day, None without a date."""
    body = claim.body
    effective = body.effective
    if claim.type == _NOTICE and body.acted:
        effective = body.acted
    return _held(effective, day, body.zone) if effective else None


@lru_cache(maxsize=8192)
def _order(effective: str | None, acted: str | None, zone: str | None) -> tuple[date, date, date]:
    if not effective:
        return FAR_FUTURE, FAR_FUTURE, FAR_FUTURE
    edtf = parse_date(effective)
    earliest, latest = days_at_place(edtf, zone)
    done = parse_date(acted).earliest if acted else earliest
    return earliest or date.min, latest or FAR_FUTURE, done or date.min


@lru_cache(maxsize=8192)
def _held(effective: str, day: date, zone: str | None) -> Answer:
    return lasted_on(parse_date(effective), day, zone)


chronological: Callable[[Claim], tuple[date, date, date, int]] = attrgetter("order")


def _source_public(source: SourceRef) -> date | None:
    if source.published:
        latest = parse_date(source.published).latest
        if latest is not None:
            return latest
    return parse_date(source.retrieved).latest if source.retrieved else None
