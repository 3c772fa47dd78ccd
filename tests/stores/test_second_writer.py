"""Is what a second process writes what this one would write, whatever becomes of either?"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from domain.decisions import ahead, bulk
from domain.decisions.bulk import Bulk, Fact
from domain.ledger import Draft, Ledger
from events import second, validation
from events.envelope import MAX_EVENT_BYTES, stored_data
from events.store import second_writer
from events.store.errors import StoreError, VersionConflictError
from events.store.factory import open_reader
from events.store.location import Location
from events.store.rows import Bare
from events.store.second_writer import SecondWriter, WriterLostError

RECORDER = {"asserted_by": "party/recorder", "basis": "recorder"}
OF_A_BATCH = 5


class Waiting(SecondWriter):
    """A second process that is waited for, and that is remembered."""

    all: ClassVar[list["Waiting"]] = []
    begun = 0

    def __init__(self, where: Location, ledger_id: str) -> None:
        super().__init__(where, ledger_id)
        self.all.append(self)
        self.process = self._pid
        while not self.ready and self._pid is not None:
            time.sleep(0.005)

    def begin(self, events: Any) -> None:
        self.begun += 1
        super().begin(events)


@pytest.fixture
def writers(monkeypatch: pytest.MonkeyPatch) -> list[Waiting]:
    """Give the second processes; from a first batch on there is one, as on two processors."""
    monkeypatch.setattr(Waiting, "all", [])
    monkeypatch.setattr(bulk, "BATCH", OF_A_BATCH)
    monkeypatch.setattr(ahead, "MANY", 1)
    monkeypatch.setattr(ahead, "there_is_one", lambda: True)
    monkeypatch.setattr(ahead, "SecondWriter", Waiting)
    return Waiting.all


def party(n: int) -> Fact:
    data = {**RECORDER, "name": f"Party {n}", "type": "state"}
    return Fact(f"party/p{n}", "party.established", data)


def declared(n: int) -> Fact:
    data = {**RECORDER, "party": "party/p0", "gist": f"number {n}"}
    return Fact("agreement/x", "agreement.declaration-made", data)


def rows(where: Location) -> list[Any]:
    with open_reader(where) as reader:
        return [(r.position, r.thing, r.version, r.topic, r.state) for r in reader.rows()]


def written(where: Location) -> list[Any]:
    """Return what is recorded, but for its ledger and its time."""
    return [(*row, stored_data(state)) for *row, state in rows(where)][1:]


def test_a_second_process_writes_what_this_one_writes(
    where: Location, tmp_path: Path, writers: list[Waiting]
) -> None:
    facts = [*map(party, range(12)), *map(declared, range(11)), party(3)]
    found = []
    for name, place in (("two", where), ("one", tmp_path / "one.sqlite3")):
        with Ledger.create(place) as ledger, Bulk(ledger) as into:
            if name == "one":
                ledger.clock = lambda: datetime.now(UTC)  # only this process knows it
            batches = [
                [(t.what, t.id, t.position) for t in batch] for batch in into.record(iter(facts))
            ]
            found.append((batches, into.recorded, written(place)))
    assert found[0] == found[1]
    assert [one.begun for one in writers] == [4]
    times = [state.partition(b'"time":"')[2][:27] for *_, state in rows(where)]
    assert times == sorted(times)
    assert all(times)


def test_no_process_is_left(ledger: Ledger, writers: list[Waiting]) -> None:
    with Bulk(ledger) as into:
        list(into.record(map(party, range(20))))
    (one,) = writers
    assert one.process is not None
    with pytest.raises(ProcessLookupError):
        os.kill(one.process, 0)


def test_who_was_faster_than_a_second_process_is_met_by_deciding_again(
    where: Location, ledger: Ledger, writers: list[Waiting]
) -> None:
    said = validation.read(
        "agreement.declaration-made", {**RECORDER, "party": "party/p0", "gist": "by another"}
    )

    def facts() -> Iterator[Fact]:
        yield from map(party, range(OF_A_BATCH))
        for n in range(14):
            if n == 7:
                other.append([Draft("agreement/x", "agreement.declaration-made", lambda _: said)])
            yield declared(n)

    with Bulk(ledger, as_reported=True) as into, Ledger(where) as other:
        found = [one for batch in into.record(facts()) for one in batch]
        assert into.recorded == len(found) == 19
    assert {one.what for one in found} == {"recorded"}
    recorded = {position: f"{thing}/{version}" for position, thing, version, _, _ in rows(where)}
    assert list(recorded) == list(range(1, 22))
    assert [recorded[one.position or 0] for one in found] == [one.id for one in found]
    assert writers[0].begun > 1


def test_nothing_is_said_of_a_batch_of_a_second_process_before_it_is_durable(
    where: Location, ledger: Ledger, writers: list[Waiting]
) -> None:
    with Bulk(ledger) as into:
        for batch in into.record(map(party, range(23))):
            assert {one.position for one in batch} <= {row[0] for row in rows(where)}
    assert writers[0].begun == 4


def test_an_interrupt_leaves_whole_batches_and_their_number(
    where: Location, ledger: Ledger, writers: list[Waiting]
) -> None:
    def stopped() -> Iterator[Fact]:
        yield from map(party, range(22))
        raise KeyboardInterrupt

    with Bulk(ledger) as into, pytest.raises(KeyboardInterrupt):
        list(into.record(stopped()))
    assert into.recorded == 20
    assert len(rows(where)) == 21
    assert writers[0].begun == 3


@pytest.mark.parametrize("at", ["handing over", "sending", "reading"])
def test_an_interrupt_while_a_batch_is_handed_over_loses_none_of_it(
    at: str,
    where: Location,
    ledger: Ledger,
    writers: list[Waiting],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interrupts = iter(range(100))

    def interrupted(done: Any) -> Any:
        def do(self: Waiting, *asked: Any) -> Any:
            if next(interrupts) == 1:
                raise KeyboardInterrupt
            return done(self, *asked)

        return do

    name = {"handing over": "begin", "sending": "_send", "reading": "_read"}[at]
    monkeypatch.setattr(SecondWriter, name, interrupted(getattr(SecondWriter, name)))
    with Bulk(ledger) as into, pytest.raises(KeyboardInterrupt):
        list(into.record(map(party, range(40))))
    assert into.recorded == len(rows(where)) - 1
    assert into.recorded % OF_A_BATCH == 0
    assert into.recorded > OF_A_BATCH


def pressing(done: Any, at: int) -> Any:
    """Return what does the same, and then Ctrl-C is pressed, the n-th time it is called."""
    calls = iter(range(1_000))

    def do(*asked: Any) -> Any:
        found = done(*asked)
        if next(calls) == at:
            os.kill(os.getpid(), signal.SIGINT)
        return found

    return do


class Pipes:
    """What the writer asks of the system, as it is but for what a test sets."""

    def __init__(self, **other: Any) -> None:
        self.__dict__.update(other)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


@pytest.mark.parametrize("at", range(2, 7))
@pytest.mark.parametrize("what", ["read", "write"])
def test_ctrl_c_between_a_call_of_the_system_and_its_outcome_loses_nothing(
    what: str, at: int, ledger: Ledger, writers: list[Waiting], monkeypatch: pytest.MonkeyPatch
) -> None:
    def some(fd: int, data: memoryview) -> int:
        return os.write(fd, data[:700])  # a full pipe takes a part

    done = {"read": os.read, "write": some}[what]
    monkeypatch.setattr(second_writer, "os", Pipes(**{what: pressing(done, at)}))
    with Bulk(ledger) as into, pytest.raises(KeyboardInterrupt):
        list(into.record(map(party, range(60))))
    assert into.recorded == len(rows(ledger.where)) - 1
    assert into.recorded % OF_A_BATCH == 0
    assert writers[0].begun


def test_where_it_was_killed_the_run_says_so_and_another_goes_on(
    where: Location, ledger: Ledger, writers: list[Waiting]
) -> None:
    def killing() -> Iterator[Fact]:
        for n in range(30):
            if n == 17:
                os.kill(writers[0].process or 0, signal.SIGKILL)
            yield party(n)

    with Bulk(ledger) as into, pytest.raises(WriterLostError, match="recorded twice"):
        list(into.record(killing()))
    assert into.recorded <= len(rows(where)) - 1
    with Bulk(ledger) as into:
        list(into.record(map(party, range(30))))
    assert [thing for _, thing, *_ in rows(where)][1:] == [f"party/p{n}" for n in range(30)]


BROKEN = {
    "it does not start": "import no_such_module",
    "it is killed": "import os; os.kill(os.getpid(), 9)",
}


@pytest.mark.parametrize("how", BROKEN)
def test_where_it_fails_all_is_written_here(
    how: str,
    where: Location,
    ledger: Ledger,
    writers: list[Waiting],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(second, "_START", BROKEN[how])
    with Bulk(ledger) as into:
        list(into.record(map(party, range(20))))
        assert into.recorded == 20
    assert [one.begun for one in writers] == [0]
    assert len(rows(where)) == 21


def test_where_none_can_be_started_all_is_written_here(
    where: Location, ledger: Ledger, writers: list[Waiting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with Bulk(ledger) as into:
        list(into.record(map(party, range(20))))
    assert len(rows(where)) == 21
    assert [one.begun for one in writers] == [0]


def test_where_no_file_can_be_opened_any_more_all_is_written_here(
    where: Location, ledger: Ledger, writers: list[Waiting], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left() -> Any:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(second_writer, "os", Pipes(pipe=none_left))
    with Bulk(ledger) as into:
        list(into.record(map(party, range(20))))
    assert len(rows(where)) == 21
    assert writers == []


@pytest.fixture
def childless() -> Iterator[None]:
    """Ignore the ends of child processes, as whoever started this may have told it to."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGCHLD, before)


@pytest.mark.usefixtures("childless")
def test_it_ends_where_nobody_is_told_of_the_ends_of_processes(
    where: Location, ledger: Ledger, writers: list[Waiting]
) -> None:
    with Bulk(ledger) as into:
        list(into.record(map(party, range(20))))
    assert len(rows(where)) == 21
    assert writers[0].begun


class Word(str):
    """A text that is more than one."""


def test_a_text_that_is_more_than_one_is_handed_over_as_a_text(
    where: Location, ledger: Ledger, writers: list[Waiting]
) -> None:
    facts = (fact._replace(thing=Word(fact.thing)) for fact in map(party, range(20)))
    with Bulk(ledger) as into:
        list(into.record(facts))
    assert len(rows(where)) == 21
    assert writers[0].begun


def test_few_facts_start_no_process(
    ledger: Ledger, writers: list[Waiting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "MANY", OF_A_BATCH + 1)
    with Bulk(ledger) as into:
        list(into.record(map(party, range(20))))
    assert writers == []


def test_a_rehearsal_starts_no_process(
    where: Location, ledger: Ledger, writers: list[Waiting]
) -> None:
    with Bulk(ledger, rehearse=True) as into:
        list(into.record(map(party, range(20))))
    assert writers == []
    assert len(rows(where)) == 1


def event(version: int, data: bytes = b'{"basis":"recorder"}') -> Bare:
    return Bare("party/a", version, "party.noted.v1", data)


@pytest.mark.usefixtures("writers")
def test_what_its_write_raises_is_raised_here(ledger: Ledger) -> None:
    writer = Waiting(ledger.where, ledger.ledger_id)
    try:
        writer.begin([event(1)])
        assert writer.landed() == writer.landed() == [2]  # as often as it is asked
        writer.begin([event(1)])
        with pytest.raises(VersionConflictError, match="party/a/1 is written already, as @2"):
            writer.landed()
        writer.begin([event(2, b'"%b"' % (MAX_EVENT_BYTES * b"x"))])
        with pytest.raises(StoreError, match="at most"):
            writer.landed()
        writer.begin([event(2)])
        assert writer.landed() == [3]
    finally:
        writer.close(waiting=False)


@pytest.mark.usefixtures("writers")
def test_nothing_is_imported_from_the_folder_where_one_stands(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    for name in ("json", "marshal", "os", "importlib", "eventsourcing", "sqlite3", "events"):
        (here / f"{name}.py").write_text("open('was-here', 'w').close()", encoding="utf-8")
    monkeypatch.chdir(here)
    where = ledger.where.absolute() if isinstance(ledger.where, Path) else ledger.where
    writer = Waiting(where, ledger.ledger_id)
    assert writer.ready
    writer.close(waiting=True)
    assert not (here / "was-here").exists()
