"""Does the tree follow the record, one leaf an event, whoever else works on it?"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.store.errors import CannotWriteError, RecordDamagedError
from events.store.factory import create_record, open_tree
from events.store.location import Location
from events.store.sqlite.tree import CheckpointTakenError, TreeTables
from events.transparency import tree as tree_module
from events.transparency.merkle import EMPTY_ROOT, inclusion_proof, root
from events.transparency.tree import completed_nodes, integrate, tree_head
from tests.proofs.kit import leaves, tree_over

SIZES = (1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000)


@pytest.fixture(params=["sqlite", "postgres"])
def record(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """Give an empty record, in each kind of store."""
    sqlite = request.param == "sqlite"
    where: Location = tmp_path / "record" if sqlite else request.getfixturevalue("address")
    create_record(where)
    return where


@pytest.fixture
def tree(record: Location) -> Iterator[TreeTables]:
    with open_tree(record, write=True) as opened:
        yield opened


@pytest.fixture
def append(record: Location, foreign: Any) -> Callable[[int, int], None]:
    """Return how to write rows, from a position on, that are no events: the tree only hashes."""

    def appended(first: int, count: int) -> None:
        rows = [(n, n, b"%d" % (n - 1)) for n in range(first, first + count)]
        if isinstance(record, Path):
            sql = "INSERT INTO stored_events VALUES (?, 'party/p', ?, 'party.noted.v1', ?)"
            with closing(sqlite3.connect(record)) as connection, connection:
                connection.executemany(sql, rows)
            return
        sql = "COPY stored_events (position, originator_version, state, originator_id, topic)"
        with (
            foreign(record) as session,
            session.cursor() as cursor,
            cursor.copy(f"{sql} FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row((*row, "party/p", "party.noted.v1"))

    return appended


Append = Callable[[int, int], None]


def test_the_tree_of_no_events_is_empty(tree: TreeTables) -> None:
    assert integrate(tree) == (0, EMPTY_ROOT)


def test_a_reader_finds_an_empty_tree_before_there_is_one(record: Location, append: Append) -> None:
    append(1, 3)
    with open_tree(record) as tree:
        assert tree_head(tree) == (0, EMPTY_ROOT)
        assert list(tree.checkpoints()) == []
        assert tree.cosignatures_of(3) == []


def test_every_size_has_its_root_however_it_was_reached(append: Append, tree: TreeTables) -> None:
    every, size = leaves(SIZES[-1]), 0
    read = tree_over(every)
    for wanted in SIZES:
        append(size + 1, wanted - size)
        assert integrate(tree) == (wanted, root(wanted, read))
        size = wanted
    for index in (0, 256, 65_535, 69_999):
        assert inclusion_proof(index, size, tree.nodes) == inclusion_proof(index, size, read)
    for before in SIZES:
        assert root(before, tree.nodes) == root(before, read)


def test_integrating_again_changes_nothing(append: Append, tree: TreeTables) -> None:
    append(1, 300)
    first = integrate(tree)
    rows = list(tree.runs())
    assert integrate(tree) == first
    assert list(tree.runs()) == rows


@given(st.lists(st.integers(1, 40), max_size=8))
def test_grown_in_any_steps_it_is_the_same_tree(steps: list[int]) -> None:
    every = leaves(sum(steps))
    kept: dict[tuple[int, int], bytes] = {}
    size = 0
    for step in steps:
        new = list(every[size : size + step])
        for level, first, hashes in completed_nodes(
            size, new, lambda wanted: [kept[n] for n in wanted]
        ):
            kept.update({(level, first + n): each for n, each in enumerate(hashes)})
        size += step
    whole = tree_over(every)
    assert all(whole([node]) == [each] for node, each in kept.items())
    assert root(size, lambda wanted: [kept[n] for n in wanted]) == root(size, whole)


def test_runs_never_cross_a_tile(append: Append, tree: TreeTables) -> None:
    for n in range(7):
        append(n * 100 + 1, 100)
        integrate(tree)
    for _, first, size_bytes in tree.runs():
        assert first // 256 == (first + size_bytes // 32 - 1) // 256
    expected = b"".join(sha256(b"\x00%d" % n).digest() for n in range(250, 270))
    assert tree.run(0, 250, 20) == expected
    assert tree.run(0, 690, 20) == b"".join(sha256(b"\x00%d" % n).digest() for n in range(690, 700))


def test_several_integrate_at_once_and_one_tree_comes_out(
    record: Location, append: Append, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_module, "BATCH", 64)
    append(1, 3_000)
    found: list[tuple[int, bytes]] = []

    def work() -> None:
        with open_tree(record, write=True) as mine:
            found.append(integrate(mine))

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {(3_000, root(3_000, tree_over(leaves(3_000))))}
    assert len(found) == 4


@pytest.mark.parametrize("table", ["tree_nodes", "checkpoints", "cosignatures"])
def test_what_is_in_the_tree_stays(
    table: str, record: Location, append: Append, tree: TreeTables, foreign: Any
) -> None:
    append(1, 3)
    integrate(tree)
    tree.add_checkpoint(3, b"a note")
    tree.add_cosignature(3, "a key", "a line")
    column = "idx" if table == "tree_nodes" else "size"
    opened = closing(sqlite3.connect(record)) if isinstance(record, Path) else foreign(record)
    with opened as connection:
        if isinstance(record, Path):
            connection.execute("PRAGMA recursive_triggers = ON")
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = 9"):
            with pytest.raises(Exception, match="only grows"):
                connection.execute(change)


def test_one_size_has_one_checkpoint(tree: TreeTables) -> None:
    tree.add_checkpoint(3, b"a note")
    tree.add_checkpoint(3, b"a note")
    with pytest.raises(CheckpointTakenError):
        tree.add_checkpoint(3, b"another note")
    assert tree.checkpoint() == (3, b"a note")
    assert tree.checkpoint(at_least=4) is None
    tree.add_checkpoint(7, b"a note of seven")
    asked = [(1, 9), (3, 3), (4, 9), (4, 6), (8, 9)]
    assert [tree.first_checkpoint(*one) for one in asked] == [3, 3, 7, None, None]


def test_a_missing_event_is_not_integrated(append: Append, tree: TreeTables) -> None:
    append(1, 2)
    append(4, 2)
    with pytest.raises(RecordDamagedError):
        integrate(tree)
    assert tree.size() == 0


def test_a_record_with_half_of_the_tables_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "record"
    create_record(path)
    open_tree(path, write=True).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE cosignatures")
    with pytest.raises(RecordDamagedError, match="part of the tree"):
        open_tree(path)


def test_a_reader_does_not_write(record: Location) -> None:
    with open_tree(record) as tree, pytest.raises(CannotWriteError):
        tree.add_checkpoint(1, b"a note")
