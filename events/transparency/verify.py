"""Check proofs and checkpoints that were handed over, without a ledger.

Each line of the answer is one thing that was checked. Files speak for each other: a proof of growth
needs the root of an older checkpoint, and two checkpoints of one size must have one root.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from events.store.errors import RecordDamagedError
from events.store.plain_files import open_plain, read_plain
from events.transparency.checkpoint import (
    Checkpoint,
    log_keys,
    parse_checkpoint,
    parse_checkpoint_text,
)
from events.transparency.checkpoint_checks import (
    OtherEntriesError,
    UnreadError,
    check_root,
    parting_check,
    somewhere,
)
from events.transparency.divergence import find_parting, prints_kept
from events.transparency.log_reading import LogReading, read_log
from events.transparency.merkle import ProofError
from events.transparency.note import (
    COSIGNATURE,
    Note,
    NoteError,
    SignatureError,
    VerifierKey,
    parse_note,
)
from events.transparency.proofs import (
    ENTRY,
    ENTRY_SUFFIX,
    FIRST_LINE,
    PROOF,
    VERIFIER,
    parse_consistency_proof,
    parse_inclusion_proof,
    shipped_verifier,
)
from events.transparency.published_log import PublishedLog
from events.transparency.publishing import CHECKPOINT
from events.transparency.signatures import good_signatures
from events.transparency.tree import Progress
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


def verify_published(
    folder: Path,
    keys: Sequence[VerifierKey],
    policy: TrustPolicy | None = None,
    since: Path | None = None,
    progress: Progress | None = None,
) -> list[VerifiedFile]:
    """Check all files of a published log, and that it grew from the checkpoint in `since`.

    `keys` are believed, and one of them must have signed its checkpoint. Raises OSError where a
    file cannot be read.
    """
    notes = [folder / CHECKPOINT, *([since] if since else [])]
    said = verify_files(notes, keys, policy, None)
    if any(each.outcome in ("altered", "undecided") for each in said):
        return said
    new, *old = (parse_checkpoint(read_plain(path, MAX_FILE_BYTES))[0] for path in notes)
    log = PublishedLog(folder, new.size)
    missing = list(log.missing())
    if missing:
        more = f", and {len(missing) - 3} more" if len(missing) > 3 else ""
        sentence = f"missing: {', '.join(missing[:3])}{more}"
        return [*said, VerifiedFile(str(folder), "undecided", sentence)]
    sizes = [each.size for each in (new, *old)]
    found = read_log(log, sizes, progress, in_full=True)
    return [
        *said,
        *(VerifiedFile(str(folder), *each) for each in _verdicts(folder, found, new, old)),
    ]


def _verdicts(
    folder: Path, found: LogReading, new: Checkpoint, old: Sequence[Checkpoint]
) -> Iterator[tuple[str, str]]:
    grown = list(_growth_since(folder, found, new, old))
    first = max((size for size, outcome, _ in grown if outcome == "holds"), default=0) + 1
    try:
        check_root(found, new)
    except UnreadError as error:
        yield "undecided", f"root: {error}"
    except OtherEntriesError as error:
        yield "altered", f"root: {error}; {somewhere(first, new.size)}"
    else:
        yield "holds", f"root: the {new.size} entries are those that were signed"
    for _, outcome, sentence in grown:
        yield outcome, f"growth: {sentence}"
    faults = {name: check.sentence for name, check in found.faults.items()}
    if new.size and found.origin != new.origin and not faults:
        faults["text"] = f"@1 opens {found.origin}, and not {new.origin}"
    for name, well in (
        ("events", ""),
        ("hashes", "every tile has the hashes of the entries"),
        ("clock", ""),
        ("text", f"every event is as this program writes it, @1 to @{new.size}"),
    ):
        label = {"hashes": "tiles", "text": "texts"}.get(name, name)
        if name in faults:
            yield "altered", f"{label}: {faults[name]}"
        elif name == "text" and found.newer:
            count, at = len(found.newer), found.newer[0]
            yield "undecided", f"texts: a newer version wrote {count} events, the first @{at}"
        elif well and "events" not in faults:
            yield "holds", f"{label}: {well}"


def _growth_since(
    folder: Path, found: LogReading, new: Checkpoint, old: Sequence[Checkpoint]
) -> Iterator[tuple[int, str, str]]:
    """Yield size, outcome and sentence for each older checkpoint."""
    for each in old:
        if each.origin != new.origin:
            yield 0, "undecided", f"the older checkpoint is of {each.origin}"
            continue
        try:
            check_root(found, each)
        except UnreadError as error:
            yield 0, "undecided", str(error)
        except OtherEntriesError as error:
            parting = None
            with suppress(RecordDamagedError):  # the texts say so
                again = PublishedLog(folder, new.size)
                parting = find_parting(again, new.size, each, prints_kept(found.ledger_id))
            if parting is not None:
                _, outcome, sentence, *_ = parting_check("", parting, each.size, new.size)
                yield 0, "altered" if outcome == "tampered" else outcome, sentence
            elif each.size > new.size:
                sentence = f"{new.size} entries are published, and {each.size} were signed"
                yield 0, "behind", sentence
            else:
                yield 0, "altered", f"{error}; {somewhere(1, each.size)}"
        else:
            sentence = f"the first {each.size} entries are those of the older checkpoint"
            yield each.size, "holds", sentence
