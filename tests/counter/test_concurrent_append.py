"""Is a file recorded whole or not at all, whoever else is writing and whatever ends the program?"""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from events.envelope import open_envelope

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]

ROOT = Path(__file__).resolve().parents[2]
# Who runs the tests in the background passes on that interrupts are ignored.
INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
FACTS = 500
FEW = 150

# Reads a line when all is loaded, and then appends each of the files named, one after the other.
WAITING = """
import sys
import domain.facts, cli.commands.record.recording
from cli.main import main
sys.stdout.write("ready\\n"); sys.stdout.flush()
sys.stdin.readline()
for file in sys.argv[1:]:
    if code := main(["append", file]):
        sys.exit(code)
"""

# Says so when the events are about to be written, under the lock, and then waits to be stopped.
HANGING = """
import sys, time
import events.store.shared_recorder as store
from cli.main import main
whole = store.complete_stored
def complete_stored(events):
    complete = whole(events)
    def slowly(*arguments):
        rows = complete(*arguments)
        sys.stdout.write("ready\\n"); sys.stdout.flush()
        time.sleep(60)
        return rows
    return slowly
store.complete_stored = complete_stored
sys.exit(main(["append", *sys.argv[1:]]))
"""


def write_facts(path: Path, thing: str, numbers: range) -> Path:
    fact = (
        '[[fact]]\ntype = "reserve.lost"\nsubject = "{}"\ncause = "{}"\n'
        'asserted_by = "party/onbtc"\nbasis = "own-publication"\nsources = "source/onbtc"\n'
    )
    path.write_text("".join(fact.format(thing, f"{path.parent.name} {n}") for n in numbers))
    return path


def started(ledger: Path, code: str, *files: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE + code, *map(str, files)],
        env={"PYTHONPATH": str(ROOT), "DEPOSITARY_LEDGER": str(ledger), "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def two(ledger: Path, first: list[Path], second: list[Path]) -> Iterator[None]:
    """Start two processes, let both go at once, and see that both end well."""
    both = [started(ledger, WAITING, *files) for files in (first, second)]
    for each in both:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in both:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in both:
        _, err = each.communicate(timeout=60)
        assert each.returncode == 0, err
    yield


def check_all_there(rows: list[Any], before: int, each: int) -> None:
    assert [row.position for row in rows] == list(range(1, before + 2 * each + 1))
    versions: dict[str, int] = {}
    for row in rows:
        versions[row.thing] = versions.get(row.thing, 0) + 1
        assert row.version == versions[row.thing]
    causes = [open_envelope(row.state).data["cause"] for row in rows[before:]]
    for who in ("one", "two"):
        mine = [cause for cause in causes if cause.startswith(who)]
        assert mine == [f"{who} {n}" for n in range(each)]


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    found = [tmp_path / "one", tmp_path / "two"]
    for folder in found:
        folder.mkdir()
    return found


def test_two_processes_append_five_hundred_facts_each_at_once(
    ledger: Path, recorded: Recorded, folders: list[Path]
) -> None:
    before = len(recorded())
    files = [
        [write_facts(folder / "facts.toml", f"reserve/{folder.name}", range(FACTS))]
        for folder in folders
    ]
    with two(ledger, *files):
        check_all_there(recorded(), before, FACTS)


def test_two_processes_append_to_one_thing_file_by_file(
    ledger: Path, recorded: Recorded, folders: list[Path]
) -> None:
    before = len(recorded())
    files = [
        [
            write_facts(folder / f"{n}.toml", "reserve/sv", range(n, n + 25))
            for n in range(0, FEW, 25)
        ]
        for folder in folders
    ]
    with two(ledger, *files):
        check_all_there(recorded(), before, FEW)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_ends_an_append_in_the_middle_leaves_nothing(
    end: signal.Signals, ledger: Path, ask: Ask, recorded: Recorded, folders: list[Path]
) -> None:
    before = recorded()
    file = write_facts(folders[0] / "facts.toml", "reserve/sv", range(FEW))
    appending = started(ledger, HANGING, file)
    assert appending.stdout is not None
    assert appending.stdout.readline() == "ready\n"
    appending.send_signal(end)
    out, err = appending.communicate(timeout=30)
    assert out == ""
    if end == signal.SIGINT:
        assert (appending.returncode, len(err.splitlines())) == (130, 3), err
    assert recorded() == before
    assert ask("append", file).code == 0
    assert len(recorded()) == len(before) + FEW


@pytest.mark.parametrize("after_ms", [200, 350, 500])
def test_what_ends_an_append_at_any_time_leaves_nothing_or_all(
    after_ms: int, ledger: Path, ask: Ask, recorded: Recorded, folders: list[Path]
) -> None:
    before = len(recorded())
    file = write_facts(folders[0] / "facts.toml", "reserve/sv", range(FEW))
    appending = started(ledger, WAITING, file)
    assert appending.stdin is not None
    appending.stdin.write("go\n")
    appending.stdin.flush()
    try:
        appending.communicate(timeout=after_ms / 1000)
    except subprocess.TimeoutExpired:
        appending.kill()
        appending.communicate()
    assert len(recorded()) in (before, before + FEW)
    again = ask("append", file)
    assert again.code == 0, again.err
    assert len(recorded()) == before + FEW
