"""What do many processes do that want the same, all at once?

    rivals.py start ADDRESS PROCESSES ROUNDS             make a ledger or find it, and record in it
    rivals.py write ADDRESS PROCESSES SECONDS same|own   write events of one thing, or of their own

They are forked once everything is imported, so that they meet. Each tells on a line of JSON what
came of what it did.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import Environment

from domain.ledger import Command, Ledger
from events import validation
from events.envelope import envelope
from events.store.errors import LedgerExistsError, VersionConflictError
from events.store.factory import library_environment, make_recorder_factory
from events.store.location import Address

TOPIC = "party.noted.v1"
SAID = {"asserted_by": "party/recorder", "basis": "recorder", "type": "state", "name": "One"}


def together(processes: int, work: Callable[[int], Any]) -> bool:
    """Let so many processes work at the same moment; say whether all ended well."""
    ready, go = os.pipe()
    children = []
    for number in range(processes):
        child = os.fork()
        if child == 0:
            os.close(go)
            os.read(ready, 1)  # until the parent closes its end
            try:
                tell(number=number, **work(number))
                os._exit(0)
            except BaseException:
                tell(number=number, failed=traceback.format_exc())
                os._exit(1)
        children.append(child)
    os.close(ready)
    os.close(go)
    ended = [os.waitpid(child, 0)[1] for child in children]  # all of them, well or not
    return set(ended) == {0}


def tell(**what: Any) -> None:
    """Write one line, in one piece."""
    line = f"{json.dumps(what)}\n".encode()
    while line:
        line = line[os.write(1, line) :]


def started(where: Address, number: int) -> dict[str, Any]:
    """Make the ledger or find it made; record one fact in it."""
    try:
        ledger, made = Ledger.create(where), True
    except LedgerExistsError:
        ledger, made = Ledger(where), False
    with ledger:
        body = validation.read_body("party.established", SAID)
        draft = Command(f"party/p{number}", "party.established", lambda _: body)
        (outcome,) = ledger.append([draft])
        return {"made": made, "ledger": ledger.ledger_id, "position": outcome.position}


def written(where: Address, number: int, seconds: float, thing: str) -> dict[str, Any]:
    """Write the next version again and again; return what was acknowledged, and the waits."""
    factory = make_recorder_factory(Environment("", library_environment(where)), where)
    recorder = factory.application_recorder()
    acknowledged: dict[int, int] = {}
    lost, longest_s, until = 0, 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        last = recorder.select_events(thing, desc=True, limit=1)
        version = last[0].originator_version + 1 if last else 1
        state = envelope(thing, version, TOPIC, "a-ledger", b'{"by":"%d"}' % number)
        began = time.monotonic()
        try:
            (position,) = recorder.insert_events([StoredEvent(thing, version, TOPIC, state)]) or ()
            acknowledged[version] = position
        except VersionConflictError:
            lost += 1
        longest_s = max(longest_s, time.monotonic() - began)
    recorder.datastore.close()  # type: ignore[attr-defined]
    return {"thing": thing, "won": acknowledged, "lost": lost, "longest_s": longest_s}


def main(what: str, address: str, processes: int, amount: float, whose: str = "own") -> bool:
    """Do as the module says."""
    where = Address.parse(address)
    validation.read_body(
        "party.established", SAID
    )  # what is built once is built before they are forked
    if what == "start":
        places = [where.with_schema(f"{where.schema}_{n}") for n in range(int(amount))]
        return all(together(processes, partial(started, at)) for at in places)
    thing = "party/p{}" if whose == "own" else "party/all"
    return together(processes, lambda n: written(where, n, amount, thing.format(n)))


if __name__ == "__main__":
    sys.exit(
        not main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), *sys.argv[5:])
    )
