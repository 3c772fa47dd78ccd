"""What does a process do that appends, integrates, signs and publishes until it is killed?

    signer.py RECORD PUBLISHED SEED

It tells each step on its output before it does it, so that whoever kills it can choose the step.
"""

import sys
from pathlib import Path

from domain.ledger import Command, Ledger
from events import validation
from events.store.factory import open_reader, open_tree
from events.store.location import Location, parse_location
from events.transparency.keyring import Keyring
from events.transparency.keys import read_identity
from events.transparency.publishing import publish_ledger
from events.transparency.signing import sign_newest
from events.transparency.tree import integrate


def say(step: str) -> None:
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


def append(record: Location, name: str) -> None:
    said = {"asserted_by": "party/recorder", "basis": "recorder", "type": "state", "name": name}
    body = validation.read_body("party.established", said)
    with Ledger(record) as ledger:
        ledger.append([Command(f"party/{name}", "party.established", lambda _: body)])


def work(record: Location, published: Path, seed: str) -> None:
    for n in range(10_000):
        say("append")
        append(record, f"made-{seed}-{n}")
        with open_reader(record) as reader:
            ledger = read_identity(reader)
        with open_tree(record, write=True) as tree:
            say("integrate")
            integrate(tree)
            say("sign")
            signed = sign_newest(tree, ledger, Keyring(ledger.ledger_id))
            say("publish")
            publish_ledger(tree, signed.size, signed.note, published)
        say("done")


if __name__ == "__main__":
    work(parse_location(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
