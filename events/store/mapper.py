"""How does an event become what the library stores, and come back?"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, Notification, StoredEvent

from events.canonical import EnvelopeError, envelope, open_envelope, time_of
from events.event import Event
from events.frames import Frames
from events.store.errors import RecordDamagedError

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
        self._frames = Frames(ledger_id)

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
        data, time = self._as_written(stored_event) or _opened(stored_event)
        return Event(
            thing=str(stored_event.originator_id),
            version=stored_event.originator_version,
            topic=stored_event.topic,
            body=self._decode(stored_event.topic, data),
            position=stored_event.id if isinstance(stored_event, Notification) else None,
            time=time,
        )

    def _as_written(self, stored: StoredEvent) -> tuple[dict[str, Any], str] | None:
        """Return data and time of an event whose envelope is, byte for byte, that of its columns.

        A third of what parsing the envelope takes; None for any other, which `_opened` looks at.
        """
        from orjson import loads

        thing, topic = str(stored.originator_id), stored.topic
        try:
            time = time_of(stored.state, topic)
            body = self._frames.body(stored.state, thing, stored.originator_version, topic, time)
            data = None if body is None else loads(body)
        except ValueError:
            return None
        return (data, time) if type(data) is dict else None


def _opened(stored: StoredEvent) -> tuple[dict[str, Any], str]:
    thing, name = stored.originator_id, f"{stored.originator_id}/{stored.originator_version}"
    try:
        opened = open_envelope(stored.state)
    except EnvelopeError as error:
        raise RecordDamagedError(f"{name} is damaged: {error}") from None
    if (opened.subject, opened.id, opened.type) != (thing, name, stored.topic):
        raise RecordDamagedError(f"{name} is damaged: its bytes say {opened.type} {opened.id}.")
    return opened.data, opened.time
