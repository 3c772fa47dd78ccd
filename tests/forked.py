"""A command in a process of its own that need not read the libraries anew.

Python, the libraries and the modules of the program are read once, by the fork server of the
standard library; each command is a fork of it, with its own folder, environment and streams, and
ends as `depositary` ends. What concerns the start of Python itself is no matter for a fork.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from multiprocessing import forkserver, get_context, reduction
from multiprocessing.process import BaseProcess as Process
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryFile
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("events", "domain", "projections", "cli")
OF_THE_START = ("PYTHON", "LANG", "LC_", "LD_")  # variables that are read before a line is run


def may_be_forked(env: Mapping[str, str]) -> bool:
    """Say whether variables leave the start of Python as it is."""
    return os.name == "posix" and not any(name.startswith(OF_THE_START) for name in env)


def run(
    arguments: Sequence[str], cwd: Path | None, given: str, env: Mapping[str, str], timeout_s: float
) -> CompletedProcess[str]:
    """Run `depositary ARGUMENTS` in a fork, as `subprocess.run` would in a new process."""
    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile("w+", encoding="utf-8")) for _ in range(3)]
        files[0].write(given)
        files[0].seek(0)
        process = start(arguments, cwd or Path.cwd(), env, [file.fileno() for file in files])
        process.join(timeout_s)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutExpired(["depositary", *arguments], timeout_s)
        for file in files:
            file.seek(0)
        out, err = (file.read() for file in files[1:])
    return CompletedProcess(["depositary", *arguments], process.exitcode, out, err)


def start(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str], streams: Sequence[int]
) -> Process:
    """Start `depositary ARGUMENTS` in a fork, on the descriptors of its three streams."""
    _start_server()
    handed = [Stream(descriptor) for descriptor in streams]
    process = get_context("forkserver").Process(
        target=command, args=(arguments, os.fspath(cwd), dict(env), handed)
    )
    process.start()
    return process


@cache
def _start_server() -> None:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]
    modules = [name for name in names if not name.endswith(("__main__", "__init__"))]
    forkserver.set_forkserver_preload([*modules, __name__])  # an extra that is missing is left out
    with mock.patch.dict(os.environ, {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}):
        forkserver.ensure_running()


class Stream:
    """A file descriptor that a command gets with its arguments."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return _detached, (reduction.DupFd(self._descriptor),)


def _detached(handed: Any) -> int:
    return int(handed.detach())


def command(
    arguments: Sequence[str], cwd: str, env: Mapping[str, str], streams: Sequence[int]
) -> None:
    """Be the process `depositary`, in a fork: take the streams and run one command."""
    from cli.main import run as run_command

    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = ["-c", *arguments]
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    run_command()
