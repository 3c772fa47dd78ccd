"""How is an empty ledger made?"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from cli.counter import Counter, at_hand
from cli.errors import cannot, usage
from cli.making import check_origin, command_for, made, origin_of, refuse_ledger, write_settings
from cli.output import no_table, write_json, write_lines
from cli.place import VARIABLE, Place


def init(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder; this one if left out.")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="ORIGIN",
            help="The ledger's name for ever, and its key's: example.org/ledger.",
        ),
    ] = None,
) -> None:
    """Make an empty ledger in a folder.

    It holds depositary.toml, record.sqlite3 (the truth), answers.sqlite3 (made from the record,
    disposable) and sources/ (archived copies). A record that stands in
    the folder without its depositary.toml, such as a backup, is taken up again.

    \b
    Examples:
      depositary init
      depositary init ledgers/pk-sv --name example.org/pk-sv
    """
    counter = at_hand(context)
    no_table(counter.look)
    origin = check_origin(name) if name is not None else None
    place = Place(_wanted(counter, folder), "init")
    refuse_ledger(place.folder)
    taken_up = place.record.exists() and _take_up(place, origin)
    if not taken_up:
        with made(place.folder, origin):
            pass
    with replace(counter, ledger_option=place.folder).answers():
        pass
    _tell(counter, place, taken_up=taken_up)


def _wanted(counter: Counter, folder: Path | None) -> Path:
    option = counter.ledger_option
    if folder is not None and option is not None and folder != option:
        usage(
            "two folders are named", f"{folder} and --ledger {option}", f"depositary init {folder}"
        )
    return folder or option or Path(os.environ.get(VARIABLE) or ".")


def _take_up(place: Place, origin: str | None) -> bool:
    from events.store.reading import RecordReader

    with RecordReader(place.record) as reader:
        if not reader.last_position():
            return False  # left behind by an init that was killed
    found = origin_of(place.record)
    if origin not in (None, found):
        cannot(
            "the record there has another name",
            f"{place.record} is '{found}', and not '{origin}'",
            f"depositary init {place.folder}",
        )
    place.sources.mkdir(0o700, exist_ok=True)
    write_settings(place.folder, found)
    return True


def _tell(counter: Counter, place: Place, *, taken_up: bool) -> None:
    origin = origin_of(place.record)
    if counter.look.format != "table":
        write_json({"ledger": str(place.folder.absolute()), "origin": origin}, counter.look)
        return
    here = place.folder.absolute() == Path.cwd()
    this = "depositary" if here else command_for(place.folder)
    found = "The record found in" if taken_up else "An empty ledger in"
    write_lines(
        [
            f"{found} {'this folder' if here else place.folder}: {origin}",
            "",
            "next:",
            "  depositary template party.established > facts.toml",
            f"  {this} append facts.toml",
            f"  {this} status",
        ]
    )
    if not here:
        write_lines(["", f"Inside the folder, or with {VARIABLE} set, --ledger may be left out."])
