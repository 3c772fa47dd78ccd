"""Read a published log from its files, as the tables of a record are read."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from events.envelope import EnvelopeError, open_envelope
from events.store.errors import RecordDamagedError, StoreError
from events.store.plain_files import open_plain
from events.store.rows import Row
from events.transparency.divergence import Prints, prints_between
from events.transparency.merkle import HASH_BYTES, parents
from events.transparency.tiles import (
    ENTRIES,
    HEIGHT,
    MAX_PUBLISHED_BYTES,
    WIDTH,
    Tile,
    TileError,
    decode_entries,
    split_hashes,
    tiles,
)


class PublishedLog:
    """The files of a published log up to a size, as an event log with its tree."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self._size = folder, size
        self._versions: dict[str, int] = {}
        # A batch of the pass reads each tile for eight levels.
        self._hashes = lru_cache(maxsize=64)(self._read_hashes)

    def missing(self) -> Iterator[str]:
        """Yield the path of each file that a log of this size has and the folder has not."""
        yield from (tile.path for tile in tiles(self._size) if self._path(tile) is None)

    def last_position(self) -> int:
        """Return how many events the log has."""
        return self._size

    def size(self) -> int:
        """Return how many leaves the tree has."""
        return self._size

    def rows(self, after: int, until: int) -> list[Row]:
        """Return the events after one position and up to another; columns as their bytes say.

        Raises RecordDamagedError for a file that holds no entries, and for an event that is not its
        thing's next.
        """
        found: list[Row] = []
        for number in range(after // WIDTH, -(-until // WIDTH)):
            start = number * WIDTH
            for n, state in enumerate(self._entries(number), start + 1):
                if after < n <= until:
                    found.append(self._row(n, state))
        return found

    def run(self, level: int, first: int, count: int) -> bytes:
        """Return consecutive hashes of a level: of the tiles, or hashed together from those."""
        above = level % HEIGHT
        start, end = first << above, (first + count) << above
        base = level // HEIGHT
        hashes = [
            each
            for number in range(start // WIDTH, -(-end // WIDTH))
            for n, each in enumerate(self._hashes(base, number), number * WIDTH)
            if start <= n < end
        ]
        for _ in range(above):
            hashes = parents(hashes)
        return b"".join(hashes)

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield level, first index and bytes of every run: no file is needed for them."""
        for level in range(self._size.bit_length()):
            wide = self._size >> level
            for first in range(0, wide, WIDTH):
                yield level, first, HASH_BYTES * min(WIDTH, wide - first)

    def _row(self, position: int, state: bytes) -> Row:
        try:
            opened = open_envelope(state)
            version = int(opened.id.removeprefix(f"{opened.subject}/"))
        except (EnvelopeError, ValueError):
            return Row(position, "", 0, "", state)  # the check of the text says what is wrong
        expected = self._versions.get(opened.subject, 0) + 1
        if version != expected:
            what = f"@{position} is number {expected} about {opened.subject}, and says {version}"
            raise RecordDamagedError(what)
        self._versions[opened.subject] = version
        return Row(position, opened.subject, version, opened.type, state)

    def _entries(self, number: int) -> list[bytes]:
        tile = Tile(ENTRIES, number, min(WIDTH, self._size - number * WIDTH))
        try:
            return self._of_width(tile, decode_entries(self._content(tile)))
        except TileError as error:
            raise RecordDamagedError(f"{tile.path}, from @{tile.start + 1}: {error}") from None

    def _read_hashes(self, level: int, number: int) -> list[bytes]:
        wide = self._size >> (HEIGHT * level)
        tile = Tile(level, number, min(WIDTH, wide - number * WIDTH))
        try:
            return self._of_width(tile, split_hashes(self._content(tile)))
        except TileError as error:
            raise RecordDamagedError(f"{tile.path}: {error}") from None

    def _of_width(self, tile: Tile, found: list[bytes]) -> list[bytes]:
        # A full tile in the place of a partial one begins with it: the log has grown meanwhile.
        exact = (self.folder / tile.path).exists()
        if len(found) < tile.width or (exact and len(found) != tile.width):
            raise TileError(f"It has {len(found)} of {tile.width}.")
        return found[: tile.width]

    def _content(self, tile: Tile) -> bytes:
        path = self._path(tile)
        if path is None:
            raise TileError("It is missing.")
        with open_plain(path) as file:
            data = file.read(MAX_PUBLISHED_BYTES + 1)
        if len(data) > MAX_PUBLISHED_BYTES:
            raise TileError(f"It has more than {MAX_PUBLISHED_BYTES:,} bytes.")
        return data

    def _path(self, tile: Tile) -> Path | None:
        several = (tile, tile._replace(width=WIDTH))
        return next((p for t in several if (p := self.folder / t.path).exists()), None)


def prints_published(folder: Path, size: int) -> bytes:
    """Return the prints of the entries in a published folder; raise OSError and StoreError."""
    return b"".join(prints_between(PublishedLog(folder, size), 0, size))


def if_readable(folder: Path, size: int) -> Prints:
    """Return how to read those prints, none where what is wrong with them is said elsewhere."""

    def read() -> bytes:
        try:
            return prints_published(folder, size)
        except (OSError, StoreError):
            return b""

    return read
