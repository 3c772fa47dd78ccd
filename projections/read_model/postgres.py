"""How do the answers speak to PostgreSQL with the SQL they speak to SQLite?

A thin stand-in for the connection of sqlite3, as far as the answers use it: marks are `?`, rows are
tuples, and who reads while others write begins a snapshot. What is written goes in few messages.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import count, islice
from typing import Any, cast

from psycopg import Error, ServerCursor
from psycopg.pq import TransactionStatus

from events.store.errors import StoreError
from events.store.location import Address
from events.store.postgres.errors import Doing, postgres_errors
from events.store.postgres.session import Session
from events.store.sqlite.reader import RecordReader
from events.value import replace

ROWS_AT_ONCE = 500  # of one statement with several rows, or of one look ahead in a stream

_plain_insert = re.compile(r"INSERT INTO (\w+) VALUES \(\?(?:, \?)*\)").fullmatch
_any_insert = re.compile(r"(INSERT INTO \w+ VALUES )(\(\?(?:, \?)*\))( ON CONFLICT .*)").fullmatch

Row = tuple[Any, ...]


class PostgresConnection:
    """The answers in a schema of PostgreSQL, spoken to as `sqlite3.Connection` is.

    Outside of a transaction nothing can be written: `BEGIN IMMEDIATE` takes the lock of those who
    write answers, and `BEGIN` a snapshot in which many rows are read without being kept in memory.
    """

    def __init__(self, session: Session, where: Address) -> None:
        """Speak to `where`, the address of the answers themselves, over an open session."""
        self._session, self.where = session, where
        self._doing: Doing = "read"
        self._streams: list[Stream] = []
        self._snapshot = False

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Do one statement, and return its rows: to iterate, `fetchone`, `fetchall`."""
        if sql in _OF_TRANSACTIONS:
            return _OF_TRANSACTIONS[sql](self)
        with postgres_errors(self.where, self._doing):
            if _of_many(sql) or (self._snapshot and "ORDER BY" in sql):
                return self._stream(sql, values)
            return self._session.execute(marked(sql), values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Do a statement for each row: plain insertions as COPY, others several at a time."""
        with postgres_errors(self.where, self._doing):
            if match := _plain_insert(sql):
                self._copy(match[1], rows)
                return
            waiting = iter(rows)
            while several := list(islice(waiting, ROWS_AT_ONCE)):
                self._several(sql, several)

    def close(self) -> None:
        """Leave the session, which is not ours, as it was found."""
        if self._session.info.transaction_status != TransactionStatus.IDLE or self._streams:
            with suppress(StoreError):
                self._end("ROLLBACK")

    def _copy(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        with (
            self._session.cursor() as cursor,
            cursor.copy(f"COPY {table} FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def _several(self, sql: str, rows: list[Sequence[Any]]) -> None:
        if match := _any_insert(sql):
            before, marks, after = match.groups()
            sql = f"{before}{', '.join([marks] * len(rows))}{after}"
            self._session.execute(marked(sql), [v for row in rows for v in row])
            return
        with self._session.cursor() as cursor:
            cursor.executemany(marked(sql), rows)

    def _stream(self, sql: str, values: Sequence[Any]) -> "Stream":
        found = Stream(self.where, self._session, sql, values, outlives=not self._snapshot)
        self._streams.append(found)
        return found

    def _begin(self) -> None:
        self._doing = "write"
        with postgres_errors(self.where, "write"):
            try:
                self._session.execute(_BEGIN.format(schema=self.where.schema).encode())
            except BaseException:
                self._end("ROLLBACK")
                raise

    def _look(self) -> None:
        with postgres_errors(self.where, "read"):
            self._session.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._snapshot = True

    def _end(self, how: str) -> None:
        for stream in self._streams:
            stream.close()
        self._streams, self._snapshot = [], False
        doing, self._doing = self._doing, "read"
        if how == "ROLLBACK" and self._session.closed:
            return
        with postgres_errors(self.where, doing):
            self._session.execute(how)


class Stream:
    """The rows of a question, fetched some at a time while others are asked.

    One that `outlives` the transaction it is asked in is put by as a whole, by the server.
    """

    _numbers = count(1)

    def __init__(
        self, where: Address, session: Session, sql: str, values: Sequence[Any], *, outlives: bool
    ) -> None:
        self._where = where
        self._cursor = ServerCursor(session, f"rows_{next(self._numbers)}", withhold=outlives)
        self._cursor.itersize = ROWS_AT_ONCE
        try:
            self._cursor.execute(marked(sql), values)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[Row]:
        with postgres_errors(self._where, "read"):
            yield from self._cursor
        self.close()

    def fetchone(self) -> Row | None:
        """Return the next row, or None."""
        with postgres_errors(self._where, "read"):
            return self._cursor.fetchone()

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        with postgres_errors(self._where, "read"):
            return self._cursor.fetchall()

    def close(self) -> None:
        """Let go of what the server holds for it."""
        with suppress(Error):
            self._cursor.close()


def _of_many(sql: str) -> bool:
    """Say whether a question asks for the claims about many things, as lists and exports do."""
    ordered = sql.endswith(("ORDER BY thing, position", "ORDER BY position"))
    return ordered and "thing = ?" not in sql


def answers_at(record: RecordReader) -> Address:
    """Return the address of the answers about a record."""
    assert isinstance(record.where, Address)
    return replace(record.where, schema=f"{record.where.schema}_answers")


def speaking(session: Session, at: Address) -> sqlite3.Connection:
    """Return what stands in for a connection of sqlite3, to the answers at an address."""
    return cast("sqlite3.Connection", PostgresConnection(session, at))


@cache
def marked(sql: str) -> str:
    """Return SQL with the marks of psycopg, and in the words of PostgreSQL.

    No text in our SQL holds a question mark. LIKE of SQLite knows no case of ASCII letters, as
    ILIKE does not under the collation "C".
    """
    found = sql.replace("%", "%%").replace("?", "%s")
    return found.replace("instr(", "strpos(").replace(" LIKE ", " ILIKE ")


@cache
def tables(schema: str) -> str:
    """Return the tables that a schema for SQLite describes, for PostgreSQL."""
    found = re.sub(r"\)\s*STRICT(, WITHOUT ROWID)?;", ");", schema)
    for sqlite, ours in (("INTEGER", "bigint"), ("TEXT", 'text COLLATE "C"'), ("BLOB", "bytea")):
        found = re.sub(rf"\b{sqlite}\b", ours, found)
    return found


# Who is stopped while holding the lock of the answers lets the others go on after a minute.
_BEGIN = (
    "BEGIN TRANSACTION READ WRITE;"
    " SELECT set_config('idle_in_transaction_session_timeout', '60s', true),"
    " pg_advisory_xact_lock(hashtextextended('depositary {schema}', 0))"
)
_OF_TRANSACTIONS: dict[str, Callable[[PostgresConnection], None]] = {
    "BEGIN": lambda connection: connection._look(),
    "BEGIN IMMEDIATE": lambda connection: connection._begin(),
    "COMMIT": lambda connection: connection._end("COMMIT"),
    "ROLLBACK": lambda connection: connection._end("ROLLBACK"),
}
