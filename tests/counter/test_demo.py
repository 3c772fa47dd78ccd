"""Does the demo make a ledger with the story in it, and show what it answers?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.commands.start.demo import ASKED, NEXT
from tests.faults.sqlite_statements import after_statement, interrupt

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPOSITARY_LEDGER", raising=False)


def test_the_demo_makes_its_folder_and_shows_one_page(ask: Ask) -> None:
    ran = ask("demo")
    assert (ran.code, ran.err) == (0, "")
    shown = [line.strip() for line in ran.out.splitlines() if line.startswith("  $ ")]
    assert shown == [f"$ depositary {question}" for question in ASKED]
    assert ask("--ledger", "depositary-demo", "replay", "--compare").code == 0


def test_the_page_says_what_the_questions_are_answered(ask: Ask) -> None:
    out = " ".join(ask("demo", "d").out.split())
    for question in ASKED:
        answer = json.loads(ask("--ledger", "d", *question.split(), "--json").out)["answer"]
        for field in ("power", "access", "made_available"):
            assert answer.get(field) is None or answer[field]["text"] in out
        if answer.get("reported"):
            assert answer["reported"]["amount"]["text"] in out
        for signature in answer.get("signed", ()):
            assert f"signed {signature['on']}" in out


def test_the_page_has_what_a_journalist_asks_first(ask: Ask) -> None:
    out = " ".join(ask("demo", "d").out.split())
    for told in (
        "kind letter of intent [contested]",
        "binding legal effect not stated",
        "contested kind: memorandum, 2025-07-18, asserted by the unnamed publisher of the article",
        "status allocated since 2025-05-25 power 2,000 MW purposes ai development, bitcoin mining",
        "denied Fakhray Alam Irfan denies that it was withdrawn",
        "rejected by International Monetary Fund [..2025-07-03] taken up by World Bank",
        "made available 1,520,000,000 SDR disbursed 760,000,000 SDR",
        "made available 172,320,000 SDR disbursed none recorded",
        "reported 6,242 BTC as of 2025-07-19, asserted by The Block [single source]",
        "over 6,240 BTC",
        "holder Pakistan status announced reported none ledger balance no flows recorded",
    ):
        assert told in out


def test_the_commands_to_try_next_can_be_tried(ask: Ask) -> None:
    told = [
        line.split()[1:]
        for line in ask("demo", "d").out.splitlines()
        if line.startswith("  depositary --ledger d ")
    ]
    assert len(told) == len(NEXT) == 3
    assert [ask(*words).code for words in told] == [0, 0, 1]  # there are findings


def test_scripts_get_the_same_answers(ask: Ask) -> None:
    found = json.loads(ask("demo", "d", "--json").out)
    assert set(ASKED) <= found.keys()
    question = "reserve show sv --as-of 2025-07-19"
    shown = json.loads(ask("--ledger", "d", *question.split(), "--json").out)
    assert shown == {**found[question], "reproduce": shown["reproduce"]}


def test_an_empty_folder_takes_the_demo(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert ask("demo", "empty").code == 0


def test_a_folder_with_something_in_it_is_left_as_it_is(
    ask: Ask, refused: Refused, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    (tmp_path / "file").touch()
    assert "remove full first" in refused(ask("demo", "full"), 7)[2]
    refused(ask("demo", "file"), 7)
    refused(ask("demo", "--ledger", "full"), 7)
    refused(ask("--ledger", "one", "demo", "two"), 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "full"]


def test_a_demo_that_is_interrupted_leaves_nothing(
    ask: Ask, refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_statement(monkeypatch, "INSERT INTO stored_events", interrupt)
    refused(ask("demo", "a/d"), 130)
    assert list(tmp_path.iterdir()) == []
