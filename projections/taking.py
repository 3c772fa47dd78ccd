"""How does an event become a row for answering?

Canonical bytes need not be read whole: where the frame around the data is the one we write, the
data alone is, and is kept as the text it is.
"""

import json
import re
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from domain.claim import Claim, days, published_on
from events.build import build
from events.canonical import is_time, open_envelope
from events.catalogue import UnknownTypeError, body_class, type_of
from events.claims import Corrected
from events.ids import kind_of
from events.store.errors import RecordDamagedError
from events.store.rows import Row
from projections.moving import moves
from projections.rows import ClaimRow


class Taken(NamedTuple):
    """An event as it is taken up: its row, and the claim; None of a type not known here."""

    row: ClaimRow
    claim: Claim | None


def taken(row: Row) -> Taken:
    """Return the row for answering of a row of the record, and the claim that it makes.

    A type that this version does not know is listed without its days. Raises RecordDamagedError
    where the bytes are not what the door lets in, or not the event that the row says.
    """
    try:
        return _taken(row)
    except (ValueError, TypeError, KeyError) as error:
        raise RecordDamagedError(f"@{row.position} is damaged: {error}") from None


def _taken(row: Row) -> Taken:
    text, data, time = _framed(row) or _opened(row)
    claim = _claim(row, data, time)
    if claim is None:
        first = last = public = None
    else:
        first, last = days(claim)
        public = published_on(claim)
    moves_from, settled_from = moves(row.topic, data, known=claim is not None)
    found = ClaimRow(
        row.position,
        row.thing,
        row.version,
        kind_of(row.thing),
        row.topic,
        time,
        data.get("asserted_by"),
        data.get("basis"),
        _iso(first),
        _iso(last),
        _iso(public),
        moves_from,
        settled_from,
        text,
    )
    return Taken(found, claim)


_FRAME = ',"datacontenttype":"application/json","id":"'
_TIME_CHARS = len("2025-07-18T12:00:00.000000Z")
_scan = json.JSONDecoder().raw_decode  # without looking for white space around


def _framed(row: Row) -> tuple[str, dict[str, Any], str] | None:
    """Return the data, as text and read, and the time of an event in the frame we write.

    None where the frame is another: then `_opened` says what is wrong with it, or reads what
    another writer wrote.
    """
    head, _, tail = row.text.rpartition(_FRAME)
    end = f'","type":"{row.topic}"}}'
    time = tail[-len(end) - _TIME_CHARS : -len(end)]
    before = f'{row.thing}/{row.version}","source":"urn:uuid:'
    after = f'","specversion":"1.0","subject":"{row.thing}","time":"{time}{end}'
    if len(tail) != len(before) + _UUID_CHARS + len(after) or not (
        head.startswith('{"data":{') and tail.startswith(before) and tail.endswith(after)
    ):
        return None
    if not _plain(tail[len(before) : -len(after)], time):
        return None
    text = head[len('{"data":') :]
    try:
        data, read = _scan(text)
    except ValueError:
        return None
    return (text, data, time) if read == len(text) else None


_UUID_CHARS = 36


@lru_cache(maxsize=256)
def _plain(ledger_id: str, time: str) -> bool:
    """Say whether a frame names a ledger and a time as we write them; few do in a run."""
    return bool(re.fullmatch("[0-9a-f-]{36}", ledger_id) and is_time(time))


def _opened(row: Row) -> tuple[str, dict[str, Any], str]:
    opened = open_envelope(row.state)
    if (opened.subject, opened.type) != (row.thing, row.topic):
        raise ValueError(f"its bytes say {opened.type} about {opened.subject}")
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
    return Claim(row.position, row.version, row.thing, type_, body, time)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
