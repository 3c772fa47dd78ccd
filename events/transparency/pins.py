"""Remember whose key signs for which ledger, as ssh remembers the keys of hosts.

A pin stands in `pins.toml` of the user's configuration, one table a ledger by its id: the key that
is believed from then on, since when, and how it came there. It is the reader's own word, kept
outside the ledger: a record that was forged as a whole names a key of its own.
"""

import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import tomli_w

from events.errors import NotFoundError, NotUnderstoodError
from events.identifiers import is_ledger_id
from events.store.user_config import config_folder, config_lock, read_config, write_config
from events.transparency.checkpoint import log_keys, parse_checkpoint
from events.transparency.keys import keys_at
from events.transparency.log_reading import Check, LogReading
from events.transparency.note import (
    ED25519,
    Note,
    NoteError,
    VerifierKey,
    VerifierKeyError,
    parse_vkey,
)
from events.transparency.signatures import good_signatures

PINS = "pins.toml"
MADE_HERE, FIRST_USE, GIVEN = "made on this machine", "on first use", "given by the reader"
ROTATED, REVOKED = "by a rotation that the pinned key signed", "after a revocation"
_HOW = (MADE_HERE, FIRST_USE, GIVEN, ROTATED, REVOKED)
_COMMENT = "# Whose key signs for which ledger: depositary pin list\n"


Former = tuple[VerifierKey, int]  # a key, and the size from which on another signs


class Pin(NamedTuple):
    """The key that is believed for a ledger; `since` is a time (UTC), `how` one of five words.

    `former` are the keys that a rotation replaced: an older state of the ledger is signed by them.
    """

    ledger_id: str
    key: VerifierKey
    since: str
    how: str
    former: tuple[Former, ...] = ()


def pins() -> dict[str, Pin]:
    """Return all pins by the id of their ledger; raise NotUnderstoodError and ConfigFileError."""
    text = read_config(PINS)
    if text is None:
        return {}
    try:
        return {id_: _pin(id_, table) for id_, table in tomllib.loads(text).items()}
    except (tomllib.TOMLDecodeError, NoteError, ValueError) as error:
        why = f"{config_folder() / PINS}: {error}"
        then = "repair the file, or move it away: then every key is pinned again on its first use"
        raise NotUnderstoodError("the pinned keys are not understood", why, then) from None


def pin_key(ledger_id: str, key: VerifierKey, how: str, former: tuple[Former, ...] = ()) -> Pin:
    """Believe this key for a ledger from now on; a pin that was there is replaced."""
    pinned = Pin(ledger_id, key, datetime.now(UTC).isoformat(timespec="seconds"), how, former)
    with config_lock():
        _write({**pins(), ledger_id: pinned})
    return pinned


def unpin_key(ledger_id: str) -> Pin:
    """Forget the key of a ledger; raise NotFoundError where none is pinned."""
    with config_lock():
        kept = pins()
        forgotten = kept.pop(ledger_id, None)
        if forgotten is None:
            why = f"{config_folder() / PINS} has no {ledger_id}"
            raise NotFoundError("no key is pinned for that ledger", why, "depositary pin list")
        _write(kept)
    return forgotten


def _pin(ledger_id: str, table: object) -> Pin:
    if not is_ledger_id(ledger_id):
        raise ValueError(f"'{ledger_id[:60]}' is not a ledger's id")
    match table:
        case {"vkey": str(vkey), "since": str(since), "how": str(how), **more} if (
            not more.keys() - {"former"}
        ):
            key, former = parse_vkey(vkey), _former(more.get("former", {}))
            if how in _HOW and key.algorithm == ED25519:
                return Pin(ledger_id, key, since, how, former)
    raise ValueError(f"the table of {ledger_id} has not vkey, since and how as they are written")


def _former(table: object) -> tuple[Former, ...]:
    if not isinstance(table, dict) or not all(type(size) is int for size in table.values()):
        raise ValueError("former keys have each a size")
    return tuple((parse_vkey(each), size) for each, size in table.items())


def _write(kept: dict[str, Pin]) -> None:
    tables = {
        each.ledger_id: {
            "vkey": str(each.key),
            "since": each.since,
            "how": each.how,
            **({"former": {str(key): size for key, size in each.former}} if each.former else {}),
        }
        for each in sorted(kept.values())
    }
    write_config(PINS, _COMMENT + tomli_w.dumps(tables))


NAME = "key"
Outcome = Literal["holds", "other", "revoked", "unsigned"]


class Believed(NamedTuple):
    """Keys, one of which must have signed, and the words for where they come from."""

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
