"""Where is the ledger?

A ledger is a folder: `depositary.toml` (what it is), `record.sqlite3` (the truth),
`answers.sqlite3` (made from the record, disposable) and `sources/` (archived copies). Where its
settings name a database, record and answers are there; a database alone, named by its address, is a
ledger without a folder.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors.exit_codes import CANNOT, USAGE, CounterError, cannot, usage
from cli.settings import SETTINGS, settings_of

if TYPE_CHECKING:
    from events.store.location import Address, Location

VARIABLE = "DEPOSITARY_LEDGER"


class Place:
    """A ledger's folder or its database or both, and how it was found."""

    __slots__ = ("database", "folder", "found_by")

    def __init__(
        self, folder: Path | None, found_by: str, database: "Address | None" = None
    ) -> None:
        self.folder, self.found_by, self.database = folder, found_by, database

    @property
    def record(self) -> "Location":
        """Return where the events are."""
        return self.database or self.needed_folder("a record in a file") / "record.sqlite3"

    @property
    def answers(self) -> "Location":
        """Return where the answers made from them are: beside the record, of its address."""
        return self.database or self.needed_folder("answers in a file") / "answers.sqlite3"

    @property
    def sources(self) -> Path:
        """Return where archived copies are, or exit 7 for a ledger without a folder."""
        return self.needed_folder("a folder for archived copies") / "sources"

    @property
    def name(self) -> "Location":
        """Return what names the ledger on a command line: its folder, or else its address."""
        found = self.folder or self.database
        assert found is not None, "a ledger is somewhere"
        return found

    def needed_folder(self, what: str) -> Path:
        """Return the folder, or exit 7 and say how the ledger gets one."""
        if self.folder is None:
            cannot(
                "the ledger has no folder",
                f"it is {self.database} alone ({self.found_by}), and {what} is needed",
                f"depositary init DIR --database '{self.database}'",
            )
        return self.folder


def named(text: str, by: str) -> "Location":
    """Return the folder or the address that a text names, or exit 2 without repeating it."""
    if not text:
        raise CounterError(USAGE, "no ledger is named", f"{by} is empty", "depositary help ledgers")
    if "://" not in text:
        return Path(text)
    from events.store.location import AddressError, parse_location

    try:
        return parse_location(text)
    except AddressError as error:
        why = str(error)  # raised outside: a trace shows what the text was, else
    what = "the ledger's address is not understood"
    raise CounterError(USAGE, what, f"{by}: {why}", "depositary help ledgers")


def refuse_password(text: str) -> None:
    """Exit 2 if a text is an address with a password in it, and do not repeat it."""
    from events.store.location import Address, AddressError, PasswordInAddressError

    why = ""
    try:
        Address.parse(text)
    except PasswordInAddressError as error:
        why = str(error)
    except AddressError:
        return  # whoever reads it says so
    if why:
        usage("a password is in an address", why, "depositary help ledgers")


def shown(where: "Location") -> str:
    """Return a folder as an absolute path, or an address, which holds no secret."""
    return str(where.absolute()) if isinstance(where, Path) else str(where)


def place_of(where: "Location", found_by: str) -> Place:
    """Return a place that may not be there yet: a folder, or a database without one."""
    return Place(where, found_by) if isinstance(where, Path) else Place(None, found_by, where)


def find(option: "Location | None") -> Place:
    """Return the ledger named by `--ledger`, by the variable, or the nearest above; or exit 7."""
    if option is not None:
        return _checked(option, "--ledger")
    if text := os.environ.get(VARIABLE):
        return _checked(named(text, VARIABLE), VARIABLE)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if found := settings_of(folder):
            return Place(folder, SETTINGS, found.database)
    raise CounterError(
        CANNOT,
        "there is no ledger here",
        f"no {SETTINGS} in {here} or above it, no --ledger, no {VARIABLE}",
        "depositary init, or depositary --ledger DIR ..., or depositary demo for an example",
    )


def _checked(where: "Location", found_by: str) -> Place:
    if not isinstance(where, Path):
        return Place(None, found_by, where)
    if where.is_file():
        cannot(
            "that is no ledger",
            f"{where} ({found_by}) is a file, and a ledger is a folder",
            f"name the folder: {where.parent}",
        )
    found = settings_of(where)
    if found is None:
        cannot(
            "there is no ledger there",
            f"{where} ({found_by}) has no {SETTINGS}",
            f"depositary init {where}",
        )
    return Place(where, found_by, found.database)
