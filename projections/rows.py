"""How is a claim kept for answering?

One row a claim, in a database of its own beside the record: disposable, made from the record at
will. A row holds the claim's data as it is stored and, for asking across things, its days on the
three clocks.
"""

import json
import re
from collections.abc import Sequence
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

READ = "position, thing, version, topic, time, data"  # what the fold needs of a row


class NewerVersionError(Exception):
    """A claim was written by a newer version of depositary, which can answer about it."""


class AnswersDamagedError(Exception):
    """A row of the answers is not as it was made: `depositary replay` makes them anew."""


class ClaimRow(NamedTuple):
    """A row of the table of claims; days are ISO text, NULL where open or unknown.

    From `moves_from` on and before `settled_from` the coming of a day may change what the claim
    does to an answer; both are NULL where no day does.
    """

    position: int
    thing: str
    version: int
    kind: str
    topic: str
    time: str
    asserted_by: str | None
    basis: str | None
    first_on: str | None
    last_on: str | None
    published_on: str | None
    moves_from: str | None
    settled_from: str | None
    data: str


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

    Canonical bytes need not be read whole to know all but the data. None where the frame is
    another: then `_opened` says what is wrong with it, or reads what another writer wrote.
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


def claims_from(rows: Sequence[Sequence[Any]]) -> list[Claim]:
    """Return rows of the answers, each the columns of READ, as the fold sees them.

    Raises NewerVersionError for a type not known here, and AnswersDamagedError for a broken row.
    """
    try:
        several = json.loads(f"[{','.join([row[5] for row in rows])}]")  # once is cheaper
    except (ValueError, TypeError):
        several = []
    if len(several) != len(rows):  # one of them is broken: one at a time, to say which
        several = [_read(row) for row in rows]
    return [_built(row, data) for row, data in zip(rows, several, strict=True)]


def _read(row: Sequence[Any]) -> Any:
    try:
        return json.loads(row[5])
    except (ValueError, TypeError) as error:
        raise damaged(row, error) from None


def _built(row: Sequence[Any], data: Any) -> Claim:
    position, thing, version, topic, time, _ = row
    try:
        type_ = type_of(topic)
    except UnknownTypeError:
        raise newer(position, topic) from None
    try:
        body = build(body_class(type_), data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(row, error) from None
    return Claim(position, version, thing, type_, body, time)


def damaged(row: Sequence[Any], error: Exception) -> AnswersDamagedError:
    """Return what is to be said of a row of the answers that is not as it was made."""
    return AnswersDamagedError(f"the row of @{row[0]} in the answers: {error}")


def newer(position: int, topic: str) -> NewerVersionError:
    """Return what is to be said of a claim of a type that is not known here."""
    return NewerVersionError(f"@{position} is a {topic}, written by a newer version of depositary")


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
