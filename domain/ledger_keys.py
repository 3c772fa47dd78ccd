"""Record what happens to the keys of a ledger."""

from typing import TYPE_CHECKING, Any

from events.store.errors import VersionConflictError
from events.transparency.keys import SELF

if TYPE_CHECKING:
    from domain.ledger import Ledger

MAX_TRIES = 5


def record_about(ledger: "Ledger", type_: str, fields: dict[str, Any]) -> int:
    """Record an event about the ledger by the recorder; return its position."""
    from domain.ledger import Batch
    from events import validation
    from events.body import RECORDER
    from events.catalogue import topic
    from events.event import Event

    body = validation.read(type_, {"asserted_by": RECORDER, "basis": "recorder", **fields})
    for tries_left in reversed(range(MAX_TRIES)):
        version = ledger.history(SELF).version + 1
        try:
            saved = ledger.save(Batch([Event(SELF, version, topic(type_), body)]))
        except VersionConflictError:
            if not tries_left:
                raise
            continue
        return int(saved[-1].notification.id)
    raise AssertionError("unreachable")
