"""What an open ledger decides on is what the record holds, whoever wrote there and what failed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from domain.ledger import AppendResult, Command, CommandRefusedError, Ledger
from events import validation
from events.envelope import open_envelope
from events.store.errors import CannotWriteError, VersionConflictError
from events.store.factory import open_reader
from events.store.location import Location

RECORDER = {"asserted_by": "party/recorder", "basis": "recorder"}
THING = "party/a"
DELETE = {
    "sqlite": "DROP TRIGGER stored_events_delete",
    "postgres": "ALTER TABLE stored_events DISABLE TRIGGER ALL",
}
GUARD_AGAIN = {
    "sqlite": "SELECT 1",  # an open ledger does not look at the schema again
    "postgres": "ALTER TABLE stored_events ENABLE ALWAYS TRIGGER stored_events_stay",
}


def stated(gist: str, thing: str = THING, **more: Any) -> Command:
    body = validation.read_body("party.stated", {**RECORDER, "gist": gist, **more})
    return Command(thing, "party.stated", lambda _: body)


@pytest.fixture
def other(where: Location, ledger: Ledger) -> Iterator[Ledger]:
    """Give the ledger as another process has it open."""
    with Ledger(where) as opened:
        yield opened


def append(ledger: Ledger, *gists: str) -> list[AppendResult]:
    return ledger.append([stated(gist) for gist in gists])


def versions(where: Location) -> list[int]:
    with open_reader(where) as reader:
        return [row.version for row in reader.rows(thing=THING)]


def gists(where: Location) -> list[str]:
    with open_reader(where) as reader:
        rows = reader.rows(thing=THING)
        return [open_envelope(row.state).data["gist"] for row in rows]


def test_what_another_process_recorded_is_known(ledger: Ledger, other: Ledger) -> None:
    append(ledger, "one")
    (theirs,) = append(other, "two")
    (mine,) = append(ledger, "two")
    assert (mine.already, mine.position, mine.id) == (True, theirs.position, "party/a/2")
    taken = ledger.append([stated("three", key="k")])
    with pytest.raises(CommandRefusedError, match=taken[0].id):
        other.append([stated("four", key="k")])


def test_who_was_overtaken_reads_anew_and_decides_again(
    where: Location, ledger: Ledger, other: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(ledger, "one")
    insert = ledger.recorder.insert_events

    def overtaken(events: Any, **how: Any) -> Any:
        monkeypatch.setattr(ledger.recorder, "insert_events", insert)
        append(other, "two")
        return insert(events, **how)

    monkeypatch.setattr(ledger.recorder, "insert_events", overtaken)
    assert [o.id for o in append(ledger, "three")] == ["party/a/3"]
    assert [o.id for o in append(ledger, "two", "four")] == ["party/a/2", "party/a/4"]
    assert versions(where) == [1, 2, 3, 4]


@pytest.mark.parametrize("error", [CannotWriteError("no room"), VersionConflictError("taken")])
def test_what_could_not_be_written_leaves_no_trace(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    append(ledger, "one")

    def fails(*_: Any, **__: Any) -> Any:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(ledger.recorder, "insert_events", fails)
        with pytest.raises(type(error)):
            append(ledger, "two", "three")
    (outcome,) = append(ledger, "three")
    assert (outcome.id, outcome.already) == ("party/a/2", False)
    assert gists(where) == ["one", "three"]


def test_neither_does_a_rehearsal_nor_a_batch_that_was_refused(
    where: Location, ledger: Ledger
) -> None:
    append(ledger, "one")
    ledger.append([stated("two")], dry_run=True)
    with pytest.raises(CommandRefusedError):
        ledger.append([stated("two"), stated("three", about=["party/nobody"])])
    (outcome,) = append(ledger, "two")
    assert (outcome.id, outcome.already) == ("party/a/2", False)
    assert versions(where) == [1, 2]


def test_what_the_record_lost_is_forgotten(
    request: pytest.FixtureRequest, where: Location, ledger: Ledger
) -> None:
    # As where a database falls back on an older copy of itself, behind the back of its clients.
    append(ledger, "one")
    append(ledger, "two")
    lost = append(ledger, "three")[0].position
    store = request.node.callspec.params["where"]
    with ledger.recorder.datastore.transaction(commit=True) as cursor:  # type: ignore[attr-defined]
        cursor.execute(DELETE[store])
        cursor.execute(f"DELETE FROM stored_events WHERE position = {lost}")
        cursor.execute(GUARD_AGAIN[store])
    assert [o.id for o in append(ledger, "three", "four")] == ["party/a/3", "party/a/4"]
    assert versions(where) == [1, 2, 3, 4]


def test_threads_that_share_a_ledger_share_its_things(where: Location, ledger: Ledger) -> None:
    def record(number: int) -> list[str]:
        return [append(ledger, f"{number} {n}")[0].id for n in range(4)]

    with ThreadPoolExecutor(2) as threads:  # so neither is overtaken more than four times
        found = [one for ids in threads.map(record, range(2)) for one in ids]
    assert sorted(found) == [f"party/a/{n}" for n in range(1, 9)]
    assert versions(where) == list(range(1, 9))
