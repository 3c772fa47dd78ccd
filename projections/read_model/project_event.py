"""How does an event become a row for answering?

Canonical bytes need not be read whole: where the frame around the data is the one we write, the
data alone is, and is kept as the text it is.
"""

import json
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from domain.claims.claim import Claim, claimed, published_on
from events.build import build
from events.catalogue import UnknownTypeError, body_class, type_of
from events.dates import days_at_place, parse_date
from events.envelope import open_envelope
from events.envelope_slices import Frames
from events.identifiers import kind_of
from events.kinds.claim_events import Corrected
from events.store.errors import RecordDamagedError
from events.store.rows import Row
from projections.read_model.date_effects import moves
from projections.read_model.rows import ClaimRow


class Taken(NamedTuple):
    """An event as it is taken up: its row, and the claim; None of a type not known here."""

    row: ClaimRow
    claim: Claim | None


def taken(row: Row, frames: Frames) -> Taken:
    """Return the row for answering of a row of the record, and the claim that it makes.

    `frames` are the envelopes of the record's ledger. A type that this version does not know is
    listed without its days. Raises RecordDamagedError where the bytes are not what the door lets
    in, or not the event that the row says.
    """
    try:
        return _taken(row, frames)
    except (ValueError, TypeError, KeyError) as error:
        raise RecordDamagedError(f"@{row.position} is damaged: {error}") from None


def _taken(row: Row, frames: Frames) -> Taken:
    text, data, time = _framed(row, frames) or _opened(row, frames)
    claim = _claim(row, data, time)
    first = last = public = None
    if claim is not None:
        body = claim.body
        first, last = _days(body.effective, body.zone)
        public = _iso(published_on(claim))
    moves_from, settled_from = moves(row.topic, data, known=claim is not None)
    position, thing, version, topic, _ = row
    of_whom = data.get("asserted_by"), data.get("basis")
    named = (position, thing, version, kind_of(thing), topic, time)
    found = _row(ClaimRow, (*named, *of_whom, first, last, public, moves_from, settled_from, text))
    return _taken_up(Taken, (found, claim))


# Tuples with names, without the calls that take the names: they are made for each event.
_row: Callable[[type[ClaimRow], tuple[Any, ...]], ClaimRow] = tuple.__new__
_taken_up: Callable[[type[Taken], tuple[ClaimRow, Claim | None]], Taken] = tuple.__new__


_scan = json.JSONDecoder().raw_decode  # without looking for white space around


def _framed(row: Row, frames: Frames) -> tuple[str, dict[str, Any], str] | None:
    """Return the data, as text and read, and the time of an event in the frame we write.

    None where the frame is another: then `_opened` says what is wrong with it, or reads what
    another writer wrote.
    """
    _, thing, version, topic, state = row
    found = frames.within(state, thing, version, topic)
    if found is None:
        return None
    text = found[0].decode()
    try:
        data, read = _scan(text)
    except ValueError:
        return None
    return (text, data, found[1]) if read == len(text) and type(data) is dict else None


def _opened(row: Row, frames: Frames) -> tuple[str, dict[str, Any], str]:
    opened = open_envelope(row.state)
    if (opened.id, opened.subject, opened.type) != (
        f"{row.thing}/{row.version}",
        row.thing,
        row.topic,
    ):
        raise ValueError(f"its bytes say {opened.type} {opened.id}")
    if not frames.is_ours(opened.source):
        raise ValueError(f"its bytes say {opened.source}, which is another ledger")
    text = json.dumps(opened.data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text, opened.data, opened.time


def _claim(row: Row, data: dict[str, Any], time: str) -> Claim | None:
    try:
        type_ = type_of(row.topic)
        body = build(body_class(type_), data)
        if isinstance(body, Corrected):
            build(body_class(type_of(body.data_type)), body.data)
    except UnknownTypeError:
        return None
    return claimed(row.position, row.version, row.thing, type_, body, time)


@lru_cache(maxsize=8192)
def _days(effective: str | None, zone: str | None) -> tuple[str | None, str | None]:
    """Return the first and last day that a date may mean, None where open or unknown."""
    if not effective:
        return None, None
    first, last = days_at_place(parse_date(effective), zone)
    return _iso(first), _iso(last)


@lru_cache(maxsize=8192)
def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
