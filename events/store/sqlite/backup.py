"""Copy a log's file while others write to it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from events.store.atomic_files import PRIVATE, new_file
from events.store.errors import CannotWriteError, StoreError
from events.store.sqlite.connection import open_for_reading, sqlite_errors

# Of which of the two files these are SQLite does not say.
_OF_EITHER = sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB

PAGES_A_STEP = 4_096  # 16 MiB: often enough to be interrupted and to show progress

Progress = Callable[[int, int], None]
CheckCopy = Callable[[Path], object]


def back_up(
    record: Path, copy: Path, progress: Progress | None = None, check: CheckCopy | None = None
) -> int:
    """Copy the log, as of one moment, to a new file of mode 0600; return the last position.

    `progress` is called with the pages copied and all pages. The copy is read through before it
    counts, by `check` too, which raises for what is not to be kept; only then has it its name.
    After a failure no file is left behind, and what a killed run left is swept by the next. Raises
    CannotWriteError where there is one already, and what a reader raises.
    """
    with (
        closing(open_for_reading(record)) as source,
        _writing(copy),
        new_file(copy, PRIVATE) as work,
    ):
        with sqlite_errors(work, "write", copy):
            try:
                _copy(source, work, progress)
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_EITHER:
                    raise StoreError(f"Cannot copy {record} to {copy}: {error}.") from error
                raise
            position = _verify(work, _last_position(source), copy)
        if check is not None:
            check(work)
    return position


@contextmanager
def _writing(copy: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise CannotWriteError(f"{copy} exists already, and is left as it is.") from None
    except OSError as error:
        raise CannotWriteError(f"Cannot write {copy}: {error.strerror}.") from error


def _copy(source: sqlite3.Connection, copy: Path, progress: Progress | None) -> None:
    # The transaction holds one state of the log: without it a copy in steps starts again
    # whenever another writer has written, and among busy writers never ends.
    source.execute("BEGIN")
    _last_position(source)
    with closing(sqlite3.connect(copy)) as target:
        target.execute("PRAGMA synchronous = FULL")

        def step(_: int, remaining: int, total: int) -> None:
            if progress is not None:
                progress(total - remaining, total)

        source.backup(target, pages=PAGES_A_STEP, progress=step)


def _verify(work: Path, expected: int, copy: Path) -> int:
    uri = f"{work.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise StoreError(f"{copy} did not come out as a whole database: {found}.")
        position = _last_position(connection)
    if position != expected:
        raise StoreError(f"{copy} ends at @{position}, and the log at @{expected}.")
    return position


def _last_position(connection: sqlite3.Connection) -> int:
    (last,) = connection.execute("SELECT max(position) FROM stored_events").fetchone()
    return last or 0
