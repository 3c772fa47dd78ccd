"""Does the counter say where the ledger is and how it stands?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]


def status(ask: Ask) -> dict[str, Any]:
    ran = ask("status", "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_where_is_one_line_for_scripts(ask: Ask, ledger: Path) -> None:
    assert ask("where").out == f"{ledger}\n"
    assert json.loads(ask("where", "--json").out) == {
        "folder": str(ledger),
        "found_by": "DEPOSITARY_LEDGER",
    }


def test_status_counts_what_is_recorded(ask: Ask, ledger: Path) -> None:
    found = status(ask)
    assert found["folder"] == str(ledger)
    assert found["position"] == 6
    assert found["subjects"] == {"party": 3, "source": 1, "reserve": 1}
    assert found["answers"] == {"position": 6}
    assert found["origin"] == f"localhost/{found['ledger_id']}"


def test_status_says_when_the_last_fact_was_recorded(ask: Ask, ledger: Path) -> None:
    last = json.loads(ask("log", "-n", "1", "--format", "ndjson").out)
    assert status(ask)["recorded"] == last["event"]["time"]


def test_status_weighs_the_files(ask: Ask, ledger: Path) -> None:
    copy = ledger / "sources" / "ab" / "cdef"
    copy.parent.mkdir()
    copy.write_bytes(b"x" * 1000)
    files = {file["name"]: file for file in status(ask)["files"]}
    assert files["sources/"] == {"name": "sources/", "bytes": 1000, "files": 1}
    assert files["answers.sqlite3"]["bytes"] == (ledger / "answers.sqlite3").stat().st_size
    assert files["record.sqlite3"]["bytes"] >= (ledger / "record.sqlite3").stat().st_size


def test_status_says_that_answers_were_behind(ask: Ask, ledger: Path) -> None:
    stored = (ledger / "answers.sqlite3").read_bytes()
    words = ("record", "party.dissolved", "imf", "--asserted-by", "recorder")
    assert ask(*words, "--basis", "recorder").code == 0
    (ledger / "answers.sqlite3").write_bytes(stored)
    assert "1 events behind until the next read" in ask("status").out
    assert status(ask)["answers"] == {"position": 7}  # asking was a read


def test_status_says_up_to_where_the_log_is_signed(ask: Ask, ledger: Path) -> None:
    assert status(ask)["signed"] is None
    assert ask("key", "new", "--no-passphrase").code == 0
    signed = ask("checkpoint").err
    last = json.loads(ask("log", "-n", "1", "--format", "ndjson").out)
    assert signed == f"signed up to @7, recorded {last['event']['time']}\n"
    assert status(ask)["signed"] == {"size": 7, "recorded": last["event"]["time"]}
    assert ask("source", "add", "https://example.org/1").code == 0
    assert f"up to @7, recorded {last['event']['time']}; 1 later event\n" in ask("status").out


def test_status_without_answers_makes_them(ask: Ask, ledger: Path) -> None:
    (ledger / "answers.sqlite3").unlink()
    assert status(ask)["answers"] == {"position": None}
    assert status(ask)["answers"] == {"position": 6}


def test_status_is_read_by_people_too(ask: Ask, ledger: Path) -> None:
    lines = dict(line.split(maxsplit=1) for line in ask("status").out.splitlines())
    assert lines["ledger"] == str(ledger)
    assert lines["position"].startswith("@6, recorded ")
    assert lines["subjects"] == "3 parties, 1 source, 1 reserve"
    assert "\nread model  " in ask("status").out
    assert "up to date" in ask("status").out


def test_status_of_no_ledger_is_7(ask: Ask, refused: Refused, tmp_path: Path, ledger: Path) -> None:
    refused(ask("status", "--ledger", tmp_path), 7)
    (ledger / "record.sqlite3").unlink()
    refused(ask("status"), 7)
