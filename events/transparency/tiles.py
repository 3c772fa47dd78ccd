"""Lay out the files of a published log (C2SP tlog-tiles): bundles of entries, tiles of hashes."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from events.transparency.merkle import HASH_BYTES

WIDTH = 256
HEIGHT = 8
MAX_ENTRY_BYTES = 65_535
ENTRIES: Literal["entries"] = "entries"
MAX_PUBLISHED_BYTES = WIDTH * (MAX_ENTRY_BYTES + 2)


class TileError(ValueError):
    """A tile has one path and one content."""


class Tile(NamedTuple):
    """A file of a published ledger: its level (or "entries"), number and width (1 to 256)."""

    level: int | Literal["entries"]
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Return the tile's path below the ledger's address: `tile/0/x001/x234/067.p/8`."""
        partial = f".p/{self.width}" if self.width != WIDTH else ""
        return f"tile/{self.level}/{_number(self.number)}{partial}"

    @property
    def start(self) -> int:
        """Return the index, in its level, of the first hash or entry in it."""
        return self.number * WIDTH


def tiles(size: int, since: int = 0) -> Iterator[Tile]:
    """Yield the tiles of a tree of `size` leaves that one of `since` leaves did not have.

    Entries first, then hashes from the leaves up; of each level the full tiles, then the partial.
    """
    yield from _level(ENTRIES, size, since)
    for level in range(64):
        if size >> (HEIGHT * level) == 0:
            return
        yield from _level(level, size >> (HEIGHT * level), since >> (HEIGHT * level))


def _level(level: int | Literal["entries"], count: int, since: int) -> Iterator[Tile]:
    full, partial = divmod(count, WIDTH)
    for index in range(since // WIDTH, full):
        yield Tile(level, index)
    if partial and count != since:
        yield Tile(level, full, partial)


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """Return entries in a row, each preceded by its length in two bytes."""
    found = bytearray()
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise TileError(f"An entry has at most 65,535 bytes, and this one {len(entry):,}.")
        found += len(entry).to_bytes(2, "big") + entry
    return bytes(found)


def decode_entries(data: bytes) -> list[bytes]:
    """Return the entries of a bundle; raise TileError if it ends within one, or has none."""
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise TileError("A bundle of entries ends in the middle of one.")
        entries.append(data[at + 2 : end])
        at = end
    if not 0 < len(entries) <= WIDTH:
        raise TileError(f"A bundle has 1 to 256 entries, and this one {len(entries)}.")
    return entries


def split_hashes(data: bytes) -> list[bytes]:
    """Return the hashes of a tile; raise TileError unless it has 1 to 256 whole ones."""
    if len(data) % HASH_BYTES or not 0 < len(data) <= WIDTH * HASH_BYTES:
        raise TileError("A tile has 1 to 256 hashes of 32 bytes.")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _number(index: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "".join(f"x{group}/" for group in groups[:-1]) + groups[-1]
