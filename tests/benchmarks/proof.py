"""How fast is a record hashed, proved, audited and published?

Fills a record with bulk appends through the library's recorder, then integrates, proves, reads
through and publishes it. Prints rates beside their goals, and the largest memory that the process
had; decides nothing.

    python tests/benchmarks/proof.py [--events N]
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from eventsourcing.persistence import StoredEvent

from events.envelope import envelope
from events.store.sqlite.connection import create_file
from events.store.sqlite.recorder import SQLiteRecorderFactory, sqlite_environment
from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import Checkpoint
from events.transparency.log_reading import read_log
from events.transparency.merkle import inclusion_proof
from events.transparency.note import ED25519, Note, VerifierKey, parse_note
from events.transparency.proofs import InclusionProof, parse_inclusion_proof
from events.transparency.publishing import publish_ledger
from events.transparency.signatures import good_signatures, sign
from events.transparency.tree import integrate

BATCH = 10_000
PUBLISHED = 100_000
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = VerifierKey("example.org/ledger", ED25519, PRIVATE.public_key().public_bytes_raw())


def took_s(work: Callable[[], object]) -> float:
    """Return how many seconds something took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def say(what: str, found: str, goal: str) -> None:
    """Print one line: what was measured, what came out, what is wanted."""
    print(f"{what:<44}{found:>18}   goal: {goal}")


def stored(first: int, count: int) -> list[StoredEvent]:
    """Return events of about 400 bytes, each of a thing of its own."""
    topic, text = "party.noted.v1", "x" * 200
    found = []
    for n in range(first, first + count):
        thing, data = f"party/p-{n}", b'{"n":%d,"text":"%b"}' % (n, text.encode())
        found.append(StoredEvent(thing, 1, topic, envelope(thing, 1, topic, "0" * 36, data)))
    return found


def fill(record: Path, events: int) -> tuple[float, float]:
    """Append in batches, then integrate; return the seconds of either."""
    recorder = SQLiteRecorderFactory(sqlite_environment(record)).application_recorder()
    append_s = 0.0
    for first in range(1, events + 1, BATCH):
        batch = stored(first, min(BATCH, events + 1 - first))
        append_s += took_s(partial(recorder.insert_events, batch))
    recorder.datastore.close()
    with TreeTables(record, write=True) as tree:
        return append_s, took_s(partial(integrate, tree))


def signed(tree: TreeTables) -> Note:
    """Return a checkpoint of the whole tree."""
    size, root = integrate(tree)
    text = str(Checkpoint(KEY.name, size, root))
    return Note(text, (sign(text, KEY.name, PRIVATE, KEY.public),))


def measure_proofs(tree: TreeTables, events: int) -> None:
    """Print what one proof and one check of it take."""
    note, chosen = signed(tree), range(0, events, max(1, events // 200))
    proofs: list[bytes] = []

    def prove() -> None:
        for index in chosen:
            hashes = tuple(inclusion_proof(index, events, tree.nodes))
            proofs.append(InclusionProof(index, hashes, note).encode())

    def check() -> None:
        for index, data in zip(chosen, proofs, strict=True):
            proof = parse_inclusion_proof(data)
            assert good_signatures(parse_note(proof.note.encode()), [KEY])
            proof.check(tree.rows(index, index + 1)[0].state)

    prove_ms, check_ms = (1000 * took_s(work) / len(chosen) for work in (prove, check))
    say(f"a proof at {events:,} events", f"{prove_ms:.2f} ms", "1 ms")
    say("checking it, signature and all", f"{check_ms:.2f} ms", "1 ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=1_000_000, metavar="N")
    events = max(1, parser.parse_args().events)
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record.sqlite3"
        create_file(record)
        append_s, integrate_s = fill(record, events)
        say("integrating", f"{events / integrate_s:,.0f} /s", "250,000 /s")
        ratio = append_s / (append_s + integrate_s)
        say("bulk append and integration : append", f"{ratio:.2f}", "0.80")
        with TreeTables(record, write=True) as tree:
            measure_proofs(tree, events)
            read_s = took_s(lambda: read_log(tree, [events]))
            say("hashing everything again", f"{events / read_s:,.0f} /s", "300,000 /s")
        measure_publishing(Path(folder), min(events, PUBLISHED))
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say("the largest memory of all this", f"{peak_mib:,.0f} MiB", "flat in the number of events")


def measure_publishing(folder: Path, events: int) -> None:
    """Print how long a first publication takes."""
    record = folder / "smaller.sqlite3"
    create_file(record)
    fill(record, events)
    with TreeTables(record, write=True) as tree:
        note = signed(tree)
        publish_s = took_s(lambda: publish_ledger(tree, events, note, folder / "log"))
    say(f"publishing {events:,} entries", f"{publish_s:.2f} s", "1 s for 100,000")


if __name__ == "__main__":
    main()
