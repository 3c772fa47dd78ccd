"""Make a folder, or a database, into a ledger."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from events.errors import NotPossibleError, NotUnderstoodError
from events.store.atomic_files import (
    PRIVATE,
    make_folder,
    remove_database,
    remove_empty,
    sync_name,
    write_new_file,
)
from events.store.ledger_folder import LedgerLocation
from events.store.settings import SETTINGS, settings_text

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from events.store.location import Address, Location


class LedgerNameError(NotUnderstoodError):
    """A ledger's name names its key too: no white space, plus, quote or backslash."""


class NoEventError(NotPossibleError):
    """A ledger has its first event."""


def check_origin(origin: str) -> str:
    """Return the name of a ledger unchanged; raise LedgerNameError if it could not name its key.

    A key's name is not empty and has no white space and no `+` (C2SP signed-note).
    """
    from events.text import TextError, check_text

    try:
        check_text(origin, 300)
    except TextError as error:
        what, then = "that is no name for a ledger", "depositary init --help"
        raise LedgerNameError(what, f"{origin!r}: {error}", then) from None
    if any(character.isspace() or character in '+"\\' for character in origin):
        raise LedgerNameError(
            "that is no name for a ledger",
            f"{origin!r} names its key too, which has no white space, plus, quote or backslash",
            "name it like a web address without its scheme: example.org/ledger",
        )
    return origin


@contextmanager
def created_ledger(
    place: LedgerLocation, origin: str | None, recordedby: str | None = None
) -> Iterator["Ledger"]:
    """Make a ledger where there is none and open it; undo what files it has if the body fails.

    What a killed run left behind holds no settings, and so is no ledger yet. A database keeps the
    ledger's first event, and is taken up again.
    """
    from domain.ledger import Ledger

    with ExitStack() as undo:
        make_folders(place, undo)
        _forget_files(place, undo)
        with Ledger.create(place.record, origin=origin, recordedby=recordedby) as ledger:
            if place.folder is not None:
                undo.callback((place.folder / SETTINGS).unlink, missing_ok=True)
                write_settings(place.folder, origin_of(place.record), place.database)
            yield ledger
        undo.pop_all()


def make_folders(place: LedgerLocation, undo: ExitStack) -> None:
    """Make the folders of a ledger that are missing, if it has one."""
    if place.folder is None:
        return
    for made in make_folder(place.sources):
        undo.callback(remove_empty, made)
    sync_name(place.folder)  # a run that was killed may have made it


def _forget_files(place: LedgerLocation, undo: ExitStack) -> None:
    for database in (place.record, place.answers):
        if isinstance(database, Path) and not database.exists():
            undo.callback(remove_database, database)


def write_settings(folder: Path, origin: str, database: "Address | None" = None) -> None:
    """Write the file that makes the folder a ledger; an address in it is trusted from now on."""
    if database is not None:
        from events.store.trusted_folders import trust_folder

        trust_folder(folder, database)
    write_new_file(folder / SETTINGS, settings_text(origin, database).encode(), PRIVATE)


def origin_of(record: "Location") -> str:
    """Return the name of a ledger as its first event has it; raise RecordDamagedError."""
    from events.serialization import opened_as
    from events.store.factory import open_reader

    with open_reader(record) as reader:
        first = reader.first()
    if first is None:
        what, why = "there is no ledger yet", f"{record} holds no event"
        raise NoEventError(what, why, "depositary init")
    return opened_as(first)[1]
