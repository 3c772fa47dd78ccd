"""One measurement of PostgreSQL a process: seconds, events and memory, as one line of JSON.

    python tests/benchmarks/postgres_tasks.py TASK ADDRESS FOLDER EVENTS [WRITER]

ADDRESS is of a server, which may be filled at will: each task takes a schema of its own there, and
times only what its name says. tests/benchmarks/postgres.py runs them in turns.
"""

import gc
import json
import resource
import sys
import time
import uuid
import warnings
from collections.abc import Callable
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from domain.ledger import Ledger  # noqa: E402
from events.envelope import canonical, envelope, open_envelope  # noqa: E402
from events.store.factory import create_record, open_reader  # noqa: E402
from events.store.location import Address, Location  # noqa: E402
from tests.benchmarks.tasks import BATCH, _draft, act, filled, parties, stock_s  # noqa: E402

Result = dict[str, Any]


def fresh(address: str, name: str) -> Address:
    """Return a schema that nobody uses yet."""
    mark = "&" if "?" in address else "?"
    return Address.parse(f"{address}{mark}schema={name}_{uuid.uuid4().hex[:8]}")


def timed(seconds: float, events: int) -> Result:
    """Return what a task found."""
    return {"seconds": seconds, "events": events}


def bulk(address: str, folder: Path, events: int) -> Result:
    """Append acts in bulk: validated, canonical, checked against what was said, durable."""
    with Ledger.create(fresh(address, "bulk")) as ledger:
        list(ledger.append_in_batches(parties()))
        facts = [act(n) for n in range(events)]
        started = time.perf_counter()
        for results in ledger.append_in_batches(facts, as_reported=True):
            assert all(one.outcome == "recorded" for one in results)
        return timed(time.perf_counter() - started, events)


def store(address: str, folder: Path, events: int) -> Result:
    """Append the same events through the recorder alone: locked, numbered, told the time."""
    from eventsourcing.persistence import StoredEvent

    from events.store.factory import library_environment, make_recorder_factory

    where = fresh(address, "store")
    create_record(where)
    rows = [StoredEvent(row[1], row[2], row[3], _untimed(row)) for row in _rows(folder, events)]
    recorder = make_recorder_factory(library_environment(where), where).application_recorder()
    started = time.perf_counter()
    for at in range(0, len(rows), BATCH):
        recorder.insert_events(rows[at : at + BATCH])
    return timed(time.perf_counter() - started, len(rows))


def copy(address: str, folder: Path, events: int) -> Result:
    """Copy the same rows into the same table with one COPY: the limit."""
    import psycopg

    where = fresh(address, "copy")
    create_record(where)
    rows = _rows(folder, events)
    with psycopg.connect(**where.parameters()) as session:  # type: ignore[arg-type]
        started = time.perf_counter()
        with session.cursor().copy(f"COPY {where.schema}.stored_events FROM STDIN") as into:
            for row in rows:
                into.write_row(row)
        session.commit()
        return timed(time.perf_counter() - started, len(rows))


def stock(address: str, folder: Path, events: int) -> Result:
    """Append as many events with eventsourcing as it comes: its aggregates, mapper and tables."""
    return timed(stock_s(_stock_settings(fresh(address, "stock")), events), events)


def single(address: str, folder: Path, events: int, writer: int = 0) -> Result:
    """Append facts one by one, each to a thing with 50 events; the time of each, in seconds.

    `address` is of a filled ledger; it begins when its input ends, and several begin together.
    """
    ones = []
    with Ledger(Address.parse(address)) as ledger:
        drafts = [_draft(writer * (events + 1) + n) for n in range(events + 1)]
        ledger.append([drafts.pop()])
        print("ready", flush=True)
        sys.stdin.read()
        started = time.perf_counter()
        for one in drafts:
            began = time.perf_counter()
            ledger.append([one])
            ones.append(time.perf_counter() - began)
        return timed(time.perf_counter() - started, events) | {"ones": ones}


def commit(address: str, folder: Path, events: int) -> Result:
    """Insert rows of the same size, a commit each: the limit of one durable append."""
    import psycopg

    where = fresh(address, "commit")
    create_record(where)
    insert = f"INSERT INTO {where.schema}.stored_events VALUES (%s, %s, %s, %s, %s)"
    with psycopg.connect(autocommit=True, **where.parameters()) as session:  # type: ignore[arg-type]
        started = time.perf_counter()
        for n in range(1, events + 1):
            row = (n, "agreement/raw", n, "agreement.announced.v1", b"x" * 400)
            session.execute(insert.encode(), row)
        return timed(time.perf_counter() - started, events)


def replay(address: str, folder: Path, events: int) -> Result:
    """Read every stored event of a ledger, in order."""
    started = time.perf_counter()
    with open_reader(Address.parse(address)) as record:
        count = sum(1 for _ in record.rows())
    return timed(time.perf_counter() - started, count)


def replay_sqlite(address: str, folder: Path, events: int) -> Result:
    """Read every stored event of the same ledger in SQLite, in order."""
    started = time.perf_counter()
    with open_reader(filled(folder, events)) as record:
        count = sum(1 for _ in record.rows())
    return timed(time.perf_counter() - started, count)


def rebuild(address: str, folder: Path, events: int) -> Result:
    """Make all answers of a ledger in a database anew, in a file."""
    return _made(Address.parse(address), folder / f"answers-{uuid.uuid4().hex}.sqlite3")


def rebuild_sqlite(address: str, folder: Path, events: int) -> Result:
    """Make all answers of the same ledger in a file anew, in a file."""
    return _made(filled(folder, events), folder / f"answers-{uuid.uuid4().hex}.sqlite3")


def catch_up(address: str, folder: Path, events: int) -> Result:
    """Let answers catch up with half of the events of a ledger in a database."""
    answers = folder / f"answers-{uuid.uuid4().hex}.sqlite3"
    return _caught_up(fresh(address, "behind"), answers, events)


def catch_up_sqlite(address: str, folder: Path, events: int) -> Result:
    """Let answers catch up with half of the events of a ledger in a file."""
    name = uuid.uuid4().hex
    return _caught_up(folder / f"{name}.sqlite3", folder / f"{name}-answers.sqlite3", events)


def meet(address: str, folder: Path, events: int) -> Result:
    """Tell what a process pays before its first question, and for each: driver, session, trip."""
    began = time.perf_counter()
    import psycopg

    imported = time.perf_counter()
    parameters: Any = Address.parse(address).parameters()
    with psycopg.connect(autocommit=True, **parameters) as session:
        connected = time.perf_counter()
        for _ in range(100):
            session.execute("SELECT 1")
        asked = time.perf_counter()
    parts = {"driver": imported - began, "session": connected - imported}
    return timed(1, 1) | parts | {"trip": (asked - connected) / 100}


def fill(address: str, folder: Path, events: int) -> Result:
    """Make the record that others read, in SQLite and at the address: not measured."""
    filled(folder, events)
    with Ledger.create(Address.parse(address)) as ledger:
        _append(ledger, range(events))
    return timed(1, events)


def _append(ledger: Ledger, numbers: range) -> None:
    facts = chain(() if numbers.start else parties(), map(act, numbers))
    for _ in ledger.append_in_batches(facts, as_reported=True):
        pass


def _made(where: Location, answers: Path) -> Result:
    from projections.read_model.rebuild import make_answers

    with open_reader(where) as record:
        started = time.perf_counter()
        position, _ = make_answers(record, answers)
        return timed(time.perf_counter() - started, position)


def _caught_up(where: Location, answers: Path, events: int) -> Result:
    from projections.read_model.database import ReadModel
    from projections.read_model.rebuild import make_answers

    half = events // 2
    with Ledger.create(where) as ledger:
        _append(ledger, range(half))
        with open_reader(where) as record:
            make_answers(record, answers)
        _append(ledger, range(half, events))
    with open_reader(where) as record:
        started = time.perf_counter()
        with ReadModel.open(record, answers):
            pass
        return timed(time.perf_counter() - started, events - half)


def _rows(folder: Path, events: int) -> list[tuple[int, str, int, str, bytes]]:
    import sqlite3

    with closing(sqlite3.connect(filled(folder, events))) as source:
        return source.execute("SELECT * FROM stored_events ORDER BY position").fetchall()


def _untimed(row: tuple[int, str, int, str, bytes]) -> bytes:
    _, thing, version, topic, state = row
    return envelope(thing, version, topic, "a-ledger", canonical(open_envelope(state).data))


def _stock_settings(where: Address) -> dict[str, str]:
    import psycopg

    with psycopg.connect(autocommit=True, **where.parameters()) as session:  # type: ignore[arg-type]
        session.execute(f"CREATE SCHEMA {where.schema}".encode())
        info = session.info
        return {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": info.dbname,
            "POSTGRES_HOST": info.host,
            "POSTGRES_PORT": str(info.port),
            "POSTGRES_USER": info.user,
            "POSTGRES_PASSWORD": "none is asked for",
            "POSTGRES_SCHEMA": where.schema,
        }


TASKS: dict[str, Callable[..., Result]] = {
    each.__name__: each
    for each in (
        *(bulk, store, copy, stock, single, commit, meet, fill),
        *(replay, replay_sqlite, rebuild, rebuild_sqlite, catch_up, catch_up_sqlite),
    )
}


def main() -> None:
    """Run one task and print what it took."""
    name, address, folder, *numbers = sys.argv[1:]
    warnings.simplefilter("ignore")
    gc.disable()
    found = TASKS[name](address, Path(folder), *map(int, numbers))
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main()
