"""Read the record from PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from events.store.errors import UnreachableError
from events.store.location import Address
from events.store.postgres.errors import postgres_errors
from events.store.postgres.session import OpenPostgresLog, connect
from events.store.rows import Row, checked_row
from events.store.sqlite.connection import LOCK_WAIT_S
from events.store.sqlite.reader import SELECT, RecordReader, Wait

PAGE = 1_000


class PostgresReader(OpenPostgresLog, RecordReader):
    """Reads the record at an address; from a standby too, which may be behind.

    It holds no transaction open, however long who reads takes: what is recorded stays, and in the
    order of positions, so that a stream is pages up to where the record ended when it began.
    """

    def __init__(self, where: Address, lock_wait_s: float = LOCK_WAIT_S) -> None:
        self.where = where
        self._lock_wait_s = lock_wait_s
        self._connection = connect(where, "read", lock_wait_s)

    def rows(
        self, after: int = 0, until: int | None = None, thing: str | None = None
    ) -> Iterator[Row]:
        """Yield the events after one position and up to another, as RecordReader does."""
        if thing is not None:
            return super().rows(after, until, thing)  # who asks for a thing holds all of it anyway
        return self._dense(after, self._pages(after, until))

    def by_thing(self, until: int) -> Iterator[Row]:
        """Yield the events up to a position, thing by thing, as RecordReader does."""
        sql = (
            f"{SELECT} WHERE (originator_id, originator_version) > (%s, %s) AND position <= %s"
            f" ORDER BY originator_id, originator_version LIMIT {PAGE}"
        )
        thing, version = "", 0
        while page := list(self._stream(sql, thing, version, until)):
            yield from map(checked_row, page)
            _, thing, version, *_ = page[-1]

    def size_bytes(self) -> int:
        """Return how many bytes the tables of the record take, with their indexes."""
        sql = (
            "SELECT coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)::bigint"
            " FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE nspname = %s AND relkind = 'r'"
        )
        ((found,),) = self._stream(sql, self.where.schema)
        return int(found)

    def data_version(self) -> int:
        """Return a number that changes when another process has written: the last position."""
        return self.last_position()

    @contextmanager
    def watching(self) -> Iterator[Wait]:
        """Give what waits for the notice of an append (LISTEN), as RecordReader does.

        A notice can be lost, for one with its connection: so a wait has a limit.
        """
        with closing(connect(self.where, "read")) as session, postgres_errors(self.where, "read"):
            session.execute(f'LISTEN "{self.where.channel}"')

            def wait(at_most_s: float) -> None:
                list(session.notifies(timeout=at_most_s, stop_after=1))
                list(session.notifies(timeout=0))  # one read answers all that wait

            yield wait

    def _pages(self, after: int, until: int | None) -> Iterator[Row]:
        # Windows of positions, which are dense: no plan of the database's reads beyond them.
        sql = f"{SELECT} WHERE position > %s AND position <= %s ORDER BY position"
        last = self.last_position()
        last = last if until is None else min(until, last)
        for first in range(after, last, PAGE):
            yield from map(checked_row, self._stream(sql, first, min(first + PAGE, last)))

    def _stream(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        try:
            found = list(super()._stream(sql, *values))
        except UnreachableError:
            self.close()  # asking twice changes nothing, and another may answer
            self._connection = connect(self.where, "read", self._lock_wait_s)
            found = list(super()._stream(sql, *values))
        yield from found
