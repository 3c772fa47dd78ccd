"""A SQLite in which something happens once a statement has been done: an error, an interruption."""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest


def after_statement(
    patched: pytest.MonkeyPatch, begins: str, happens: Callable[[sqlite3.Connection], object]
) -> None:
    """Let it happen after each statement that begins so, on connections opened from now on."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *values: Any) -> Any:
            return self._then(sql, super().execute(sql, *values))

        def executemany(self, sql: str, *values: Any) -> Any:
            return self._then(sql, super().executemany(sql, *values))

        def _then(self, sql: str, found: Any) -> Any:
            if sql.startswith(begins):
                happens(self.connection)
            return found

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, sql: str, *values: Any) -> Any:
            return self.cursor().execute(sql, *values)

        def executemany(self, sql: str, *values: Any) -> Any:
            return self.cursor().executemany(sql, *values)

    opened_with(patched, Connection)


def opened_with(patched: pytest.MonkeyPatch, connection: type[sqlite3.Connection]) -> None:
    """Let connections opened from now on be of this class."""
    patched.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=connection))


def interrupt(*_: object) -> None:
    """Do as Ctrl-C does."""
    raise KeyboardInterrupt
