"""Audit the event log against its tree, its checkpoints, its witnesses and copies from outside.

Everything is computed again from the stored bytes: leaves, nodes, and the root at every size that
was signed. The result is a list of named checks, each with an outcome and the first place where it
fails.

A hash tree proves nothing against whoever holds the key, unless another party holds a checkpoint:
so the copies compared are named, and an audit without any says so. What needs the answers or the
archived sources is checked elsewhere, and so is whose key it is that signs.
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
from events.store.factory import open_tree, record_inspection
from events.store.location import Location
from events.transparency.checkpoint import Checkpoint, parse_checkpoint
from events.transparency.checkpoint_checks import (
    CheckpointCopy,
    check_copies,
    check_cosignatures,
    check_stored,
)
from events.transparency.log_reading import Check, LogReading, Outcome, read_log
from events.transparency.note import NoteError, VerifierKey
from events.transparency.parting import Parting, Prints, find_parting
from events.transparency.tree import Progress
from events.transparency.trust_policy import TrustPolicy

_SENTENCES = {
    "events": "{last} events, @1 to @{last}, {leaves} of them in the tree, one leaf each, in order",
    "hashes": "every leaf and node, computed again, equals the stored one",
    "clock": "recorded times never run backwards",
    "columns": "the columns beside each event are as its bytes say",
    "text": "every event is as this program writes it, and valid for its type",
}
# An error that prevents reading is no evidence of tampering.
_CANNOT_READ = (
    CannotReadError,
    LedgerLockedError,
    NewerFormatError,
    NoPrivilegeError,
    NotAdmittedError,
    UnreachableError,
)
# The message about a broken schema may not be UTF-8.
_BROKEN = (StoreError, UnicodeError)


class AuditReport(NamedTuple):
    """The checks of one audit, what was read, and the largest size whose checkpoint is good.

    `stored` are the checkpoints in the record, by size, as they stand there.
    """

    checks: tuple[Check, ...]
    found: LogReading | None
    last_good: int | None
    stored: tuple[tuple[int, bytes], ...] = ()


def audit_log(
    where: Location,
    copies: Sequence[CheckpointCopy] = (),
    policy: TrustPolicy | None = None,
    progress: Progress | None = None,
    *,
    in_full: bool = False,
    known: Sequence[Prints] = (),
    trusted: Sequence[VerifierKey] = (),
) -> AuditReport:
    """Check a log against itself and against copies from outside; raises no error of the store.

    In full the text of events is checked too. By `known` prints of signed entries a fork is told
    from a change; `trusted` keys sign copies beside those that the log names.
    """
    checks = list(_check_store(where))
    try:
        with open_tree(where) as record, record.snapshot():
            stored = tuple(record.checkpoints())
            sizes = [size for size, _ in stored]
            sizes += [size for copy in copies for size in _sizes_of_copy(copy)]
            found = read_log(record, sizes, progress, in_full=in_full)
            last_good, vouched = check_stored(found, stored)[::-1]

            def part(signed: Checkpoint) -> Parting | None:
                return find_parting(record, found.last, signed, known)

            outside = list(check_copies(found, copies, last_good, trusted, part))
            signatures = check_cosignatures(dict(stored), record.cosignatures(), policy)
    except _BROKEN as error:
        return AuditReport((*checks, _failed("events", error)), None, None)
    return AuditReport(
        (*checks, *_check_events(found, in_full=in_full), *vouched, *outside, signatures),
        found,
        last_good,
        stored,
    )


def _check_store(where: Location) -> Iterator[Check]:
    try:
        inspection = record_inspection(where)
    except StoreError as error:
        yield _failed("file", error)
        return
    for name, check, well in inspection.checks:
        if check is None:
            yield Check(name, "skipped", well)
            continue
        try:
            wrong = list(check(where))
        except _BROKEN as error:
            yield _failed(name, error)
            continue
        yield Check(name, "tampered" if wrong else "holds", "; ".join(wrong[:3]) or well)
    try:
        late = list(inspection.wrong_versions(where))
    except _BROKEN as error:
        yield _failed("versions", error)
        return
    if late:
        yield Check("versions", "tampered", late[0][1], late[0][0])
    else:
        yield Check("versions", "holds", "the events of each subject are numbered without a gap")


def _sizes_of_copy(copy: CheckpointCopy) -> list[int]:
    try:
        return [parse_checkpoint(copy.data)[0].size]
    except NoteError:
        return []


def _check_events(found: LogReading, *, in_full: bool) -> Iterator[Check]:
    if found.last == 0:
        found.fault("events", "there is no event, and a ledger has its first from the beginning")
    if found.parent is not None:
        parent, at = found.parent
        outcome: Outcome = "holds" if at <= found.last else "tampered"
        yield Check("fork", outcome, f"it says that up to @{at} its events are those of {parent}")
    for name, sentence in _SENTENCES.items():
        if name == "columns" and in_full:
            continue  # the text of an event is held to its columns
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
    unread = isinstance(error, _CANNOT_READ)
    return Check(name, "undecided" if unread else "tampered", str(error))
