"""What does a process do that appends, integrates, signs and publishes until it is killed?

    signer.py LEDGER PUBLISHED SEED

It tells each step on its output before it does it, so that whoever kills it can choose the step.
"""

import sys
from pathlib import Path

from cli.about_ledger import identity
from cli.keyring import Keyring
from cli.publishing import publish
from cli.signing import sign_newest
from domain.ledger import Draft, Ledger
from events import door
from events.store.reading import RecordReader
from events.store.tree_tables import TreeTables
from events.transparency.tree import integrate


def say(step: str) -> None:
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


def append(record: Path, name: str) -> None:
    said = {"asserted_by": "party/recorder", "basis": "recorder", "type": "state", "name": name}
    body = door.read("party.established", said)
    with Ledger(record) as ledger:
        ledger.append([Draft(f"party/{name}", "party.established", lambda _: body)])


def work(folder: Path, published: Path, seed: str) -> None:
    record = folder / "record.sqlite3"
    for n in range(10_000):
        say("append")
        append(record, f"made-{seed}-{n}")
        with RecordReader(record) as reader:
            ledger = identity(reader)
        with TreeTables(record, write=True) as tree:
            say("integrate")
            integrate(tree)
            say("sign")
            signed = sign_newest(tree, ledger, Keyring(ledger.ledger_id))
            say("publish")
            publish(tree, signed.size, signed.note, published)
        say("done")


if __name__ == "__main__":
    work(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
