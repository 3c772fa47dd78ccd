"""The file of answers about a log: beside it, or of one in PostgreSQL in the user's cache."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from events.envelope import EnvelopeError, open_envelope
from events.identifiers import is_ledger_id
from events.store.errors import CannotWriteError, NotALedgerError
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader

if TYPE_CHECKING:
    from events.store.location import Location

VARIABLE = "XDG_CACHE_HOME"
PRIVATE = 0o700


def answers_file(record: RecordReader, where: "Location | None") -> Path | None:
    """Return the file of answers, None for none; raise NotALedgerError or CannotWriteError."""
    if where is None or isinstance(where, Path):
        return where

    return cached_answers(record)


def writable_file(record: RecordReader, where: "Location | None") -> Path | None:
    """Return the file that keeps the answers; its folder is made if it is in the cache."""
    path = answers_file(record, where)
    if path is not None and path != where:
        make_private(path)
    return path


def cached_answers(record: RecordReader) -> Path:
    """Return the file of answers about a record at an address, whether or not it is there.

    Raises NotALedgerError for a record that has no first event with an id in it, and
    CannotWriteError where this user has no folder of their own.
    """
    from hashlib import sha256  # 4 ms, which the read of a ledger in a folder need not wait for

    address = sha256(str(record.where).encode()).hexdigest()[:16]
    return cache_home() / "depositary" / _id_of(record.first(), record) / f"{address}.sqlite3"


def cache_home() -> Path:
    """Return the folder for what programs may make again."""
    found = Path(os.environ.get(VARIABLE) or "")
    if found.is_absolute():  # any other is to be passed over, says the specification
        return found
    with suppress(RuntimeError):
        if (home := Path.home()).exists():
            return home / ".cache"
    raise CannotWriteError(f"There is no home folder to keep answers in, and no {VARIABLE}.")


def make_private(file: Path) -> None:
    """Make the folders that a cached file is in, for this user alone.

    Raises CannotWriteError where they cannot be made, or are another user's: what that one puts
    there would be taken for answers.
    """
    folder = file.parent
    try:
        for missing in [each for each in reversed((folder, *folder.parents)) if not each.exists()]:
            missing.mkdir(PRIVATE, exist_ok=True)
        for each in (folder.parent, folder):
            found = each.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise CannotWriteError(
                    f"{each} is not a folder of this user's: no answers are kept."
                )
            if stat.S_IMODE(found.st_mode) != PRIVATE:
                each.chmod(PRIVATE)
    except OSError as error:
        raise CannotWriteError(f"Cannot keep answers in {folder}: {error.strerror}.") from error


def _id_of(first: Row | None, record: RecordReader) -> str:
    try:
        source = open_envelope(first.state).source if first else ""
    except EnvelopeError:
        source = ""
    found = source.removeprefix("urn:uuid:")
    if not is_ledger_id(found):
        raise NotALedgerError(f"{record.where} has no first event with the id of a ledger.")
    return found
