"""Say whether a log is signed by a key that its reader brought, and not only by one it names.

A record names its own keys: whoever forges it as a whole names others, and all agrees. So the
newest checkpoint must be signed by each key that the reader believes: given, of a policy, or pinned
before. From such a key the way leads on over rotations that a checkpoint with its signature covers;
a revocation, which another key signs, is put to the reader.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from events.transparency.checkpoint import log_keys, parse_checkpoint
from events.transparency.keys import keys_at
from events.transparency.log_reading import Check, LogReading
from events.transparency.note import (
    Note,
    NoteError,
    VerifierKey,
    VerifierKeyError,
    good_signatures,
    parse_vkey,
)
from events.transparency.pins import FIRST_USE, GIVEN, MADE_HERE, REVOKED, ROTATED, Former, Pin

NAME = "key"
Outcome = Literal["holds", "other", "revoked", "unsigned"]


class Believed(NamedTuple):
    """Keys of which one must have signed, and the words for where they come from."""

    keys: tuple[VerifierKey, ...]
    said: str


class KeyVerdict(NamedTuple):
    """What the audit says of the key.

    `signer` is the key in force at the newest checkpoint, None where nothing is signed. `pinned`
    says whether any key was brought or pinned before, and `pin_as` how the signer is to be pinned
    if the audit finds nothing else: None to leave the pin as it is. `former` are then the keys that
    it replaced by rotations.
    """

    check: Check
    signer: VerifierKey | None
    pinned: bool
    pin_as: str | None = None
    former: tuple[Former, ...] = ()


def check_key(
    found: LogReading,
    stored: Sequence[tuple[int, bytes]],
    believed: Sequence[Believed],
    pin: Pin | None,
    namesake: Pin | None = None,
) -> KeyVerdict:
    """Hold stored signatures against the keys believed, the `pin` and its `namesake`."""
    signed = list(_notes(found, stored))
    signer = keys_at(found.keys, signed[-1][0]).signing if signed else None
    for each in believed:
        outcome = _reach(found, signed, each.keys)
        if outcome != "holds":
            return KeyVerdict(_refusal(signed, signer, each, outcome), signer, pinned=True)
    if pin is None:
        return _first_use(signed, signer, given=bool(believed), namesake=namesake)
    mine = Believed((pin.key,), f"pinned {pin.how} ({pin.since[:10]})")
    outcome = _reach(found, signed, mine.keys)
    if outcome == "unsigned" and pin.how == MADE_HERE:
        return KeyVerdict(Check(NAME, "skipped", "nothing is signed yet"), None, pinned=True)
    if outcome == "holds" or (outcome == "revoked" and believed):
        moved = ROTATED if outcome == "holds" else REVOKED
        pin_as = moved if signer is not None and signer != pin.key else None
        former = (*pin.former, *_replaced(found, signed[-1][0])) if pin_as == ROTATED else ()
        return KeyVerdict(_holds(signed, signer), signer, pinned=True, pin_as=pin_as, former=former)
    if outcome == "other" and signer is not None:
        until = dict(pin.former).get(signer, 0)
        if signed[-1][0] < until and _reach(found, signed, [signer]) == "holds":
            sentence = f"signed by {signer}, which a rotation replaced: an older state, {mine.said}"
            return KeyVerdict(Check(NAME, "behind", sentence), signer, pinned=True)
    return KeyVerdict(_refusal(signed, signer, mine, outcome), signer, pinned=True)


def _notes(found: LogReading, stored: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, Note]]:
    for size, data in stored:
        try:
            checkpoint, note = parse_checkpoint(data)
        except NoteError:
            continue  # the check of the checkpoints says so
        if checkpoint.size == size and size <= found.last:
            yield size, note


def _reach(
    found: LogReading, signed: Sequence[tuple[int, Note]], anchors: Sequence[VerifierKey]
) -> Outcome:
    """Return whether the newest checkpoint is signed by an anchor, or by a key it leads to."""
    believed, recovery = set(log_keys(found.origin, anchors)), set[VerifierKey]()
    outcome: Outcome = "unsigned"
    for size, note in signed:
        keys = keys_at(found.keys, size)
        known = log_keys(found.origin, [*believed, *keys.named, *recovery])
        signers = _signers(note, known)
        if signers & believed:
            believed |= _rotated(found, size, believed)
            recovery = set(keys.recovery)
            outcome = "holds"
        elif believed & set(keys.revoked) and signers & recovery:
            outcome = "revoked"
        elif outcome != "revoked":
            outcome = "other"
    return outcome


def _signers(note: Note, known: Sequence[VerifierKey]) -> set[VerifierKey]:
    try:
        return {key for key, _ in good_signatures(note, known)}
    except NoteError:
        return set()


def _rotated(found: LogReading, size: int, believed: set[VerifierKey]) -> set[VerifierKey]:
    # All that the checkpoint covers is the word of whoever signed it.
    reached = set(believed)
    for event in found.keys:
        if event.type != "ledger.key-rotated" or event.position > size:
            continue
        if event.data["old"] in map(str, reached):
            with suppress(VerifierKeyError):
                reached.add(parse_vkey(event.data["new"]))
    return reached


def _replaced(found: LogReading, size: int) -> Iterator[Former]:
    """Yield each key that a rotation replaced which `size` entries cover, and its position."""
    revoked = keys_at(found.keys, size).revoked
    for event in found.keys:
        if event.type == "ledger.key-rotated" and event.position <= size:
            old = keys_at(found.keys, event.position - 1).signing
            if old is not None and str(old) == event.data["old"] and old not in revoked:
                yield old, event.position


def _holds(signed: Sequence[tuple[int, Note]], signer: VerifierKey | None) -> Check:
    name = "" if signer is None else f"{signer.fingerprint} "
    return Check(NAME, "holds", f"{name}signed the checkpoint of {signed[-1][0]} entries")


def _first_use(
    signed: Sequence[tuple[int, Note]],
    signer: VerifierKey | None,
    *,
    given: bool,
    namesake: Pin | None,
) -> KeyVerdict:
    if signer is None:
        return KeyVerdict(Check(NAME, "skipped", "nothing is signed yet"), None, pinned=given)
    if given:
        return KeyVerdict(_holds(signed, signer), signer, pinned=True, pin_as=GIVEN)
    if namesake is not None and namesake.key != signer:
        sentence = (
            f"{signer} signs, and for another ledger of this name, {namesake.ledger_id},"
            f" {namesake.key} is pinned: a name is one ledger's; ask its keeper, then --vkey KEY"
        )
        return KeyVerdict(Check(NAME, "finding", sentence), signer, pinned=False)
    check = Check(NAME, "skipped", f"{signer.fingerprint} signed, as the log itself says")
    return KeyVerdict(check, signer, pinned=False, pin_as=FIRST_USE)


def _refusal(
    signed: Sequence[tuple[int, Note]],
    signer: VerifierKey | None,
    wanted: Believed,
    outcome: Outcome,
) -> Check:
    keys = " or ".join(f"{key} ({key.fingerprint})" for key in wanted.keys)
    if outcome == "unsigned":
        return Check(NAME, "undecided", f"nothing is signed; {wanted.said} is {keys}")
    who = "no key that the log names" if signer is None else f"{signer} ({signer.fingerprint})"
    sentence = f"the checkpoint of {signed[-1][0]} entries is signed by {who}"
    if outcome == "revoked":
        asked = f"if you know from elsewhere that it is right: depositary audit --vkey '{signer}'"
        return Check(NAME, "undecided", f"{keys}, {wanted.said}, was revoked; {sentence}; {asked}")
    return Check(NAME, "tampered", f"{sentence}, and {wanted.said} is {keys}")
