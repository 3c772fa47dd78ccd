"""Is what two processes make the same as what one makes, whatever becomes of the second?"""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from served import Fact, Oracle, Record

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, policy
from events import second
from events.amounts import read_quantity
from events.body import RECORDER, SourceRef
from events.kinds.party import Established
from events.kinds.reserve import HoldingReported
from events.store.errors import RecordDamagedError
from projections.queries import lists
from projections.queries.lists import lines
from projections.read_model import halving, rebuild, replay
from projections.read_model.catch_up import position_of
from projections.read_model.database import Answers, make

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2025, 7, 19)
PAST = Clocks(date(2025, 7, 9), None, 30)
BY_RECORDER: dict[str, Any] = {"asserted_by": RECORDER, "basis": "recorder"}


def reported(number: int) -> Fact:
    body = HoldingReported(
        asserted_by="party/sv",
        basis="own-publication",
        sources=(SourceRef(source="source/x", published=None if number % 3 else "2025-07-10"),),
        effective=f"2025-07-{1 + number % 18:02}",
        amount=read_quantity(f"{number + 1} BTC"),
        scope="unstated",
    )
    return Fact(f"reserve/r-{number % 7}", "reserve.holding-reported", body)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """Give a record of 43 events about ten things, one of them written by a newer version."""
    made = Record(tmp_path / "record.sqlite3", TODAY)
    named = Established(**BY_RECORDER, name="El Salvador", type="state")
    made.add([Fact("party/sv", "party.established", named), *map(reported, range(40))])
    made.add_raw("reserve/newer", "reserve.melted.v1", b'{"asserted_by":"party/sv"}')
    yield made
    made.close()


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything be worth a second process, and there be one."""
    monkeypatch.setattr(lists, "MANY", 2)
    monkeypatch.setattr(halving, "MANY", 2)
    monkeypatch.setattr(rebuild, "BATCH", 4)
    monkeypatch.setattr(replay, "BATCH", 4)
    monkeypatch.setattr(second, "there_is_one", lambda: True)
    monkeypatch.setattr(halving, "there_is_one", lambda: True)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes | None]:
    """Give what second processes have sent, None for one that failed."""
    found: list[bytes | None] = []
    all_of = second.Second.all

    def kept(self: second.Second) -> bytes | None:
        found.append(all_of(self))
        return found[-1]

    monkeypatch.setattr(second.Second, "all", kept)
    return found


BROKEN = {
    "it does not start": "import no_such_module",
    "it stops halfway": "import os, sys; os.write(1, b'..'); sys.exit(1)",
    "it is killed": "import os; os.kill(os.getpid(), 9)",
}


def alone(record: Record, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    with monkeypatch.context() as one, record.reader() as reader:
        one.setattr(halving, "MANY", 10**9)
        return make(reader, None)


def rows(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return [
            sorted(connection.execute(f"SELECT * FROM {table}").fetchall())
            for table in ("claims", "things", "state")
        ] + [connection.execute("SELECT * FROM lines ORDER BY thing").fetchall()]


def test_two_processes_make_the_answers_that_one_makes(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: list[bytes | None]
) -> None:
    by_one, by_two = tmp_path / "one.sqlite3", tmp_path / "two.sqlite3"
    with record.reader() as reader:
        made = make(reader, by_two)
        assert make(reader, None) == made
        monkeypatch.setattr(halving, "MANY", 10**9)
        assert make(reader, by_one) == made
    assert rows(by_one) == rows(by_two)
    assert len(sent) == 2
    assert None not in sent
    assert sorted(path.name for path in tmp_path.glob("two*")) == ["two.sqlite3"]


def test_where_no_process_can_be_started_there_is_none(
    record: Record, monkeypatch: pytest.MonkeyPatch, sent: list[bytes | None]
) -> None:
    expected = alone(record, monkeypatch)
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with record.reader() as reader:
        assert make(reader, None) == expected
    assert sent == [None]


@pytest.mark.parametrize("how", BROKEN)
def test_answers_are_made_though_the_second_process_fails(
    how: str,
    record: Record,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sent: list[bytes | None],
) -> None:
    monkeypatch.setattr(second, "_START", BROKEN[how])
    with record.reader() as reader:
        assert make(reader, tmp_path / "two.sqlite3") == alone(record, monkeypatch)
    assert sent == [None]
    assert sorted(path.name for path in tmp_path.glob("two*")) == ["two.sqlite3"]


@pytest.mark.parametrize("clocks", [Clocks(TODAY), PAST, PAST._replace(public_at=TODAY)], ids=str)
@pytest.mark.parametrize("name", [DEFAULT, "latest"])
def test_two_processes_make_the_list_that_one_makes(
    clocks: Clocks, name: str, record: Record, tmp_path: Path, sent: list[bytes | None]
) -> None:
    with record.reader() as reader, Answers.open(reader, tmp_path / "answers.sqlite3") as answers:
        oracle: Any = Alone(answers)
        sent.clear()
        found = lines(answers, "reserve", clocks, policy(name))
        assert found == lines(oracle, "reserve", clocks, policy(name))
    assert found.rows
    assert found.left_out > 0 if clocks.public_at else found.left_out == 0
    assert None not in sent
    assert len(sent) == 1


@pytest.mark.parametrize("how", BROKEN)
def test_a_list_is_whole_though_the_second_process_fails(
    how: str,
    record: Record,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sent: list[bytes | None],
) -> None:
    with record.reader() as reader, Answers.open(reader, tmp_path / "answers.sqlite3") as answers:
        whole = lines(answers, "reserve", PAST, policy(DEFAULT))
        sent.clear()
        monkeypatch.setattr(second, "_START", BROKEN[how])
        assert lines(answers, "reserve", PAST, policy(DEFAULT)) == whole
    assert sent == [None]


class Alone:
    """The same answers, of which no other process may know."""

    def __init__(self, answers: Answers) -> None:
        self._answers, self.path = answers, None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answers, name)


def test_what_is_damaged_is_told_though_a_second_process_met_it(
    record: Record, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(record.path)) as connection:
        connection.execute("DROP TRIGGER stored_events_update")
        connection.execute(
            "UPDATE stored_events SET state = x'7b7d' WHERE originator_id LIKE '%r-6'"
        )
        connection.commit()
    with record.reader() as reader, pytest.raises(RecordDamagedError, match="@"):
        make(reader, tmp_path / "answers.sqlite3")
    assert list(tmp_path.glob("answers*")) == []


def test_a_missing_event_is_named_though_things_are_read_one_by_one(
    record: Record, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(record.path)) as connection:
        connection.execute("DROP TRIGGER stored_events_delete")
        connection.execute("DELETE FROM stored_events WHERE position = 17")
        connection.commit()
    with record.reader() as reader, pytest.raises(RecordDamagedError, match="there is no @17"):
        make(reader, tmp_path / "answers.sqlite3")
    assert list(tmp_path.glob("answers*")) == []


def test_a_record_that_lost_most_of_its_events_is_told_too(record: Record) -> None:
    with closing(sqlite3.connect(record.path)) as connection:
        connection.execute("DROP TRIGGER stored_events_delete")
        connection.execute("DELETE FROM stored_events WHERE position BETWEEN 5 AND 41")
        connection.commit()
    with record.reader() as reader, pytest.raises(RecordDamagedError, match="there is no @5"):
        make(reader, None)


def test_it_imports_nothing_from_where_one_stands_or_this_process_may_not(
    tmp_path: Path,
) -> None:
    for name in ("json", "projections"):
        (tmp_path / f"{name}.py").write_text("open('was-here', 'w').close()", encoding="utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from events import second\n"
        "with second.Second('projections.read_model.rebuild', {}) as other: print(other.all())\n"
    )
    asked = [sys.executable, "-I", "-c", code]
    told = {"PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(asked, cwd=tmp_path, env=told, capture_output=True, text=True, check=True)
    assert ran.stdout == "None\n", ran.stderr  # it found the module, and nothing to do
    assert not (tmp_path / "was-here").exists()


def test_nothing_is_left_of_a_run_that_is_stopped(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    spawn = os.posix_spawn

    def started_by(*asked: Any, **more: Any) -> int:
        started.append(spawn(*asked, **more))
        return started[-1]

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "posix_spawn", started_by)

    with record.reader() as reader, pytest.raises(KeyboardInterrupt):
        make(reader, tmp_path / "answers.sqlite3", progress=stop)
    assert list(tmp_path.glob("answers*")) == []
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)


def folded(
    record: Record, clocks: Clocks = PAST, name: str = DEFAULT, last: int = 30
) -> replay.Replayed:
    with record.reader() as reader:
        return replay.replayed(reader, replay.Question(last, clocks, policy(name)))


@pytest.mark.parametrize("clocks", [Clocks(TODAY), PAST, PAST._replace(public_at=TODAY)], ids=str)
@pytest.mark.parametrize("name", [DEFAULT, "latest"])
def test_two_processes_fold_what_one_folds(
    clocks: Clocks,
    name: str,
    record: Record,
    monkeypatch: pytest.MonkeyPatch,
    sent: list[bytes | None],
) -> None:
    by_two = folded(record, clocks, name, 43)
    monkeypatch.setattr(halving, "MANY", 10**9)
    assert folded(record, clocks, name, 43) == by_two
    assert by_two[:3] == (43, 10, 1)
    assert len(sent) == 1
    assert None not in sent


@pytest.mark.parametrize("how", BROKEN)
def test_all_is_folded_though_the_second_process_fails(
    how: str, record: Record, monkeypatch: pytest.MonkeyPatch, sent: list[bytes | None]
) -> None:
    whole = folded(record)
    monkeypatch.setattr(second, "_START", BROKEN[how])
    assert folded(record) == whole
    assert sent[1:] == [None]


@pytest.mark.parametrize(
    "damage",
    [
        "state = x'7b7d'",
        "originator_id = 'reserve/other'",
        "state = CAST(replace(CAST(state AS TEXT), 'sat', 'tas') AS BLOB)",
        "position = 1000",
    ],
)
@pytest.mark.parametrize("many", [2, 10**9], ids=["by two", "by one"])
def test_what_is_damaged_is_not_folded(
    damage: str, many: int, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halving, "MANY", many)
    with closing(sqlite3.connect(record.path)) as connection:
        connection.execute("DROP TRIGGER stored_events_update")
        connection.execute(f"UPDATE stored_events SET {damage} WHERE position = 17")
        connection.commit()
    with pytest.raises(RecordDamagedError, match=r"damaged|no @17"):
        folded(record)


KILLED = """
import os, signal, sys
from pathlib import Path
from events.store.sqlite.reader import RecordReader
from projections.read_model import catch_up, database, halving, rebuild

halving.MANY, rebuild.BATCH, catch_up.BATCH = 2, 4, 4
record, file, how = sys.argv[1:]

def kill(position, last):
    if position >= 16:
        os.kill(os.getpid(), signal.SIGKILL)

with RecordReader(Path(record)) as reader:
    if how == "rebuilding":
        database.make(reader, Path(file), progress=kill)
    connection = database._connect(file)
    catch_up.catch_up(connection, reader, progress=kill)
"""


@pytest.mark.parametrize("how", ["rebuilding", "catching up"])
def test_a_run_that_is_killed_leaves_answers_that_go_on(
    how: str, record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "answers.sqlite3"
    with record.reader() as reader:
        make(reader, file, until=9)
        asked = [sys.executable, "-c", KILLED, str(record.path), str(file), how]
        killed = subprocess.run(asked, env={"PYTHONPATH": str(ROOT)}, check=False)
        assert killed.returncode == -signal.SIGKILL
        with closing(sqlite3.connect(file)) as connection:
            assert position_of(connection) == (9 if how == "rebuilding" else 17)
        with Answers.open(reader, file) as answers:
            assert (answers.position, answers.digest()) == alone(record, monkeypatch)


def test_progress_counts_what_both_have_done(record: Record) -> None:
    told: list[tuple[int, int]] = []
    with record.reader() as reader:
        make(reader, None, progress=lambda *at: told.append(at))
    assert told == sorted(told)
    assert {last for _, last in told} == {43}
    assert told[-1][0] == 43


def test_served_lists_by_two_equal_the_oracle(record: Record, tmp_path: Path) -> None:
    record_of_known = Record(tmp_path / "known.sqlite3", TODAY)
    record_of_known.add(map(reported, range(40)))
    with (
        record_of_known.reader() as reader,
        Answers.open(reader, tmp_path / "answers.sqlite3") as answers,
    ):
        oracle: Any = Oracle(reader)
        for clocks in (PAST, Clocks(TODAY), PAST._replace(public_at=date(2025, 7, 10))):
            asked = "reserve", clocks, policy(DEFAULT)
            assert lines(answers, *asked) == lines(oracle, *asked)
    record_of_known.close()
