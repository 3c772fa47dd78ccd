"""How does a folder become a ledger?"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors import cannot, usage
from cli.place import SETTINGS, Place

if TYPE_CHECKING:
    from domain.ledger import Ledger

_SETTINGS = """\
# A ledger of depositary. What was recorded stands in record.sqlite3, and nowhere else;
# answers.sqlite3 is made from it, and may be deleted. The origin names the ledger and its key.
format = 1
origin = "{origin}"
"""
_LOGS = ("", "-wal", "-shm", "-journal")


def check_origin(origin: str) -> str:
    """Return the name of a ledger unchanged; exit 2 if it could not name its key.

    A key's name is not empty and has no white space and no `+` (C2SP signed-note).
    """
    from events.text import TextError, check_text

    try:
        check_text(origin, 300)
    except TextError as error:
        usage("that is no name for a ledger", f"{origin!r}: {error}", "depositary init --help")
    if any(character.isspace() or character in '+"\\' for character in origin):
        usage(
            "that is no name for a ledger",
            f"{origin!r} names its key too, which has no white space, plus, quote or backslash",
            "name it like a web address without its scheme: example.org/ledger",
        )
    return origin


@contextmanager
def made(folder: Path, origin: str | None) -> Iterator["Ledger"]:
    """Make a ledger in a folder that has none and open it; undo all of it if the body fails.

    What a killed run left behind holds no settings, and so is no ledger yet.
    """
    from domain.ledger import Ledger

    place = Place(folder, "init")
    with ExitStack() as undo:
        for missing in _missing([*reversed(folder.absolute().parents), folder, place.sources]):
            missing.mkdir(0o700)
            undo.callback(missing.rmdir)
        for database in (place.record, place.answers):
            if not database.exists():
                undo.callback(_remove, database)
        with Ledger.create(place.record, origin=origin) as ledger:
            undo.callback((folder / SETTINGS).unlink, missing_ok=True)
            write_settings(folder, origin_of(place.record))
            yield ledger
        undo.pop_all()


def refuse_ledger(folder: Path) -> None:
    """Exit 7 if the folder is a ledger already."""
    if (folder / SETTINGS).exists():
        cannot(
            "there is a ledger already",
            f"{folder} has a {SETTINGS}, and is left as it is",
            f"{command_for(folder)} status",
        )


def command_for(folder: Path) -> str:
    """Return the words that begin a command on the ledger in a folder, as a shell reads them.

    Where no `depositary` is on the path, it is called as it was called now.
    """
    from shlex import quote
    from shutil import which

    called = Path(sys.argv[0])
    here = called.name == "depositary" and which("depositary") is None
    return f"{quote(str(called)) if here else 'depositary'} --ledger {quote(str(folder))}"


def write_settings(folder: Path, origin: str) -> None:
    """Write the file that makes the folder a ledger."""
    descriptor = os.open(folder / SETTINGS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(_SETTINGS.format(origin=origin))
        file.flush()
        os.fsync(descriptor)


def origin_of(record: Path) -> str:
    """Return the name of a ledger as its first event has it."""
    from events.canonical import open_envelope
    from events.store.reading import RecordReader

    with RecordReader(record) as reader:
        first = reader.first()
    if first is None:
        cannot("there is no ledger yet", f"{record} holds no event", "depositary init")
    return str(open_envelope(first.state).data["origin"])


def _missing(folders: list[Path]) -> list[Path]:
    return [folder for folder in folders if not folder.exists()]


def _remove(database: Path) -> None:
    for tail in _LOGS:
        database.with_name(database.name + tail).unlink(missing_ok=True)
