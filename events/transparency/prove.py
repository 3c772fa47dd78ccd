"""Prove that an event is in a record, or that a record only grew."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from events.errors import NotFoundError, NotPossibleError, TamperingError
from events.transparency.merkle import ProofError, consistency_proof, inclusion_proof
from events.transparency.proofs import ConsistencyProof, InclusionProof
from events.transparency.signing import stored_note

if TYPE_CHECKING:
    from events.store.sqlite.tree import TreeTables


class NothingToProveError(NotFoundError):
    """A proof is of an event that was recorded, or between checkpoints that were signed."""


class NotSignedYetError(NotPossibleError):
    """An event is proved by a checkpoint that was signed after it."""


class EventChangedError(TamperingError):
    """An event is the one that was hashed."""


def prove_event(tree: "TreeTables", position: int) -> tuple[InclusionProof, bytes]:
    """Return the proof of the event at a position, and the event's stored bytes.

    It leads to the newest checkpoint. Raises NothingToProveError, NotSignedYetError,
    EventChangedError and ForkError.
    """
    entry = next(iter(tree.rows(position - 1, position)), None)
    if entry is None:
        why = f"the log has @1 to @{tree.last_position()}"
        raise NothingToProveError(f"there is no event @{position}", why, "depositary log")
    found = tree.checkpoint(at_least=position)
    if found is None:
        why = f"@{position} was recorded after the last one was signed"
        raise NotSignedYetError("no checkpoint covers it yet", why, "depositary checkpoint")
    size, data = found
    hashes = tuple(inclusion_proof(position - 1, size, tree.nodes))
    proof = InclusionProof(position - 1, hashes, stored_note(tree, size, data))
    try:
        proof.check(entry.state)
    except ProofError as error:
        why = f"@{position}: {error}"
        raise EventChangedError("the event was changed", why, "depositary audit") from None
    return proof, entry.state


def prove_growth(tree: "TreeTables", old: int, new: int) -> ConsistencyProof:
    """Return the proof that a signed tree grew from an older one; raise NothingToProveError."""
    data = tree.checkpoint_of(new)
    if data is None or old > new:
        sizes = [size for size, _ in tree.checkpoints()][-5:]
        raise NothingToProveError(
            f"there is no checkpoint of {new} entries that grew from {old}",
            f"the last ones are of {', '.join(map(str, sizes)) or 'no size yet'}",
            "depositary checkpoint",
        )
    hashes = tuple(consistency_proof(old, new, tree.nodes))
    return ConsistencyProof(old, hashes, stored_note(tree, new, data))


ENTRY_SUFFIX = ".entry"  # of the event's bytes beside a proof that is no bundle
PROOF, ENTRY, KEYS, VERIFIER, README = (
    "proof.tlog-proof",
    "entry.json",
    "keys.txt",
    "verify.py",
    "README.txt",
)

_README = """\
This folder shows that an event was in a ledger when a checkpoint was signed.

  {entry}        the event, byte for byte
  {proof}  the way from it to the checkpoint (c2sp.org/tlog-proof@v1)
  {keys}          the ledger's verifier keys, as the ledger itself names them
  {verifier}         checks all this with Python 3 and openssl, and without a network

    python3 {verifier}
    python3 {verifier} --vkey KEY

The first takes the keys from this folder, and so from whoever gave it to you. The second takes a
key that you found elsewhere, and is the check that counts: compare the key with what the ledger
publishes, or with a copy that another party keeps.

What it shows: the event was not altered since the checkpoint was signed. What it does not show:
that what the event says is true, or that the ledger showed the same to everybody. For the latter,
compare the checkpoint with one that another party holds.
"""


class BundleError(NotPossibleError):
    """A bundle is a new folder, or one that is empty."""


def make_bundle(folder: Path, proof: InclusionProof, entry: bytes, vkeys: Sequence[str]) -> None:
    """Write a folder with event, proof, keys and verifier; raise BundleError if taken."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        why = f"{folder} is left as it is"
        raise BundleError("there is something already", why, "name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ENTRY).write_bytes(entry)
    (folder / PROOF).write_bytes(proof.encode())
    (folder / KEYS).write_text("".join(f"{vkey}\n" for vkey in vkeys), "utf-8")
    (folder / VERIFIER).write_bytes(shipped_verifier())
    said = _README.format(entry=ENTRY, proof=PROOF, keys=KEYS, verifier=VERIFIER)
    (folder / README).write_text(said, "utf-8")


def shipped_verifier() -> bytes:
    """Return the program that goes into every bundle, byte for byte."""
    return (files("events.transparency.proof_bundle") / VERIFIER).read_bytes()
