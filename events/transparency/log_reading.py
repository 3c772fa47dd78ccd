"""Read an event log once, and compute its tree anew from the stored bytes.

One pass, in memory that does not grow with the log: leaves, nodes, and the root at each size asked
for. What does not fit is noted with the first place where it shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn, TypeAlias

from events.envelope import BEGIN, EnvelopeError, ending, open_envelope, recorder_in
from events.identifiers import SELF
from events.serialization import read_event
from events.store.errors import RecordDamagedError, StoreError
from events.store.rows import Row
from events.transparency.keys import KeyEvent, key_events
from events.transparency.merkle import EMPTY_ROOT, Node, join_peaks
from events.transparency.tree import Progress, completed_nodes

if TYPE_CHECKING:
    from events.store.sqlite.tree import TreeTables
    from events.transparency.published_log import PublishedLog

    AuditedLog: TypeAlias = TreeTables | PublishedLog

BATCH = 4_096
ARCHIVED = "source.archived.v1"
OPENING = ("ledger.opened.v1", "ledger.forked.v1")

_AFTER_TIME = len(',"time":"2025-07-16T09:30:00.000000Z","type":""}')

Outcome = Literal["holds", "tampered", "forked", "behind", "finding", "undecided", "skipped"]


class Check(NamedTuple):
    """A named check, its outcome, a sentence, and the first event concerned.

    With `until` it is not known which event it is, only that it is one from `position` to there.
    Where a record is forked or behind, it is the last event that it has in common.
    """

    name: str
    outcome: Outcome
    sentence: str
    position: int | None = None
    until: int | None = None


@dataclass
class LogReading:
    """The result of one pass over the log.

    `parent` is the id of the ledger that this one is a fork of, and the position where it parted.
    `roots` are the recomputed roots at the sizes asked for, `faults` the first fault of each check,
    `keys` what the log's own events say of keys.
    """

    last: int = 0
    tree_size: int = 0
    ledger_id: str = ""
    origin: str = ""
    parent: tuple[str, int] | None = None
    roots: dict[int, bytes] = field(default_factory=dict)
    keys: list[KeyEvent] = field(default_factory=list)
    faults: dict[str, Check] = field(default_factory=dict)
    newer: list[int] = field(default_factory=list)
    archived: list[tuple[int, str]] = field(default_factory=list)

    def fault(self, name: str, sentence: str, position: int | None = None) -> None:
        """Note the first failure of a check."""
        self.faults.setdefault(name, Check(name, "tampered", sentence, position))


def read_log(
    record: "AuditedLog",
    sizes: Iterable[int],
    progress: Progress | None = None,
    *,
    in_full: bool = False,
) -> LogReading:
    """Read everything once and compute everything again.

    `sizes` are those whose roots are needed. In full the text of each event is checked too: whether
    it is, byte for byte, what would be written now; else only that the bytes end as the columns
    beside them say, for those are not hashed.
    """
    found = LogReading(last=record.last_position(), tree_size=record.size())
    reading = _Reading(record, found, in_full=in_full)
    stops = sorted({size for size in sizes if 0 <= size <= found.last} | {found.last})
    try:
        for stop in stops:
            while reading.size < stop:
                reading.batch(min(stop, reading.size + BATCH))
                if progress is not None:
                    progress(reading.size, found.last)
            found.roots[stop] = reading.root()
        reading.check_tree()
    except (StoreError, UnicodeError) as error:
        found.fault("events", str(error))
    return found


class _Reading:
    """The state of the pass: the last node of each level, and the last time."""

    def __init__(self, record: "AuditedLog", found: LogReading, *, in_full: bool) -> None:
        self.record, self.found, self.in_full = record, found, in_full
        self.size, self.time, self.mark = 0, "", b""
        self.frontier: dict[int, bytes] = {}

    def root(self) -> bytes:
        # The peaks of a tree are the last nodes of the levels whose bit its size has.
        levels = [n for n in reversed(range(self.size.bit_length())) if self.size >> n & 1]
        return join_peaks([self.frontier[n] for n in levels]) if levels else EMPTY_ROOT

    def batch(self, until: int) -> None:
        first = self.size
        rows = self.record.rows(first, until)
        if [row[0] for row in rows] != list(range(first + 1, until + 1)):
            self._say_missing(rows, first)
        for row in rows:
            position, thing, _, topic, state = row
            at = len(state) - len(topic) - _AFTER_TIME
            if not self.mark or not state.startswith(self.mark, at):
                self._check_clock(row)  # events of one transaction share their time
            if thing == SELF or topic == ARCHIVED or position == 1:
                self._look_into(row)
            if not self.in_full:
                self._check_columns(row)
        if self.in_full:
            self._check_texts(rows)
        leaves = [sha256(b"\x00" + row[4]).digest() for row in rows]
        # As a list: the last node of each level is read before the frontier moves.
        for level, index, nodes in list(completed_nodes(first, leaves, self._last)):
            self._compare(level, index, nodes)
            self.frontier[level] = nodes[-1]
        self.size = until

    def _last(self, wanted: Sequence[Node]) -> list[bytes]:
        return [self.frontier[level] for level, _ in wanted]

    def _compare(self, level: int, first: int, nodes: Sequence[bytes]) -> None:
        # A tree may be behind its log, and then has fewer nodes.
        wide = max(0, min(len(nodes), (self.found.tree_size >> level) - first))
        stored = self.record.run(level, first, wide)
        if stored == b"".join(nodes[:wide]):
            return
        at = next(n for n in range(wide) if stored[32 * n : 32 * n + 32] != nodes[n])
        if level == 0:
            position = first + at + 1
            self.found.fault("hashes", f"@{position} is not what was hashed", position)
        else:
            self.found.fault("hashes", f"node {first + at} of level {level} is not that of its own")

    def check_tree(self) -> None:
        found, widths = self.found, dict[int, int]()
        if found.tree_size > found.last:
            found.fault(
                "events", f"the tree has {found.tree_size} leaves, and the log {found.last}"
            )
        for level, first, size_bytes in self.record.runs():
            end = first + size_bytes // 32
            one_run = first < end and size_bytes % 32 == 0 and first // 256 == (end - 1) // 256
            if not one_run or first != widths.get(level, 0):
                found.fault("events", f"the tree's nodes of level {level} are not in a row")
            widths[level] = end
        for level in {*widths, *range(found.tree_size.bit_length())}:
            wide = found.tree_size >> level if level >= 0 else 0
            if widths.get(level, 0) != wide:
                found.fault("events", f"the tree has nodes too many or too few at level {level}")

    def _say_missing(self, rows: Sequence[Row], first: int) -> NoReturn:
        there = {row[0] for row in rows}
        missing = next(n for n in count(first + 1) if n not in there)
        self.found.fault("events", f"@{missing} is missing", missing)
        raise RecordDamagedError(f"@{missing} is missing.")

    def _check_clock(self, row: Row) -> None:
        try:
            time = row.time
        except RecordDamagedError as error:
            self.found.fault("clock", str(error), row.position)
            return
        if time < self.time:
            sentence = f"@{row.position} was recorded before the one before it"
            self.found.fault("clock", sentence, row.position)
        self.time = max(time, self.time)
        self.mark = f',"time":"{self.time}","type":"'.encode()

    def _look_into(self, row: Row) -> None:
        try:
            if row.position == 1:
                self._opened(row)
            if row.thing == SELF:
                self.found.keys += key_events([row], self.found.origin)
            if row.topic == ARCHIVED:
                digest = str(open_envelope(row.state).data["sha256"])
                self.found.archived.append((row.position, digest))
        except (ValueError, LookupError, TypeError) as error:
            self.found.fault("text", f"@{row.position}: {error}", row.position)

    def _opened(self, row: Row) -> None:
        opened = open_envelope(row.state)
        self.found.ledger_id = opened.source.removeprefix("urn:uuid:")
        self.found.origin = str(opened.data.get("origin"))
        if row.topic not in OPENING or opened.data.get("id") != self.found.ledger_id:
            raise EnvelopeError("the first event does not open this ledger")
        if "parent" in opened.data:
            self.found.parent = f"{opened.data['parent']}", int(opened.data["parted_at"])

    def _check_columns(self, row: Row) -> None:
        _, thing, version, topic, state = row
        try:
            end = ending(thing, version, topic, self.found.ledger_id, self.time)
            if not state.endswith(end):  # it says who recorded it, or its time is before another's
                by, time = recorder_in(state), row.time
                end = ending(thing, version, topic, self.found.ledger_id, time, recordedby=by)
            said = state.startswith(BEGIN) and state.endswith(end)
        except (RecordDamagedError, UnicodeError):
            said = False
        if not said:
            sentence = f"@{row[0]} is not about {thing}, version {version}, or no {topic}"
            self.found.fault("columns", sentence, row[0])

    def _check_texts(self, rows: Iterable[Row]) -> None:
        ledger_id = self.found.ledger_id
        for row in rows:
            try:
                if read_event(row, ledger_id).body is None:
                    self.found.newer.append(row[0])
            except RecordDamagedError as error:
                self.found.fault("text", str(error), row[0])
