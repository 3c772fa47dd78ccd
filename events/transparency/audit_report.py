"""Audit a record, check by check.

The record's own part: where it is kept, its events, its tree and what was signed. What needs the
answers or the archived sources stands in projections/audit.py and audit_copies.py.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from events.store.errors import (
    CannotReadError,
    LedgerLockedError,
    NewerFormatError,
    NoPrivilegeError,
    NotAdmittedError,
    StoreError,
    UnreachableError,
)
from events.store.factory import inspection, open_tree
from events.store.location import Where
from events.store.sqlite.tree import TreeTables
from events.transparency.audit import Check, Findings, read_through
from events.transparency.checkpoint import unverified
from events.transparency.checkpoint_audit import (
    Copy,
    check_copies,
    check_cosignatures,
    check_stored,
)
from events.transparency.note import NoteError
from events.transparency.tree import Progress
from events.transparency.trust_policy import TrustPolicy

_SAYS = {
    "events": "{last} events, @1 to @{last}, {leaves} of them in the tree, one leaf each, in order",
    "hashes": "every leaf and node computed anew is the one stored",
    "clock": "recorded times never run backwards",
    "text": "every event is as this program writes it, and valid for its type",
}
# What keeps from reading is no evidence of anything.
_UNREAD = (
    CannotReadError,
    LedgerLockedError,
    NewerFormatError,
    NoPrivilegeError,
    NotAdmittedError,
    UnreachableError,
)
# A broken schema is told in words that may be no UTF-8.
_BROKEN = (StoreError, UnicodeError)


class Report(NamedTuple):
    """The checks of one audit, what was read, and the largest size whose checkpoint is good."""

    checks: tuple[Check, ...]
    found: Findings | None
    last_good: int | None


def audit(
    where: Where,
    copies: Sequence[Copy] = (),
    policy: TrustPolicy | None = None,
    progress: Progress | None = None,
    *,
    in_full: bool = False,
) -> Report:
    """Check a record against itself and against copies from outside; raises no error of the store.

    In full the text of events is checked too.
    """
    checks = list(_of_the_place(where))
    try:
        with open_tree(where) as record, record.snapshot():
            found, vouched, last_good = _read(record, copies, policy, progress, in_full=in_full)
    except _BROKEN as error:
        return Report((*checks, _failed("events", error)), None, None)
    return Report((*checks, *_of_the_events(found, in_full=in_full), *vouched), found, last_good)


def _of_the_place(where: Where) -> Iterator[Check]:
    try:
        asked = inspection(where)
    except StoreError as error:
        yield _failed("file", error)
        return
    for name, question, well in asked.QUESTIONS:
        if question is None:
            yield Check(name, "skipped", well)
            continue
        try:
            wrong = list(question(where))
        except _BROKEN as error:
            yield _failed(name, error)
            continue
        yield Check(name, "tampered" if wrong else "holds", "; ".join(wrong[:3]) or well)
    try:
        late = list(asked.wrong_versions(where))
    except _BROKEN as error:
        yield _failed("versions", error)
        return
    if late:
        yield Check("versions", "tampered", late[0][1], late[0][0])
    else:
        yield Check("versions", "holds", "the events of each thing are numbered without a gap")


def _read(
    record: TreeTables,
    copies: Sequence[Copy],
    policy: TrustPolicy | None,
    progress: Progress | None,
    *,
    in_full: bool,
) -> tuple[Findings, list[Check], int | None]:
    stored = [(size, note) for size, note in record.checkpoints()]
    sizes = [size for size, _ in stored] + [size for copy in copies for size in _size_of(copy)]
    found = read_through(record, sizes, progress, in_full=in_full)
    checked = check_stored(found, stored)
    signatures = check_cosignatures(dict(stored), record.cosignatures(), policy)
    outside = list(check_copies(found, copies, checked.last_good))
    return found, [*checked.checks, *outside, signatures], checked.last_good


def _size_of(copy: Copy) -> list[int]:
    try:
        return [unverified(copy.data)[0].size]
    except NoteError:
        return []


def _of_the_events(found: Findings, *, in_full: bool) -> Iterator[Check]:
    if found.last == 0:
        found.fault("events", "there is no event, and a ledger has its first from the beginning")
    for name, sentence in _SAYS.items():
        if name in found.faults:
            yield found.faults[name]
        elif name == "text" and not in_full:
            yield Check(name, "skipped", "not asked for")
        elif name == "text" and found.newer:
            say = f"{len(found.newer)} events were written by a newer version of depositary"
            yield Check(name, "undecided", say, found.newer[0])
        elif "events" in found.faults:
            yield Check(name, "undecided", "the events could not all be read")
        else:
            said = sentence.format(last=found.last, leaves=found.tree_size)
            yield Check(name, "holds", said)


def _failed(name: str, error: Exception) -> Check:
    unread = isinstance(error, _UNREAD)
    return Check(name, "undecided" if unread else "tampered", str(error))
