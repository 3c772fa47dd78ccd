"""Is nothing recorded, and is it said why, where the ledger or what is around it will not have it?

What the disk does to a store is tested in tests/faults.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from domain.ledger import Ledger
from events.store.sqlite.recorder import SQLiteRecorderFactory

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]
Run = Callable[..., CompletedProcess[str]]

FACT = """
[[fact]]
type = "reserve.holding-reported"
subject = "reserve/sv"
amount = "6,242 BTC"
scope = "unstated"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = ["source/onbtc"]
"""


def test_a_file_that_is_not_there_is_told(turned_away: Ask, tmp_path: Path) -> None:
    ran = turned_away("append", tmp_path / "missing.toml")
    assert ran.code == 7
    assert "missing.toml" in ran.err


def test_a_folder_is_no_file(turned_away: Ask, tmp_path: Path) -> None:
    assert turned_away("append", tmp_path).code == 7


def test_nothing_is_appended_where_there_is_no_ledger(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEPOSITARY_LEDGER", raising=False)
    monkeypatch.chdir(tmp_path)
    ran = ask("append", "-", stdin=FACT)
    assert (ran.code, len(ran.err.splitlines())) == (7, 3)
    assert list(tmp_path.iterdir()) == []


VARIABLES = {
    "IS_SNAPSHOTTING_ENABLED": "y",
    "PERSISTENCE_MODULE": "eventsourcing.popo",
    "SQLITE_DBNAME": ":memory:",
    "COMPRESSOR_TOPIC": "zlib",
    "CIPHER_KEY": "x",
    "MAPPER_TOPIC": "x:y",
    "INFRASTRUCTURE_FACTORY": "x:y",
    "AGGREGATE_CACHE_MAXSIZE": "10",
}


def test_no_variable_of_the_shell_reaches_the_record(
    ledger: Path, ask: Ask, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(f"DEPOSITARY_{name}", value)
    ran = ask("append", "-", stdin=FACT)
    assert ran.code == 0, ran.err
    assert len(recorded()) == 7
    with closing(sqlite3.connect(ledger / "record.sqlite3")) as record:
        names = {name for (name,) in record.execute("SELECT name FROM sqlite_schema")}
    assert not [name for name in names if "snapshot" in name]


def broken(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + os.urandom(5000))


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE stored_events (id INTEGER)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("spoil", [broken, foreign, newer])
def test_a_file_that_is_no_record_of_ours_is_not_written_to(
    spoil: Callable[[Path], None], ledger: Path, ask: Ask
) -> None:
    path = ledger / "record.sqlite3"
    spoil(path)
    before = path.read_bytes()
    ran = ask("append", "-", stdin=FACT)
    assert (ran.code, len(ran.err.splitlines())) == (7, 3), ran.err
    assert path.read_bytes() == before


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the write lock of a record."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_ledger_is_told_after_a_bounded_wait(
    ledger: Path, turned_away: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(self: Ledger, env: Any) -> SQLiteRecorderFactory:
        return SQLiteRecorderFactory(env, clock=self.clock, lock_wait_s=0.1)

    monkeypatch.setattr(Ledger, "construct_factory", impatient)
    with held(ledger / "record.sqlite3"):
        ran = turned_away("append", "-", stdin=FACT)
    assert ran.code == 6


SMALL_FILES = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from cli.main import main
sys.exit(main())
"""


def test_a_disk_without_room_takes_nothing(
    ledger: Path, recorded: Recorded, depositary: Run
) -> None:
    before = recorded()
    changed = FACT.replace("reserve/sv", "reserve/{}").replace("unstated", "lot-{}")
    text = "".join(changed.format("sv", n) + f'note = "{"x" * 1900}"\n' for n in range(200))
    ran = depositary("--ledger", ledger, "append", "-", input=text, code=SMALL_FILES)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (7, 3), ran.stderr
    assert recorded() == before


def test_a_closed_pipe_is_silent_and_the_facts_are_recorded(
    ledger: Path, recorded: Recorded, depositary: Run
) -> None:
    code = (
        "import os, sys; from cli.main import main; r, w = os.pipe(); os.close(r);"
        " os.dup2(w, 1); sys.exit(main())"
    )
    ran = depositary("--ledger", ledger, "append", "-", input=FACT, code=code)
    assert (ran.returncode, ran.stderr) == (141, "")
    assert len(recorded()) == 7
