"""Check that a log's file has the schema and the value types that this program writes.

These are the checks that the database can make without reading events: `audit` begins with them.
Each check yields sentences about what is wrong, and none where all is well.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from events.store.sqlite.connection import open_for_reading, sqlite_errors
from events.store.sqlite.schema import TABLES, missing_objects

MAX_SENTENCES = 10

WRONG_VERSION = """SELECT position, originator_id, originator_version, n FROM (
    SELECT position, originator_id, originator_version,
        row_number() OVER (PARTITION BY originator_id ORDER BY position) AS n
    FROM stored_events
) AS numbered WHERE originator_version <> n OR position < 1 ORDER BY position LIMIT 10"""


class Inspection(NamedTuple):
    """The checks of a store.

    Each of `checks` has a name, a function that yields sentences about what is wrong (None where
    the server checks by itself), and the sentence if all is well.
    """

    checks: tuple[tuple[str, Callable[[Any], Iterator[str]] | None, str], ...]
    wrong_versions: Callable[[Any], Iterator[tuple[int, str]]]


def _broken_pages(path: Path) -> Iterator[str]:
    """Yield what SQLite's own check finds: pages, order, indexes, constraints."""
    with closing(open_for_reading(path)) as connection, sqlite_errors(path, "read"):
        for (line,) in connection.execute(f"PRAGMA integrity_check({MAX_SENTENCES})"):
            if line != "ok":
                yield str(line)


def _incomplete_schema(path: Path) -> Iterator[str]:
    """Yield each setting that is not ours, and each table, index or trigger that is missing.

    What is there and not ours is refused when the file is opened.
    """
    with closing(open_for_reading(path)) as connection, sqlite_errors(path, "read"):
        for pragma, expected in (("encoding", "UTF-8"), ("auto_vacuum", 0)):
            (found,) = connection.execute(f"PRAGMA {pragma}").fetchone()
            if found != expected:
                yield f"{pragma} is {found}, and not {expected}"
        for kind, name in missing_objects(connection):
            yield f"the {kind} {name} is missing, or was changed"


def _wrong_kinds(path: Path) -> Iterator[str]:
    """Yield each value whose type is not its column's (one flipped bit makes bytes a text)."""
    with closing(open_for_reading(path)) as connection, sqlite_errors(path, "read"):
        for table in TABLES:
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            wrong = [f"typeof({name}) <> '{kind.lower()}'" for _, name, kind, *_ in columns]
            sql = f"SELECT rowid FROM {table} WHERE {' OR '.join(wrong)} LIMIT {MAX_SENTENCES}"  # noqa: S608
            for (row,) in connection.execute(sql) if wrong else ():
                yield f"row {row} of {table} has a value of another kind"


def _wrong_versions(path: Path) -> Iterator[tuple[int, str]]:
    """Yield position and sentence of each event that is not its thing's next, or is at none."""
    with closing(open_for_reading(path)) as connection, sqlite_errors(path, "read"):
        for position, thing, version, n in connection.execute(WRONG_VERSION):
            yield position, misplaced(position, thing, version, n)


def misplaced(position: int, thing: str, version: int, n: int) -> str:
    """Describe the wrong place of an event that is the nth about its thing."""
    if position < 1:
        return f"@{position} is before the first position"
    return f"@{position} is number {n} about {thing}, and says {version}"


INSPECTION = Inspection(
    (
        ("file", _broken_pages, "SQLite finds every page and index whole"),
        ("schema", _incomplete_schema, "the tables and triggers are ours, and no others"),
        ("kinds", _wrong_kinds, "every value is of its column's kind"),
    ),
    _wrong_versions,
)
