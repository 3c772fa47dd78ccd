"""How is a batch written while the next one is decided?

Where there are many facts, by a second process, so that both cores work; until that one has
started, in a thread of this. One batch at a time, and nothing is said of it before it is durable.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from events.interrupts import defer_interrupts
from events.second import there_is_one
from events.store.location import Location
from events.store.rows import Bare
from events.store.second_writer import SecondWriter

MANY = 1_000  # events in one batch, from which on more will come


class Events(Protocol):
    """Whatever holds the events of a batch."""

    @property
    def events(self) -> Sequence[Bare]: ...  # noqa: D102


Batch = TypeVar("Batch", bound=Events)
Write = Callable[[Batch], Sequence[int]]


class Ahead(Generic[Batch]):
    """Writes batches, each begun when the one before has landed; use it as a context manager.

    Leaving it waits for what is under way: no thread and no process outlives it, whatever was
    raised. `write` writes a batch here; without `where` all are written here.
    """

    def __init__(self, write: Write[Batch], where: Location | None, ledger_id: str) -> None:
        self._write, self._where, self._ledger_id = write, where, ledger_id
        self._pool: ThreadPoolExecutor | None = None
        self._second: SecondWriter | None = None
        self._batch: Batch | None = None
        self._positions: Future[Sequence[int]] | None = None  # None: the second process has it

    def __enter__(self) -> "Ahead[Batch]":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)
        if self._second is not None:
            self._second.close(waiting=self._batch is not None)

    @property
    def under_way(self) -> Batch | None:
        """Return the batch that is being written, None if there is none."""
        return self._batch

    def begin(self, batch: Batch) -> None:
        """Begin to write a batch, which becomes the one under way, whole before any interrupt."""
        assert self._batch is None, "one batch at a time"
        with defer_interrupts():
            self._batch = batch
            if self._second is not None and self._second.ready and batch.events:
                self._second.begin(batch.events)
                return
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, "writing")
            self._positions = self._pool.submit(self._write, batch)
            if self._where is not None and len(batch.events) >= MANY:
                self._start(self._where)

    def _start(self, where: Location) -> None:
        self._where = None  # it is tried once
        if there_is_one():
            with suppress(OSError):
                self._second = SecondWriter(where, self._ledger_id)

    def landed(self) -> Sequence[int]:
        """Wait for the batch under way and return its positions; raise what its write raised."""
        assert self._batch is not None, "nothing is under way"
        try:
            if self._positions is not None:
                positions = self._positions.result()
            elif self._second is not None and self._second.given is self._batch.events:
                positions = self._second.landed()
            else:  # an interrupt was faster than the handing over
                positions = self._write(self._batch)
        except Exception:
            self._batch = self._positions = None
            raise
        self._batch = self._positions = None
        return positions
