"""Is a file of a stranger's looked at before it is read, and never waited for?"""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.store.plain_files import NotAFileError, open_plain, read_plain

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]
Run = Callable[..., Any]

WRITABLE = "PRAGMA writable_schema = ON"
SCHEMAS = {
    "a view for a table": [
        "DROP TRIGGER stored_events_update",
        "DROP TRIGGER stored_events_delete",
        "ALTER TABLE stored_events RENAME TO kept",
        "CREATE VIEW stored_events AS SELECT * FROM kept",
    ],
    "a trigger more": ["CREATE TRIGGER more AFTER INSERT ON stored_events BEGIN SELECT 1; END"],
    "a trigger of another text": [
        "DROP TRIGGER stored_events_update",
        "CREATE TRIGGER stored_events_update BEFORE UPDATE ON stored_events BEGIN SELECT 1; END",
    ],
    "a table more": ["CREATE TABLE more (x)"],
    "a virtual table": ["CREATE VIRTUAL TABLE more USING fts5(x)"],
    "a view more": ["CREATE VIEW more AS SELECT 1"],
    "an index more": ["CREATE INDEX more ON stored_events (topic)"],
    "an index of an expression": ["CREATE INDEX more ON stored_events (abs(position))"],
    "a column more": ["ALTER TABLE stored_events ADD COLUMN more TEXT"],
    "a column that is computed": [
        "ALTER TABLE stored_events ADD COLUMN more TEXT AS (hex(zeroblob(1000))) VIRTUAL"
    ],
    "a column without its kind": [
        WRITABLE,
        "UPDATE sqlite_schema SET sql = replace(sql, ' STRICT', '') WHERE name = 'stored_events'",
    ],
    "a check": [
        WRITABLE,
        "UPDATE sqlite_schema SET sql = replace(sql, 'topic TEXT', 'topic TEXT CHECK (1)')",
    ],
}


def altered(record: Path, statements: list[str]) -> None:
    """Do something to a record that is no writer's of this program."""
    with closing(sqlite3.connect(record)) as foreign:
        for statement in statements:
            foreign.execute(statement)
        foreign.commit()


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_record_with_another_schema_is_evidence_before_it_is_read(
    name: str, ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    record = ledger / "record.sqlite3"
    altered(record, SCHEMAS[name])
    before = record.read_bytes()
    new = "party.established party/new --name N --type state --asserted-by recorder"
    for words in (
        ("status",),
        ("party", "list"),
        ("log",),
        ("record", *new.split(), "--basis", "recorder"),
        ("replay",),
        ("backup", tmp_path / "backup.sqlite3"),
        ("copy", ledger, tmp_path / "copied"),
        ("restore", record, tmp_path / "restored"),
        ("checkpoint",),
        ("audit",),
    ):
        ran = ask(*words)
        assert ran.code == 4, (words, ran)
    assert record.read_bytes() == before
    assert not (tmp_path / "backup.sqlite3").exists()
    assert not (tmp_path / "copied" / "depositary.toml").exists()
    assert not (tmp_path / "restored" / "depositary.toml").exists()


def test_a_trigger_cannot_bear_a_name_of_sqlites_own(ask: Ask, ledger: Path) -> None:
    record = ledger / "record.sqlite3"
    trigger = "CREATE TRIGGER more AFTER INSERT ON stored_events BEGIN SELECT 1; END"
    rename = "UPDATE sqlite_schema SET name = 'sqlite_stat1' WHERE name = 'more'"
    altered(record, [trigger, WRITABLE, rename])
    before = record.read_bytes()
    assert ask("status").code in (4, 7)  # SQLite itself takes it for malformed
    assert ask("log").code in (4, 7)
    assert record.read_bytes() == before


def test_what_sqlite_makes_for_itself_is_no_evidence(ask: Ask, ledger: Path) -> None:
    altered(ledger / "record.sqlite3", ["ANALYZE"])
    assert ask("status").code == 0
    altered(ledger / "record.sqlite3", ["VACUUM"])
    assert ask("audit", "--quick").code == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET state = zeroblob(150000000) WHERE position = 3",
        "UPDATE stored_events SET topic = hex(zeroblob(75000000)) WHERE position = 3",
        "UPDATE stored_events SET state = zeroblob(65536) WHERE position = 3",
    ],
)
def test_an_event_that_is_too_large_is_evidence_at_once(
    statement: str, depositary: Run, ledger: Path
) -> None:
    record = ledger / "record.sqlite3"
    with closing(sqlite3.connect(record)) as foreign:
        (guard,) = foreign.execute(
            "SELECT sql FROM sqlite_schema WHERE name = 'stored_events_update'"
        ).fetchone()
    altered(record, ["DROP TRIGGER stored_events_update", statement, guard])
    (ledger / "answers.sqlite3").unlink()
    measured = (
        "import sys; from cli.main import main; code = main();"
        "most = [l for l in open('/proc/self/status') if l.startswith('VmHWM')][0].split()[1];"
        "sys.stdout.write(f'\\n{most}'); sys.stdout.flush(); sys.exit(code)"
    )
    for words in ("log --json", "party list", "replay", "event show @3", "export"):
        began = time.monotonic()
        ran = depositary("--ledger", ledger, *words.split(), code=measured)
        assert ran.returncode == 4, (words, ran.stderr)
        assert int(ran.stdout.rpartition("\n")[2]) < 250_000, "KiB"
        assert time.monotonic() - began < 5 + _start_up(), words


def _start_up() -> float:
    return 5.0  # of the interpreter and the libraries, on a machine with much else to do


def fifo(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


FIFOS = {
    "depositary.toml": "status",
    "record.sqlite3": "status",
    "record.sqlite3-wal": "status",
    "record.sqlite3-journal": "status",
    "trust.policy": "checkpoint",
    "facts.toml": "append facts.toml",
    "facts.ndjson": "check facts.ndjson",
    "page.html": "source add page.html --id page",
    "map.toml": "import csv facts.csv --map map.toml",
    "sources/page": "copy . ../copied",
}


@pytest.mark.parametrize("name", FIFOS)
def test_a_fifo_is_no_file_and_is_not_waited_for(
    name: str, depositary: Run, ledger: Path, tmp_path: Path
) -> None:
    (ledger / "facts.csv").write_text("a\n1\n")
    fifo(ledger / name)
    ran = depositary(*FIFOS[name].split(), cwd=ledger, timeout_s=60)
    assert ran.returncode == 7, ran.stderr
    assert "it is a FIFO, and a file is wanted" in ran.stderr
    assert not (tmp_path / "copied" / "depositary.toml").exists()


VKEY = "example.org/pk-sv+0d7e78ff+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pipe", ("audit", "--against", "pipe")),
        ("mirror/checkpoint", ("audit", "--against", "mirror")),
        ("mirror/proof.tlog-proof", ("audit", "--against", "mirror")),
        ("mirror/tile/entries/000.p/1", ("audit", "--against", "mirror")),
        ("pipe", ("verify", "pipe", "--vkey", VKEY)),
        ("mirror/proof.tlog-proof", ("verify", "mirror", "--vkey", VKEY)),
        ("mirror/checkpoint", ("verify", "--published", "mirror", "--vkey", VKEY)),
    ],
)
def test_a_fifo_is_no_copy_and_no_proof(
    name: str, words: tuple[str, ...], depositary: Run, ledger: Path
) -> None:
    (ledger / name).parent.mkdir(parents=True, exist_ok=True)
    fifo(ledger / name)
    ran = depositary(*words, cwd=ledger, timeout_s=60)
    assert ran.returncode == 7, ran.stderr
    assert "it is a FIFO, and a file is wanted" in ran.stderr + ran.stdout
    if words[0] == "verify":
        device = depositary("verify", "/dev/zero", "--vkey", VKEY, cwd=ledger, timeout_s=60)
        assert (device.returncode, "a device" in device.stderr) == (7, True)


def test_answers_that_are_no_file_are_made_anew(
    depositary: Run, ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    for make in (fifo, lambda path: path.symlink_to(tmp_path / "elsewhere")):
        (ledger / "answers.sqlite3").unlink()
        make(ledger / "answers.sqlite3")
        ran = depositary("party", "list", cwd=ledger)
        assert ran.returncode == 0, ran.stderr
        assert not (ledger / "answers.sqlite3").is_symlink()
    assert (tmp_path / "elsewhere").read_bytes() == b""


@pytest.mark.parametrize("tail", ["-wal", "-journal", "-shm"])
def test_nothing_is_written_through_a_link_beside_a_record(
    tail: str, ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.write_text("precious")
    link = ledger / f"record.sqlite3{tail}"
    link.unlink(missing_ok=True)
    link.symlink_to(mine)
    new = "party.established party/new --name N --type state --asserted-by recorder"
    assert ask("record", *new.split(), "--basis", "recorder").code == 7
    assert mine.read_text() == "precious"


@pytest.mark.parametrize("place", ["sources", "sources/page"])
def test_copying_follows_no_link_out_of_the_sources(
    place: str, ask: Ask, refused: Refused, ledger: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    if place == "sources":
        shutil.rmtree(ledger / "sources")
        secret.mkdir()
        (secret / "key").write_text("private")
    else:
        secret.write_text("private")
    (ledger / place).symlink_to(secret)
    assert "it is a link" in refused(ask("copy", ledger, tmp_path / "copied"), 7)[1]
    assert not list(tmp_path.glob("copied/**/key"))


def test_a_document_is_kept_in_no_folder_that_is_a_link(
    ask: Ask, refused: Refused, ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("<p>")
    (tmp_path / "elsewhere").mkdir()
    shutil.rmtree(ledger / "sources")
    (ledger / "sources").symlink_to(tmp_path / "elsewhere")
    refused(ask("source", "add", tmp_path / "page.html", "--id", "page"), 7)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_device_is_no_file(ask: Ask, refused: Refused, ledger: Path) -> None:
    for words in (("append", "/dev/zero"), ("source", "add", "/dev/zero", "--id", "zero")):
        assert "it is a device" in refused(ask(*words), 7)[1]


def test_a_plain_file_is_opened_and_nothing_else(tmp_path: Path) -> None:
    plain, link, pipe = (tmp_path / name for name in ("plain", "link", "pipe"))
    plain.write_bytes(b"12345")
    link.symlink_to(plain)
    os.mkfifo(pipe)
    assert read_plain(plain, 5) == b"12345"
    assert read_plain(link, 5) == b"12345"
    with pytest.raises(NotAFileError, match="longer than 4 bytes"):
        read_plain(plain, 4)
    with pytest.raises(NotAFileError, match="a link"):
        open_plain(link, follow=False)
    with pytest.raises(NotAFileError, match="a FIFO"):
        open_plain(pipe)
    with pytest.raises(IsADirectoryError):
        open_plain(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_plain(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "sql",
    [
        "select instr(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || '1')",
        "select count(*) from claims" + "".join(f", claims as c{n}" for n in range(15)),
    ],
    ids=["within one instruction", "between two"],
)
def test_a_query_ends_soon_after_its_time(sql: str, depositary: Run, ledger: Path) -> None:
    short = (
        "from projections.queries import sql; sql.MAX_SECONDS = 0.5;"
        "import sys; from cli.main import run; sys.exit(run())"
    )
    began = time.monotonic()
    ran = depositary("--ledger", ledger, "query", sql, code=short, timeout_s=60)
    assert ran.returncode == 7, ran.stderr
    assert "ran for more than" in ran.stderr
    assert len(ran.stderr.splitlines()) == 3
    assert time.monotonic() - began < 0.5 + 2 + _start_up()


@pytest.mark.parametrize("value", ["x", "", "-1", "1.5", "9" * 40, "1\x1b[2J", "\u0661"])
def test_a_position_that_is_no_number_is_answers_made_anew(
    value: str, ask: Ask, ledger: Path
) -> None:
    expected = ask("party", "list").out
    with closing(sqlite3.connect(ledger / "answers.sqlite3")) as foreign:
        foreign.execute("UPDATE state SET value = ? WHERE name = 'position'", [value])
        foreign.commit()
    for words in (("status",), ("party", "list"), ("replay", "--compare")):
        ran = ask(*words)
        assert ran.code == 0, ran.err
    assert ask("party", "list").out == expected


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER more AFTER INSERT ON claims BEGIN DELETE FROM things; END",
        "CREATE VIEW more AS SELECT 1",
        "CREATE TABLE more (x)",
    ],
)
def test_answers_with_another_schema_are_made_anew(statement: str, ask: Ask, ledger: Path) -> None:
    altered(ledger / "answers.sqlite3", [statement])
    new = "party.established party/new --name N --type state --asserted-by recorder"
    assert ask("record", *new.split(), "--basis", "recorder").code == 0
    assert "party/new" in ask("party", "list").out
    with closing(sqlite3.connect(ledger / "answers.sqlite3")) as foreign:
        found = foreign.execute("SELECT name FROM sqlite_schema WHERE name = 'more'").fetchall()
    assert found == []
