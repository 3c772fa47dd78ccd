"""Open what pages are read from: one snapshot a request, read-only, never written by the server.

The read model of the ledger is used where it lies while it is up to date. Where it is behind,
missing, or lacks the lines of its lists, the server keeps a copy in a folder of its own, which it
catches up once for each head of the log, for all requests together.
"""

import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.context import AppContext
from cli.web.address import Clock
from domain.claims.claim import Clocks
from events.errors import NotPossibleError
from events.identifiers import KINDS
from events.store.errors import StoreError
from events.store.factory import open_reader
from events.store.ledger_folder import LedgerLocation
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from projections.read_model.cache_folder import answers_file
from projections.read_model.catch_up import identity_of, position_of
from projections.read_model.database import ReadModel, belongs_to, is_of_its_past
from projections.read_model.list_cache import things_without_line
from projections.read_model.schema import EVERYTHING

CPU_S = 2.0
MOST_STOPS = 60  # of a clock, on the strip of a subject
_STEPS = 20_000  # of SQLite's machine, between two looks at the time


class OverLimitError(NotPossibleError):
    """A page takes at most so much of the processor."""


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

    def data_version(self) -> int:
        """Return a number that changes when another process has written."""
        return self._inner.data_version()


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


class ServedContext(AppContext):
    """What commands work with while they answer for a page: one snapshot, and nothing to write."""

    model: ReadModel | None = None
    at: LedgerLocation | None = None
    site: Clock | None = None  # of a folder of files: the clocks that its addresses leave away
    most_stops: int = MOST_STOPS

    @property
    def place(self) -> LedgerLocation:
        """Return where the ledger is."""
        assert self.at is not None
        return self.at

    @contextmanager
    def answers(self) -> Iterator[ReadModel]:
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
        self._own: Path | None = None
        self._own_at = -1
        self._stack = ExitStack()

    def __enter__(self) -> "Snapshots":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def head(self) -> int:
        """Return the last position of the log."""
        with open_reader(self.place.record) as reader:
            return reader.last_position()

    @contextmanager
    def open(
        self, *, limited: bool = True, lists: bool = True, head: int | None = None
    ) -> Iterator[ServedContext]:
        """Open one snapshot: log and answers at one position, `head` at most.

        With `lists` the lines of lists are ready in it. Unless it is not `limited`, what reads
        from it raises OverLimitError after the time of the processor that a page may take.
        """
        with open_reader(self.place.record) as reader:
            last = reader.last_position()
            with closing(self._connection(reader, last, lists=lists)) as connection:
                if limited:
                    connection.ends_at = time.thread_time() + self.read_timeout_s
                    connection.set_progress_handler(connection.is_over, _STEPS)
                at = position_of(connection)
                pinned = PinnedReader(reader, at if head is None else min(at, head))
                model = ReadModel(connection, pinned)
                model.position = pinned.last_position()
                yield ServedContext(model=model, at=self.place)

    def _connection(self, reader: RecordReader, last: int, *, lists: bool) -> _Connection:
        with suppress(sqlite3.Error, StoreError, OSError):
            path = answers_file(reader, self.place.answers)
            if path is not None and self._own_at < last and (found := _current(path, reader, last)):
                if not lists or not things_without_line(found, EVERYTHING):
                    return found
                found.close()
        with self._lock:
            if self._own_at < last:
                self._catch_up(reader)
            assert self._own is not None
            return _opened(self._own)

    def _catch_up(self, reader: RecordReader) -> None:
        """Bring the server's own copy to the head, with the lines of its lists."""
        if self._own is None:
            folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="depositary-"))
            self._own = Path(folder) / "answers.sqlite3"
            with suppress(sqlite3.Error, StoreError, OSError):
                path = answers_file(reader, self.place.answers)
                if path is not None and path.is_file() and not _has_journal(path):
                    with (
                        closing(_opened(path)) as source,
                        closing(sqlite3.connect(self._own)) as to,
                    ):
                        source.backup(to)
        with ReadModel.open(reader, self._own) as answers:
            today = Clocks(datetime.now(UTC).date())
            for kind in KINDS:
                answers.ready(kind, today)
            answers.disputes(today)
            self._own_at = answers.position


def _current(path: Path, reader: RecordReader, last: int) -> _Connection | None:
    """Open answers where they lie, if they are whole and at the head."""
    if not path.is_file() or _has_journal(path):
        return None
    found = _opened(path)
    try:
        if (
            belongs_to(found, identity_of(reader))
            and is_of_its_past(found, reader)
            and position_of(found) == last
        ):
            return found
    except sqlite3.Error:
        pass
    found.close()
    return None


def _has_journal(path: Path) -> bool:
    return path.with_name(f"{path.name}-journal").exists()


def _opened(path: Path) -> _Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(
        uri, uri=True, timeout=5, isolation_level=None, factory=_Connection
    )
    connection.execute("PRAGMA query_only = ON")
    connection.execute("BEGIN")
    return connection
