"""Open the event log of a ledger, in SQLite by a path or in PostgreSQL by an address.

The driver of PostgreSQL is imported for an address only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from events.store.clock import Clock, utc_now
from events.store.errors import DriverMissingError
from events.store.sqlite.connection import INSPECTION, LOCK_WAIT_S, Inspection, create_file
from events.store.sqlite.reader import RecordReader
from events.store.sqlite.tree import TreeTables

if TYPE_CHECKING:
    from eventsourcing.persistence import InfrastructureFactory

    from events.store.location import Location


def open_reader(where: "Location") -> RecordReader:
    """Open a record for reading; use it as a context manager.

    Raises what `RecordReader` does, and for an address UnreachableError, NotAdmittedError,
    NoPrivilegeError and DriverMissingError.
    """
    if isinstance(where, Path):
        return RecordReader(where)
    with require_driver():
        from events.store.postgres.reader import PostgresReader
    return PostgresReader(where)


def create_record(where: "Location") -> None:
    """Create an empty event log; raise LedgerExistsError where there is one, or other data."""
    if isinstance(where, Path):
        create_file(where)
    else:
        with require_driver():
            from events.store.postgres import schema as postgres_schema
        postgres_schema.create_schema(where)


def library_environment(where: "Location") -> dict[str, str]:
    """Return the settings that `eventsourcing` needs for an existing log."""
    if isinstance(where, Path):
        from events.store.sqlite import recorder

        return recorder.sqlite_environment(where)
    with require_driver():
        from events.store.postgres import recorder as postgres
    return postgres.postgres_environment(where)


def make_recorder_factory(
    env: Any, where: "Location", clock: Clock = utc_now, lock_wait_s: float = LOCK_WAIT_S
) -> "InfrastructureFactory[Any]":
    """Return the library's factory of recorders over an existing log; raise if there is none.

    `env` comes from `library_environment`; `clock` gives the time.
    """
    if isinstance(where, Path):
        from events.store.sqlite import recorder

        return recorder.SQLiteRecorderFactory(env, clock=clock, lock_wait_s=lock_wait_s)
    with require_driver():
        from events.store.postgres import recorder as postgres
    return postgres.PostgresRecorderFactory(env, clock=clock, lock_wait_s=lock_wait_s)


def open_tree(where: "Location", *, write: bool = False) -> TreeTables:
    """Open the tree over a log, for reading or for growing; use it as a context manager."""
    if isinstance(where, Path):
        return TreeTables(where, write=write)
    with require_driver():
        from events.store.postgres.tree import PostgresTree
    return PostgresTree(where, write=write)


def record_inspection(where: "Location") -> Inspection:
    """Return the checks that a database keeps a log as this program keeps it."""
    if isinstance(where, Path):
        return INSPECTION
    with require_driver():
        from events.store.postgres import schema
    return schema.INSPECTION


@contextmanager
def require_driver() -> Iterator[None]:
    """Import what needs psycopg; raise DriverMissingError where it is not installed."""
    try:
        yield
    except ImportError as error:  # without a name where psycopg finds no libpq
        if (error.name or "psycopg").partition(".")[0] not in ("psycopg", "psycopg_pool"):
            raise
        raise DriverMissingError(
            "A ledger in PostgreSQL needs psycopg: pip install 'depositary[postgres]'."
        ) from None
