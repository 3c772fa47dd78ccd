"""Check proofs and checkpoints that were handed over, without a ledger.

Each line of the answer is one thing that was checked. Files speak for each other: a proof of growth
needs the root of an older checkpoint, and two checkpoints of one size must have one root.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from events.store.plain_files import open_plain
from events.transparency.checkpoint import Checkpoint, log_keys, parse_checkpoint_text
from events.transparency.merkle import ProofError
from events.transparency.note import (
    COSIGNATURE,
    Note,
    NoteError,
    SignatureError,
    VerifierKey,
    good_signatures,
    parse_note,
)
from events.transparency.proofs import FIRST_LINE, parse_consistency_proof, parse_inclusion_proof
from events.transparency.prove import ENTRY, ENTRY_SUFFIX, PROOF, VERIFIER, shipped_verifier
from events.transparency.trust_policy import TrustPolicy

MAX_FILE_BYTES = 2_000_000


class VerifiedFile(NamedTuple):
    """One thing that was checked: what file, its `outcome`, and a sentence.

    An outcome is holds, altered, forked, behind, no, undecided
    or careful.
    """

    file: str
    outcome: str
    sentence: str


def verify_files(
    files: Sequence[Path],
    keys: Sequence[VerifierKey],
    policy: TrustPolicy | None,
    entry: Path | None,
) -> list[VerifiedFile]:
    """Check each file, checkpoints first, for proofs of growth lean on them."""
    checking = _Checking(keys, policy, entry)
    held = [(path, *_read(path)) for path in files]
    for kind in (_checkpoint, _bundle, _proof, _growth):
        for path, where, data in held:
            if _kind_of(path, data) is kind:
                checking.check(path, where, data, kind)
    checking.compare()
    return checking.verdicts


class _Checking:
    """What was seen so far: the checkpoints that a known key signed."""

    def __init__(
        self, keys: Sequence[VerifierKey], policy: TrustPolicy | None, entry: Path | None
    ) -> None:
        self.keys, self.policy, self.entry = keys, policy, entry
        self.verdicts: list[VerifiedFile] = []
        self.seen: list[tuple[str, Checkpoint]] = []

    def check(self, path: Path, where: Path, data: bytes, kind: "_Kind") -> None:
        try:
            kind(self, where, _of_bounded_size(where, data))
            if where != path:
                self.say(path, *_of_its_verifier(path))
        except (SignatureError, ProofError) as error:
            undecided = isinstance(error, _UnknownSignerError)
            self.say(path, "undecided" if undecided else "altered", str(error))
        except (NoteError, OSError) as error:
            self.say(path, "undecided", str(error))

    def say(self, path: Path, outcome: str, sentence: str) -> None:
        self.verdicts.append(VerifiedFile(str(path), outcome, sentence))

    def signed(self, path: Path, note: Note) -> Checkpoint:
        """Say who signed a checkpoint; raise if no known signer did."""
        tree = parse_checkpoint_text(note.text)
        found = good_signatures(note, self.keys)
        if not log_keys(tree.origin, [key for key, _ in found]):
            raise _UnknownSignerError(f"no known key of {tree.origin} signed it")
        self.say(path, "holds", f"{tree.origin} signed a checkpoint of {tree.size} entries")
        witnesses = [key for key, _ in found if key.algorithm == COSIGNATURE]
        for key in witnesses:
            self.say(path, "holds", f"witness {key.name} signed it too")
        if self.policy is not None:
            met = self.policy.is_met(witnesses)
            sentence = "is met" if met else "is not met"
            self.say(path, "holds" if met else "no", f"the quorum of the policy {sentence}")
        self.seen.append((str(path), tree))
        return tree

    def compare(self) -> None:
        """Say if two checkpoints of one size differ: then two ledgers were shown."""
        roots: dict[tuple[str, int], tuple[str, bytes]] = {}
        for name, tree in self.seen:
            other, root = roots.setdefault((tree.origin, tree.size), (name, tree.root))
            if root != tree.root:
                sentence = f"and {other} are both signed, of {tree.size} entries, and differ"
                self.say(Path(name), "altered", sentence)


class _UnknownSignerError(SignatureError):
    """No key that the user trusts signed it."""


def _checkpoint(checking: _Checking, path: Path, data: bytes) -> None:
    checking.signed(path, parse_note(data))


def _proof(checking: _Checking, path: Path, data: bytes) -> None:
    beside = path.with_name(f"{path.name}{ENTRY_SUFFIX}")
    if path.name == PROOF and not beside.exists():
        beside = path.with_name(ENTRY)
    _prove_entry(checking, path, data, beside)


def _bundle(checking: _Checking, path: Path, data: bytes) -> None:
    # Of its two files, as its own verifier takes them, and of no other that lies beside them.
    _prove_entry(checking, path, data, path.with_name(ENTRY))


def _prove_entry(checking: _Checking, path: Path, data: bytes, beside: Path) -> None:
    proof = parse_inclusion_proof(data)
    tree = checking.signed(path, proof.note)
    entry = checking.entry or beside
    if not entry.exists():
        raise NoteError(f"{entry} is missing: the event's own bytes are needed, --entry FILE")
    proof.check(_of_bounded_size(entry, _content(entry)))
    sentence = f"is @{proof.leaf_index + 1} of {tree.size}, and was not altered since"
    checking.say(path, "holds", f"{entry.name} {sentence}")


def _growth(checking: _Checking, path: Path, data: bytes) -> None:
    growth = parse_consistency_proof(data)
    older = [tree for _, tree in checking.seen if tree.size == growth.old]
    new = checking.signed(path, growth.note)
    mine = [tree for tree in older if tree.origin == new.origin]
    if not mine:
        raise NoteError(f"the checkpoint of {growth.old} entries is not among the files")
    growth.check(mine[0].root)
    sentence = f"the first {growth.old} of {new.size} entries are those of the older checkpoint"
    checking.say(path, "holds", sentence)


_Kind = Callable[[_Checking, Path, bytes], None]


def _kind_of(path: Path, data: bytes) -> _Kind:
    if path.is_dir():
        return _bundle
    if data.startswith(FIRST_LINE.encode() + b"\n"):
        return _proof
    return _growth if data.startswith(b"old ") else _checkpoint


def _read(path: Path) -> tuple[Path, bytes]:
    where = path / PROOF if path.is_dir() else path
    return where, _content(where)


def _content(path: Path) -> bytes:
    with open_plain(path) as file:
        return file.read(MAX_FILE_BYTES + 1)


def _of_bounded_size(path: Path, data: bytes) -> bytes:
    if len(data) > MAX_FILE_BYTES:
        raise NoteError(f"{path.name} has more than {MAX_FILE_BYTES:,} bytes")
    return data


def _of_its_verifier(folder: Path) -> tuple[str, str]:
    """Say whether the program in a bundle is the one that this version puts into bundles."""
    path = folder / VERIFIER
    if not path.exists():
        return "careful", f"it has no {VERIFIER}"
    digest, ours = sha256(_content(path)).hexdigest(), sha256(shipped_verifier()).hexdigest()
    if digest == ours:
        return "holds", f"its {VERIFIER} is the one that this version ships (SHA-256 {ours})"
    return "careful", (
        f"its {VERIFIER} is not the one that this version ships: SHA-256 {digest}, and not {ours};"
        " do not run it unless you know it"
    )
