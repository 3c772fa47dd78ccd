"""The days on which a claim may change an answer by the mere coming of the day.

Before the first of them, and from the one on which it is settled, no day changes what the claim
does. Careful rather than clever: an open or qualified date takes a wide margin. A rule that reckons
days from other claims moves until all of these are settled, and its longest delays are over.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from events.dates import DateError, Interned, parse_date
from projections.read_model.schema import NEVER

Moves = tuple[str | None, str | None]

FIRST = date.min.isoformat()
ALWAYS = FIRST, NEVER
_DATED = ("effective", "acted", "span", "until")  # the fields whose day may change a line
_plain = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
RECKONING = "agreement.entry-into-force-rule-set."
_RECKONED = ("delay", "snap", "not_before", "day")  # the fields of a rule that move a day
_UNITS = {"D": 1, "M": 31, "Y": 366}  # days at most
_NARROW, _WIDE = timedelta(days=2), timedelta(days=366)


def date_effects(topic: str, data: dict[str, Any], *, known: bool = True) -> Moves:
    """Return the first day that may change something, and the one from which all is settled.

    Both are ISO text; None where no day changes anything. A type that is not `known` here, and a
    rule of entry into force, may move on any day.
    """
    if not known or topic.startswith(RECKONING):
        return ALWAYS
    return effects_of_dates(tuple([text for _, text in _dates(data)]))


def effects_of_dates(written: tuple[str | None, ...]) -> Moves:
    """Return the same of the dates of a fact as written; None for those that it does not state."""
    return _MOVES[written]


def reckoned_from(settled: str, rule: dict[str, Any]) -> str:
    """Return the day from which a rule of entry into force (as JSON data) reckons no later day.

    `settled` is that from which no date of the claims about the agreement changes anything. Every
    day that the rule reckons is one of these dates, or one in its text, and its delays after it.
    """
    delays, days = 0, [settled]
    for name, text in _rule_texts(rule):
        if text[:1] == "P":
            delays += int(text[1:-1]) * _UNITS[text[-1]]
        elif text.startswith("month-start:"):
            delays += (int(text[12:]) + 1) * _UNITS["M"]
        elif name in ("day", "not_before"):
            try:
                days.append(_of(text)[1])
            except DateError:  # it is computed by no one (docs/spec/treaties.md, 6)
                continue
    return _moved(date.fromisoformat(max(days)), timedelta(delays))


def _rule_texts(rule: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, given in rule.items():
        if isinstance(given, dict):
            yield from _rule_texts(given)
        elif isinstance(given, list):
            for one in given:
                yield from _rule_texts(one) if isinstance(one, dict) else ()
        elif isinstance(given, str) and name in _RECKONED:
            yield name, given


def moves_between(data: dict[str, Any], before: str, after: str) -> bool:
    """Say whether a day after one and up to another (ISO text) may change what a claim does."""
    return any(_comes(name, text, before, after) for name, text in _dates(data))


def may_be_between(data: dict[str, Any], first: str, last: str) -> bool:
    """Say whether a date of a claim may be of a day from one to another (ISO text)."""
    return any(_of(text)[0] <= last and _of(text)[1] >= first for _, text in _dates(data))


def _comes(name: str, text: str, before: str, after: str) -> bool:
    if _plain(text) is None:
        first, last = _of(text)
        return first <= after and last > before
    # What goes on until a day is over on the next.
    return before <= text < after if name == "until" else before < text <= after


def _dates(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    within: Any = data
    while isinstance(within, dict):  # what a correction puts in may be a correction again
        yield from ((name, within[name]) for name in _DATED if name in within)
        within = within.get("data")


def _all(written: tuple[str | None, ...]) -> Moves:
    found = [_of(text) for text in written if text is not None]
    if not found:
        return None, None
    return min(first for first, _ in found), max(last for _, last in found)


def _of(text: str) -> tuple[str, str]:
    edtf = parse_date(text)
    margin = _WIDE if edtf.margin_unit or edtf.is_span else _NARROW
    last = edtf.latest or (edtf.earliest if edtf.is_span else None)
    first = _moved(edtf.earliest, -margin) if edtf.earliest else FIRST
    return first, _moved(last, margin) if last else NEVER


def _moved(day: date, by: timedelta) -> str:
    try:
        return (day + by).isoformat()
    except OverflowError:
        return FIRST if by < timedelta() else NEVER


_MOVES = Interned(_all)  # few dates stand in very many facts
