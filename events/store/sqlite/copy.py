"""Name the tables of a copy, and copy an event log from and to SQLite."""

import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from events.store.sqlite.connection import (
    create_file,
    open_for_reading,
    open_for_writing,
    sqlite_errors,
)
from events.store.sqlite.schema import COLUMNS, TREE_SCHEMA

EVENTS = "stored_events"


TABLES: dict[str, tuple[str, ...]] = {
    EVENTS: COLUMNS,
    "tree_nodes": ("level", "idx", "hashes"),
    "checkpoints": ("size", "note"),
    "cosignatures": ("size", "vkey", "line"),
}
_KEYS = {EVENTS: 1, "tree_nodes": 2, "checkpoints": 1, "cosignatures": 2}


def select_all(table: str) -> str:
    """Return the statement that reads the rows of a table by its key."""
    columns = TABLES[table]
    key = ", ".join(columns[: _KEYS[table]])
    return f"SELECT {', '.join(columns)} FROM {table} ORDER BY {key}"  # noqa: S608 - ours


class CopyEnd(Protocol):
    """A store that a log is copied from or to."""

    def reading(self) -> AbstractContextManager["CopyEnd"]:
        """Read one state of the log."""
        ...

    def writing(self) -> AbstractContextManager["CopyEnd"]:
        """Write everything or nothing, and create the log if there is none."""
        ...

    def last_position(self) -> int:
        """Return how many events there are."""
        ...

    def is_empty(self, table: str) -> bool:
        """Say whether a table has no row, or is not there yet."""
        ...

    def rows(self, table: str) -> Generator[tuple[Any, ...]]:
        """Yield the rows of a table by its key; none of one that is not there yet."""
        ...

    def fill(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows to a table that has none."""
        ...


class SQLiteCopyEnd:
    """A file that a log is copied from or to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection

    @contextmanager
    def reading(self) -> Iterator[CopyEnd]:
        """Read one state of the log."""
        with closing(open_for_reading(self._path)) as self._connection:
            self._connection.execute("BEGIN")
            yield self

    @contextmanager
    def writing(self) -> Iterator[CopyEnd]:
        """Write everything or nothing; after nothing, a new file is removed."""
        made = not self._path.exists()
        try:
            if made:
                create_file(self._path)
            with closing(open_for_writing(self._path)) as self._connection:
                with sqlite_errors(self._path, "write"):
                    self._connection.execute("BEGIN IMMEDIATE")
                yield self
                with sqlite_errors(self._path, "write"):
                    self._connection.execute("COMMIT")
        except BaseException:
            for tail in ("", "-wal", "-shm", "-journal") if made else ():
                self._path.with_name(self._path.name + tail).unlink(missing_ok=True)
            raise

    def last_position(self) -> int:
        """Return how many events there are."""
        with sqlite_errors(self._path, "read"):
            (last,) = self._connection.execute("SELECT max(position) FROM stored_events").fetchone()
        return last or 0

    def is_empty(self, table: str) -> bool:
        """Say whether a table has no row; a tree that was never made has none."""
        return next(self.rows(table), None) is None

    def rows(self, table: str) -> Generator[tuple[Any, ...]]:
        """Yield the rows of a table by its key."""
        if self._has(table):
            with sqlite_errors(self._path, "read"):
                yield from self._connection.execute(select_all(table))

    def fill(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows to a table that has none."""
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return
        marks = ", ".join("?" * len(TABLES[table]))
        with sqlite_errors(self._path, "write"):
            if not self._has(table):
                for statement in TREE_SCHEMA:
                    self._connection.execute(statement)
            sql = f"INSERT INTO {table} ({', '.join(TABLES[table])}) VALUES ({marks})"  # noqa: S608
            self._connection.executemany(sql, chain([first], rows))

    def _has(self, table: str) -> bool:
        sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
        with sqlite_errors(self._path, "read"):
            return self._connection.execute(sql, (table,)).fetchone() is not None
