"""What do tests of imports start from?

An empty ledger, the counter in the test's own process, and the real lists where they lie beside
the repository.
"""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.main import main
from events.envelope import open_envelope
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


class Brought(NamedTuple):
    """What an import left: its exit code, what it wrote, and its report."""

    code: int
    out: str
    err: str
    report: Any

    def lines(self, what: str = "rejected") -> list[Any]:
        """Return the lines of a sort of the report."""
        return [line for line in self.report["lines"] if line["what"] == what]

    def named(self, what: str = "rejected") -> list[tuple[int | None, str, str]]:
        """Return line, column and name of the lines of a sort."""
        return [(line["line"], line["column"], line["name"]) for line in self.lines(what)]


@pytest.fixture
def bring(ask: Callable[..., Ran], ledger: Path, tmp_path: Path) -> Callable[..., Brought]:
    """Import a table, given as text or bytes, by a map; `name` is the name of its file.

    A map that says no basis is the recorder's.
    """

    def run(table: str | bytes, map_: str, *words: str, name: str = "table.csv") -> Brought:
        file = tmp_path / name
        file.write_bytes(table.encode() if isinstance(table, str) else table)
        basis = "" if "basis" in map_ else '[defaults]\nbasis = "recorder"\n'
        top, fact, rest = map_.partition("[[")
        (tmp_path / "map.toml").write_text(f"{top}{basis}{fact}{rest}", "utf-8")
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        ran = ask("import", "csv", file, "--map", tmp_path / "map.toml", "--report", report, *words)
        told = json.loads(report.read_text("utf-8")) if report.exists() else None
        if told is not None:
            cells = told["cells"]
            assert cells["read"] == sum(cells.values()) - cells["read"]
        return Brought(ran.code, ran.out, ran.err, told)

    return run


@pytest.fixture
def data(recorded: Callable[[], list[Any]]) -> Callable[[str], list[dict[str, Any]]]:
    """Return the data of the events of a type, in their order."""

    def of(type_: str) -> list[dict[str, Any]]:
        return [open_envelope(row.state).data for row in recorded() if row.topic == f"{type_}.v1"]

    return of
