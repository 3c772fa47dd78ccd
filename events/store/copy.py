"""Copy an event log from one store to another, byte for byte.

All of it is copied, or nothing: every event with its position, every row of the tree, every
checkpoint and cosignature. What was written is read back and compared with what was read before it
counts.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Self

from events.store.atomic_files import remove_database
from events.store.errors import LedgerExistsError, RecordDamagedError, StoreError
from events.store.factory import require_driver
from events.store.location import Location
from events.store.rows import checked_row
from events.store.sqlite.connection import OpenLog, create_file, open_for_reading, open_for_writing
from events.store.sqlite.schema import TABLES, TREE_SCHEMA

ROWS_AT_ONCE = 10_000  # events between two progress reports
EVENTS = "stored_events"
_KEYS = {EVENTS: 1, "tree_nodes": 2, "checkpoints": 1, "cosignatures": 2}

Progress = Callable[[int, int], None]
# Takes the rows of the events and the last position, and gives the rows to be written.
Change = Callable[[Iterator[tuple[Any, ...]], int], Iterator[tuple[Any, ...]]]


class CopyResult(NamedTuple):
    """How many events were copied, and SHA-256 over all rows of both logs, in hexadecimal."""

    position: int
    sha256: str


def copy_record(
    source: Location,
    target: Location,
    progress: Progress | None = None,
    change: Change | None = None,
) -> CopyResult:
    """Copy a whole log to where there is none, or an empty one; return the result.

    `progress` is called with the events copied and all events. With a `change` the events are
    written as it gives them, and the tree, which is over other bytes, is left out. Raises
    LedgerExistsError where the target holds an event, RecordDamagedError where the source is not
    as it was written, and what opening raises; then the target is unchanged.
    """
    if source == target:
        raise StoreError(f"{source} is not copied to itself.")
    with ExitStack() as stack:
        from_ = stack.enter_context(_copy_end(source).reading())
        last = from_.last_position()
        to = stack.enter_context(_copy_end(target).writing())
        if not all(map(to.is_empty, TABLES)):
            raise LedgerExistsError(f"{target} holds a ledger already, and is left as it is.")
        read, written = hashlib.sha256(), hashlib.sha256()
        tables = TABLES if change is None else (EVENTS,)
        for table in tables:
            with closing(from_.rows(table)) as rows:
                checked = _report_progress(_check_rows(rows, source), last, progress)
                events = checked if change is None else change(checked, last)
                to.fill(table, _hash_rows(table, events if table == EVENTS else rows, read))
        for table in tables:
            for _ in _hash_rows(table, to.rows(table), written):
                pass
        if read.digest() != written.digest():
            raise StoreError(f"What was written to {target} is not what {source} holds.")
    return CopyResult(last, written.hexdigest())


def _copy_end(where: Location) -> "CopyEnd":
    if isinstance(where, Path):
        return CopyEnd(where)
    with require_driver():
        from events.store.postgres.copy import PostgresCopyEnd
    return PostgresCopyEnd(where)


def _check_rows(rows: Iterable[tuple[Any, ...]], where: Location) -> Iterator[tuple[Any, ...]]:
    for position, row in enumerate(rows, 1):
        if checked_row(row).position != position:
            raise RecordDamagedError(f"{where} is damaged: there is no @{position}.")
        yield row


def _report_progress(
    rows: Iterable[tuple[Any, ...]], last: int, progress: Progress | None
) -> Iterator[tuple[Any, ...]]:
    for n, row in enumerate(rows, 1):
        yield row
        if progress is not None and (n % ROWS_AT_ONCE == 0 or n == last):
            progress(n, last)


def _hash_rows(table: str, rows: Iterable[tuple[Any, ...]], into: Any) -> Iterator[tuple[Any, ...]]:
    into.update(table.encode())
    for row in rows:
        into.update(repr(tuple(row)).encode())
        yield row


def select_all(table: str) -> str:
    """Return the statement that reads the rows of a table by its key."""
    columns = TABLES[table]
    key = ", ".join(columns[: _KEYS[table]])
    return f"SELECT {', '.join(columns)} FROM {table} ORDER BY {key}"  # noqa: S608 - ours


class CopyEnd(OpenLog):
    """A store that a log is copied from or to: a file."""

    where: Any

    def __init__(self, where: Any) -> None:
        self.where = where

    @contextmanager
    def reading(self) -> Iterator[Self]:
        """Read one state of the log."""
        with closing(open_for_reading(self.where)) as self._connection:
            self._connection.execute("BEGIN")
            yield self

    @contextmanager
    def writing(self) -> Iterator[Self]:
        """Write everything or nothing; after nothing, a log that was made is removed."""
        made = not self.where.exists()
        try:
            if made:
                create_file(self.where)
            with closing(open_for_writing(self.where)) as self._connection:
                with self._errors("write"):
                    self._connection.execute("BEGIN IMMEDIATE")
                yield self
                with self._errors("write"):
                    self._connection.execute("COMMIT")
        except BaseException:
            if made:
                remove_database(self.where)
            raise

    def is_empty(self, table: str) -> bool:
        """Say whether a table has no row; a tree that was never made has none."""
        with self._errors("read"):
            sql = f"SELECT 1 FROM {table} LIMIT 1"  # noqa: S608 - ours
            return not self._has(table) or self._connection.execute(sql).fetchone() is None

    def rows(self, table: str) -> Generator[tuple[Any, ...]]:
        """Yield the rows of a table by its key; none of one that is not there yet."""
        with self._errors("read"):
            if self._has(table):
                yield from self._connection.execute(select_all(table))

    def fill(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows to a table that has none."""
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return
        marks = ", ".join("?" * len(TABLES[table]))
        with self._errors("write"):
            if not self._has(table):
                for statement in TREE_SCHEMA:
                    self._connection.execute(statement)
            sql = f"INSERT INTO {table} ({', '.join(TABLES[table])}) VALUES ({marks})"  # noqa: S608
            self._connection.executemany(sql, chain([first], rows))

    def _has(self, table: str) -> bool:
        sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
        return self._connection.execute(sql, (table,)).fetchone() is not None
