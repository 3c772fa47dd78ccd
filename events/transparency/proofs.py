"""Read and write proofs: that an entry is in the log, and that the log only grew.

An inclusion proof is a C2SP tlog-proof: the entry's index, the hashes from its sibling upward, and
the checkpoint that they lead to, verbatim; the entry itself is a file beside it. A consistency
proof is what a witness is sent (C2SP tlog-witness, add-checkpoint): `old N`, the hashes, a blank
line, and the newer checkpoint.
"""

from typing import NamedTuple

from events.transparency.checkpoint import Checkpoint, parse_checkpoint_text, parse_number
from events.transparency.merkle import check_consistency, check_inclusion, leaf_hash
from events.transparency.note import (
    Note,
    NoteError,
    decode_base64,
    decode_hashes,
    encode_base64,
    parse_note,
)

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63


class ProofFormatError(NoteError):
    """A proof file is the one encoding that the specification gives, with nothing added."""


class InclusionProof(NamedTuple):
    """An inclusion proof as its file holds it; `leaf_index` counts from 0, `extra` is unsigned."""

    leaf_index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def __str__(self) -> str:
        extra = "" if self.extra is None else f"extra {encode_base64(self.extra)}\n"
        hashes = "".join(f"{encode_base64(each)}\n" for each in self.hashes)
        return f"{FIRST_LINE}\n{extra}index {self.leaf_index}\n{hashes}\n{self.note}"

    @property
    def checkpoint(self) -> Checkpoint:
        """Return what the checkpoint states, not verified."""
        return parse_checkpoint_text(self.note.text)

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return str(self).encode()

    def check(self, entry: bytes) -> None:
        """Raise merkle.ProofError unless the entry is the one proved under the checkpoint."""
        tree = self.checkpoint
        check_inclusion(self.leaf_index, tree.size, leaf_hash(entry), self.hashes, tree.root)


def parse_inclusion_proof(data: bytes) -> InclusionProof:
    """Return the proof, its checkpoint not verified; raise NoteError."""
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise ProofFormatError("A proof is ASCII text down to its checkpoint.") from None
    if lines.pop(0) != FIRST_LINE or not blank:
        raise ProofFormatError(f"A proof begins with the line {FIRST_LINE}.")
    extra = decode_base64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise ProofFormatError("A proof says which entry it is about: index N.")
    index = parse_number(lines.pop(0)[6:])
    if len(lines) > MAX_HASHES:
        raise ProofFormatError(f"A proof has at most {MAX_HASHES} hashes.")
    proof = InclusionProof(index, tuple(decode_hashes(lines)), parse_note(checkpoint), extra)
    if not index < proof.checkpoint.size:
        raise ProofFormatError("A proof is about an entry that its checkpoint counts.")
    return proof


class ConsistencyFormatError(NoteError):
    """A consistency proof is the one encoding that the specification gives."""


class ConsistencyProof(NamedTuple):
    """A proof that the first `old` entries are unchanged; `note` is the newer checkpoint."""

    old: int
    hashes: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        hashes = "".join(f"{encode_base64(each)}\n" for each in self.hashes)
        return f"old {self.old}\n{hashes}\n{self.note}"

    @property
    def checkpoint(self) -> Checkpoint:
        """Return what the newer checkpoint states, not verified."""
        return parse_checkpoint_text(self.note.text)

    def encode(self) -> bytes:
        """Return the bytes that are sent to a witness."""
        return str(self).encode()

    def check(self, old_root: bytes) -> None:
        """Raise merkle.ProofError unless the newer tree begins with that of `old_root`."""
        new = self.checkpoint
        check_consistency(self.old, new.size, old_root, new.root, self.hashes)


def parse_consistency_proof(data: bytes) -> ConsistencyProof:
    """Return the proof, its checkpoint not verified; raise NoteError."""
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise ConsistencyFormatError(
            "A proof of growth is ASCII text down to its checkpoint."
        ) from None
    if not first.startswith("old ") or not blank or len(lines) > MAX_HASHES:
        raise ConsistencyFormatError("A proof of growth is `old N`, hashes, and a checkpoint.")
    growth = ConsistencyProof(
        parse_number(first[4:]), tuple(decode_hashes(lines)), parse_note(checkpoint)
    )
    if growth.old > growth.checkpoint.size:
        raise ConsistencyFormatError("A ledger does not grow backwards.")
    return growth
