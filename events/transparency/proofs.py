"""Make, read and write proofs: that an entry is in the log, and that the log only grew.

An inclusion proof is a C2SP tlog-proof: the entry's index, the hashes from its sibling upward, and
the checkpoint that they lead to, verbatim; the entry itself is a file beside it. A consistency
proof is what a witness is sent (C2SP tlog-witness, add-checkpoint): `old N`, the hashes, a blank
line, and the newer checkpoint.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from events.errors import NotFoundError, NotPossibleError, TamperingError
from events.transparency.checkpoint import Checkpoint, parse_checkpoint_text, parse_number
from events.transparency.merkle import (
    ProofError,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
)
from events.transparency.note import (
    Note,
    NoteError,
    decode_base64,
    decode_hashes,
    encode_base64,
    parse_note,
)
from events.transparency.stored_checkpoint import stored_note

if TYPE_CHECKING:
    from events.store.sqlite.tree import TreeTables

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

    @property
    def checkpoint(self) -> Checkpoint:
        """Return what the checkpoint states, not verified."""
        return parse_checkpoint_text(self.note.text)

    def encode(self) -> bytes:
        """Return the file's bytes."""
        extra = [] if self.extra is None else [f"extra {encode_base64(self.extra)}"]
        return _encoded([FIRST_LINE, *extra, f"index {self.leaf_index}"], self.hashes, self.note)

    def check(self, entry: bytes) -> None:
        """Raise merkle.ProofError unless the entry is the one proved under the checkpoint."""
        tree = self.checkpoint
        check_inclusion(self.leaf_index, tree.size, leaf_hash(entry), self.hashes, tree.root)


class ConsistencyProof(NamedTuple):
    """A proof that the first `old` entries are unchanged; `note` is the newer checkpoint."""

    old: int
    hashes: tuple[bytes, ...]
    note: Note

    @property
    def checkpoint(self) -> Checkpoint:
        """Return what the newer checkpoint states, not verified."""
        return parse_checkpoint_text(self.note.text)

    def encode(self) -> bytes:
        """Return the bytes that are sent to a witness."""
        return _encoded([f"old {self.old}"], self.hashes, self.note)

    def check(self, old_root: bytes) -> None:
        """Raise merkle.ProofError unless the newer tree begins with that of `old_root`."""
        new = self.checkpoint
        check_consistency(self.old, new.size, old_root, new.root, self.hashes)


def _encoded(head: Sequence[str], hashes: Sequence[bytes], note: Note) -> bytes:
    return "\n".join([*head, *map(encode_base64, hashes), "", str(note)]).encode()


def _split(data: bytes, first: str) -> tuple[list[str], Note]:
    """Return the lines of a proof and its checkpoint; raise NoteError."""
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise ProofFormatError("A proof is ASCII text down to its checkpoint.") from None
    if not lines[0].startswith(first) or not blank:
        raise ProofFormatError(f"A proof begins with {first}, and ends with a checkpoint.")
    return lines, parse_note(checkpoint)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > MAX_HASHES:
        raise ProofFormatError(f"A proof has at most {MAX_HASHES} hashes.")
    return tuple(decode_hashes(lines))


def parse_inclusion_proof(data: bytes) -> InclusionProof:
    """Return the proof, its checkpoint not verified; raise NoteError."""
    (first, *lines), note = _split(data, FIRST_LINE)
    extra = decode_base64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    if first != FIRST_LINE or not lines or not lines[0].startswith("index "):
        raise ProofFormatError("A proof says which entry it is about: index N.")
    proof = InclusionProof(parse_number(lines[0][6:]), _hashes(lines[1:]), note, extra)
    if not proof.leaf_index < proof.checkpoint.size:
        raise ProofFormatError("A proof is about an entry that its checkpoint counts.")
    return proof


def parse_consistency_proof(data: bytes) -> ConsistencyProof:
    """Return the proof, the newer checkpoint not verified; raise NoteError."""
    (first, *lines), note = _split(data, "old ")
    growth = ConsistencyProof(parse_number(first[4:]), _hashes(lines), note)
    if growth.old > growth.checkpoint.size:
        raise ProofFormatError("A ledger does not grow backwards.")
    return growth


def prove_event(tree: "TreeTables", position: int) -> tuple[InclusionProof, bytes]:
    """Return the proof of the event at a position, and the event's stored bytes.

    It leads to the newest checkpoint. Raises NotFoundError where there is no such event,
    NotPossibleError for one that was not signed yet, TamperingError for one that was changed.
    """
    entry = next(iter(tree.rows(position - 1, position)), None)
    if entry is None:
        why = f"the log has @1 to @{tree.last_position()}"
        raise NotFoundError(f"there is no event @{position}", why, "depositary log")
    found = tree.checkpoint(at_least=position)
    if found is None:
        why, then = (
            f"@{position} was recorded after the last one was signed",
            "depositary checkpoint",
        )
        if tree.checkpoint() is None:
            why, then = "nothing was signed yet", f"depositary key new (once), then {then}"
        raise NotPossibleError("no checkpoint covers it yet", why, then)
    size, data = found
    hashes = tuple(inclusion_proof(position - 1, size, tree.nodes))
    proof = InclusionProof(position - 1, hashes, stored_note(tree, size, data))
    try:
        proof.check(entry.state)
    except ProofError as error:
        why = f"@{position}: {error}"
        raise TamperingError("the event was changed", why, "depositary audit") from None
    return proof, entry.state


def prove_growth(tree: "TreeTables", old: int, new: int) -> ConsistencyProof:
    """Return the proof that a signed tree grew from an older one; raise NotFoundError."""
    data = tree.checkpoint_of(new)
    if data is None or old > new:
        sizes = [size for size, _ in tree.checkpoints()][-5:]
        raise NotFoundError(
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


def make_bundle(folder: Path, proof: InclusionProof, entry: bytes, vkeys: Sequence[str]) -> None:
    """Write a folder with event, proof, keys and verifier; raise NotPossibleError if taken."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        why = f"{folder} is left as it is"
        raise NotPossibleError("there is something already", why, "name another folder")
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
