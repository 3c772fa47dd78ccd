"""Does an answer longer than the screen go through the reader's pager, and only on a terminal?"""

import os
import pty
import struct
import subprocess
import sys
from collections.abc import Callable
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

import pytest

from cli.output import formats

COUNTER = "import sys; from cli.main import run; sys.exit(run())"
ROOT = Path(__file__).resolve().parents[2]

# Stands for a pager: it writes down that it was asked, and shows what it is given.
MARKED = f"{sys.executable} -c \"import sys; print('PAGED'); print(sys.stdin.read(), end='')\""

Show = Callable[..., str]


@pytest.fixture
def show(the_story: Path) -> Show:
    """Run a command on a terminal of 80 columns and so many lines; give what it shows."""

    def run(*words: str, lines: int = 24, wanted: str = MARKED) -> str:
        master, slave = pty.openpty()
        ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", lines, 80, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-c", COUNTER, "--ledger", str(the_story), *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "PAGER": wanted,
                "TERM": "xterm",
            },
        )
        os.close(slave)
        parts = []
        while True:
            try:
                part = os.read(master, 65_536)
            except OSError:
                break
            if not part:
                break
            parts.append(part)
        os.close(master)
        assert process.wait(timeout=60) == 0
        return b"".join(parts).decode().replace("\r\n", "\n")

    return run


def test_a_long_answer_is_paged_and_a_short_one_is_not(show: Show) -> None:
    assert show("timeline", "reserve/sv").startswith("PAGED\n")
    assert "PAGED" not in show("timeline", "reserve/sv", lines=900)


def test_what_is_paged_is_the_whole_answer(show: Show) -> None:
    paged = show("party", "list").removeprefix("PAGED\n")
    assert paged == show("party", "list", lines=900)


@pytest.mark.parametrize("wanted", ["", "cat", "no-such-program-anywhere", "less '"])
def test_without_a_pager_the_answer_is_written(wanted: str, show: Show) -> None:
    text = show("party", "list", wanted=wanted)
    assert "PAGED" not in text
    assert "\nreproduce: depositary party list" in text


def test_scripts_meet_no_pager(show: Show) -> None:
    for form in ("--json", "--csv"):
        assert "PAGED" not in show("party", "list", form)


def test_no_line_is_wider_than_the_terminal(show: Show) -> None:
    paper = "agreement/pk-sv-bitcoin-2025"
    for words in (
        ("timeline", paper),
        ("timeline", "reserve/sv"),
        ("history", "reserve/sv"),
        ("blame", paper),
        ("explain", "reserve/sv", "ledger_balance"),
        ("diff", "2025-07-15", "2025-07-18", paper),
        ("query", "select subject, reported, reported_by from reserves"),
    ):
        lines = show(*words, lines=900).splitlines()
        whole = ("reproduce: ", "  at https://")  # what is copied is not broken
        wide = [line for line in lines if len(line) > 80 and not line.startswith(whole)]
        assert [line for line in wide if not line.startswith("\x1b[1m")] == []


def test_a_pipe_meets_no_pager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", MARKED)
    assert not formats.paged(["line"] * 1_000)
