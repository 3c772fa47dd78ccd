"""Does the demo make a ledger with the story in it, and show what it answers?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.commands.demo import NEXT
from cli.pages.demo import ASKED

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPOSITARY_LEDGER", raising=False)


def test_the_demo_makes_its_folder_and_shows_three_answers(ask: Ask) -> None:
    ran = ask("demo")
    assert (ran.code, ran.err) == (0, "")
    shown = [line for line in ran.out.splitlines() if line.startswith("$ ")]
    assert shown == [f"$ depositary {question}" for question in ASKED]
    assert "letter of intent" in ran.out
    assert ask("--ledger", "depositary-demo", "replay", "--compare").code == 0


def test_the_demo_shows_what_the_commands_answer(ask: Ask) -> None:
    out = ask("demo", "d").out
    for question in ASKED:
        *answer, last = ask("--ledger", "d", *question.split()).out.rstrip().splitlines()
        assert last.startswith("next: ")
        assert "\n".join(answer).rstrip() in out


def test_the_commands_to_try_next_can_be_tried(ask: Ask) -> None:
    told = [
        line.split()[1:]
        for line in ask("demo", "d").out.splitlines()
        if line.startswith("  depositary --ledger d ")
    ]
    assert len(told) == len(NEXT) == 3
    assert [ask(*words).code for words in told] == [0, 0, 0]


def test_scripts_get_the_same_answers(ask: Ask) -> None:
    found = json.loads(ask("demo", "d", "--json").out)
    assert ASKED.keys() <= found.keys()
    question = "reserve show sv --as-of 2025-07-19"
    assert found[question] == json.loads(ask("--ledger", "d", *question.split(), "--json").out)


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
    from domain.ledger import Ledger

    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "append", interrupted)
    refused(ask("demo", "a/d"), 130)
    assert list(tmp_path.iterdir()) == []
