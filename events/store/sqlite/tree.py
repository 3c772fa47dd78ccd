"""Store the tree over the event log, in SQLite.

It is kept in the log's own file, in tables of its own, created with the first tree: insert-only,
as the log is, and without a row that stores the progress. A row holds a run of consecutive hashes
of one level, at most 256 and never across a multiple of 256, so that a tile is at most 256 rows and
mostly one. The format stays 1: a program that ignores these tables reads and appends as before.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

from events.store.errors import RecordDamagedError, StoreError
from events.store.rows import Row, checked_row
from events.store.sqlite.connection import (
    OpenLog,
    open_for_reading,
    open_for_writing,
    sqlite_errors,
)
from events.store.sqlite.schema import COLUMNS, TREE_SCHEMA, TREE_TABLES

RUN = 256
HASH_BYTES = 32


class CheckpointTakenError(StoreError):
    """A tree of one size has one checkpoint: another was stored already."""


class TreeTables(OpenLog):
    """The tree of a log, open for reading or for growing; use it as a context manager.

    Before there is a tree, a reader finds an empty one.
    """

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self.where = path
        self._connection = open_for_writing(path) if write else open_for_reading(path)
        if write:
            try:
                _create(self._connection, path)
            except BaseException:
                self.close()
                raise
        self._exists = write or _has_tree(self._connection, path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock: everything within is written, or nothing."""
        with self._errors("write"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read from one state of the log, whatever others write meanwhile."""
        with self._errors("read"):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def size(self) -> int:
        """Return how many leaves the tree has."""
        return self.width(0)

    def width(self, level: int) -> int:
        """Return how many nodes a level has."""
        rows = self._select(
            [int, int],
            "SELECT idx, length(hashes) FROM tree_nodes WHERE level = ? ORDER BY idx DESC LIMIT 1",
            level,
        )
        return next((idx + size // HASH_BYTES for idx, size in rows), 0)

    def states(self, after: int, until: int) -> Iterator[Any]:
        """Yield the stored bytes of the events after one position and up to another, in order.

        Within a transaction. A missing event is left out, and a value that is not bytes comes as
        it is: the caller counts and checks, because this is the most frequent read.
        """
        sql = (
            "SELECT state FROM stored_events WHERE position > ? AND position <= ? ORDER BY position"
        )
        return map(itemgetter(0), self._stream(sql, after, until))

    def rows(self, after: int, until: int) -> list[Row]:
        """Return the events after one position and up to another, in order.

        A missing event is left out. Raises RecordDamagedError where a value is of another type.
        """
        sql = (
            f"SELECT {', '.join(COLUMNS)} FROM stored_events"  # noqa: S608 - names of our own
            " WHERE position > ? AND position <= ? ORDER BY position"
        )
        return list(map(checked_row, self._stream(sql, after, until)))

    def nodes(self, wanted: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the hashes of nodes, given as level and index; or raise RecordDamagedError."""
        return [self._node(level, idx) for level, idx in wanted]

    def run(self, level: int, first: int, count: int) -> bytes:
        """Return consecutive hashes of a level in a row, at most `count`."""
        rows = self._select(
            [int, bytes],
            "SELECT idx, hashes FROM tree_nodes WHERE level = ? AND idx > ? AND idx < ?"
            " ORDER BY idx",
            level,
            first - RUN,
            first + count,
        )
        found = bytearray()
        for idx, hashes in rows:
            at = (first - idx) * HASH_BYTES + len(found)
            if at < 0:
                raise RecordDamagedError(f"The tree lacks nodes of level {level} before {idx}.")
            found += hashes[at:]
        return bytes(found[: count * HASH_BYTES])

    def add_nodes(self, level: int, first: int, hashes: Sequence[bytes]) -> None:
        """Append consecutive nodes to a level; within a transaction."""
        rows, at = [], 0
        while at < len(hashes):
            end = at + RUN - (first + at) % RUN
            rows.append((level, first + at, b"".join(hashes[at:end])))
            at = end
        self._write("INSERT INTO tree_nodes (level, idx, hashes) VALUES (?, ?, ?)", rows)

    def first_checkpoint(self, at_least: int, at_most: int) -> int | None:
        """Return the size of the smallest checkpoint with so many entries."""
        rows = self._select(
            [int],
            "SELECT size FROM checkpoints WHERE size BETWEEN ? AND ? ORDER BY size LIMIT 1",
            at_least,
            at_most,
        )
        return next((size for (size,) in rows), None)

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield level, first index and bytes of every stored run, in order."""
        sql = "SELECT level, idx, length(hashes) FROM tree_nodes ORDER BY level, idx"
        yield from self._select([int, int, int], sql)

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        """Yield size and bytes of every checkpoint, the smallest first."""
        yield from self._select([int, bytes], "SELECT size, note FROM checkpoints ORDER BY size")

    def checkpoint(self, at_least: int = 0) -> tuple[int, bytes] | None:
        """Return the newest checkpoint, if it has so many entries."""
        rows = self._select(
            [int, bytes],
            "SELECT size, note FROM checkpoints WHERE size >= ? ORDER BY size DESC LIMIT 1",
            at_least,
        )
        return next(((size, note) for size, note in rows), None)

    def checkpoint_of(self, size: int) -> bytes | None:
        """Return the checkpoint of exactly this size."""
        rows = self._select([bytes], "SELECT note FROM checkpoints WHERE size = ?", size)
        return next((note for (note,) in rows), None)

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Store a checkpoint; the same again is accepted, another raises CheckpointTakenError."""
        with self.transaction():
            stored = self.checkpoint_of(size)
            if stored is None:
                self._write("INSERT INTO checkpoints VALUES (?, ?)", [(size, note)])
            elif stored != note:
                raise CheckpointTakenError(f"There is another checkpoint of {size} entries.")

    def cosignatures(self) -> Iterator[tuple[int, str, str]]:
        """Yield size, the witness' verifier key and its signature line, of all, in order."""
        sql = "SELECT size, vkey, line FROM cosignatures ORDER BY size, vkey"
        yield from self._select([int, str, str], sql)

    def cosignatures_of(self, size: int) -> list[tuple[str, str]]:
        """Return the witnesses' keys and signature lines for the checkpoint of a size."""
        sql = "SELECT vkey, line FROM cosignatures WHERE size = ? ORDER BY vkey"
        return [(vkey, line) for vkey, line in self._select([str, str], sql, size)]

    def add_cosignature(self, size: int, vkey: str, line: str) -> None:
        """Store a witness' signature line (without newline), the first of a witness and size."""
        with self.transaction():
            self._write(
                "INSERT INTO cosignatures VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [(size, vkey, line)],
            )

    def _node(self, level: int, idx: int) -> bytes:
        rows = self._select(
            [bytes],
            "SELECT substr(hashes, CAST((? - idx) * 32 + 1 AS INTEGER), 32) FROM tree_nodes"
            " WHERE level = ? AND idx <= ? ORDER BY idx DESC LIMIT 1",
            idx,
            level,
            idx,
        )
        found: bytes | None = next((value for (value,) in rows), None)
        if found is None or len(found) != HASH_BYTES:
            raise RecordDamagedError(f"The tree has no node {idx} of level {level}.")
        return found

    def _select(self, kinds: Sequence[type], sql: str, *values: int) -> Iterator[tuple[Any, ...]]:
        # STRICT tables refuse another kind on writing, but not a bit flipped in the file.
        for found in self._stream(sql, *values) if self._exists else ():
            if list(map(type, found)) != kinds:
                raise RecordDamagedError(
                    f"{self.where} is damaged: a value of the tree is of another kind."
                )
            yield found

    def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        self._connection.executemany(sql, rows)


def _create(connection: sqlite3.Connection, path: Path) -> None:
    with sqlite_errors(path, "write"):
        if _has_tree(connection, path):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            if not _has_tree(connection, path):  # another may have been faster
                for statement in TREE_SCHEMA:
                    connection.execute(statement)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _has_tree(connection: sqlite3.Connection, path: Path) -> bool:
    with sqlite_errors(path, "read"):
        found = connection.execute(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN (?, ?, ?)",
            TREE_TABLES,
        ).fetchone()
    if found[0] not in (0, len(TREE_TABLES)):
        raise RecordDamagedError(f"{path} is damaged: it has a part of the tree's tables.")
    return bool(found[0])
