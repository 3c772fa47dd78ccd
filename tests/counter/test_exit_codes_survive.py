"""Does a command's exit code survive what becomes of its output, and a signal clean up?"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import COUNTER, clean_environment
from tests.counter.conftest import KNOWN

Run = Callable[..., Any]

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")


def tampered(ledger: Path) -> None:
    """Let an event say something else than what was recorded."""
    with closing(sqlite3.connect(ledger / "record.sqlite3")) as foreign:
        (guard,) = foreign.execute(
            "SELECT sql FROM sqlite_schema WHERE name = 'stored_events_update'"
        ).fetchone()
        foreign.execute("DROP TRIGGER stored_events_update")
        foreign.execute("UPDATE stored_events SET state = CAST('x' AS BLOB) WHERE position = 2")
        foreign.execute(guard)
        foreign.commit()


def wait_until_open(process: "subprocess.Popen[bytes]", name: str) -> None:
    """Wait until a process has a file of that name open, and a little longer."""
    opened = Path(f"/proc/{process.pid}/fd")
    for _ in range(600):
        if any(one.resolve().name == name for one in opened.iterdir()):
            time.sleep(1)
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    raise AssertionError(f"{name} is not opened within a minute")


@contextmanager
def lost(how: str) -> Iterator[int | None]:
    """Give a descriptor to which nothing can be written; None for one that is to be closed."""
    if how == "full":
        descriptor = os.open("/dev/full", os.O_WRONLY)
    elif how == "gone":
        reading, descriptor = os.pipe()
        os.close(reading)
    else:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def exit_code(words: tuple[Any, ...], out: str | None, err: str | None) -> int:
    """Return the exit code of a command whose output is lost in one of the ways."""
    shell = [sys.executable, "-c", COUNTER, *map(str, words)]
    closed = [f"{n}>&-" for n, how in ((1, out), (2, err)) if how == "closed"]
    command = ["/bin/sh", "-c", f'exec "$@" {" ".join(closed)}', "sh", *shell]
    with lost(out or "") as stdout, lost(err or "") as stderr:
        ran = subprocess.run(
            command,
            stdout=subprocess.DEVNULL if stdout is None else stdout,
            stderr=subprocess.DEVNULL if stderr is None else stderr,
            env=clean_environment({}),
            check=False,
            timeout=120,
        )
    return ran.returncode


LOST = [("full", "full"), ("gone", "gone"), ("closed", "closed"), ("full", None), (None, "full")]


@pytest.mark.parametrize(("out", "err"), LOST)
def test_evidence_stays_4_whatever_becomes_of_the_output(
    out: str | None, err: str | None, ledger: Path
) -> None:
    tampered(ledger)
    (ledger / "answers.sqlite3").unlink()
    assert exit_code(("--ledger", ledger, "audit"), out, err) == 4
    assert exit_code(("--ledger", ledger, "audit", "--json"), out, err) == 4
    if out != "closed":
        assert exit_code(("--ledger", ledger, "party", "list"), out, err) == 4


@pytest.mark.parametrize(("out", "err"), LOST)
def test_an_error_keeps_its_code_whatever_becomes_of_its_lines(
    out: str | None, err: str | None, ledger: Path
) -> None:
    expected = 7 if out == "closed" else 3
    assert exit_code(("--ledger", ledger, "party", "show", "nobody"), out, err) == expected
    assert exit_code(("--ledger", ledger, "-v", "party", "show", "nobody"), out, err) == expected
    assert exit_code(("zzz",), None, err) == 2
    assert exit_code(("--ledger", ledger / "none", "status"), None, err) == 7


@pytest.mark.parametrize(("out", "code"), [("full", 7), ("gone", 141), ("closed", 7)])
def test_an_answer_that_is_lost_is_no_answer(out: str, code: int, ledger: Path) -> None:
    assert exit_code(("--ledger", ledger, "party", "list"), out, None) == code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_cleans_up_and_says_what_is_recorded(
    number: signal.Signals, code: int, ledger: Path
) -> None:
    facts = ledger / "facts.toml"
    facts.write_text("[[fact]]" + KNOWN.split("[[fact]]")[1].replace("party/sv", "party/new"))
    with closing(sqlite3.connect(ledger / "record.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # so that the command waits
        command = subprocess.Popen(
            [sys.executable, "-c", COUNTER, "--ledger", str(ledger), "append", str(facts)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment({}),
        )
        wait_until_open(command, "record.sqlite3")
        command.send_signal(number)
        time.sleep(0.5)
        other.execute("ROLLBACK")
    _, err = command.communicate(timeout=60)
    assert command.returncode == code, err
    assert b"a change is recorded whole or not at all" in err
    assert len(err.splitlines()) == 3


def test_a_backup_that_is_terminated_leaves_nothing(ledger: Path, tmp_path: Path) -> None:
    stopped = (
        "import os, signal; from events.store.sqlite import backup;"
        "verify = backup.PAGES_A_STEP; backup.PAGES_A_STEP = 1;"
        "from cli import progress, main as m; import cli.commands.move.backup as b;"
        "from contextlib import contextmanager\n"
        "@contextmanager\n"
        "def shown(*_):\n"
        "    yield lambda *_: os.kill(os.getpid(), signal.SIGTERM)\n"
        "b.progress = shown\n"
        "m.run()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", stopped, "--ledger", str(ledger), "backup", str(tmp_path / "b")],
        env=clean_environment({}),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 143, ran.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"ledger"}


def test_who_ignores_a_hangup_goes_on(ledger: Path) -> None:
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN);" + COUNTER.replace(
        "run()", "run() if __import__('os').kill(__import__('os').getpid(), 1) is None else 0"
    )
    ran = subprocess.run(
        [sys.executable, "-c", ignoring, "--ledger", str(ledger), "status"],
        env=clean_environment({}),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr


def test_the_codes_of_signals_are_explained(depositary: Run) -> None:
    text = depositary("help", "exit-codes").stdout
    assert "143" in text
    assert "129" in text
