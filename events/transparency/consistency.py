"""How is it written down that the ledger has only grown since a checkpoint?

As a witness is asked (C2SP tlog-witness, add-checkpoint): `old N`, the hashes of the consistency
proof, a blank line, and the newer checkpoint.
"""

from typing import NamedTuple

from events.transparency.checkpoint import Checkpoint, parse_body, parse_number
from events.transparency.merkle import check_consistency
from events.transparency.note import Note, NoteError, b64, parse, unb64_hashes

MAX_HASHES = 63


class GrowthFormatError(NoteError):
    """A proof of growth is the one encoding that the specification gives."""


class Growth(NamedTuple):
    """A proof that the first `old` entries are as they were; `note` is the newer checkpoint."""

    old: int
    hashes: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        hashes = "".join(f"{b64(each)}\n" for each in self.hashes)
        return f"old {self.old}\n{hashes}\n{self.note}"

    @property
    def checkpoint(self) -> Checkpoint:
        """Return what the newer checkpoint says, whoever signed it."""
        return parse_body(self.note.text)

    def encode(self) -> bytes:
        """Return the bytes that are sent to a witness."""
        return str(self).encode()

    def check(self, old_root: bytes) -> None:
        """Raise merkle.ProofError unless the newer tree begins with that of `old_root`."""
        new = self.checkpoint
        check_consistency(self.old, new.size, old_root, new.root, self.hashes)


def parse_growth(data: bytes) -> Growth:
    """Return the proof, without trusting its checkpoint; raise NoteError."""
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise GrowthFormatError("A proof of growth is ASCII text down to its checkpoint.") from None
    if not first.startswith("old ") or not blank or len(lines) > MAX_HASHES:
        raise GrowthFormatError("A proof of growth is `old N`, hashes, and a checkpoint.")
    growth = Growth(parse_number(first[4:]), tuple(unb64_hashes(lines)), parse(checkpoint))
    if growth.old > growth.checkpoint.size:
        raise GrowthFormatError("A ledger does not grow backwards.")
    return growth
