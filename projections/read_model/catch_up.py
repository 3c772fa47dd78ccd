"""Take up the events of the record that the answers lack.

Each batch of events is one transaction with the position it reaches, so that whatever stops a run
leaves answers that are right for some position. The lines of lists are left to who asks for them.
"""

import sqlite3
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from domain.claims.claim import Claim
from events.catalogue import UnknownTypeError, type_of
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from projections.read_model.rows import READ, ClaimRow, claims_from
from projections.read_model.schema import (
    ABOUT_TOPICS,
    ALWAYS,
    ENDING,
    ENDING_TOPICS,
    REVISING_TOPICS,
)

BATCH = 2_000

Progress = Callable[[int, int], None]

INSERT_CLAIM = f"INSERT INTO claims VALUES ({', '.join('?' * len(ClaimRow._fields))})"  # noqa: S608
INSERT_MENTION = "INSERT INTO mentions VALUES (?, ?, ?, ?, ?)"
_THING = (
    "INSERT INTO things VALUES (?, ?, ?, ?)"
    " ON CONFLICT (thing) DO UPDATE SET last_position = excluded.last_position"
)
_ENDED = f"SELECT DISTINCT thing FROM claims WHERE {ENDING}"  # noqa: S608 - a condition of ours
# The line of an agreement that names a party follows from what ends the party too.
_FORGET = (
    "DELETE FROM lines WHERE thing IN (SELECT DISTINCT thing FROM claims"
    " WHERE thing >= 'agreement/' AND thing < 'agreement0' AND instr(data, ?) > 0)"
)
_STATE = "INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def catch_up(
    connection: sqlite3.Connection, record: RecordReader, *, progress: Progress | None = None
) -> int:
    """Take up every event of the record that the answers lack; return the position reached."""
    last, position = record.last_position(), -1
    while (reached := _take_batch(connection, record, last)) > position:
        position = reached
        if progress is not None:
            progress(position, last)
    return position


def identity_of(record: RecordReader) -> str:
    """Return what tells a record from others: its first event."""
    first = record.first()
    return first.state.decode() if first else ""


_DIGITS = 17  # of a position: SQLite's own numbers have 19


def position_of(connection: sqlite3.Connection) -> int:
    """Return the position reached; raise sqlite3.DatabaseError where it is no number."""
    found = connection.execute("SELECT value FROM state WHERE name = 'position'").fetchone()
    text = found[0] if found else "0"
    if not (type(text) is str and text.isascii() and text.isdecimal() and len(text) < _DIGITS):
        raise sqlite3.DatabaseError("the answers are damaged: their position is not a number")
    return int(text)


def set_position(connection: sqlite3.Connection, last: Row) -> None:
    """Write down the last event that the answers know: its position and its bytes."""
    connection.executemany(_STATE, [("position", str(last.position)), ("last", last.text)])


def ended_parties(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the parties of which a claim says that they ceased to exist or are continued."""
    return frozenset(thing for (thing,) in connection.execute(_ENDED))


def read_claims(
    connection: sqlite3.Connection, thing: str, known_at: int | None = None
) -> tuple[Claim, ...]:
    """Return a thing's claims up to a position, in order; raise NewerVersionError."""
    return tuple(claims_from(read_rows(connection, READ, thing, known_at)))


def read_rows(
    connection: sqlite3.Connection, columns: str, thing: str, known_at: int | None = None
) -> list[tuple[Any, ...]]:
    """Return some columns of a thing's claims up to a position, in order."""
    known = ALWAYS if known_at is None else known_at
    sql = f"SELECT {columns} FROM claims WHERE thing = ? AND position <= ? ORDER BY position"  # noqa: S608
    return connection.execute(sql, (thing, known)).fetchall()


def claims_about_claims(
    connection: sqlite3.Connection, thing: str, known_at: int = ALWAYS
) -> list[Claim]:
    """Return what is said about the claims about a thing, without texts of a newer version."""
    marks = ", ".join("?" * len(ABOUT_TOPICS))
    rows = connection.execute(
        f"SELECT {READ} FROM claims WHERE thing = ? AND position <= ? AND topic IN ({marks})"  # noqa: S608
        " ORDER BY position",
        (thing, known_at, *ABOUT_TOPICS),
    )
    return [claim for claim in claims_from(rows.fetchall()) if _is_known(claim)]


def _is_known(claim: Claim) -> bool:
    try:
        return bool(type_of(getattr(claim.body, "data_type", f"{claim.type}.v1")))
    except UnknownTypeError:
        return False


class transaction:  # noqa: N801 - used like a function
    """Begin, then commit if all went well, else undo."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def _take_batch(connection: sqlite3.Connection, record: RecordReader, last: int) -> int:
    # A read that finds nothing new takes nothing up.
    from events.serialization import ledger_id_of
    from projections.read_model.mentions import mentions_in
    from projections.read_model.project_event import project_event
    from projections.read_model.texts import INSERT_TEXT, mark_fallen, text_row

    # The position is read under the lock: another process may be catching up as well.
    with transaction(connection):
        position = position_of(connection)
        events = list(record.rows(after=position, until=min(position + BATCH, last)))
        ledger_id = ledger_id_of(record.first())
        found = [project_event(row, ledger_id) for row in events]
        rows = [each.row for each in found]
        if rows:
            position = rows[-1].position
            connection.executemany(INSERT_CLAIM, rows)
            named = [mentions_in(each) for each in found]
            connection.executemany(INSERT_MENTION, chain.from_iterable(named))
            connection.executemany(INSERT_TEXT, filter(None, map(text_row, found, named)))
            connection.executemany(_THING, things_of(rows))
            for thing in sorted({row.thing for row in rows if row.topic in REVISING_TOPICS}):
                mark_fallen(connection, thing, claims_about_claims(connection, thing))
            ended = {row.thing for row in rows if row.topic in ENDING_TOPICS}
            connection.executemany(_FORGET, [(f'"{party}"',) for party in sorted(ended)])
            set_position(connection, events[-1])
    return position


def things_of(rows: Iterable[ClaimRow]) -> list[tuple[str, str, int, int]]:
    """Return a row a thing of which claims speak: its name, kind, first and last position."""
    first: dict[str, ClaimRow] = {}
    last: dict[str, int] = {}
    for row in rows:
        first.setdefault(row.thing, row)
        last[row.thing] = row.position
    return [(thing, row.kind, row.position, last[thing]) for thing, row in first.items()]
