"""How is it written down that an entry is in the ledger?

C2SP tlog-proof: the entry's index, the hashes from its sibling upward, and the checkpoint that
they lead to, verbatim. The entry itself travels beside it.
"""

from typing import NamedTuple

from events.transparency.checkpoint import Checkpoint, parse_body, parse_number
from events.transparency.merkle import check_inclusion, leaf_hash
from events.transparency.note import Note, NoteError, b64, parse, unb64, unb64_hashes

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63


class ProofFormatError(NoteError):
    """A proof file is the one encoding that the specification gives, and nothing beside it."""


class Proof(NamedTuple):
    """A proof as its file holds it; `leaf_index` counts from 0, `extra` is nobody's word."""

    leaf_index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def __str__(self) -> str:
        extra = "" if self.extra is None else f"extra {b64(self.extra)}\n"
        hashes = "".join(f"{b64(each)}\n" for each in self.hashes)
        return f"{FIRST_LINE}\n{extra}index {self.leaf_index}\n{hashes}\n{self.note}"

    @property
    def checkpoint(self) -> Checkpoint:
        """Return what the checkpoint says, whoever signed it."""
        return parse_body(self.note.text)

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return str(self).encode()

    def check(self, entry: bytes) -> None:
        """Raise merkle.ProofError unless the entry is the one proved under the checkpoint."""
        tree = self.checkpoint
        check_inclusion(self.leaf_index, tree.size, leaf_hash(entry), self.hashes, tree.root)


def parse_proof(data: bytes) -> Proof:
    """Return the proof, without trusting its checkpoint; raise NoteError."""
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise ProofFormatError("A proof is ASCII text down to its checkpoint.") from None
    if lines.pop(0) != FIRST_LINE or not blank:
        raise ProofFormatError(f"A proof begins with the line {FIRST_LINE}.")
    extra = unb64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise ProofFormatError("A proof says which entry it is about: index N.")
    index = parse_number(lines.pop(0)[6:])
    if len(lines) > MAX_HASHES:
        raise ProofFormatError(f"A proof has at most {MAX_HASHES} hashes.")
    proof = Proof(index, tuple(unb64_hashes(lines)), parse(checkpoint), extra)
    if not index < proof.checkpoint.size:
        raise ProofFormatError("A proof is about an entry that its checkpoint counts.")
    return proof
