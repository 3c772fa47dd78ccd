"""Make an empty ledger, and say what a ledger is about."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.ledger_location import VARIABLE, command_for, location_label, named_location
from cli.new_ledger import refuse_ledger, wanted_location
from cli.output.formats import write_page
from domain.create_ledger import created_ledger, make_folders, write_settings
from domain.ledger_names import check_origin, origin_of, set_title, title_of
from events.store.errors import NotALedgerError
from events.store.factory import open_reader
from events.store.ledger_folder import LedgerLocation, new_location
from events.store.location import AddressError, check_folder_address
from events.store.sqlite.connection import is_unfinished
from events.value import replace


def init(
    context: typer.Context,
    folder: Annotated[
        str | None, argument("[DIR]", "The folder; default: the current one.")
    ] = None,
    name: Annotated[
        str | None,
        option(
            "--name",
            "ORIGIN",
            "The ledger's name, and its key's, such as example.org/ledger; it cannot be changed.",
        ),
    ] = None,
    title: Annotated[
        str | None, option("--title", "TEXT", "What it is about; change it with: title.")
    ] = None,
    database: Annotated[
        str | None, option("--database", "URL", "Keep the log in PostgreSQL instead of a file.")
    ] = None,
) -> None:
    """Make an empty ledger in a folder, or in a PostgreSQL database.

    A folder holds depositary.toml, record.sqlite3 (the event log), answers.sqlite3 (the read model,
    which can be deleted and rebuilt) and sources/ (archived copies). An event log found in the
    folder without its depositary.toml, such as a backup, is used again.

    With --database the log is in a schema of a PostgreSQL database, and the folder names it; with
    an address instead of DIR there is no folder, and no archived copies: see depositary help
    ledgers. The folder is trusted with that address, as by depositary trust.

    \b
    Examples:
      depositary init ledgers/new
      depositary init ledgers/pk-sv --name example.org/pk-sv --title "Pakistan and bitcoin"
    """
    app = app_context(context, no_csv=True)
    origin = check_origin(name) if name is not None else None
    place = _place(app, folder, database)
    if place.folder is not None:
        refuse_ledger(place.folder)
    taken_up = _take_up(place, origin)
    if not taken_up:
        with created_ledger(place, origin, app.recordedby(place)) as ledger:
            if title is not None:
                set_title(ledger, title)
    elif title is not None:
        why = "its title is in its log"
        cannot("there is a ledger already", why, f"{command_for(place.name)} title TEXT")
    with replace(app, ledger_option=place.name).answers():
        pass
    _tell(app, place, taken_up=taken_up)


def title(
    context: typer.Context,
    text: Annotated[
        str | None, argument("[TEXT]", "What the ledger is about; without it the title is shown.")
    ] = None,
) -> None:
    """Show the ledger's title, or give it another.

    The title is an event of the log, where earlier ones stay; the start page of serve shows it.
    Given the same title again, nothing is written.

    \b
    Examples:
      depositary title
      depositary title "Treaties of Pakistan and El Salvador"
    """
    app = app_context(context, no_csv=True)
    if text is None:
        with app.record() as record:
            found = title_of(record)
        write_page([found or "no title: depositary title TEXT"], {"title": found}, app.look)
        return
    with app.ledger() as ledger:
        position = set_title(ledger, text)
    said = f"recorded as @{position}" if position else "that is its title already"
    write_page([f"{text}: {said}"], {"title": text, "position": position}, app.look)


def _place(app: AppContext, folder: str | None, database: str | None) -> LedgerLocation:
    here = os.environ.get(VARIABLE) or "."
    wanted = wanted_location(app.ledger_option, folder, "init")
    place = new_location(wanted or named_location(here, VARIABLE), "init")
    if database is None:
        return place
    where = named_location(database, "--database")
    if isinstance(where, Path):
        why = f"--database {where} is a path; an address is postgresql://user@host/database"
        then = "depositary init DIR, for a ledger in files"
        usage_failure("that is not the address of a database", why, then)
    if place.database is not None:
        why = f"{place.database} and --database {where}"
        usage_failure("two databases are named", why, "depositary init DIR --database URL")
    try:
        check_folder_address(where)
    except AddressError as error:
        why, then = f"--database: {error}", "depositary help ledgers"
        usage_failure("a folder cannot name that address", why, then)
    return LedgerLocation(place.folder, place.found_by, where)


def _take_up(place: LedgerLocation, origin: str | None) -> bool:
    """Take up a record that is there without its settings; say whether it holds anything."""
    if not _holds_anything(place):
        return False
    found = origin_of(place.record)
    if origin not in (None, found):
        why = f"{place.record} is '{found}', and not '{origin}'"
        cannot("the event log there has another name", why, f"depositary init {place.name}")
    if place.folder is None:
        why = f"{place.database} is {found}, and is not changed"
        cannot("there is a ledger already", why, f"{command_for(place.name)} status")
    with ExitStack() as undo:
        make_folders(place, undo)
        write_settings(place.folder, found, place.database)
        undo.pop_all()
    return True


def _holds_anything(place: LedgerLocation) -> bool:
    if isinstance(place.record, Path) and (
        not place.record.exists() or is_unfinished(place.record)
    ):
        return False
    try:
        with open_reader(place.record) as reader:
            return reader.last_position() > 0  # of none an init was killed that left it behind
    except NotALedgerError:
        if place.database is None:
            raise
        return False  # nothing is at the address yet, or what making it will say is in its way


def _tell(app: AppContext, place: LedgerLocation, *, taken_up: bool) -> None:
    origin = origin_of(place.record)
    here = place.folder is not None and place.folder.absolute() == Path.cwd()
    this = command_for(None if here else place.name)
    found = "The event log found in" if taken_up else "An empty ledger in"
    lines = [
        f"{found} {'this folder' if here else place.name}: {origin}",
        *("", "next:", f"  {this} add", f"  {this} status", ""),
        "The first asks for one fact; depositary help facts shows a file of several.",
    ]
    if not here:
        inside = "Inside the folder, or with" if place.folder is not None else "With"
        lines += ["", f"{inside} {VARIABLE} set, --ledger is not needed."]
    write_page(lines, {"ledger": location_label(place.name), "origin": origin}, app.look)
