"""What does the counter say of a record that somebody changed?"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]
FIGURE, BROKEN = "568968000000", "56896x000000"


@pytest.fixture
def ledger(tmp_path: Path, ask: Ask) -> Path:
    assert ask("demo", tmp_path / "story").code == 0
    return tmp_path / "story"


def change(ledger: Path, trigger: str, statement: str) -> None:
    connection = sqlite3.connect(ledger / "record.sqlite3")
    connection.execute(f"DROP TRIGGER stored_events_{trigger}")
    assert connection.execute(statement).rowcount > 0
    connection.commit()
    connection.close()


def test_a_hole_in_the_record_is_evidence(ledger: Path, ask: Ask) -> None:
    change(ledger, "delete", "DELETE FROM stored_events WHERE position = 300")
    for words in (("replay",), ("replay", "--compare")):
        ran = ask("--ledger", ledger, *words)
        assert ran.code == 4
        assert "@300 is missing" in ran.err


def test_a_changed_figure_is_evidence_and_names_its_event(ledger: Path, ask: Ask) -> None:
    broken = f"CAST(replace(CAST(state AS TEXT), '{FIGURE}', '{BROKEN}') AS BLOB)"
    there = f"instr(CAST(state AS TEXT), '{FIGURE}')"
    change(ledger, "update", f"UPDATE stored_events SET state = {broken} WHERE {there}")
    (ledger / "answers.sqlite3").unlink()
    for words in (("replay",), ("reserve", "show", "sv"), ("reserve", "list")):
        ran = ask("--ledger", ledger, *words)
        assert ran.code == 4
        assert "is damaged" in ran.err
        assert "@" in ran.err


def test_an_amount_that_no_door_lets_in_is_evidence(ledger: Path, ask: Ask) -> None:
    changed = (
        "UPDATE stored_events SET state = "
        'CAST(replace(CAST(state AS TEXT), \'"unit":"sat"\', \'"unit":"sot"\') AS BLOB)'
    )
    change(ledger, "update", changed)
    ran = ask("--ledger", ledger, "replay")
    assert ran.code == 4
    assert "'sot'" in ran.err


def test_a_record_that_lost_its_end_is_not_made_good_by_a_replay(ledger: Path, ask: Ask) -> None:
    change(ledger, "delete", "DELETE FROM stored_events WHERE position > 340")
    ran = ask("--ledger", ledger, "replay", "--compare")
    assert ran.code == 4
    assert "ends at @340" in ran.err
    assert "depositary audit" in ran.err


def test_answers_with_a_broken_row_are_made_again(ledger: Path, ask: Ask) -> None:
    asked = "--ledger", ledger, "reserve", "show", "sv"
    before = ask(*asked)
    answers = sqlite3.connect(ledger / "answers.sqlite3")
    answers.execute("UPDATE claims SET data = '{' WHERE thing = 'reserve/sv'")
    answers.commit()
    answers.close()
    assert ask(*asked) == before
    assert ask("--ledger", ledger, "replay", "--compare").code == 0


def test_a_broken_file_is_not_to_be_initialised(ledger: Path, ask: Ask) -> None:
    with (ledger / "record.sqlite3").open("r+b") as record:
        record.truncate(5_000)
    for log in ledger.glob("record.sqlite3-*"):
        log.unlink()
    ran = ask("--ledger", ledger, "reserve", "list")
    assert ran.code == 7
    assert "depositary restore" in ran.err
