"""The recorder's part that is the same in SQLite and in PostgreSQL.

Appending, as the library does and many events in one go; and reading events back, each a
notification, for each has its position.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, cast
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, Notification, StoredEvent

from events import serialization
from events.body import Body, Event
from events.envelope import envelope
from events.identifiers import SELF
from events.store.clock import ACCEPTED
from events.store.errors import RecordDamagedError
from events.store.rows import Complete, NewRow, Row, checked_row, complete_new, complete_stored
from events.store.sqlite.reader import SELECT


class LedgerRecorder(ABC):
    """The part of a recorder that is written in SQL which both databases understand.

    `mark` stands in SQL where a value comes; a store appends rows and fetches those of a statement.
    """

    mark = "?"

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        """Append the library's stored events, all or none; return their positions.

        Raises VersionConflictError, LogAheadError, EventTooLargeError.
        """
        return list(self._append(complete_stored(stored_events))) if stored_events else []

    def insert_rows(
        self,
        rows: Sequence[NewRow],
        ledger_id: str,
        *,
        recorders: Sequence[str | None] = (),
        accepting: bool = False,
    ) -> Sequence[int]:
        """Append new events of a ledger as `insert_events` does, with less work for each.

        `recorders` says of each who recorded it; `accepting` that they accept a log that lies ahead
        of the clock.
        """
        complete = complete_new(rows, ledger_id, recorders)
        return self._append(complete, accepting=accepting) if rows else []

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[Notification]:
        """Return the events of a thing by version; unlike the library's, each has its position."""
        conditions: dict[str, Any] = {
            f"originator_id = {self.mark}": str(originator_id),
            f"originator_version > {self.mark}": gt,
            f"originator_version <= {self.mark}": lte,
        }
        order = "originator_version DESC" if desc else "originator_version"
        return self._select(conditions, order, limit)

    def rows_of(self, thing: str) -> list[Row]:
        """Return the events of a thing, as they are stored.

        Raises RecordDamagedError where one is missing: versions are dense.
        """
        sql = f"{SELECT} WHERE originator_id = {self.mark} ORDER BY originator_version"
        rows = list(map(checked_row, self._fetched(sql, [thing])))
        if rows and rows[-1].version != len(rows):
            raise RecordDamagedError(f"Of the events of {thing} one is missing.")
        return rows

    def existing(self, things: Sequence[str]) -> set[str]:
        """Return those of the things of which there is an event."""
        if not things:
            return set()
        sql = (
            "SELECT originator_id FROM stored_events WHERE originator_version = 1"  # noqa: S608
            f" AND originator_id IN ({', '.join([self.mark] * len(things))})"
        )
        return {thing for (thing,) in self._fetched(sql, list(things))}

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return at most `limit` events by position, from `start` up to and with `stop`."""
        conditions: dict[str, Any] = {
            f"position {'>=' if inclusive_of_start else '>'} {self.mark}": start,
            f"position <= {self.mark}": stop,
            f"topic IN ({', '.join([self.mark] * len(topics))})": tuple(topics) or None,
        }
        return self._select(conditions, "position", limit)

    def _select(
        self, conditions: dict[str, Any], order: str, limit: int | None
    ) -> list[Notification]:
        asked = {sql: value for sql, value in conditions.items() if value is not None}
        values: list[Any] = []
        for value in asked.values():
            values.extend(value if isinstance(value, tuple) else (value,))
        where = f" WHERE {' AND '.join(asked)}" if asked else ""
        most = "" if limit is None else f" LIMIT {self.mark}"
        sql = f"{SELECT}{where} ORDER BY {order}{most}"
        found = self._fetched(sql, values if limit is None else [*values, limit])
        return [notification(checked_row(row)) for row in found]

    @abstractmethod
    def _append(self, complete: Complete, *, accepting: bool = False) -> Sequence[int]:
        """Append what is completed under the write lock, all or none; return the positions."""

    @abstractmethod
    def _fetched(self, sql: str, values: list[Any]) -> list[Any]:
        """Return the rows of a statement."""


def notification(row: Row) -> Notification:
    """Return a row of the record as the library hands events on."""
    return Notification(
        originator_id=row.thing,
        originator_version=row.version,
        topic=row.topic,
        state=row.state,
        id=row.position,
    )


def last_accepted(mark: str) -> tuple[str, tuple[str, str]]:
    """Return the statement that finds what accepted a log last, and its values."""
    where = f"WHERE originator_id = {mark} AND topic = {mark}"
    return f"{SELECT} {where} ORDER BY originator_version DESC LIMIT 1", (SELF, ACCEPTED)


Encode = Callable[[Body], bytes]
BodyOf = Callable[[serialization.StoredEvent], Body]


class LedgerMapper(Mapper[str]):
    """Maps events to envelopes without a time, and stored envelopes to events.

    `encode` returns a body's canonical bytes. `body_of` returns the body of an event read back; it
    raises what it likes for a type that it does not know. `recordedby` says who records.
    """

    def __init__(
        self, ledger_id: str, encode: Encode, body_of: BodyOf, recordedby: str | None = None
    ) -> None:
        super().__init__(JSONTranscoder())  # never used: bodies bring their own bytes
        self.ledger_id, self.recordedby = ledger_id, recordedby
        self._encode = encode
        self._body_of = body_of

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """Return the event to store; raise EventTooLargeError if it exceeds 65,535 bytes."""
        event = cast("Event", domain_event)
        data = self._encode(event.body)
        return StoredEvent(
            originator_id=event.thing,
            originator_version=event.version,
            topic=event.topic,
            state=envelope(
                event.thing,
                event.version,
                event.topic,
                self.ledger_id,
                data,
                recordedby=self.recordedby,
            ),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """Return the event as recorded; raise RecordDamagedError if its bytes are not its own."""
        position = stored_event.id if isinstance(stored_event, Notification) else None
        thing, version = str(stored_event.originator_id), stored_event.originator_version
        row = Row(position or 0, thing, version, stored_event.topic, stored_event.state)
        found = serialization.read_event(row, self.ledger_id)
        return Event(thing, version, found.topic, self._body_of(found), position, found.time)
