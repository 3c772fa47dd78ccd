"""An event keeps its meaning on the way into the store and back."""

import pytest
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Notification, StoredEvent

from events import serialization, validation
from events.body import Body, Event
from events.envelope import envelope, with_time
from events.store.errors import RecordDamagedError
from events.store.shared_recorder import LedgerMapper

TOPIC, TIME = "agreement.signed.v1", "2025-07-16T09:30:00.000000Z"
SIGNED = {
    "asserted_by": "party/recorder",
    "basis": "recorder",
    "mode": "simple",
    "party": "party/sv",
}
BODY = validation.read_body("agreement.signed", SIGNED)
STATE = with_time(envelope("agreement/a", 3, TOPIC, "u", validation.write_body(BODY)), TOPIC, TIME)


class UnknownTopicError(LookupError):
    """A type is not known."""


def body_of(event: serialization.StoredEvent) -> Body:
    if event.body is None:
        raise UnknownTopicError(event.topic)
    return event.body


def mapper() -> LedgerMapper:
    return LedgerMapper("u", validation.write_body, body_of)


def test_an_event_is_what_the_library_takes_for_one() -> None:
    event = Event("agreement/a", 3, TOPIC, BODY)
    assert isinstance(event, DomainEventProtocol)
    assert (event.originator_id, event.originator_version) == ("agreement/a", 3)
    assert (event.id, event.type) == ("agreement/a/3", "agreement.signed")


def test_an_event_is_stored_under_its_topic_without_a_time() -> None:
    stored = mapper().to_stored_event(Event("agreement/a", 3, TOPIC, BODY))
    assert (stored.originator_id, stored.originator_version) == ("agreement/a", 3)
    assert (stored.topic, with_time(stored.state, TOPIC, TIME)) == (TOPIC, STATE)
    assert b'"time"' not in stored.state


def test_a_notification_brings_its_position() -> None:
    event = mapper().to_domain_event(Notification("agreement/a", 3, TOPIC, STATE, id=413))
    assert event == Event("agreement/a", 3, TOPIC, BODY, position=413, time=TIME)


def test_an_event_from_elsewhere_has_no_position() -> None:
    event = mapper().to_domain_event(StoredEvent("agreement/a", 3, TOPIC, STATE))
    assert (event.position, event.time) == (None, TIME)


@pytest.mark.parametrize(
    ("thing", "version", "topic"),
    [
        ("agreement/b", 3, TOPIC),
        ("agreement/a", 4, TOPIC),
        ("agreement/a", 3, "agreement.announced.v1"),
    ],
)
def test_bytes_of_another_event_are_not_believed(thing: str, version: int, topic: str) -> None:
    with pytest.raises(RecordDamagedError, match=r"say agreement\.signed\.v1 agreement/a/3"):
        mapper().to_domain_event(StoredEvent(thing, version, topic, STATE))


def test_bytes_that_are_no_event_are_not_believed() -> None:
    with pytest.raises(RecordDamagedError, match="agreement/a/3 is damaged"):
        mapper().to_domain_event(StoredEvent("agreement/a", 3, TOPIC, b"{}"))


def test_of_a_newer_type_it_is_said_that_it_is_not_known() -> None:
    newer = "agreement.signed.v2"
    state = with_time(envelope("agreement/a", 3, newer, "u", b'{"a":1}'), newer, TIME)
    with pytest.raises(UnknownTopicError, match=newer):
        mapper().to_domain_event(StoredEvent("agreement/a", 3, newer, state))
