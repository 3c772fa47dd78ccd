"""Is a copied record the same, wherever it comes from and goes to?"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import Environment

from events.envelope import envelope
from events.store import copy
from events.store.copy import copy_record
from events.store.errors import LedgerExistsError, NotALedgerError, RecordDamagedError, StoreError
from events.store.factory import (
    create_record,
    library_environment,
    make_recorder_factory,
    open_reader,
    open_tree,
)
from events.store.location import Address, Location
from events.store.sqlite.connection import open_for_writing
from events.transparency.tree import integrate, tree_head
from tests.faults.sqlite_statements import after_statement

TOPIC = "party.noted.v1"
TABLES = ("stored_events", "tree_nodes", "checkpoints", "cosignatures")

Place = Callable[[str], Location]


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Give places of a kind, "sqlite" or "postgres", where nothing is yet."""
    schemas = []
    number = count(1)

    def made(kind: str) -> Location:
        if kind == "sqlite":
            return tmp_path / f"record-{next(number)}.sqlite3"
        address: Address = request.getfixturevalue("address")
        schemas.append(address.with_schema(f"{address.schema}_{next(number)}"))
        return schemas[-1]

    yield made
    for where in schemas:
        request.getfixturevalue("drop")(where)


def event(n: int) -> StoredEvent:
    thing, version = f"party/p{n % 7}", n // 7 + 1
    data = f'{{"note":"Käufe {n} \U0001f600{"x" * (n * 37 % 3000)}"}}'.encode()
    return StoredEvent(thing, version, TOPIC, envelope(thing, version, TOPIC, "a-ledger", data))


def write(where: Location, first: int, last: int) -> None:
    factory = make_recorder_factory(Environment("", library_environment(where)), where)
    factory.application_recorder().insert_events([event(n) for n in range(first, last)])
    factory.datastore.close()  # type: ignore[attr-defined]


def filled(where: Location, events: int = 300) -> Location:
    create_record(where)
    write(where, 0, events // 2)
    with open_tree(where, write=True) as tree:
        integrate(tree)
    write(where, events // 2, events)
    with open_tree(where, write=True) as tree:
        size, root = integrate(tree)
        tree.add_checkpoint(size, b"a note of " + root)
        tree.add_cosignature(size, "witness+key", "— a line")
    return where


def held(where: Location) -> Any:
    """Return everything that a record and its tree hold."""
    with open_reader(where) as reader, open_tree(where) as tree:
        rows = list(reader.rows())
        nodes = [(*run, tree.run(*run[:2], run[2] // 32)) for run in tree.runs()]
        return rows, nodes, tree_head(tree), list(tree.checkpoints()), list(tree.cosignatures())


@pytest.mark.parametrize("source", ["sqlite", "postgres"])
@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_a_copy_is_the_same_byte_for_byte(source: str, target: str, place: Place) -> None:
    from_, to = filled(place(source)), place(target)
    told: list[tuple[int, int]] = []
    copied = copy_record(from_, to, lambda *done: told.append(done))
    assert copied.position == 300
    assert told[-1] == (300, 300)
    assert held(to) == held(from_)
    write(to, 300, 310)  # and it is a record like any other
    assert len(held(to)[0]) == 310


def test_there_and_back_again_it_is_the_same_file(place: Place) -> None:
    first, server, last = filled(place("sqlite")), place("postgres"), place("sqlite")
    assert copy_record(first, server) == copy_record(server, last)
    assert everything_in(first) == everything_in(last)


def everything_in(path: Location) -> dict[str, list[Any]]:
    assert isinstance(path, Path)
    with closing(sqlite3.connect(path)) as connection:
        found = {
            "": connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY 1").fetchall()
        }
        for name, _ in found[""]:
            if name in TABLES:
                sql = f"SELECT * FROM {name} ORDER BY 1, 2"
                found[name] = connection.execute(sql).fetchall()
    return found


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_what_was_begun_by_a_maker_that_was_killed_is_filled(target: str, place: Place) -> None:
    from_, to = filled(place("sqlite")), place(target)
    create_record(to)
    copy_record(from_, to)
    assert held(to) == held(from_)


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_a_ledger_is_not_copied_over(target: str, place: Place) -> None:
    from_, to = filled(place("sqlite")), filled(place(target), 10)
    before = held(to)
    with pytest.raises(LedgerExistsError):
        copy_record(from_, to)
    assert held(to) == before
    with pytest.raises(StoreError, match="itself"):
        copy_record(to, to)


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_a_copy_that_is_interrupted_leaves_nothing(
    target: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_, to = filled(place("sqlite")), place(target)
    monkeypatch.setattr(copy, "ROWS_AT_ONCE", 100)

    def interrupt(done: int, _: int) -> None:
        if done == 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_record(from_, to, interrupt)
    with pytest.raises(NotALedgerError):
        open_reader(to)
    copy_record(from_, to)
    assert held(to) == held(from_)


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_a_damaged_record_is_not_copied(target: str, place: Place) -> None:
    from_, to = filled(place("sqlite"), 20), place(target)
    assert isinstance(from_, Path)
    with closing(open_for_writing(from_)) as connection:
        connection.execute("DROP TRIGGER stored_events_delete")
        connection.execute("DELETE FROM stored_events WHERE position = 7")
    with pytest.raises(RecordDamagedError, match="@7"):
        copy_record(from_, to)
    with pytest.raises(NotALedgerError):
        open_reader(to)


def test_what_did_not_come_out_as_it_went_in_is_no_copy(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_, to = filled(place("sqlite")), place("sqlite")

    def lost(target: sqlite3.Connection) -> None:
        target.execute("DROP TRIGGER cosignatures_delete")
        target.execute("DELETE FROM cosignatures")

    after_statement(monkeypatch, "INSERT INTO cosignatures", lost)
    with pytest.raises(StoreError, match="is not what"):
        copy_record(from_, to)
    assert isinstance(to, Path)
    assert not to.exists()
