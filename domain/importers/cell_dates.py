"""Read the days of a table: by the formats that its map names, else as EDTF.

A cell that two formats read as two days is none: nothing is guessed. What other programs write for
the same thing is read as that (`2025-07-16T18:00:00.000Z`, `+00:00`, `/1888`); what EDTF says and
the log does not keep is answered with what to write instead.
"""

import re
from datetime import datetime
from functools import cache
from typing import NamedTuple

from events.dates import DateError, parse_date

_KNOWN = frozenset("aAbBcdDfHIjmMpSTwxXyYzZ%")
_moment = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:[.,]([0-9]+))?"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2}| ?UTC)?"
).fullmatch
_open = re.compile(r"(?:(?:\.\.)?/([^/]+)|([^/]+)/(?:\.\.)?)").fullmatch
_season = re.compile(r"([0-9]{4})-(2[1-9]|3[0-9]|4[01])").fullmatch
_named_season = re.compile(r"(spring|summer|autumn|fall|winter),? ([0-9]{4})", re.I).fullmatch
_SEASONS = {"spring": "21", "summer": "22", "autumn": "23", "fall": "23", "winter": "24"}
_set = re.compile(r"(?=\{|\[.*,)[\[{](.*)[\]}]").fullmatch
_slashed = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})").fullmatch
_short = re.compile(r"([0-9]{4})-([0-9]{1,2})(?:-([0-9]{1,2}))?").fullmatch
_circa = re.compile(
    r"(?:~|c\.?|ca\.?|circa) ?([0-9]{4}(?:-[0-9]{2}){0,2})", re.IGNORECASE
).fullmatch
_decade = re.compile(r"([0-9]{3})0'?s").fullmatch
_quarter = re.compile(
    r"(?:([0-9]{4})[ -]?Q([1-4])|Q([1-4])[ /-]?([0-9]{4}))", re.IGNORECASE
).fullmatch
_serial = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?").fullmatch
_FAR = 2200  # a year from which on a day stands for none
COMMON_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d",
    "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%b %Y", "%B %Y",
    "%Y-%m-%d %H:%M:%S",
)  # fmt: skip
_MONTHS = {"21": "03..%s-05", "22": "06..%s-08", "23": "09..%s-11", "24": "12..%s-02"}


class DayFormats(NamedTuple):
    """How a column writes days: formats of strptime, and the first of the years that %y lies in."""

    formats: tuple[str, ...] = ()
    century: int | None = None


class CellDateError(ValueError):
    """A cell holds one day, month or year, as a format of its map reads it, or in EDTF."""


class TwoReadingsError(CellDateError):
    """A cell has one reading."""

    name = "two-readings"


def check_formats(how: DayFormats) -> str | None:
    """Return what is wrong with the formats of a map, None if nothing is."""
    for form in how.formats:
        if "%y" in form and how.century is None:
            return f"'{form}' has years of two digits: say century = 1950 if %y is 1950 to 2049"
        words = set(re.findall(r"%(.)", form))
        if unknown := sorted(words - _KNOWN):
            return f"'{form}': %{unknown[0]} is not a part of a day"
        if not words & {"Y", "y", "c", "x", "D"}:
            return f"'{form}' has no year: %Y"
    return None


@cache
def edtf_of_cell(text: str, how: DayFormats, *, span: bool = False) -> str:
    """Return a cell's day in EDTF, with `span` a/b too; raise CellDateError."""
    found = {day: form for form in how.formats if (day := _by(form, text, how.century))}
    if len(found) > 1:
        ways = " and ".join(f"{day} by {form}" for day, form in found.items())
        raise TwoReadingsError(f"'{text}' is {ways}: name one format, or write the month in words")
    day = next(iter(found)) if found else _as_edtf(text, span=span)
    if day[:4].isdecimal() and int(day[:4]) >= _FAR:
        why = "is too far ahead to be a day, and may stand for none"
        raise CellDateError(f"'{text}' {why}: say unknown = [\"{text}\"], or what it is in values")
    return day


def _by(form: str, text: str, century: int | None) -> str | None:
    try:
        read = datetime.strptime(text, form)  # noqa: DTZ007 - a day
    except ValueError:
        return None
    words = set(re.findall(r"%(.)", form))
    if "y" in words and century is not None:
        year = century + (read.year - century) % 100
        try:
            read = read.replace(year=year)
        except ValueError:  # 29 February
            return None
    if "z" in words and read.tzinfo is not None:
        return read.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    day = read.date().isoformat()
    if words & {"d", "j", "c", "x", "D"}:
        return day
    return day[:7] if words & {"m", "b", "B"} else day[:4]


def _as_edtf(text: str, *, span: bool) -> str:
    given = _instant(text)
    if match := _open(given):
        begins, ends = match[2], match[1]
        if span:
            given = f"{begins}/.." if begins else f"../{ends}"
        else:
            given = f"[{begins}..]" if begins else f"[..{ends}]"
    try:
        return parse_date(given).text
    except DateError as error:
        raise CellDateError(_hint(text) or str(error)) from None


def _instant(text: str) -> str:
    """Return an instant as EDTF writes it; anything else as it is."""
    match = _moment(text)
    if match is None or (match[4] and match[4].strip("0")) or not match[5]:
        return text
    zone = match[5].strip().replace("UTC", "Z")
    if zone != "Z" and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    if zone in ("+00:00", "-00:00"):
        zone = "Z"
    return f"{match[1]}T{match[2]}{match[3] or ':00'}{zone}"


def _hint(text: str) -> str:
    """Return what to write for a date that is understood and not kept; empty: it is no date."""
    named = _named_season(text)
    if match := _season(f"{named[2]}-{_SEASONS[named[1].lower()]}" if named else text):
        months = _MONTHS.get(match[2])
        year = match[1]
        later = str(int(year) + 1) if match[2] == "24" else year
        example = f"[{year}-{months % later}]" if months else f"[{year}-01..{year}-12]"
        which = f'values = {{ "{text}" = "{example}" }}'
        return f"'{text}' is a season: say which months, such as {which}"
    if match := _set(text):
        parts = [part.strip() for part in match[1].replace("..", ",").split(",") if part.strip()]
        which = f'values = {{ "{text}" = "[{parts[0]}..{parts[-1]}]" }}'
        return f"'{text}' is a set: say some day within, {which}"
    if match := _moment(text):
        form = "%Y-%m-%d" + text[10:11] + "%H:%M" + ("" if not match[3] else ":%S")
        form += ".%f" if match[4] else ""
        form += match[5] or ""
        why = "no instant with an offset, and without fractions of a second"
        return f"'{text}' is {why}: formats = [\"{form}\"] reads its day"
    if match := _slashed(text):
        mark = match[2]
        year = "%Y" if len(match[4]) == 4 else "%y"
        first = f"%m{mark}%d" if int(match[3]) > 12 else f"%d{mark}%m"
        more = "" if year == "%Y" else ", and century"
        return f"'{text}' has no reading of its own: say formats = [\"{first}{mark}{year}\"]{more}"
    if match := _short(text):
        parts = [match[1], *(part.zfill(2) for part in match.groups()[1:] if part)]
        form = "%Y-%m-%d" if match[3] else "%Y-%m"
        if (day := "-".join(parts)) == text:
            return f"'{text}' is not in the calendar: say what it is by values, or by unknown"
        return f"'{text}': write {day}, or say formats = [\"{form}\"]"
    return _likely(text)


def _likely(text: str) -> str:
    """Return what a date in the words of people may be; empty: it is none."""
    day, why = "", "is not one day"
    if match := _circa(text):
        day = f"{match[1]}~"
    elif match := _decade(text):
        day = f"{match[1]}X"
    elif match := _quarter(text):
        year, last = match[1] or match[4], 3 * int(match[2] or match[3])
        day = f"[{year}-{last - 2:02}..{year}-{last:02}]"
    if day:
        return f'\'{text}\' {why}: say which is meant, such as values = {{ "{text}" = "{day}" }}'
    if form := next((form for form in COMMON_FORMATS if _by(form, text, 2000)), None):
        more = ", and century" if "%y" in form else ""
        return f"'{text}' has no reading of its own: say formats = [\"{form}\"]{more}"
    if _serial(text):
        return f"'{text}' looks like the number of a day in a spreadsheet: save its days as text"
    return ""
