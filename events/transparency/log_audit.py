"""Audit the event log against its tree, its checkpoints, its witnesses and copies from outside.

Everything is computed again from the stored bytes: leaves, nodes, and the root at every size that
was signed. The result is a list of named checks, each with an outcome and the first place where it
fails.

A hash tree proves nothing against whoever holds the key, unless another party holds a checkpoint:
so the copies compared are named, and an audit without any says so. What needs the answers is
checked elsewhere, and so is whose key it is that signs.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

from events.identifiers import is_ledger_id
from events.store.errors import ReadingPreventedError, StoreError
from events.store.factory import open_reader, open_tree, record_inspection
from events.store.ledger_folder import LedgerLocation
from events.store.location import Location
from events.store.plain_files import open_plain, read_plain
from events.store.rows import Row
from events.store.source_archive import measure_document
from events.text import count_noun
from events.transparency.checkpoint import Checkpoint, parse_checkpoint
from events.transparency.checkpoint_checks import (
    CheckpointCopy,
    check_copies,
    check_cosignatures,
    check_stored,
    parting_check,
)
from events.transparency.divergence import Parting, Prints, find_parting
from events.transparency.keyring import Keyring
from events.transparency.log_reading import Check, LogReading, Outcome, read_log
from events.transparency.merkle import ProofError
from events.transparency.note import NoteError, VerifierKey, encode_base64
from events.transparency.proofs import ENTRY, ENTRY_SUFFIX, FIRST_LINE, PROOF, parse_inclusion_proof
from events.transparency.published_log import if_readable, prints_published
from events.transparency.publishing import CHECKPOINT, differing_files
from events.transparency.tiles import (
    ENTRIES,
    MAX_PUBLISHED_BYTES,
    WIDTH,
    Tile,
    TileError,
    decode_entries,
)
from events.transparency.tree import Progress
from events.transparency.trust_policy import TrustPolicy

_SENTENCES = {
    "events": "{last} events, @1 to @{last}, {leaves} of them in the tree, one leaf each, in order",
    "hashes": "every leaf and node, computed again, equals the stored one",
    "clock": "recorded times never run backwards",
    "columns": "the columns beside each event are as its bytes say",
    "text": "every event is as this program writes it, and valid for its type",
}
# The message about a broken schema may not be UTF-8.
_BROKEN = (StoreError, UnicodeError)


class AuditReport(NamedTuple):
    """The checks of one audit, what was read, and the largest size whose checkpoint is good.

    `stored` are the checkpoints in the record, by size, as they stand there.
    """

    checks: tuple[Check, ...]
    found: LogReading | None
    last_good: int | None
    stored: tuple[tuple[int, bytes], ...] = ()


def audit_log(
    where: Location,
    copies: Sequence[CheckpointCopy] = (),
    policy: TrustPolicy | None = None,
    progress: Progress | None = None,
    *,
    in_full: bool = False,
    known: Sequence[Prints] = (),
    trusted: Sequence[VerifierKey] = (),
) -> AuditReport:
    """Check a log against itself and against copies from outside; raises no error of the store.

    In full the text of events is checked too. By `known` prints of signed entries a fork is told
    from a change; `trusted` keys sign copies beside those that the log names.
    """
    checks = list(_check_store(where))
    try:
        with open_tree(where) as record, record.snapshot():
            stored = tuple(record.checkpoints())
            sizes = [size for size, _ in stored]
            sizes += [said.size for copy in copies if (said := _stated(copy.data))]
            found = read_log(record, sizes, progress, in_full=in_full)
            vouched, last_good = check_stored(found, stored)

            def part(signed: Checkpoint) -> Parting | None:
                return find_parting(record, found.last, signed, known)

            outside = list(check_copies(found, copies, last_good, trusted, part))
            signatures = check_cosignatures(dict(stored), record.cosignatures(), policy)
    except _BROKEN as error:
        return AuditReport((*checks, _failed("events", error)), None, None)
    return AuditReport(
        (*checks, *_check_events(found, in_full=in_full), vouched, *outside, signatures),
        found,
        last_good,
        stored,
    )


def _check_store(where: Location) -> Iterator[Check]:
    try:
        inspection = record_inspection(where)
    except StoreError as error:
        yield _failed("file", error)
        return
    for name, check, well in inspection.checks:
        if check is None:
            yield Check(name, "skipped", well)
            continue
        try:
            wrong = list(check(where))
        except _BROKEN as error:
            yield _failed(name, error)
            continue
        yield Check(name, "tampered" if wrong else "holds", "; ".join(wrong[:3]) or well)
    try:
        late = list(inspection.wrong_versions(where))
    except _BROKEN as error:
        yield _failed("versions", error)
        return
    if late:
        yield Check("versions", "tampered", late[0][1], late[0][0])
    else:
        yield Check("versions", "holds", "the events of each subject are numbered without a gap")


def _check_events(found: LogReading, *, in_full: bool) -> Iterator[Check]:
    if found.last == 0:
        found.fault("events", "there is no event, and a ledger has its first from the beginning")
    if found.parent is not None:
        parent, at = found.parent
        outcome: Outcome = "holds" if at <= found.last else "tampered"
        yield Check("fork", outcome, f"it says that up to @{at} its events are those of {parent}")
    for name, sentence in _SENTENCES.items():
        if name == "columns" and in_full:
            continue  # the text of an event is held to its columns
        if name in found.faults:
            yield found.faults[name]
        elif name == "text" and not in_full:
            yield Check(name, "skipped", "not asked for")
        elif name == "text" and found.newer:
            say = f"{len(found.newer)} events were written by a newer version of depositary"
            yield Check(name, "undecided", say, found.newer[0])
        elif "events" in found.faults:
            yield Check(name, "undecided", "the events could not all be read")
        else:
            said = sentence.format(last=found.last, leaves=found.tree_size)
            yield Check(name, "holds", said)


def _failed(name: str, error: Exception) -> Check:
    unread = isinstance(error, ReadingPreventedError)
    return Check(name, "undecided" if unread else "tampered", str(error))


MAX_FILE_BYTES = 2_000_000


def copies_of(files: Sequence[Path]) -> list[CheckpointCopy]:
    """Return the checkpoints in files: notes, proofs, bundles, or folders that were published.

    A published folder without its checkpoint has none; its entries are compared nevertheless.
    Raises NotAFileError for what is no plain file, and the OSError of opening.
    """
    found = [(path, _checkpoint_in(path)) for path in files]
    return [CheckpointCopy(str(path), data) for path, data in found if data is not None]


def _checkpoint_in(path: Path) -> bytes | None:
    where = path
    if path.is_dir():
        names = (CHECKPOINT, PROOF)
        inside = next((path / name for name in names if (path / name).exists()), None)
        if inside is None:
            return None
        where = inside
    data = _content(where)
    if data.startswith(FIRST_LINE.encode()):
        try:
            return parse_inclusion_proof(data).note.encode()
        except NoteError:
            return data  # the audit says what is wrong with it
    if data.startswith(b"old "):
        return data.partition(b"\n\n")[2]
    return data


def _content(path: Path) -> bytes:
    with open_plain(path) as file:
        return file.read(MAX_FILE_BYTES)


def check_outside(record: Location, found: LogReading, path: Path) -> Iterator[Check]:
    """Compare what a copy holds beside its checkpoint: published files, the entry of a proof."""
    if not path.is_dir():
        yield from _check_entry(record, found, path, path.with_name(f"{path.name}{ENTRY_SUFFIX}"))
    elif (path / PROOF).exists():
        yield from _check_entry(record, found, path / PROOF, path / ENTRY)
    else:
        yield from check_published(record, found, path)


def _check_entry(record: Location, found: LogReading, proof: Path, entry: Path) -> Iterator[Check]:
    """Compare the entry beside a proof, if it is one that fits it, with the event recorded."""
    name = f"entry {entry}"
    data = _content(proof)
    if not data.startswith(FIRST_LINE.encode()) or not entry.exists():
        return
    try:
        proved, said = parse_inclusion_proof(data), _content(entry)
        if proved.checkpoint.origin != found.origin:
            return  # the check of its checkpoint says so
        proved.check(said)
        position = proved.leaf_index + 1
        with open_reader(record) as reader:
            rows = [row.state for row in reader.rows(after=position - 1, until=position)]
    except (NoteError, ProofError) as error:
        yield Check(name, "undecided", f"it does not fit its proof: {error}")
    except StoreError as error:
        yield Check(name, "undecided", str(error))
    else:
        if rows == [said]:
            yield Check(name, "holds", f"@{position} is as it says")
        else:
            yield Check(name, "tampered", f"@{position} is not as it says", position)


def own_copy(ledger_id: str) -> list[CheckpointCopy]:
    """Return the checkpoint kept beside the key: no outside copy, but no backup restores it."""
    kept = Keyring(ledger_id).last_signed() if is_ledger_id(ledger_id) else None
    return [] if kept is None else [CheckpointCopy("kept beside the key", kept, ours=True)]


def check_signed_here(
    stored: Sequence[tuple[int, bytes]], ledger_id: str, until: int
) -> Iterator[Check]:
    """Say whether each checkpoint that was signed on this machine is still in the record.

    `until` is the last position up to which the record is what was signed here.
    """
    if not is_ledger_id(ledger_id):
        return  # the record is too broken to say whose it is
    noted = Keyring(ledger_id).stored_roots()
    there = {
        size: encode_base64(said.root) if (said := _stated(data)) else "" for size, data in stored
    }
    kept = (said for copy in own_copy(ledger_id) if (said := _stated(copy.data)))
    signed = {*noted, *(said.size for said in kept)}
    due = sorted(size for size in signed if 0 < size <= until)
    missing = [size for size in due if size not in there]
    other = [size for size in due if size in there and noted.get(size, there[size]) != there[size]]
    if not due:
        return
    if other:
        sentence = f"the checkpoint of {other[0]} entries is not the one signed on this machine"
        yield Check("signed", "tampered", sentence)
    elif not missing:
        sentence = f"{count_noun(len(due), 'checkpoint')} signed on this machine, none missing"
        yield Check("signed", "holds", sentence)
    elif missing == due[-1:] and not any(missing[0] < size <= until for size in there):
        # A run that was killed, or a backup from just before it, lacks the newest one alone.
        sentence = (
            f"the checkpoint of {missing[0]} entries was signed on this machine, and is not in the"
            " log: depositary checkpoint puts it back"
        )
        yield Check("signed", "finding", sentence)
    else:
        listed = ", ".join(map(str, missing[:5]))
        sentence = (
            f"{len(missing)} of {len(due)} signed on this machine are gone: of {listed} entries"
        )
        yield Check("signed", "tampered", sentence)


def _stated(data: bytes) -> Checkpoint | None:
    """Return what the bytes of a checkpoint state; None where they are none."""
    try:
        return parse_checkpoint(data)[0]
    except NoteError:
        return None


def check_published(record: Location, found: LogReading, folder: Path) -> Iterator[Check]:
    """Compare each published file with the record; name the first event that differs."""
    name = f"published {folder}"
    try:
        size = _size_published(folder)
        if not size:
            yield Check(name, "undecided", "it has no checkpoint, no proof and no entries")
            return
        with open_tree(record) as tree, tree.snapshot():
            whole = size <= min(found.last, tree.size())
            wrong = next(differing_files(tree, size, folder), None) if whole else None
            if whole and wrong is None:
                yield Check(name, "holds", f"every file of {size} entries equals the log")
                return
            read = if_readable(folder, size)
            if not whole:
                prints = prints_published(folder, size)
                read = lambda: prints  # noqa: E731 - what cannot be read was raised
            parting = find_parting(tree, found.last, _signed_in(folder), [read])
            if parting is not None:
                yield parting_check(name, parting, size, found.last)
                return
            if wrong is None:  # more than the record has, or than its tree
                if find_parting(tree, found.last, None, [read]) is None:
                    sentence = f"its {size} entries equal those of the log"
                    yield Check(name, "holds", sentence)
                else:
                    yield Check(name, "undecided", "its entries are not what its checkpoint says")
                return
            tile, what = wrong
            position = None
            if tile.level == ENTRIES and what == "differs":
                rows = tree.rows(tile.start, tile.start + tile.width)
                data = read_plain(folder / tile.path, MAX_PUBLISHED_BYTES)
                position = _first_other(data, rows, tile.start)
    except (NoteError, OSError, StoreError) as error:
        yield Check(name, "undecided", str(error))
        return
    sentence = f"{tile.path} {what}"
    yield Check(name, "tampered" if what == "differs" else "finding", sentence, position)


def published_prints(files: Sequence[Path]) -> list[Prints]:
    """Return how to read the prints of the entries in each file that is a published folder."""
    found: list[Prints] = []
    for folder in files:
        with suppress(NoteError, OSError):
            if (folder / CHECKPOINT).exists():
                found.append(if_readable(folder, _size_published(folder)))
    return found


def _signed_in(folder: Path) -> Checkpoint | None:
    path = folder / CHECKPOINT
    return parse_checkpoint(_content(path))[0] if path.exists() else None


def _size_published(folder: Path) -> int:
    if signed := _signed_in(folder):
        return signed.size
    full = next(n for n in count() if not (folder / Tile(ENTRIES, n).path).exists())
    widths = range(WIDTH - 1, 0, -1)
    partial = next((w for w in widths if (folder / Tile(ENTRIES, full, w).path).exists()), 0)
    return full * WIDTH + partial


def _first_other(data: bytes, rows: Sequence[Row], start: int) -> int:
    try:
        entries = decode_entries(data)
    except TileError:
        return start + 1
    pairs = zip(entries, rows, strict=False)
    return start + 1 + next((n for n, (e, row) in enumerate(pairs) if e != row.state), 0)


def check_sources(place: LedgerLocation, archived: Sequence[tuple[int, str]]) -> Check:
    """Say whether each archived source is there, with the digest that was recorded."""
    count = len({digest for _, digest in archived})
    if place.folder is None and archived:
        sentence = f"{count} copies were archived, and a ledger without a folder holds none"
        return Check("sources", "skipped", sentence)
    missing = []
    for position, digest in archived:
        path = place.sources / digest
        if path.is_symlink() or not path.is_file():
            missing.append(position)
        elif measure_document(path, follow=False).sha256 != digest:
            return Check("sources", "tampered", f"{path.name} is another document now", position)
    if missing:
        listed = ", ".join(f"@{position}" for position in missing[:5])
        return Check(
            "sources", "finding", f"{len(missing)} copies are missing: {listed}", missing[0]
        )
    return Check("sources", "holds", f"{count} archived copies, each with its digest")
