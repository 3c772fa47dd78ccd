"""One measurement a process: seconds, events and the most memory it had, as one line of JSON.

Seconds are of processor time, but where a single append waits for the disk.

    python tests/benchmarks/tasks.py TASK FOLDER EVENTS

Each task works in a folder of its own and times only what its name says; what it needs before is
made before. tests/benchmarks/run.py runs them in turns.
"""

import gc
import json
import resource
import sqlite3
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from domain.claims.claim import Clocks  # noqa: E402
from domain.claims.ranking import DEFAULT, policy  # noqa: E402
from domain.ledger import Command, Ledger  # noqa: E402
from events.store.sqlite.connection import create_file, open_for_writing  # noqa: E402
from events.store.sqlite.reader import RecordReader  # noqa: E402
from events.store.sqlite.tree import TreeTables  # noqa: E402
from events.transparency.log_reading import read_log  # noqa: E402
from tests.benchmarks import clocks  # noqa: E402

BATCH = 1_000
OF_A_THING = 50  # events about one agreement
PARTIES = 200
TOLD = {"asserted_by": "party/recorder", "basis": "recorder"}
Timed = tuple[float, int]


def parties() -> Iterator[Command]:
    """Yield the parties that the acts name."""
    for n in range(PARTIES):
        data = {**TOLD, "name": f"Party {n}", "type": "state"}
        yield Command(f"party/p{n}", "party.established", data)


def act(n: int) -> Command:
    """Return the n-th act: an accession, dated, with its key, as an importer gives it."""
    day = f"{1950 + n % 60}-{1 + n % 12:02}-{1 + n % 28:02}"
    fields = {"effective": day, "acted": day, "party": f"party/p{n % PARTIES}", "key": f"row {n}"}
    data = {**TOLD, **fields, "mode": "accession", "act_words": "Accession(a)"}
    return Command(f"agreement/a{n // OF_A_THING}", "agreement.consent-expressed", data)


def filled(folder: Path, events: int) -> Path:
    """Return a record with so many acts, made once."""
    path = folder / f"filled-{events}.sqlite3"
    if not path.exists():
        new = path.with_suffix(".new")
        with Ledger.create(new) as ledger:
            facts = chain(parties(), map(act, range(events)))
            for _ in ledger.append_in_batches(facts, as_reported=True):
                pass
        new.rename(path)
    return path


def mixed(folder: Path, events: int) -> Path:
    """Return a record of things of four kinds, a tenth of it claims about claims, made once."""
    path = folder / f"mixed-{events}.sqlite3"
    if not path.exists():
        made = folder / f"mixed-{events}"
        made.mkdir()
        (clocks.fill(made, events) / "record.sqlite3").rename(path)
    return path


def floor(folder: Path, events: int) -> Timed:
    """Read the rows of the acts thing by thing and hash each: the limit of all reading."""
    return _floor(filled(folder.parent, events))


def mixed_floor(folder: Path, events: int) -> Timed:
    """Do the same of the mixed record."""
    return _floor(mixed(folder.parent, events))


def _floor(record: Path) -> Timed:
    with closing(sqlite3.connect(record)) as db:
        started, done = time.process_time(), 0
        for row in db.execute(
            "SELECT position, originator_id, originator_version, topic, state FROM stored_events"
            " ORDER BY originator_id, originator_version"
        ):
            sha256(b"\x00" + row[4]).digest()
            done += 1
        return time.process_time() - started, done


def bulk_append(folder: Path, events: int) -> Timed:
    """Append acts in bulk: validated, canonical, checked against what was said, durable."""
    with Ledger.create(folder / "bulk.sqlite3") as ledger:
        list(ledger.append_in_batches(parties()))
        facts = [act(n) for n in range(events)]
        started = time.process_time()
        for results in ledger.append_in_batches(facts, as_reported=True):
            assert all(one.outcome == "recorded" for one in results)
        return time.process_time() - started, events


def raw_append(folder: Path, events: int) -> Timed:
    """Insert the same rows into the same table with executemany: the limit."""
    with closing(sqlite3.connect(filled(folder.parent, events))) as source:
        rows = source.execute("SELECT * FROM stored_events ORDER BY position").fetchall()
    create_file(folder / "raw.sqlite3")
    with closing(open_for_writing(folder / "raw.sqlite3")) as db:
        started = time.process_time()
        for at in range(0, len(rows), BATCH):
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "INSERT INTO stored_events VALUES (?, ?, ?, ?, ?)", rows[at : at + BATCH]
            )
            db.execute("COMMIT")
        return time.process_time() - started, len(rows)


def stock_append(folder: Path, events: int) -> Timed:
    """Append as many events with eventsourcing as it comes: its aggregates, mapper and SQLite."""
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.sqlite",
        "SQLITE_DBNAME": str(folder / "stock.sqlite3"),
    }
    return stock_s(env, events, time.process_time), events


def stock_s(
    env: dict[str, str], events: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return how many seconds an application of these settings takes to append our facts."""
    from eventsourcing.application import Application
    from eventsourcing.domain import Aggregate, event

    class Stock(Aggregate):
        @event("Said")
        def say(self, data: dict[str, str]) -> None:
            self.data = data

    app: Any = Application(env)
    facts: list[Any] = [act(n).data for n in range(events)]
    started = clock()
    for at in range(0, events, BATCH):
        batch = []
        for first in range(at, min(at + BATCH, events), OF_A_THING):
            batch.append(Stock())
            for data in facts[first + 1 : first + OF_A_THING]:
                batch[-1].say(data)
        app.save(*batch)
    seconds = clock() - started
    app.close()
    return seconds


def single_append(folder: Path, events: int) -> Timed:
    """Append facts one by one, each to a thing with 50 events: load, decide, save, durable."""
    count = min(200, events // OF_A_THING)
    return _one_by_one(folder, events, [_draft(n) for n in (count, *range(count))])


def single_consent(folder: Path, events: int) -> Timed:
    """Append consents one by one, each judged by the 50 acts of another agreement.

    No declaration, of which only the agreement's end could say anything.
    """
    count = min(200, events // OF_A_THING)
    return _one_by_one(folder, events, [_consent(n) for n in (count, *range(count))])


def raw_commit(folder: Path, events: int) -> Timed:
    """Insert single rows of the same size, a commit each: the limit of one durable append."""
    count = min(200, events // OF_A_THING)
    with closing(open_for_writing(_copied(folder, events))) as db:
        (last,) = db.execute("SELECT max(position) FROM stored_events").fetchone()
        state = b"x" * 400
        started = time.perf_counter()
        for n in range(1, count + 1):
            row = (last + n, "agreement/raw", n, "agreement.announced.v1", state)
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO stored_events VALUES (?, ?, ?, ?, ?)", row)
            db.execute("COMMIT")
        return time.perf_counter() - started, count


def replay(folder: Path, events: int) -> Timed:
    """Read every event back, as `depositary replay --as-of` does: hash, decode, fold, digest."""
    return _replay(filled(folder.parent, events))


def mixed_replay(folder: Path, events: int) -> Timed:
    """Do the same of the mixed record."""
    return _replay(mixed(folder.parent, events))


def _replay(path: Path) -> Timed:
    from projections.read_model.replay import ReplayQuestion, replay_things

    with RecordReader(path) as record:
        started = time.process_time()
        question = ReplayQuestion(record.last_position(), Clocks(time_day()), policy(DEFAULT))
        found = replay_things(record, question)
        seconds = time.process_time() - started
        assert not found.newer
        return seconds, found.events


def audit_replay(folder: Path, events: int) -> Timed:
    """Audit the record: hash every event, grow the tree, check its text and body in full."""
    with TreeTables(filled(folder.parent, events)) as record, record.snapshot():
        started = time.process_time()
        found = read_log(record, [], in_full=True)
        seconds = time.process_time() - started
        assert not found.faults
        assert not found.newer
        return seconds, found.last


def rebuild(folder: Path, events: int) -> Timed:
    """Make all answers anew in a file."""

    from projections.read_model.rebuild import make_answers

    with RecordReader(filled(folder.parent, events)) as record:
        started = time.process_time()
        position, _ = make_answers(record, folder / "answers.sqlite3")
        return time.process_time() - started, position


def time_day() -> Any:
    """Return today."""
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


def _copied(folder: Path, events: int) -> Path:
    path = folder / "copied.sqlite3"
    source = sqlite3.connect(filled(folder.parent, events))
    with closing(source), closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return path


def _one_by_one(folder: Path, events: int, commands: list[Command]) -> Timed:
    """Append facts to a copy of the record, a transaction each; the first is not timed."""
    with Ledger(_copied(folder, events)) as ledger:
        ledger.append(commands[:1])
        started = time.perf_counter()
        for command in commands[1:]:
            ledger.append([command])
        return time.perf_counter() - started, len(commands) - 1


def _draft(n: int, turn: int = 0) -> Command:
    data = {"party": f"party/p{n % PARTIES}", "effective": "2015-01-01", "gist": f"declared {turn}"}
    return Command(f"agreement/a{n}", "agreement.declaration-made", {**TOLD, **data})


def _consent(n: int) -> Command:
    # By a party that none of the fifty is of: what it does is refused by no rule.
    data = {"party": f"party/p{(n + 1) * OF_A_THING % PARTIES}", "effective": "2015-01-01"}
    data |= {**TOLD, "mode": "accession"}
    return Command(f"agreement/a{n}", "agreement.consent-expressed", data)


TASKS: dict[str, Callable[[Path, int], Timed]] = {
    "bulk": bulk_append,
    "raw": raw_append,
    "stock": stock_append,
    "single": single_append,
    "single consent": single_consent,
    "commit": raw_commit,
    "floor": floor,
    "mixed floor": mixed_floor,
    "replay": replay,
    "mixed replay": mixed_replay,
    "audit": audit_replay,
    "rebuild": rebuild,
}


def main() -> None:
    """Run one task and print what it took."""
    name, folder, events = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    warnings.simplefilter("ignore")
    if name == "fill":
        filled(folder, events)
        mixed(folder, events)
        return
    gc.disable()
    seconds, done = TASKS[name](folder, events)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "events": done, "peak_mb": peak_kb / 1024}))


if __name__ == "__main__":
    main()
