"""Open a file of answers, and tell whose answers it holds and whether it is damaged."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from events.store.atomic_files import remove_database
from events.store.errors import StoreError
from events.store.plain_files import check_database
from events.store.sqlite.reader import RecordReader
from projections.read_model.cache_folder import answers_file
from projections.read_model.catch_up import identity_of, position_of
from projections.read_model.schema import FORMAT, MADE, SCHEMA, TEXTS

if TYPE_CHECKING:
    from events.store.location import Location

APPLICATION_ID = 0x44504F41  # "DPOA"
LOCK_WAIT_S = 5.0
BOOT = Path("/proc/sys/kernel/random/boot_id")  # another whenever the machine starts
TEMPORARY = ""  # what SQLite keeps in memory, and in a file without a name once it is large
_DAMAGED = (
    *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH),
)
distrusted: set[Path] = set()  # by this process: a damaged file that it cannot remove


def is_damage(error: Exception) -> bool:
    """Say whether what was raised as answers were read means that their file is damaged."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return (code or 0) & 0xFF in _DAMAGED or str(error).startswith("Could not decode")
    return True


def forget(record: RecordReader, where: "Location | None") -> None:
    """Remove a damaged file of answers; where that cannot be, this process trusts it no more."""
    with suppress(StoreError, OSError):
        if (path := answers_file(record, where)) is not None:
            distrusted.add(path)
            make_room(path)
            remove_database(path)
            distrusted.discard(path)


def opened_as_stored(record: RecordReader, where: "Location") -> sqlite3.Connection:
    """Open the answers that are stored, to be read; empty ones where there are none."""
    path = answers_file(record, where)
    if path is None or not is_plain(path):
        return sqlite3.connect(TEMPORARY)
    # What a killed run left half written is undone, and that writes.
    mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT_S)


def stored_position(record: RecordReader, where: "Location") -> int | None:
    """Return the position that the stored answers have reached; None where there are none."""
    try:
        with closing(opened_as_stored(record, where)) as connection:
            return position_of(connection) if belongs_to(connection, identity_of(record)) else None
    except (sqlite3.Error, StoreError):
        return None


def other_format(path: Path | None) -> int | None:
    """Return the format of stored answers that another version made; None of ours, and of none."""
    if path is None or not path.is_file():
        return None
    with suppress(sqlite3.Error):
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT_S)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (found,) = connection.execute("PRAGMA user_version").fetchone()
        return int(found) if application == APPLICATION_ID and found != FORMAT else None
    return None


def is_plain(path: Path) -> bool:
    """Say whether there is a file of answers; a link, or anything else, is made anew."""
    if path in distrusted:
        return False
    try:
        check_database(path, follow=False)
    except OSError:
        return False
    return path.exists()


def belongs_to(connection: sqlite3.Connection, identity: str) -> bool:
    """Say whether a database holds answers of this format about the record of an identity."""
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        return False
    if connection.execute("PRAGMA user_version").fetchone() != (FORMAT,):
        return False
    ours = connection.execute(MADE)
    if {text for (text,) in ours} != TEXTS:
        return False  # another's tables, or with a trigger that would run as we write
    found = connection.execute("SELECT value FROM state WHERE name = 'ledger'").fetchone()
    return bool(found == (_since_start(identity),))


def _since_start(identity: str) -> str:
    """Return whose answers a file holds: those of a record, made since this machine started.

    Of what was written before, any part may be missing where the power was cut (ADR 0023).
    """
    try:
        return f"{identity} {BOOT.read_bytes().decode().strip()}"
    except OSError:
        return identity  # a system that does not say


def is_of_its_past(connection: sqlite3.Connection, record: RecordReader) -> bool:
    """Say whether the last event answered about is one of the record, and the last of the rows.

    It is not after a restore, in a copy that went another way, or where the machine stopped before
    all of a file was on its disk.
    """
    position = position_of(connection)
    row = record.event(position)
    if row is None:
        return position == 0 and connection.execute("SELECT 1 FROM claims").fetchone() is None
    found = connection.execute(
        "SELECT state.value, version, topic, time FROM claims, state"
        " WHERE thing = ? AND position = ? AND position = (SELECT max(position) FROM claims)"
        " AND state.name = 'last'",
        (row.thing, position),
    )
    return bool(found.fetchone() == (row.text, row.version, row.topic, row.time))


def make_answer_tables(connection: sqlite3.Connection, identity: str) -> None:
    """Make the tables of the answers about the record of an identity."""
    connection.executescript(SCHEMA)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("INSERT INTO state VALUES ('ledger', ?)", (_since_start(identity),))


def open_answers(database: str) -> sqlite3.Connection:
    """Open a file of answers to write to; TEMPORARY for passing ones."""
    connection = sqlite3.connect(database, timeout=LOCK_WAIT_S, isolation_level=None)
    try:
        # Disposable: what a machine that stops has not yet on its disk is made again (ADR 0023).
        connection.execute("PRAGMA synchronous = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def make_room(path: Path) -> None:
    """Remove folders in the place of a file of answers, and of what lies beside it, if empty."""
    for tail in ("", "-wal", "-shm", "-journal"):
        each = path.with_name(path.name + tail)
        if each.is_dir() and not each.is_symlink():
            each.rmdir()
