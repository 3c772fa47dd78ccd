"""Audit the event log against its tree, its checkpoints, its witnesses and copies from outside.

Everything is computed again from the stored bytes, in one pass and in memory that does not grow
with the log: leaves, nodes, and the root at every size that was signed. The result is a list of
named checks, each with an outcome and the first place where it fails.

A hash tree proves nothing against whoever holds the key, unless another party holds a checkpoint:
so the copies compared are named, and an audit without any says so. What needs the answers or the
archived sources is checked elsewhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Literal, NamedTuple, NoReturn, Protocol

from events.envelope import EnvelopeError, open_envelope
from events.serialization import read_event
from events.store.errors import (
    CannotReadError,
    LedgerLockedError,
    NewerFormatError,
    NoPrivilegeError,
    NotAdmittedError,
    RecordDamagedError,
    StoreError,
    UnreachableError,
)
from events.store.factory import open_tree, record_inspection
from events.store.location import Location
from events.store.rows import Row
from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import (
    Checkpoint,
    log_keys,
    parse_checkpoint,
    parse_checkpoint_text,
)
from events.transparency.keys import (
    SELF,
    KeyEvent,
    key_events,
    keys_at,
    recovery_needed,
    required_signers,
)
from events.transparency.merkle import EMPTY_ROOT, Node, join_peaks
from events.transparency.note import (
    Note,
    NoteError,
    SignatureError,
    VerifierKey,
    good_signatures,
    is_signed,
    parse_signature,
    parse_vkey,
)
from events.transparency.tree import Progress, completed_nodes
from events.transparency.trust_policy import TrustPolicy

BATCH = 4_096
ARCHIVED = "source.archived.v1"

_AFTER_TIME = len(',"time":"2025-07-16T09:30:00.000000Z","type":""}')

Outcome = Literal["holds", "tampered", "finding", "undecided", "skipped"]


class Check(NamedTuple):
    """A named check, its outcome, a sentence, and the first event concerned."""

    name: str
    outcome: Outcome
    sentence: str
    position: int | None = None


class AuditedLog(Protocol):
    """An event log and its tree, open for reading, in one state."""

    def last_position(self) -> int:
        """Return how many events the record has."""
        ...

    def rows(self, after: int, until: int) -> Sequence[Row]:
        """Return the events after one position and up to another."""
        ...

    def size(self) -> int:
        """Return how many leaves the tree has."""
        ...

    def run(self, level: int, first: int, count: int) -> bytes:
        """Return consecutive hashes of a level in a row."""
        ...

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield level, first index and bytes of every stored run."""
        ...


@dataclass
class LogReading:
    """The result of one pass over the log.

    `roots` are the recomputed roots at the sizes asked for, `faults` the first fault of each check,
    `keys` what the log's own events say of keys.
    """

    last: int = 0
    tree_size: int = 0
    ledger_id: str = ""
    origin: str = ""
    roots: dict[int, bytes] = field(default_factory=dict)
    keys: list[KeyEvent] = field(default_factory=list)
    faults: dict[str, Check] = field(default_factory=dict)
    newer: list[int] = field(default_factory=list)
    archived: list[tuple[int, str]] = field(default_factory=list)

    def fault(self, name: str, sentence: str, position: int | None = None) -> None:
        """Note the first failure of a check."""
        self.faults.setdefault(name, Check(name, "tampered", sentence, position))


def read_log(
    record: AuditedLog,
    sizes: Iterable[int],
    progress: Progress | None = None,
    *,
    in_full: bool = False,
) -> LogReading:
    """Read everything once and compute everything again.

    `sizes` are those whose roots are needed. In full the text of each event is checked too: whether
    it is, byte for byte, what would be written now.
    """
    found = LogReading(last=record.last_position(), tree_size=record.size())
    reading = _Reading(record, found, in_full=in_full)
    stops = sorted({size for size in sizes if 0 <= size <= found.last} | {found.last})
    try:
        for stop in stops:
            while reading.size < stop:
                reading.batch(min(stop, reading.size + BATCH))
                if progress is not None:
                    progress(reading.size, found.last)
            found.roots[stop] = reading.root()
        reading.check_tree()
    except (StoreError, UnicodeError) as error:
        found.fault("events", str(error))
    return found


class _Reading:
    """The state of the pass: the last node of each level, and the last time."""

    def __init__(self, record: AuditedLog, found: LogReading, *, in_full: bool) -> None:
        self.record, self.found, self.in_full = record, found, in_full
        self.size, self.time, self.mark = 0, "", b""
        self.frontier: dict[int, bytes] = {}

    def root(self) -> bytes:
        # The peaks of a tree are the last nodes of the levels whose bit its size has.
        levels = [n for n in reversed(range(self.size.bit_length())) if self.size >> n & 1]
        return join_peaks([self.frontier[n] for n in levels]) if levels else EMPTY_ROOT

    def batch(self, until: int) -> None:
        first = self.size
        rows = self.record.rows(first, until)
        if [row[0] for row in rows] != list(range(first + 1, until + 1)):
            self._say_missing(rows, first)
        for row in rows:
            position, thing, _, topic, state = row
            at = len(state) - len(topic) - _AFTER_TIME
            if not self.mark or not state.startswith(self.mark, at):
                self._check_clock(row)  # events of one transaction share their time
            if thing == SELF or topic == ARCHIVED or position == 1:
                self._look_into(row)
        if self.in_full:
            self._check_texts(rows)
        leaves = [sha256(b"\x00" + row[4]).digest() for row in rows]
        # As a list: the last node of each level is read before the frontier moves.
        for level, index, nodes in list(completed_nodes(first, leaves, self._last)):
            self._compare(level, index, nodes)
            self.frontier[level] = nodes[-1]
        self.size = until

    def _last(self, wanted: Sequence[Node]) -> list[bytes]:
        return [self.frontier[level] for level, _ in wanted]

    def _compare(self, level: int, first: int, nodes: Sequence[bytes]) -> None:
        # A tree may be behind its log, and then has fewer nodes.
        wide = max(0, min(len(nodes), (self.found.tree_size >> level) - first))
        stored = self.record.run(level, first, wide)
        if stored == b"".join(nodes[:wide]):
            return
        at = next(n for n in range(wide) if stored[32 * n : 32 * n + 32] != nodes[n])
        if level == 0:
            position = first + at + 1
            self.found.fault("hashes", f"@{position} is not what was hashed", position)
        else:
            self.found.fault("hashes", f"node {first + at} of level {level} is not that of its own")

    def check_tree(self) -> None:
        found, widths = self.found, dict[int, int]()
        if found.tree_size > found.last:
            found.fault(
                "events", f"the tree has {found.tree_size} leaves, and the record {found.last}"
            )
        for level, first, size_bytes in self.record.runs():
            end = first + size_bytes // 32
            one_run = first < end and size_bytes % 32 == 0 and first // 256 == (end - 1) // 256
            if not one_run or first != widths.get(level, 0):
                found.fault("events", f"the tree's nodes of level {level} are not in a row")
            widths[level] = end
        for level in {*widths, *range(found.tree_size.bit_length())}:
            wide = found.tree_size >> level if level >= 0 else 0
            if widths.get(level, 0) != wide:
                found.fault("events", f"the tree has nodes too many or too few at level {level}")

    def _say_missing(self, rows: Sequence[Row], first: int) -> NoReturn:
        there = {row[0] for row in rows}
        missing = next(n for n in count(first + 1) if n not in there)
        self.found.fault("events", f"@{missing} is missing", missing)
        raise RecordDamagedError(f"@{missing} is missing.")

    def _check_clock(self, row: Row) -> None:
        try:
            time = row.time
        except RecordDamagedError as error:
            self.found.fault("clock", str(error), row.position)
            return
        if time < self.time:
            sentence = f"@{row.position} was recorded before the one before it"
            self.found.fault("clock", sentence, row.position)
        self.time = max(time, self.time)
        self.mark = f',"time":"{self.time}","type":"'.encode()

    def _look_into(self, row: Row) -> None:
        try:
            if row.position == 1:
                self._opened(row)
            if row.thing == SELF:
                self.found.keys += key_events([row])
            if row.topic == ARCHIVED:
                digest = str(open_envelope(row.state).data["sha256"])
                self.found.archived.append((row.position, digest))
        except (ValueError, LookupError, TypeError) as error:
            self.found.fault("text", f"@{row.position}: {error}", row.position)

    def _opened(self, row: Row) -> None:
        opened = open_envelope(row.state)
        self.found.ledger_id = opened.source.removeprefix("urn:uuid:")
        self.found.origin = str(opened.data.get("origin"))
        if row.topic != "ledger.opened.v1" or opened.data.get("id") != self.found.ledger_id:
            raise EnvelopeError("the first event does not open this ledger")

    def _check_texts(self, rows: Iterable[Row]) -> None:
        ledger_id = self.found.ledger_id
        for row in rows:
            try:
                if read_event(row, ledger_id).body is None:
                    self.found.newer.append(row[0])
            except RecordDamagedError as error:
                self.found.fault("text", str(error), row[0])


class UnreadError(NoteError):
    """A checkpoint can be compared only with entries that could be read."""


class CheckpointCopy(NamedTuple):
    """A checkpoint from outside the log: where it was found, and its bytes."""

    name: str
    data: bytes


class StoredCheckpoints(NamedTuple):
    """The outcome for all stored checkpoints, and the largest size that is good."""

    checks: tuple[Check, ...]
    last_good: int | None


def check_stored(found: LogReading, stored: Iterable[tuple[int, bytes]]) -> StoredCheckpoints:
    """Check every stored checkpoint: well-formed, signed by the keys named, of the same root."""
    good: int | None = None
    count = before = 0
    for size, data in stored:
        count += 1
        try:
            _check_stored_checkpoint(found, size, before, data)
        except UnreadError as error:
            sentence = f"the checkpoint of {size} entries: {error}"
            return StoredCheckpoints((Check("checkpoints", "undecided", sentence),), good)
        except NoteError as error:
            sentence = f"the checkpoint of {size} entries: {error}"
            where = None if good is None else good + 1
            return StoredCheckpoints((Check("checkpoints", "tampered", sentence, where),), good)
        good = before = size
    if not count:
        return StoredCheckpoints((Check("checkpoints", "skipped", "none was signed yet"),), None)
    sentence = f"{count} signed, each with the root computed anew, the last of {good} entries"
    return StoredCheckpoints((Check("checkpoints", "holds", sentence),), good)


def _check_stored_checkpoint(found: LogReading, size: int, before: int, data: bytes) -> None:
    checkpoint, note = parse_checkpoint(data)
    if checkpoint.size != size or checkpoint.origin != found.origin:
        raise NoteError(f"it says {checkpoint.size} entries of {checkpoint.origin}")
    if str(note).encode() != data:
        raise NoteError("it is not written in the one encoding")
    check_signers(found, before, size, note)
    check_root(found, checkpoint)


def check_signers(found: LogReading, before: int, size: int, note: Note) -> None:
    """Raise NoteError unless the keys that the log names for this checkpoint signed it."""
    wanted = required_signers(found.keys, before, size)
    if not wanted:
        raise SignatureError("the record names no key that signs at that size")
    recovery = recovery_needed(found.keys, before, size)
    signed = {key for key, _ in good_signatures(note, [*wanted, *(recovery or ())])}
    for key in wanted:
        if key not in signed:
            raise SignatureError(f"the key {key.id.hex()} of {key.name} has not signed it")
    if recovery is not None and not signed.intersection(recovery):
        raise SignatureError("it covers a revocation, and no recovery key has signed it")


def check_root(found: LogReading, checkpoint: Checkpoint) -> None:
    """Raise NoteError unless the log has the root that a checkpoint states."""
    if checkpoint.size > found.last:
        raise NoteError(f"it counts {checkpoint.size} entries, and the record has {found.last}")
    if checkpoint.size not in found.roots:
        raise UnreadError("the record could not be read so far")
    if found.roots[checkpoint.size] != checkpoint.root:
        raise NoteError(f"its root is not that of the first {checkpoint.size} entries")


def check_copies(
    found: LogReading, copies: Sequence[CheckpointCopy], last_good: int | None
) -> Iterator[Check]:
    """Compare copies from outside with the log; each is a check of its own."""
    for copy in copies:
        name = f"copy {copy.name}"
        try:
            checkpoint, note = parse_checkpoint(copy.data)
        except NoteError as error:
            yield Check(name, "undecided", f"this is no checkpoint: {error}")
            continue
        if checkpoint.origin != found.origin:
            sentence = f"it is of {checkpoint.origin}, and this ledger is {found.origin}"
            yield Check(name, "undecided", sentence)
            continue
        try:
            check_root(found, checkpoint)
        except UnreadError as error:
            yield Check(name, "undecided", str(error))
        except NoteError as error:
            place = None if last_good is None else min(last_good, checkpoint.size) + 1
            yield Check(
                name,
                "tampered",
                f"{error} ({_describe_signature(found, checkpoint.size, note)})",
                place,
            )
        else:
            sentence = f"the first {checkpoint.size} entries are as it says"
            yield Check(
                name, "holds", f"{sentence} ({_describe_signature(found, checkpoint.size, note)})"
            )


def _describe_signature(found: LogReading, size: int, note: Note) -> str:
    keys = keys_at(found.keys, found.last)
    try:
        signed = good_signatures(note, log_keys(found.origin, keys.named))
    except NoteError:
        return "with a bad signature of this ledger's key"
    if not signed:
        return "not signed by a key that this ledger names"
    if all(size > keys.revoked.get(key, size) for key, _ in signed):
        return "signed by a key that was revoked for trees of that size"
    return "signed by this ledger's key"


def check_cosignatures(
    checkpoints: dict[int, bytes],
    stored: Iterable[tuple[int, str, str]],
    policy: TrustPolicy | None,
) -> Check:
    """Check the witnesses' signatures with their checkpoints and keys, and the quorum."""
    name, last = "cosignatures", max(checkpoints, default=0)
    good: dict[int, set[VerifierKey]] = {}
    for size, vkey, line in stored:
        try:
            key = _check_cosignature(checkpoints.get(size), vkey, line)
        except NoteError as error:
            return Check(name, "tampered", f"of the checkpoint of {size} entries: {error}")
        good.setdefault(size, set()).add(key)
    count = sum(map(len, good.values()))
    if policy is None:
        sentence = f"{count} stored and good; no policy says whose are needed"
        return Check(name, "holds" if count else "skipped", sentence)
    known = good.get(last, set()).intersection(policy.witness_keys)
    if not policy.is_met(known):
        sentence = f"{len(known)} on the last checkpoint, and the policy's quorum is not met"
        return Check(name, "finding", sentence)
    return Check(name, "holds", f"{count} good; the quorum of the last checkpoint is met")


def _check_cosignature(checkpoint: bytes | None, vkey: str, line: str) -> VerifierKey:
    if checkpoint is None:
        raise NoteError("there is no such checkpoint")
    key, signature = parse_vkey(vkey), parse_signature(line)
    text = parse_checkpoint(checkpoint)[1].text
    parse_checkpoint_text(text)
    named = (signature.name, signature.key_id) == (key.name, key.id)
    if not named or not is_signed(text, signature, key):
        raise SignatureError(f"the signature of {key.name} is bad")
    return key


_SENTENCES = {
    "events": "{last} events, @1 to @{last}, {leaves} of them in the tree, one leaf each, in order",
    "hashes": "every leaf and node computed anew is the one stored",
    "clock": "recorded times never run backwards",
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
    """The checks of one audit, what was read, and the largest size whose checkpoint is good."""

    checks: tuple[Check, ...]
    found: LogReading | None
    last_good: int | None


def audit_log(
    where: Location,
    copies: Sequence[CheckpointCopy] = (),
    policy: TrustPolicy | None = None,
    progress: Progress | None = None,
    *,
    in_full: bool = False,
) -> AuditReport:
    """Check a log against itself and against copies from outside; raises no error of the store.

    In full the text of events is checked too.
    """
    checks = list(_check_store(where))
    try:
        with open_tree(where) as record, record.snapshot():
            found, vouched, last_good = _read_signed_log(
                record, copies, policy, progress, in_full=in_full
            )
    except _BROKEN as error:
        return AuditReport((*checks, _failed("events", error)), None, None)
    return AuditReport(
        (*checks, *_check_events(found, in_full=in_full), *vouched), found, last_good
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
        yield Check("versions", "holds", "the events of each thing are numbered without a gap")


def _read_signed_log(
    record: TreeTables,
    copies: Sequence[CheckpointCopy],
    policy: TrustPolicy | None,
    progress: Progress | None,
    *,
    in_full: bool,
) -> tuple[LogReading, list[Check], int | None]:
    stored = [(size, note) for size, note in record.checkpoints()]
    sizes = [size for size, _ in stored] + [
        size for copy in copies for size in _sizes_of_copy(copy)
    ]
    found = read_log(record, sizes, progress, in_full=in_full)
    checked = check_stored(found, stored)
    signatures = check_cosignatures(dict(stored), record.cosignatures(), policy)
    outside = list(check_copies(found, copies, checked.last_good))
    return found, [*checked.checks, *outside, signatures], checked.last_good


def _sizes_of_copy(copy: CheckpointCopy) -> list[int]:
    try:
        return [parse_checkpoint(copy.data)[0].size]
    except NoteError:
        return []


def _check_events(found: LogReading, *, in_full: bool) -> Iterator[Check]:
    if found.last == 0:
        found.fault("events", "there is no event, and a ledger has its first from the beginning")
    for name, sentence in _SENTENCES.items():
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
