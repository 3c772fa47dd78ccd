"""Make, open and check the SQLite file of a record.

With sqlite3 alone, for reads need no more than that.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from msgspec import Struct

from events.store.errors import (
    CannotReadError,
    CannotWriteError,
    LedgerExistsError,
    LedgerLockedError,
    NewerFormatError,
    NotALedgerError,
    RecordDamagedError,
    StoreError,
    VersionConflictError,
)
from events.store.plain_files import check_database
from events.store.sqlite.schema import (
    APPLICATION_ID,
    FORMAT,
    SCHEMA,
    TABLES,
    check_schema,
    missing_objects,
)

if TYPE_CHECKING:
    from events.store.location import Location

LOCK_WAIT_S = 30.0  # 24 writers lost 3 saves of 2,880 at 5 s

# A value, a row or a statement is at most so long. An event has 65,535 bytes and a row little
# more, so that no file makes us read a value of a gigabyte into memory.
MAX_ROW_BYTES = 200_000

# What SQLite says where it cannot make the file by which readers and writers agree.
_UNSHARED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)

Doing = Literal["read", "write"]


def create_file(path: Path) -> None:
    """Make an empty record that only its owner may read or write (mode 0600).

    Raises LedgerExistsError where the file holds anything. What a killed `create` leaves behind
    holds nothing, so that it may be called again.
    """
    with sqlite_errors(path, "write"):
        _claim(path)
        with closing(_connect(path, "rw")) as connection:
            _write_schema(connection, path)
            _log_ahead(connection, LOCK_WAIT_S)


def is_unfinished(path: Path) -> bool:
    """Say whether a file is what a killed `create_file` left: empty, without a table or a mark."""
    try:
        with closing(_connect(path, "rw")) as connection:
            objects = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            mark = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error:
        return False
    return bool(objects == (0,) and mark == (0,))


def open_for_writing(path: Path, lock_wait_s: float = LOCK_WAIT_S) -> sqlite3.Connection:
    """Return a connection to an existing record; transactions are begun by the caller.

    Waits at most `lock_wait_s` seconds for a lock. Raises NotALedgerError, NewerFormatError,
    CannotWriteError, LedgerLockedError.
    """
    with sqlite_errors(path, "write"):
        connection = _connect(path, "rw", lock_wait_s)
        try:
            check_format(connection, path)
            _prepare(connection, lock_wait_s)
        except BaseException:
            connection.close()
            raise
        return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write; others may write meanwhile.

    Where the folder may not be written, a record without a log beside it is read as one that does
    not change, for readers and writers have no means to agree there.
    """
    with sqlite_errors(path, "read"):
        try:
            return _open_checked(path, "ro")
        except sqlite3.OperationalError as error:
            if _primary(error) not in _UNSHARED or _has_log(path):
                raise
            return _open_checked(path, "ro&immutable=1")


class OpenLog:
    """A log that is open; use it as a context manager. What it meets is an error of the store."""

    where: "Location"
    _connection: Any

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def last_position(self) -> int:
        """Return how many events there are, which is the last one's position; 0 for none."""
        ((last,),) = self._stream("SELECT max(position) FROM stored_events")
        return last or 0

    def _stream(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a statement, in which `?` stands for each value."""
        with self._errors("read"):
            cursor = self._connection.execute(sql, values)
            yield from iter(cursor.fetchone, None)  # left early, after the file is closed: unharmed

    def _errors(self, doing: Doing) -> AbstractContextManager[None]:
        assert isinstance(self.where, Path)
        return sqlite_errors(self.where, doing)


def check_format(connection: sqlite3.Connection, path: Path) -> None:
    """Raise unless the file is a record of this format, with our tables and nothing else.

    Raises NotALedgerError, NewerFormatError and RecordDamagedError.
    """
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise NotALedgerError(f"{path} was not made by depositary.")
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > FORMAT:
        raise NewerFormatError(
            f"{path} has format {found}, and this version reads up to {FORMAT}: "
            "install a newer depositary."
        )
    if found != FORMAT:
        raise NotALedgerError(f"{path} has no event table made by depositary.")
    check_schema(connection, path)


@contextmanager
def sqlite_errors(path: Path, doing: Doing, named: Path | None = None) -> Iterator[None]:
    """Turn what sqlite3 and the operating system raise into an error of the store.

    It names the file, or the name that the file is to get.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise translated(error, path, doing, named) from error
    except OSError as error:
        if error.filename not in (None, str(path)):
            raise  # what is written beside the record says its own name
        raise _cannot(doing)(f"Cannot {doing} {path}: {error.strerror}.") from error


def translated(
    error: sqlite3.Error, path: Path, doing: Doing, named: Path | None = None
) -> StoreError:
    """Return what sqlite3 raised as an error of the store."""
    code = _primary(error)
    if code == sqlite3.SQLITE_CANTOPEN and _is_missing(path):
        return NotALedgerError(f"There is no event log at {path}.")
    path = named or path
    if code == sqlite3.SQLITE_CONSTRAINT:
        return _constraint(error, path)
    if code is None and str(error).startswith("Could not decode to UTF-8"):
        return RecordDamagedError(f"{path} is damaged: a text in it is not UTF-8.")
    cause, sentence = _CAUSES.get(code, (_cannot(doing), f"Cannot {doing} {{path}}: {{error}}."))
    return cause(sentence.format(path=path, error=error))


_LOCKED = LedgerLockedError, "{path} is locked: others are writing to it."
_TOO_LONG = "{path} is damaged: it holds a value longer than any that this program writes."
_BROKEN = NotALedgerError, "{path} is broken or no SQLite file: {error}."
_CAUSES: dict[int | None, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_TOOBIG: (RecordDamagedError, _TOO_LONG),
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_NOTADB: _BROKEN,
    sqlite3.SQLITE_FULL: (CannotWriteError, "Cannot write {path}: there is no room left."),
}


def _constraint(error: sqlite3.Error, path: Path) -> StoreError:
    if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
        return VersionConflictError(f"A version was written twice to {path}.")
    return CannotWriteError(f"Cannot write {path}: {error}")


def _primary(error: sqlite3.Error) -> int | None:
    # Errors that the Python module finds by itself carry no code.
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _cannot(doing: Doing) -> type[StoreError]:
    return CannotReadError if doing == "read" else CannotWriteError


def _claim(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_size == 0:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _write_schema(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    objects = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if objects != (0,) or connection.execute("PRAGMA application_id").fetchone() != (0,):
        raise LedgerExistsError(f"{path} exists already, and is left as it is.")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute("COMMIT")


def _connect(path: Path, mode: str, lock_wait_s: float = LOCK_WAIT_S) -> sqlite3.Connection:
    check_database(path)
    if sqlite3.sqlite_version_info < (3, 37):
        raise StoreError(f"SQLite 3.37 or newer is needed, and this is {sqlite3.sqlite_version}.")
    # With a URI, for only so can a file that is not there stay so; it quotes `?` and `#` in names.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=lock_wait_s,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_ROW_BYTES)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _log_ahead(connection: sqlite3.Connection, lock_wait_s: float) -> None:
    # SQLite does not wait by itself where others have just opened a file that has no log yet.
    until = time.monotonic() + lock_wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.005)
        else:
            return


def _prepare(connection: sqlite3.Connection, lock_wait_s: float) -> None:
    _log_ahead(connection, lock_wait_s)
    connection.execute("PRAGMA synchronous = FULL")  # the library leaves it as it was compiled
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE deletes unseen


def _open_checked(path: Path, mode: str) -> sqlite3.Connection:
    connection = _connect(path, mode)
    try:
        connection.execute("PRAGMA query_only = ON")
        check_format(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_missing(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # it may be there: this one may not look
    return False


def _has_log(path: Path) -> bool:
    log = Path(f"{path}-wal")
    return log.exists() and log.stat().st_size > 0


MAX_SENTENCES = 10

WRONG_VERSION = """SELECT position, originator_id, originator_version, n FROM (
    SELECT position, originator_id, originator_version,
        row_number() OVER (PARTITION BY originator_id ORDER BY position) AS n
    FROM stored_events
) AS numbered WHERE originator_version <> n OR position < 1 ORDER BY position LIMIT 10"""


class Inspection(Struct, frozen=True):
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
