"""How is a batch written while the next one is decided?

In a thread of its own, one batch at a time: the database works without Python, so that both cores
do. Nothing is said of a batch before it is durable.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

SWITCH_S = 0.0002  # a writer that waits for Python waits no longer; as it comes: 5 ms, 6 times

Batch = TypeVar("Batch")
Write = Callable[[Batch], Sequence[int]]


class Ahead(Generic[Batch]):
    """Writes batches, each begun when the one before has landed; use it as a context manager.

    Leaving it waits for what is under way: no thread outlives it, whatever was raised.
    """

    def __init__(self, write: Write[Batch]) -> None:
        self._write = write
        self._pool: ThreadPoolExecutor | None = None
        self._batch: Batch | None = None
        self._positions: Future[Sequence[int]] | None = None

    def __enter__(self) -> "Ahead[Batch]":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    @property
    def under_way(self) -> Batch | None:
        """Return the batch that is being written, None if there is none."""
        return self._batch

    def begin(self, batch: Batch) -> None:
        """Begin to write a batch, which becomes the one under way."""
        assert self._batch is None, "one batch at a time"
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "writing")
        self._batch = batch
        self._positions = self._pool.submit(self._write, batch)

    def landed(self) -> Sequence[int]:
        """Wait for the batch under way and return its positions; raise what its write raised."""
        assert self._positions is not None, "nothing is under way"
        try:
            positions = self._positions.result()
        except Exception:
            self._batch = self._positions = None
            raise
        self._batch = self._positions = None
        return positions


@contextmanager
def switching_often() -> Iterator[None]:
    """Let threads take turns more often than Python does by itself."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
