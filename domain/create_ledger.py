"""Make a folder, or a database, into a ledger."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from domain.ledger_names import origin_of
from events.store.atomic_files import (
    PRIVATE,
    make_folder,
    remove_database,
    remove_empty,
    sync_name,
    write_new_file,
)
from events.store.ledger_folder import LedgerLocation
from events.store.location import Address
from events.store.settings import SETTINGS, settings_text
from events.store.trusted_folders import trust_folder

if TYPE_CHECKING:
    from domain.ledger import Ledger


@contextmanager
def created_ledger(
    place: LedgerLocation, origin: str | None, recordedby: str | None = None
) -> Iterator["Ledger"]:
    """Make a ledger where there is none and open it; undo what files it has if the body fails.

    What a killed run left behind holds no settings, and so is no ledger yet. A database keeps the
    ledger's first event, and is taken up again.
    """
    from domain.ledger import Ledger  # 40 ms, and what copies a log opens none

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


def write_settings(folder: Path, origin: str, database: Address | None = None) -> None:
    """Write the file that makes the folder a ledger; an address in it is trusted from now on."""
    if database is not None:
        trust_folder(folder, database)
    write_new_file(folder / SETTINGS, settings_text(origin, database).encode(), PRIVATE)
