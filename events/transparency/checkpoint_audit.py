"""Do the signed checkpoints fit the record as it was computed anew?

Three kinds: those stored in the record, copies that others kept or published, and what witnesses
signed. A hash tree proves nothing against whoever holds the key, unless somebody else holds a
checkpoint: so the copies compared with are named, and that there were none is said.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from events.transparency.audit import Check, Findings
from events.transparency.checkpoint import Checkpoint, log_keys, parse_body, unverified
from events.transparency.keys import keys_at, recovery_needed, signers
from events.transparency.note import (
    Note,
    NoteError,
    SignatureError,
    VerifierKey,
    cosigned,
    is_signed,
    parse_signature,
    parse_vkey,
)
from events.transparency.trust_policy import TrustPolicy


class UnreadError(NoteError):
    """A checkpoint is held against entries that can be read."""


class Copy(NamedTuple):
    """A checkpoint from outside the record: where it was found, and its bytes."""

    name: str
    data: bytes


class Checked(NamedTuple):
    """The outcome for all stored checkpoints, and the largest size that is good."""

    checks: tuple[Check, ...]
    last_good: int | None


def check_stored(found: Findings, stored: Iterable[tuple[int, bytes]]) -> Checked:
    """Hold every stored checkpoint against the record: parsed, signed as the record says, equal."""
    good: int | None = None
    count = before = 0
    for size, data in stored:
        count += 1
        try:
            _check_one(found, size, before, data)
        except UnreadError as error:
            sentence = f"the checkpoint of {size} entries: {error}"
            return Checked((Check("checkpoints", "undecided", sentence),), good)
        except NoteError as error:
            sentence = f"the checkpoint of {size} entries: {error}"
            where = None if good is None else good + 1
            return Checked((Check("checkpoints", "tampered", sentence, where),), good)
        good = before = size
    if not count:
        return Checked((Check("checkpoints", "skipped", "none was signed yet"),), None)
    sentence = f"{count} signed, each with the root computed anew, the last of {good} entries"
    return Checked((Check("checkpoints", "holds", sentence),), good)


def _check_one(found: Findings, size: int, before: int, data: bytes) -> None:
    checkpoint, note = unverified(data)
    if checkpoint.size != size or checkpoint.origin != found.origin:
        raise NoteError(f"it says {checkpoint.size} entries of {checkpoint.origin}")
    if str(note).encode() != data:
        raise NoteError("it is not written in the one encoding")
    check_signers(found, before, size, note)
    check_root(found, checkpoint)


def check_signers(found: Findings, before: int, size: int, note: Note) -> None:
    """Raise NoteError unless the keys that the record names for this checkpoint signed it."""
    wanted = signers(found.keys, before, size)
    if not wanted:
        raise SignatureError("the record names no key that signs at that size")
    recovery = recovery_needed(found.keys, before, size)
    signed = {key for key, _ in cosigned(note, [*wanted, *(recovery or ())])}
    for key in wanted:
        if key not in signed:
            raise SignatureError(f"the key {key.id.hex()} of {key.name} has not signed it")
    if recovery is not None and not signed.intersection(recovery):
        raise SignatureError("it covers a revocation, and no recovery key has signed it")


def check_root(found: Findings, checkpoint: Checkpoint) -> None:
    """Raise NoteError unless the record has the root that a checkpoint says."""
    if checkpoint.size > found.last:
        raise NoteError(f"it counts {checkpoint.size} entries, and the record has {found.last}")
    if checkpoint.size not in found.roots:
        raise UnreadError("the record could not be read so far")
    if found.roots[checkpoint.size] != checkpoint.root:
        raise NoteError(f"its root is not that of the first {checkpoint.size} entries")


def check_copies(found: Findings, copies: Sequence[Copy], last_good: int | None) -> Iterator[Check]:
    """Hold copies from outside against the record; each is a check of its own."""
    for copy in copies:
        name = f"copy {copy.name}"
        try:
            checkpoint, note = unverified(copy.data)
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
                name, "tampered", f"{error} ({_vouched(found, checkpoint.size, note)})", place
            )
        else:
            sentence = f"the first {checkpoint.size} entries are as it says"
            yield Check(name, "holds", f"{sentence} ({_vouched(found, checkpoint.size, note)})")


def _vouched(found: Findings, size: int, note: Note) -> str:
    keys = keys_at(found.keys, found.last)
    try:
        signed = cosigned(note, log_keys(found.origin, keys.named))
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
    """Hold the witnesses' signatures against their checkpoints and keys, and against a quorum."""
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
    text = unverified(checkpoint)[1].text
    parse_body(text)
    named = (signature.name, signature.key_id) == (key.name, key.id)
    if not named or not is_signed(text, signature, key):
        raise SignatureError(f"the signature of {key.name} is bad")
    return key
