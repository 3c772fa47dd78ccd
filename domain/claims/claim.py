"""Define a claim: what one event says of a thing, with its dates read and its family known.

Three clocks: *effective* (in the world, as its source wrote it), *published* (by its sources),
*recorded* (its position in the ledger).
"""

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from msgspec import Struct

from domain.claims.interval import UNKNOWN, Interval, interval_of
from events.body import Body, SourceRef
from events.catalogue import FAMILIES, Family, repeatable
from events.dates import Answer, Edtf, Interned, days_at_place, happened_by, lasted_on, parse_date
from events.value import replace

FAR_FUTURE = date.max
Order = tuple[date, date, date, int]
# What they change begins to matter on the day of the act, though its effect comes later.
_NOTICES = frozenset(("agreement.withdrawal-notified", "agreement.withdrawal-postponed"))


class Dates(Struct, frozen=True, gc=False):
    """The dates of a fact as read, in its zone.

    `first` and `last` are the days that `effective` may mean, None where open or unknown; `day`
    is the one day that it certainly means, else None. `order` sorts facts by effective day, then
    by the day acted: an open past comes first, an unknown day last. `from_` is the interval of days
    on which it may have begun, `acted_on` that on which it may have been done, None where that is
    the same date; `text` is the effective date as written, or the other where that is unknown.
    """

    effective: Edtf | None
    acted: Edtf | None
    first: date | None
    last: date | None
    day: date | None
    order: tuple[date, date, date]
    text: str | None
    from_: Interval
    acted_on: Interval | None


_UNREAD = Dates(
    effective=None,
    acted=None,
    first=None,
    last=None,
    day=None,
    order=(FAR_FUTURE, FAR_FUTURE, FAR_FUTURE),
    text=None,
    from_=UNKNOWN,
    acted_on=None,
)


def dates_of(body: Body) -> Dates:
    """Return the dates of a fact as read."""
    return _DATES[body.effective, body.acted, body.zone]


class Claim(Struct, gc=False):
    """One event about a thing as the fold sees it.

    `position` counts the ledger's events from 1, `version` those of the thing. A corrected claim
    keeps its own number and bears the new body, with the correction in `corrected_by`, and in
    `published_by` the correction whose publication became its own. The rest follows from these:
    the body's dates as read, how claims of its type join, and the key by which claims are folded:
    effective, acted, position.
    """

    position: int
    version: int
    thing: str
    type: str
    body: Body
    time: str = ""
    corrected_by: "Claim | None" = None
    published_by: "Claim | None" = None
    dates: Dates = _UNREAD  # this and what follows is set below
    family: Family = repeatable
    order: Order = (FAR_FUTURE, FAR_FUTURE, FAR_FUTURE, 0)

    def __post_init__(self) -> None:
        """Set what follows from the fields given; a type that is not known joins with nothing."""
        body = self.body
        dates = self.dates = _DATES[body.effective, body.acted, body.zone]
        first, last, acted = dates.order
        self.order = first, last, acted, self.position
        self.family = FAMILIES.get(self.type, repeatable)

    @property
    def id(self) -> str:
        """Return the event id, `thing/n`."""
        return f"{self.thing}/{self.version}"

    @property
    def recency_key(self) -> tuple[int, int, int]:
        """Return the key that puts the newest measurement first: earliest day, latest, position."""
        first, last = self.dates.first, self.dates.last
        return (
            -(first.toordinal() if first else 0),
            -(last.toordinal() if last else date.max.toordinal()),
            -self.position,
        )

    @property
    def origins(self) -> frozenset[str]:
        """Return the parties at the root of its quote chains: its independent witnesses."""
        by = self.body.asserted_by
        return frozenset([s.origin or by for s in self.body.sources or ()] or (by,))


class Clocks(NamedTuple):
    """At which day, as public on which day, as recorded up to which position is asked?"""

    as_of: date
    public_at: date | None = None
    known_at: int | None = None


def published_on(claim: Claim) -> date | None:
    """Return the day by which a claim was certainly public, None where that is unknown.

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
    dates = claim.dates
    if dates.day is not None:
        return "yes" if dates.day <= day else "no"
    edtf = dates.effective
    if edtf is None:
        return "cannot tell"
    if edtf.is_span:
        if edtf.begins is None:
            return "yes"
        edtf = edtf.begins
    return happened_by(edtf, day, claim.body.zone)


def days(claim: Claim) -> tuple[date | None, date | None]:
    """Return the first and last day the effective date may mean, None where open or unknown."""
    return claim.dates.first, claim.dates.last


def as_notice(claim: Claim) -> Claim:
    """Return the claim as it begins to matter: a withdrawal by its notice, not by its effect.

    So its postponement by the agreement to postpone.

    The notice moves the standing to *withdrawing*, the effect to *former* (docs/spec/treaties.md,
    2).
    """
    if claim.type in _NOTICES and claim.body.acted:
        return replace(claim, body=replace(claim.body, effective=claim.body.acted))
    return claim


def in_effect_on(claim: Claim, day: date) -> Answer | None:
    """Say whether a claim, as it begins to matter (`as_notice`), holds on a day.

    None without a date.
    """
    dates = claim.dates
    if claim.type in _NOTICES and dates.acted is not None:
        return lasted_on(dates.acted, day, claim.body.zone)
    if dates.day is not None:
        return "yes" if dates.day <= day else "no"
    return lasted_on(dates.effective, day, claim.body.zone) if dates.effective else None


chronological: Callable[[Claim], Order] = attrgetter("order")


def _read(written: tuple[str | None, str | None, str | None]) -> Dates:
    effective, acted, zone = written
    edtf = parse_date(effective) if effective else None
    done = parse_date(acted) if acted else None
    first, last = days_at_place(edtf, zone) if edtf else (None, None)
    one_day = edtf is not None and first == last and not (edtf.is_span or edtf.margin_unit)
    either = edtf or done
    acted_first = days_at_place(done, zone)[0] if done else first
    return Dates(
        effective=edtf,
        acted=done,
        first=first,
        last=last,
        day=first if one_day else None,
        order=_order(first, last, acted_first) if edtf else _UNREAD.order,
        text=effective or acted,
        from_=interval_of(either, zone) if either else UNKNOWN,
        acted_on=interval_of(done, zone) if done and acted != effective else None,
    )


def _order(first: date | None, last: date | None, acted: date | None) -> tuple[date, date, date]:
    return first or date.min, last or FAR_FUTURE, acted or date.min


def _source_public(source: SourceRef) -> date | None:
    if source.published:
        latest = parse_date(source.published).latest
        if latest is not None:
            return latest
    return parse_date(source.retrieved).latest if source.retrieved else None


_DATES = Interned(_read)
