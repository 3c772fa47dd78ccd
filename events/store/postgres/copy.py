"""Copy an event log from and to PostgreSQL.

It uses COPY in its binary form, which neither side has to hold in memory.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, ClassVar

from events.store.location import Address
from events.store.postgres.errors import postgres_errors
from events.store.postgres.schema import TABLES as SCHEMA
from events.store.postgres.schema import holds_anything, make_tables, sweep_half_made, take_lock
from events.store.postgres.session import Session, check_session, connect
from events.store.sqlite.copy import TABLES, CopyEnd, select_all


class PostgresCopyEnd:
    """A schema that a log is copied from or to."""

    _types: ClassVar = {
        table: [SCHEMA[table].columns[column] for column in columns]
        for table, columns in TABLES.items()
    }

    def __init__(self, where: Address) -> None:
        self._where = where
        self._session: Session

    @contextmanager
    def reading(self) -> Iterator[CopyEnd]:
        """Read one state of the log."""
        with closing(connect(self._where, "read")) as self._session:
            with postgres_errors(self._where, "read"):
                self._session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield self

    @contextmanager
    def writing(self) -> Iterator[CopyEnd]:
        """Write everything or nothing; the tables too are created within."""
        with (
            closing(connect(self._where, "write", made=False)) as self._session,
            postgres_errors(self._where, "write"),
            self._session.transaction(),
        ):
            self._session.execute(
                "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
            )
            take_lock(self._session, self._where)
            sweep_half_made(self._session, self._where)
            if holds_anything(self._session, self._where):
                check_session(self._session, self._where)
            else:
                make_tables(self._session, self._where)
            yield self

    def last_position(self) -> int:
        """Return how many events there are."""
        with postgres_errors(self._where, "read"):
            sql = "SELECT max(position) FROM stored_events"
            (last,) = self._session.execute(sql).fetchone() or (None,)
        return last or 0

    def is_empty(self, table: str) -> bool:
        """Say whether a table has no row."""
        with postgres_errors(self._where, "read"):
            return self._session.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None  # noqa: S608

    def rows(self, table: str) -> Generator[tuple[Any, ...]]:
        """Yield the rows of a table by its key."""
        sql = f"COPY ({select_all(table)}) TO STDOUT (FORMAT BINARY)"
        with (
            postgres_errors(self._where, "read"),
            self._session.cursor() as cursor,
            cursor.copy(sql) as copy,
        ):
            copy.set_types(self._types[table])
            yield from copy.rows()

    def fill(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows to a table that has none."""
        sql = f"COPY {table} ({', '.join(TABLES[table])}) FROM STDIN (FORMAT BINARY)"
        with (
            postgres_errors(self._where, "write"),
            self._session.cursor() as cursor,
            cursor.copy(sql) as copy,
        ):
            copy.set_types(self._types[table])
            for row in rows:
                copy.write_row(row)
