"""How is a whole ledger cloned?"""

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from cli.counter import at_hand
from cli.errors import cannot
from cli.making import command_for, origin_of, write_settings
from cli.output import no_table, write_json, write_lines
from cli.place import SETTINGS, Place, find
from cli.progress import progress

_NEW = "record.sqlite3.new"


def copy(
    context: typer.Context,
    from_: Annotated[Path, typer.Argument(metavar="FROM", help="The ledger's folder.")],
    to: Annotated[Path, typer.Argument(metavar="TO", help="A folder without facts in it.")],
) -> None:
    """Clone a ledger: the same bytes at the same positions, and so the same proofs.

    TO is a folder without a ledger, or a ledger in which nothing was recorded yet. From then on
    append to one of the two: two continuations of one ledger are a fork. To take the facts of
    another ledger into your own, use depositary import ndjson.

    \b
    Examples:
      depositary copy ledgers/pk-sv /media/stick/pk-sv
    """
    counter = at_hand(context)
    no_table(counter.look)
    source = find(from_)
    target = Place(to, "copy")
    _refuse_facts(target)
    for folder in (target.folder, target.sources):
        folder.mkdir(0o700, parents=True, exist_ok=True)
    position = _copy_record(source, target)
    if source.sources.is_dir():
        shutil.copytree(source.sources, target.sources, dirs_exist_ok=True)
    (target.folder / SETTINGS).unlink(missing_ok=True)
    write_settings(target.folder, origin_of(target.record))
    with replace(counter, ledger_option=target.folder).answers() as answers:
        digest = answers.digest()
    if counter.look.format != "table":
        write_json(
            {"ledger": str(to.absolute()), "position": position, "digest": digest},
            counter.look,
        )
        return
    write_lines(
        [
            f"{to}: @1 to @{position}, answers {digest[:16]}",
            f"careful: append to one of {from_} and {to} from now on, never to both",
            f"  {command_for(to)} status",
        ]
    )


def _refuse_facts(target: Place) -> None:
    if not target.record.exists():
        return
    from events.store.reading import RecordReader

    with RecordReader(target.record) as record:
        position = record.last_position()
    if position > 1:
        cannot(
            "there is a ledger already",
            f"{target.folder} holds @1 to @{position}, and is left as it is",
            "depositary copy FROM into an empty folder",
        )


def _copy_record(source: Place, target: Place) -> int:
    """Bring the record over as a whole or not at all; return its last position."""
    from events.store.backup import back_up
    from events.store.sqlite_file import open_for_writing

    new = target.folder / _NEW
    new.unlink(missing_ok=True)  # left behind by a copy that was killed
    with progress("copying", "pages") as shown:
        position = back_up(source.record, new, shown)
    for database in (target.record, target.answers):
        for tail in ("-wal", "-shm", "-journal"):
            database.with_name(database.name + tail).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        target.answers.unlink()
    os.replace(new, target.record)
    open_for_writing(target.record).close()  # into the mode that a record is written in
    return position
