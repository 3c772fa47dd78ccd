"""Say where the parts of a ledger are: record, answers, settings and archived copies.

A ledger is a folder: `depositary.toml` (what it is), `record.sqlite3` (the truth),
`answers.sqlite3` (made from the record, disposable) and `sources/` (archived copies). Where its
settings name a database, the record is there and the answers are in the user's cache folder; a
database alone, named by its address, is a ledger without a folder.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from events.errors import NotPossibleError
from events.store.settings import SETTINGS, read_settings

if TYPE_CHECKING:
    from events.store.location import Address, Location


class NoLedgerError(NotPossibleError):
    """A ledger is a folder with a depositary.toml, or an address of PostgreSQL."""


class LedgerLocation:
    """A ledger's folder, database or both, how found; one `of_folder` needs the user's trust."""

    __slots__ = ("_of_folder", "database", "folder", "found_by")

    def __init__(
        self,
        folder: Path | None,
        found_by: str,
        database: "Address | None" = None,
        *,
        of_folder: bool = False,
    ) -> None:
        self.folder, self.found_by, self.database = folder, found_by, database
        self._of_folder = of_folder

    @property
    def record(self) -> "Location":
        """Return where the events are; raise NotPossibleError for an address not to be used."""
        return (
            self._trusted_database() or self.needed_folder("a record in a file") / "record.sqlite3"
        )

    @property
    def answers(self) -> "Location":
        """Return the file of answers; or the address of a record whose answers are cached."""
        answers = self._trusted_database()
        return answers or self.needed_folder("answers in a file") / "answers.sqlite3"

    @property
    def sources(self) -> Path:
        """Return where archived copies are; raise NoLedgerError for a ledger without a folder."""
        return self.needed_folder("a folder for archived copies") / "sources"

    def _trusted_database(self) -> "Address | None":
        if self._of_folder and self.folder is not None and self.database is not None:
            from events.store.trusted_folders import check_trusted

            check_trusted(self.folder, self.database)
            self._of_folder = False
        return self.database

    @property
    def name(self) -> "Location":
        """Return what names the ledger on a command line: its folder, or else its address."""
        found = self.folder or self.database
        assert found is not None, "a ledger is somewhere"
        return found

    def needed_folder(self, what: str) -> Path:
        """Return the folder, or raise NoLedgerError that says how the ledger gets one."""
        if self.folder is None:
            why = f"it is {self.database} alone ({self.found_by}), and {what} is needed"
            then = f"depositary init DIR --database '{self.database}'"
            raise NoLedgerError("the ledger has no folder", why, then)
        return self.folder


def new_location(where: "Location", found_by: str) -> LedgerLocation:
    """Return a place that may not be there yet: a folder, or a database without one."""
    if isinstance(where, Path):
        return LedgerLocation(where, found_by)
    return LedgerLocation(None, found_by, where)


def existing_location(where: "Location", found_by: str) -> LedgerLocation:
    """Return where the parts of a ledger are; raise NoLedgerError where a folder is none."""
    if not isinstance(where, Path):
        return LedgerLocation(None, found_by, where)
    if where.is_file():
        why = f"{where} ({found_by}) is a file, and a ledger is a folder"
        raise NoLedgerError("that is not a ledger", why, f"name the folder: {where.parent}")
    found = read_settings(where)
    if found is None:
        why = f"{where} ({found_by}) has no {SETTINGS}"
        raise NoLedgerError("there is no ledger there", why, f"depositary init {where}")
    return LedgerLocation(where, found_by, found.database, of_folder=True)
