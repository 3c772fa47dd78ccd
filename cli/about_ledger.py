"""How is something recorded about the ledger itself, and what does it say of its keys?"""

from typing import TYPE_CHECKING, Any, NamedTuple

from events.envelope import open_envelope
from events.store.errors import VersionConflictError
from events.store.sqlite.reader import RecordReader
from events.transparency.keys import SELF, KeyEvent, key_events

if TYPE_CHECKING:
    from domain.ledger import Ledger

MAX_TRIES = 5


class Identity(NamedTuple):
    """A ledger as it names itself: its id and origin, and what happened to its keys."""

    ledger_id: str
    origin: str
    keys: list[KeyEvent]


def identity(record: RecordReader) -> Identity:
    """Return how a ledger names itself and its keys; its events are few."""
    rows = list(record.rows(thing=SELF))
    opened = open_envelope(rows[0].state)
    ledger_id = opened.source.removeprefix("urn:uuid:")
    return Identity(ledger_id, str(opened.data["origin"]), key_events(rows))


def record_about(ledger: "Ledger", type_: str, fields: dict[str, Any]) -> int:
    """Record an event about the ledger by the recorder; return its position."""
    from domain.ledger import Events
    from events import validation
    from events.body import RECORDER
    from events.catalogue import topic
    from events.event import Event

    body = validation.read(type_, {"asserted_by": RECORDER, "basis": "recorder", **fields})
    for tries_left in reversed(range(MAX_TRIES)):
        version = ledger.stream(SELF).version + 1
        try:
            saved = ledger.save(Events([Event(SELF, version, topic(type_), body)]))
        except VersionConflictError:
            if not tries_left:
                raise
            continue
        return int(saved[-1].notification.id)
    raise AssertionError("unreachable")
