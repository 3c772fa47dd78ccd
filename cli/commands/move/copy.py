"""Clone a whole ledger, or begin a new one with what another has."""

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.arguments import argument, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import INTERRUPTED, CommandError, cannot, usage_failure
from cli.ledger_location import command_for, find_ledger, location_label, named_location
from cli.output.formats import write_page
from cli.progress import progress
from domain.create_ledger import check_origin, make_folders, origin_of, write_settings
from events.store.atomic_files import is_taken, remove_database
from events.store.errors import StoreError
from events.store.ledger_folder import LedgerLocation, new_location
from events.store.settings import SETTINGS, read_settings
from events.store.source_archive import check_documents, copy_documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.create_ledger import ForkedLedger
    from events.store.location import Location
    from projections.compare_ledgers import Compared

Written = TypeVar("Written")

_NEW = "record.sqlite3.new"


def copy(
    context: typer.Context,
    from_: Annotated[str, argument("FROM", "The ledger's folder or address.")],
    to: Annotated[str, argument("TO", "A folder or an address without facts in it.")],
) -> None:
    """Clone a ledger: the same bytes at the same positions, and so the same proofs.

    TO is a folder without a ledger, or a ledger in which nothing was recorded yet; or the address
    of a PostgreSQL database, whose schema is not there or empty. A folder that was made with
    depositary init --database takes its copy in the database. Every event of the source is
    hashed first: where one differs from its hash, nothing is copied, and the exit code is 4 with
    the place. The copy is compared with its source, and the root of the hash tree and the digest
    of the read model are printed.

    From then on append to one of the two: two continuations of one ledger are a fork. To take the
    facts of another ledger into your own, use depositary import ndjson.

    \b
    Examples:
      depositary copy depositary-demo ledgers/copy
      depositary copy ledgers/pk-sv ledgers/second --json
    """
    from events.transparency.checkpoint_checks import check_hashes

    app = app_context(context, no_csv=True)
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
            f"@1 to @{position} are in {target.name} already, not yet compared with the source",
            "repeat the same depositary copy, which continues",
        ) from None
    except StoreError:
        _clear(target)
        raise
    _tell(app, source, target, found, kept)


def fork(
    context: typer.Context,
    from_: Annotated[str, argument("FROM", "The ledger's folder or address.")],
    to: Annotated[str, argument("TO", "A folder or an address without facts in it.")],
    name: Annotated[
        str | None,
        option("--name", "ORIGIN", "The new ledger's name, and its key's; it cannot be changed."),
    ] = None,
    at: Annotated[
        str | None,
        option(
            "--at",
            "POSITION",
            "Where FROM parted from its parent, such as @413; default: by what was signed on"
            " this machine, or the last event.",
        ),
    ] = None,
) -> None:
    """Begin a new ledger with the events of another, for a copy that is behind or forked.

    The new ledger has an id, a name and later a key of its own. Its first event names the id of the
    parent and the position where it parted from it; every other event has the position and the
    recorded time that it has in FROM, and archived copies come along. The keys that the parent
    named sign nothing here: depositary key new. FROM is not changed; its events are hashed first.

    \b
    Examples:
      depositary fork depositary-demo ledgers/fork --name example.org/fork
      depositary fork ledgers/copy ledgers/ours --at @300
    """
    from domain.create_ledger import fork_record, is_fork_of
    from events.transparency.checkpoint_checks import check_hashes

    app = app_context(context, no_csv=True)
    origin = check_origin(name) if name is not None else None
    source, target = find_ledger(named_location(from_, "FROM")), _target(to)
    record = target.record
    if not (_is_unnamed(record) and is_fork_of(record, source.record)):  # as of a killed run
        _refuse_facts(source, target)
    if source.folder is not None:
        check_documents(source.sources)
    with progress("hashing", "events") as shown:
        check_hashes(source.record, shown)

    def write(record: "Location") -> "ForkedLedger":
        with progress("writing", "events") as shown:
            by, position = app.recordedby(target), _position_of(at)
            return fork_record(
                source.record, record, origin, position, recordedby=by, progress=shown
            )

    with ExitStack() as undo:
        make_folders(target, undo)
        found = _into_file(record, write) if isinstance(record, Path) else write(record)
        undo.pop_all()
    if target.folder is not None:
        if source.folder is not None:
            copy_documents(source.sources, target.sources)
        (target.folder / SETTINGS).unlink(missing_ok=True)
        write_settings(target.folder, found.origin, target.database)
    lines = [
        f"{target.name}: {found.origin}, @1 to @{found.position}",
        f"a fork of {found.parent}, from which it parted after @{found.parted_at}",
        "next:",
        f"  {command_for(target.name)} key new",
    ]
    write_page(lines, {"ledger": location_label(target.name), **found._asdict()}, app.look)


def _is_unnamed(record: "Location") -> bool:
    """Say whether there is a record in a folder that is no ledger yet."""
    return isinstance(record, Path) and record.exists() and read_settings(record.parent) is None


def _position_of(text: str | None) -> int | None:
    """Return a position typed as @413 or 413; exit 2 for anything else."""
    if text is None:
        return None
    digits = text.removeprefix("@")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 17):
        usage_failure("that is not a position", f"--at {text}", "depositary log, which shows them")
    return int(digits)


def _clear(target: LedgerLocation) -> None:
    """Leave no ledger in a folder: what was copied is not what it should be."""
    if target.folder is not None and isinstance(target.record, Path):
        _remove_ledger(target.record)
        (target.folder / SETTINGS).unlink(missing_ok=True)


def _target(to: str) -> LedgerLocation:
    place = new_location(named_location(to, "TO"), "copy")
    if place.folder is None or not is_taken(place.folder / SETTINGS):
        return place
    settings = read_settings(place.folder)
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
        why = f"{target.name} holds @1 to @{position}, and is left as it is"
        then = "depositary copy FROM into an empty folder, or another schema (URL?schema=NAME)"
        cannot("there is a ledger already", why, then)


def _is_left_by_a_copy(source: LedgerLocation, target: LedgerLocation) -> bool:
    from events.store.factory import open_reader

    if isinstance(target.record, Path) and not _is_unnamed(target.record):
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
        return _into_file(target.record, lambda new: _copy_into(source, new))
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


def _copy_into(source: LedgerLocation, new: Path) -> int:
    from events.store.sqlite.backup import back_up

    if isinstance(source.record, Path):
        with progress("copying", "pages") as shown_:
            return back_up(source.record, new, shown_)
    from events.store.copy import copy_record

    with progress("copying", "events") as shown_:
        return copy_record(source.record, new, shown_).position


def _into_file(record: Path, write: "Callable[[Path], Written]") -> "Written":
    """Let a record be written beside its name, and give it that; return what writing returned."""
    from events.store.sqlite.connection import open_for_writing, sqlite_errors

    new = record.with_name(_NEW)
    remove_database(new)  # left behind by a run that was killed
    try:
        written = write(new)
        with closing(open_for_writing(new)) as connection, sqlite_errors(new, "write", record):
            # Whole in the one file that gets the name: closing it would tell of no error.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        _remove_ledger(record)
        os.replace(new, record)
    finally:
        remove_database(new)
    return written


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
    told = {"ledger": location_label(target.name), **found._asdict(), "copies_left_out": left_out}
    write_page([*lines, f"  {command_for(target.name)} status"], told, app.look)
