"""Clone a whole ledger."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.context import AppContext, app_context
from cli.errors.exit_codes import INTERRUPTED, CommandError, cannot
from cli.ledger_location import command_for, find_ledger, location_label, named_location
from cli.output.formats import no_table, write_json, write_lines
from cli.progress import progress
from domain.create_ledger import make_folders, origin_of, write_settings
from events.store.atomic_files import remove_database
from events.store.errors import StoreError
from events.store.ledger_folder import LedgerLocation, new_location
from events.store.settings import SETTINGS, read_settings
from events.store.source_archive import check_documents, copy_documents

if TYPE_CHECKING:
    from projections.compare_ledgers import Compared

_NEW = "record.sqlite3.new"


def copy(
    context: typer.Context,
    from_: Annotated[str, typer.Argument(metavar="FROM", help="The ledger's folder or address.")],
    to: Annotated[
        str, typer.Argument(metavar="TO", help="A folder or an address without facts in it.")
    ],
) -> None:
    """Clone a ledger: the same bytes at the same positions, and so the same proofs.

    TO is a folder without a ledger, or a ledger in which nothing was recorded yet; or the address
    of a PostgreSQL database, whose schema is not there or empty. A folder that was made with
    depositary init --database takes its copy in the database. The source is hashed anew first:
    where an event is not the one that was hashed, nothing is copied, and the exit code is 4 with
    the place. What was copied is held against its source, and the root and the digest of the
    answers are printed.

    From then on append to one of the two: two continuations of one ledger are a fork. To take the
    facts of another ledger into your own, use depositary import ndjson.

    \b
    Examples:
      depositary copy ledgers/pk-sv /media/stick/pk-sv
      depositary copy ledgers/pk-sv postgresql://recorder@db.example.org/ledgers
      depositary copy postgresql://recorder@db.example.org/ledgers ledgers/pk-sv
    """
    from events.transparency.rehash import check_hashes

    app = app_context(context)
    no_table(app.look)
    source = find_ledger(named_location(from_, "FROM"))
    target = _target(to)
    _refuse_facts(source, target)
    if source.folder is not None:
        check_documents(source.sources)
    with progress("hashing", "events") as shown:
        check_hashes(source.record, shown)
    with ExitStack() as undo:
        make_folders(target, undo)
        position = _copy_record(source, target)
        undo.pop_all()
    try:
        found, kept = _finish(source, target, position)
    except KeyboardInterrupt:
        raise CommandError(
            INTERRUPTED,
            "interrupted",
            f"@1 to @{position} are in {target.name} already, but were not held against the source",
            "the same depositary copy again, which goes on",
        ) from None
    except StoreError:
        _clear(target)
        raise
    _tell(app, source, target, found, kept)


def _clear(target: LedgerLocation) -> None:
    """Leave no ledger in a folder: what was copied is not what it should be."""
    if target.folder is not None and isinstance(target.record, Path):
        _remove_ledger(target.record)
        (target.folder / SETTINGS).unlink(missing_ok=True)


def _target(to: str) -> LedgerLocation:
    place = new_location(named_location(to, "TO"), "copy")
    settings = read_settings(place.folder) if place.folder is not None else None
    if settings is None:
        return place
    return LedgerLocation(place.folder, "copy", settings.database, of_folder=True)


def _refuse_facts(source: LedgerLocation, target: LedgerLocation) -> None:
    """Exit 7 if anything was recorded there: in a file, but for its first event.

    What a killed copy left is the beginning of the source, in no ledger yet or in a database, and
    is copied anew.
    """
    from events.store.errors import NotALedgerError
    from events.store.factory import open_reader
    from events.store.sqlite.connection import is_unfinished

    if isinstance(target.record, Path) and (
        not target.record.exists() or is_unfinished(target.record)
    ):
        return
    try:
        with open_reader(target.record) as record:
            position = record.last_position()
    except NotALedgerError:
        if target.database is None:
            raise
        return  # there is no schema yet, or what copying will say is in its way
    if _is_left_by_a_copy(source, target):
        return
    if position > (1 if target.database is None else 0):
        cannot(
            "there is a ledger already",
            f"{target.name} holds @1 to @{position}, and is left as it is",
            "depositary copy FROM into an empty folder, or another schema (URL?schema=NAME)",
        )


def _is_left_by_a_copy(source: LedgerLocation, target: LedgerLocation) -> bool:
    from events.store.factory import open_reader

    if isinstance(target.record, Path) and read_settings(target.record.parent) is not None:
        return False  # it is a ledger, and somebody's
    if source.record == target.record:
        return False
    with open_reader(source.record) as theirs, open_reader(target.record) as mine:
        last = mine.last_position()
        whole = isinstance(target.record, Path) or last == theirs.last_position()
        same = zip(theirs.rows(until=last), mine.rows(), strict=False)
        return whole and last <= theirs.last_position() and all(one == own for one, own in same)


def _copy_record(source: LedgerLocation, target: LedgerLocation) -> int:
    """Bring the record over as a whole or not at all; return its last position."""
    if isinstance(target.record, Path):
        return _into_file(source, target.record)
    if position := _position_there(target):
        return position  # a copy that was killed had brought it over
    from events.store.copy import copy_record

    with progress("copying", "events") as shown_:
        return copy_record(source.record, target.record, shown_).position


def _position_there(target: LedgerLocation) -> int:
    """Return the last position of a record in a database, 0 where there is none yet."""
    from events.store.errors import NotALedgerError
    from events.store.factory import open_reader

    try:
        with open_reader(target.record) as record:
            return record.last_position()
    except NotALedgerError:
        return 0


def _into_file(source: LedgerLocation, record: Path) -> int:
    from events.store.sqlite.backup import back_up
    from events.store.sqlite.connection import open_for_writing

    new = record.with_name(_NEW)
    remove_database(new)  # left behind by a copy that was killed
    try:
        if isinstance(source.record, Path):
            with progress("copying", "pages") as shown_:
                position = back_up(source.record, new, shown_)
        else:
            from events.store.copy import copy_record

            with progress("copying", "events") as shown_:
                position = copy_record(source.record, new, shown_).position
        _remove_ledger(record)
        os.replace(new, record)
    finally:
        remove_database(new)
    open_for_writing(record).close()  # into the mode that a record is written in
    return position


def _remove_ledger(record: Path) -> None:
    for database in (record, record.with_name("answers.sqlite3")):
        remove_database(database)


def _finish(
    source: LedgerLocation, target: LedgerLocation, position: int
) -> tuple["Compared", int]:
    """Bring over what stands beside the record; return what both have, and the copies left out."""
    from projections.compare_ledgers import archived, compare_ledgers

    left_out = 0
    if target.folder is not None:
        if source.folder is not None:
            copy_documents(source.sources, target.sources)
    elif source.folder is not None:
        left_out = len(set(archived(source)))
    with progress("comparing", "events") as shown_:
        found = compare_ledgers(source, target, position, shown_)
    if target.folder is not None:  # last: what was stopped before is no ledger, and is copied again
        origin = origin_of(target.record)
        (target.folder / SETTINGS).unlink(missing_ok=True)
        write_settings(target.folder, origin, target.database)
    return found, left_out


def _tell(
    app: AppContext,
    source: LedgerLocation,
    target: LedgerLocation,
    found: "Compared",
    left_out: int,
) -> None:
    if app.look.format != "table":
        told: dict[str, Any] = {"ledger": location_label(target.name), **found._asdict()}
        write_json({**told, "copies_left_out": left_out}, app.look)
        return
    lines = [
        f"{target.name}: @1 to @{found.position}, the same events to the byte",
        f"root {found.root}, answers {found.digest[:16]}: the same in both",
        f"careful: append to one of {source.name} and {target.name} from now on, never to both",
    ]
    if left_out:
        lines.append(
            f"careful: {left_out} archived copies stay in {source.sources}, for an address has no"
            " folder: depositary copy into one made with depositary init DIR --database URL"
        )
    write_lines([*lines, f"  {command_for(target.name)} status"])
