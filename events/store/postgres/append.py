"""Append events to PostgreSQL in the order of their commits, exactly once.

One writer at a time holds the lock, from before it reads the last position until its commit is
durable; who reads is not hindered. A reply that was lost says nothing of the commit: whether the
rows stand where they were sent to, byte for byte, does.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from psycopg import Cursor
from psycopg.errors import Diagnostic, UniqueViolation

from events.store.clock import Clock
from events.store.errors import StandbyError, StoreError, UnreachableError, VersionConflictError
from events.store.location import Address
from events.store.numbering import Complete
from events.store.postgres.datastore import PostgresLedgerDatastore
from events.store.postgres.schema import lock_statement
from events.store.postgres.session import Session
from events.store.rows import Row, checked_row
from events.store.sqlite.connection import COLUMNS
from events.store.sqlite.reader import SELECT

ROWS = 1_000  # a statement

_PAUSE_S = (0.02, 0.5)  # between two attempts to connect: the first, and the longest
_LAST = f"{SELECT} ORDER BY position DESC LIMIT 1"
_INSERT = (
    f"INSERT INTO stored_events ({', '.join(COLUMNS)})"  # noqa: S608 - names of our own
    " SELECT * FROM unnest(%b::bigint[], %b::text[], %b::integer[], %b::text[], %b::bytea[])"
)
_BETWEEN = f"{SELECT} WHERE position >= %b AND position <= %b ORDER BY position"
# It writes a message into the log, so that the commit waits for whom commits wait for: what was
# found may be on this server alone.
_LOGGED = "SELECT pg_logical_emit_message(true, 'depositary', '')"
_STOPS = ("57P01", "57P02")

Found = TypeVar("Found")


def retry_lost_session(
    datastore: PostgresLedgerDatastore, work: Callable[[Session], Found]
) -> Found:
    """Do the work in a session; where its server is lost, in others, as long as a lock waits."""
    until, pause_s = time.monotonic() + datastore.lock_wait_s, _PAUSE_S[0]
    while True:
        try:
            with datastore.get_connection() as session:
                return work(session)
        except (UnreachableError, StandbyError):
            if time.monotonic() > until:
                raise
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, _PAUSE_S[1])


class PostgresAppend:
    """Events on their way into the record; `sent` are their rows, should no reply come."""

    def __init__(self, where: Address, complete: Complete, clock: Clock) -> None:
        self._where, self._complete, self._clock = where, complete, clock
        self.sent: list[Row] = []

    def append(self, session: Session) -> list[int]:
        """Append the events in one transaction; return their positions.

        Raises VersionConflictError, ClockBehindError, EventTooLargeError.
        """
        try:
            with session.cursor() as cursor:
                if not (self.sent and self._is_there(cursor)):
                    self._send(cursor)
                self._commit(session, cursor)
        except UniqueViolation as error:
            session.rollback()
            raise _conflict(session, self.sent) from error
        except BaseException:
            if not session.closed:
                session.rollback()
            raise
        return [row.position for row in self.sent]

    def _send(self, cursor: Cursor[Any]) -> None:
        last = self._locked(cursor)
        self.sent = self._complete(checked_row(last) if last else None, self._clock())
        for first in range(0, len(self.sent), ROWS):
            columns = zip(*self.sent[first : first + ROWS], strict=True)
            cursor.execute(_INSERT, [list(column) for column in columns])

    def _is_there(self, cursor: Cursor[Any]) -> bool:
        self._locked(cursor)
        found = cursor.execute(_BETWEEN, (self.sent[0].position, self.sent[-1].position))
        there = [tuple(row) for row in found.fetchall()] == [tuple(row) for row in self.sent]
        if there:
            cursor.execute(_LOGGED)
        else:
            cursor.execute("ROLLBACK")
        return there

    def _locked(self, cursor: Cursor[Any]) -> Any:
        """Begin, take the lock, and return the last row: in one round trip."""
        cursor.execute(f"BEGIN; {lock_statement(self._where)}; {_LAST}")
        while cursor.nextset():
            pass
        return cursor.fetchone()

    def _commit(self, session: Session, cursor: Cursor[Any]) -> None:
        warnings: list[str] = []

        def hear(said: Diagnostic) -> None:
            # That the server stops (57P01, 57P02) says nothing of a commit whose reply came before.
            if said.severity_nonlocalized == "WARNING" and said.sqlstate not in _STOPS:
                warnings.append(str(said.message_primary))

        session.add_notice_handler(hear)
        try:
            last = self.sent[-1].position
            cursor.execute(f"SELECT pg_notify('{self._where.channel}', '{last}'); COMMIT")
        finally:
            session.remove_notice_handler(hear)
        if warnings:
            raise StoreError(
                f"@{self.sent[0].position} is written at {self._where}, but no standby has"
                f" confirmed it: {warnings[0]}."
            )


def _conflict(session: Session, rows: Sequence[Row]) -> VersionConflictError:
    found = session.execute(
        "SELECT originator_id, originator_version, position FROM stored_events"
        " WHERE (originator_id, originator_version) IN ("
        "SELECT * FROM unnest(%s::text[], %s::integer[])) ORDER BY position LIMIT 1",
        [[row.thing for row in rows], [row.version for row in rows]],
    ).fetchone()
    if found is None:
        return VersionConflictError("A version was written twice.")
    thing, version, position = found
    return VersionConflictError(f"{thing}/{version} is written already, as @{position}.")
