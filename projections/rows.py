"""How is a claim kept for answering?

One row a claim, in a database of its own beside the record: disposable, made from the record at
will. A row holds the claim's data and, for asking across things, its days on the three clocks.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from domain.claim import Claim, days, published_on
from events.build import build
from events.canonical import Envelope, open_envelope
from events.catalogue import UnknownTypeError, body_class, type_of
from events.claims import Corrected
from events.ids import kind_of
from events.store.errors import RecordDamagedError
from events.store.rows import Row

FORMAT = 2

SCHEMA = """
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE claims (
    position INTEGER PRIMARY KEY,
    thing TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    time TEXT NOT NULL,
    asserted_by TEXT,
    basis TEXT,
    first_on TEXT,
    last_on TEXT,
    published_on TEXT,
    data TEXT NOT NULL
) STRICT;
CREATE INDEX claims_of_a_thing ON claims (thing, position);
CREATE TABLE things (
    thing TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    first_position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX things_of_a_kind ON things (kind, thing, first_position);
CREATE TABLE current (
    thing TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    first_position INTEGER NOT NULL,
    last_position INTEGER NOT NULL,
    on_day TEXT NOT NULL,
    steady INTEGER NOT NULL,
    summary TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX current_of_a_kind ON current (kind, thing);
"""

COLUMNS = (
    "position",
    "thing",
    "version",
    "kind",
    "topic",
    "time",
    "asserted_by",
    "basis",
    "first_on",
    "last_on",
    "published_on",
    "data",
)


class NewerVersionError(Exception):
    """A claim was written by a newer version of depositary, which can answer about it."""


class AnswersDamagedError(Exception):
    """A row of the answers is not as it was made: `depositary replay` makes them anew."""


class ClaimRow(NamedTuple):
    """A row of the table of claims; days are ISO text, NULL where open or unknown."""

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
    data: str


def claim_row(row: Row) -> ClaimRow:
    """Return the row for answering of a row of the record.

    A type that this version does not know is listed without its days. Raises RecordDamagedError
    where the bytes are not what the door lets in, or not the event that the row says.
    """
    try:
        return _claim_row(row, open_envelope(row.state))
    except (ValueError, TypeError, KeyError) as error:
        raise RecordDamagedError(f"@{row.position} is damaged: {error}") from None


def _claim_row(row: Row, opened: Envelope) -> ClaimRow:
    if (opened.subject, opened.type) != (row.thing, row.topic):
        raise ValueError(f"its bytes say {opened.type} about {opened.subject}")
    text = json.dumps(opened.data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    plain = ClaimRow(
        row.position,
        row.thing,
        row.version,
        kind_of(row.thing),
        row.topic,
        opened.time,
        opened.data.get("asserted_by"),
        opened.data.get("basis"),
        None,
        None,
        None,
        text,
    )
    try:
        claim = claim_of(plain, opened.data)
        if isinstance(claim.body, Corrected):
            build(body_class(type_of(claim.body.data_type)), claim.body.data)
    except (NewerVersionError, UnknownTypeError):
        return plain
    first, last = days(claim)
    return plain._replace(
        first_on=_iso(first), last_on=_iso(last), published_on=_iso(published_on(claim))
    )


def claim_of(row: Sequence[Any], data: dict[str, Any] | None = None) -> Claim:
    """Return a row as the fold sees it; raise NewerVersionError for a type not known here.

    Without `data` the row is one of the answers, and AnswersDamagedError says that it is broken.
    """
    position, thing, version, _, topic, time = row[:6]
    try:
        type_ = type_of(topic)
    except UnknownTypeError:
        raise NewerVersionError(
            f"@{position} is a {topic}, written by a newer version of depositary"
        ) from None
    if data is not None:
        return Claim(position, version, thing, type_, build(body_class(type_), data), time)
    try:
        body = build(body_class(type_), json.loads(row[11]))
    except (ValueError, TypeError, KeyError) as error:
        raise AnswersDamagedError(f"the row of @{position} in the answers: {error}") from None
    return Claim(position, version, thing, type_, body, time)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
