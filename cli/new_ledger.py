"""Say where a new ledger is to be, and refuse a folder that is a ledger already."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors.exit_codes import cannot, usage_failure
from cli.ledger_location import command_for, named_location
from events.store.atomic_files import is_taken
from events.store.settings import SETTINGS

if TYPE_CHECKING:
    from events.store.location import Location


def wanted_location(
    option: "Location | None", folder: str | None, command: str
) -> "Location | None":
    """Return where a new ledger is to be, None where it is not named; exit 2 for two places."""
    where = None if folder is None else named_location(folder, "DIR")
    if where is not None and option not in (None, where):
        why = f"{where} and --ledger {option}"
        usage_failure("two folders are named", why, f"depositary {command} {where}")
    return where or option


def refuse_ledger(folder: Path) -> None:
    """Exit 7 if the folder is a ledger already."""
    if is_taken(folder / SETTINGS):
        why = f"{folder} has a {SETTINGS}, and is not changed"
        cannot("there is a ledger already", why, f"{command_for(folder)} status")
