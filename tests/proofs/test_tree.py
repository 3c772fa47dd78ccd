"""Does the tree follow the record, one leaf an event, whoever else works on it?"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proofs_kit import leaves, tree_over

from events.store.errors import CannotWriteError, RecordDamagedError
from events.store.sqlite_file import create
from events.store.tree_tables import CheckpointTakenError, TreeTables
from events.transparency import tree as tree_module
from events.transparency.merkle import EMPTY_ROOT, inclusion_proof, root
from events.transparency.tree import grown, head, integrate

SIZES = (1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000)


def append(record: Path, first: int, count: int) -> None:
    """Write rows that are no events: the tree only hashes them."""
    with closing(sqlite3.connect(record)) as connection, connection:
        connection.executemany(
            "INSERT INTO stored_events VALUES (?, 'party/p', ?, 'party.noted.v1', ?)",
            ((n, n, b"%d" % (n - 1)) for n in range(first, first + count)),
        )


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record.sqlite3"
    create(path)
    return path


@pytest.fixture
def tree(record: Path) -> Iterator[TreeTables]:
    with TreeTables(record, write=True) as opened:
        yield opened


def test_the_tree_of_no_events_is_empty(tree: TreeTables) -> None:
    assert integrate(tree) == (0, EMPTY_ROOT)


def test_a_reader_finds_an_empty_tree_before_there_is_one(record: Path) -> None:
    append(record, 1, 3)
    with TreeTables(record) as tree:
        assert head(tree) == (0, EMPTY_ROOT)
        assert list(tree.checkpoints()) == []
        assert tree.cosignatures_of(3) == []


def test_every_size_has_its_root_however_it_was_reached(record: Path, tree: TreeTables) -> None:
    every, size = leaves(SIZES[-1]), 0
    read = tree_over(every)
    for wanted in SIZES:
        append(record, size + 1, wanted - size)
        assert integrate(tree) == (wanted, root(wanted, read))
        size = wanted
    for index in (0, 256, 65_535, 69_999):
        assert inclusion_proof(index, size, tree.nodes) == inclusion_proof(index, size, read)
    for before in SIZES:
        assert root(before, tree.nodes) == root(before, read)


def test_integrating_again_changes_nothing(record: Path, tree: TreeTables) -> None:
    append(record, 1, 300)
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
        for level, first, hashes in grown(size, new, lambda wanted: [kept[n] for n in wanted]):
            kept.update({(level, first + n): each for n, each in enumerate(hashes)})
        size += step
    whole = tree_over(every)
    assert all(whole([node]) == [each] for node, each in kept.items())
    assert root(size, lambda wanted: [kept[n] for n in wanted]) == root(size, whole)


def test_runs_never_cross_a_tile(record: Path, tree: TreeTables) -> None:
    for n in range(7):
        append(record, n * 100 + 1, 100)
        integrate(tree)
    for _, first, size_bytes in tree.runs():
        assert first // 256 == (first + size_bytes // 32 - 1) // 256
    expected = b"".join(sha256(b"\x00%d" % n).digest() for n in range(250, 270))
    assert tree.run(0, 250, 20) == expected
    assert tree.run(0, 690, 20) == b"".join(sha256(b"\x00%d" % n).digest() for n in range(690, 700))


def test_several_integrate_at_once_and_one_tree_comes_out(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_module, "BATCH", 64)
    append(record, 1, 3_000)
    found: list[tuple[int, bytes]] = []

    def work() -> None:
        with TreeTables(record, write=True) as mine:
            found.append(integrate(mine))

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {(3_000, root(3_000, tree_over(leaves(3_000))))}
    assert len(found) == 4


@pytest.mark.parametrize("table", ["tree_nodes", "checkpoints", "cosignatures"])
def test_what_is_in_the_tree_stays(table: str, record: Path, tree: TreeTables) -> None:
    append(record, 1, 3)
    integrate(tree)
    tree.add_checkpoint(3, b"a note")
    tree.add_cosignature(3, "a key", "a line")
    with closing(sqlite3.connect(record)) as connection:
        connection.execute("PRAGMA recursive_triggers = ON")
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = 9"):
            with pytest.raises(sqlite3.IntegrityError, match="only grows"):
                connection.execute(change)


def test_one_size_has_one_checkpoint(tree: TreeTables) -> None:
    tree.add_checkpoint(3, b"a note")
    tree.add_checkpoint(3, b"a note")
    with pytest.raises(CheckpointTakenError):
        tree.add_checkpoint(3, b"another note")
    assert tree.checkpoint() == (3, b"a note")
    assert tree.checkpoint(at_least=4) is None


def test_a_missing_event_is_not_integrated(record: Path, tree: TreeTables) -> None:
    append(record, 1, 2)
    append(record, 4, 2)
    with pytest.raises(RecordDamagedError):
        integrate(tree)
    assert tree.size() == 0


def test_a_record_with_half_of_the_tables_is_damaged(record: Path, tree: TreeTables) -> None:
    with closing(sqlite3.connect(record)) as connection:
        connection.execute("DROP TABLE cosignatures")
    with pytest.raises(RecordDamagedError, match="part of the tree"):
        TreeTables(record)


def test_a_reader_does_not_write(record: Path) -> None:
    with TreeTables(record) as tree, pytest.raises(CannotWriteError):
        tree.add_checkpoint(1, b"a note")
