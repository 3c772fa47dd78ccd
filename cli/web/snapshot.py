"""Open what pages are read from: one snapshot a request, read-only, never written by the server.

The read model of the ledger is used where it lies while it is up to date. Where it is behind,
missing, or lacks the lines of its lists, the server keeps a copy in a folder of its own. A request
brings it up to date where that is soon done; where it is not, as after an import, a process beside
the server makes the next copy, and until that is whole pages are of the one before.
"""

import multiprocessing
import os
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, date, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from cli.context import AppContext
from cli.web.address import Clock
from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import DEFAULT, Policy, policy
from domain.claims.resolution import Resolution
from events.errors import NotPossibleError
from events.identifiers import KINDS
from events.store.errors import StoreError
from events.store.factory import open_reader
from events.store.ledger_folder import LedgerLocation
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from events.value import field
from projections.read_model.cache_folder import answers_file
from projections.read_model.catch_up import identity_of, position_of
from projections.read_model.connection import belongs_to, is_of_its_past
from projections.read_model.database import FoldedThing, ReadModel
from projections.read_model.list_cache import things_without_findings, things_without_line
from projections.read_model.rows import NewerVersionError

CPU_S = 2.0
MOST_STOPS = 60  # of a clock, on the strip of a subject
SOON = 500  # events, or lines of lists: what a request may wait for
SMALL = 20_000_000  # bytes of a read model that are soon copied
_STEPS = 20_000  # of SQLite's machine, between two looks at the time
_TOTALS = 20  # positions and policies of which the totals of days are kept
_HELD = 2_000  # subjects, whose claims or answers a page holds at once


class OverLimitError(NotPossibleError):
    """A page takes at most so much of the processor."""


class NotReadyError(NotPossibleError):
    """Pages wait for the read model; it is made beside the server, once."""


class PinnedReader(RecordReader):
    """Reads a log up to a position: what is recorded later is not there."""

    def __init__(self, inner: RecordReader, head: int) -> None:
        self._inner, self._head, self.where = inner, head, inner.where

    def close(self) -> None:
        """Close the reader beneath."""
        self._inner.close()

    def last_position(self) -> int:
        """Return the position up to which is read."""
        return self._head

    def event(self, position: int) -> Row | None:
        """Return the event at a position, None beyond the head."""
        return self._inner.event(position) if position <= self._head else None

    def rows(
        self, after: int = 0, until: int | None = None, thing: str | None = None
    ) -> Iterator[Row]:
        """Yield events as RecordReader does, up to the head."""
        last = self._head if until is None else min(until, self._head)
        return self._inner.rows(after, last, thing)

    def by_thing(self, until: int) -> Iterator[Row]:
        """Yield events by subject, up to the head."""
        return self._inner.by_thing(min(until, self._head))

    def things_of_types(
        self, topics: Sequence[str], bounds: tuple[str, str], until: int
    ) -> frozenset[str]:
        """Return the subjects with an event of some topics, up to the head."""
        return self._inner.things_of_types(topics, bounds, min(until, self._head))


class _Connection(sqlite3.Connection):
    """A connection that stops the thread's work when it has had its time of the processor."""

    ends_at = float("inf")

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run a statement; raise OverLimitError once the time is over."""
        self.check_time()
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError:
            self.check_time()
            raise

    def is_over(self) -> bool:
        """Say whether the time is over."""
        return time.thread_time() > self.ends_at

    def check_time(self) -> None:
        """Raise OverLimitError once the time is over."""
        if self.is_over():
            raise OverLimitError(
                "the page takes too long",
                "it had its time of the processor (serve --read-timeout)",
                "ask on the command line: it has no limit",
            )


class PageModel(ReadModel):
    """Answers that read and fold the claims of a subject once a page, however often it asks.

    Where it `leaves_out` a subject with events of a newer version, that subject has no claims, and
    stands in `unread` with the reason: a page says so beside what it can tell.
    """

    leaves_out = False

    def __init__(self, connection: sqlite3.Connection, record: RecordReader) -> None:
        super().__init__(connection, record)
        self.position = record.last_position()
        self.unread: dict[str, str] = {}
        self._claims: dict[tuple[str, int | None], tuple[Claim, ...] | NewerVersionError] = {}
        self._views: dict[tuple[str, Clocks, str], Resolution] = {}

    def leave_out(self, *, leaves_out: bool) -> None:
        """Begin a page that leaves out what a newer version wrote, or a file that raises."""
        self.leaves_out, self.unread = leaves_out, {}

    def claims(self, thing: str, known_at: int | None = None) -> tuple[Claim, ...]:
        """Return the claims about a subject, as ReadModel does; none of one that is left out."""
        key = (thing, self.position if known_at is None else known_at)
        if key not in self._claims:
            if len(self._claims) >= _HELD:
                self._claims.clear()
            try:
                self._claims[key] = super().claims(*key)
            except NewerVersionError as error:
                self._claims[key] = error
        found = self._claims[key]
        if not isinstance(found, NewerVersionError):
            return found
        if not self.leaves_out:
            raise found
        self.unread[thing] = str(found)
        return ()

    def read(self, rows: Sequence[Sequence[Any]]) -> list[Claim]:
        """Return rows as claims, as ReadModel does; none of a subject that is left out."""
        try:
            return super().read(rows)
        except NewerVersionError:
            if not self.leaves_out:
                raise
        return [c for row in rows for c in self.claims(row[1]) if c.position == row[0]]

    def view(self, thing: str, clocks: Clocks, policy: Policy) -> Resolution:
        """Return the answer about a subject, as ReadModel does."""
        clocks = self._known(clocks)
        key = (thing, clocks, str(policy))
        if key not in self._views:
            found = super().view(thing, clocks, policy)
            if self.unread:
                return found
            if len(self._views) >= _HELD:
                self._views.clear()
            self._views[key] = found
        return self._views[key]

    def folded(
        self, things: Iterable[str], clocks: Clocks, policy: Policy
    ) -> Iterator[FoldedThing]:
        """Yield the answers about subjects, as ReadModel does."""
        for thing in things:
            try:
                if self.claims(thing, self._known(clocks).known_at):
                    yield FoldedThing(thing, self.view(thing, clocks, policy))
                elif thing in self.unread:
                    yield FoldedThing(thing, None)
            except NewerVersionError:
                yield FoldedThing(thing, None)

    def folded_twice(
        self, things: Iterable[str], ends: tuple[Clocks, Clocks], policy: Policy
    ) -> Iterator[tuple[str, Resolution, Resolution]]:
        """Yield the answers at two ends of a clock, as ReadModel does."""
        for thing in things:
            before, after = (self.view(thing, end, policy) for end in ends)
            if thing not in self.unread:
                yield thing, before, after


# What States held together on a day, by what was known and public and by the policy: it stays true.
Totals = dict[tuple[int, date | None, datetime | None, str], dict[date, dict[str, Any] | None]]


class ServedContext(AppContext):
    """What commands work with while they answer for a page: one snapshot, and nothing to write."""

    model: PageModel | None = None
    at: LedgerLocation | None = None
    totals: "Totals" = field(default_factory=dict)
    site: Clock | None = None  # of a folder of files: the clocks that its addresses leave away
    most_stops: int = MOST_STOPS

    @property
    def head(self) -> int:
        """Return the position that all is read at."""
        assert self.model is not None
        return self.model.position

    @property
    def place(self) -> LedgerLocation:
        """Return where the ledger is."""
        assert self.at is not None
        return self.at

    @contextmanager
    def answers(self) -> Iterator[PageModel]:
        """Give the answers of the snapshot."""
        assert self.model is not None
        yield self.model

    @contextmanager
    def record(self) -> Iterator[RecordReader]:
        """Give the log of the snapshot."""
        assert self.model is not None
        yield self.model.record


class Snapshots:
    """The states of a ledger that pages are read from; use it as a context manager."""

    def __init__(self, place: LedgerLocation, read_timeout_s: float = CPU_S) -> None:
        self.place, self.read_timeout_s = place, read_timeout_s
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._folder: Path | None = None
        self._own: Path | None = None  # the copy, and what the process beside makes
        self._next: Path | None = None
        self._worker: BaseProcess | None = None
        self._whole: dict[tuple[Path, bool], int] = {}  # up to which position; with findings?
        self._totals: Totals = {}

    def __enter__(self) -> "Snapshots":
        return self

    def __exit__(self, *_: object) -> None:
        if self._worker is not None:
            self._worker.terminate()
            self._worker.join()
        self._stack.close()

    @contextmanager
    def open(
        self, *, limited: bool = True, head: int | None = None, findings: bool = False
    ) -> Iterator[ServedContext]:
        """Open one snapshot: log and answers at one position, `head` at most.

        Lists are ready in it, and with `findings` these. Unless it is not `limited`, what reads
        from it raises OverLimitError after the time of the processor that a page may take, and the
        snapshot may be one of a moment ago. Raises NotReadyError where there is none yet.
        """
        with (
            open_reader(self.place.record) as reader,
            closing(self._connection(reader, findings, wait=not limited)) as connection,
        ):
            if limited:
                connection.ends_at = time.thread_time() + self.read_timeout_s
                connection.set_progress_handler(connection.is_over, _STEPS)
            at = position_of(connection)
            pinned = PinnedReader(reader, at if head is None else min(at, head))
            for key in list(self._totals)[:-_TOTALS]:
                self._totals.pop(key, None)
            model = PageModel(connection, pinned)
            yield ServedContext(model=model, at=self.place, totals=self._totals)

    def _connection(self, reader: RecordReader, findings: bool, *, wait: bool) -> "_Connection":
        last, stored = reader.last_position(), self._stored(reader)
        found = self._newest(reader, stored)
        if found is not None and self._missing(found, last, findings) == 0:
            return found.connection
        may_be_older = found is not None and not (wait or findings)
        busy = may_be_older and self._is_making()
        if busy or not self._lock.acquire(blocking=not may_be_older):
            assert found is not None
            return found.connection  # of a moment ago, until the next copy is made
        try:
            self._take_up()
            if found is not None:
                found.connection.close()
            found = self._newest(reader, stored)
            missing = last if found is None else self._missing(found, last, findings)
            if missing == 0 and found is not None:
                return found.connection
            base = found.path if found is not None else None
            if wait or (missing <= SOON and (base is None or base.stat().st_size <= SMALL)):
                if found is not None:
                    found.connection.close()
                return _opened(self._caught_up(PinnedReader(reader, last), base, findings))
            if self._worker is None:
                self._start(base, findings)
        finally:
            self._lock.release()
        if found is not None and not findings:
            return found.connection
        if found is not None:
            found.connection.close()
        raise NotReadyError(
            "the answers are not made yet",
            f"once, of {last:,} events; the page is shown when it is done",
            "try again in some seconds",
        )

    def _stored(self, reader: RecordReader) -> Path | None:
        """Return the ledger's own answers; None where they cannot be had."""
        with suppress(sqlite3.Error, StoreError, OSError):
            return answers_file(reader, self.place.answers)
        return None

    def _is_making(self) -> bool:
        """Say whether the process beside is at work: then a request has nothing to take up."""
        making = self._worker
        return making is not None and making.is_alive()

    def _newest(self, reader: RecordReader, stored: Path | None) -> "_Opened | None":
        """Open the newest of the ledger's own answers and the copy; None where neither is whole."""
        several = [_opened_whole(path, reader) for path in (stored, self._own) if path]
        found = sorted((one for one in several if one), key=lambda one: one.position)
        for one in found[:-1]:
            one.connection.close()
        return found[-1] if found else None

    def _missing(self, found: "_Opened", last: int, findings: bool) -> int:
        """Return how many events, lines of lists and findings answers lack."""
        behind = max(0, last - found.position)
        key = found.path, findings
        if behind or self._whole.get(key) == found.position:
            return behind
        lacking = len(things_without_line(found.connection))
        if findings:
            lacking += things_without_findings(found.connection, datetime.now(UTC).date())
        if lacking == 0:
            self._whole[key] = found.position
        return lacking

    def _caught_up(self, reader: RecordReader, base: Path | None, findings: bool) -> Path:
        """Bring the copy to the head in this process, and return it."""
        path = self._own or self._new_path()
        _catch_up(reader, path, base if base != path else None, findings)
        self._own = path
        self._whole[path, findings] = reader.last_position()
        return path

    def _start(self, base: Path | None, findings: bool) -> None:
        """Make the next copy in a process of its own, which Ctrl-C leaves to this one."""
        self._next = self._new_path()
        self._worker = multiprocessing.get_context("spawn").Process(
            target=_make, args=(self.place, base, self._next, findings), daemon=True
        )
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._worker.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    def _take_up(self) -> None:
        """Put into use what the process beside has made."""
        if self._worker is None or self._worker.is_alive():
            return
        self._worker.join()
        self._worker = None
        if self._next is not None and self._next.is_file():
            before, self._own = self._own, self._next
            if before is not None:
                before.unlink()  # who reads it still has it

    def _new_path(self) -> Path:
        if self._folder is None:
            made = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="depositary-"))
            self._folder = Path(made)
        return self._folder / f"answers-{time.monotonic_ns()}.sqlite3"


class _Opened(NamedTuple):
    """Answers that are whole, as they are at a position."""

    path: Path
    connection: _Connection
    position: int


def _make(place: LedgerLocation, base: Path | None, path: Path, findings: bool) -> None:
    """Make a copy that is at the head, whole or not at all; pages that are asked for go first."""
    os.nice(10)
    making = path.with_name(f"{path.name}.part")
    with open_reader(place.record) as reader:
        _catch_up(reader, making, base, findings)
    making.rename(path)


def _catch_up(reader: RecordReader, path: Path, base: Path | None, findings: bool) -> None:
    """Bring a copy to the head, with the lines of its lists; at first from the answers `base`."""
    if base is not None:
        with closing(_opened(base)) as source, closing(sqlite3.connect(path)) as to:
            source.backup(to)
    with ReadModel.open(reader, path) as answers:
        today = Clocks(datetime.now(UTC).date())
        for kind in KINDS:
            answers.ready(kind, today)
        answers.disputes(today)
        if findings:
            from projections.queries.findings import list_findings  # a fifth of what serve loads

            readable = PageModel(answers.connection, reader)
            readable.leave_out(leaves_out=True)
            list_findings(readable, today, policy(DEFAULT))
        answers.connection.execute("PRAGMA journal_mode = WAL")  # who reads it stops no writer


def _opened_whole(path: Path, reader: RecordReader) -> _Opened | None:
    """Open answers that are whole and about this log; None where they are not."""
    if not path.is_file() or path.with_name(f"{path.name}-journal").exists():
        return None
    with suppress(sqlite3.Error):
        found = _opened(path)
        with suppress(sqlite3.Error):
            if belongs_to(found, identity_of(reader)) and is_of_its_past(found, reader):
                return _Opened(path, found, position_of(found))
        found.close()
    return None


def _opened(path: Path) -> _Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(
        uri, uri=True, timeout=5, isolation_level=None, factory=_Connection
    )
    connection.execute("PRAGMA query_only = ON")
    connection.execute("BEGIN")
    return connection
