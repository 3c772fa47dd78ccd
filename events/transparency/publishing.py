"""Write a ledger as a folder of files that any web server can show.

C2SP tlog-tiles: tiles and bundles of entries first, each under another name and then renamed, the
checkpoint last. A file that is there is never written with other bytes: it was published.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from events.errors import NotPossibleError, PartedError, TamperingError
from events.store.atomic_files import locked, open_unnamed, replace_file, sweep_unnamed
from events.store.errors import RecordDamagedError
from events.store.plain_files import read_plain
from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.divergence import find_parting
from events.transparency.merkle import HASH_BYTES, leaf_hash, root
from events.transparency.note import Note, NoteError
from events.transparency.published_log import if_readable
from events.transparency.tiles import (
    ENTRIES,
    HEIGHT,
    MAX_PUBLISHED_BYTES,
    Tile,
    encode_entries,
    tiles,
)
from events.transparency.tree import Progress

CHECKPOINT = "checkpoint"


FILES_AT_ONCE = 4_096
FILE_MODE, FOLDER_MODE = 0o644, 0o755  # a web server reads them


class PublishedLedger(NamedTuple):
    """What is published now: the size, and how many files were written anew."""

    size: int
    written: int


def publish_ledger(
    tree: TreeTables, size: int, note: Note, folder: Path, progress: Progress | None = None
) -> PublishedLedger:
    """Write what a checkpoint needs that is not there yet, then the checkpoint.

    Safe to call again after a run that was killed. What is there must be what would be written,
    or TamperingError is raised.
    """
    made: set[Path] = set()
    _make(folder, made)
    with locked(folder):  # two at once would sweep each other's files
        before = _published(tree, size, folder / CHECKPOINT, note)
        wanted, written = list(tiles(size, before)), 0
        for at in range(0, len(wanted), FILES_AT_ONCE):
            several = wanted[at : at + FILES_AT_ONCE]
            written += _write_all(tree, folder, several, made)
            if progress is not None:
                progress(at + len(several), len(wanted))
        data = note.encode()
        target = folder / CHECKPOINT
        if not target.exists() or _bytes_of(target) != data:
            replace_file(target, data, FILE_MODE)
            written += 1
    return PublishedLedger(size, written)


def tile_content(tree: TreeTables, tile: Tile) -> bytes:
    """Return the bytes of a tile or bundle; RecordDamagedError if an entry was changed."""
    if tile.level == ENTRIES:
        rows = tree.rows(tile.start, tile.start + tile.width)
        hashed = tree.run(0, tile.start, tile.width)
        if b"".join(leaf_hash(row.state) for row in rows) != hashed:
            raise RecordDamagedError(f"An event after @{tile.start} is not what was hashed.")
        return encode_entries(row.state for row in rows)
    found = tree.run(HEIGHT * tile.level, tile.start, tile.width)
    assert len(found) == HASH_BYTES * tile.width, "a tree has its nodes"
    return found


def differing_files(tree: TreeTables, size: int, folder: Path) -> Iterator[tuple[Tile, str]]:
    """Yield each published file of a size that is missing or not as the record has it."""
    for tile in tiles(size):
        path = folder / tile.path
        full = folder / tile._replace(width=256).path
        if not path.exists() and full.exists():
            continue  # a partial tile may go once the full one is there
        if not path.exists():
            yield tile, "is missing"
        elif _bytes_of(path) != tile_content(tree, tile):
            yield tile, "differs"


def _published(tree: TreeTables, size: int, path: Path, note: Note) -> int:
    """Return the size that is published, after checking that this ledger grew from it."""
    if not path.exists():
        return 0
    try:
        there, _ = parse_checkpoint(_bytes_of(path))
    except NoteError as error:
        raise _other(f"{path} is not a checkpoint: {error}") from None
    mine, _ = parse_checkpoint(note.encode())
    if there.origin != mine.origin:
        raise _other(f"{path} is of {there.origin}, and this ledger is {mine.origin}")
    if tree.size() < there.size or root(there.size, tree.nodes) != there.root:
        prints = if_readable(path.parent, there.size)
        found = find_parting(tree, tree.last_position(), there, [prints])
        if found is not None and found.changed is None:
            kind = "BEHIND" if found.behind else "FORKED from"
            raise PartedError(
                f"the log is {kind} what is published: nothing is overwritten",
                f"{path} is of {there.size} entries; they are the same up to @{found.common}",
                "publish from the log that was published before, or to another folder",
            )
        raise _other(f"{path} is of {there.size} entries that this ledger did not grow from")
    if there.size > size:
        why = f"{path} is of {there.size} entries, and the log's is of {size}"
        then = "depositary checkpoint, then publish again"
        raise NotPossibleError("a newer checkpoint is published", why, then)
    return there.size


def _bytes_of(path: Path) -> bytes:
    """Return what a published file holds: no bundle is longer than 256 events."""
    return read_plain(path, MAX_PUBLISHED_BYTES)


def _write_all(tree: TreeTables, folder: Path, several: list[Tile], made: set[Path]) -> int:
    # Whole on the disk before they have their names: one sync for all, where one each is slow.
    new: list[tuple[Path, Path]] = []
    try:
        for tile in several:
            path, data = folder / tile.path, tile_content(tree, tile)
            if not path.exists():
                _make(path.parent, made)
                new.append((_written(path.parent, data), path))
            elif _bytes_of(path) != data:
                raise _other(f"{path} was published with other bytes")
        os.sync()
        for written, path in new:
            written.rename(path)
        os.sync()
    except BaseException:
        for written, _ in new:
            written.unlink(missing_ok=True)
        raise
    return len(new)


def _written(folder: Path, data: bytes) -> Path:
    with open_unnamed(folder, FILE_MODE) as file:
        file.write(data)
    return Path(file.name)


def _make(folder: Path, made: set[Path]) -> None:
    if folder not in made:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            each.chmod(FOLDER_MODE)
        sweep_unnamed(folder)
        made.add(folder)


def _other(why: str) -> TamperingError:
    return TamperingError(
        "what is published is not of this log: nothing is overwritten",
        why,
        "depositary audit --against DIR, which says where they differ",
    )
