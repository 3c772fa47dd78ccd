"""Prove that an event is in a record, or that a record only grew."""

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
        why = f"the record has @1 to @{tree.last_position()}"
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
