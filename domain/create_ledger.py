"""Make a folder, or a database, into a ledger."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from events.body import RECORDER
from events.errors import NotPossibleError, NotUnderstoodError, TamperingError
from events.identifiers import SELF
from events.store.atomic_files import (
    PRIVATE,
    make_folder,
    remove_database,
    remove_empty,
    sync_name,
    write_new_file,
)
from events.store.errors import RecordDamagedError
from events.store.ledger_folder import LedgerLocation
from events.store.settings import SETTINGS, settings_text

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from events.store.location import Address, Location
    from events.store.sqlite.reader import RecordReader


def check_origin(origin: str) -> str:
    """Return a ledger's name; raise NotUnderstoodError where no key can bear it (signed-note)."""
    from events.text import TextError, check_text

    try:
        check_text(origin, 300)
    except TextError as error:
        what, then = "that is not a name for a ledger", "depositary init --help"
        raise NotUnderstoodError(what, f"{origin!r}: {error}", then) from None
    if any(character.isspace() or character in '+"\\' for character in origin):
        raise NotUnderstoodError(
            "that is not a name for a ledger",
            f"{origin!r} names its key too, which has no white space, plus, quote or backslash",
            "name it like a web address without its scheme: example.org/ledger",
        )
    return origin


@contextmanager
def created_ledger(
    place: LedgerLocation, origin: str | None, recordedby: str | None = None
) -> Iterator["Ledger"]:
    """Make a ledger where there is none and open it; undo what files it has if the body fails.

    What a killed run left behind holds no settings, and so is no ledger yet. A database keeps the
    ledger's first event, and is taken up again.
    """
    from domain.ledger import Ledger

    with ExitStack() as undo:
        make_folders(place, undo)
        _forget_files(place, undo)
        with Ledger.create(place.record, origin=origin, recordedby=recordedby) as ledger:
            if place.folder is not None:
                undo.callback((place.folder / SETTINGS).unlink, missing_ok=True)
                write_settings(place.folder, origin_of(place.record), place.database)
            yield ledger
        undo.pop_all()


def make_folders(place: LedgerLocation, undo: ExitStack) -> None:
    """Make the folders of a ledger that are missing, if it has one."""
    if place.folder is None:
        return
    for made in make_folder(place.sources):
        undo.callback(remove_empty, made)
    sync_name(place.folder)  # a run that was killed may have made it


def _forget_files(place: LedgerLocation, undo: ExitStack) -> None:
    for database in (place.record, place.answers):
        if isinstance(database, Path) and not database.exists():
            undo.callback(remove_database, database)


def write_settings(folder: Path, origin: str, database: "Address | None" = None) -> None:
    """Write the file that makes the folder a ledger; an address in it is trusted from now on."""
    if database is not None:
        from events.store.trusted_folders import trust_folder

        trust_folder(folder, database)
    write_new_file(folder / SETTINGS, settings_text(origin, database).encode(), PRIVATE)


class ForkedLedger(NamedTuple):
    """A ledger begun from another: its id and name, the parent's id, and where it parted.

    `position` is that of its last event.
    """

    ledger_id: str
    origin: str
    parent: str
    parted_at: int
    position: int


def fork_record(
    source: "Location",
    target: "Location",
    origin: str | None,
    parted_at: int | None = None,
    *,
    recordedby: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ForkedLedger:
    """Write the events of a ledger as those of a new one, which says whose they were.

    Each keeps its position and its recorded time; the first is written anew, with the time of the
    one that it replaces. `parted_at` is found by what was signed on this machine, or is the last
    position, if it is None. Raises NotUnderstoodError, TamperingError for a record that was
    changed, and what copying raises.
    """
    from events.envelope import SOURCE, envelope
    from events.kinds.ledger import Forked
    from events.serialization import encode, opened_as
    from events.store.copy import copy_record
    from events.store.factory import open_reader
    from events.store.rows import Row

    with open_reader(source) as record:
        first, end = record.first(), record.last_position()
    if first is None:
        what, why = "there is no ledger yet", f"{source} holds no event"
        raise NotPossibleError(what, why, "depositary init")
    parent, name = opened_as(first)
    ledger_id = str(uuid4())
    origin = origin or f"localhost/{ledger_id}"
    if origin == name:
        what, then = "a fork has a name of its own", "depositary fork FROM TO --name ORIGIN"
        raise NotUnderstoodError(what, f"{name} is the parent's, and its key's", then)
    if parted_at is None:
        parted_at = _parted_at(source, parent, end)
    if not 1 <= parted_at <= end:
        what, why = "it parted at none of its events", f"{source} has @1 to @{end}"
        raise NotUnderstoodError(what, why, "depositary log -n 5")
    said = Forked(
        id=ledger_id,
        origin=origin,
        format=1,
        parent=parent,
        parted_at=parted_at,
        asserted_by=RECORDER,
        basis="recorder",
    )
    opening = envelope(
        first.thing,
        1,
        _FORKED,
        ledger_id=ledger_id,
        data=encode(said),
        time=first.time,
        recordedby=recordedby,
    )
    before, after = (SOURCE % each.encode() for each in (parent, ledger_id))

    def change(rows: Iterator[tuple[Any, ...]], last: int) -> Iterator[tuple[Any, ...]]:
        del last
        for row in map(Row._make, rows):
            head, found, tail = row.state.rpartition(before)
            if not found:
                raise RecordDamagedError(f"@{row.position} is damaged: it is of another ledger.")
            first = row.position == 1
            yield row._replace(
                topic=_FORKED if first else row.topic,
                state=opening if first else head + after + tail,
            )

    position = copy_record(source, target, progress, change).position
    return ForkedLedger(ledger_id, origin, parent, parted_at, position)


def _parted_at(source: "Location", parent: str, end: int) -> int:
    """Return where a record parted from what was signed here; its last position if it did not."""
    from events.store.factory import open_tree
    from events.transparency.checkpoint import parse_checkpoint
    from events.transparency.divergence import find_parting
    from events.transparency.keyring import Keyring

    keyring = Keyring(parent)
    kept = keyring.last_signed()
    if kept is None:
        return end
    with open_tree(source) as tree, tree.snapshot():
        signed, known = parse_checkpoint(kept)[0], [keyring.signed_entries]
        found = find_parting(tree, end, signed, known)
    if found is not None and found.changed is not None:
        why = f"@{found.changed} of {source} was changed: that is not a fork"
        then = "depositary audit; find a copy from before it was changed"
        raise TamperingError("the log is not what was signed", why, then)
    return end if found is None else found.common


_FORKED = "ledger.forked.v1"


def is_fork_of(record: "Location", parent: "Location") -> bool:
    """Say whether a record is a fork of another."""
    from events.envelope import open_envelope
    from events.serialization import opened_as
    from events.store.factory import open_reader

    with open_reader(record) as mine, open_reader(parent) as theirs:
        first, other = mine.first(), theirs.first()
    if first is None or other is None or first.topic != _FORKED:
        return False
    return bool(open_envelope(first.state).data.get("parent") == opened_as(other)[0])


def origin_of(record: "Location") -> str:
    """Return the name of a ledger as its first event has it; raise RecordDamagedError."""
    from events.serialization import opened_as
    from events.store.factory import open_reader

    with open_reader(record) as reader:
        first = reader.first()
    if first is None:
        what, why = "there is no ledger yet", f"{record} holds no event"
        raise NotPossibleError(what, why, "depositary init")
    return opened_as(first)[1]


TITLED = "ledger.titled"


def title_of(record: "RecordReader", until: int | None = None) -> str | None:
    """Return the title of a ledger, as given last up to a position; None where none was."""
    from events.envelope import open_envelope

    said = [row for row in record.rows(until=until, thing=SELF) if row.topic == f"{TITLED}.v1"]
    return str(open_envelope(said[-1].state).data["title"]) if said else None


def set_title(ledger: "Ledger", title: str) -> int | None:
    """Record what a ledger is about; return the position, None where its title is that already.

    Raises NotUnderstoodError.
    """
    from events.store.factory import open_reader
    from events.text import TextError, check_text

    try:
        check_text(title, 300)
    except TextError as error:
        what, then = "that is no title for a ledger", "depositary title --help"
        raise NotUnderstoodError(what, f"{title[:60]!r}: {error}", then) from None

    with open_reader(ledger.where) as record:
        if title_of(record) == title:
            return None
    return ledger.record_own(TITLED, title=title)
