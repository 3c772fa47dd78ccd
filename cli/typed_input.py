"""Understand what a person types: days in words, numbers of events, words for a value.

What is understood in another form than it was typed is echoed on standard error, and stands in the
command that gives the answer again. Files are strict: nothing here reads one. A date that may be
two days is refused with both.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import NoReturn

from typer._click.globals import get_current_context

from cli.errors.exit_codes import CommandError, usage_failure
from cli.output.streams import note
from events.dates import DateError, parse_date
from events.hidden_text import visible
from events.identifiers import KINDS

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_DAYS_FROM_NOW = {"today": 0, "yesterday": -1, "tomorrow": 1}
DATE_EXAMPLES = "2025-07-18, 2025-07, yesterday, or in English 18 July 2025 or July 2025"
_FIELD_BY_WORD = {
    **dict.fromkeys(("--date", "--day", "--when", "--on", "--at"), "--effective"),
    **dict.fromkeys(("--by", "--who", "--says", "--claimant", "--author"), "--asserted-by"),
    **dict.fromkeys(("--evidence", "--kind-of-evidence"), "--basis"),
    **dict.fromkeys(("--url", "--link", "--from"), "--source"),
}


def echo_understood(typed: str, meant: str) -> str:
    """Return what was meant; say on standard error how a word was read, and have it repeated so."""
    if typed != meant:
        note(f"{visible(typed)} is read as {meant}")
        if context := get_current_context(silent=True):
            for name, value in context.params.items():
                if value == typed:
                    context.params[name] = meant
                elif isinstance(value, list | tuple) and typed in value:
                    context.params[name] = [meant if one == typed else one for one in value]
    return meant


def understand_date(text: str) -> str:
    """Return a date as EDTF: as typed where it is one, else as understood, else as typed."""
    try:
        parse_date(text)
    except DateError:
        meant = _in_edtf(text.strip())
        return text if meant is None else echo_understood(text, meant)
    return text


def is_date_as_typed(text: str) -> bool:
    """Say whether a text is a date, as people write it too, also one that may be two days."""
    try:
        return _is_date(text) or _in_edtf(text.strip()) is not None
    except CommandError:
        return True


def refuse_date(text: str, option: str, why: str) -> NoReturn:
    """Exit 2 for what is no date: with the word that comes near, or with what is accepted."""
    words = (*_DAYS_FROM_NOW, *_MONTHS)
    parts = re.findall(r"[^\W\d_]{3,}", text.lower())
    near = [word for part in parts for word in get_close_matches(part, words, 1, 0.7)]
    if near and "no such day" not in why:
        meant = near[0].capitalize() if near[0] in _MONTHS else near[0]
        why = f"'{text[:60]}' is no date: did you mean {meant}?"
    elif not any(sign in text for sign in "-[.?~%X") and "no such day" not in why:
        why = f"'{text[:60]}' is no date: write {DATE_EXAMPLES}"
    usage_failure(f"{option} needs a date", why, "depositary help dates")


def _in_edtf(text: str) -> str | None:
    """Return what is no EDTF date as one, None where it is not understood."""
    if text.startswith("[") and text.endswith("]"):
        ends = [_end_in_edtf(end) for end in text[1:-1].split("..")]
        return f"[{'..'.join(map(str, ends))}]" if len(ends) == 2 and None not in ends else None
    if found := _one_in_edtf(text):
        return found
    ends = [_end_in_edtf(end) for end in re.split(r" to |/", text)]
    return "/".join(map(str, ends)) if len(ends) == 2 and all(ends) else None


def _end_in_edtf(text: str) -> str | None:
    try:
        return text if text in ("", "..") else parse_date(text).text
    except DateError:
        return _one_in_edtf(text.strip())


def _one_in_edtf(text: str) -> str | None:
    plain = " ".join(text.lower().replace(",", " ").split())
    if (days := _DAYS_FROM_NOW.get(plain)) is not None:
        return (datetime.now(UTC).date() + timedelta(days)).isoformat()
    if match := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", plain):
        return _written(*match.groups())
    if match := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?", plain):
        return _written(match[1], match[3], match[4])
    if match := re.fullmatch(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})", plain):
        return _of_two_numbers(text, match[1], match[3], match[4])
    if match := re.fullmatch(r"(\d{1,2})[-/.](\d{4})", plain):
        return _written(match[2], match[1]) if 1 <= int(match[1]) <= 12 else None
    return _with_month_name(re.findall(r"\d+|[^\W\d_]+", plain))


def _with_month_name(parts: Sequence[str]) -> str | None:
    """Return `18 July 2025`, `July 18th 2025`, `2025 July` or `July 2025` as EDTF."""
    named = [n for n, part in enumerate(parts) if _month(part)]
    years = [part for part in parts if part.isdecimal() and len(part) == 4]
    days = [part for part in parts if part.isdecimal() and len(part) < 3]
    rest = [p for p in parts if not p.isdecimal() and p not in ("st", "nd", "rd", "th", "of")]
    if len(named) != 1 or len(years) != 1 or len(days) > 1 or len(rest) != 1:
        return None
    return _written(years[0], str(_month(parts[named[0]])), *days)


def _month(word: str) -> int | None:
    found = [n for n, name in enumerate(_MONTHS, 1) if name.startswith(word.rstrip("."))]
    return found[0] if len(word) >= 3 and len(found) == 1 else 9 if word == "sept" else None


def _of_two_numbers(text: str, first: str, second: str, year: str) -> str | None:
    """Return a date whose day is told from its month by its size; exit 2 where it may be either."""
    either = {_written(year, first, second), _written(year, second, first)}
    readings = sorted(one for one in either if _is_date(one))
    if len(readings) == 2:
        why = f"'{text}' may be {readings[0]} or {readings[1]}"
        usage_failure("the date may be two days", why, f"write {readings[0]}, or {readings[1]}")
    return readings[0] if readings else None


def _written(year: str, month: str, day: str | None = None) -> str:
    return "-".join((year, f"{int(month):02}", *([f"{int(day):02}"] if day else [])))


def _is_date(text: str) -> bool:
    try:
        return parse_date(text).text == text
    except DateError:
        return False


def understand_choice(text: str, choices: Sequence[str]) -> str:
    """Return a word for one of several values, in whatever case and with spaces, as that value."""
    plain = "-".join(text.lower().replace("_", " ").split())
    return echo_understood(text, plain) if text not in choices and plain in choices else text


def option_meant(name: str) -> str | None:
    """Return the option that another program or another word would call so: --date."""
    return _FIELD_BY_WORD.get(name)


def is_position(text: str, first: date | None = None, last: int = 0) -> bool:
    """Say whether a bare number is a position: one of four or eight digits may be a year or a day.

    A year is meant from the `first` day of the log to this year; `last` is the last position.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        return False
    if len(text) not in (4, 8) or first is None:
        return True
    if len(text) == 8:
        return int(text) <= last or not _is_date(_one_in_edtf(text) or "")
    return not first.year <= int(text) <= datetime.now(UTC).year and int(text) <= last


def read_position(text: str, named: str) -> int:
    """Return the position that @413 or 413 names; exit 2 for anything else."""
    digits = text.removeprefix("@")
    if not is_position(digits) or not int(digits):
        why = f"{named} {text}: a position is @413 or 413"
        usage_failure("that is not a position", why, "depositary log, which shows them")
    return int(digits)


def event_understood(text: str) -> str:
    """Return what names an event: `@413` for 413, and anything else as it is typed."""
    return echo_understood(text, f"@{text}") if is_position(text) else text


def verb_behind_kind(words: Sequence[str]) -> list[str] | None:
    """Return `reserve show sv` for `show reserve/sv` or `show reserve sv`; None for other words.

    A kind may stand in the plural: `list reserves`, `reserves list`.
    """
    verb, *rest = words
    if kind := _kind_in(verb):
        return _turned(words, [kind, *rest])
    if verb not in ("show", "list") or not rest:
        return None
    name, slash, slug = rest[0].partition("/")
    kind = _kind_in(name)
    return _turned(words, [kind, verb, *([slug] if slash else []), *rest[1:]]) if kind else None


def _kind_in(word: str) -> str | None:
    plain = {"parties": "party"}.get(word, word.removesuffix("s"))
    return plain if plain in KINDS[1:] else None


def _turned(typed: Sequence[str], meant: list[str]) -> list[str]:
    echo_understood(" ".join(typed), " ".join(meant))
    return meant
