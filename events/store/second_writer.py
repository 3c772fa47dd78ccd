"""How does a second process write batches, while this one makes the next?

It opens the record by itself, and inserts by the recorder that would do it here. A thread of this
process would do on paper, for the database works without Python; but each of its calls has to wait
until it gets Python back, a dozen times a batch, and idle processors are slow to wake.

A batch is answered when it is durable. Whatever becomes of this process, the batch that the second
one was given is written whole or not at all, and then it ends.
"""

import marshal
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from events import second
from events.interrupts import defer_interrupts
from events.store import errors
from events.store.errors import StoreError
from events.store.location import Location, parse_location
from events.store.rows import Bare, enveloped

_READY = b"."
_SIZE_BYTES = 8  # of what follows, before each batch and each answer
_CHUNK_BYTES = 65_536
_TIDIED_BYTES = 1 << 19  # of bodies; what is done more rarely lasts longer, and a batch waits
_F_SETPIPE_SZ, _PIPE_BYTES = 1031, 1 << 20  # a batch is handed over in one go (fcntl, Linux)

Positions = Sequence[int]


class WriterLostError(StoreError):
    """The process that writes was stopped: run it again, what is recorded is not recorded twice."""


class SecondWriter:
    """A second process that writes to a record; `close` it in the end.

    One batch at a time: `begin`, then `landed`, which may be called again and says the same; no
    interrupt comes within either. `given` is the batch that was handed over last. Raises OSError
    where no pipe can be made.
    """

    def __init__(self, where: Location, ledger_id: str) -> None:
        told, self._into = os.pipe()
        try:
            self._from, answers = os.pipe()
        except OSError:  # too many files are open
            os.close(told)
            os.close(self._into)
            raise
        with suppress(OSError, ImportError):
            from fcntl import fcntl

            fcntl(self._into, _F_SETPIPE_SZ, _PIPE_BYTES)
        task = {"where": str(where), "ledger_id": ledger_id}
        os.write(self._into, second.job(__name__, task, libraries=True))
        self._pid = second.started(told, answers)
        os.close(told)
        os.close(answers)
        self._ready = False
        self.given: Sequence[Bare] | None = None
        self._unsent = memoryview(b"")
        self._answer = bytearray()

    @property
    def ready(self) -> bool:
        """Say, without waiting, whether it has opened the record and may be given a batch."""
        if not self._ready and self._pid is not None:
            os.set_blocking(self._from, False)
            with suppress(BlockingIOError):
                self._ready = os.read(self._from, 1) == _READY
                if not self._ready:  # it could not open the record: here it is said why
                    self._ended(kill=False)
            os.set_blocking(self._from, True)
        return self._ready

    def begin(self, events: Sequence[Bare]) -> None:
        """Hand a batch over; raise WriterLostError if nobody takes it."""
        things, *columns = zip(*events, strict=True)
        batch = marshal.dumps((tuple(map(str, things)), *columns))
        with defer_interrupts():
            self._answer.clear()
            self._unsent, self.given = memoryview(_sized(batch)), events
            self._send()

    def landed(self) -> Positions:
        """Wait until the batch is durable and return its positions; raise what its write raised.

        Raises WriterLostError where the process ended before it answered.
        """
        with defer_interrupts():
            self._send()
            size = int.from_bytes(self._read(_SIZE_BYTES), "big")
            answer = self._read(_SIZE_BYTES + size)[_SIZE_BYTES:]
        positions, name, message = marshal.loads(answer)  # noqa: S302 - from a process of our own
        if name is None:
            found: Positions = positions
            return found
        raise getattr(errors, name, StoreError)(message)

    def close(self, *, waiting: bool) -> None:
        """End it: at once, or once it has written the batch that it was given."""
        os.close(self._into)
        os.close(self._from)
        self._ended(kill=not waiting)

    def _ended(self, *, kill: bool) -> None:
        if self._pid is not None:
            second.ended(self._pid, kill=kill)
            self._pid = None

    def _send(self) -> None:
        while self._unsent:
            try:
                self._unsent = self._unsent[os.write(self._into, self._unsent) :]
            except BrokenPipeError:
                raise _lost() from None

    def _read(self, size_bytes: int) -> bytes:
        while len(self._answer) < size_bytes:
            chunk = os.read(self._from, _CHUNK_BYTES)
            if not chunk:
                raise _lost()
            self._answer += chunk
        return bytes(self._answer[:size_bytes])


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(_SIZE_BYTES, "big") + data


def _lost() -> WriterLostError:
    return WriterLostError(
        "The process that writes was stopped; the last batch may or may not be recorded. Run it"
        " again: nothing is recorded twice."
    )


def half(task: dict[str, Any], send: second.Send) -> None:
    """Be the second process: write each batch that comes, and send what came of it."""
    from eventsourcing.utils import Environment

    from events.store.factory import library_environment, make_recorder_factory

    where = parse_location(task["where"])
    factory = make_recorder_factory(Environment("second writer", library_environment(where)), where)
    recorder: Any = factory.application_recorder()  # one of ours
    send(_READY)
    waiting_bytes = 0
    while batch := _given():
        answer = marshal.dumps(_written(recorder, batch, task["ledger_id"]))
        send(_sized(answer))
        waiting_bytes += sum(len(event.data) for event in batch)
        if waiting_bytes >= _TIDIED_BYTES:  # while the other decides the next one
            recorder.tidy()
            waiting_bytes = 0
    factory.close()


def _given() -> Sequence[Bare] | None:
    import sys

    size = sys.stdin.buffer.read(_SIZE_BYTES)
    if len(size) < _SIZE_BYTES:
        return None
    length = int.from_bytes(size, "big")
    batch = sys.stdin.buffer.read(length)
    if len(batch) < length:
        return None  # whoever gave it was stopped while giving
    columns = marshal.loads(batch)  # noqa: S302 - from a process of our own
    return list(map(partial(tuple.__new__, Bare), zip(*columns, strict=True)))


def _written(recorder: Any, batch: Sequence[Bare], ledger_id: str) -> tuple[Any, str | None, str]:
    try:
        return list(recorder.insert_events(enveloped(batch, ledger_id))), None, ""
    except Exception as error:
        return None, type(error).__name__, str(error)
