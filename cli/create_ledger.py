"""How does a folder, or a database, become a ledger?"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors.exit_codes import cannot, usage
from cli.ledger_location import Place
from cli.settings import SETTINGS
from cli.settings_file import settings_text

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from events.store.location import Address, Location

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
def made(place: Place, origin: str | None) -> Iterator["Ledger"]:
    """Make a ledger where there is none and open it; undo what files it has if the body fails.

    What a killed run left behind holds no settings, and so is no ledger yet. A database keeps the
    ledger's first event, and is taken up again.
    """
    from domain.ledger import Ledger

    with ExitStack() as undo:
        make_folders(place, undo)
        _forget_files(place, undo)
        with Ledger.create(place.record, origin=origin) as ledger:
            if place.folder is not None:
                undo.callback((place.folder / SETTINGS).unlink, missing_ok=True)
                write_settings(place.folder, origin_of(place.record), place.database)
            yield ledger
        undo.pop_all()


def make_folders(place: Place, undo: ExitStack) -> None:
    """Make the folders of a ledger that are missing, if it has one."""
    if place.folder is None:
        return
    wanted = [*reversed(place.folder.absolute().parents), place.folder, place.sources]
    for missing in [each for each in wanted if not each.exists()]:
        missing.mkdir(0o700)
        undo.callback(missing.rmdir)


def _forget_files(place: Place, undo: ExitStack) -> None:
    for database in (place.record, place.answers):
        if isinstance(database, Path) and not database.exists():
            undo.callback(_remove, database)


def refuse_ledger(folder: Path) -> None:
    """Exit 7 if the folder is a ledger already."""
    if (folder / SETTINGS).exists():
        cannot(
            "there is a ledger already",
            f"{folder} has a {SETTINGS}, and is left as it is",
            f"{command_for(folder)} status",
        )


def command_for(where: "Location") -> str:
    """Return the words that begin a command on a ledger, as a shell reads them.

    Where no `depositary` is on the path, it is called as it was called now.
    """
    from shlex import quote
    from shutil import which

    called = Path(sys.argv[0])
    here = called.name == "depositary" and which("depositary") is None
    return f"{quote(str(called)) if here else 'depositary'} --ledger {quote(str(where))}"


def write_settings(folder: Path, origin: str, database: "Address | None" = None) -> None:
    """Write the file that makes the folder a ledger."""
    descriptor = os.open(folder / SETTINGS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(settings_text(origin, database))
        file.flush()
        os.fsync(descriptor)


def origin_of(record: "Location") -> str:
    """Return the name of a ledger as its first event has it."""
    from events.envelope import open_envelope
    from events.store.factory import open_reader

    with open_reader(record) as reader:
        first = reader.first()
    if first is None:
        cannot("there is no ledger yet", f"{record} holds no event", "depositary init")
    return str(open_envelope(first.state).data["origin"])


def _remove(database: Path) -> None:
    for tail in _LOGS:
        database.with_name(database.name + tail).unlink(missing_ok=True)
