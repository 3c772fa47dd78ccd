"""Where are the answers of a record in PostgreSQL, and are they up to date?

In a schema of their own beside the record's, `NAME_answers`: disposable, made by the first who may
create it, caught up under a lock by whoever may write it. Who may not is answered from memory.
"""

import sqlite3
from typing import Any, NamedTuple

from events.store.errors import (
    CannotReadError,
    CannotWriteError,
    LedgerLockedError,
    NoPrivilegeError,
    NotALedgerError,
    StandbyError,
)
from events.store.location import Address
from events.store.postgres.errors import postgres_errors
from events.store.postgres.reader import PostgresReader
from events.store.postgres.session import Session
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from projections.read_model.catch_up import catch_up, position_of, reach
from projections.read_model.list_cache import Line
from projections.read_model.postgres import answers_at, speaking
from projections.read_model.rows import ClaimRow
from projections.read_model.schema import FORMAT

# Why answers cannot be kept, though they can be made: then they are, in memory.
IN_THE_WAY = (NoPrivilegeError, StandbyError, LedgerLockedError, NotALedgerError, CannotWriteError)


def opened(record: RecordReader) -> sqlite3.Connection | None:
    """Return the answers, caught up with the record; None where they may not be written."""
    try:
        stands = how_it_stands(record)
        if stands is None:
            from projections.read_model.postgres_making import make

            make(record, unless=lambda: how_it_stands(record) is not None)
            stands = how_it_stands(record)
        connection = speaking(session_of(record), answers_at(record))
        if stands is not None and stands.position < stands.last:
            catch_up(connection, record)
    except IN_THE_WAY:
        return None
    return None if stands is None else connection


def copy_into(memory: sqlite3.Connection, record: RecordReader) -> None:
    """Bring what is kept of the answers into a database in memory, which goes on from there."""
    if how_it_stands(record) is None:
        return
    kept = speaking(session_of(record), answers_at(record))
    kept.execute("BEGIN")  # others may be catching up meanwhile
    memory.execute("BEGIN")
    for table, width in _WIDTHS.items():
        rows = kept.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 - ours
        memory.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)  # noqa: S608
    reach(memory, position_of(kept))
    memory.execute("COMMIT")
    kept.close()


def looked_at(record: RecordReader) -> sqlite3.Connection:
    """Return the answers as they stand, over the session of the record's reader."""
    at = answers_at(record)
    with postgres_errors(at, "read"):
        session_of(record).execute(_path(record).encode())
    return speaking(session_of(record), at)


def sizes(record: RecordReader) -> list[tuple[str, int]]:
    """Return the schemas of a record and of its answers, and how many bytes each takes."""
    at = answers_at(record)
    assert isinstance(record.where, Address)
    names = [record.where.schema, at.schema]
    with postgres_errors(at, "read"):
        found = session_of(record).execute(_SIZES, [names]).fetchall()
    return [(name, int(size_bytes)) for name, size_bytes in found]


def session_of(record: RecordReader) -> Session:
    """Return the session of a reader of a record in PostgreSQL: only such has answers beside it."""
    assert isinstance(record, PostgresReader)
    return record.session


class Standing(NamedTuple):
    """How far answers are, and how far their record is."""

    position: int
    last: int


def how_it_stands(record: RecordReader) -> Standing | None:
    """Return how the answers stand; None where there are none that are of this record's past.

    In one question, for a database may be far away: it leaves the session looking at them.
    """
    try:
        with postgres_errors(answers_at(record), "read"):
            cursor = session_of(record).execute(f"{_path(record)}; {_STANDS}".encode())
            cursor.nextset()
            found = cursor.fetchone()
    except (NotALedgerError, NoPrivilegeError, CannotReadError):
        return None  # there are none, or none that we may see, or they are broken
    assert found is not None
    ledger, first, format_, position, last, *told = found
    if (ledger, format_) != (bytes(first).decode() if first else "", str(FORMAT)):
        return None
    if position and not _is_same(position, *told):
        return None
    return Standing(position or 0, last or 0)


def _is_same(position: int, thing: str | None, state: bytes | None, *taken: Any) -> bool:
    """Say whether the last event answered about is the one that the record has there."""
    version, topic, time = taken
    if thing is None or state is None or topic is None:
        return False
    return bool(Row(position, thing, version, topic, bytes(state)).time == time)


def _path(record: RecordReader) -> str:
    assert isinstance(record.where, Address)
    own, beside = record.where.schema, answers_at(record).schema
    return f'SET search_path TO pg_catalog, "{own}", "{beside}", pg_temp'


def is_of(connection: sqlite3.Connection, identity: str) -> bool:
    """Say whether there are answers of this format about the record of an identity."""
    try:
        found = dict(connection.execute("SELECT name, value FROM state").fetchall())
    except (NotALedgerError, NoPrivilegeError):
        return False  # there are none, or none that we may see
    return (found.get("format"), found.get("ledger")) == (str(FORMAT), identity)


# The last event answered about must be the record's own: after a restore it may be another.
_STANDS = """SELECT ledger.value, opened.state, format.value, reached.position,
    (SELECT max(position) FROM stored_events),
    last.originator_id, last.state, taken.version, taken.topic, taken.time
FROM (SELECT max(value)::bigint AS position FROM state WHERE name = 'position') AS reached
LEFT JOIN state AS ledger ON ledger.name = 'ledger'
LEFT JOIN state AS format ON format.name = 'format'
LEFT JOIN stored_events AS opened ON opened.position = 1
LEFT JOIN stored_events AS last ON last.position = reached.position
LEFT JOIN claims AS taken
    ON taken.thing = last.originator_id AND taken.position = last.position
    AND taken.version = last.originator_version"""
_SIZES = """SELECT nspname, sum(pg_total_relation_size(pg_class.oid))
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = ANY(%s) AND relkind = 'r' GROUP BY nspname ORDER BY nspname"""
_WIDTHS = {"claims": len(ClaimRow._fields), "things": 4, "lines": len(Line._fields)}
