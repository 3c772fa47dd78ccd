"""Trust a folder that names a database."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from cli.arguments import argument, flag
from cli.context import app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.output.formats import write_page, write_rows
from cli.output.look import Column, no_table
from events.store.ledger_folder import existing_location
from events.store.trusted_folders import distrust_folder, trust_folder, trusted_folders

_COLUMNS = (Column("folder", "folder", fixed=True), Column("database", "database"))


def trust(
    context: typer.Context,
    folder: Annotated[Path | None, argument("[DIR]", "A folder whose database you trust.")] = None,
    list_: Annotated[bool, flag("--list", "List the folders trusted, or DIR if it is.")] = False,
    delete: Annotated[bool, flag("--delete", "Stop trusting DIR.")] = False,
) -> None:
    """Trust a folder whose depositary.toml names a PostgreSQL database.

    The maker of the folder chose the database, and a command there would give it your user's name
    and password. So no command connects to it before you have read its address here and trusted
    the folder with it. Folder and address are kept in trusted.toml of your configuration
    ($XDG_CONFIG_HOME or ~/.config, below depositary/): a folder that is moved, or that names
    another address, must be trusted again. Beyond this machine TLS is required, and no password is
    sent in clear text. depositary init DIR --database URL trusts the address given.

    \b
    Examples:
      depositary trust --list
      depositary trust --list --json
    """
    app = app_context(context)
    if list_ and delete:
        usage_failure(
            "two options exclude each other", "--list and --delete", "depositary trust --help"
        )
    if list_:
        rows = [each._asdict() for each in trusted_folders()]
        wanted = None if folder is None else str(folder.resolve())
        write_rows(_COLUMNS, [r for r in rows if wanted in (None, r["folder"])], app.look)
        return
    no_table(app.look)
    if folder is None:
        usage_failure("no folder is named", "DIR or --list is needed", "depositary trust --help")
    found = None
    if delete:
        if not distrust_folder(folder):
            why = f"{folder} is not in the list"
            cannot("the folder is not trusted", why, "depositary trust --list")
    else:
        found = _trust(folder)
    line = f"{folder}: {found or 'no longer trusted'}"
    write_page([line], {"folder": str(folder.resolve()), "database": found}, app.look)


def _trust(folder: Path) -> str:
    database = existing_location(folder, "DIR").database
    if database is None:
        why = f"{folder} names no database: its log is a file"
        cannot("there is nothing to trust", why, f"depositary --ledger {quote(str(folder))} status")
    trust_folder(folder, database)
    return str(database)
