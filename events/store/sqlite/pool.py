"""Which connections does a process that writes to SQLite have?

A few, made when they are needed and used again; one of them writes at a time. The library's own
pool took a fifth of what an append does, and kept its lock for ever when a writer could not open
the file.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from eventsourcing.sqlite import SQLiteConnection, SQLiteCursor, SQLiteDatastore

from events.store.errors import LedgerLockedError, StoreError
from events.store.sqlite.connection import open_for_writing, sqlite_errors, translated

MAX_IDLE = 5

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

    def fetched(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of one statement, which needs no transaction about it."""
        try:
            return self._sqlite_conn.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise translated(error, self._path, "read") from error

    def written(self, write: Callable[[Ask], Found]) -> Found:
        """Return what a function of `execute` does in a transaction of its own."""
        ask = self._sqlite_conn.execute
        try:
            ask("BEGIN IMMEDIATE")
            found = write(ask)
            ask("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            raise translated(error, self._path, "write") from error
        except BaseException:
            self._undo()
            raise
        return found

    def _undo(self) -> None:
        try:
            self.rollback()
        except sqlite3.Error:
            self.close()  # undoes it too, and the next one to ask gets another


class LedgerDatastore(SQLiteDatastore):
    """An existing record, open for writing; raises an error of the store if it cannot be."""

    def __init__(self, path: Path, lock_wait_s: float) -> None:
        self.path, self._lock_wait_s = path, lock_wait_s
        self.single_row_tracking = True
        self.originator_id_type = "text"
        self._writing = Lock()
        self._closed = False
        # What is wrong with the file is said on opening, not on the first save.
        self._idle = [LedgerConnection(path, lock_wait_s)]

    @contextmanager
    def get_connection(self, *, commit: bool) -> Iterator[LedgerConnection]:
        """Lend a connection; raise LedgerLockedError if others keep writing."""
        if commit:
            self._wait_for_turn()
        try:
            connection = self._taken()
            try:
                yield connection
            finally:
                self._keep(connection)
        finally:
            if commit:
                self._writing.release()

    def fetched(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of one statement."""
        connection = self._taken()
        try:
            return connection.fetched(sql, values)
        finally:
            self._keep(connection)

    def written(self, write: Callable[[Ask], Found]) -> Found:
        """Return what a function of `execute` does in a transaction, when it is our turn.

        As `get_connection` lends it, but for the library's context managers: an append has three
        of these, and they took a tenth of it.
        """
        self._wait_for_turn()
        try:
            connection = self._taken()
            try:
                return connection.written(write)
            finally:
                self._keep(connection)
        finally:
            self._writing.release()

    def _taken(self) -> LedgerConnection:
        if self._closed:
            raise StoreError(f"{self.path} has been closed.")
        try:
            return self._idle.pop()
        except IndexError:
            return LedgerConnection(self.path, self._lock_wait_s)

    def _keep(self, connection: LedgerConnection) -> None:
        if self._closed or len(self._idle) >= MAX_IDLE:
            connection.close()
        elif not connection.closed:
            self._idle.append(connection)

    def _wait_for_turn(self) -> None:
        """Wait until nobody else of this process writes."""
        if not self._writing.acquire(timeout=self._lock_wait_s):
            raise LedgerLockedError(f"{self.path} is locked: others are writing to it.")

    def close(self) -> None:
        """Let go of the record."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def __del__(self) -> None:
        if hasattr(self, "_idle"):
            self.close()
