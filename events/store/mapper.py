"""Map events to what the library stores, and back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, Notification, StoredEvent

from events.envelope import envelope
from events.envelope_slices import Frames
from events.event import Event
from events.store.row_reader import RowReader
from events.store.rows import Row

if TYPE_CHECKING:
    from events.body import Body

Encode = Callable[["Body"], bytes]
Decode = Callable[[str, dict[str, Any]], "Body"]


class LedgerMapper(Mapper[str]):
    """Maps events to envelopes without a time, and stored envelopes to events.

    `encode` returns a body's canonical bytes. `decode` builds a body from a topic and JSON data,
    upcasting older versions; it raises what it likes for a topic that it does not know.
    """

    def __init__(self, ledger_id: str, encode: Encode, decode: Decode) -> None:
        super().__init__(JSONTranscoder())  # never used: bodies bring their own bytes
        self.ledger_id = ledger_id
        self._encode = encode
        self._decode = decode
        self._opener = RowReader(Frames(ledger_id))

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """Return the event to store; raise EventTooLargeError if it exceeds 65,535 bytes."""
        event = cast("Event", domain_event)
        data = self._encode(event.body)
        return StoredEvent(
            originator_id=event.thing,
            originator_version=event.version,
            topic=event.topic,
            state=envelope(event.thing, event.version, event.topic, self.ledger_id, data),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """Return the event as recorded; raise RecordDamagedError if its bytes are not its own."""
        position = stored_event.id if isinstance(stored_event, Notification) else None
        thing, topic = str(stored_event.originator_id), stored_event.topic
        version = stored_event.originator_version
        (opened,) = self._opener.opened(
            [Row(position or 0, thing, version, topic, stored_event.state)]
        )
        body = self._decode(topic, opened.data)
        return Event(thing, version, topic, body, position, opened.time)
