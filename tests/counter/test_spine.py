"""Does every command begin and end as the grammar says, whatever happens between?"""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.errors.exit_codes import EXIT_CODES, FAMILIES, KNOWN, message_of
from cli.main import main
from tests.faults.sqlite_statements import after_statement, interrupt

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]
Run = Callable[..., subprocess.CompletedProcess[str]]

COMMAND = "import sys; from cli.main import run; sys.exit(run())"
ROOT = Path(__file__).resolve().parents[2]
# Who runs the tests in the background passes on that interrupts are ignored.
INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def started(*arguments: Any, **how: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE + COMMAND, *map(str, arguments)],
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stderr=subprocess.PIPE,
        **how,
    )


# The words of the command line


def test_nothing_asked_is_answered_with_the_help(ask: Ask) -> None:
    ran = ask()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: depositary ")


def test_a_group_without_a_command_is_answered_with_its_help(ask: Ask) -> None:
    ran = ask("reserve")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: depositary reserve ")


@pytest.mark.parametrize(
    "words", [("-h",), ("reserve", "-h"), ("reserve", "show", "-h"), ("event", "show", "-h")]
)
def test_h_is_help_everywhere(words: tuple[str, ...], ask: Ask) -> None:
    ran = ask(*words)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(" ".join(("Usage: depositary", *words[:-1])))


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("agr",), "did you mean agreement?"),
        (("reserv", "show", "sv"), "did you mean reserve?"),
        (("reserve", "shw", "sv"), "did you mean show?"),
        (("reserve", "show", "sv", "--as-off", "2025"), "did you mean --as-of?"),
        (("where", "--jason"), "did you mean --json?"),
        (("where", "--format", "jsn"), "did you mean json or ndjson?"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_mistyped_word_brings_the_one_that_was_meant(
    words: tuple[str, ...], meant: str, ask: Ask, refused: Refused
) -> None:
    assert refused(ask(*words), 2)[1].endswith(meant)


@pytest.mark.parametrize(
    "words",
    [
        ("zzz",),
        ("--zzz",),
        ("where", "--zzz"),
        ("where", "zzz"),
        ("where", "--format"),
        ("where", "--format", "xml"),
        ("where", "--format=xml"),
        ("--format", "xml", "where"),
        ("reserve", "show"),
        ("reserve", "--json"),
        ("log", "-n", "many"),
    ],
    ids=" ".join,
)
def test_what_is_not_understood_is_2_and_says_where_to_look(
    words: tuple[str, ...], ask: Ask, refused: Refused
) -> None:
    as_json = "--json" in words
    ran = ask(*words)
    if as_json:
        assert (ran.code, json.loads(ran.err)["error"]["exit"]) == (2, 2)
    else:
        assert refused(ran, 2)[2].endswith(" --help")


@pytest.mark.parametrize(
    "words",
    [
        ("--ledger", "DIR", "where", "--json"),
        ("where", "--ledger", "DIR", "--json"),
        ("where", "--json", "--ledger=DIR"),
        ("--json", "--ledger=DIR", "where"),
        ("--format=json", "where", "--ledger=DIR"),
        ("where", "--format", "json", "--ledger", "DIR"),
        ("--format", "csv", "where", "--json", "--ledger", "DIR"),
    ],
    ids=" ".join,
)
def test_global_options_stand_on_either_side(
    words: tuple[str, ...], ask: Ask, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEPOSITARY_LEDGER")
    ran = ask(*(word.replace("DIR", str(ledger)) for word in words))
    assert json.loads(ran.out) == {"folder": str(ledger), "found_by": "--ledger"}


def test_global_options_stand_between_the_words_of_a_command(ask: Ask, ledger: Path) -> None:
    assert json.loads(ask("reserve", "--json", "list").out)[0]["subject"] == "reserve/sv"
    assert json.loads(ask("reserve", "list", "--json").out)[0]["subject"] == "reserve/sv"


def test_the_value_of_an_option_is_no_global_option(ask: Ask, ledger: Path) -> None:
    who = ("--asserted-by", "party/sv", "--basis", "own-publication", "--source", "onbtc")
    ran = ask("deny", "@6", "--ground", "--json", *who, "--dry-run")
    assert ran.code == 0, ran.err
    assert ran.out.split()[0] == "id"  # the head of a table, and not JSON


def test_behind_two_dashes_stand_words_alone(ask: Ask, ledger: Path) -> None:
    ran = ask("find", "--", "--json")
    assert ran.code == 3
    assert "--json" in ran.err.splitlines()[0]
    assert not ran.err.startswith("{")


@pytest.mark.parametrize("how", [("--json",), ("--format", "json"), ("--format=ndjson",)])
@pytest.mark.parametrize("words", [("zzz",), ("reserve", "show", "zzz"), ("reserve", "show")])
def test_under_json_an_error_is_one_object_on_stderr(
    how: tuple[str, ...], words: tuple[str, ...], ask: Ask, ledger: Path
) -> None:
    ran = ask(*words, *how)
    assert ran.out == ""
    error = json.loads(ran.err)["error"]
    assert error["exit"] == ran.code
    assert [bool(error[line]) for line in ("what", "why", "next")] == [True] * 3


# Where the ledger is


def test_without_a_ledger_nothing_is_answered(
    ask: Ask, refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPOSITARY_LEDGER", raising=False)
    assert "depositary init" in refused(ask("log"), 7)[2]
    assert str(tmp_path / "none") in refused(ask("log", "--ledger", tmp_path / "none"), 7)[1]
    monkeypatch.setenv("DEPOSITARY_LEDGER", str(tmp_path))
    assert "DEPOSITARY_LEDGER" in refused(ask("log"), 7)[1]


def test_a_file_is_no_ledger(ask: Ask, refused: Refused, ledger: Path) -> None:
    lines = refused(ask("log", "--ledger", ledger / "record.sqlite3"), 7)
    assert lines[2] == f"  next: name the folder: {ledger}"


def test_the_nearest_folder_above_is_the_ledger(
    ask: Ask, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEPOSITARY_LEDGER")
    below = ledger / "sources" / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert ask("where").out == f"{ledger}\n"


def test_the_option_comes_before_the_variable_and_the_variable_before_the_folder(
    ask: Ask, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("init", tmp_path / "here").code == 0
    monkeypatch.chdir(tmp_path / "here")
    assert ask("where").out == f"{ledger}\n"
    assert ask("where", "--ledger", ".").out == f"{tmp_path / 'here'}\n"
    monkeypatch.delenv("DEPOSITARY_LEDGER")
    assert ask("where").out == f"{tmp_path / 'here'}\n"


# The file of the record


@pytest.mark.parametrize("words", [("log",), ("status",), ("reserve", "show", "sv"), ("replay",)])
@pytest.mark.parametrize(
    ("what", "why"),
    [
        (b"", "was not made by depositary"),
        (b"This is not a database, and long enough to be read as the head of one. " * 20, "broken"),
        (None, "There is no event log"),
    ],
    ids=["empty", "text", "missing"],
)
def test_what_is_no_record_is_not_read_and_not_touched(
    *,
    words: tuple[str, ...],
    what: bytes | None,
    why: str,
    ask: Ask,
    refused: Refused,
    ledger: Path,
) -> None:
    record = ledger / "record.sqlite3"
    for tail in ("", "-wal", "-shm"):
        record.with_name(record.name + tail).unlink(missing_ok=True)
    if what is not None:
        record.write_bytes(what)
    lines = refused(ask(*words), 7)
    assert why in lines[1]
    assert (record.read_bytes() if record.exists() else None) == what


def test_a_foreign_database_is_not_written_to(
    ask: Ask, refused: Refused, ledger: Path, tmp_path: Path
) -> None:
    record = ledger / "record.sqlite3"
    record.unlink()
    with sqlite3.connect(record) as foreign:
        foreign.execute("CREATE TABLE recipes (name TEXT)")
    foreign.close()
    before = record.read_bytes()
    facts = tmp_path / "known.toml"
    facts.write_text('[[fact]]\ntype = "party.dissolved"\nsubject = "party/sv"\n', "utf-8")
    assert refused(ask("append", facts), 7)[0] == "error: this is not a ledger"
    assert record.read_bytes() == before


def test_a_record_of_a_newer_version_is_left_to_it(
    ask: Ask, refused: Refused, ledger: Path
) -> None:
    with sqlite3.connect(ledger / "record.sqlite3") as record:
        record.execute("PRAGMA user_version = 2")
    record.close()
    lines = refused(ask("log"), 7)
    assert lines[0] == "error: the ledger is newer"
    assert lines[2] == "  next: install a newer depositary"


def test_a_changed_record_is_4(ask: Ask, refused: Refused, ledger: Path) -> None:
    with sqlite3.connect(ledger / "record.sqlite3") as record:
        record.execute("DROP TRIGGER stored_events_update")
        record.execute("UPDATE stored_events SET state = CAST('{}' AS BLOB) WHERE position = 3")
    record.close()
    assert refused(ask("log"), 4)[0] == "error: the log was changed"


def test_a_locked_ledger_is_6_after_the_wait(
    ask: Ask, refused: Refused, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from events.store.factory import make_recorder_factory

    clock, _ = make_recorder_factory.__defaults__ or ()
    monkeypatch.setattr(make_recorder_factory, "__defaults__", (clock, 0.2))
    words = ("record", "party.dissolved", "party/sv", "--asserted-by", "recorder")
    with sqlite3.connect(ledger / "record.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        lines = refused(ask(*words, "--basis", "recorder"), 6)
        assert lines[0] == "error: the ledger is locked"
        assert ask("log").code == 0  # who reads does not wait
    other.close()


# Ends


def test_ctrl_c_in_the_middle_of_a_write_leaves_nothing(
    ask: Ask, refused: Refused, ledger: Path, recorded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = recorded()
    after_statement(monkeypatch, "INSERT INTO stored_events", interrupt)
    words = ("record", "party.dissolved", "party/sv", "--asserted-by", "recorder")
    assert refused(ask(*words, "--basis", "recorder"), 130)[0] == "error: interrupted"
    assert recorded() == before


def test_a_signal_while_waiting_for_the_lock_is_130_and_writes_nothing(
    ledger: Path, recorded: Any, tmp_path: Path
) -> None:
    before = recorded()
    words = ("record", "party.dissolved", "party/sv", "--asserted-by", "recorder")
    with sqlite3.connect(ledger / "record.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        writer = started("--ledger", ledger, *words, "--basis", "recorder")
        time.sleep(1.5)
        writer.send_signal(signal.SIGINT)
        time.sleep(0.2)
        other.execute("ROLLBACK")
    other.close()
    _, err = writer.communicate(timeout=60)
    assert writer.returncode == 130, err
    assert err.decode().splitlines()[0] == "error: interrupted"
    assert recorded() == before


def test_a_reader_that_has_seen_enough_ends_the_output_in_silence(demo_ledger: Path) -> None:
    asked = ("--ledger", demo_ledger, "log", "--format", "ndjson")
    with started(*asked, stdout=subprocess.PIPE) as log:
        assert log.stdout is not None
        assert log.stderr is not None
        assert log.stdout.readline().startswith(b'{"position":1,')
        log.stdout.close()
        assert log.stderr.read() == b""
        assert log.wait(60) == 141


@pytest.mark.parametrize("words", [("where",), ("zzz",)], ids=["an answer", "an error"])
def test_a_reader_that_never_looked_is_no_error(words: tuple[str, ...], ledger: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = started(*words, "--ledger", ledger, stdout=writing)
    os.close(writing)
    _, err = command.communicate(timeout=60)
    if words == ("where",):
        assert (command.returncode, err) == (141, b"")
    else:
        assert command.returncode == 2
        assert err.startswith(b"error: no such command")


def test_an_error_that_nobody_reads_is_no_error_more(ledger: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = subprocess.run(
        [sys.executable, "-c", COMMAND, "zzz"],
        env={"PYTHONPATH": str(ROOT)},
        stderr=writing,
        check=False,
    )
    os.close(writing)
    assert command.returncode == 2


def test_an_answer_that_cannot_be_written_is_7(ledger: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here, to write to a full disk with")
    with open("/dev/full", "wb") as full:
        command = started("--ledger", ledger, "where", stdout=full)
        _, err = command.communicate(timeout=60)
    assert command.returncode == 7
    assert [line[:6] for line in err.decode().splitlines()] == ["error:", "  No s", "  next"]


def test_a_closed_output_is_7_before_anything_is_done(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" init ledger >&-', sys.executable, COMMAND],
        env={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 7, ran.stderr
    assert "standard output is closed" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_utf_8_is_told_all_the_same(ask: Ask, refused: Refused) -> None:
    assert "xff" in refused(ask("log", "--ledger", "\udcff"), 7)[1].replace("udc", "x")


def test_an_old_locale_changes_letters_and_breaks_nothing(demo_ledger: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", COMMAND, "--ledger", demo_ledger, "party", "list"],
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.isascii()


def test_a_fault_of_our_own_shows_its_place_under_v_alone(
    ask: Ask, refused: Refused, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cli.commands.start import status

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("a test's own")

    monkeypatch.setattr(status, "write_page", broken)
    lines = refused(ask("where"), 7)
    assert lines[0] == "error: an error in depositary itself"
    assert "ZeroDivisionError: a test's own" in lines[1]
    shown = ask("where", "-v")
    assert shown.code == 7
    assert "Traceback" in shown.err
    assert "Traceback" in ask("-v", "where").err


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        PermissionError(13, "Permission denied", "ledger"),
        sqlite3.OperationalError("database is locked"),
        sqlite3.DatabaseError("file is not a database"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_the_machine_raises_has_a_code_and_three_lines(error: BaseException) -> None:
    known = message_of(error)
    assert known is not None
    assert known.exit_code in EXIT_CODES
    assert len(known.text(as_json=False).splitlines()) == 3


def test_every_error_of_the_rooms_has_a_code() -> None:
    from domain.claims import ranking
    from domain.decisions import errors
    from events import amounts, catalogue, dates, envelope, identifiers, text, validation
    from events.store import errors as store
    from projections.read_model import rows

    modules = (
        ranking,
        errors,
        envelope,
        catalogue,
        dates,
        validation,
        identifiers,
        amounts,
        text,
        store,
        rows,
    )
    unforeseen = {
        each.__name__
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, Exception)
        and not each.__name__.startswith("_")  # it stays within its module
        and message_of(each.__new__(each)) is None
    }
    assert unforeseen == set()


def test_every_name_of_an_error_is_that_of_a_class() -> None:
    rooms = [ROOT / room for room in ("events", "domain", "projections")]
    texts = [path.read_text("utf-8") for room in rooms for path in room.rglob("*.py")]
    defined = set(re.findall(r"^class (\w+Error)\b", "\n".join(texts), re.MULTILINE))
    assert {*KNOWN, *FAMILIES} - defined == set()


def test_main_returns_the_code_and_lets_its_caller_go_on() -> None:
    assert main(["--version"]) == 0
