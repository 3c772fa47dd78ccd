"""Copy an event log from and to PostgreSQL.

It uses COPY in its binary form, which neither side has to hold in memory.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, ClassVar, Self

from events.store.copy import CopyEnd, select_all
from events.store.postgres.schema import TABLES as SCHEMA
from events.store.postgres.schema import holds_anything, make_tables, sweep_half_made, take_lock
from events.store.postgres.session import OpenPostgresLog, check_session, connect
from events.store.sqlite.schema import TABLES


class PostgresCopyEnd(OpenPostgresLog, CopyEnd):
    """A schema that a log is copied from or to."""

    _types: ClassVar = {
        table: [SCHEMA[table].columns[column] for column in columns]
        for table, columns in TABLES.items()
    }

    @contextmanager
    def reading(self) -> Iterator[Self]:
        """Read one state of the log."""
        with closing(connect(self.where, "read")) as self._connection:
            with self._errors("read"):
                self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield self

    @contextmanager
    def writing(self) -> Iterator[Self]:
        """Write everything or nothing; the tables too are created within."""
        with (
            closing(connect(self.where, "write", made=False)) as session,
            self._errors("write"),
            session.transaction(),
        ):
            self._connection = session
            session.execute(
                "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
            )
            take_lock(session, self.where)
            sweep_half_made(session, self.where)
            if holds_anything(session, self.where):
                check_session(session, self.where)
            else:
                make_tables(session, self.where)
            yield self

    def rows(self, table: str) -> Generator[tuple[Any, ...]]:
        """Yield the rows of a table by its key."""
        sql = f"COPY ({select_all(table)}) TO STDOUT (FORMAT BINARY)"
        with self._errors("read"), self._connection.cursor() as cursor, cursor.copy(sql) as copy:
            copy.set_types(self._types[table])
            yield from copy.rows()

    def fill(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows to a table that has none."""
        sql = f"COPY {table} ({', '.join(TABLES[table])}) FROM STDIN (FORMAT BINARY)"
        with self._errors("write"), self._connection.cursor() as cursor, cursor.copy(sql) as copy:
            copy.set_types(self._types[table])
            for row in rows:
                copy.write_row(row)

    def _has(self, table: str) -> bool:
        return table in TABLES
