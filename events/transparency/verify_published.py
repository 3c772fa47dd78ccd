"""Check a whole published log offline: signature, root, tiles, growth, and the text of each event.

The files of C2SP tlog-tiles in one folder are read as an event log, and everything is computed anew
from the bundles of entries, as `audit` does it from a record; compare fsck of Tessera.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from events.envelope import EnvelopeError, open_envelope
from events.store.errors import RecordDamagedError
from events.store.plain_files import open_plain, read_plain
from events.store.rows import Row
from events.transparency.checkpoint import Checkpoint, parse_checkpoint
from events.transparency.checkpoint_checks import (
    OtherEntriesError,
    UnreadError,
    check_root,
    parting_check,
    somewhere,
)
from events.transparency.log_reading import LogReading, read_log
from events.transparency.merkle import HASH_BYTES, parents
from events.transparency.note import VerifierKey
from events.transparency.parting import find_parting, prints_kept
from events.transparency.publishing import (
    CHECKPOINT,
    ENTRIES,
    HEIGHT,
    MAX_ENTRY_BYTES,
    WIDTH,
    Tile,
    TileError,
    decode_entries,
    split_hashes,
    tiles,
)
from events.transparency.tree import Progress
from events.transparency.trust_policy import TrustPolicy
from events.transparency.verify import MAX_FILE_BYTES, VerifiedFile, verify_files

_MOST_BYTES = WIDTH * (MAX_ENTRY_BYTES + 2)


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
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise TileError(f"It has more than {_MOST_BYTES:,} bytes.")
        return data

    def _path(self, tile: Tile) -> Path | None:
        several = (tile, tile._replace(width=WIDTH))
        return next((p for t in several if (p := self.folder / t.path).exists()), None)


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
    grown = list(_growth(folder, found, new, old))
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


def _growth(
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
