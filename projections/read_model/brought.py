"""How are claims in PostgreSQL asked in the one dialect of SQL there is, SQLite's?

They are brought into a passing database of SQLite's, which is gone when the answer is given.
"""

import sqlite3

from domain.claims.claim import Clocks
from projections.read_model.database import Answers
from projections.read_model.rows import ClaimRow
from projections.read_model.schema import SCHEMA

MAX_BROUGHT = 1_000_000  # claims

_NAMES = ", ".join(ClaimRow._fields)
_READ = f"SELECT {_NAMES} FROM claims WHERE position <= ? ORDER BY position"  # noqa: S608 - ours
_KEEP = f"INSERT INTO claims ({_NAMES}) VALUES ({', '.join('?' * len(ClaimRow._fields))})"  # noqa: S608


class TooManyError(Exception):
    """At most a million claims are brought from elsewhere."""


def brought(answers: Answers, clocks: Clocks, *, claims: bool) -> sqlite3.Connection:
    """Return a database with the tables of answers, and the claims by then if they are wanted."""
    known = min(answers.position, clocks.known_at or answers.position)
    if claims and known > MAX_BROUGHT:
        raise TooManyError(
            f"{known:,} claims are in a database elsewhere, and {MAX_BROUGHT:,} are brought here to"
            " be asked: depositary export --format sqlite makes a file to ask"
        )
    connection = sqlite3.connect("", isolation_level=None)  # what memory does not hold is on disk
    try:
        connection.executescript(SCHEMA)
        if claims:
            connection.execute("BEGIN")
            connection.executemany(_KEEP, answers.connection.execute(_READ, (known,)))
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection
