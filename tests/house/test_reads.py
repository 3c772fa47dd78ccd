"""Does a read load only what it needs?

Start-up is a feature: the libraries for writing, checking and drawing stay on the shelf.
"""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

HEAVY = {
    "eventsourcing",
    "jinja2",
    "psycopg",
    "pydantic",
    "pydantic_core",
    "rich",
    "starlette",
    "tomllib",
    "typing_extensions",
    "uvicorn",
}

# Runs the command, then writes the names of all loaded modules, one a line, to the first argument.
WATCHED = """
import sys
from pathlib import Path

report = Path(sys.argv.pop(1))
from cli.main import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
finally:
    report.write_text("\\n".join(sorted(sys.modules)))
sys.exit(code)
"""

Run = Callable[..., CompletedProcess[str]]


def loaded_by(depositary: Run, report: Path, *arguments: str | Path) -> set[str]:
    """Run a command that must succeed, and name the modules that it loaded."""
    ran = depositary(report, *arguments, code=WATCHED)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout
    return set(report.read_text().splitlines())


@pytest.mark.parametrize(
    "question",
    [
        ("agreement", "show", "pk-sv-bitcoin-2025"),
        ("agreement", "show", "pk-sv-bitcoin-2025", "--json"),
        ("agreement", "list"),
        ("reserve", "show", "sv"),
        ("reserve", "show", "sv", "--as-of", "2025-07-19", "--public-at", "2025-07-19"),
        ("reserve", "history", "sv"),
        ("where",),
        ("log",),
        ("timeline", "reserve/sv"),
        ("history", "reserve/sv"),
        ("blame", "reserve/sv"),
        ("explain", "reserve/sv", "ledger_balance"),
        ("diff", "2025-07-15", "2025-07-18", "reserve/sv"),
        ("query", "select subject, reported from reserves"),
    ],
    ids=" ".join,
)
def test_a_read_loads_no_library_of_writing(
    question: tuple[str, ...], depositary: Run, demo_ledger: Path, tmp_path: Path
) -> None:
    loaded = loaded_by(depositary, tmp_path / "loaded", "--ledger", demo_ledger, *question)
    assert {name for name in loaded if name.split(".")[0] in HEAVY} == set()


def test_the_version_is_told_without_asking_the_installer(depositary: Run, tmp_path: Path) -> None:
    loaded = loaded_by(depositary, tmp_path / "loaded", "--version")
    assert {name for name in loaded if name.split(".")[0] in HEAVY} == set()
    assert "importlib.metadata" not in loaded


@pytest.mark.parametrize("day", ["2025-07-19", "2025-07-32"])
def test_an_append_loads_no_pydantic_for_a_fact(
    day: str, depositary: Run, demo_ledger: Path, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text(
        f'[[fact]]\ntype = "party.renamed"\nsubject = "party/sv"\neffective = "{day}"\n'
        'name = "Salvador"\nasserted_by = "party/recorder"\nbasis = "recorder"\n',
        encoding="utf-8",
    )
    ran = depositary(
        tmp_path / "loaded", "--ledger", demo_ledger, "append", facts, "--dry-run", code=WATCHED
    )
    loaded = set((tmp_path / "loaded").read_text().splitlines())
    # Were one of them not there, the tests above would look for the wrong names.
    assert {"eventsourcing", "tomllib"} <= loaded, ran.stderr
    assert "pydantic" not in loaded
