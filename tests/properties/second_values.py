"""Dates and amounts as docs/spec/answers.md, 2, 3 and 13 say, for the second naive fold.

They share no code with the program: a date is read in the forms that the histories use.
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

FAR = 10**30
Ends = tuple[date | None, date | None]


@dataclass(frozen=True)
class When:
    """A date as written: its span of days (None: open), its unit if qualified, its moments."""

    first: date | None
    last: date | None
    unit: str | None = None
    state: bool = False
    instant: datetime | None = None
    ended: "When | None" = None

    def widened(self) -> tuple[date | None, date | None]:
        if self.unit is None:
            return self.first, self.last
        return _moved(self.first, self.unit, -1), _moved(self.last, self.unit, 1)

    def by(self, day: date) -> str:
        """Say whether it happened, or began and lasts, on a day (2)."""
        first, last = self.widened()
        began = "cannot tell"
        if last is not None and last <= day:
            began = "yes"
        elif first is not None and first > day:
            began = "no"
        if self.ended is None or began == "no":
            return began
        end_first, end_last = self.ended.widened()
        if end_last is not None and end_last < day:
            return "no"
        return (
            "yes" if began == "yes" and (end_first is None or end_first >= day) else "cannot tell"
        )


def _moved(day: date | None, unit: str, n: int) -> date | None:
    if day is None or unit == "day":
        return day and day + timedelta(days=n)
    months = day.year * 12 + day.month - 1 + n * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read_when(text: str | None) -> When | None:
    """Read the forms of (2) that the histories use; their zone is never stated apart."""
    if text is None:
        return None
    if text[0] == "[":
        low, high = text[1:-1].split("..")
        return When(_part(low)[0] if low else None, _part(high)[1] if high else None)
    if "/" in text:
        low, high = text.split("/")
        begin = When(*_part(low)) if low != ".." else When(None, date.min)
        end = When(*_part(high)) if high != ".." else None
        return When(begin.first, begin.last, state=True, ended=end)
    if "T" in text:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return When(moment.date(), moment.date(), instant=moment)
    bare = text.rstrip("?~%")
    first, last = _part(bare)
    unit = ("year", "month", "day")[bare.count("-")] if bare != text else None
    return When(first, last, unit)


def _part(text: str) -> tuple[date, date]:
    numbers = [int(part) for part in text.split("-")]
    if len(numbers) == 3:
        return date(*numbers), date(*numbers)
    low = numbers[1] if len(numbers) == 2 else 1
    high = numbers[1] if len(numbers) == 2 else 12
    return date(numbers[0], low, 1), date(
        numbers[0], high, calendar.monthrange(numbers[0], high)[1]
    )


def meet(one: Ends, other: Ends) -> bool:
    """Say whether two spans share a day; None is open."""
    return (one[0] or date.min) <= (other[1] or date.max) and (other[0] or date.min) <= (
        one[1] or date.max
    )


def span_of(when: When) -> Ends:
    """Return the days that a date as written may mean; a state that lasted has its own end."""
    if when.state:
        return when.first, when.ended.last if when.ended else None
    return when.first, when.last


def field_agrees(name: str, one: Any, other: Any) -> bool:
    """Say whether two values of a field agree (13); None is absent."""
    if one is None or other is None:
        return True
    if hashable(one, other) and {one, other} & SILENT:
        return True
    if name in ("effective", "acted", "published"):
        return dates_agree(one, other)
    if isinstance(one, dict) and "unit" in one:
        return amounts_agree(one, other)
    if isinstance(one, list):
        mine, theirs = ({repr(x) for x in part} for part in (one, other))
        return mine <= theirs or theirs <= mine
    return bool(one == other)


def is_one_figure(name: str, value: Any) -> bool:
    """Say whether a value is one figure, or a date one day: no other corroborates (13)."""
    if name in ("effective", "acted", "published") and value is not None:
        when = read_when(value)
        return when is not None and not when.state and when.first == when.last is not None
    if isinstance(value, dict) and "unit" in value:
        closed = not (value.get("lower_open") or value.get("upper_open"))
        return closed and value.get("lower") == value.get("upper")
    return True


SILENT = frozenset(("unstated", "unknown"))


def hashable(*values: Any) -> bool:
    """Say whether all are plain values."""
    return all(isinstance(value, str | int | bool) for value in values)


def dates_agree(one: str, other: str) -> bool:
    """Say whether two dates may mean one day (2): instants as seconds, else calendar days."""
    a, b = read_when(one), read_when(other)
    assert a is not None
    assert b is not None
    if a.instant and b.instant:
        return a.instant == b.instant
    return meet(span_of(a), span_of(b))


def amounts_in(data: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return the amounts that are stated in some fields."""
    return {n: v for n, v in data.items() if n in names and isinstance(v, dict) and "unit" in v}


def several_origins(told: list[tuple[set[str], dict[str, Any]]]) -> bool:
    """Say whether two origins give figures of one unit, wherever both give one (13)."""
    return any(
        len(mine | theirs) > 1 and all(a[n]["unit"] == b[n]["unit"] for n in a.keys() & b.keys())
        for mine, a in told
        for theirs, b in told
    )


def amounts_agree(one: Any, other: Any) -> bool:
    """Say whether one number satisfies both amounts (3)."""
    if one["unit"] != other["unit"]:
        return True
    (a, b), (c, d) = widened(one), widened(other)
    if a == d:
        return not (one.get("lower_open") or other.get("upper_open"))
    if c == b:
        return not (one.get("upper_open") or other.get("lower_open"))
    return a <= d and c <= b


def widened(amount: Any) -> tuple[int, int]:
    """Return the bounds of an amount; FAR above where it has none (3)."""
    lower, upper = amount.get("lower", -FAR), amount.get("upper", FAR)
    if not amount.get("approximate"):
        return lower, upper
    half = [half_unit(value) if abs(value) < FAR else 0 for value in (lower, upper)]
    return lower - half[0], upper + half[1]


def half_unit(value: int) -> int:
    """Return half a unit of the last digit that is not zero."""
    unit = 1
    while value and value % (unit * 10) == 0:
        unit *= 10
    return unit // 2
