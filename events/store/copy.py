"""Copy an event log from one store to another, byte for byte.

All of it is copied, or nothing: every event with its position, every row of the tree, every
checkpoint and cosignature. What was written is read back and compared with what was read before it
counts.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

from events.store.errors import LedgerExistsError, RecordDamagedError, StoreError
from events.store.factory import require_driver
from events.store.location import Location
from events.store.rows import checked_row
from events.store.sqlite.copy import EVENTS, TABLES, CopyEnd, SQLiteCopyEnd

ROWS_AT_ONCE = 10_000  # events between two progress reports

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


def _copy_end(where: Location) -> CopyEnd:
    if isinstance(where, Path):
        return SQLiteCopyEnd(where)
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
