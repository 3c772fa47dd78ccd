"""Do the answers keep up while others record, and does who keeps them so end as told?"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.servers import Server, folder_for_servers

ROOT = Path(__file__).resolve().parents[2]
COUNTER = "import sys; from cli.main import run; sys.exit(run())"
NEW = "--name New --type state --asserted-by recorder --basis recorder"

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]


class Follower:
    """A `depositary follow` in a process of its own."""

    def __init__(self, ledger: str, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", COUNTER, "--ledger", ledger, "follow", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def line(self) -> str:
        """Wait for the next line that it says."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """End it by a signal; return its exit code and what it said beside its lines."""
        self.process.send_signal(how)
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


@pytest.fixture
def follow() -> Iterator[Callable[..., Follower]]:
    """Start followers, and leave none behind."""
    started: list[Follower] = []

    def start(*words: Any) -> Follower:
        started.append(Follower(*map(str, words)))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


def record(ask: Ask, name: str) -> None:
    ran = ask("record", "party.established", f"party/{name}", *NEW.split())
    assert ran.code == 0, ran.err


def recorded(ask: Ask, position: int) -> str:
    shown = json.loads(ask("event", "show", f"@{position}", "--json").out)
    return str(shown["event"]["time"])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_follower_takes_up_what_is_recorded_and_ends_with_its_position(
    how: signal.Signals, ask: Ask, ledger: Path, follow: Any
) -> None:
    follower = follow(ledger)
    assert follower.line() == "@6"
    record(ask, "one")
    assert follower.line() == "@7"
    record(ask, "two")
    assert follower.line() == "@8"
    code, err = follower.end(how)
    assert (code, err) == (0, "stopped at @8: the read model has caught up to it\n")


def test_a_follower_writes_json_a_line_each(ask: Ask, ledger: Path, follow: Any) -> None:
    follower = follow(ledger, "--json")
    assert json.loads(follower.line()) == {"position": 6, "recorded": recorded(ask, 6)}
    record(ask, "one")
    assert json.loads(follower.line()) == {"position": 7, "recorded": recorded(ask, 7)}


def test_a_follower_ends_by_itself_at_a_position(ask: Ask, ledger: Path) -> None:
    ran = ask("follow", "--until", "@6")
    assert (ran.code, ran.out) == (0, "@6\n")


@pytest.mark.parametrize("until", ["", "@", "x", "-1", "@99999999999999999"])
def test_a_position_that_is_none_is_2(until: str, ask: Ask, ledger: Path, refused: Refused) -> None:
    refused(ask("follow", f"--until={until}"), 2)


def test_a_follower_says_where_answers_cannot_be_kept(
    ask: Ask, ledger_once: Path, tmp_path: Path, refused: Refused
) -> None:
    ledger = shutil.copytree(ledger_once, tmp_path / "ledger")
    (ledger / "answers.sqlite3").unlink()
    (ledger / "answers.sqlite3").mkdir()
    (ledger / "answers.sqlite3" / "kept").touch()  # an empty folder would be removed
    what, _, then = refused(ask("--ledger", ledger, "follow"), 7)
    assert what == "error: the read model cannot be stored"
    assert "depositary replay" in then


def test_a_follower_goes_on_after_the_server_was_away(
    ask: Ask,
    ledger_once: Path,
    follow: Any,
    postgres_binaries: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with folder_for_servers() as folder:
        server = Server.make(folder / "one")
        assert ask("copy", ledger_once, server.address()).code == 0
        follower = follow(server.address())
        assert follower.line() == "@6"
        server.stop("immediate")
        server.start()
        monkeypatch.setenv("DEPOSITARY_LEDGER", server.address())
        record(ask, "one")
        assert follower.line() == "@7"
        code, err = follower.end(signal.SIGINT)
        assert code == 0
        assert err.splitlines()[-1] == "stopped at @7: the read model has caught up to it"
