"""What is left of a run in bulk that was killed, stopped, or met another writer?"""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from domain.ledger import BULK_BATCH, Ledger
from events.store.sqlite.reader import RecordReader
from events.store.sqlite.tree import TreeTables
from events.transparency.log_reading import read_log

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OFTEN = 100_000  # facts: more than a run gets done before it is stopped


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record.sqlite3"
    Ledger.create(path).close()
    return path


def start(record: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, HERE / "bulk_writer.py", record, name, str(count)],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stopped_by(sent: signal.Signals, process: subprocess.Popen[str], after: int) -> list[str]:
    """Send a signal a moment after so many batches were told of; return all that was told."""
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(after + 1)]
    time.sleep(random.Random(after).random() / 50)  # noqa: S311 - any moment will do
    process.send_signal(sent)
    rest, errors = process.communicate(timeout=60)
    assert errors == ""
    return [*told, *rest.splitlines()]


def written(record: Path) -> int:
    """Return how many events follow the first; fail unless all are whole and in order."""
    with RecordReader(record) as reader:
        last = reader.last_position()
        assert [row.position for row in reader.rows()] == list(range(1, last + 1))
    with TreeTables(record) as tree, tree.snapshot():
        found = read_log(tree, [], in_full=True)
    assert (found.faults, found.newer) == ({}, [])
    return last - 1


@pytest.mark.parametrize("after", [0, 1, 2, 3, 15, 25])
def test_killed_it_leaves_whole_batches_and_all_that_it_told_of(record: Path, after: int) -> None:
    process = start(record, "a", OFTEN)
    told = stopped_by(signal.SIGKILL, process, after)
    assert process.returncode == -signal.SIGKILL
    count = written(record)
    assert count % BULK_BATCH == 0
    assert count >= max(
        (int(line.split()[1]) for line in told if line[:8] == "recorded"), default=0
    )
    again = start(record, "a", count + 500)
    _, errors = again.communicate(timeout=60)
    assert (again.returncode, errors) == (0, "")
    assert written(record) == count + 500


@pytest.mark.parametrize("after", [0, 1, 2, 15, 25])
def test_stopped_it_ends_by_itself_and_counts_what_was_under_way(record: Path, after: int) -> None:
    process = start(record, "a", OFTEN)
    told = stopped_by(signal.SIGINT, process, after)
    assert process.returncode == 0
    assert told[-1] == f"stopped {written(record)}"


def test_two_runs_at_once_lose_nothing(record: Path) -> None:
    runs = [start(record, name, 3_000) for name in ("a", "b")]
    for run in runs:
        output, errors = run.communicate(timeout=60)
        assert (run.returncode, errors) == (0, "")
        assert output.splitlines()[-1].startswith("recorded 3000 @")
    assert written(record) == 6_000


def test_two_runs_about_the_same_things_record_each_fact_once(record: Path) -> None:
    runs = [start(record, "a", 3_000) for _ in range(2)]
    for run in runs:
        _, errors = run.communicate(timeout=60)
        assert (run.returncode, errors) == (0, "")
    assert written(record) == 3_000
