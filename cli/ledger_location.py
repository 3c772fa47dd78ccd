"""Find the ledger that a command is about, and who records.

The ledger is the one that `--ledger` names, or else the variable, or else the nearest folder above;
who records is named by `--recorder`, else the variable, else the ledger's settings.
"""

import os
import sys
from pathlib import Path
from shlex import quote
from shutil import which

from cli.errors.exit_codes import CANNOT, USAGE, CommandError, usage_failure
from events.store.ledger_folder import LedgerLocation, existing_location
from events.store.location import (
    Address,
    AddressError,
    Location,
    PasswordInAddressError,
    parse_location,
)
from events.store.settings import SETTINGS, read_settings
from events.text import TextError, check_recorder

VARIABLE = "DEPOSITARY_LEDGER"
RECORDER_VARIABLE = "DEPOSITARY_RECORDER"


def named_location(text: str, by: str) -> Location:
    """Return the folder or the address that a text names, or exit 2 without repeating it."""
    if not text:
        raise CommandError(USAGE, "no ledger is named", f"{by} is empty", "depositary help ledgers")
    if "://" not in text:
        return Path(text)
    try:
        return parse_location(text)
    except AddressError as error:
        why = str(error)  # raised outside: a trace shows what the text was, else
    what = "the ledger's address is not understood"
    raise CommandError(USAGE, what, f"{by}: {why}", "depositary help ledgers")


def refuse_password(text: str) -> None:
    """Exit 2 if a text is an address with a password in it, and do not repeat it."""
    why = ""
    try:
        Address.parse(text)
    except PasswordInAddressError as error:
        why = str(error)
    except AddressError:
        return  # whoever reads it says so
    if why:
        usage_failure("a password is in an address", why, "depositary help ledgers")


def location_label(where: Location) -> str:
    """Return a folder as an absolute path, or an address, which holds no secret."""
    return str(where.absolute()) if isinstance(where, Path) else str(where)


def find_ledger(option: Location | None) -> LedgerLocation:
    """Return the ledger named; raise NoLedgerError, NotUnderstoodError, or exit 7 for none."""
    if option is not None:
        return existing_location(option, "--ledger")
    if text := os.environ.get(VARIABLE):
        return existing_location(named_location(text, VARIABLE), VARIABLE)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if found := read_settings(folder):
            return LedgerLocation(folder, SETTINGS, found.database, of_folder=True)
    why = f"no {SETTINGS} in {here} or above it, no --ledger, no {VARIABLE}"
    then = "depositary init, or depositary --ledger DIR ..., or depositary demo for an example"
    raise CommandError(CANNOT, "there is no ledger here", why, then)


def command_for(where: Location | None) -> str:
    """Return the words that begin a command on a ledger, called as now if not on the path.

    None: the ledger is the one that is found without naming it.
    """
    called = Path(sys.argv[0])
    here = called.name == "depositary" and which("depositary") is None
    program = quote(str(called)) if here else "depositary"
    return program if where is None else f"{program} --ledger {quote(str(where))}"


def who_records(option: str | None, folder: Path | None) -> str | None:
    """Return the name that new events bear; exit 2 for one that no event can bear."""
    name = option if option is not None else os.environ.get(RECORDER_VARIABLE) or None
    if name is None:
        found = read_settings(folder) if folder else None
        return found.recorder if found else None
    try:
        return check_recorder(name)
    except TextError as error:
        by = RECORDER_VARIABLE if option is None else "--recorder"
        what, then = f"{by} needs a name of one line", f"{by} with 1 to 120 characters"
        usage_failure(what, str(error), then)
