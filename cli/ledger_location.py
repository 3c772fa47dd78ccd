"""Find the ledger that a command is about.

It is the one that `--ledger` names, or else the variable, or else the nearest folder above.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors.exit_codes import CANNOT, USAGE, CommandError, cannot, usage_failure
from events.store.ledger_folder import LedgerLocation, existing_location
from events.store.settings import SETTINGS, read_settings

if TYPE_CHECKING:
    from events.store.location import Location

VARIABLE = "DEPOSITARY_LEDGER"


def named_location(text: str, by: str) -> "Location":
    """Return the folder or the address that a text names, or exit 2 without repeating it."""
    if not text:
        raise CommandError(USAGE, "no ledger is named", f"{by} is empty", "depositary help ledgers")
    if "://" not in text:
        return Path(text)
    from events.store.location import AddressError, parse_location

    try:
        return parse_location(text)
    except AddressError as error:
        why = str(error)  # raised outside: a trace shows what the text was, else
    what = "the ledger's address is not understood"
    raise CommandError(USAGE, what, f"{by}: {why}", "depositary help ledgers")


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
        usage_failure("a password is in an address", why, "depositary help ledgers")


def location_label(where: "Location") -> str:
    """Return a folder as an absolute path, or an address, which holds no secret."""
    return str(where.absolute()) if isinstance(where, Path) else str(where)


def find_ledger(option: "Location | None") -> LedgerLocation:
    """Return the ledger named by `--ledger`, by the variable, or the nearest above.

    Raises NoLedgerError and SettingsError, and exits 7 where there is none.
    """
    if option is not None:
        return existing_location(option, "--ledger")
    if text := os.environ.get(VARIABLE):
        return existing_location(named_location(text, VARIABLE), VARIABLE)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if found := read_settings(folder):
            return LedgerLocation(folder, SETTINGS, found.database, of_folder=True)
    raise CommandError(
        CANNOT,
        "there is no ledger here",
        f"no {SETTINGS} in {here} or above it, no --ledger, no {VARIABLE}",
        "depositary init, or depositary --ledger DIR ..., or depositary demo for an example",
    )


def refuse_ledger(folder: Path) -> None:
    """Exit 7 if the folder is a ledger already."""
    from events.store.atomic_files import is_taken

    if is_taken(folder / SETTINGS):
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
