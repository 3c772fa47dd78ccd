"""Read the days of a table: by the formats that its map names, else as EDTF.

A cell that two formats read as two days is none: nothing is guessed. What other programs write for
the same thing is read as that (`2025-07-16T18:00:00.000Z`, `+00:00`, `/1888`); what EDTF says and
the log does not keep is answered with what to write instead.
"""

import json
import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from unicodedata import combining, normalize

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
_last_days = re.compile(r"(?<![0-9])(?:29|30|31)(?![0-9])|(?:29|30|31)$")
_NO_SUCH_DAY = "not in the calendar{}: say what it is by values, or by unknown"
_short = re.compile(r"([0-9]{4})-([0-9]{1,2})(?:-([0-9]{1,2}))?").fullmatch
_DAY = r"([0-9]{4}(?:-[0-9]{2}){0,2})"
_WORDS = (  # what people write for what EDTF writes in another way
    (rf"(?:~|c\.?|ca\.?|circa) ?{_DAY}", "{0}~"),
    (r"([0-9]{3})0'?s", "{0}X"),
    (r"([0-9]{4}) ?[–-] ?([0-9]{4})", "[{0}..{1}]"),
    (r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ?(?:[–;/-]|to) ?([0-9]{4}-[0-9]{2}-[0-9]{2})", "[{0}..{1}]"),
    (rf"(?:until|till|by|up to) {_DAY}", "[..{0}]"),
    (rf"(?:since|from|as of) {_DAY}", "[{0}..]"),
    (r"H1[ /-]?([0-9]{4})|([0-9]{4})[ -]?H1", "[{0}-01..{0}-06]"),
    (r"H2[ /-]?([0-9]{4})|([0-9]{4})[ -]?H2", "[{0}-07..{0}-12]"),
    *(
        (
            rf"([0-9]{{4}})[ -]?Q{n}|Q{n}[ /-]?([0-9]{{4}})",
            f"[{{0}}-{3 * n - 2:02}..{{0}}-{3 * n:02}]",
        )
        for n in (1, 2, 3, 4)
    ),
    (rf"{_DAY} ?(?:\[\w{{1,3}}\]|\(\w{{1,3}}\)|[*†‡§¹²³]+)", "{0}"),
)
_dashed = re.compile(r"([0-9]{4})([\u2010-\u2013])[0-9]{2}\2[0-9]{2}").fullmatch
_serial = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?").fullmatch
_counted = re.compile(r"(-?[0-9]{1,13})(?:\.([0-9]+))?").fullmatch
COUNTED = ("excel", "unix", "unix-ms")  # days as numbers: since 1899-12-30, seconds since 1970
_FAR = 2200  # a year from which on a day stands for none
_EARLY = 100  # a year before which it does
COMMON_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d",
    "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%b %Y", "%B %Y",
    "%Y-%m-%d %H:%M:%S", "%d %b. %Y", "%b. %d, %Y", "%a, %d %b %Y", "%m/%Y", "%b-%y", "%Y %B",
    "%Y年%m月%d日",
)  # fmt: skip
_MONTHS_NAMED = (  # in languages of Europe, and cut as there, without their marks
    "january janvier janv januar januari janeiro enero ene gennaio января янв stycznia ianuarie",
    "february fevrier fevr februar februari fevereiro febrero febbraio февраля lutego februarie",
    "march mars marz maart mrt marco marzo марта marca martie",
    "april avril avr abril abr aprile апреля kwietnia aprilie",
    "may mai mei maj maio mayo maggio magg мая maja",
    "june juin juni junho junio giugno июня czerwca iunie",
    "july juillet juil juli julho julio luglio июля lipca iulie",
    "august aout augustus augusti agosto ago августа авг sierpnia",
    "september sept septembre septiembre setembro settembre сентября wrzesnia septembrie",
    "october octobre oktober okt octubre outubro out ottobre октября pazdziernika octombrie",
    "november novembre noviembre novembro ноября noiembrie",
    "december decembre dezember dez diciembre dic dezembro dicembre декабря grudnia decembrie",
)
_named_day = re.compile(
    r"(?:([0-9]{1,2})(?:\.|er|o|a|th|st|nd|rd)?[ -]*)?(?:de )?([^\W\d]+)\.?"
    r"(?: ([0-9]{1,2})(?:th|st|nd|rd)?,)?[ -]*(?:del? )?([0-9]{4})(?: [\u0433r]\.?)?"
).fullmatch
_MONTHS = {"21": "03..%s-05", "22": "06..%s-08", "23": "09..%s-11", "24": "12..%s-02"}


class DayFormats(NamedTuple):
    """How a column writes days: formats of strptime or COUNTED, the first year that %y lies in."""

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
        if form in COUNTED:
            continue
        if "%y" in form and how.century is None:
            return f"'{form}' has years of two digits: say century = 1950 if %y is 1950 to 2049"
        words = set(re.findall(r"%(.)", form))
        if unknown := sorted(words - _KNOWN):
            return f"'{form}': %{unknown[0]} is not a part of a day"
        if not words & {"Y", "y", "c", "x", "D"}:
            return f"'{form}' has no year: %Y"
    return None


def edtf_of_cell(text: str, how: DayFormats, *, span: bool = False) -> str:
    """Return a cell's day in EDTF, with `span` a/b too; raise CellDateError."""
    if not how.formats and "/" not in text:
        with suppress(DateError):  # as most days are written
            return _near(parse_date(text).text, text)
    return _read(text, how, span)


def edtf_in_braces(text: str, how: DayFormats, *, span: bool = False) -> str:
    """Return the day of a cell that a map has in braces: the formats at its top read it."""
    try:
        return edtf_of_cell(text, how, span=span)
    except CellDateError as error:
        where = ", at the top of the map" if "formats = " in str(error) else ""
        raise type(error)(f"{error}{where}") from None


def _read(text: str, how: DayFormats, span: bool) -> str:
    found = {day: form for form in how.formats if (day := _by(form, text, how.century))}
    if len(found) > 1:
        ways = " and ".join(f"{day} by {form}" for day, form in found.items())
        raise TwoReadingsError(f"'{text}' is {ways}: name one format, or write the month in words")
    if not found and (form := _no_such_day_of(how, text)):
        raise CellDateError(f"'{text}' is {_NO_SUCH_DAY.format(f' by {form}')}")
    return _near(next(iter(found)) if found else _as_edtf(text, span=span), text)


def _no_such_day_of(how: DayFormats, text: str) -> str | None:
    """Return the format in which a text is a day that its month does not have: 31.02.2024."""
    earlier = _last_days.sub("28", text)
    of_days = [form for form in how.formats if form not in COUNTED]
    read = (form for form in of_days if earlier != text and _by(form, earlier, how.century))
    return next(read, None)


def _near(day: str, text: str) -> str:
    """Return a day, unless it is so far from ours that it stands for none."""
    if day[:4].isdecimal() and not _EARLY <= int(day[:4]) < _FAR:
        far = "ahead" if int(day[:4]) >= _FAR else "back"
        why = f"is too far {far} to be a day, and may stand for none"
        raise CellDateError(f"'{text}' {why}: say unknown = [\"{text}\"], or what it is in values")
    return day


def _by_count(form: str, text: str) -> str | None:
    """Return the day of a number in a spreadsheet, or the instant of a count of seconds."""
    match = _counted(text)
    if match is None:
        return None
    count, rest = int(match[1]), (match[2] or "").strip("0")
    try:
        if form == "excel":
            # 60 is a day there was not, 29 February 1900.
            found = date(1899, 12, 30) + timedelta(count) if count > 60 else None
            return found.isoformat() if found else None
        count, milli = divmod(count, 1000) if form == "unix-ms" else (count, 0)
        moment = datetime.fromtimestamp(count, UTC).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        return None
    return None if rest or milli else f"{moment.isoformat()}Z"


def _by(form: str, text: str, century: int | None) -> str | None:
    if form in COUNTED:
        return _by_count(form, text)
    try:
        read = datetime.strptime(text, form)  # noqa: DTZ007 - a day
    except ValueError:
        return None
    words = set(re.findall(r"%(.)", form))
    if words & {"a", "A"} and read.strftime("%a").lower() not in text.lower():
        return None  # another day of the week than the day is
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
    except DateError:
        pass
    raise CellDateError(_hint(text))


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
    """Return why a cell is no day here, and how to say in the map what it is."""
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
        mark, year = match[2], "%Y" if len(match[4]) == 4 else "%y"
        forms = [f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}"]
        fitting = [f'["{form}"]' for form in forms if _by(form, text, 2000)]
        if not fitting:
            return f"'{text}' is {_NO_SUCH_DAY.format('')}"
        more = "" if year == "%Y" else ", and century"
        shown = " or formats = ".join(fitting)
        return f"'{text}' has no reading of its own: say formats = {shown}{more}"
    if match := _short(text):
        parts = [match[1], *(part.zfill(2) for part in match.groups()[1:] if part)]
        form = "%Y-%m-%d" if match[3] else "%Y-%m"
        if (day := "-".join(parts)) == text:
            return f"'{text}' is {_NO_SUCH_DAY.format('')}"
        return f"'{text}': write {day}, or say formats = [\"{form}\"]"
    return _likely(text)


def _likely(text: str) -> str:
    """Return what a date in the words of people may be, and how to say it."""
    for pattern, form in _WORDS:
        if match := re.fullmatch(pattern, text, re.IGNORECASE):
            day = form.format(*filter(None, match.groups()))
            which = f'values = {{ "{text}" = "{day}" }}'
            return f"'{text}' is not one day: say which is meant, such as {which}"
    form = next((form for form in COMMON_FORMATS if _by(form, text, 2000)), "")
    if match := _dashed(text):
        form = f"%Y{match[2]}%m{match[2]}%d"
    if not form and _serial(text):
        form = "excel"
    if not form and text.isdecimal() and len(text) in (10, 13):
        form = "unix" if len(text) == 10 else "unix-ms"
    if form in COUNTED:
        what = "a day in a spreadsheet" if form == "excel" else "seconds since 1970"
        return f"'{text}' looks like the number of {what}: say formats = [\"{form}\"] if it is"
    if form:
        more = ", and century" if "%y" in form else ""
        return f"'{text}' has no reading of its own: say formats = [\"{form}\"]{more}"
    if day := _by_name(text):
        which = f'values = {{ {json.dumps(text, ensure_ascii=False)} = "{day}" }}'
        return f"'{text}' is read by no format: if it is {day}, say {which}"
    return f"'{text}' is no date: {said_in_the_map(text, 'YYYY-MM-DD')}"


def _by_name(text: str) -> str:
    """Return the day or the month of a date with a month in words; empty: it is none."""
    match = _named_day(_folded(text))
    if match is None or (match[1] and match[3]):
        return ""
    named = (n for n, names in enumerate(_MONTHS_NAMED, 1) if match[2] in _folded(names).split())
    day = match[1] or match[3]
    found = f"{match[4]}-{next(named, 0):02}" + (f"-{int(day):02}" if day else "")
    try:
        return parse_date(found).text
    except DateError:
        return ""


def _folded(text: str) -> str:
    """Return a text in small letters without their marks: `août` is `aout`."""
    return "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))


def said_in_the_map(text: str, example: str) -> str:
    """Return how a map says what a cell means that no reader reads."""
    quoted = json.dumps(text, ensure_ascii=False)
    means = f"say unknown = [{quoted}] if it stands for unknown"
    return f'{means}, or what it is: values = {{ {quoted} = "{example}" }}'
