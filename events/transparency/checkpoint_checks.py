"""Check the checkpoints of a log: those stored in it, copies from outside, and cosignatures.

Backing up, restoring, copying and replaying read every byte: so `check_hashes` computes every leaf,
node and signed root anew there, and refuses what does not fit, with its place.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from events.errors import TamperingError
from events.store.factory import open_tree
from events.store.location import Location
from events.transparency.checkpoint import (
    Checkpoint,
    log_keys,
    parse_checkpoint,
    parse_checkpoint_text,
)
from events.transparency.divergence import Parting
from events.transparency.keys import keys_at, recovery_needed, required_signers
from events.transparency.log_reading import Check, LogReading, Outcome, read_log
from events.transparency.note import (
    Note,
    NoteError,
    SignatureError,
    VerifierKey,
    parse_signature,
    parse_vkey,
)
from events.transparency.signatures import good_signatures, is_signed
from events.transparency.tree import Progress
from events.transparency.trust_policy import TrustPolicy


class UnreadError(NoteError):
    """A checkpoint can be compared only with entries that could be read."""


class OtherEntriesError(NoteError):
    """A checkpoint counts the entries that the record has, with the root that they have."""


class CheckpointCopy(NamedTuple):
    """A checkpoint from outside the log: where it was found, its bytes, and whether it is ours.

    Of one that was kept on this machine it is known who signed it.
    """

    name: str
    data: bytes
    ours: bool = False


def check_stored(
    found: LogReading, stored: Iterable[tuple[int, bytes]]
) -> tuple[Check, int | None]:
    """Check every stored checkpoint: well-formed, signed by the keys named, of the same root.

    Return what came of it, and the largest size that is good.
    """
    good: int | None = None
    count = before = 0
    for size, data in stored:
        count += 1
        try:
            _check_stored_checkpoint(found, size, before, data)
        except UnreadError as error:
            sentence = f"the checkpoint of {size} entries: {error}"
            return Check("checkpoints", "undecided", sentence), good
        except OtherEntriesError as error:
            # A good signature over another root: what is before the last good one is untouched.
            first = (good or 0) + 1
            sentence = f"the checkpoint of {size} entries: {error}; {somewhere(first, size)}"
            return Check("checkpoints", "tampered", sentence, first, size), good
        except NoteError as error:
            sentence = f"the checkpoint of {size} entries: {error}"
            return Check("checkpoints", "tampered", sentence), good
        good = before = size
    if not count:
        return Check("checkpoints", "skipped", "none was signed yet"), None
    sentence = f"{count} signed, each with the root of its entries, the last of {good} entries"
    return Check("checkpoints", "holds", sentence), good


def _check_stored_checkpoint(found: LogReading, size: int, before: int, data: bytes) -> None:
    checkpoint, note = parse_checkpoint(data)
    if checkpoint.size != size or checkpoint.origin != found.origin:
        raise NoteError(f"it says {checkpoint.size} entries of {checkpoint.origin}")
    if str(note).encode() != data:
        raise NoteError("it is not written in the one encoding")
    check_signers(found, before, size, note)
    check_root(found, checkpoint)


def somewhere(first: int, last: int) -> str:
    """Say that an event of a range was changed."""
    return f"somewhere in @{first} to @{last}" if first < last else f"it is @{last}"


def check_signers(found: LogReading, before: int, size: int, note: Note) -> None:
    """Raise NoteError unless the keys that the log names for this checkpoint signed it."""
    wanted = required_signers(found.keys, before, size)
    if not wanted:
        raise SignatureError("the log names no key that signs at that size")
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
        why = f"it counts {checkpoint.size} entries, and the log has {found.last}"
        raise OtherEntriesError(why)
    if checkpoint.size not in found.roots:
        raise UnreadError("the log could not be read so far")
    if found.roots[checkpoint.size] != checkpoint.root:
        why = f"its root is not that of the first {checkpoint.size} entries"
        raise OtherEntriesError(why)


def check_copies(
    found: LogReading,
    copies: Sequence[CheckpointCopy],
    last_good: int | None = None,
    trusted: Sequence[VerifierKey] = (),
    part: Callable[[Checkpoint], Parting | None] = lambda _: None,
) -> Iterator[Check]:
    """Compare copies from outside with the log; each is a check of its own.

    Where one contradicts, `part` says whether it is a fork, or behind, or where it was changed.
    Else the place is narrowed by the copies that agree, and never by the record's own checkpoints:
    whoever holds the key can make those. `trusted` keys sign beside those that the log names;
    `last_good` is the size of the log's own last good checkpoint.
    """
    compared = [_compare_copy(found, copy, trusted) for copy in copies]
    agreed = {size for size, _, check in compared if check.outcome == "holds"}
    for size, signed, check in compared:
        parting = part(signed) if signed is not None else None
        if parting is not None:
            yield parting_check(check.name, parting, size, found.last)
        elif signed is not None and size > found.last:
            yield _shorter(found, size, check, max({0, *agreed, last_good or 0}))
        elif check.outcome == "tampered":
            first = max((each for each in agreed if each < size), default=0) + 1
            sentence = f"{check.sentence}; {somewhere(first, size)}"
            yield check._replace(sentence=sentence, position=first, until=size)
        else:
            yield check


def parting_check(name: str, found: Parting, size: int, last: int) -> Check:
    """Return the check that says how a record of `last` events parted from `size` signed ones."""
    if found.changed is not None:
        return Check(name, "tampered", f"@{found.changed} is not what was signed", found.changed)
    if found.behind:
        sentence = f"{size} entries were signed, and the log has the first {last} of them"
        return Check(name, "behind", sentence, found.common)
    sentence = f"up to @{found.common} it is what was signed; after that the log has other events"
    return Check(name, "forked", sentence, found.common)


def _shorter(found: LogReading, size: int, check: Check, signed: int) -> Check:
    """Say what a copy that was signed shows of a record that is shorter.

    It is behind where all of it was signed too. Of events that no checkpoint covers it cannot be
    told whether they are the next ones that were signed.
    """
    if signed == found.last:
        sentence = f"{size} entries were signed, and the log ends with @{signed}, signed as well"
        return Check(check.name, "behind", sentence, signed)
    covered = f"up to @{signed} it is what was signed" if signed else "none of them is signed"
    sentence = f"{check.sentence}; {covered}, and of the rest a checkpoint alone does not tell"
    return Check(check.name, "undecided", sentence)


def _compare_copy(
    found: LogReading, copy: CheckpointCopy, trusted: Sequence[VerifierKey]
) -> tuple[int, Checkpoint | None, Check]:
    """Return the size, the checkpoint if it is signed and contradicts, and what the check says."""
    name = f"copy {copy.name}"
    try:
        checkpoint, note = parse_checkpoint(copy.data)
    except NoteError as error:
        return 0, None, Check(name, "undecided", f"this is not a checkpoint: {error}")
    size = checkpoint.size
    if checkpoint.origin != found.origin:
        sentence = f"it is of {checkpoint.origin}, and this ledger is {found.origin}"
        return size, None, Check(name, "undecided", sentence)
    well, signed = _describe_signature(found, size, note, trusted)
    try:
        check_root(found, checkpoint)
    except UnreadError as error:
        return size, None, Check(name, "undecided", str(error))
    except OtherEntriesError as error:
        parted = checkpoint if well or copy.ours else None
        unknown = size > found.last and not (keys_at(found.keys, found.last).named or trusted)
        outcome: Outcome = "undecided" if unknown else "tampered"
        return size, parted, Check(name, outcome, f"{error} ({signed})")
    return size, None, Check(name, "holds", f"the first {size} entries are as it says ({signed})")


def _describe_signature(
    found: LogReading, size: int, note: Note, trusted: Sequence[VerifierKey]
) -> tuple[bool, str]:
    """Return whether a key of the log, or one that is trusted, signed a checkpoint; and words."""
    keys = keys_at(found.keys, found.last)
    try:
        signed = good_signatures(note, log_keys(found.origin, [*keys.named, *trusted]))
    except NoteError:
        return False, "with a bad signature of this ledger's key"
    if not signed:
        return False, "not signed by a key that this ledger names"
    if all(size > keys.revoked.get(key, size) for key, _ in signed):
        return False, "signed by a key that was revoked for trees of that size"
    return True, "signed by this ledger's key"


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


def check_hashes(where: Location, progress: Progress | None = None) -> int:
    """Return a record's last position, its tree computed anew; raise TamperingError."""
    with open_tree(where) as record, record.snapshot():
        stored = tuple(record.checkpoints())
        found = read_log(record, (size for size, _ in stored), progress)
    checks = [*found.faults.values(), check_stored(found, stored)[0]]
    wrong = [check for check in checks if check.outcome == "tampered"]
    if wrong:
        # An exact position says more than the range between two checkpoints.
        first = min(wrong, key=lambda each: (each.position is None, each.until or 0))
        why = f"{where}: {first.sentence}"
        then = "depositary audit, before anything else; find a copy from before it was changed"
        raise TamperingError("the log is not what was hashed and signed", why, then)
    return found.last
