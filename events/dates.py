"""Parse written dates, and say whether a day has come.

Dates are EDTF (ISO 8601-2:2019), stored as written; days are derived, never stored. We read
level 0 and 1 without seasons and long years, and of level 2 unspecified digits (`2025-05-2X`)
and some day within (`[a..b]`). https://www.loc.gov/standards/datetime/
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Key = TypeVar("Key")
Found = TypeVar("Found")

Answer = Literal["yes", "no", "cannot tell"]
Unit = Literal["day", "month", "year"]

ACCEPTED = (
    "write 2025-07-18, 2025-07, 2025-07-1X, 2025-07-18?, [..2025-07-18] "
    "or an instant like 2025-11-17T18:01:00-05:00; for a state that lasted 2024-03-12/2024-03-14"
)

_PAST = date.min.toordinal() - 1  # the days outside the calendar stand for an open end
_FUTURE = date.max.toordinal() + 1
_DAY_S = 86_400
_MIDNIGHT, _LAST_SECOND = time(0, 0, 0), time(23, 59, 59)

_date = re.compile(
    r"([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(?:-([0-9]{2}|[01]X|XX)(?:-([0-9]{2}|[0-3]X|XX))?)?([?~%]?)"
).fullmatch
_INSTANT = (  # compiled when the first one comes: few reads meet an instant or name a zone
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:Z|(?![+-]00:00)[+-](?:0[0-9]|1[0-5]):[0-5][0-9])"
)
ZONE = r"[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}"


class DateError(ValueError):
    """A date is an EDTF day, month, year, `[ ]`, `a/b` or instant, written in one way only."""

    def __init__(self, text: str, why: str = ACCEPTED) -> None:
        super().__init__(f"{text[:60]!r} is not an EDTF date: {why}")


class Interned(dict[Key, Found]):
    """What is read of keys, each once; emptied when it holds MOST, so that no input fills it."""

    MOST = 100_000

    def __init__(self, read: Callable[[Key], Found]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, key: Key) -> Found:
        found = self._read(key)
        if len(self) >= self.MOST:
            self.clear()
        self[key] = found
        return found


class Edtf(Struct, frozen=True):
    """A date as read: `text` as written, the first and the last day that it may mean.

    `earliest` and `latest` are None where it is open towards the past or the future; an instant
    has its day at its own offset. `margin_unit` is the unit written before `?`, `~` or `%`, and
    `not_before` and `not_after` are the first and the last day moved out by one of it. A span `a/b`
    carries its two ends in `begins` and `ends`, None where open.
    """

    text: str
    earliest: date | None
    latest: date | None
    not_before: date | None
    not_after: date | None
    is_span: bool = False
    margin_unit: Unit | None = None
    instant: datetime | None = None
    begins: "Edtf | None" = None
    ends: "Edtf | None" = None


def parse_date(text: str) -> Edtf:
    """Read an EDTF date; raise DateError with a sentence that says what is accepted."""
    return _DATES[text]


def _read(text: str) -> Edtf:
    if text.startswith("[") and text.endswith("]"):
        begins, ends = _ends(text, text[1:-1].split(".."), opened="")
        if (begins and begins.margin_unit) or (ends and ends.margin_unit):
            raise DateError(text, "inside [ ] no ?, ~ or % is read: widen the days instead")
        if begins and ends and begins.text == ends.text:
            raise DateError(text, f"one date needs no [ ]: write {begins.text}")
        return _between(text, begins, ends)
    if "/" in text:
        begins, ends = _ends(text, text.split("/"), opened="..")
        return _between(text, begins, ends, is_span=True, begins=begins, ends=ends)
    return _moment(text) if text[:4].isdecimal() and "T" in text.upper() else _one(text)


def _between(text: str, first: Edtf | None, last: Edtf | None, **more: Any) -> Edtf:
    """Return what lies between two dates, or without an end."""
    starts = (first.earliest, first.not_before) if first else (None, None)
    stops = (last.latest, last.not_after) if last else (None, None)
    return Edtf(text, starts[0], stops[0], starts[1], stops[1], **more)


def days_at_place(edtf: Edtf, zone: str | None = None) -> tuple[date | None, date | None]:
    """Return the first and last day at the act's place: `zone`, or an instant's offset."""
    if edtf.instant is None or zone is None:
        return edtf.earliest, edtf.latest
    day = edtf.instant.astimezone(_zone_info(zone)).date()
    return day, day


def possible_days(edtf: Edtf, zone: str | None = None) -> tuple[date | None, date | None]:
    """Return the same with the margin of a qualified date, which has no place of its own."""
    if edtf.instant is None:
        return edtf.not_before, edtf.not_after
    return days_at_place(edtf, zone)


def happened_by(edtf: Edtf, day: date, zone: str | None = None) -> Answer:
    """Say whether an act of this date happened on or before `day`, a day at the act's place.

    Qualified (`?`, `~`, `%`), a yes or no that moving the date by one written unit would change
    becomes cannot tell: `2025-07-16?` is no on the 14th and yes from the 17th on.
    """
    return _by(edtf, day.toordinal(), zone)


def lasted_on(edtf: Edtf, day: date, zone: str | None = None) -> Answer:
    """Say whether a state held on `day`: both ends of a span are inside it, open ends go on.

    A date that is no span says when the state began, and it then goes on: the same as by_day.
    """
    if not edtf.is_span:
        return happened_by(edtf, day, zone)
    began = _by(edtf.begins, day.toordinal(), zone) if edtf.begins else "yes"
    over = _by(edtf.ends, day.toordinal() - 1, zone) if edtf.ends else "no"
    if began == "no" or over == "yes":
        return "no"
    return "yes" if began == "yes" and over == "no" else "cannot tell"


def held_at(edtf: Edtf, moment: datetime, zone: str | None = None, *, whole_days: bool) -> Answer:
    """Say whether an act had happened, or a state held, at an instant.

    A bare day runs in its zone, without one at the offset of the instant. `whole_days`: what
    begins on a day is so from its first moment; else its day cannot tell.
    """
    if not edtf.is_span:
        return _at(edtf, moment, zone, whole_days=whole_days)
    began = _at(edtf.begins, moment, zone, whole_days=whole_days) if edtf.begins else "yes"
    over = _at(edtf.ends, moment, zone, whole_days=True, after=1) if edtf.ends else "no"
    if began == "no" or over == "yes":
        return "no"
    return "yes" if began == "yes" and over == "no" else "cannot tell"


def _at(
    edtf: Edtf, moment: datetime, zone: str | None, *, whole_days: bool, after: int = 0
) -> Answer:
    """Say whether a date, or the end of its day (`after` 1), had come at an instant."""
    if edtf.instant is not None:
        return "yes" if edtf.instant <= moment else "no"
    first, last = (day + after for day in _ordinals(*possible_days(edtf, zone)))
    if not whole_days:
        last += 1
    day = moment.astimezone(_zone_info(zone) if zone else moment.tzinfo).date().toordinal()
    return "yes" if last <= day else "no" if first > day else "cannot tell"


def overlap(a: Edtf, zone_a: str | None, b: Edtf, zone_b: str | None) -> bool:
    """Say whether two claims may mean the same day; `?`, `~` and `%` do not widen them.

    Where both places are known (a zone, or an instant's offset) they are compared as spans of
    UTC: 16 July in America/El_Salvador and 17 July in Asia/Karachi share eleven hours. Otherwise
    as calendar days.
    """
    if (zone_a or a.instant) and (zone_b or b.instant):
        (first_a, last_a), (first_b, last_b) = _utc_span(a, zone_a), _utc_span(b, zone_b)
    else:
        (first_a, last_a), (first_b, last_b) = (
            _ordinals(*days_at_place(one, zone)) for one, zone in ((a, zone_a), (b, zone_b))
        )
    return first_a <= last_b and first_b <= last_a


def is_zone(name: str) -> bool:
    """Say whether this is an IANA time zone in its usual spelling, such as Asia/Karachi."""
    return _zone(name) is not None


def days_in(year: int, month: int) -> int:
    """Return the number of days of a month, 28 to 31, in the proleptic Gregorian calendar."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def add_months(day: date, months: int) -> date:
    """Return the day months later, at most that month's last; raise ValueError past 0001-9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, days_in(year, month + 1)))


def _one(text: str) -> Edtf:
    """Read a day, month or year; X stands for an unknown digit."""
    match = _date(text)
    if match is None or ("X" in match[1] and match[2]):
        raise DateError(text)
    year, month, day = match[1], match[2] or "XX", match[3] or "XX"
    try:
        days = [date(int(year), int(month), int(day))]  # as most are
    except ValueError:  # an X, or no such day
        days = [
            date(y, m, d)
            for y in _ends_of(_fitting(year, 1, 9999))
            for m in _fitting(month, 1, 12)
            for d in _ends_of(_fitting(day, 1, days_in(y, m)))
        ]
    if not days:
        raise DateError(text, "no such day in the calendar of the years 0001 to 9999")
    unit: Unit = "day" if day != "XX" else "month" if month != "XX" else "year"
    first, last = days[0], days[-1]
    if not match[4]:
        return Edtf(text, first, last, first, last)
    return Edtf(text, first, last, _moved(first, unit, -1), _moved(last, unit, 1), margin_unit=unit)


def _fitting(mask: str, low: int, high: int) -> list[int]:
    """Return the numbers from low to high that a mask such as 2X fits."""
    if "X" not in mask:
        return [int(mask)] if low <= int(mask) <= high else []
    pattern = re.compile(mask.replace("X", "[0-9]"))
    return [n for n in range(low, high + 1) if pattern.fullmatch(f"{n:0{len(mask)}}")]


def _ends_of(numbers: list[int]) -> list[int]:
    return numbers if len(numbers) < 2 else [numbers[0], numbers[-1]]


def _moment(text: str) -> Edtf:
    """Read an instant of the years 0002 to 9998; an offset of zero is Z."""
    if re.fullmatch(_INSTANT, text) is None:
        raise DateError(
            text, "an instant has seconds and an offset, as in 2025-11-17T18:01:00-05:00 or ...Z"
        )
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise DateError(text, "no such day in the calendar") from None
    if not 1 < instant.year < 9999:
        raise DateError(text, "an instant lies in the years 0002 to 9998")
    day = instant.date()
    return Edtf(text, day, day, day, day, instant=instant)


def _ends(text: str, ends: list[str], opened: str) -> tuple[Edtf | None, Edtf | None]:
    """Read the two ends of a span or set; an end written as `opened` is open: None."""
    if len(ends) != 2 or ends == [opened, opened]:
        raise DateError(text)
    if "T" in text:
        raise DateError(text, "between two ends stand days, months or years, no instants")
    try:
        first, last = (None if end == opened else _one(end) for end in ends)
    except DateError as error:
        raise DateError(text, str(error)) from None
    if first and last and first.earliest and last.latest and first.earliest > last.latest:
        raise DateError(text, f"it ends ({last.text}) before it begins ({first.text})")
    return first, last


def _ordinals(first: date | None, last: date | None) -> tuple[int, int]:
    """Return two days as ordinals, open ends just outside the calendar."""
    return first.toordinal() if first else _PAST, last.toordinal() if last else _FUTURE


def _by(edtf: Edtf, ordinal: int, zone: str | None) -> Answer:
    first, last = _ordinals(*possible_days(edtf, zone))
    return "yes" if last <= ordinal else "no" if first > ordinal else "cannot tell"


def _moved(day: date, unit: Unit, by: int) -> date | None:
    """Return a day moved by one written unit; None where the calendar has no such day."""
    try:
        if unit == "day":
            return day + timedelta(by)
        return add_months(day, by * (12 if unit == "year" else 1))
    except (OverflowError, ValueError):
        return None


def _utc_span(edtf: Edtf, zone: str | None) -> tuple[int, int]:
    """Return the first and last second in UTC, counted from the day with ordinal 0."""
    if edtf.instant is not None:
        second = _second(edtf.instant)
        return second, second
    first, last = _ordinals(edtf.earliest, edtf.latest)
    start = _local(first, _MIDNIGHT, zone) if first > _PAST else _PAST * _DAY_S
    end = _local(last, _LAST_SECOND, zone) if last < _FUTURE else (_FUTURE + 1) * _DAY_S
    return start, end


def _local(ordinal: int, clock: time, zone: str | None) -> int:
    tzinfo = _zone_info(zone) if zone else UTC
    return _second(datetime.combine(date.fromordinal(ordinal), clock, tzinfo))


def _second(moment: datetime) -> int:
    offset = moment.utcoffset()
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return moment.toordinal() * _DAY_S + seconds - int(offset.total_seconds() if offset else 0)


def _zone_info(name: str) -> "ZoneInfo":
    zone = _zone(name)
    if zone is None:
        raise ValueError(f"'{name}' is not a time zone")
    return zone


def _zone(name: str) -> "ZoneInfo | None":
    from zoneinfo import ZoneInfo  # 3 ms, and few reads meet a zone

    if re.fullmatch(ZONE, name) is None or name == "Factory":
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


# Few dates stand in very many facts, each there for several questions.
_DATES: Interned[str, Edtf] = Interned(_read)
