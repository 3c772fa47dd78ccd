"""Does a read load only what it needs?

Start-up is a feature: the libraries for writing, checking and drawing stay on the shelf.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import CompletedProcess

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

# Runs the commands of a JSON list one after another in one process: what is loaded stays loaded.
# To the first argument it writes a line for each: its exit code, and the modules loaded by then.
WATCHED = """
import json, sys
from pathlib import Path

report, commands = Path(sys.argv[1]), json.loads(sys.argv[2])
from cli.main import main
for words in commands:
    try:
        code = main(words)
    except SystemExit as stop:
        code = stop.code
    with report.open("a") as file:
        print(code, *sys.modules, file=file)
"""

Run = Callable[..., CompletedProcess[str]]


READS = (
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
)


def loaded_by(
    depositary: Run, report: Path, *commands: Sequence[str]
) -> list[tuple[str, set[str]]]:
    """Run commands in one new process; return the exit code of each and what was loaded then."""
    ran = depositary(report, json.dumps(commands), code=WATCHED)
    assert ran.stdout or ran.stderr
    lines = [line.split(" ") for line in report.read_text().splitlines()]
    assert len(lines) == len(commands), ran.stderr
    return [(code, set(modules)) for code, *modules in lines]


def heavy(loaded: set[str]) -> set[str]:
    """Return which of the modules loaded are of a library that a read does without."""
    return {name for name in loaded if name.split(".")[0] in HEAVY}


def test_a_read_loads_no_library_of_writing(
    depositary: Run, demo_ledger: Path, tmp_path: Path
) -> None:
    commands = [("--ledger", str(demo_ledger), *words) for words in READS]
    found = loaded_by(depositary, tmp_path / "loaded", *commands)
    for words, (code, loaded) in zip(READS, found, strict=True):
        assert (code, heavy(loaded)) == ("0", set()), words


def test_the_version_is_told_without_asking_the_installer(depositary: Run, tmp_path: Path) -> None:
    ((code, loaded),) = loaded_by(depositary, tmp_path / "loaded", ["--version"])
    assert (code, heavy(loaded)) == ("0", set())
    assert "importlib.metadata" not in loaded


def test_an_append_loads_no_pydantic_for_a_fact(
    depositary: Run, demo_ledger: Path, tmp_path: Path
) -> None:
    commands = []
    for day in ("2025-07-19", "2025-07-32"):
        facts = tmp_path / f"{day}.toml"
        facts.write_text(
            f'[[fact]]\ntype = "party.renamed"\nsubject = "party/sv"\neffective = "{day}"\n'
            'name = "Salvador"\nasserted_by = "party/recorder"\nbasis = "recorder"\n',
            encoding="utf-8",
        )
        commands.append(("--ledger", str(demo_ledger), "append", str(facts), "--dry-run"))
    good, bad = loaded_by(depositary, tmp_path / "loaded", *commands)
    assert (good[0], bad[0]) == ("0", "5")
    # Were one of them not there, the tests above would look for the wrong names.
    assert {"eventsourcing", "tomllib"} <= good[1]
    assert "pydantic" not in bad[1]
