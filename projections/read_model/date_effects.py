"""The days on which a claim may change an answer by the mere coming of the day.

Before the first of them, and from the one on which it is settled, no day changes what the claim
does. Careful rather than clever: an open or qualified date takes a wide margin, and a rule that
reckons days moves for ever.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from events.dates import Interned, parse_date
from projections.read_model.schema import NEVER

Moves = tuple[str | None, str | None]

FIRST = date.min.isoformat()
ALWAYS = FIRST, NEVER
_DATED = ("effective", "acted", "span", "until")  # the fields whose day may change a line
_plain = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
RECKONING = "agreement.entry-into-force-rule-set."
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
