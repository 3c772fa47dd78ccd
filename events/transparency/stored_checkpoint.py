"""Read a checkpoint that a log keeps, with the signatures of witnesses below its own."""

from events.errors import TamperingError
from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.merkle import root
from events.transparency.note import Note, NoteError, parse_signature

AUDIT = "depositary audit"


class ForkError(TamperingError):
    """What is signed grew from what was signed before."""


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
        why = f"that of {size} entries is not of this log"
    except NoteError as error:
        why = f"that of {size} entries: {error}"
    raise ForkError("a stored checkpoint was changed", why, AUDIT)
