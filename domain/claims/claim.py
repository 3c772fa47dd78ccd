"""Define a claim: what one event says of a thing, with its dates read and its family known."""

from collections.abc import Callable
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple

from msgspec import Struct

from domain.claims.interval import UNKNOWN, Interval, interval_of
from events.body import Body, StandsIn
from events.catalogue import FAMILIES, Family, repeatable
from events.dates import (
    Answer,
    Edtf,
    Interned,
    days_at_place,
    happened_by,
    held_at,
    lasted_on,
    parse_date,
)
from events.value import replace

FAR_FUTURE = date.max
Order = tuple[date, date, date, int]
_RULE = "agreement.entry-into-force-rule-set"
# What they change begins to matter on the day of the act, though its effect comes later.
NOTICES = frozenset(("agreement.withdrawal-notified", "agreement.withdrawal-postponed"))
# What ends something comes before what begins on the same day, as it does in periods.
FIRST_OF_ITS_DAY = frozenset(
    (
        "agreement.consent-withdrawn",
        "agreement.objection-withdrawn",
        "agreement.reservation-withdrawn",
        "agreement.resumed",
        "agreement.territory-excluded",
        "agreement.withdrawal-notified",
        "law.ceased",
        "party.office-ended",
        "proposal.returned",
    )
)
_ORDERED_APART = NOTICES | FIRST_OF_ITS_DAY | {_RULE}
LEGAL_EFFECTS = frozenset(
    (
        "agreement.entered-into-force",
        "agreement.entered-into-force-for",
        "agreement.provisionally-applied",
        "agreement.resumed",
        "agreement.suspended",
        "agreement.terminated",
        "law.ceased",
        "law.in-force",
        "party.appointed",
        "party.office-ended",
    )
)


class Dates(Struct, frozen=True, gc=False):
    """The dates of a fact as read, in its zone.

    `when` is the date that answers and orders: `effective`, else `acted` where that stands in
    (docs/spec/answers.md, 9; `by_act` says so), else None. `first` and `last` are the days that it
    may mean, None where open or unknown, `first_text` and `last_text` the same as ISO text; `day`
    is the one day that it certainly means, else None.
    `order` sorts facts by that day, then by the day acted: an open past comes first, an unknown day
    last. `from_` is the interval of days on which it may have begun, `acted_on` that on which it
    may have been done, None where that is the same date. `effective` is what the fact states, which
    alone is compared with other claims; `text` is it as written, or the other where it is unknown.
    """

    effective: Edtf | None
    acted: Edtf | None
    when: Edtf | None
    by_act: bool
    first: date | None
    last: date | None
    first_text: str | None
    last_text: str | None
    day: date | None
    order: tuple[date, date, date]
    text: str | None
    from_: Interval
    acted_on: Interval | None

    @property
    def written(self) -> str | None:
        """Return the date that answers, as written; None where there is none."""
        return self.when.text if self.when else None


_UNREAD = Dates(
    effective=None,
    acted=None,
    when=None,
    by_act=False,
    first=None,
    last=None,
    first_text=None,
    last_text=None,
    day=None,
    order=(FAR_FUTURE, FAR_FUTURE, FAR_FUTURE),
    text=None,
    from_=UNKNOWN,
    acted_on=None,
)


def dates_of(body: Body) -> Dates:
    """Return the dates of a fact as read."""
    effective, acted = body.effective, body.acted
    alone = effective is None and acted is not None
    return _DATES[effective, acted, body.zone, body.act_stands_in if alone else "never"]


class Claim(Struct, gc=False):
    """One event about a thing as the fold sees it.

    `position` counts the ledger's events from 1, `version` those of the thing. A corrected claim
    keeps its own number and bears the new body, with the correction in `corrected_by`, and in
    `published_by` the correction whose publication became its own. `short` is set of a part that,
    with the other parts of its asserter, comes to less than the whole. The rest follows from these:
    the body's dates as read, how claims of its type join, and the key by which claims are folded:
    effective, acted, position; of a notice, the day on which it was given.
    """

    position: int
    version: int
    thing: str
    type: str
    body: Body
    time: str = ""
    corrected_by: "Claim | None" = None
    published_by: "Claim | None" = None
    short: bool = False
    dates: Dates = _UNREAD  # this and what follows is set below
    family: Family = repeatable
    order: Order = (FAR_FUTURE, FAR_FUTURE, FAR_FUTURE, 0)

    def __post_init__(self) -> None:
        """Set what follows from the fields given; a type that is not known joins with nothing."""
        dates = self.dates = dates_of(self.body)
        type_ = self.type
        first, last, acted = dates.order
        if type_ in _ORDERED_APART:
            if dates.when is None and type_ == _RULE:
                first = last = acted = date.min  # it stands in the text
            elif dates.acted is not None and type_ in NOTICES:
                given = _DATES[None, dates.acted.text, self.body.zone, "as it is"]
                first, last, acted = given.order
            if type_ in FIRST_OF_ITS_DAY:
                acted = date.min
        self.order = first, last, acted, self.position
        self.family = FAMILIES.get(type_, repeatable)

    @property
    def id(self) -> str:
        """Return the event id, `thing/n`."""
        return f"{self.thing}/{self.version}"

    @property
    def origins(self) -> frozenset[str]:
        """Return the parties at the root of its quote chains: its independent witnesses."""
        by = self.body.asserted_by
        return frozenset([s.origin or by for s in self.body.sources or ()] or (by,))


class Clocks(NamedTuple):
    """At which day, as public on which day, as recorded up to which position is asked?

    Where an instant is asked about it is the `moment`, and `as_of` its day at its own offset; so
    `public_moment` and `public_at`.
    """

    as_of: date
    public_at: date | None = None
    known_at: int | None = None
    moment: datetime | None = None
    public_moment: datetime | None = None

    @property
    def as_of_text(self) -> str:
        """Return the day, or the instant, as it is typed."""
        return _typed(self.moment) if self.moment else self.as_of.isoformat()

    @property
    def public_at_text(self) -> str | None:
        """Return the day of publication, or its instant, as it is typed; None where none is."""
        if self.public_moment is not None:
            return _typed(self.public_moment)
        return self.public_at.isoformat() if self.public_at else None


def _typed(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def began_at(claim: Claim, clocks: Clocks) -> Answer:
    """Say whether what the claim measures was so by the day, or the instant, asked about."""
    dates, edtf = claim.dates, claim.dates.when
    if dates.day is not None and clocks.moment is None:
        return "yes" if dates.day <= clocks.as_of else "no"
    if edtf is not None and edtf.is_span:
        if edtf.begins is None:
            return "yes"
        edtf = edtf.begins
    if edtf is None:
        return "cannot tell"
    if clocks.moment is None:
        return happened_by(edtf, clocks.as_of, claim.body.zone)
    return held_at(edtf, clocks.moment, claim.body.zone, whole_days=False)


def days(claim: Claim) -> tuple[date | None, date | None]:
    """Return the first and last day on which it may have been, None where open or unknown."""
    return claim.dates.first, claim.dates.last


def as_notice(claim: Claim) -> Claim:
    """Return the claim as it begins to matter: a withdrawal by its notice."""
    if claim.type in NOTICES and claim.body.acted:
        return replace(claim, body=replace(claim.body, effective=claim.body.acted))
    return claim


def begun_by(claim: Claim, clocks: Clocks) -> Answer:
    """Say whether a claim had begun to matter (`as_notice`) by the day, or the instant."""
    return began_at(as_notice(claim), clocks)


def in_effect_at(claim: Claim, clocks: Clocks) -> Answer | None:
    """Say whether a claim, as it begins to matter (`as_notice`), holds at the clocks.

    None without a date. Of an instant that is asked about, a legal effect holds from the first
    moment of its day; of another act that is known by its day, that day cannot tell.
    """
    dates = claim.dates
    when = dates.acted or dates.when if claim.type in NOTICES else dates.when
    if clocks.moment is not None:
        if when is None:
            return None
        legal = claim.type in LEGAL_EFFECTS
        return held_at(when, clocks.moment, claim.body.zone, whole_days=legal)
    day = clocks.as_of
    if dates.day is not None and when is dates.when:
        return "yes" if dates.day <= day else "no"
    return lasted_on(when, day, claim.body.zone) if when else None


chronological: Callable[[Claim], Order] = attrgetter("order")


def _read(written: tuple[str | None, str | None, str | None, StandsIn]) -> Dates:
    effective, acted, zone, stands_in = written
    edtf, done = (parse_date(text) if text else None for text in (effective, acted))
    when = edtf
    if done is not None and stands_in == "as it is":
        when = done
    elif done is not None and stands_in == "at the latest":
        last = days_at_place(done, zone)[1]
        when = parse_date(f"[..{last.isoformat()}]") if last else None
    first, last = days_at_place(when, zone) if when else (None, None)
    one_day = when is not None and first == last and not (when.is_span or when.margin_unit)
    acted_first = days_at_place(done, zone)[0] if done else first
    return Dates(
        effective=edtf,
        acted=done,
        when=when,
        by_act=edtf is None and when is not None,
        first=first,
        last=last,
        first_text=first.isoformat() if first else None,
        last_text=last.isoformat() if last else None,
        day=first if one_day else None,
        order=(first or date.min, last or FAR_FUTURE, acted_first or date.min)
        if when
        else _UNREAD.order,
        text=next((one.text for one in (edtf, done) if one), None),
        from_=interval_of(when, zone) if when else UNKNOWN,
        acted_on=interval_of(done, zone) if done and done is not when else None,
    )


# Few dates stand in very many facts, and reading one takes longer than the rest of a claim.
_DATES = Interned(_read)
