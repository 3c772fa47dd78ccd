"""Are the answers what comes out of the record, and nothing else?"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.faults.sqlite_statements import after_statement, interrupt

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]

RECORD = ("--asserted-by", "recorder", "--basis", "recorder")


def digest(ask: Ask, *words: str) -> tuple[int, str]:
    ran = ask("replay", *words, "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    return found["position"], found["digest"]


def tamper(ledger: Path, statement: str) -> None:
    with closing(sqlite3.connect(ledger / "answers.sqlite3")) as answers:
        answers.execute(statement)
        answers.commit()


def test_a_replay_gives_what_is_stored(ask: Ask, ledger: Path) -> None:
    position, made = digest(ask)
    assert position == 6
    assert digest(ask, "--compare") == (position, made)
    assert f"digest {made}" in ask("replay").out.splitlines()


def test_answers_that_grew_equal_answers_made_at_once(ask: Ask, ledger: Path) -> None:
    for name in ("a", "b", "c"):
        words = ("--name", name, "--type", "person", *RECORD)
        assert ask("record", "party.established", f"party/{name}", *words).code == 0
    grown = digest(ask, "--compare")
    (ledger / "answers.sqlite3").unlink()
    assert digest(ask) == grown


def test_deleted_answers_are_made_again_and_the_same(ask: Ask, ledger: Path) -> None:
    before = ask("reserve", "show", "sv", "--as-of", "2025-07-19").out
    (ledger / "answers.sqlite3").unlink()
    assert ask("reserve", "show", "sv", "--as-of", "2025-07-19").out == before


def test_a_replay_takes_the_place_of_answers_that_are_wrong(ask: Ask, ledger: Path) -> None:
    right = digest(ask)
    tamper(ledger, "UPDATE lines SET summary = '{}'")
    assert digest(ask) == right
    assert digest(ask, "--compare") == right


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lines SET summary = '{}' WHERE thing = 'reserve/sv'",
        "UPDATE claims SET data = replace(data, 'El Salvador', 'Elsewhere')",
        "UPDATE claims SET first_on = '2021-09-07' WHERE thing = 'reserve/sv'",
        "UPDATE claims SET settled_from = 'soon' WHERE thing = 'reserve/sv'",
        "DELETE FROM claims WHERE position = 4",
        "DELETE FROM things WHERE thing = 'reserve/sv'",
        "UPDATE things SET last_position = 4 WHERE thing = 'reserve/sv'",
        "UPDATE lines SET valid_from = '0001-01-01' WHERE thing = 'reserve/sv'",
        (
            "INSERT INTO lines (thing, last_position, valid_from, public_by, disputed_from)"
            " VALUES ('reserve/none', 1, '0001-01-01', '0001-01-01', '')"
        ),
    ],
)
def test_stored_answers_that_differ_are_4(
    statement: str, ask: Ask, refused: Refused, ledger: Path
) -> None:
    if "lines" in statement:
        assert ask("reserve", "list").code == 0  # which makes its lines, and keeps them
    tamper(ledger, statement)
    lines = refused(ask("replay", "--compare"), 4)
    assert lines[0] == "error: the stored tables differ from the log"
    assert refused(ask("replay", "--compare"), 4) == lines  # comparing repairs nothing


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claims SET data = '{' WHERE thing = 'reserve/sv'",
        "DELETE FROM claims WHERE thing = 'reserve/sv'",  # the last of all
        None,
    ],
)
def test_stored_answers_that_are_damaged_are_made_anew(
    statement: str | None, ask: Ask, ledger: Path
) -> None:
    if statement is None:
        (ledger / "answers.sqlite3").write_bytes(b"no database " * 100)
    else:
        tamper(ledger, statement)
    ran = ask("replay", "--compare")
    assert (ran.code, "the read model was damaged" in ran.err) == (0, True)
    assert ask("replay", "--compare").err == ""


def test_answers_that_are_behind_are_held_against_the_record_as_it_was(
    ask: Ask, ledger: Path
) -> None:
    stored = (ledger / "answers.sqlite3").read_bytes()
    assert ask("record", "party.dissolved", "imf", *RECORD).code == 0
    (ledger / "answers.sqlite3").write_bytes(stored)
    assert digest(ask, "--compare")[0] == 6


@pytest.mark.parametrize("content", [None, b""], ids=["missing", "empty"])
def test_where_nothing_is_stored_nothing_can_be_compared(
    content: bytes | None, ask: Ask, refused: Refused, ledger: Path
) -> None:
    answers = ledger / "answers.sqlite3"
    answers.unlink()
    if content is not None:
        answers.write_bytes(content)
    assert refused(ask("replay", "--compare"), 7)[2].startswith("  next: depositary replay")
    assert ask("replay").code == 0
    assert ask("replay", "--compare").code == 0


def test_until_stores_nothing(ask: Ask, ledger: Path) -> None:
    stored = (ledger / "answers.sqlite3").read_bytes()
    position, made = digest(ask, "--until", "@3")
    assert position == 3
    assert (ledger / "answers.sqlite3").read_bytes() == stored
    assert made != digest(ask)[1]
    assert digest(ask, "--until", "@6") == digest(ask)


def test_until_takes_a_day_and_an_instant(ask: Ask, ledger: Path) -> None:
    log = ask("log", "-n", "1", "--format", "ndjson").out
    last = json.loads(log)["event"]["time"]
    assert digest(ask, "--until", last[:10])[0] == 6
    assert digest(ask, "--until", last[:4])[0] == 6
    assert digest(ask, "--until", f"{last[:19]}Z")[0] in (1, 6)  # the ledger is seconds old


@pytest.mark.parametrize(
    ("until", "code"),
    [
        ("2009-01-03", 3),
        ("@0", 2),
        ("@7", 2),
        ("@x", 2),
        ("7", 2),
        ("2025-02-30", 2),
        ("31/31/2025", 2),
        ("2025-07-18?", 2),
    ],
)
def test_an_until_that_names_nothing_is_told(
    until: str, code: int, ask: Ask, refused: Refused, ledger: Path
) -> None:
    assert "--until" in " ".join(refused(ask("replay", "--until", until), code)[:2])


def test_comparing_up_to_a_position_is_not_offered(
    ask: Ask, refused: Refused, ledger: Path
) -> None:
    refused(ask("replay", "--compare", "--until", "@3"), 2)


def test_an_interrupted_replay_leaves_what_was_stored(
    ask: Ask, refused: Refused, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, files = (ledger / "answers.sqlite3").read_bytes(), sorted(ledger.iterdir())

    after_statement(monkeypatch, "INSERT INTO claims", interrupt)
    refused(ask("replay"), 130)
    assert (ledger / "answers.sqlite3").read_bytes() == stored
    assert sorted(ledger.iterdir()) == files


def test_progress_is_for_a_terminal_alone(
    ask: Ask, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    assert ask("replay").err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert ask("replay").code == 0


def test_a_long_catching_up_is_shown_on_a_terminal_alone(
    ask: Ask, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    def made_anew() -> str:
        (ledger / "answers.sqlite3").unlink()
        return str(ask("reserve", "list").err)

    monkeypatch.setattr("projections.read_model.rebuild.BATCH", 2)
    assert made_anew() == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert "catching up" in made_anew()
    assert ask("reserve", "list").err == ""
    monkeypatch.undo()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("DEPOSITARY_LEDGER", str(ledger))
    assert made_anew() == ""  # of one batch nothing is shown


def test_a_replay_for_a_day_stores_nothing_and_tells_its_clocks(ask: Ask, ledger: Path) -> None:
    before = (ledger / "answers.sqlite3").read_bytes()
    ran = ask("replay", "--as-of", "2025-07-18", "--until", "@5", "--policy", "latest", "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert (found["position"], found["as_of"], found["public_at"]) == (5, "2025-07-18", None)
    assert (found["policy"]["name"], found["stored"], found["newer"]) == ("latest", False, 0)
    assert (ledger / "answers.sqlite3").read_bytes() == before


def test_copies_of_a_ledger_give_one_digest_for_a_day(ask: Ask, ledger: Path) -> None:
    words = ("replay", "--as-of", "2025-07-19")
    there = ask(*words)
    assert there.code == 0, there.err
    copied = ledger.parent / "copied"
    assert ask("copy", str(ledger), str(copied)).code == 0
    (copied / "answers.sqlite3").unlink(missing_ok=True)
    assert ask("--ledger", str(copied), *words).out == there.out
    assert "folded" in there.out
    assert ask("replay", "--as-of", "2020").out != there.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--as-of", "2025", "--compare"), "exclude each other"),
        (("--public-at", "2025"), "need --as-of"),
        (("--policy", "latest"), "need --as-of"),
        (("--as-of", "someday"), "--as-of needs a date"),
        (("--as-of", ""), "--as-of needs a date"),
        (("--as-of", "2025", "--public-at", ""), "--public-at needs a date"),
        (("--as-of", "2025", "--policy", "none"), "no such policy"),
        (("--as-of", "2025", "--until", "@99"), "--until names a position"),
    ],
)
def test_a_replay_for_no_day_is_2(
    words: tuple[str, ...], why: str, ask: Ask, refused: Refused, ledger: Path
) -> None:
    assert why in "\n".join(refused(ask("replay", *words), 2))
