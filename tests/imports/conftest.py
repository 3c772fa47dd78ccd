"""What do tests of imports start from?

An empty ledger, the counter in the test's own process, and the real lists where they lie beside
the repository.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.main import main
from events.store.sqlite.reader import RecordReader

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"


class Ran(NamedTuple):
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run `depositary ARGUMENTS` in this process."""

    def run(*arguments: Any) -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def ledger(ask: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty ledger, found without naming it."""
    folder = tmp_path / "ledger"
    assert ask("init", folder).code == 0
    monkeypatch.setenv("DEPOSITARY_LEDGER", str(folder))
    return folder


@pytest.fixture
def recorded(ledger: Path) -> Callable[[], list[Any]]:
    """Return how to read all that the ledger's record holds."""

    def rows() -> list[Any]:
        with RecordReader(ledger / "record.sqlite3") as reader:
            return list(reader.rows())

    return rows


@pytest.fixture
def lists() -> Path:
    """Give the folder of the UN lists, or skip."""
    folder = DATA / "treaty" / "un-mtdsg"
    if not folder.is_dir():
        pytest.skip("the UN lists do not lie beside the repository in ../shared/data/treaty")
    return folder
