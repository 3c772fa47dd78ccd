"""Map events to what the library stores, and back."""

from collections.abc import Callable
from typing import cast

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, Notification, StoredEvent

from events import serialization
from events.body import Body, Event
from events.envelope import envelope
from events.store.rows import Row

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
