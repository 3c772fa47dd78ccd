"""How does a record come from one place to another, byte for byte?

All of it, or nothing: every event with its position, every row of the tree, every checkpoint and
cosignature. What was written is read back and held against what was read before it counts.
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

_AT_ONCE = 10_000  # events between two signs of life

Progress = Callable[[int, int], None]


class CopyResult(NamedTuple):
    """How many events came over, and SHA-256 over all rows of both records, in hexadecimal."""

    position: int
    sha256: str


def copy_record(source: Location, target: Location, progress: Progress | None = None) -> CopyResult:
    """Copy a whole record to where there is none, or an empty one; return what came over.

    `progress` is told the events copied and all events. Raises LedgerExistsError where the target
    holds an event, RecordDamagedError where the source is not as it was written, and what opening
    raises; then the target is as it was.
    """
    if source == target:
        raise StoreError(f"{source} is not copied to itself.")
    with ExitStack() as stack:
        from_ = stack.enter_context(_end(source).reading())
        last = from_.last_position()
        to = stack.enter_context(_end(target).writing())
        if not all(map(to.is_empty, TABLES)):
            raise LedgerExistsError(f"{target} holds a ledger already, and is left as it is.")
        read, written = hashlib.sha256(), hashlib.sha256()
        for table in TABLES:
            with closing(from_.rows(table)) as rows:
                checked = _watched(_sound(rows, source), last, progress)
                to.fill(table, _digested(table, checked if table == EVENTS else rows, read))
        for table in TABLES:
            for _ in _digested(table, to.rows(table), written):
                pass
        if read.digest() != written.digest():
            raise StoreError(f"What was written to {target} is not what {source} holds.")
    return CopyResult(last, written.hexdigest())


def _end(where: Location) -> CopyEnd:
    if isinstance(where, Path):
        return SQLiteCopyEnd(where)
    with require_driver():
        from events.store.postgres.copy import PostgresCopyEnd
    return PostgresCopyEnd(where)


def _sound(rows: Iterable[tuple[Any, ...]], where: Location) -> Iterator[tuple[Any, ...]]:
    for position, row in enumerate(rows, 1):
        if checked_row(row).position != position:
            raise RecordDamagedError(f"{where} is damaged: there is no @{position}.")
        yield row


def _watched(
    rows: Iterable[tuple[Any, ...]], last: int, progress: Progress | None
) -> Iterator[tuple[Any, ...]]:
    for n, row in enumerate(rows, 1):
        yield row
        if progress is not None and (n % _AT_ONCE == 0 or n == last):
            progress(n, last)


def _digested(table: str, rows: Iterable[tuple[Any, ...]], into: Any) -> Iterator[tuple[Any, ...]]:
    into.update(table.encode())
    for row in rows:
        into.update(repr(tuple(row)).encode())
        yield row
