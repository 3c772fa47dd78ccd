"""Copy the log to a file while others may be writing, and make a ledger of such a backup."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from cli.arguments import argument
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.ledger_location import location_label, named_location
from cli.new_ledger import refuse_ledger
from cli.output.formats import write_page
from cli.progress import progress
from domain.create_ledger import make_folders, write_settings
from domain.ledger_names import origin_of
from events.errors import PartedError, TamperingError
from events.store.atomic_files import is_taken, remove_database
from events.store.factory import open_reader, open_tree
from events.store.ledger_folder import LedgerLocation
from events.store.sqlite.backup import back_up
from events.store.sqlite.connection import is_unfinished, open_for_writing
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.checkpoint_checks import check_hashes
from events.transparency.keyring import Keyring
from events.transparency.keys import read_identity
from events.transparency.signing import BehindError, ShorterError, check_grown
from events.transparency.tree import integrate


def backup(
    context: typer.Context,
    file: Annotated[Path, argument("FILE", "The copy; there must be none yet.")],
) -> None:
    """Copy the event log to a file, whole and as of one moment, while others may be writing.

    Every event of the copy is hashed again: where one differs from its hash, the copy is removed,
    and the exit code is 4 with the place. The archived copies in sources/ are not in it. To use
    the file: depositary restore FILE DIR. From then on append to one of the two only.

    A ledger in PostgreSQL is backed up by its server, for example with pg_dump; depositary copy
    makes a folder of it.

    \b
    Examples:
      depositary backup ledger-2025-07.sqlite3
      depositary backup ledger-2025-08.sqlite3 --json
    """
    app = app_context(context, no_csv=True)
    place = app.place
    record = place.record
    if not isinstance(record, Path):
        why = f"the log is in {record}: pg_dump -n {record.schema} saves it"
        then = f"depositary copy {quote(str(place.name))} DIR, which makes a folder of it"
        cannot("a database cannot be backed up to a file", why, then)
    if is_taken(file):
        why = f"{file} is left as it is"
        cannot("there is a file already", why, "depositary backup with another name")
    with progress("copying", "pages") as shown:
        position = back_up(record, file, shown, check_hashes)
    size_bytes = file.stat().st_size
    write_page(
        [f"{file}: @1 to @{position}, {size_bytes:,} bytes, whole, every event hashed again"],
        {"file": str(file.absolute()), "position": position, "bytes": size_bytes},
        app.look,
    )


def restore(
    context: typer.Context,
    file: Annotated[Path, argument("FILE", "A backup.")],
    to: Annotated[str, argument("DIR", "A folder without a ledger.")],
) -> None:
    """Make a ledger of a backup, and say whether it reaches what was signed last.

    An older state can be read but not appended to: later events were signed, and a checkpoint of
    other events would be a fork, which depositary checkpoint refuses. Without a newer copy,
    continue with depositary fork. A backup that differs from what was hashed and signed is refused
    (exit code 4, with the place; 8 where it is a fork).

    To move it into a PostgreSQL database, use depositary copy on the folder.

    \b
    Examples:
      depositary restore ledger-2025-07.sqlite3 ledgers/restored
      depositary restore ledger-2025-08.sqlite3 ledgers/again --json
    """
    app = app_context(context, no_csv=True)
    folder = named_location(to, "DIR")
    if not isinstance(folder, Path):
        why = f"{folder} is an address, and {file} a file"
        then = f"depositary restore FILE DIR, then depositary copy DIR '{folder}'"
        usage_failure("a backup becomes a folder first", why, then)
    refuse_ledger(folder)
    place = LedgerLocation(folder, "restore")
    record = folder / "record.sqlite3"
    with ExitStack() as undo:
        make_folders(place, undo)
        left = _is_left_by_a_restore(file, record)
        undo.callback(remove_database, record)
        if not left:
            _copy_back(file, record)
        position, signed = _compared_with_what_was_signed(place)
        write_settings(folder, origin_of(record))
        undo.pop_all()
    _tell(app, place, position, signed)


def _is_left_by_a_restore(file: Path, record: Path) -> bool:
    """Say whether a killed restore brought the backup over already, event for event."""
    if not is_taken(record):
        return False
    if is_unfinished(record):
        record.unlink()
        return False
    with open_reader(file) as backup, open_reader(record) as found:
        last = backup.last_position()
        rows = zip(backup.rows(), found.rows(), strict=False)
        same = found.last_position() == last and all(one == other for one, other in rows)
    if not same:
        why = f"{record} is not that of {file}, and is not changed"
        cannot("there is an event log already", why, "depositary restore FILE into an empty folder")
    return True


def _copy_back(file: Path, record: Path) -> None:
    with progress("copying", "pages") as told:
        back_up(file, record, told, check_hashes)
    open_for_writing(record).close()  # into the mode that a record is written in


def _compared_with_what_was_signed(place: LedgerLocation) -> tuple[int, int | None]:
    """Return the last position, and the size that was signed last on this machine."""
    with open_reader(place.record) as record:
        ledger = read_identity(record)
    with open_tree(place.record, write=True) as tree:
        position, _ = integrate(tree)
        keyring = Keyring(ledger.ledger_id)
        kept, stored = keyring.last_signed(), tree.checkpoint()
        with _as_a_backup():
            if stored is not None:
                check_grown(tree, ledger.origin, stored[1])
            if kept is None:
                return position, None
            with suppress(BehindError, ShorterError):  # an older state, or seems so
                check_grown(tree, ledger.origin, kept, keyring)
            return position, parse_checkpoint(kept)[0].size


@contextmanager
def _as_a_backup() -> Iterator[None]:
    """Say of a backup what would be said of a log: it is refused, for what reason it may be."""
    try:
        yield
    except PartedError as error:
        raise PartedError("the backup is FORKED from what was signed", error.why, _FORK) from None
    except TamperingError as error:
        raise TamperingError("the backup is not what was signed", error.why, _OTHER) from None


_OTHER = "find another backup; this one was changed"
_FORK = "put it into an empty folder as record.sqlite3, depositary init, then depositary fork"


def _tell(app: AppContext, place: LedgerLocation, position: int, signed: int | None) -> None:
    older = signed is not None and signed > position
    found = {"ledger": location_label(place.name), "position": position}
    lines = [f"{place.name}: @1 to @{position}"]
    if older:
        lines += [
            f"careful: a checkpoint of {signed} entries was signed on this machine, and this is an",
            "older state. Read it, but do not append to it: depositary checkpoint refuses it.",
        ]
    elif signed is None:
        lines += [
            "nothing was signed on this machine: compare with a checkpoint that others hold,",
            "depositary audit --against FILE",
        ]
    else:
        lines.append(f"it begins with the {signed} entries that were signed last on this machine")
    write_page(lines, {**found, "signed": signed, "older_than_signed": older}, app.look)
