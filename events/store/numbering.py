"""What makes an event a row of the record?

Its position, and its time, which are told it while the write lock is held.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import count
from operator import attrgetter
from typing import Any, Protocol

from events.envelope import with_times
from events.store.clock import recording_time
from events.store.rows import Row


class Uncompleted(Protocol):
    """An event without position and time (what the library calls a stored event)."""

    @property
    def originator_id(self) -> Any: ...  # noqa: D102
    @property
    def originator_version(self) -> int: ...  # noqa: D102
    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> bytes: ...  # noqa: D102


_columns = attrgetter("originator_id", "originator_version", "topic", "state")
# A tuple with names, without the call that takes the names: one is made for each event written.
_new: Callable[[type[Row], Iterable[Any]], Row] = tuple.__new__


def complete(events: Sequence[Uncompleted], last: Row | None, now: datetime) -> list[Row]:
    """Return the rows that follow `last`; to be called while holding the write lock.

    Positions are dense, and all events of one transaction share their time. Raises
    ClockBehindError and EventTooLargeError.
    """
    time = recording_time(now, last.time if last else None)
    first = last.position + 1 if last else 1
    things, versions, topics, states = zip(*map(_columns, events), strict=True)
    timed = with_times(zip(topics, states, strict=True), time)
    columns = zip(count(first), things, versions, topics, timed, strict=False)
    return [_new(Row, row) for row in columns]
