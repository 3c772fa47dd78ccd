"""The connections of a process that writes to SQLite: the library's pool, with our connections."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from eventsourcing.persistence import ConnectionPoolClosedError, ConnectionUnavailableError
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
)

from events.store.errors import LedgerLockedError, StoreError
from events.store.sqlite.connection import open_for_writing, sqlite_errors

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
