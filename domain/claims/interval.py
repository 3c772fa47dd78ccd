"""Compare dates as intervals of the days that each may mean.

What has not happened lies at NEVER, what is unknown between the ends of the calendar, so that "the
later of", "the earlier of" and "n days after" are plain arithmetic on both ends.
"""

from datetime import date, timedelta
from typing import NamedTuple

from events.dates import Answer, Edtf, add_months, parse_date, possible_days

NEVER = date.max


class Interval(NamedTuple):
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
        """Return the interval as EDTF, an unknown end left open."""
        if self.day:
            return self.day.isoformat()
        first = "" if self.first == date.min else self.first.isoformat()
        return f"[{first}..{'' if self.last == NEVER else self.last.isoformat()}]"


UNKNOWN = Interval(date.min, NEVER)
NOT_YET = Interval(NEVER, NEVER)


def interval(text: str | None, zone: str | None = None) -> Interval:
    """Return the days that a date as written may mean at the act's place; None: any day.

    Of a state that lasted (`a/b`) these are the days on which it may have begun.
    """
    return interval_of(parse_date(text), zone) if text else UNKNOWN


def before(a: Interval, b: Interval) -> Answer:
    """Say whether `a` came on an earlier day than `b`."""
    return "yes" if a.last < b.first else "no" if a.first >= b.last else "cannot tell"


def may_be_one_day(a: Interval, b: Interval) -> bool:
    """Say whether both may mean the same day."""
    return a.first <= b.last and b.first <= a.last


def latest(*intervals: Interval) -> Interval:
    """Return when the last of them came."""
    found = intervals[0]
    for one in intervals:  # most often it is one of them, as it stands
        if one.first > found.first or one.last > found.last:
            found = Interval(max(one.first, found.first), max(one.last, found.last))
    return found


def earliest(*intervals: Interval) -> Interval:
    """Return when the first of them came."""
    return Interval(min(s.first for s in intervals), min(s.last for s in intervals))


def come_by(when: Interval, day: date) -> Interval:
    """Return the days up to `day`, for what is known to have come."""
    return Interval(when.first, day) if when.first <= day < when.last else when


def shift(when: Interval, delay: str | None, snap: str | None) -> Interval:
    """Return the interval after a delay (`P90D`, `P3M`, `P1Y`), then a snap (`month-start:1`).

    Days add, months clamp to the month's last day; then the first day of the k-th month after.
    """
    return Interval(_shifted(when.first, delay, snap), _shifted(when.last, delay, snap))


def interval_of(edtf: Edtf, zone: str | None = None) -> Interval:
    """Return the same for a date as read."""
    if edtf.is_span:
        if edtf.begins is None:
            return Interval(date.min, edtf.latest or NEVER)
        edtf = edtf.begins
    first, last = possible_days(edtf, zone)
    return Interval(first or date.min, last or NEVER)


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
