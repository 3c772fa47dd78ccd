"""What do the stored answers hold, as they stand, before a read catches up?"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from events.store.errors import StoreError
from events.store.location import Location
from events.store.sqlite.reader import RecordReader
from projections.read_model.catch_up import identity_of, position_of
from projections.read_model.database import is_of
from projections.read_model.digest import digest


class Stored(NamedTuple):
    """The position that the stored answers have reached, and the digest over all their rows."""

    position: int
    digest: str


def stored_position(record: RecordReader, where: Location) -> int | None:
    """Return the position that the stored answers have reached; None where there are none."""
    with closing(_opened(record, where)) as connection:
        try:
            return position_of(connection) if is_of(connection, identity_of(record)) else None
        except (sqlite3.Error, StoreError):
            return None


def stored(record: RecordReader, where: Location) -> Stored | None:
    """Return what the stored answers of this record hold; None where there are none.

    Raises sqlite3.Error where the file is broken, and StoreError where a database is.
    """
    with closing(_opened(record, where)) as connection:
        connection.execute("BEGIN")  # others may be catching up meanwhile
        if not is_of(connection, identity_of(record)):
            return None
        return Stored(position_of(connection), digest(connection))


def _opened(record: RecordReader, where: Location) -> sqlite3.Connection:
    if not isinstance(where, Path):
        from projections.read_model.postgres_answers import looked_at

        return looked_at(record)
    if not where.is_file():
        return sqlite3.connect(":memory:")
    return sqlite3.connect(f"{where.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
