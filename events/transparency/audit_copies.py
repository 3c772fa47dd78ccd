"""Compare a record with copies of checkpoints, a published ledger and archived sources."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from events.identifiers import is_ledger_id
from events.store.errors import StoreError
from events.store.factory import open_reader, open_tree
from events.store.ledger_folder import LedgerLocation
from events.store.location import Location
from events.store.plain_files import open_plain, read_plain
from events.store.rows import Row
from events.store.source_archive import measure_document
from events.text import count_noun
from events.transparency.checkpoint import Checkpoint, parse_checkpoint
from events.transparency.checkpoint_checks import CheckpointCopy, parting_check
from events.transparency.keyring import Keyring
from events.transparency.log_reading import Check, LogReading
from events.transparency.merkle import ProofError
from events.transparency.note import NoteError, encode_base64
from events.transparency.parting import Prints, find_parting, if_readable, prints_published
from events.transparency.proofs import ENTRY, ENTRY_SUFFIX, FIRST_LINE, PROOF, parse_inclusion_proof
from events.transparency.publishing import (
    CHECKPOINT,
    ENTRIES,
    MAX_PUBLISHED_BYTES,
    WIDTH,
    Tile,
    TileError,
    decode_entries,
    differing_files,
)

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
    there = {size: _root_of(data) for size, data in stored}
    signed = {*noted, *(_size_of(copy.data) for copy in own_copy(ledger_id))}
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


def _root_of(data: bytes) -> str:
    try:
        return encode_base64(parse_checkpoint(data)[0].root)
    except NoteError:
        return ""


def _size_of(data: bytes) -> int:
    try:
        return parse_checkpoint(data)[0].size
    except NoteError:
        return 0


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
