"""Which of two days came first, when a written date may mean several?

A date as written is a span of days; `?`, `~` and `%` widen it by the unit before them. What has
not happened lies at NEVER, what nobody knows between the ends of the calendar, so that "the
later of", "the earlier of" and "n days after" are plain arithmetic on both ends.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from events.dates import Answer, Edtf, Unit, add_months, days_at_place, parse_date

NEVER = date.max
_MONTHS: dict[Unit, int] = {"day": 0, "month": 1, "year": 12}


class Span(NamedTuple):
    """The first and the last day that a date may mean, both included."""

    first: date
    last: date

    def by(self, day: date) -> Answer:
        """Say whether it has come on the day or before it."""
        return "yes" if self.last <= day else "no" if self.first > day else "cannot tell"

    @property
    def day(self) -> date | None:
        """Return the day where it is certain, else None."""
        return self.first if self.first == self.last != NEVER else None

    @property
    def text(self) -> str:
        """Return the span as EDTF, an end that nobody knows left open."""
        if self.day:
            return self.day.isoformat()
        first = "" if self.first == date.min else self.first.isoformat()
        return f"[{first}..{'' if self.last == NEVER else self.last.isoformat()}]"


UNKNOWN = Span(date.min, NEVER)
NOT_YET = Span(NEVER, NEVER)


@lru_cache(maxsize=8192)
def span(text: str | None, zone: str | None = None) -> Span:
    """Return the days that a date as written may mean at the act's place; None: any day.

    Of a state that lasted (`a/b`) these are the days on which it may have begun.
    """
    return _span(parse_date(text), zone) if text else UNKNOWN


def before(a: Span, b: Span) -> Answer:
    """Say whether `a` came on an earlier day than `b`."""
    return "yes" if a.last < b.first else "no" if a.first >= b.last else "cannot tell"


def may_be_one_day(a: Span, b: Span) -> bool:
    """Say whether both may mean the same day."""
    return a.first <= b.last and b.first <= a.last


def latest(*spans: Span) -> Span:
    """Return when the last of them came."""
    return Span(max(s.first for s in spans), max(s.last for s in spans))


def earliest(*spans: Span) -> Span:
    """Return when the first of them came."""
    return Span(min(s.first for s in spans), min(s.last for s in spans))


def come_by(when: Span, day: date) -> Span:
    """Return the days up to `day`, for what is known to have come by then."""
    return Span(when.first, day) if when.first <= day < when.last else when


def shift(when: Span, delay: str | None, snap: str | None) -> Span:
    """Return the span after a delay (`P90D`, `P3M`, `P1Y`), then a snap (`month-start:1`).

    Days add, months clamp to the month's last day; then the first day of the k-th month after.
    """
    return Span(_shifted(when.first, delay, snap), _shifted(when.last, delay, snap))


def _span(edtf: Edtf, zone: str | None) -> Span:
    if edtf.is_span:
        return _span(edtf.begins, zone) if edtf.begins else Span(date.min, edtf.latest or NEVER)
    first, last = days_at_place(edtf, zone)
    unit = edtf.margin_unit
    return Span(_widened(first or date.min, unit, -1), _widened(last or NEVER, unit, 1))


def _widened(day: date, unit: Unit | None, by: int) -> date:
    if unit is None or day in UNKNOWN:
        return day
    try:
        return day + timedelta(by) if unit == "day" else add_months(day, by * _MONTHS[unit])
    except (OverflowError, ValueError):
        return date.min if by < 0 else NEVER


def _shifted(day: date, delay: str | None, snap: str | None) -> date:
    if day in UNKNOWN:
        return day
    try:
        if delay:
            count = int(delay[1:-1])
            months = {"M": count, "Y": count * 12}.get(delay[-1])
            day = day + timedelta(count) if months is None else add_months(day, months)
        if snap and snap != "none":
            day = add_months(day.replace(day=1), int(snap.partition(":")[2]))
    except (OverflowError, ValueError):
        return NEVER
    return day
