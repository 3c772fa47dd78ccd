"""Look at the answers that are stored as they are, without catching them up."""

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from msgspec import json

from events.store.sqlite.reader import RecordReader
from projections.queries.findings import find_wrong
from projections.read_model.catch_up import identity_of, position_of
from projections.read_model.connection import belongs_to, opened_as_stored
from projections.read_model.database import ReadModel
from projections.read_model.digest import digest
from projections.read_model.list_cache import find_wrong_line
from projections.read_model.rows import AnswersDamagedError

if TYPE_CHECKING:
    from events.store.location import Location


class StoredAnswers(NamedTuple):
    """The position that the stored answers have reached, and the digest over all their rows."""

    position: int
    digest: str


def stored_answers(record: RecordReader, where: "Location") -> StoredAnswers | None:
    """Return what the stored answers of this record hold; None where there are none.

    Raises AnswersDamagedError where the file is broken.
    """
    try:
        with closing(opened_as_stored(record, where)) as connection:
            connection.execute("BEGIN")  # others may be catching up meanwhile
            if not belongs_to(connection, identity_of(record)):
                return None
            last = connection.execute("SELECT max(position) FROM claims").fetchone()[0] or 0
            if (position := position_of(connection)) != last:
                raise AnswersDamagedError(f"they say @{position}, and their last row is @{last}")
            if wrong := find_wrong(ReadModel(connection, record)) or find_wrong_line(connection):
                return StoredAnswers(position, f"other findings, or a line, of {wrong}")
            return StoredAnswers(position, digest(connection))
    except sqlite3.Error as error:
        busy = sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in busy:
            raise
        raise AnswersDamagedError(str(error)) from error


def broken_part(record: RecordReader, where: "Location") -> str:
    """Return what shows that stored answers were not changed but damaged, empty if nothing does."""
    try:
        with closing(opened_as_stored(record, where)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                return str(found)
            for position, data in connection.execute("SELECT position, data FROM claims"):
                try:
                    json.decode(data)
                except ValueError as error:
                    return f"the row of @{position}: {error}"
    except sqlite3.Error as error:
        return str(error)
    return ""
