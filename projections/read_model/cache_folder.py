"""The file of answers about a ledger in PostgreSQL, in the cache folder of who reads.

`$XDG_CACHE_HOME/depositary/LEDGER-ID/ADDRESS.sqlite3`, else below `~/.cache`, where ADDRESS stands
for the address that the ledger was read at: a copy at another address has the same id, and may go
another way. Whatever is there may be removed at any time (XDG Base Directory Specification).
"""

import os
import re
import stat
from hashlib import sha256
from pathlib import Path

from events.envelope import EnvelopeError, open_envelope
from events.store.errors import CannotWriteError, NotALedgerError
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader

VARIABLE = "XDG_CACHE_HOME"
PRIVATE = 0o700

_ledger_id = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})").fullmatch


def cached_answers(record: RecordReader) -> Path:
    """Return the file of answers about a record at an address, whether or not it is there.

    Raises NotALedgerError for a record that has no first event with an id in it, and
    CannotWriteError where this user has no folder of their own.
    """
    address = sha256(str(record.where).encode()).hexdigest()[:16]
    return cache_home() / "depositary" / _id_of(record.first(), record) / f"{address}.sqlite3"


def cache_home() -> Path:
    """Return the folder for what programs may make again."""
    found = Path(os.environ.get(VARIABLE) or "")
    if found.is_absolute():  # any other is to be passed over, says the specification
        return found
    try:
        return Path.home() / ".cache"
    except RuntimeError:
        raise CannotWriteError(
            f"There is no home folder to keep answers in, and no {VARIABLE}."
        ) from None


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
                raise CannotWriteError(f"{each} is no folder of this user's: no answers are kept.")
            if stat.S_IMODE(found.st_mode) != PRIVATE:
                each.chmod(PRIVATE)
    except OSError as error:
        raise CannotWriteError(f"Cannot keep answers in {folder}: {error.strerror}.") from error


def _id_of(first: Row | None, record: RecordReader) -> str:
    try:
        source = open_envelope(first.state).source if first else ""
    except EnvelopeError:
        source = ""
    found = _ledger_id(source)
    if found is None:
        raise NotALedgerError(f"{record.where} has no first event with the id of a ledger.")
    return found[1]
