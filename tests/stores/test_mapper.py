"""Does an event keep its meaning on the way into the store and back?"""

from typing import Any

import pytest
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Notification, StoredEvent

from events.envelope import canonical, envelope, with_time
from events.event import Event
from events.store.errors import RecordDamagedError
from events.store.mapper import LedgerMapper

TOPIC, TIME = "agreement.signed.v1", "2025-07-16T09:30:00.000000Z"
STATE = with_time(envelope("agreement/a", 3, TOPIC, "u", b'{"mode":"simple"}'), TOPIC, TIME)


def mapper() -> LedgerMapper:
    return LedgerMapper("u", encode=canonical, decode=lambda topic, data: (topic, data))  # type: ignore[arg-type, return-value]


def test_an_event_is_what_the_library_takes_for_one() -> None:
    event = Event("agreement/a", 3, TOPIC, {})  # type: ignore[arg-type]
    assert isinstance(event, DomainEventProtocol)
    assert (event.originator_id, event.originator_version) == ("agreement/a", 3)
    assert (event.id, event.type) == ("agreement/a/3", "agreement.signed")


def test_an_event_is_stored_under_its_topic_without_a_time() -> None:
    stored = mapper().to_stored_event(Event("agreement/a", 3, TOPIC, {"mode": "simple"}))  # type: ignore[arg-type]
    assert (stored.originator_id, stored.originator_version) == ("agreement/a", 3)
    assert (stored.topic, with_time(stored.state, TOPIC, TIME)) == (TOPIC, STATE)
    assert b'"time"' not in stored.state


def test_a_notification_brings_its_position() -> None:
    event = mapper().to_domain_event(Notification("agreement/a", 3, TOPIC, STATE, id=413))
    body: Any = (TOPIC, {"mode": "simple"})
    assert event == Event("agreement/a", 3, TOPIC, body, position=413, time=TIME)


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


def test_a_topic_that_nobody_knows_is_told_as_the_decoder_tells_it() -> None:
    class UnknownTopicError(LookupError):
        pass

    def decode(topic: str, data: dict[str, Any]) -> Any:
        raise UnknownTopicError(topic)

    with pytest.raises(UnknownTopicError, match=TOPIC):
        LedgerMapper("u", canonical, decode).to_domain_event(
            StoredEvent("agreement/a", 3, TOPIC, STATE)
        )
