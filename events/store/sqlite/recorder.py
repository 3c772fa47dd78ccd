"""The library's recorder over the record in SQLite.

Its own classes, with what the record needs and they lack: a dense position, the time completed
under the write lock, synchronous commits, errors as sentences, and no table but ours.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    ConnectionUnavailableError,
    InfrastructureFactory,
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

from events.store import shared_recorder
from events.store.clock import Clock, utc_now
from events.store.errors import LedgerLockedError, StoreError, VersionConflictError
from events.store.rows import Complete, Row, checked_row, recording_moment
from events.store.sqlite.connection import LOCK_WAIT_S, open_for_writing, sqlite_errors
from events.store.sqlite.reader import SELECT
from events.store.sqlite.schema import COLUMNS

Ask = Callable[..., sqlite3.Cursor]
Found = TypeVar("Found")


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

    def _undo(self) -> None:
        try:
            self.rollback()
        except sqlite3.Error:
            self.close()  # undoes it too, and the next one to ask gets another


class LedgerPool(SQLiteConnectionPool):
    """Makes connections to one record."""

    def __init__(self, path: Path, lock_wait_s: float) -> None:
        # Its name is ours to open: the library would take some for memory.
        super().__init__(db_name="", pool_timeout=lock_wait_s)
        self._path, self._lock_wait_s = path, lock_wait_s

    def _create_connection(self) -> SQLiteConnection:
        return LedgerConnection(self._path, self._lock_wait_s)


class SQLiteLedgerDatastore(SQLiteDatastore):
    """An existing record, open for writing; raises an error of the store if it cannot be."""

    def __init__(self, path: Path, lock_wait_s: float) -> None:
        self.path = path
        self.single_row_tracking = True
        self.originator_id_type = "text"
        self.pool = LedgerPool(path, lock_wait_s)
        # What is wrong with the file is said on opening, not on the first save.
        with self.get_connection(commit=False):
            pass

    @contextmanager
    def get_connection(self, *, commit: bool) -> Iterator[SQLiteConnection]:  # noqa: ARG002
        """Lend a connection; raise LedgerLockedError if all of them are lent for too long.

        Writers wait for each other at the lock of the file. The pool's own would be kept for ever
        by a writer that could not open the file.
        """
        try:
            connection = self.pool.get_connection()
        except ConnectionPoolClosedError as error:
            raise StoreError(f"{self.path} has been closed.") from error
        except ConnectionUnavailableError as error:
            raise LedgerLockedError(f"{self.path} is locked: others are writing to it.") from error
        try:
            yield connection
        finally:
            with suppress(ConnectionPoolClosedError):  # closed meanwhile, and it with the pool
                self.pool.put_connection(connection)

    def fetched(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of one statement, which needs no transaction about it."""
        with (
            self.get_connection(commit=False) as connection,
            sqlite_errors(self.path, "read"),
            connection.cursor() as cursor,
        ):
            return cursor.execute(sql, values).fetchall()

    def written(self, write: Callable[[Ask], Found]) -> Found:
        """Return what a function of `execute` does in a transaction."""
        with self.transaction(commit=True) as cursor:
            return write(cursor.sqlite_cursor.execute)

    def __del__(self) -> None:
        if hasattr(self, "pool"):
            self.close()


_LAST = f"{SELECT} ORDER BY position DESC LIMIT 1"
_INSERT = f"INSERT INTO stored_events ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608


def sqlite_environment(path: Path) -> dict[str, str]:
    """Return all settings that the library is to know, for an existing record.

    An application overrides `construct_env` to use these alone: as it comes it would add the
    variables of the shell, and one of them makes a table of snapshots in the record.
    """
    return {
        "PERSISTENCE_MODULE": f"{__name__}:{SQLiteRecorderFactory.__name__}",
        "SQLITE_DBNAME": str(path),
        "ORIGINATOR_ID_TYPE": "text",
        "IS_SNAPSHOTTING_ENABLED": "no",
        "CREATE_TABLE": "no",
    }


class SQLiteLedgerRecorder(shared_recorder.LedgerRecorder, SQLiteApplicationRecorder):
    """Appends events to the record, and reads them in order."""

    datastore: SQLiteLedgerDatastore

    def __init__(self, datastore: SQLiteLedgerDatastore, clock: Clock = utc_now) -> None:
        super().__init__(datastore)
        self._clock = clock

    def _append(self, complete: Complete, *, accepting: bool = False) -> Sequence[int]:
        def append(ask: Ask) -> list[Row]:
            def accepted() -> Row | None:
                found = ask(*shared_recorder.last_accepted(self.mark)).fetchone()
                return checked_row(found) if found else None

            cursor = ask(_LAST)
            found = cursor.fetchone()
            last = checked_row(found) if found else None
            now = recording_moment(last, self._clock(), accepted, accepting=accepting)
            rows = complete(last, now)
            try:
                cursor.executemany(_INSERT, rows)
            except sqlite3.IntegrityError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
                    raise
                raise _conflict(ask, rows) from error
            return rows

        rows = self.datastore.written(append)
        return range(rows[0].position, rows[-1].position + 1)

    def _fetched(self, sql: str, values: list[Any]) -> list[Any]:
        return self.datastore.fetched(sql, values)


class SQLiteRecorderFactory(SQLiteFactory):
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
        self.datastore = SQLiteLedgerDatastore(Path(self.env["SQLITE_DBNAME"]), lock_wait_s)

    def application_recorder(self) -> SQLiteLedgerRecorder:
        """Return the recorder of the record."""
        assert isinstance(self.datastore, SQLiteLedgerDatastore)
        return SQLiteLedgerRecorder(self.datastore, self._clock)


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
    position, row = min(taken)  # the same one of several in every store
    return VersionConflictError(f"{row.thing}/{row.version} is written already, as @{position}.")
