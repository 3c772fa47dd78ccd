"""A row of the record: one event as it is stored, and new events completed to rows."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from events.envelope import (
    MAX_EVENT_BYTES,
    EnvelopeError,
    EventTooLargeError,
    ending,
    time_of,
    with_time,
)
from events.store.clock import follows_accepted, format_instant, next_step, recording_time
from events.store.errors import RecordDamagedError

if TYPE_CHECKING:
    from eventsourcing.persistence import StoredEvent


class Row(NamedTuple):
    """One event as it is stored; `state` is its bytes: stored, hashed and exported as they are."""

    position: int
    thing: str
    version: int
    topic: str
    state: bytes

    @property
    def id(self) -> str:
        """The event's name for good: `agreement/pk-sv-bitcoin-2025/3`."""
        return f"{self.thing}/{self.version}"

    @property
    def type(self) -> str:
        """The topic without its version: `agreement.signed` of `agreement.signed.v1`."""
        return self.topic.rpartition(".")[0]

    @property
    def text(self) -> str:
        """The stored bytes as text; raises RecordDamagedError if they are none."""
        try:
            return self.state.decode()
        except UnicodeDecodeError as error:
            raise RecordDamagedError(f"@{self.position} is damaged: {error}") from None

    @property
    def time(self) -> str:
        """When it was recorded; raises RecordDamagedError if the bytes do not say."""
        try:
            return time_of(self.state, self.topic)
        except EnvelopeError as error:
            raise RecordDamagedError(f"@{self.position} is damaged: {error}") from None


# A row of a tuple that is there already: naming its members one by one takes twice as long.
_row_of: Callable[[Sequence[Any]], Row] = partial(tuple.__new__, Row)


def checked_row(values: Sequence[Any]) -> Row:
    """Return the row, or raise RecordDamagedError where a value changed its kind or is too long.

    STRICT tables refuse it on writing, but one flipped bit in the file turns bytes into text, and
    the database's own check finds nothing wrong with that.
    """
    position, thing, version, topic, state = values
    if (
        type(state) is bytes
        and len(state) <= MAX_EVENT_BYTES
        and type(thing) is type(topic) is str
        and type(position) is type(version) is int
    ):
        return _row_of(values)
    if type(state) is bytes and len(state) > MAX_EVENT_BYTES:
        raise RecordDamagedError(
            f"@{position} is damaged: it has {len(state):,} bytes, and an event has at most"
            f" {MAX_EVENT_BYTES:,}."
        )
    raise RecordDamagedError(f"@{position} is damaged: a value is not of its column's kind.")


Complete = Callable[[Row | None, datetime], list[Row]]
"""How events become rows that follow the last one, now."""

NewRow = tuple[str, int, str, bytes]
"""An event to be recorded: thing, version, topic, and its body in canonical form."""


def complete_stored(events: Sequence["StoredEvent"]) -> Complete:
    """Return how stored events get their time; it raises LogAheadError, EventTooLargeError."""

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


def complete_new(
    rows: Sequence[NewRow], ledger_id: str, recorders: Sequence[str | None] = ()
) -> Complete:
    """Return how new rows of a ledger are completed, each put into its envelope in one go.

    `recorders` says of each row who recorded it; absent: of none is it said.
    What it returns raises LogAheadError and EventTooLargeError.
    """

    def complete(last: Row | None, now: datetime) -> list[Row]:
        time, first = _after(last, now)
        completed = []
        for position, (thing, version, topic, written) in enumerate(rows, first):
            by = recorders[position - first] if recorders else None
            end = ending(thing, version, topic, ledger_id, time, recordedby=by)
            state = b'{"data":%b%b' % (written, end)
            if len(state) > MAX_EVENT_BYTES:
                raise EventTooLargeError(f"{thing}/{version} would have {len(state):,} bytes.")
            completed.append(_row_of((position, thing, version, topic, state)))
        return completed

    return complete


def recording_moment(
    last: Row | None, now: datetime, accepted: Callable[[], Row | None], *, accepting: bool = False
) -> datetime:
    """Return now, or the smallest step after the last event of an accepted log that lies ahead.

    `accepted` returns what accepted the log last; `accepting` says that this very append does.
    """
    if last is None or format_instant(now) >= last.time:
        return now
    found = None if accepting else accepted()
    if accepting or (
        found and follows_accepted((last.position, last.time), (found.position, found.time))
    ):
        return next_step(last.time)
    return now


def _after(last: Row | None, now: datetime) -> tuple[str, int]:
    if last is None:
        return recording_time(now, None), 1
    at = f"@{last.position} {last.thing}/{last.version}"
    name = f"the log is ahead of the clock: its last event, {at},"
    return recording_time(now, last.time, name), last.position + 1
