"""Compare a clone with its source: the same bytes at the same positions, one root, one digest."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from events.errors import NotPossibleError
from events.store.factory import open_reader, open_tree
from events.store.ledger_folder import LedgerLocation
from events.transparency.tree import covered_root

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
        _compare_bytes(theirs, mine, position, progress)
        roots = [_root(place, position) for place in (source, target)]
        digests = [_digest(source, theirs, position), _digest(target, mine, position)]
    compared = {
        "the copy has another root": ("root", "audit", roots),
        "the copy gives other answers": ("digest of the read model", "replay --compare", digests),
    }
    for what, (name, command, (one, other)) in compared.items():
        if one != other:
            why = f"{target.name}: the {name} at @{position} is {other}, not {one}"
            then = f"depositary {command} in both, which shows whose tables differ from its log"
            raise CloneDiffersError(what, why, then)
    return Compared(position, roots[1], digests[1])


def _compare_bytes(
    theirs: "RecordReader", mine: "RecordReader", position: int, progress: "Progress | None"
) -> None:
    rows = zip(theirs.rows(until=position), mine.rows(), strict=False)
    count = 0
    for count, (one, other) in enumerate(rows, 1):
        if one != other:
            why = f"@{one.position} of {mine.where} differs from that of {theirs.where}"
            then = "do not use it; run depositary audit on the source, then copy again"
            raise CloneDiffersError("the copy differs", why, then)
        if progress is not None and not count % _TOLD_EVERY:
            progress(count, position)
    if count != position or mine.last_position() != position:
        why = f"{mine.where} ends at @{mine.last_position()}, and @{position} was copied"
        then = "it was appended to meanwhile: append to only one of the two"
        raise CloneDiffersError("the copy differs", why, then)


def _root(place: LedgerLocation, position: int) -> str:
    """Return the root at a position, by the tree as it is kept and events without a leaf."""
    with open_tree(place.record) as tree, tree.snapshot():
        return covered_root(tree, position)[0].hex()


def _digest(place: LedgerLocation, record: "RecordReader", position: int) -> str:
    """Return the digest of the answers at a position; anew where more was recorded since."""
    from projections.read_model.database import ReadModel
    from projections.read_model.rebuild import make_answers

    with ReadModel.open(record, place.answers) as answers:
        if answers.position == position:
            return answers.digest()
    return make_answers(record, None, until=position)[1]


def archived(place: LedgerLocation) -> Iterator[str]:
    """Yield the digests of the documents of which the record says that copies were kept."""
    from events.envelope import open_envelope

    with open_reader(place.record) as record:
        for row in record.rows():
            if row.topic == "source.archived.v1":
                yield str(open_envelope(row.state).data["sha256"])
