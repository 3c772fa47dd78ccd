"""Sign the record as it stands, when it grew from what was signed last.

What was signed last is kept in the record and, beside the key, where a
restored backup does not reach. Signed, then remembered beside the key, then stored in the record:
a run that was killed in between is taken up again, and never signs two roots of one size.
"""

from pathlib import Path
from typing import NamedTuple, NoReturn

from events.errors import ExplainedError, NotPossibleError, PartedError, TamperingError
from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import Checkpoint, parse_checkpoint
from events.transparency.keyring import Keyring, load_key, public_of
from events.transparency.keys import LedgerIdentity, recovery_needed, required_signers
from events.transparency.merkle import root
from events.transparency.note import Note, NoteError, Signature, VerifierKey, parse_signature, sign
from events.transparency.tree import Progress, integrate


class ForkError(TamperingError):
    """What is signed grew from what was signed before."""


class BehindError(PartedError):
    """What is signed is as far as what was signed before: an older state is not signed again."""


class ForkedError(PartedError):
    """A record goes on from the checkpoint signed last, and not from an earlier one of its own."""


class CannotSignError(NotPossibleError):
    """A ledger names a key that signs, and after a revocation a recovery key signs too."""


class SignedRecord(NamedTuple):
    """The newest checkpoint of a record, and whether it was signed just now."""

    size: int
    note: Note
    new: bool


def sign_newest(
    tree: TreeTables,
    ledger: LedgerIdentity,
    keyring: Keyring,
    recovery: Path | None = None,
    progress: Progress | None = None,
) -> SignedRecord:
    """Integrate, compare, sign and store; raise ForkError, CannotSignError or KeyFileError."""
    with keyring.locked():
        size, root_hash = integrate(tree, progress)
        before = _last(tree, ledger, keyring, size)
        if before is not None and before[0] == size:
            _note_stored(tree, keyring)
            return SignedRecord(size, before[1], new=False)
        text = str(Checkpoint(ledger.origin, size, root_hash))
        signed = _signatures(text, ledger, keyring, (before[0] if before else 0, size), recovery)
        note = Note(text, tuple(signed))
        keyring.remember(note.encode())
        tree.add_checkpoint(size, note.encode())
        _note_stored(tree, keyring)
        return SignedRecord(size, note, new=True)


def _note_stored(tree: TreeTables, keyring: Keyring) -> None:
    """Remember beside the key which checkpoints are in the record: so a deleted one is missed."""
    known = keyring.stored_roots()
    new = [size for size, _ in tree.checkpoints() if size not in known]
    if new:
        keyring.note_stored((size, root(size, tree.nodes)) for size in new)


def with_cosignatures(tree: TreeTables, size: int, note: Note) -> Note:
    """Return a checkpoint with the witnesses' signatures below its own."""
    lines = [parse_signature(line) for _, line in tree.cosignatures_of(size)]
    return Note(note.text, (*note.signatures, *lines))


def stored_note(tree: TreeTables, size: int, data: bytes) -> Note:
    """Return a stored checkpoint with all its signatures, or raise ForkError if it was changed."""
    try:
        checkpoint, note = parse_checkpoint(data)
        if checkpoint.size == size and checkpoint.root == root(size, tree.nodes):
            return with_cosignatures(tree, size, note)
        why = f"that of {size} entries is not of this record"
    except NoteError as error:
        why = f"that of {size} entries: {error}"
    raise ForkError("a stored checkpoint was changed", why, _AUDIT)


def refuse_fork(tree: TreeTables, origin: str, size: int, data: bytes, where: str) -> Note:
    """Return a signed checkpoint that the tree grew from, or raise ForkError or BehindError."""
    try:
        checkpoint, note = parse_checkpoint(data)
    except NoteError as error:
        what = "the last signed checkpoint cannot be read"
        raise CannotSignError(what, f"{where}: {error}", _AUDIT) from None
    if checkpoint.origin != origin:
        _fork(f"{where} has one of {checkpoint.origin}, and this ledger is {origin}")
    if checkpoint.size > size:
        raise BehindError(
            "the record is BEHIND what was signed: nothing is signed now",
            f"{where} has a checkpoint of {checkpoint.size} entries, and the record has {size}",
            "bring the newer record back; to go on from here means a fork of the ledger",
        )
    if root(checkpoint.size, tree.nodes) != checkpoint.root:
        _fork(f"{where} has one of {checkpoint.size} entries, and this record has others there")
    return note


_AUDIT = "depositary audit"


def _fork(why: str) -> NoReturn:
    raise ForkError(
        "the record is not what was signed: nothing is signed now",
        why,
        "find the record that was signed; this one may be an older state that was restored",
    )


def _last(
    tree: TreeTables, ledger: LedgerIdentity, keyring: Keyring, size: int
) -> tuple[int, Note] | None:
    kept = keyring.last_signed()
    found: list[tuple[int, Note]] = []
    if kept is not None:
        try:
            note = refuse_fork(tree, ledger.origin, size, kept, f"{keyring.folder}")
        except ForkError as error:
            raise _forked(tree, ledger.origin, size, error) from None
        found.append((parse_checkpoint(kept)[0].size, note))
        if tree.checkpoint_of(found[0][0]) is None:
            tree.add_checkpoint(found[0][0], kept)  # killed before it was stored
    stored = tree.checkpoint()
    if stored is not None:
        found.append((stored[0], refuse_fork(tree, ledger.origin, size, stored[1], "the record")))
    return max(found, key=lambda each: each[0], default=None)


def _forked(tree: TreeTables, origin: str, size: int, error: ForkError) -> ExplainedError:
    """Return what to raise where the record is not what was signed last.

    Where it has an earlier checkpoint that it grew from it went another way since: it is a copy
    that was carried on, or its end was written anew, which `audit` holds against a key.
    """
    stored = tree.checkpoint()
    if stored is None:
        return error
    try:
        refuse_fork(tree, origin, size, stored[1], "the record")
    except ExplainedError:
        return error
    return ForkedError(
        "the record is FORKED from what was signed: nothing is signed now",
        f"{error.why}; up to @{stored[0]} it is what was signed, and then it went another way",
        "append to the record that was signed last; depositary audit says more of this one",
    )


def _signatures(
    text: str,
    ledger: LedgerIdentity,
    keyring: Keyring,
    sizes: tuple[int, int],
    recovery: Path | None,
) -> list[Signature]:
    wanted = required_signers(ledger.keys, *sizes)
    if not wanted:
        what, then = "no key signs for this ledger", "depositary key new"
        raise CannotSignError(what, "none is named in it", then)
    signed = [_signature(text, key, keyring) for key in wanted]
    allowed = recovery_needed(ledger.keys, *sizes)
    if allowed is not None:
        signed.append(_recovered(text, allowed, recovery, keyring))
    return signed


def _signature(text: str, key: VerifierKey, keyring: Keyring) -> Signature:
    private = keyring.load(key)
    return sign(text, key.name, private, public_of(private))


def _recovered(
    text: str, allowed: tuple[VerifierKey, ...], path: Path | None, keyring: Keyring
) -> Signature:
    if path is None:
        raise CannotSignError(
            "a key was revoked",
            "the first checkpoint after that bears the signature of a recovery key",
            "depositary checkpoint --recovery-key FILE",
        )
    key = next((each for each in allowed if path.name == f"{each.id.hex()}.key"), None)
    if key is None:
        names = ", ".join(f"{each.id.hex()}.key" for each in allowed)
        why = f"{path}: the ledger names {names}"
        raise CannotSignError("that is no recovery key", why, "name its file so")
    private = load_key(path, key, keyring.ask)
    return sign(text, key.name, private, public_of(private))
