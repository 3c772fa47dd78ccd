"""Store the tree over the event log, in PostgreSQL.

It is kept in the log's own schema, in the same tables and rows as in SQLite. Growing it takes a
lock of its own: the tree follows what is committed, and does not block appends.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from events.store.errors import RecordDamagedError
from events.store.location import Address
from events.store.postgres.session import OpenPostgresLog, connect
from events.store.sqlite.connection import LOCK_WAIT_S
from events.store.sqlite.tree import HASH_BYTES, TreeTables

PAGE = 4_096  # rows at a time

_NODES = """SELECT substr(hashes, CAST((wanted.idx - run.idx) * 32 + 1 AS integer), 32)
FROM unnest(%s::integer[], %s::bigint[]) WITH ORDINALITY AS wanted (level, idx, n)
LEFT JOIN LATERAL (
    SELECT idx, hashes FROM tree_nodes
    WHERE level = wanted.level AND idx <= wanted.idx ORDER BY idx DESC LIMIT 1
) AS run ON true ORDER BY n"""


class PostgresTree(OpenPostgresLog, TreeTables):
    """The tree of a log in PostgreSQL; it grows at the primary only.

    A standby may be behind what was acknowledged, and a checkpoint made from it would be of a
    ledger that does not exist: StandbyError.
    """

    def __init__(
        self, where: Address, *, write: bool = False, lock_wait_s: float = LOCK_WAIT_S
    ) -> None:
        self.where = where
        self._connection = connect(where, "write" if write else "read", lock_wait_s)
        self._exists = True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock of the tree: everything within is written, or nothing."""
        with self._errors("write"), self._connection.transaction():
            self._connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"depositary tree {self.where.schema}"],
            )
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read from one state of the log, whatever others write meanwhile."""
        with self._errors("read"), self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield

    def states(self, after: int, until: int) -> Iterator[Any]:
        """Yield the stored bytes of the events after one position and up to another, in order."""
        for first in range(after, until, PAGE):
            yield from super().states(first, min(until, first + PAGE))

    def nodes(self, wanted: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the hashes of nodes, each given as level and index; RecordDamagedError if not."""
        asked = ([level for level, _ in wanted], [idx for _, idx in wanted])
        found = [node for (node,) in self._stream(_NODES, *asked)]
        for (level, idx), node in zip(wanted, found, strict=True):
            if node is None or len(node) != HASH_BYTES:
                raise RecordDamagedError(f"The tree has no node {idx} of level {level}.")
        return found

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield level, first index and bytes of every stored run, in order."""
        sql = (
            "SELECT level, idx, length(hashes) FROM tree_nodes WHERE (level, idx) > (%s, %s)"
            " ORDER BY level, idx LIMIT 4096"
        )
        last = (-(2**31), 0)
        while page := list(self._select([int, int, int], sql, *last)):
            yield from page
            last = page[-1][:2]

    def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        with self._errors("write"), self._connection.cursor() as cursor:
            for row in rows:  # a run of 256 hashes each; not in psycopg's pipeline
                cursor.execute(sql.replace("?", "%s"), row)
