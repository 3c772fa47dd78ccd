"""Is nothing lost, and nothing half written, where the disk says no?"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from events.envelope import envelope
from events.store.errors import CannotWriteError
from events.store.sqlite.connection import create_file
from events.store.sqlite.reader import RecordReader
from events.store.sqlite.recorder import (
    SQLiteLedgerRecorder,
    SQLiteRecorderFactory,
    sqlite_environment,
)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOPIC = "party.noted.v1"


def event(version: int, note: bytes = b"x") -> StoredEvent:
    data = b'{"note":"%b"}' % note
    state = envelope("party/sv", version, TOPIC, "a-ledger", data)
    return StoredEvent("party/sv", version, TOPIC, state)


def recorder_of(path: Path) -> SQLiteLedgerRecorder:
    return SQLiteRecorderFactory(sqlite_environment(path)).application_recorder()


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record.sqlite3"
    create_file(path)
    return path


def versions(path: Path) -> list[int]:
    with RecordReader(path) as reader:
        return [row.version for row in reader.rows()]


# No room


def test_a_full_disk_takes_no_half_batch(record: Path) -> None:
    recorder = recorder_of(record)
    recorder.insert_events([event(1)])
    with recorder.datastore.get_connection(commit=True) as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(CannotWriteError, match="there is no room left"):
        recorder.insert_events([event(n, b"x" * 3000) for n in range(2, 9)])
    assert versions(record) == [1]
    assert recorder.insert_events([event(2)]) == [2]  # as much as there is room for
    recorder.datastore.close()


def test_a_file_that_may_not_grow_takes_no_half_batch(record: Path) -> None:
    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    writer = subprocess.run(
        [sys.executable, HERE / "store_writer.py", record, "party/sv", "9000", "30"],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        preexec_fn=small_files,
        check=False,
    )
    assert "CannotWriteError" in writer.stderr
    acknowledged = writer.stdout.count("ack")
    assert 0 < acknowledged < 9000
    assert versions(record) == list(range(1, acknowledged + 1))


def test_a_full_file_system_takes_no_half_batch(tmp_path: Path) -> None:
    # A file system of 300 kB that only this shell sees, read again before it goes.
    script = """
        mount -t tmpfs -o size=300k tmpfs "$0" || exit 77
        "$1" -c 'import sys; from pathlib import Path
from events.store.sqlite.connection import create_file
create_file(Path(sys.argv[1]))' "$0/r" || exit 1
        "$1" "$2" "$0/r" party/sv 9000 30
        "$1" -c 'import sys; from pathlib import Path
from events.store.sqlite.reader import RecordReader
print("stored", RecordReader(Path(sys.argv[1])).last_position())' "$0/r"
    """
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here, to mount a small file system with")
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, tmp_path, sys.executable, HERE / "store_writer.py"],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", os.defpath)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode in (1, 77) and "CannotWriteError" not in ran.stderr:
        pytest.skip(f"no small file system can be mounted here: {ran.stderr.strip()[-200:]}")
    assert "CannotWriteError" in ran.stderr
    acknowledged = ran.stdout.count("ack")
    assert 0 < acknowledged < 9000
    assert f"stored {acknowledged}\n" in ran.stdout


# No leave


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that any user can reach (pytest's own are for their owner alone)."""
    folder = Path(tempfile.mkdtemp(prefix="depositary-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def visit(record: Path, *actions: str) -> list[str]:
    """Do things with a record as somebody without rights; return what came of each."""
    visitor = subprocess.run(
        [sys.executable, HERE / "store_visitor.py", record, *actions],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (visitor.returncode, visitor.stderr) == (0, "")
    return visitor.stdout.splitlines()


def written(path: Path, count: int) -> None:
    recorder = recorder_of(path)
    recorder.insert_events([event(version) for version in range(1, count + 1)])
    recorder.datastore.close()


def lock_up(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)


def test_a_record_is_read_where_nothing_may_be_written(open_folder: Path) -> None:
    path = open_folder / "record.sqlite3"
    create_file(path)
    written(path, 3)
    lock_up(open_folder)
    read, appended = visit(path, "read", "append")
    assert read == "party/sv/1 party/sv/2 party/sv/3"
    assert appended.startswith("CannotWriteError: ")
    (created,) = visit(open_folder / "another.sqlite3", "create")
    assert created.startswith("CannotWriteError: ")
    assert "Permission denied" in created
    assert [found.name for found in open_folder.iterdir()] == ["record.sqlite3"]


@pytest.mark.parametrize("left", ["-wal -shm", "-wal", "-shm"])
def test_a_record_is_read_beside_what_an_earlier_reader_left(open_folder: Path, left: str) -> None:
    path = open_folder / "record.sqlite3"
    create_file(path)
    written(path, 3)
    assert versions(path) == [1, 2, 3]  # leaves an empty log and its index behind
    for ending in {"-wal", "-shm"} - set(left.split()):
        Path(f"{path}{ending}").unlink()
    lock_up(open_folder)
    read, appended = visit(path, "read", "append")
    assert read == "party/sv/1 party/sv/2 party/sv/3"
    assert appended.startswith("CannotWriteError: ")


def test_a_log_that_cannot_be_followed_is_not_passed_over(open_folder: Path) -> None:
    path = open_folder / "from" / "record.sqlite3"
    path.parent.mkdir()
    create_file(path)
    recorder = recorder_of(path)
    recorder.insert_events([event(1)])
    for name in ("record.sqlite3", "record.sqlite3-wal"):  # as a killed writer leaves them
        shutil.copy(path.with_name(name), open_folder)
    recorder.datastore.close()
    shutil.rmtree(path.parent)
    lock_up(open_folder)
    (read,) = visit(open_folder / "record.sqlite3", "read")
    assert read.startswith("CannotReadError: ")


def test_a_record_of_somebody_else_is_not_opened(open_folder: Path) -> None:
    path = open_folder / "record.sqlite3"
    create_file(path)
    if os.geteuid() != 0:
        path.chmod(0o000)
    read, appended, created = visit(path, "read", "append", "create")
    assert read.startswith("CannotReadError: ")
    assert appended.startswith("CannotWriteError: ")
    assert created.startswith("CannotWriteError: ")


def test_a_folder_that_may_not_be_entered_may_still_hold_a_record(open_folder: Path) -> None:
    path = open_folder / "record.sqlite3"
    create_file(path)
    open_folder.chmod(0o000 if os.geteuid() else 0o700)
    (read,) = visit(path, "read")
    assert read.startswith("CannotReadError: ")
