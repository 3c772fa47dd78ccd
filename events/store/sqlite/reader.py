"""Read the events of a log in SQLite.

It uses sqlite3 alone; what differs in PostgreSQL is in `events.store.postgres.reader`.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from events.store.errors import RecordDamagedError
from events.store.rows import Row, checked_row
from events.store.sqlite.connection import open_for_reading, sqlite_errors
from events.store.sqlite.schema import COLUMNS

if TYPE_CHECKING:
    from events.store.location import Location

POLL_S = 0.1
Wait = Callable[[float], None]  # until events may have been appended, or after so many seconds

SELECT = f"SELECT {', '.join(COLUMNS)} FROM stored_events"  # noqa: S608 - names of our own


class RecordReader:
    """Reads the event log of a ledger; it cannot write, and does not block a writer.

    Raises NotALedgerError, NewerFormatError and CannotReadError when it is made, and
    RecordDamagedError where it meets what no writer of this program has written.
    """

    where: "Location"

    def __init__(self, path: Path) -> None:
        self.where = path
        self._connection = open_for_reading(path)

    def __enter__(self) -> "RecordReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Return the file of a log that is in a file."""
        assert isinstance(self.where, Path)
        return self.where

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def last_position(self) -> int:
        """Return how many events there are, which is the last one's position; 0 for none."""
        (last,) = self._one("SELECT max(position) FROM stored_events") or (None,)
        return last or 0

    def first(self) -> Row | None:
        """Return the event at position 1, or None before there is any."""
        return self.event(1)

    def event(self, position: int) -> Row | None:
        """Return the event at a position, or None where there is none."""
        found = self._one(f"{SELECT} WHERE position = ?", position)
        return checked_row(found) if found else None

    def rows(
        self, after: int = 0, until: int | None = None, thing: str | None = None
    ) -> Iterator[Row]:
        """Yield the events after one position and up to another, in order, one at a time.

        All come from one state of the log: what is appended meanwhile is not among them.
        Raises RecordDamagedError where a position is missing: positions are dense.
        """
        sql, values = f"{SELECT} WHERE position > ?", [after]
        if until is not None:
            sql, values = f"{sql} AND position <= ?", [*values, until]
        if thing is None:
            return self._dense(after, self._stream(f"{sql} ORDER BY position", *values))
        return self._stream(f"{sql} AND originator_id = ? ORDER BY position", *values, thing)

    def by_thing(self, until: int) -> Iterator[Row]:
        """Yield the events up to a position of the things from `first` on and before another.

        They come thing by thing, in the order of their names, each thing's events in their order.
        """
        order = "ORDER BY originator_id, originator_version"
        return self._stream(f"{SELECT} WHERE position <= ? {order}", until)

    def things_of_types(
        self, topics: Sequence[str], bounds: tuple[str, str], until: int
    ) -> frozenset[str]:
        """Return the things within bounds with an event of one of some topics up to a position.

        The bounds, the first thing and the one after the last, spare it to read every row.
        """
        marks = ", ".join("?" * len(topics))
        sql = f"""SELECT DISTINCT originator_id FROM stored_events WHERE topic IN ({marks})
            AND originator_id >= ? AND originator_id < ? AND position <= ?"""  # noqa: S608
        return frozenset(row[0] for row in self._every(sql, *topics, *bounds, until))

    def position_at(self, instant: str) -> int:
        """Return the last position recorded at or before a UTC instant; 0 if there is none.

        Recorded times never go backwards, so the position is found by bisection.
        """
        from events.store.clock import normalize_instant

        wanted = normalize_instant(instant)
        low, high = 0, self.last_position()
        while low < high:
            middle = (low + high + 1) // 2
            if self._present(middle).time <= wanted:
                low = middle
            else:
                high = middle - 1
        return low

    def data_version(self) -> int:
        """Return a number that changes when another process has written; it is cheap."""
        (version,) = self._one("PRAGMA data_version") or (0,)
        return int(version)

    @contextmanager
    def watching(self) -> Iterator[Wait]:
        """Give what waits for events appended from now on; read the last position inside.

        A follower of a file looks often, which costs next to nothing.
        """
        seen = self.data_version()

        def wait(at_most_s: float) -> None:
            nonlocal seen
            until = time.monotonic() + at_most_s
            while (found := self.data_version()) == seen and time.monotonic() < until:
                time.sleep(min(POLL_S, at_most_s))
            seen = found

        yield wait

    def _present(self, position: int) -> Row:
        found = self.event(position)
        if found is None:
            raise RecordDamagedError(f"{self.where} is damaged: there is no @{position}.")
        return found

    def _one(self, sql: str, *values: int | str) -> tuple[Any, ...] | None:
        with sqlite_errors(self.path, "read"):
            found: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return found

    def _every(self, sql: str, *values: int | str) -> list[tuple[Any, ...]]:
        with sqlite_errors(self.path, "read"):
            return self._connection.execute(sql, values).fetchall()

    def _dense(self, after: int, rows: Iterator[Row]) -> Iterator[Row]:
        for expected, row in enumerate(rows, after + 1):
            if row[0] != expected:  # its position: by name it is looked up for each event
                raise RecordDamagedError(f"{self.where} is damaged: there is no @{expected}.")
            yield row

    def _stream(self, sql: str, *values: int | str) -> Iterator[Row]:
        with sqlite_errors(self.path, "read"):
            cursor: sqlite3.Cursor = self._connection.execute(sql, values)
            yield from map(checked_row, cursor)
