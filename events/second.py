"""How does a second process take its share of long work?

It is a Python of its own (SQLite forbids to go on in a copy of this one), told in a line of JSON
what to do; what it sends back is bytes. It finds this program and what this one imports from, never
what lies in the folder where somebody happens to stand. Half of something can always be made here
as well: a second process that fails has only wasted time, and what went wrong is met again where it
can be told.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

Send = Callable[[bytes], None]

_ROOT = str(Path(__file__).resolve().parents[1])
_START = "import sys; sys.path.append(sys.argv[1]); from events.second import work; work()"
_CHUNK_BYTES = 65_536


def there_is_one() -> bool:
    """Say whether a second process may be started here, and has a processor to run on."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def started(told: int, into: int) -> int | None:
    """Start a second process that reads one file and writes another; None if there can be none.

    What it reads begins with a line of `job`. Ctrl-C at the terminal does not reach it: who
    started it ends it.
    """
    # Where this process is told to hear nothing from its environment, so is the other.
    how = ["-P", "-S", *(["-E"] if sys.flags.ignore_environment else [])]
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:  # too many files are open
        return None
    try:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, *how, "-c", _START, _ROOT],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, fd, n) for n, fd in enumerate((told, into, nowhere))
            ],
            setsigmask=[signal.SIGINT],
        )
    except OSError:  # no more processes, or no more memory
        return None
    finally:
        os.close(nowhere)


def ended(pid: int, *, kill: bool) -> int | None:
    """Wait for the end of a process, or make it; return its status, None where nobody knows.

    Nobody does where a process was told to ignore the ends of its children.
    """
    with suppress(ProcessLookupError, ChildProcessError):
        if kill:
            os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1]
    return None


def job(module: str, task: dict[str, Any], *, libraries: bool = False) -> bytes:
    """Return the line that tells a second process to call `half` of a module with a task.

    Without `libraries` it finds none but Python's own: it starts sooner.
    """
    return json.dumps([module, task, sys.path if libraries else []]).encode() + b"\n"


def work() -> None:
    """Be the second process: do what standard input tells, and send it to standard output."""
    gc.disable()  # what it makes has no cycles, and is let go batch by batch
    module, task, found_in = json.loads(sys.stdin.buffer.readline())
    sys.path += [place for place in found_in if place and place not in sys.path]
    import_module(module).half(task, _send)


def _send(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


class Second:
    """A second process at work on one task; leave it with `with`, and none is left behind.

    `module` has a function `half`, which is called with `task` and with how to send bytes.
    """

    def __init__(self, module: str, task: dict[str, Any], *, libraries: bool = False) -> None:
        self._bytes = bytearray()
        self._from, into = os.pipe()
        told = os.memfd_create("task")
        os.write(told, job(module, task, libraries=libraries))
        os.lseek(told, 0, os.SEEK_SET)
        self._pid = started(told, into)
        os.close(told)
        os.close(into)

    def __enter__(self) -> "Second":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._from)
        if self._pid is not None:
            ended(self._pid, kill=True)

    def so_far(self) -> bytes:
        """Return what it has sent by now, without waiting."""
        os.set_blocking(self._from, False)
        with suppress(BlockingIOError):
            self._read()
        return bytes(self._bytes)

    def all(self) -> bytes | None:
        """Wait for its end and return all that it sent; None if it failed."""
        os.set_blocking(self._from, True)
        self._read()
        if self._pid is None:
            return None
        status = ended(self._pid, kill=False)
        self._pid = None
        return bytes(self._bytes) if status == 0 else None

    def _read(self) -> None:
        while chunk := os.read(self._from, _CHUNK_BYTES):
            self._bytes += chunk
