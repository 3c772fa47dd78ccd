"""Does the record hold when many write to it, and when a writer is killed?"""

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from eventsourcing.persistence import StoredEvent

from events.envelope import envelope
from events.store.errors import LedgerExistsError, LedgerLockedError
from events.store.sqlite.connection import create_file
from events.store.sqlite.reader import RecordReader
from events.store.sqlite.recorder import SQLiteRecorderFactory, sqlite_environment
from tests.faults.writers import stored

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOPIC = "party.noted.v1"


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record.sqlite3"
    create_file(path)
    return path


def start(record: Path, thing: str, count: int, batch: int = 1) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, HERE / "store_writer.py", record, thing, str(count), str(batch)],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(output: str, word: str) -> dict[str, int]:
    lines = [line.split() for line in output.splitlines() if line.startswith(word)]
    return {name: int(at[0][1:]) if at else 0 for _, name, *at in lines}


def test_four_processes_write_at_once_and_none_fails(record: Path) -> None:
    writers = [start(record, f"party/p{number}", 50) for number in range(4)]
    acknowledged: dict[str, int] = {}
    for writer in writers:
        output, errors = writer.communicate(timeout=60)
        assert (writer.returncode, errors) == (0, "")
        acknowledged |= told(output, "ack")
    assert len(acknowledged) == 200
    assert stored(record) == acknowledged


def test_batches_of_two_processes_do_not_mix(record: Path) -> None:
    writers = [start(record, f"party/p{number}", 500, 50) for number in range(2)]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert (writer.returncode, errors) == (0, "")
    assert len(stored(record)) == 1000
    with RecordReader(record) as reader:
        batches = [reader.event(first) for first in range(1, 1001, 50)]
    assert all(row is not None and row.version % 50 == 1 for row in batches)


def kill_a_writer(record: Path, thing: str, batch: int, after_s: float) -> None:
    """Kill a writer some time after its first event; hold what it told against the record."""
    writer = start(record, thing, 1_000_000 * batch, batch)
    assert writer.stdout is not None
    lines: list[str] = []
    listener = Thread(target=lambda: lines.extend(writer.stdout))  # type: ignore[arg-type]
    listener.start()
    deadline = time.monotonic() + 30
    while not any(line.startswith("ack") for line in lines) and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(after_s)
    writer.kill()
    writer.wait()
    listener.join()
    writer.stdout.close()
    assert writer.stderr is not None
    writer.stderr.close()
    whole = "".join(lines).rpartition("\n")[0]
    acknowledged, attempted = told(whole, "ack"), told(whole, "try")
    found = {n: at for n, at in stored(record).items() if n.rpartition("/")[0] == thing}
    assert acknowledged
    assert acknowledged.items() <= found.items()
    assert len(found) % batch == 0
    assert found.keys() <= attempted.keys()


def test_a_killed_writer_loses_nothing_it_acknowledged(record: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - moments to kill at, not secrets
    for number in range(5):
        kill_a_writer(record, f"party/p{number}", 1, chance.uniform(0, 0.05))


def test_a_killed_writer_leaves_no_half_batch(record: Path) -> None:
    chance = random.Random(6)  # noqa: S311 - moments to kill at, not secrets
    for number in range(3):
        kill_a_writer(record, f"party/p{number}", 200, chance.uniform(0, 0.05))


@pytest.mark.long
def test_a_hundred_killed_writers_lose_nothing(record: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - moments to kill at, not secrets
    for number in range(100):
        kill_a_writer(record, f"party/p{number}", number % 3 * 20 + 1, chance.uniform(0, 0.1))


@pytest.mark.long
def test_twenty_four_processes_write_at_once_and_none_fails(record: Path) -> None:
    writers = [start(record, f"party/p{number}", 120) for number in range(24)]
    for writer in writers:
        _, errors = writer.communicate(timeout=300)
        assert (writer.returncode, errors) == (0, "")
    assert len(stored(record)) == 24 * 120


def test_a_writer_waits_for_the_lock_and_then_says_so(record: Path) -> None:
    recorder = SQLiteRecorderFactory(
        sqlite_environment(record), lock_wait_s=0.3
    ).application_recorder()
    state = envelope("party/sv", 1, TOPIC, "a-ledger", b"{}")
    event = StoredEvent("party/sv", 1, TOPIC, state)
    with closing(sqlite3.connect(record, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(LedgerLockedError, match="is locked: others are writing"):
            recorder.insert_events([event])
        assert 0.25 < time.monotonic() - began < 3
        with RecordReader(record) as reader:
            assert reader.last_position() == 0
        other.execute("ROLLBACK")
    assert recorder.insert_events([event]) == [1]
    recorder.datastore.close()


def test_a_thread_waits_for_another_of_its_process_and_then_says_so(record: Path) -> None:
    recorder = SQLiteRecorderFactory(
        sqlite_environment(record), lock_wait_s=0.3
    ).application_recorder()
    began = time.monotonic()
    with (
        recorder.datastore.transaction(commit=True),
        pytest.raises(LedgerLockedError, match="is locked"),
        recorder.datastore.transaction(commit=True),
    ):
        pass
    assert 0.25 < time.monotonic() - began < 3
    with recorder.datastore.transaction(commit=True):
        pass
    recorder.datastore.close()


def test_a_writer_goes_on_when_the_lock_is_let_go(record: Path) -> None:
    with closing(sqlite3.connect(record, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer = start(record, "party/sv", 1)
        time.sleep(0.5)
        assert writer.poll() is None
        other.execute("ROLLBACK")
    output, errors = writer.communicate(timeout=60)
    assert (writer.returncode, errors) == (0, "")
    assert told(output, "ack") == {"party/sv/1": 1}


def test_one_of_many_makers_makes_the_record(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    made: list[str] = []

    def make() -> None:
        try:
            create_file(path)
        except LedgerExistsError:
            made.append("found")
        else:
            made.append("made")

    makers = [Thread(target=make) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert sorted(made) == ["found"] * 7 + ["made"]
    assert stored(path) == {}


def test_a_reader_follows_a_writer_of_another_process(record: Path) -> None:
    writer = start(record, "party/sv", 300)
    seen = [0]
    with RecordReader(record) as reader:
        while writer.poll() is None:
            positions = [row.position for row in reader.rows(after=seen[-1])]
            assert positions == list(range(seen[-1] + 1, seen[-1] + 1 + len(positions)))
            seen += positions
        seen += [row.position for row in reader.rows(after=seen[-1])]
    assert seen == list(range(301))
    _, errors = writer.communicate()
    assert errors == ""
