"""The library's recorder over the record in SQLite.

Its own classes, with what the record needs and they lack: a dense position, the time completed
under the write lock, synchronous commits, errors as sentences, and no table but ours.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteFactory
from eventsourcing.utils import Environment, EnvType

from events.store import shared_recorder
from events.store.clock import Clock, utc_now
from events.store.errors import VersionConflictError
from events.store.numbering import Complete
from events.store.rows import Row, checked_row
from events.store.sqlite.connection import COLUMNS, LOCK_WAIT_S, create_file
from events.store.sqlite.datastore import Ask, SQLiteLedgerDatastore

__all__ = [
    "LOCK_WAIT_S",
    "SQLiteLedgerRecorder",
    "SQLiteRecorderFactory",
    "create_file",
    "sqlite_environment",
]

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM stored_events "  # noqa: S608 - names of our own
_LAST = _SELECT + "ORDER BY position DESC LIMIT 1"
_INSERT = f"INSERT INTO stored_events ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608


def sqlite_environment(path: Path) -> dict[str, str]:
    """Return all settings that the library is to know, for an existing record.

    An application overrides `construct_env` to use these alone: as it comes it would add the
    variables of the shell, and one of them makes a table of snapshots in the record.
    """
    return {
        "PERSISTENCE_MODULE": f"{__name__}:{SQLiteRecorderFactory.__name__}",
        "SQLITE_DBNAME": str(path),
        "ORIGINATOR_ID_TYPE": "text",
        "IS_SNAPSHOTTING_ENABLED": "no",
        "CREATE_TABLE": "no",
    }


class SQLiteLedgerRecorder(shared_recorder.LedgerRecorder, SQLiteApplicationRecorder):
    """Appends events to the record, and reads them in order."""

    datastore: SQLiteLedgerDatastore

    def __init__(self, datastore: SQLiteLedgerDatastore, clock: Clock = utc_now) -> None:
        super().__init__(datastore)
        self._clock = clock

    def construct_create_table_statements(self) -> list[str]:
        """Return none: `create` makes the record, and nothing else makes a table in it."""
        return []

    def _append(self, complete: Complete) -> Sequence[int]:
        def append(ask: Ask) -> list[Row]:
            cursor = ask(_LAST)
            last = cursor.fetchone()
            rows = complete(checked_row(last) if last else None, self._clock())
            try:
                cursor.executemany(_INSERT, rows)
            except sqlite3.IntegrityError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
                    raise
                raise _conflict(ask, rows) from error
            return rows

        return [row.position for row in self.datastore.written(append)]

    def _fetched(self, sql: str, values: list[Any]) -> list[Any]:
        return self.datastore.fetched(sql, values)


class SQLiteRecorderFactory(shared_recorder.RecordOnlyFactory, SQLiteFactory):
    """Makes what an application needs, over an existing record; see `environment`.

    No setting reaches the clock: it is an argument, and so is how long a writer waits (seconds).
    """

    def __init__(
        self,
        env: Environment | EnvType | None,
        *,
        clock: Clock = utc_now,
        lock_wait_s: float = LOCK_WAIT_S,
    ) -> None:
        # Not SQLiteFactory's: it would read the settings for a datastore of its own kind.
        InfrastructureFactory.__init__(self, env)
        self._clock = clock
        self.datastore = SQLiteLedgerDatastore(Path(self.env["SQLITE_DBNAME"]), lock_wait_s)

    def application_recorder(self) -> SQLiteLedgerRecorder:
        """Return the recorder of the record."""
        assert isinstance(self.datastore, SQLiteLedgerDatastore)
        return SQLiteLedgerRecorder(self.datastore, self._clock)


def _conflict(ask: Ask, rows: Sequence[Row]) -> VersionConflictError:
    taken: list[tuple[int, Row]] = []
    for row in rows:
        found = ask(
            "SELECT position FROM stored_events"
            " WHERE originator_id = ? AND originator_version = ? AND position < ?",
            (row.thing, row.version, rows[0].position),
        )
        taken += [(position, row) for (position,) in found.fetchall()]
    if not taken:
        return VersionConflictError("A version was written twice.")
    position, row = min(taken)  # the same one of several in every store
    return VersionConflictError(f"{row.thing}/{row.version} is written already, as @{position}.")
