"""What does a process do that writes to a record until it is done, or killed?

    store_writer.py RECORD THING COUNT [BATCH]

RECORD is a path, or an address of PostgreSQL. It tells each event on its output twice: `try
thing/n` before it is saved, `ack thing/n @position` once it is.
"""

import sys

from eventsourcing.persistence import StoredEvent

from events.envelope import envelope
from events.store.factory import library_environment, make_recorder_factory
from events.store.location import Location, parse_location

TOPIC = "party.noted.v1"


def event(thing: str, version: int) -> StoredEvent:
    state = envelope(thing, version, TOPIC, "a-ledger", b'{"note":"%b"}' % (b"x" * 500))
    return StoredEvent(thing, version, TOPIC, state)


def tell(word: str, batch: list[StoredEvent], positions: list[int]) -> None:
    for stored, position in zip(batch, positions, strict=True):
        at = f" @{position}" if position else ""
        sys.stdout.write(f"{word} {stored.originator_id}/{stored.originator_version}{at}\n")
    sys.stdout.flush()


def write(where: Location, thing: str, count: int, batch: int) -> None:
    recorder = make_recorder_factory(library_environment(where), where).application_recorder()
    for first in range(1, count + 1, batch):
        events = [event(thing, version) for version in range(first, first + batch)]
        tell("try", events, [0] * batch)
        tell("ack", events, list(recorder.insert_events(events) or ()))
    recorder.datastore.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    record, name, how_many, *size = sys.argv[1:]
    write(parse_location(record), name, int(how_many), int(size[0]) if size else 1)
