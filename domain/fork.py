"""Begin a new ledger with the events of another."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

from events.body import RECORDER
from events.envelope import SOURCE, envelope, open_envelope
from events.errors import NotPossibleError, NotUnderstoodError, TamperingError
from events.kinds.ledger import Forked
from events.serialization import encode, opened_as
from events.store.copy import copy_record
from events.store.errors import RecordDamagedError
from events.store.factory import open_reader, open_tree
from events.store.location import Location
from events.store.rows import Row
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.divergence import find_parting
from events.transparency.keyring import Keyring

_FORKED = "ledger.forked.v1"


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
    source: Location,
    target: Location,
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


def _parted_at(source: Location, parent: str, end: int) -> int:
    """Return where a record parted from what was signed here; its last position if it did not."""
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


def is_fork_of(record: Location, parent: Location) -> bool:
    """Say whether a record is a fork of another."""
    with open_reader(record) as mine, open_reader(parent) as theirs:
        first, other = mine.first(), theirs.first()
    if first is None or other is None or first.topic != _FORKED:
        return False
    return bool(open_envelope(first.state).data.get("parent") == opened_as(other)[0])
