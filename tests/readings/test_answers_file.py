"""Is the file of answers disposable: right, or made anew, whatever became of it?"""

import fcntl
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, policy
from events.amounts import read_quantity
from events.body import RECORDER, SourceRef
from events.kinds.party import Established
from events.kinds.reserve import HoldingReported
from events.store.errors import RecordDamagedError
from projections.queries.show import list_kind, show_subject
from projections.read_model import catch_up, rebuild
from projections.read_model.database import ReadModel
from projections.read_model.rebuild import make_answers
from projections.read_model.rows import NewerVersionError
from projections.read_model.schema import FORMAT
from tests.faults.sqlite_statements import after_statement
from tests.readings.served import LEDGER_ID, Fact, Record

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OTHER_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
SOURCES = (SourceRef(source="source/geo", published="2025-07-18"),)
QUESTION = Clocks(date(2025, 7, 19)), policy(DEFAULT)


def named(party: str, name: str) -> Fact:
    body = Established(asserted_by=RECORDER, basis="recorder", name=name, type="state")
    return Fact(party, "party.established", body)


def reported(number: int, thing: str = "reserve/sv") -> Fact:
    body = HoldingReported(
        asserted_by="party/sv",
        basis="own-publication",
        sources=SOURCES,
        effective=f"2025-07-{1 + number % 18:02}",
        amount=read_quantity(f"{number} BTC"),
        scope="unstated",
        key=f"row {number}",
    )
    return Fact(thing, "reserve.holding-reported", body)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """Give a record of nine events."""
    made = Record(tmp_path / "record.sqlite3", date(2025, 7, 19))
    made.add([named("party/sv", "El Salvador"), *map(reported, range(5))])
    made.add([reported(5), reported(6, "reserve/pk")])
    yield made
    made.close()


@pytest.fixture
def file(record: Record) -> Path:
    """Give the file of answers beside the record, caught up."""
    path = record.path.with_name("answers.sqlite3")
    assert answered(record, path)[0] == 9
    return path


def answered(record: Record, path: Path | None) -> tuple[int, str, list[Any]]:
    """Return the position, the digest over all rows, and what is said of the reserves."""
    with record.reader() as reader, ReadModel.open(reader, path) as answers:
        pages = [show_subject(answers, thing, *QUESTION) for thing in answers.things("reserve")]
        return (
            answers.position,
            answers.digest(),
            [*pages, *list_kind(answers, "reserve", *QUESTION)],
        )


def in_file(path: Path) -> int:
    """Return the position that the file itself has reached."""
    with closing(sqlite3.connect(path)) as connection:
        return catch_up.position_of(connection)


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def run_in_memory(record: Record) -> tuple[int, str, list[Any]]:
    return answered(record, None)


# Deleted, broken, foreign


def test_answers_that_were_deleted_come_back_the_same(record: Record, file: Path) -> None:
    before = answered(record, file)
    file.unlink()
    assert answered(record, file) == before == run_in_memory(record)
    assert in_file(file) == 9


def with_bytes(at: int, new: bytes) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        old = path.read_bytes()
        path.write_bytes(old[:at] + new + old[at + len(new) :])

    return spoil


SPOILT: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_bytes(b"What was I? " * 1_000),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:5_000]),
    "another header": with_bytes(0, b"SQLite format 4\0"),
    "pages overwritten": with_bytes(4_096, b"\xa5" * 40_000),
    "of another program": lambda path: sql(path, "PRAGMA application_id = 7"),
    "of an older format": lambda path: sql(path, f"PRAGMA user_version = {FORMAT - 1}"),
    "of a newer format": lambda path: sql(path, f"PRAGMA user_version = {FORMAT + 1}"),
    "without a table": lambda path: sql(path, "DROP TABLE claims"),
    "without its state": lambda path: sql(path, "DROP TABLE state"),
    "without its ledger": lambda path: sql(path, "DELETE FROM state WHERE name = 'ledger'"),
    "of another ledger": lambda path: sql(
        path, "UPDATE state SET value = 'another' WHERE name = 'ledger'"
    ),
    "ahead": lambda path: sql(path, "UPDATE state SET value = '99' WHERE name = 'position'"),
    "of a copy with another last event": lambda path: sql(
        path, "UPDATE state SET value = replace(value, 'row 6', 'row 7') WHERE name = 'last'"
    ),
    "with a newer row than its position": lambda path: sql(
        path, "UPDATE claims SET position = 10 WHERE position = 8"
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_file_that_is_no_use_is_made_anew(record: Record, file: Path, how: str) -> None:
    before = answered(record, file)
    SPOILT[how](file)
    assert answered(record, file) == before
    assert in_file(file) == 9
    assert [path.name for path in file.parent.glob("answers*")] == ["answers.sqlite3"]


def test_a_folder_in_the_place_of_the_file_gives_way_if_it_is_empty(
    record: Record, tmp_path: Path
) -> None:
    path = tmp_path / "answers.sqlite3"
    path.mkdir()
    (path / "kept").touch()
    assert answered(record, path) == run_in_memory(record)
    assert path.is_dir()
    (path / "kept").unlink()
    assert answered(record, path) == run_in_memory(record)
    assert path.is_file()


def test_the_answers_of_another_ledger_are_not_taken_for_ones_own(
    record: Record, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Record(tmp_path / "other" / "record.sqlite3", date(2025, 7, 19), OTHER_ID)
    other.add([named("party/sv", "Salvador"), *map(reported, range(20, 30))])
    theirs = tmp_path / "other" / "answers.sqlite3"
    shutil.copy(file, theirs)
    assert answered(other, theirs) == run_in_memory(other)
    other.close()


# A record that went back in time


def restored(record: Record, position: int) -> Record:
    """Return a record as it was at a position, with the answers of today beside it."""
    folder = record.path.parent / "restored"
    folder.mkdir()
    back = Record(folder / "record.sqlite3", record.day, LEDGER_ID)
    back.add([named("party/sv", "El Salvador"), *map(reported, range(position - 2))])
    shutil.copy(record.path.with_name("answers.sqlite3"), folder)
    return back


def test_answers_ahead_of_a_restored_record_are_made_anew(record: Record, file: Path) -> None:
    back = restored(record, 5)
    answers = back.path.with_name("answers.sqlite3")
    assert answered(back, answers) == run_in_memory(back)
    assert in_file(answers) == 5
    back.close()


@pytest.mark.parametrize("more", [4, 7])
def test_answers_from_before_a_restore_are_not_taken_for_those_after(
    record: Record, file: Path, more: int
) -> None:
    back = restored(record, 5)
    back.day = date(2025, 7, 20)
    back.add(map(reported, range(100, 100 + more)))
    answers = back.path.with_name("answers.sqlite3")
    assert answered(back, answers) == run_in_memory(back)
    assert in_file(answers) == 5 + more
    back.close()


# Rebuilt, stopped


def test_a_rebuild_gives_the_same_rows_as_catching_up(record: Record, file: Path) -> None:
    before = answered(record, file)
    with record.reader() as reader:
        for until in range(1, 10):
            grown = file.with_name(f"until-{until}.sqlite3")
            assert make_answers(reader, grown, until=until) == make_answers(
                reader, None, until=until
            )
            assert in_file(grown) == until
            assert answered(record, grown) == before
        assert make_answers(reader, file) == before[:2]
    assert answered(record, file) == before


def test_progress_is_told_from_the_first_batch_to_the_last(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(rebuild, "BATCH", 2)
    with record.reader() as reader:
        make_answers(reader, None, progress=lambda *at: told.append(at))
    assert told == [(2, 9), (9, 9)]


@pytest.mark.parametrize(("more", "anew"), [(9, False), (10, True)])
def test_answers_that_lack_most_are_made_anew_rather_than_caught_up(
    record: Record, file: Path, more: int, anew: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.stat().st_ino
    record.add(map(reported, range(20, 20 + more)))
    monkeypatch.setattr("projections.read_model.database.FAR", 3)
    assert answered(record, file) == run_in_memory(record)
    assert in_file(file) == 9 + more
    assert (file.stat().st_ino != before) is anew


def test_what_killed_runs_left_is_removed_and_what_is_being_written_is_not(
    record: Record, file: Path
) -> None:
    left, journal, written = (file.with_name(f".{file.name}.{n}.new") for n in ("1", "2", "3"))
    journal = left.with_name(f"{left.name}-journal")
    for each in (left, journal, written):
        each.write_bytes(b"half made")
    with written.open() as locked, record.reader() as reader:
        fcntl.flock(locked, fcntl.LOCK_EX)
        make_answers(reader, file)
    assert sorted(file.parent.glob(".answers*")) == [written]


class StoppedError(Exception):
    """Somebody pressed Ctrl-C."""


def stop(position: int, last: int) -> None:
    if position >= 4:  # of nine
        raise StoppedError


def test_a_rebuild_that_is_stopped_leaves_the_answers_there_were(
    record: Record, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()
    monkeypatch.setattr(rebuild, "BATCH", 2)
    with record.reader() as reader, pytest.raises(StoppedError):
        make_answers(reader, file, progress=stop)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.glob("answers*")] == ["answers.sqlite3"]


def test_catching_up_that_is_stopped_goes_on_where_it_was(
    record: Record, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.add(map(reported, range(10, 20)))
    monkeypatch.setattr(catch_up, "BATCH", 3)
    with (
        record.reader() as reader,
        closing(sqlite3.connect(file, isolation_level=None)) as connection,
        pytest.raises(StoppedError),
    ):
        catch_up.catch_up(connection, reader, progress=stop)
    assert in_file(file) == 12
    assert answered(record, file) == run_in_memory(record)
    assert in_file(file) == 19


def test_a_batch_is_taken_whole_or_not_at_all(
    record: Record, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answered(record, file)
    record.add([reported(11), reported(12, "reserve/pk")])

    def fail(_: sqlite3.Connection) -> None:
        raise StoppedError

    after_statement(monkeypatch, "INSERT INTO claims", fail)
    with record.reader() as reader, closing(sqlite3.connect(file)) as connection:
        connection.isolation_level = None
        with pytest.raises(StoppedError):
            catch_up.catch_up(connection, reader)
        assert connection.execute("SELECT max(position) FROM claims").fetchone() == (9,)
    monkeypatch.undo()
    assert in_file(file) == 9
    assert answered(record, file)[0] == 11 != before[0]


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from events.store.sqlite.reader import RecordReader
from projections.read_model import catch_up, database, rebuild

rebuild.BATCH = catch_up.BATCH = 4
record, file, how = sys.argv[1:]

def kill(position, last):
    if position >= 16:
        os.kill(os.getpid(), signal.SIGKILL)

with RecordReader(Path(record)) as reader:
    if how == "rebuilding":
        rebuild.make_answers(reader, Path(file), progress=kill)
    with database.ReadModel.open(reader, Path(file), kill):
        pass
"""


@pytest.mark.parametrize(("how", "reached"), [("rebuilding", 9), ("catching up", 17)])
def test_a_run_that_is_killed_leaves_answers_that_go_on(
    how: str, reached: int, record: Record, file: Path
) -> None:
    record.add([reported(number, f"reserve/r-{number % 7}") for number in range(10, 40)])
    asked = [sys.executable, "-c", KILLED, str(record.path), str(file), how]
    killed = subprocess.run(asked, env={"PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert in_file(file) == reached
    assert answered(record, file) == run_in_memory(record)


# A record that is damaged


def change(record: Record, statement: str) -> None:
    sql(
        record.path,
        "DROP TRIGGER stored_events_update",
        "DROP TRIGGER stored_events_delete",
        statement,
    )


def test_of_a_damaged_event_no_answers_are_made(record: Record, tmp_path: Path) -> None:
    change(record, "UPDATE stored_events SET state = x'7b7d' WHERE originator_id LIKE '%pk'")
    with record.reader() as reader, pytest.raises(RecordDamagedError, match="@9"):
        make_answers(reader, tmp_path / "answers.sqlite3")
    assert list(tmp_path.glob("answers*")) == []


@pytest.mark.parametrize("where", ["= 7", "BETWEEN 7 AND 8"])
def test_a_missing_event_is_named_though_things_are_read_one_by_one(
    record: Record, tmp_path: Path, where: str
) -> None:
    change(record, f"DELETE FROM stored_events WHERE position {where}")
    with record.reader() as reader, pytest.raises(RecordDamagedError, match="there is no @7"):
        make_answers(reader, tmp_path / "answers.sqlite3")
    assert list(tmp_path.glob("answers*")) == []


# Nothing of the answers is flushed


def test_no_connection_to_the_answers_flushes(record: Record, file: Path) -> None:
    for path in (file, file.with_name("new.sqlite3"), None):
        with record.reader() as reader, ReadModel.open(reader, path) as answers:
            assert answers.connection.execute("PRAGMA synchronous").fetchone() == (0,)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_taking_up_an_event_waits_for_no_disk(record: Record, file: Path, tmp_path: Path) -> None:
    record.add([reported(11)])
    process = reader_process(record.path, file, strace=tmp_path / "calls")
    assert said(process)[0] == 10
    calls = (tmp_path / "calls").read_text()
    assert "answers.sqlite3" in calls
    assert "sync(" not in calls


# Others at the same time, and places where nobody may write


def reader_process(
    record: Path, answers: Path, *rights: str, strace: Path | None = None
) -> subprocess.Popen[str]:
    calls = ("-f", "-e", "trace=openat,fsync,fdatasync,sync_file_range,msync", "-o", str(strace))
    process = subprocess.Popen(
        [
            *(("strace", *calls) if strace else ()),
            sys.executable,
            HERE / "answers_reader.py",
            record,
            answers,
            *rights,
        ],
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def said(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, _ = process.communicate("go\n", timeout=120)
    assert process.returncode == 0
    position, digest, where = out.split()
    return int(position), digest, where


@pytest.mark.parametrize("there", [True, False], ids=["behind", "missing"])
def test_processes_that_catch_up_at_once_do_no_harm(
    record: Record, file: Path, there: bool
) -> None:
    record.add(map(reported, range(100, 1_500)))
    if not there:
        file.unlink()
    processes = [reader_process(record.path, file) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    with record.reader() as reader:
        expected = make_answers(reader, None)
    assert [said(process)[:2] for process in processes] == [expected] * 3
    assert answered(record, file)[:2] == expected
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [path.name for path in file.parent.glob("answers*")] == ["answers.sqlite3"]


def test_a_read_does_not_wait_long_for_a_file_that_another_keeps(
    record: Record, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.add([reported(11)])
    monkeypatch.setattr("projections.read_model.connection.LOCK_WAIT_S", 0.1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert answered(record, file) == run_in_memory(record)
        other.execute("ROLLBACK")
    assert in_file(file) == 9


@pytest.fixture
def closed(record: Record, file: Path) -> Iterator[Callable[[], Path]]:
    """Give what copies the ledger, as it is, to where nobody may write, and returns the folder."""
    folder = Path(tempfile.mkdtemp(prefix="depositary-"))

    def close() -> Path:
        sql(record.path, "PRAGMA wal_checkpoint(TRUNCATE)")
        for path in (record.path, file):
            if path.exists():
                shutil.copy(path, folder)
                (folder / path.name).chmod(0o444)
        folder.chmod(0o555)
        return folder

    yield close
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("state", ["as they are", "behind", "deleted", "ahead", "no database"])
def test_where_nobody_may_write_answers_are_right_and_forgotten(
    record: Record, file: Path, closed: Callable[[], Path], state: str
) -> None:
    match state:
        case "behind":
            record.add(map(reported, range(10, 20)))
        case "deleted":
            file.unlink()
        case "ahead" | "no database":
            SPOILT[state](file)
    with record.reader() as reader:
        position, digest = make_answers(reader, None)
    folder = closed()
    before = sorted(folder.iterdir())
    reader_of_it = reader_process(folder / record.path.name, folder / file.name, "nobody")
    kept = "kept" if state == "as they are" else "forgotten"
    assert said(reader_of_it) == (position, digest, kept)
    assert sorted(folder.iterdir()) == before


# A newer version


def test_what_a_newer_version_wrote_is_counted_and_not_answered(record: Record, file: Path) -> None:
    record.add_raw("reserve/pk", "reserve.melted.v1", b'{"asserted_by":"party/sv"}')
    record.add([named("party/pk", "Pakistan")])
    with record.reader() as reader, ReadModel.open(reader, file) as answers:
        assert (
            (answers.position, answers.digest())
            == make_answers(reader, None)
            == (11, answers.digest())
        )
        assert show_subject(answers, "reserve/sv", *QUESTION)["subject"] == "reserve/sv"
        with pytest.raises(NewerVersionError, match=r"@10 is a reserve\.melted\.v1"):
            show_subject(answers, "reserve/pk", *QUESTION)
        known = QUESTION[0]._replace(known_at=9)
        assert show_subject(answers, "reserve/pk", known, QUESTION[1])["known_at"] == 9
