"""How does the library write the record into SQLite?

Its own classes, with what the record needs and they lack: a dense position, the time completed
under the write lock, synchronous commits, errors as sentences, and no table but ours.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    ConnectionUnavailableError,
    InfrastructureFactory,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
)
from eventsourcing.utils import Environment, EnvType

from events.store.clock import Clock, utc_now
from events.store.either import ReadByColumns, RecordAlone
from events.store.errors import LedgerLockedError, StoreError, VersionConflictError
from events.store.rows import Row, checked_row, complete
from events.store.sqlite_file import COLUMNS, LOCK_WAIT_S, create, open_for_writing, sqlite_errors

__all__ = ["LOCK_WAIT_S", "Factory", "LedgerRecorder", "create", "environment"]

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM stored_events "  # noqa: S608 - names of our own
_LAST = _SELECT + "ORDER BY position DESC LIMIT 1"
_INSERT = f"INSERT INTO stored_events ({', '.join(COLUMNS)}) VALUES "  # noqa: S608
_ROW = f"({', '.join('?' * len(COLUMNS))})"
Ask = Callable[..., sqlite3.Cursor]
ROWS_A_STATEMENT = 500  # 2,500 values, and SQLite takes 32,766


def environment(path: Path) -> dict[str, str]:
    """Return all settings that the library is to know, for an existing record.

    An application overrides `construct_env` to use these alone: as it comes it would add the
    variables of the shell, and one of them makes a table of snapshots in the record.
    """
    return {
        "PERSISTENCE_MODULE": f"{Factory.__module__}:{Factory.__qualname__}",
        "SQLITE_DBNAME": str(path),
        "ORIGINATOR_ID_TYPE": "text",
        "IS_SNAPSHOTTING_ENABLED": "no",
        "CREATE_TABLE": "no",
    }


class LedgerConnection(SQLiteConnection):
    """A connection whose writers take the lock at once, and whose errors are the store's."""

    def __init__(self, path: Path, lock_wait_s: float) -> None:
        super().__init__(open_for_writing(path, lock_wait_s), max_age=None)
        self._path = path

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """Give a cursor in a transaction: committed if all went well, else as if never begun."""
        cursor = self.cursor()
        with sqlite_errors(self._path, "write" if commit else "read"), cursor:
            try:
                # A transaction that reads first and writes then fails when another wrote between.
                cursor.execute("BEGIN IMMEDIATE" if commit else "BEGIN")
                yield cursor
                cursor.execute("COMMIT" if commit else "ROLLBACK")
            except BaseException:
                self._undo()
                raise

    def fetched(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of one statement, which needs no transaction about it."""
        with sqlite_errors(self._path, "read"):
            return self._sqlite_conn.execute(sql, values).fetchall()

    def append(self, events: Sequence[StoredEvent], clock: Clock) -> list[int]:
        """Append the events in one transaction; return their positions.

        Raises VersionConflictError, ClockBehindError, EventTooLargeError.
        """
        ask = self._sqlite_conn.execute
        with sqlite_errors(self._path, "write"):
            try:
                ask("BEGIN IMMEDIATE")
                last = ask(_LAST).fetchone()
                rows = complete(events, checked_row(last) if last else None, clock())
                _insert(ask, rows)
                ask("COMMIT")
            except BaseException:
                self._undo()
                raise
        return [row.position for row in rows]

    def _undo(self) -> None:
        try:
            self.rollback()
        except sqlite3.Error:
            self.close()  # undoes it too, and the pool makes a new one


class LedgerPool(SQLiteConnectionPool):
    """The connections of one process to a record."""

    def __init__(self, path: Path, lock_wait_s: float) -> None:
        self._path = path
        self._lock_wait_s = lock_wait_s
        super().__init__(db_name=str(path), pool_timeout=lock_wait_s)

    @staticmethod
    def detect_memory_mode(db_name: str) -> bool:  # noqa: ARG004
        """Say no: a record is a file, whatever words its path has in it."""
        return False

    def get_connection(
        self, timeout: float | None = None, *, is_writer: bool | None = None
    ) -> SQLiteConnection:
        """Give a connection within the wait; raise an error of the store otherwise."""
        try:
            return super().get_connection(timeout, is_writer=is_writer)
        except ConnectionUnavailableError as error:
            raise LedgerLockedError(f"{self._path} is locked: others are writing to it.") from error
        except ConnectionPoolClosedError as error:
            raise StoreError(f"{self._path} has been closed.") from error
        except StoreError:
            # It could not be opened; the library would keep its own lock for writers for ever.
            if is_writer:
                self._num_writers -= 1
                self._writer_lock.release()
            raise

    def _create_connection(self) -> SQLiteConnection:
        return LedgerConnection(self._path, self._lock_wait_s)


class LedgerDatastore(SQLiteDatastore):
    """An existing record, open for writing; raises an error of the store if it cannot be."""

    def __init__(self, path: Path, lock_wait_s: float) -> None:
        self.pool = LedgerPool(path, lock_wait_s)
        self.single_row_tracking = True
        self.originator_id_type = "text"
        with self.get_connection(commit=False):
            pass  # what is wrong with the file is said on opening, not on the first save


class LedgerRecorder(ReadByColumns, SQLiteApplicationRecorder):
    """Appends events to the record, and reads them in order."""

    def __init__(self, datastore: LedgerDatastore, clock: Clock = utc_now) -> None:
        super().__init__(datastore)
        self._clock = clock

    def construct_create_table_statements(self) -> list[str]:
        """Return none: `create` makes the record, and nothing else makes a table in it."""
        return []

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        """Append the events, all or none; return their positions."""
        if not stored_events:
            return []
        with self.datastore.get_connection(commit=True) as connection:
            assert isinstance(connection, LedgerConnection)
            return connection.append(stored_events, self._clock)

    def _fetched(self, sql: str, values: list[Any]) -> list[Any]:
        with self.datastore.get_connection(commit=False) as connection:
            assert isinstance(connection, LedgerConnection)
            return connection.fetched(sql, values)


class Factory(RecordAlone, SQLiteFactory):
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
        # Not SQLiteFactory's: it would read the settings for a datastore of its own kind.
        InfrastructureFactory.__init__(self, env)
        self._clock = clock
        self.datastore = LedgerDatastore(Path(self.env["SQLITE_DBNAME"]), lock_wait_s)

    def application_recorder(self) -> LedgerRecorder:
        """Return the recorder of the record."""
        assert isinstance(self.datastore, LedgerDatastore)
        return LedgerRecorder(self.datastore, self._clock)


def _insert(ask: Ask, rows: Sequence[Row]) -> None:
    # One statement for many rows: Python is left once, not once a row, and other threads run.
    try:
        for at in range(0, len(rows), ROWS_A_STATEMENT):
            some = rows[at : at + ROWS_A_STATEMENT]
            ask(_INSERT + ", ".join([_ROW] * len(some)), list(chain.from_iterable(some)))
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            raise
        raise _conflict(ask, rows) from error


def _conflict(ask: Ask, rows: Sequence[Row]) -> VersionConflictError:
    taken: list[tuple[int, Row]] = []
    for row in rows:
        found = ask(
            "SELECT position FROM stored_events"
            " WHERE originator_id = ? AND originator_version = ? AND position < ?",
            (row.thing, row.version, rows[0].position),
        )
        taken += [(position, row) for (position,) in found.fetchall()]
    if not taken:
        return VersionConflictError("A version was written twice.")
    position, row = min(taken)  # which of several is told does not hang on the store
    return VersionConflictError(f"{row.thing}/{row.version} is written already, as @{position}.")
