"""What the tests of commands start from.

A way to run `depositary` inside the test's own process, and a small ledger to run it on.
"""

import io
import shutil
import sys
import uuid
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.ledger_location import find_ledger
from cli.main import main
from events.store.factory import open_reader
from events.store.location import Address
from events.store.trusted_folders import trust_folder
from tests.faults.servers import Script, Server

# What is asked and recorded there is the same wherever the record is. Not here: tests that look
# into the files themselves, and those of what no store has a part in.
ON_BOTH = {
    f"test_{name}"
    for name in (
        "append",
        "check",
        "claims_commands",
        "export",
        "follow",
        "record",
        "recorded_by",
        "recorded_clock",
        "source_add",
        "standing",
        "vocabulary",
    )
}

KNOWN = """
[[fact]]
type = "party.established"
subject = "party/sv"
name = "El Salvador"
type_ = "state"
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "party.established"
subject = "party/onbtc"
name = "The Bitcoin Office of El Salvador"
type_ = "agency"
state = "party/sv"
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "party.established"
subject = "party/imf"
name = "International Monetary Fund"
type_ = "organisation"
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "source.cited"
subject = "source/onbtc"
publisher = "party/onbtc"
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "reserve.announced"
subject = "reserve/sv"
holder = "party/sv"
effective = "2021-09-06"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = ["source/onbtc"]
"""

LAST = 6  # the ledger's opening, and the five facts above


class Ran(NamedTuple):
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


Ask = Callable[..., Ran]


@pytest.fixture(autouse=True)
def config(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a configuration folder of its own: keys and pins are kept by ledger id."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run `depositary ARGUMENTS` in this process; `stdin` is what it is given to read."""

    def run(*arguments: Any, stdin: str | bytes = b"") -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def ledger_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a ledger with three parties, a source and a reserve: to be copied, never touched."""
    folder = tmp_path_factory.mktemp("counter") / "ledger"
    facts = folder.with_name("known.toml")
    facts.write_text(KNOWN, "utf-8")
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as err:
        assert main(["init", str(folder)]) == 0, err.getvalue()
        assert main(["--ledger", str(folder), "append", str(facts)]) == 0, err.getvalue()
    return folder


@pytest.fixture(scope="session")
def script_once(ledger_once: Path, postgres_server: Server) -> Script:
    """Give what makes that ledger's record in a database."""
    where = new_schema(postgres_server)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as err:
        assert main(["copy", str(ledger_once), str(where)]) == 0, err.getvalue()
    return postgres_server.script(where.schema)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of some modules with the record in files, and again with it in a database."""
    if "ledger" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("store", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """Say where the record of the test's ledger is: in a file, unless its module is on both."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def ledger(
    ledger_once: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    store: str,
    request: pytest.FixtureRequest,
) -> Path:
    """Give that ledger to one test alone, found without naming it."""
    folder = tmp_path / "ledger"
    if store == "postgres":
        script: Script = request.getfixturevalue("script_once")
        where = new_schema(script.server)
        script.run(where.schema)
        shutil.copytree(ledger_once, folder, ignore=shutil.ignore_patterns("*.sqlite3*"))
        (folder / "depositary.toml").write_text(f'database = "{where}"\n')
        trust_folder(folder, where)
    else:
        shutil.copytree(ledger_once, folder)
    monkeypatch.setenv("DEPOSITARY_LEDGER", str(folder))
    return folder


def new_schema(server: Server) -> Address:
    """Return the address of a schema that nobody uses."""
    return Address.parse(server.address()).with_schema(f"t{uuid.uuid4().hex[:12]}")


@pytest.fixture
def recorded(ledger: Path) -> Callable[[], list[Any]]:
    """Return how to read all that the ledger's record holds, to the byte."""

    def rows() -> list[Any]:
        with open_reader(find_ledger(ledger).record) as reader:
            return list(reader.rows())

    return rows


@pytest.fixture
def turned_away(ask: Ask, recorded: Callable[[], list[Any]]) -> Ask:
    """Run a command that must fail: with three lines, no traceback, and nothing written."""

    def run(*arguments: Any, stdin: str | bytes = b"") -> Ran:
        before = recorded()
        ran = ask(*arguments, stdin=stdin)
        lines = ran.err.splitlines()
        assert (ran.out, len(lines)) == ("", 3), ran.out + ran.err
        assert (lines[0][:7], lines[1][:2], lines[2][:8]) == ("error: ", "  ", "  next: ")
        assert recorded() == before
        return ran

    return run


@pytest.fixture
def refused() -> Callable[[Any, int], list[str]]:
    """Return how to check that a command said no: its exit code, three lines, and no answer."""

    def lines(ran: Any, code: int) -> list[str]:
        found, out, err = ran if isinstance(ran, Ran) else (ran.returncode, ran.stdout, ran.stderr)
        assert found == code, err
        assert out == ""
        what, why, then = err.splitlines()
        assert what.startswith("error: ")
        assert why.startswith("  ")
        assert then.startswith("  next: ")
        return [what, why, then]

    return lines
