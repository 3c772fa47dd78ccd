"""Read the events of a log in SQLite.

It uses sqlite3 alone; what differs in PostgreSQL is in `events.store.postgres.reader`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from events.store.clock import normalize_instant
from events.store.errors import RecordDamagedError
from events.store.rows import Row, checked_row
from events.store.sqlite.connection import OpenLog, open_for_reading
from events.store.sqlite.schema import COLUMNS

POLL_S = 0.1
Wait = Callable[[float], None]  # until events may have been appended, or after so many seconds

SELECT = f"SELECT {', '.join(COLUMNS)} FROM stored_events"  # noqa: S608 - names of our own


class RecordReader(OpenLog):
    """Reads the event log of a ledger; it cannot write, and does not block a writer.

    Raises NotALedgerError, NewerFormatError and CannotReadError when it is made, and
    RecordDamagedError where it meets what no writer of this program has written.
    """

    def __init__(self, path: Path) -> None:
        self.where = path
        self._connection = open_for_reading(path)

    @property
    def path(self) -> Path:
        """Return the file of a log that is in a file."""
        assert isinstance(self.where, Path)
        return self.where

    def first(self) -> Row | None:
        """Return the event at position 1, or None before there is any."""
        return self.event(1)

    def event(self, position: int) -> Row | None:
        """Return the event at a position, or None where there is none."""
        found = next(self._stream(f"{SELECT} WHERE position = ?", position), None)
        return checked_row(found) if found else None

    def rows(
        self, after: int = 0, until: int | None = None, thing: str | None = None
    ) -> Iterator[Row]:
        """Yield the events after one position and up to another, in order, one at a time.

        All come from one state of the log: what is appended meanwhile is not among them.
        Raises RecordDamagedError where a position is missing: positions are dense.
        """
        values: list[int | str] = [after]
        sql = f"{SELECT} WHERE position > ?"
        if until is not None:
            sql, values = f"{sql} AND position <= ?", [*values, until]
        if thing is not None:
            sql, values = f"{sql} AND originator_id = ?", [*values, thing]
        found = map(checked_row, self._stream(f"{sql} ORDER BY position", *values))
        return found if thing is not None else self._dense(after, found)

    def by_thing(self, until: int) -> Iterator[Row]:
        """Yield the events up to a position of the things from `first` on and before another.

        They come thing by thing, in the order of their names, each thing's events in their order.
        """
        order = "ORDER BY originator_id, originator_version"
        return map(checked_row, self._stream(f"{SELECT} WHERE position <= ? {order}", until))

    def things_of_types(
        self, topics: Sequence[str], bounds: tuple[str, str], until: int
    ) -> frozenset[str]:
        """Return the things within bounds with an event of one of some topics up to a position.

        The bounds, the first thing and the one after the last, spare it to read every row.
        """
        marks = ", ".join("?" * len(topics))
        sql = f"""SELECT DISTINCT originator_id FROM stored_events WHERE topic IN ({marks})
            AND originator_id >= ? AND originator_id < ? AND position <= ?"""  # noqa: S608
        return frozenset(thing for (thing,) in self._stream(sql, *topics, *bounds, until))

    def position_at(self, instant: str) -> int:
        """Return the last position recorded at or before a UTC instant; 0 if there is none.

        Recorded times never go backwards, so the position is found by bisection.
        """
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
        ((version,),) = self._stream("PRAGMA data_version")
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

    def _dense(self, after: int, rows: Iterator[Row]) -> Iterator[Row]:
        for expected, row in enumerate(rows, after + 1):
            if row[0] != expected:  # its position: by name it is looked up for each event
                raise RecordDamagedError(f"{self.where} is damaged: there is no @{expected}.")
            yield row
