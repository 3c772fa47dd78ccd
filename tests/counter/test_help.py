"""Do the words of the help say what the program does?"""

import json
import re
import subprocess
from collections.abc import Callable
from shutil import which
from typing import Any

import pytest

from cli.app import COMMANDS
from cli.commands.start.help import TOPICS, page
from cli.errors.exit_codes import EXIT_CODES
from domain.claims.ranking import NAMES
from events.amounts import QuantityError, read_quantity
from events.dates import DateError, parse_date
from tests.house.test_commands import LEAVES
from tests.house.test_words import GLOSSARY

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]


def test_without_a_topic_the_topics_are_listed(ask: Ask) -> None:
    ran = ask("help")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()[1:]] == list(TOPICS)
    assert [row["topic"] for row in json.loads(ask("help", "--json").out)] == list(TOPICS)


@pytest.mark.parametrize("word", ["verson", "version", "versoin"])
def test_a_misspelt_version_leads_to_the_option(word: str, ask: Ask, refused: Refused) -> None:
    _, why, then = refused(ask(word), 2)
    assert "did you mean --version" in why
    assert then == "  next: depositary --version"


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic != "man"])
def test_a_topic_is_explained_within_eighty_columns(topic: str, ask: Ask) -> None:
    ran = ask("help", topic)
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.out.splitlines()) > 10
    assert [line for line in ran.out.splitlines() if len(line) > 80] == []
    assert ask("help", topic, "--json").code == 0


def test_the_top_help_names_every_command_within_45_lines(ask: Ask) -> None:
    text = ask("--help").out
    assert len(text.splitlines()) <= 45
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert [name for name in COMMANDS if not re.search(rf"\b{name}\b", text)] == []
    for words in ("agreement standing", "agreement reservations", "reserve reconcile"):
        assert f"\n  {words} " in text


def test_the_manual_page_is_read_by_man(ask: Ask) -> None:
    ran = ask("help", "man")
    assert ran.out.startswith(".TH DEPOSITARY 1 ")
    assert [f'.SS "{words}"' for words in LEAVES if f'.SS "{words}"' not in ran.out] == []
    if which("groff") is None:
        pytest.skip("without groff a page is not laid out")
    laid = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww"],
        input=ran.out,
        capture_output=True,
        text=True,
        check=True,
    )
    assert laid.stderr == ""
    assert "--as-reported" in laid.stdout


def test_the_glossary_is_that_of_the_documents(ask: Ask) -> None:
    printed = " ".join(ask("help", "glossary").out.split())
    for entry in re.findall(r"^- (.+)$", GLOSSARY.read_text("utf-8"), re.MULTILINE):
        assert re.sub(r"\*\*|`", "", entry) in printed


def test_every_exit_code_is_explained(ask: Ask) -> None:
    told = re.findall(r"^ +(\d+)  (.+)$", ask("help", "exit-codes").out, re.MULTILINE)
    assert {int(code): meaning for code, meaning in told} == EXIT_CODES
    rows = json.loads(ask("help", "exit-codes", "--json").out)
    assert {row["code"]: row["meaning"] for row in rows} == EXIT_CODES


def test_every_policy_is_explained() -> None:
    assert [name for name in NAMES if f"  {name} " not in "\n".join(page("policies"))] == []


def examples(topic: str, between: str) -> list[str]:
    """Return what stands on the left in a topic's first list, one example each."""
    lines = "\n".join(page(topic)).split("\n\n")[1].splitlines()
    return [part for line in lines for part in re.split(r"\s{2,}", line)[1].split(between)]


@pytest.mark.parametrize("text", examples("dates", ", "))
def test_every_date_of_the_help_is_read(text: str) -> None:
    assert parse_date(text).text == text


@pytest.mark.parametrize("text", ["18/07/2025", "2025-02-30"])
def test_every_date_that_the_help_refuses_is_refused(text: str) -> None:
    assert text in " ".join(page("dates"))
    with pytest.raises(DateError):
        parse_date(text)


@pytest.mark.parametrize("text", examples("amounts", " or "))
def test_every_amount_of_the_help_is_read(text: str) -> None:
    assert read_quantity(text).words == text


def test_the_amount_that_the_help_refuses_is_refused() -> None:
    assert "0.000000001 BTC" in " ".join(page("amounts"))
    with pytest.raises(QuantityError):
        read_quantity("0.000000001 BTC")


def test_every_command_of_the_help_is_understood(ask: Ask, ledger: Any) -> None:
    words = re.findall(r"^ {6}depositary (.+)$", "\n".join(page("clocks")), re.MULTILINE)
    assert len(words) == 3
    codes = [ask(*line.replace("@345", "@6").split()).code for line in words]
    assert codes == [0, 3, 0]  # no source of this ledger says when it was published


def test_a_command_is_explained_too(ask: Ask) -> None:
    assert ask("help", "append").out == ask("append", "--help").out
    assert ask("help", "reserve").out == ask("reserve", "--help").out


@pytest.mark.parametrize(
    ("topic", "meant"),
    [("exit", "exit-codes"), ("exit-cods", "exit-codes"), ("date", "dates"), ("apend", "append")],
)
def test_an_unknown_topic_brings_the_one_that_was_meant(
    topic: str, meant: str, ask: Ask, refused: Refused
) -> None:
    assert refused(ask("help", topic), 3)[1:] == [
        f"  did you mean {meant}?",
        f"  next: depositary help {meant}",
    ]


def test_a_topic_that_nothing_comes_near_to_brings_all(ask: Ask, refused: Refused) -> None:
    assert "exit-codes" in refused(ask("help", "zzz"), 3)[1]
