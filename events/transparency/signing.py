"""Sign the record as it stands, when it grew from what was signed last.

What was signed last is kept in the record and, beside the key, where a restored backup does not
reach. The entries are noted, then signed; the checkpoint is remembered beside the key, then stored
in the record: a run that was killed in between is taken up again, and never signs two roots of one
size.
"""

from pathlib import Path
from typing import NamedTuple, NoReturn

from events.errors import NotPossibleError, PartedError
from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import Checkpoint, parse_checkpoint
from events.transparency.divergence import PRINT_BYTES, Parting, find_parting, prints_between
from events.transparency.keyring import Keyring
from events.transparency.keys import LedgerIdentity, recovery_needed, required_signers
from events.transparency.merkle import root
from events.transparency.note import Note, NoteError, Signature, VerifierKey, encode_base64
from events.transparency.signatures import kept_key, load_key, public_of, sign
from events.transparency.stored_checkpoint import AUDIT, ForkError
from events.transparency.tree import Progress, integrate


class BehindError(PartedError):
    """What is signed is as far as what was signed before: an older state is not signed again."""


class ShorterError(NotPossibleError):
    """A record with fewer events than were signed has a checkpoint over all that it has."""


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
    """Integrate, compare with what was signed last, sign and store; or raise.

    Raises ForkError, PartedError, CannotSignError, KeyFileError.
    """
    with keyring.locked():
        size, root_hash = integrate(tree, progress)
        before = _last(tree, ledger, keyring)
        _note_entries(tree, keyring, size)
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


def _note_entries(tree: TreeTables, keyring: Keyring, size: int) -> None:
    """Note the prints of all entries beside the key: so a fork is told from a change."""
    kept_bytes = len(keyring.signed_entries())
    have = min(kept_bytes // PRINT_BYTES, size)
    last = keyring.signed_entries((have - 1) * PRINT_BYTES, PRINT_BYTES) if have else b""
    if b"".join(prints_between(tree, max(0, have - 1), have)) != last:
        have = 0  # cut short, or of what was never signed
    if kept_bytes != size * PRINT_BYTES or not have:
        keyring.note_entries(have * PRINT_BYTES, prints_between(tree, have, size))


def check_grown(tree: TreeTables, origin: str, data: bytes, keyring: Keyring | None = None) -> Note:
    """Return a checkpoint that the tree grew from; raise what says why it did not.

    It is the record's own; or, with a keyring, the one kept there, from which a record may have
    parted: then it is told what is behind or a fork, and what was changed. Raises ForkError,
    PartedError, BehindError, ShorterError and CannotSignError.
    """
    where = "the log" if keyring is None else str(keyring.folder)
    try:
        signed, note = parse_checkpoint(data)
    except NoteError as error:
        what = "the last signed checkpoint cannot be read"
        raise CannotSignError(what, f"{where}: {error}", AUDIT) from None
    if signed.origin != origin:
        _fork(f"{where} has one of {signed.origin}, and this ledger is {origin}")
    size = tree.size()
    if signed.size <= size and root(signed.size, tree.nodes) == signed.root:
        return note
    said = f"{where} has a checkpoint of {signed.size} entries"
    if keyring is not None:
        _refuse_parted(tree, signed, f"{said}, and the log has {size}", keyring)
    return _fork(f"{said}, and its events are not those")


def _refuse_parted(tree: TreeTables, signed: Checkpoint, said: str, keyring: Keyring) -> NoReturn:
    """Raise what says why a record is not what was signed on this machine."""
    size, roots = tree.size(), keyring.stored_roots()
    found = find_parting(tree, size, signed, [keyring.signed_entries])
    if found is None and signed.size > size:
        noted = max((each for each in roots if each <= size), default=0)
        if noted and encode_base64(root(noted, tree.nodes)) != roots[noted]:
            _fork(f"{said}; the first {noted} are not those signed")
        if noted < size:
            why = f"{said}: whether they are the first of those cannot be told here"
            raise ShorterError("the log is shorter than what was signed", why, AUDIT)
        found = Parting(size, behind=True)
    if found is None:
        _fork(f"{said}, and others are there")
    if found.behind:
        raise BehindError("the log is BEHIND what was signed: nothing is signed", said, GO)
    if found.changed is not None:
        _fork(f"{said}, and @{found.changed} is not what was signed")
    raise PartedError(
        "the log is FORKED from what was signed: nothing is signed",
        f"{said}: they are the same up to @{found.common}, and then it went another way",
        GO,
    )


GO = "go on with the record that was signed last; with this one: depositary fork FROM TO"


def _fork(why: str) -> NoReturn:
    then = "find the log that was signed; this one may be an older state that was restored"
    raise ForkError("the log is not what was signed: nothing is signed", why, then)


def _last(tree: TreeTables, ledger: LedgerIdentity, keyring: Keyring) -> tuple[int, Note] | None:
    kept, stored = keyring.last_signed(), tree.checkpoint()
    found: list[tuple[int, Note]] = []
    if stored is not None:
        found.append((stored[0], check_grown(tree, ledger.origin, stored[1])))
    if kept is not None:
        note = check_grown(tree, ledger.origin, kept, keyring)
        found.append((parse_checkpoint(kept)[0].size, note))
        if tree.checkpoint_of(found[-1][0]) is None:
            tree.add_checkpoint(found[-1][0], kept)  # killed before it was stored
    return max(found, key=lambda each: each[0], default=None)


def _signatures(
    text: str,
    ledger: LedgerIdentity,
    keyring: Keyring,
    sizes: tuple[int, int],
    recovery: Path | None,
) -> list[Signature]:
    wanted = required_signers(ledger.keys, *sizes)
    if not wanted:
        what, then = "no key signs for this ledger", "depositary key new, then this again"
        raise CannotSignError(what, "none is named in it", then)
    signed = [_signature(text, key, keyring) for key in wanted]
    allowed = recovery_needed(ledger.keys, *sizes)
    if allowed is not None:
        signed.append(_recovered(text, allowed, recovery, keyring))
    return signed


def _signature(text: str, key: VerifierKey, keyring: Keyring) -> Signature:
    private = kept_key(keyring, key)
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
        raise CannotSignError("that is not a recovery key", why, "name its file so")
    private = load_key(path, key, keyring.ask)
    return sign(text, key.name, private, public_of(private))
