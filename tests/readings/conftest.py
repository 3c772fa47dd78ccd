"""What the tests of readings start from: the bundled story, and commands run on it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.main import main


class Ran(NamedTuple):
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def the_story(demo_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a ledger with the bundled story to the tests of one file, who only read it."""
    return shutil.copytree(demo_once, tmp_path_factory.mktemp("the-story") / "ledger")


@pytest.fixture
def counter(the_story: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run `depositary ARGUMENTS` in this process, on the story or on another `ledger`."""

    def run(*arguments: str, ledger: Path = the_story) -> Ran:
        capsys.readouterr()
        code = main(["--ledger", str(ledger), *arguments])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def document(counter: Callable[..., Ran]) -> Callable[..., Any]:
    """Ask as a script, and give the document; the command must succeed."""

    def run(*arguments: str, **options: Any) -> Any:
        ran = counter(*arguments, "--json", **options)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    return run


@pytest.fixture
def turned_away(counter: Callable[..., Ran]) -> Callable[..., list[str]]:
    """Run a command that must fail with a code, in three lines and without an answer."""

    def run(code: int, *arguments: str, **options: Any) -> list[str]:
        ran = counter(*arguments, **options)
        assert (ran.code, ran.out) == (code, ""), ran.out + ran.err
        what, why, then = ran.err.splitlines()
        assert (what[:7], why[:2], then[:8]) == ("error: ", "  ", "  next: ")
        return [what[7:], why[2:], then[8:]]

    return run
