"""Run the command line under strace: record its system calls, or make one of them fail.

strace sees what the kernel is asked for, below Python and SQLite alike, and needs no code in the
process: `trace` writes all calls down with their data, `inject` kills at one call or refuses it.
Calls are counted from the start of the process, which makes the same ones in each run.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import COUNTER, clean_environment

# A call that this machine's kernel lacks is left out: some have no rename, but renameat.
NAMES = ("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat")
FOLDERS = ("mkdir", "mkdirat", "rmdir")
WRITES = ("pwrite64", "write", "ftruncate", "fchmod", "chmod", "fchmodat", "sendfile")
READS = ("pread64",)
SYNCS = ("fsync", "fdatasync", "sync")
CALLS = ("openat", *WRITES, *SYNCS, *NAMES, *FOLDERS)

_call = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|\?)(.*)")
_part = re.compile(r'\s*(?:(\w+)<([^<>]*)>(?:\(deleted\))?|"((?:\\x[0-9a-f]{2})*)"|([^,]+))')


def strace_missing() -> str:
    """Return why strace cannot be used here; an empty text where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if tried.returncode == 0 else f"strace may trace nothing here: {tried.stderr[:200]}"


_missing = strace_missing()
needs_strace = pytest.mark.skipif(bool(_missing), reason=_missing)


_FILTERED = ("--seccomp-bpf",)


class Call(NamedTuple):
    """A system call that succeeded: its name, the paths and data in it, its numbers, its result.

    `number` counts the calls of this name from the start of the process, from 1. `answers` says
    that it wrote to standard output: what it says there is acknowledged.
    """

    name: str
    paths: tuple[Path, ...]
    data: bytes
    numbers: tuple[int, ...]
    flags: str
    result: int
    number: int
    answers: bool = False


class Ended(NamedTuple):
    """How a process ended: its exit code, negative for a signal, and what it wrote."""

    code: int
    out: str
    err: str


def run_traced(
    words: tuple[str, ...], where: Path, names: tuple[str, ...] = CALLS
) -> tuple[Ended, list[Call]]:
    """Run a command in a folder; return how it ended, and its calls of these names in order."""
    trace = "trace=" + ",".join(f"?{name}" for name in names)
    log = where.with_name(f"{where.name}.calls")
    ended = _strace(
        (*_FILTERED, "-y", "-xx", "-s", "1000000", "-o", str(log), "-e", trace), words, where
    )
    text = log.read_text("ascii")
    log.unlink()
    counts: dict[str, int] = {}
    parsed = (_parsed(line, where, counts) for line in text.splitlines())
    return ended, [call for call in parsed if call is not None]


def run_injected(words: tuple[str, ...], where: Path, call: Call, what: str) -> Ended:
    """Run a command of which one call fails (`error=EIO`), or is its last (`signal=KILL`)."""
    rule = f"inject={call.name}:{what}:when={call.number}"
    trace = ("-o", os.devnull, "-e", f"trace={call.name}", "-e", rule)
    # Filtered in the kernel it is faster, but there strace injects no signal.
    return _strace((*trace, *(() if "signal" in what else _FILTERED)), words, where)


def _strace(options: tuple[str, ...], words: tuple[str, ...], where: Path) -> Ended:
    ran = subprocess.run(
        ["strace", "-f", "-qq", *options, sys.executable, "-c", COUNTER, *words],
        cwd=where,
        env=clean_environment(
            {
                "PYTHONDONTWRITEBYTECODE": "1",
                "XDG_CACHE_HOME": str(where / "cache"),
                "XDG_CONFIG_HOME": str(where / "config"),
            }
        ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    code = -signal.SIGKILL if ran.returncode == 128 + signal.SIGKILL else ran.returncode
    return Ended(code, ran.stdout, ran.stderr)


def _parsed(line: str, where: Path, counts: dict[str, int]) -> Call | None:
    match = _call.fullmatch(line)
    if match is None:
        return None
    name, inside, result, rest = match.groups()
    counts[name] = counts.get(name, 0) + 1
    if not result.isdecimal():
        return None  # it failed, and changed nothing
    paths: list[Path] = []
    data, folder, words, answers = b"", where, [], False
    for descriptor, described, quoted, word in _part.findall(inside):
        if described:
            # Of a descriptor, or what a name is relative to; what has no path is a pipe.
            folder = Path("/dev") / _text(described)
            answers = answers or (name, descriptor) == ("write", "1")
        if quoted and name in (*WRITES, *READS):
            data = _bytes(quoted)
        elif quoted:
            paths.append(folder / _text(quoted))
        elif word:
            words.append(word)
    if name == "openat":
        paths = [Path(_text(rest[1:-1]))]  # that of what was opened
    elif not paths:
        paths = [folder]
    numbers = tuple(int(word) for word in words if word.isdecimal())
    return Call(
        name, tuple(paths), data, numbers, " ".join(words), int(result), counts[name], answers
    )


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _text(text: str) -> str:
    return os.fsdecode(_bytes(text))
