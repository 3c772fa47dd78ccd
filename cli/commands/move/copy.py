"""Clone a whole ledger, or begin a new one with what another has."""

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.arguments import argument, option
from cli.context import app_context
from cli.errors.exit_codes import INTERRUPTED, CommandError, cannot
from cli.ledger_location import command_for, find_ledger, location_label, named_location
from cli.output.formats import write_page
from cli.progress import progress
from cli.typed_input import read_position
from domain.create_ledger import make_folders, write_settings
from domain.fork import ForkedLedger, fork_record, is_fork_of
from domain.ledger_names import check_origin, origin_of
from events.store.atomic_files import is_taken, remove_database
from events.store.copy import copy_record
from events.store.errors import NotALedgerError, StoreError
from events.store.factory import open_reader
from events.store.ledger_folder import LedgerLocation, new_location
from events.store.settings import SETTINGS, read_settings
from events.store.source_archive import check_documents, copy_documents
from events.store.sqlite.backup import back_up
from events.store.sqlite.connection import is_unfinished, open_for_writing, sqlite_errors
from events.transparency.checkpoint_checks import check_hashes
from projections.compare_ledgers import archived, compare_ledgers

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.store.location import Location

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
    app = app_context(context, no_csv=True)
    source, target = find_ledger(named_location(from_, "FROM")), _target(to)
    _refuse_facts(source, target)
    _check_source(source)
    with ExitStack() as undo:
        make_folders(target, undo)
        position = _copy_record(source, target)
        undo.pop_all()
    try:
        left_out = _copy_documents(source, target)
        with progress("comparing", "events") as shown:
            found = compare_ledgers(source, target, position, shown)
        _name_ledger(target, origin_of(target.record))
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
    app = app_context(context, no_csv=True)
    origin = check_origin(name) if name is not None else None
    parted = None if at is None else read_position(at, "--at")
    source, target = find_ledger(named_location(from_, "FROM")), _target(to)
    record = target.record
    if not (_is_unnamed(record) and is_fork_of(record, source.record)):  # as of a killed run
        _refuse_facts(source, target)
    _check_source(source)

    def write(record: "Location") -> ForkedLedger:
        with progress("writing", "events") as shown:
            by = app.recordedby(target)
            return fork_record(source.record, record, origin, parted, recordedby=by, progress=shown)

    with ExitStack() as undo:
        make_folders(target, undo)
        found = _into_file(record, write) if isinstance(record, Path) else write(record)
        undo.pop_all()
    _copy_documents(source, target)
    _name_ledger(target, found.origin)
    lines = [
        f"{target.name}: {found.origin}, @1 to @{found.position}",
        f"a fork of {found.parent}, from which it parted after @{found.parted_at}",
        "next:",
        f"  {command_for(target.name)} key new",
    ]
    write_page(lines, {"ledger": location_label(target.name), **found._asdict()}, app.look)


def _check_source(source: LedgerLocation) -> None:
    """Hash every event and archived copy again; nothing is copied of what differs."""
    if source.folder is not None:
        check_documents(source.sources)
    with progress("hashing", "events") as shown:
        check_hashes(source.record, shown)


def _copy_documents(source: LedgerLocation, target: LedgerLocation) -> int:
    """Bring the archived copies along; return how many stay for want of a folder."""
    if source.folder is None:
        return 0
    if target.folder is None:
        return len(set(archived(source)))
    copy_documents(source.sources, target.sources)
    return 0


def _name_ledger(target: LedgerLocation, origin: str) -> None:
    """Write the settings, last: what was stopped before is no ledger, and is copied again."""
    if target.folder is not None:
        (target.folder / SETTINGS).unlink(missing_ok=True)
        write_settings(target.folder, origin, target.database)


def _is_unnamed(record: "Location") -> bool:
    """Say whether there is a record in a folder that is no ledger yet."""
    return isinstance(record, Path) and record.exists() and read_settings(record.parent) is None


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
    if isinstance(target.record, Path) and (
        not target.record.exists() or is_unfinished(target.record)
    ):
        return
    position = _last_position(target)
    if position > (1 if target.database is None else 0) and not _is_left_by_a_copy(source, target):
        why = f"{target.name} holds @1 to @{position}, and is left as it is"
        then = "depositary copy FROM into an empty folder, or another schema (URL?schema=NAME)"
        cannot("there is a ledger already", why, then)


def _last_position(target: LedgerLocation) -> int:
    """Return the last position of a log, 0 where a database has none yet."""
    try:
        with open_reader(target.record) as record:
            return record.last_position()
    except NotALedgerError:
        if target.database is None:
            raise
        return 0  # there is no schema yet, or what copying will say is in its way


def _is_left_by_a_copy(source: LedgerLocation, target: LedgerLocation) -> bool:
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
        return _into_file(target.record, lambda new: _written(source.record, new))
    # A copy that was killed may have brought it over.
    return _last_position(target) or _written(source.record, target.record)


def _written(source: "Location", target: "Location") -> int:
    if isinstance(source, Path) and isinstance(target, Path):
        with progress("copying", "pages") as shown:
            return back_up(source, target, shown)
    with progress("copying", "events") as shown:
        return copy_record(source, target, shown).position


def _into_file(record: Path, write: "Callable[[Path], Written]") -> "Written":
    """Let a record be written beside its name, and give it that; return what writing returned."""
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
