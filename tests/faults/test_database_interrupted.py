"""Does a command on a ledger in a database go through after a kill at any word with the server?

The command is killed before it sends a message to PostgreSQL, or before it reads a reply: with a
transaction open, or after a commit whose reply never came. Then the same words are run again. One
place of three commands is tried, and every place of each with `make test-long`.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.faults.interrupted import FACTS, LAST, last_of, run_here, well
from tests.faults.syscalls import Call, needs_strace, run_injected, run_traced

pytestmark = [needs_strace, pytest.mark.servers]

KILL = "signal=KILL"
TALK = ("sendto", "recvfrom")
TEMPLATE, NAME = "before_each", "interrupted"


class Words(NamedTuple):
    """What a command begins with, what is typed, and where the ledger ends afterwards.

    `AT` stands for the address. `twice` says why the same words are refused once it was done.
    """

    copied: str
    words: tuple[str, ...]
    ledger: str
    last: tuple[int, ...]
    twice: str = ""


AT = "AT"
CASES = {
    "init": Words("", ("init", AT, "--name", "example.org/x"), AT, (1,), "a ledger already"),
    "init-folder": Words(
        "",
        ("init", "new", "--database", AT, "--name", "example.org/x"),
        "new",
        (1,),
        "a ledger already",
    ),
    "copy-in": Words("", ("copy", "ledger", AT), AT, (LAST,)),
    "copy-out": Words("ledger", ("copy", AT, "new"), "new", (LAST,), "a ledger already"),
    "fork-in": Words(
        "", ("fork", "ledger", AT, "--name", "example.org/fork"), AT, (LAST,), "a ledger already"
    ),
    "append": Words("empty", ("--ledger", AT, "append", "facts.toml"), AT, (FACTS,)),
    "import": Words(
        "empty", ("--ledger", AT, "import", "ndjson", "facts.ndjson"), AT, (FACTS, FACTS + 1)
    ),
    "checkpoint": Words("ledger", ("--ledger", AT, "checkpoint"), AT, (LAST,)),
}


class Interrupted:
    """A command in its folder, with the database that it talks to."""

    def __init__(self, case: Words, server: Any, story: Path, where: Path) -> None:
        self.case, self.where, self._server, self._story = case, where, server, story
        self._address = server.address(NAME)
        self.words = tuple(self._address if word == AT else word for word in case.words)
        self.ledger = self._address if case.ledger == AT else case.ledger
        self._drop(TEMPLATE)
        server.sql(f"CREATE DATABASE {TEMPLATE} OWNER depositary")
        if case.copied:
            self._folder()
            well(where, "copy", case.copied, server.address(TEMPLATE))
        self.begin()

    def begin(self) -> None:
        """Be in the story again, before the command."""
        self._drop(NAME)
        self._server.sql(f"CREATE DATABASE {NAME} OWNER depositary TEMPLATE {TEMPLATE}")
        self._folder()

    def _folder(self) -> None:
        shutil.rmtree(self.where, ignore_errors=True)
        shutil.copytree(self._story, self.where)

    def _drop(self, name: str) -> None:
        self._server.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def places(self) -> list[Call]:
        """Run the command to its end, and return each message to the server and reply read."""
        ended, calls = run_traced(self.words, self.where, TALK)
        assert ended.code == 0, ended
        self.holds()
        return [each for each in calls if each.name in TALK]

    def killed(self, place: Call) -> None:
        """Kill it at a place; the same words go through, and nothing acknowledged is lost."""
        self.begin()
        ended = run_injected(self.words, self.where, place, KILL)
        assert ended.code == -9, (place, ended)
        if ended.out:
            self.holds()
        again = run_here(self.where, *self.words)
        done_before = again.code == 7 and bool(self.case.twice) and self.case.twice in again.err
        assert again.code == 0 or done_before, (place, again)
        self.holds()

    def holds(self) -> None:
        assert last_of(self.where, self.ledger) in self.case.last
        audited = run_here(self.where, "--ledger", self.ledger, "audit")
        assert audited.code == 0, audited


@pytest.fixture(params=CASES)
def interrupted(
    request: pytest.FixtureRequest, postgres_server: Any, story: Path, tmp_path: Path
) -> Iterator[Interrupted]:
    """Give each command of the suite."""
    yield Interrupted(CASES[request.param], postgres_server, story, tmp_path / "here")
    for name in (NAME, TEMPLATE):
        postgres_server.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.parametrize("interrupted", ["init-folder", "copy-in", "append"], indirect=True)
def test_a_command_killed_between_two_messages_goes_through(interrupted: Interrupted) -> None:
    places = interrupted.places()
    assert len(places) >= 8, "it talks with the server"
    interrupted.killed(places[2 * len(places) // 3])


@pytest.mark.long
def test_a_command_killed_at_any_message_goes_through(
    interrupted: Interrupted, measured: Callable[[str], None]
) -> None:
    places = interrupted.places()
    for place in places:
        interrupted.killed(place)
    measured(f"{len(places)} kills")
