"""Compare a record with copies of checkpoints, a published ledger and archived sources."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from events.store.errors import StoreError
from events.store.factory import open_tree
from events.store.ledger_folder import LedgerLocation
from events.store.location import Location
from events.store.rows import Row
from events.store.source_archive import measure_document
from events.transparency.audit import Check, CheckpointCopy, LogReading
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.keyring import Keyring
from events.transparency.note import NoteError
from events.transparency.proofs import FIRST_LINE, parse_inclusion_proof
from events.transparency.publishing import (
    CHECKPOINT,
    ENTRIES,
    TileError,
    decode_entries,
    differing_files,
)

MAX_FILE_BYTES = 2_000_000


def copies_of(files: Sequence[Path]) -> list[CheckpointCopy]:
    """Return the checkpoints in files: notes, proofs, or folders that were published."""
    return [CheckpointCopy(str(path), _checkpoint_in(path)) for path in files]


def _checkpoint_in(path: Path) -> bytes:
    with (path / CHECKPOINT if path.is_dir() else path).open("rb") as file:
        data = file.read(MAX_FILE_BYTES)
    if data.startswith(FIRST_LINE.encode()):
        try:
            return parse_inclusion_proof(data).note.encode()
        except NoteError:
            return data  # the audit says what is wrong with it
    if data.startswith(b"old "):
        return data.partition(b"\n\n")[2]
    return data


def own_copy(ledger_id: str) -> list[CheckpointCopy]:
    """Return the checkpoint kept beside the key: no outside copy, but no backup restores it."""
    kept = Keyring(ledger_id).last_signed()
    return [] if kept is None else [CheckpointCopy("kept beside the key", kept)]


def check_published(record: Location, found: LogReading, folder: Path) -> Iterator[Check]:
    """Compare each published file with the record; name the first event that differs."""
    name = f"published {folder}"
    try:
        size = parse_checkpoint((folder / CHECKPOINT).read_bytes())[0].size
        with open_tree(record) as tree, tree.snapshot():
            if size > min(found.last, tree.size()):
                yield Check(name, "tampered", f"{size} entries were published: more than there are")
                return
            wrong = next(differing_files(tree, size, folder), None)
            if wrong is None:
                yield Check(name, "holds", f"every file of {size} entries is as the record has it")
                return
            tile, what = wrong
            position = None
            if tile.level == ENTRIES and what == "differs":
                rows = tree.rows(tile.start, tile.start + tile.width)
                position = _first_other((folder / tile.path).read_bytes(), rows, tile.start)
    except (NoteError, OSError, StoreError) as error:
        yield Check(name, "undecided", str(error))
        return
    sentence = f"{tile.path} {what}"
    yield Check(name, "tampered" if what == "differs" else "finding", sentence, position)


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
