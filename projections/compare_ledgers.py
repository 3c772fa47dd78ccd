"""Compare a clone with its source: the same bytes at the same positions, one root, one digest."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from events.errors import NotPossibleError
from events.store.factory import open_reader
from events.store.ledger_folder import LedgerLocation
from events.transparency.merkle import join_peaks, leaf_hash, node_hash

if TYPE_CHECKING:
    from events.store.sqlite.reader import RecordReader
    from events.transparency.tree import Progress

_TOLD_EVERY = 5_000


class CloneDiffersError(NotPossibleError):
    """A clone has the bytes, the root and the answers of its source."""


class Compared(NamedTuple):
    """What both ledgers have: the last position, the root in hexadecimal, the answers' digest."""

    position: int
    root: str
    digest: str


def compare_ledgers(
    source: LedgerLocation,
    target: LedgerLocation,
    position: int,
    progress: "Progress | None" = None,
) -> Compared:
    """Compare a clone with its source, to the byte and the answer; raise CloneDiffersError."""
    with open_reader(source.record) as theirs, open_reader(target.record) as mine:
        root = _one_root(theirs, mine, position, progress)
        digests = [_digest(source, theirs, position), _digest(target, mine, position)]
    if digests[0] != digests[1]:
        _differs(
            target, f"the digest of the read model at @{position} is {digests[1]}, not {digests[0]}"
        )
    return Compared(position, root, digests[1])


def _one_root(
    theirs: "RecordReader", mine: "RecordReader", position: int, progress: "Progress | None"
) -> str:
    peaks = Peaks()
    rows = zip(theirs.rows(until=position), mine.rows(), strict=False)
    count = 0
    for count, (one, other) in enumerate(rows, 1):
        if one != other:
            why = f"@{one.position} of {mine.where} differs from that of {theirs.where}"
            then = "do not use it; run depositary audit on the source, then copy again"
            raise CloneDiffersError("the copy differs", why, then)
        peaks.add(other.state)
        if progress is not None and not count % _TOLD_EVERY:
            progress(count, position)
    if count != position or mine.last_position() != position:
        why = f"{mine.where} ends at @{mine.last_position()}, and @{position} was copied"
        then = "it was appended to meanwhile: append to only one of the two"
        raise CloneDiffersError("the copy differs", why, then)
    return peaks.root().hex()


def _digest(place: LedgerLocation, record: "RecordReader", position: int) -> str:
    """Return the digest of the answers at a position; anew where more was recorded since."""
    from projections.read_model.database import ReadModel, make_answers

    with ReadModel.open(record, place.answers) as answers:
        if answers.position == position:
            return answers.digest()
    return make_answers(record, None, until=position)[1]


def _differs(target: LedgerLocation, why: str) -> NoReturn:
    then = "depositary replay --compare in both, which shows whose tables differ from its log"
    raise CloneDiffersError("the copy gives other answers", f"{target.name}: {why}", then)


class Peaks:
    """The root over events one after the other, from at most 64 hashes (RFC 6962, 2.1)."""

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, entry: bytes) -> None:
        """Append an event's bytes."""
        level, node = 0, leaf_hash(entry)
        while self._peaks and self._peaks[-1][0] == level:
            node = node_hash(self._peaks.pop()[1], node)
            level += 1
        self._peaks.append((level, node))

    def root(self) -> bytes:
        """Return the 32-byte root of what was added, of one entry at least."""
        return join_peaks([node for _, node in self._peaks])


def archived(place: LedgerLocation) -> Iterator[str]:
    """Yield the digests of the documents of which the record says that copies were kept."""
    from events.envelope import open_envelope

    with open_reader(place.record) as record:
        for row in record.rows():
            if row.topic == "source.archived.v1":
                yield str(open_envelope(row.state).data["sha256"])
