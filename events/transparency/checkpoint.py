"""Read and verify checkpoints: the signed statement of the log's size and root.

The body is that of a C2SP tlog-checkpoint: origin, size and root, a line each, without extension
lines. The name of the key that signs it is the origin.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from events.transparency.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE
from events.transparency.note import (
    ED25519,
    Note,
    NoteError,
    VerifierKey,
    decode_base64,
    encode_base64,
    parse_note,
)

_is_number = re.compile(r"0|[1-9][0-9]{0,18}").fullmatch


class CheckpointError(NoteError):
    """A checkpoint is origin, size and 32-byte root, one line each, and nothing else."""


class Checkpoint(NamedTuple):
    """A ledger's tree at one moment: its origin, number of entries, and 32-byte root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def parse_number(text: str) -> int:
    """Return a number written in its one way, up to 2**63 - 1; raise CheckpointError."""
    if not _is_number(text) or int(text) > MAX_SIZE:
        raise CheckpointError(f"'{text[:40]}' is not a size: digits, without a leading zero.")
    return int(text)


def parse_checkpoint_text(text: str) -> Checkpoint:
    """Return what a checkpoint's text states; raise CheckpointError."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise CheckpointError("A checkpoint is three lines: origin, size and root.")
    try:
        root = decode_base64(lines[2])
    except NoteError as error:
        raise CheckpointError(str(error)) from None
    if len(root) != HASH_BYTES:
        raise CheckpointError(f"The root of a checkpoint has 32 bytes, and this one {len(root)}.")
    size = parse_number(lines[1])
    if size == 0 and root != EMPTY_ROOT:
        raise CheckpointError("The root of no entries is not that of the empty tree.")
    return Checkpoint(lines[0], size, root)


def parse_checkpoint(data: bytes) -> tuple[Checkpoint, Note]:
    """Return what the bytes of a checkpoint state, not verified; raise NoteError."""
    note = parse_note(data)
    return parse_checkpoint_text(note.text), note


def log_keys(origin: str, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """Return the keys that may sign for a log: those named as its origin, without witnesses."""
    return [key for key in keys if key.name == origin and key.algorithm == ED25519]
