"""Complete new events to rows of the record: a position and a time for each.

Both are known only while the write lock is held. Positions are dense, and all events of one
transaction share their time.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from events.envelope import MAX_EVENT_BYTES, EventTooLargeError, frame, with_time
from events.store.clock import recording_time
from events.store.rows import Row

if TYPE_CHECKING:
    from eventsourcing.persistence import StoredEvent

Complete = Callable[[Row | None, datetime], list[Row]]
"""How events become rows that follow the last one, now."""


class NewRow(NamedTuple):
    """An event to be recorded: `written` is its body in canonical form."""

    thing: str
    version: int
    topic: str
    written: bytes


def complete_stored(events: Sequence["StoredEvent"]) -> Complete:
    """Return how the library's stored events, which lack their time, are completed.

    What it returns raises ClockBehindError and EventTooLargeError.
    """

    def complete(last: Row | None, now: datetime) -> list[Row]:
        time, first = _after(last, now)
        return [
            Row(
                first + n,
                str(event.originator_id),
                event.originator_version,
                event.topic,
                with_time(event.state, event.topic, time),
            )
            for n, event in enumerate(events)
        ]

    return complete


def complete_new(rows: Sequence[NewRow], ledger_id: str) -> Complete:
    """Return how new rows of a ledger are completed, each put into its envelope in one go.

    What it returns raises ClockBehindError and EventTooLargeError.
    """

    def complete(last: Row | None, now: datetime) -> list[Row]:
        time, first = _after(last, now)
        around: dict[tuple[str, str], tuple[bytes, bytes]] = {}
        completed = []
        for position, (thing, version, topic, written) in enumerate(rows, first):
            found = around.get((thing, topic))
            if found is None:
                found = around[thing, topic] = _around(thing, topic, ledger_id, time)
            state = b'{"data":%b%b%d%b' % (written, found[0], version, found[1])
            if len(state) > MAX_EVENT_BYTES:
                raise EventTooLargeError(f"{thing}/{version} would have {len(state):,} bytes.")
            completed.append(_new(Row, (position, thing, version, topic, state)))
        return completed

    return complete


def _after(last: Row | None, now: datetime) -> tuple[str, int]:
    time = recording_time(now, last.time if last else None)
    return time, last.position + 1 if last else 1


def _around(thing: str, topic: str, ledger_id: str, time: str) -> tuple[bytes, bytes]:
    """Return what stands between body and version, and behind the version, of a timed event."""
    before, behind = frame(thing, topic, ledger_id)
    return before, with_time(behind, topic, time)


# A tuple with names, without the call that takes the names: one is made for each event written.
_new: Callable[[type[Row], Iterable[Any]], Row] = tuple.__new__
