"""The library's recorder over the record in PostgreSQL.

Its own classes, with what the record needs and they lack: a dense position in the order of commits,
the time completed under the lock, a commit whose reply was lost told from a conflict, errors as
sentences, and no table but ours.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from eventsourcing.utils import Environment, EnvType, strtobool
from psycopg import Cursor
from psycopg.errors import Diagnostic, UniqueViolation
from psycopg.pq import TransactionStatus

from events.store import shared_recorder
from events.store.clock import Clock, utc_now
from events.store.errors import (
    LedgerLockedError,
    StandbyError,
    StoreError,
    UnreachableError,
    VersionConflictError,
)
from events.store.location import Address
from events.store.postgres.errors import postgres_errors
from events.store.postgres.schema import lock_statement
from events.store.postgres.session import Session, connect
from events.store.rows import Complete, Row, checked_row, recording_moment
from events.store.sqlite.connection import LOCK_WAIT_S
from events.store.sqlite.reader import SELECT
from events.store.sqlite.schema import COLUMNS


class PostgresLedgerDatastore(PostgresDatastore):
    """An existing record, open for writing; raises an error of the store if it cannot be."""

    def __init__(self, where: Address, lock_wait_s: float) -> None:
        self.where, self.lock_wait_s = where, lock_wait_s
        self.schema, self.originator_id_type = where.schema, "text"
        self.lock_timeout, self.single_row_tracking, self.enable_db_functions = 0, True, False
        self.db_type_names = set()
        self._turn = Lock()
        self._closed = False
        # What is wrong with the address is said on opening, not on the first save.
        self._session = connect(where, "write", lock_wait_s)

    def register_type_adapters(self) -> None:
        """Do nothing: rows go as arrays of plain values."""

    @contextmanager
    def get_connection(self) -> Iterator[Any]:
        """Give the session within the wait, a new one where the last was lost.

        What fails in it is an error of the store.
        """
        if not self._turn.acquire(timeout=self.lock_wait_s):
            raise LedgerLockedError(f"{self.where} is locked: this process itself is writing.")
        try:
            if self._closed:
                raise StoreError(f"{self.where} has been closed.")
            if self._session.closed:
                self._session = connect(self.where, "write", self.lock_wait_s)
            session = self._session
            try:
                with postgres_errors(self.where, "write"):
                    yield session
            except (UnreachableError, StandbyError):
                session.close()
                raise
            finally:
                if self._is_closed() or session.info.transaction_status != TransactionStatus.IDLE:
                    session.close()
        finally:
            self._turn.release()

    def _is_closed(self) -> bool:
        """Say whether `close` was called, also by another thread while a session was given."""
        return self._closed

    @contextmanager
    def transaction(self, *, commit: bool = False) -> Iterator[Cursor[Any]]:
        """Give a cursor in a transaction: committed if asked for and all went well."""
        with self.get_connection() as session, session.transaction(force_rollback=not commit):
            yield session.cursor()

    def close(self) -> None:
        """Let go of the record."""
        self._closed = True
        if not self._turn.locked():  # who is at work lets go of it
            self._session.close()

    def __enter__(self) -> "PostgresLedgerDatastore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_session"):
            self.close()


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

    def __init__(
        self, where: Address, complete: Complete, clock: Clock, *, accepting: bool = False
    ) -> None:
        self._where, self._complete, self._clock = where, complete, clock
        self._accepting = accepting
        self.sent: list[Row] = []

    def append(self, session: Session) -> list[int]:
        """Append the events in one transaction; return their positions.

        Raises VersionConflictError, LogAheadError, EventTooLargeError.
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
        def accepted() -> Row | None:
            row = cursor.execute(*shared_recorder.last_accepted("%b")).fetchone()
            return checked_row(row) if row else None

        found = self._locked(cursor)
        last = checked_row(found) if found else None
        now = recording_moment(last, self._clock(), accepted, accepting=self._accepting)
        self.sent = self._complete(last, now)
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


def postgres_environment(where: Address) -> dict[str, str]:
    """Return all settings that the library is to know, for an existing record.

    An application overrides `construct_env` to use these alone: no variable of the shell reaches
    it. Where PostgreSQL is, and who asks, libpq knows.
    """
    return {
        "PERSISTENCE_MODULE": f"{__name__}:{PostgresRecorderFactory.__name__}",
        "POSTGRES_ADDRESS": str(where),
        "ORIGINATOR_ID_TYPE": "text",
        "IS_SNAPSHOTTING_ENABLED": "no",
        "CREATE_TABLE": "no",
    }


class PostgresLedgerRecorder(shared_recorder.LedgerRecorder, PostgresApplicationRecorder):
    """Appends events to the record, and reads them in order."""

    datastore: PostgresLedgerDatastore
    mark = "%s"

    def __init__(self, datastore: PostgresLedgerDatastore, clock: Clock = utc_now) -> None:
        super().__init__(datastore)
        self._clock = clock

    def _append(self, complete: Complete, *, accepting: bool = False) -> Sequence[int]:
        """Append; where the connection is lost, connect anew for as long as one waits for a lock.

        What was sent before is looked for first: its commit may have succeeded.
        """
        where, clock = self.datastore.where, self._clock
        appending = PostgresAppend(where, complete, clock, accepting=accepting)
        try:
            return retry_lost_session(self.datastore, appending.append)
        except UnreachableError as error:
            if not appending.sent:
                raise
            may_be = "What was sent may be recorded: the same append again says whether it is."
            raise UnreachableError(f"{error} {may_be}") from error

    def max_notification_id(self) -> int | None:
        """Return the last position; None before there is any."""
        sql = "SELECT max(position) FROM stored_events"
        found = retry_lost_session(self.datastore, lambda session: session.execute(sql).fetchone())
        return found[0] if found else None

    def _fetched(self, sql: str, values: list[Any]) -> list[Any]:
        def fetched(session: Any) -> list[Any]:
            with session.cursor(binary=True) as cursor:
                found: list[Any] = cursor.execute(sql, values).fetchall()
                return found

        return retry_lost_session(self.datastore, fetched)


class PostgresRecorderFactory(PostgresFactory):
    """Makes what an application needs, over an existing record; see `environment`.

    No setting reaches the clock: it is an argument, and so is how long a writer waits (seconds).
    """

    def __init__(
        self,
        env: Environment | EnvType | None,
        *,
        clock: Clock = utc_now,
        lock_wait_s: float = LOCK_WAIT_S,
    ) -> None:
        # Not PostgresFactory's: it would read the settings for a datastore of its own kind.
        InfrastructureFactory.__init__(self, env)
        if strtobool(self.env.get(self.POSTGRES_ENABLE_DB_FUNCTIONS) or "no"):
            raise StoreError(
                "The library's functions in the database know neither lock nor position:"
                f" {self.POSTGRES_ENABLE_DB_FUNCTIONS} is refused."
            )
        self._clock = clock
        self.datastore = PostgresLedgerDatastore(
            Address.parse(self.env["POSTGRES_ADDRESS"]), lock_wait_s
        )

    def application_recorder(self) -> PostgresLedgerRecorder:
        """Return the recorder of the record."""
        assert isinstance(self.datastore, PostgresLedgerDatastore)
        return PostgresLedgerRecorder(self.datastore, self._clock)
