"""Is a fact recorded question by question, and nothing where the person leaves?"""

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.envelope import open_envelope
from tests.conftest import clean_environment
from tests.counter.terminal import Terminal

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]
Open = Callable[..., Terminal]

STORY = (
    ("What happened?", "holding-reported"),
    ("About which reserve?", "El Salvador"),
    ("reserve/sv? [Y/n]", ""),
    ("Amount?", "6,242 BTC"),
    ("When did it take effect?", "19 July 2025"),
    ("Asserted by which party?", "The Block"),
    ("party/the-block is new in this ledger: make it? [Y/n]", ""),
    ("What is it called? [The Block]", ""),
    ("What is it? [organisation]", "publisher"),
    ("What kind of evidence is it? [press]", ""),
    ("Which document says so?", "https://example.org/news/1"),
    ("What is its title?", "A purchase"),
    ("Who published it? (a name or an id; -: unknown) [party/the-block]", ""),
    ("When was it published?", "2025-7-20"),
    ("Anything else?", ""),
)


@pytest.fixture
def terminal(ledger: Path) -> Open:
    """Open a command of the ledger on a terminal."""

    def run(*arguments: str) -> Terminal:
        env = clean_environment({"DEPOSITARY_LEDGER": str(ledger), "TERM": "dumb"})
        env["XDG_CONFIG_HOME"] = os.environ["XDG_CONFIG_HOME"]
        return Terminal(arguments, ledger, env)

    return run


def data_of(row: Any) -> dict[str, Any]:
    return open_envelope(row.state).data


def test_a_fact_is_recorded_with_its_party_and_its_source(
    terminal: Open, recorded: Recorded
) -> None:
    before = len(recorded())
    asked = terminal("add")
    asked.answer(*STORY)
    asked.expect("new: reserve.holding-reported reserve/sv")
    asked.expect("the same without questions:")
    asked.answer(("Record it? [Y/n]", ""))
    assert asked.end() == 0
    party, source, fact = (data_of(row) for row in recorded()[before:])
    assert (party["name"], party["type"]) == ("The Block", "publisher")
    assert (source["locator"], source["title"]) == ("https://example.org/news/1", "A purchase")
    assert source["publisher"] == "party/the-block"
    assert fact["asserted_by"] == "party/the-block"
    assert fact["effective"] == "2025-07-19"
    assert fact["basis"] == "press"
    (cited,) = fact["sources"]
    assert cited["source"] == "source/example-org-news-1"
    assert cited["published"] == "2025-07-20"
    assert "19 July 2025 is read as 2025-07-19" in asked.shown


def test_an_amount_is_shown_as_it_is_read(terminal: Open) -> None:
    given = ("--effective", "2025", "--asserted-by", "imf", "--basis", "press", "--source", "onbtc")
    asked = terminal(
        "add", "reserve.holding-reported", "reserve/sv", "--amount", "12.000 BTC", *given
    )
    asked.answer(("Anything else?", ""))
    asked.expect("12 BTC (written 12.000 BTC)")
    asked.answer(("Record it? [Y/n]", "n"))
    assert asked.end() == 1
    assert "holding reported: 12 BTC, asserted by imf" in asked.shown


def test_what_is_no_name_makes_no_party(terminal: Open, recorded: Recorded) -> None:
    before = recorded()
    asked = terminal("add", "reserve.holding-reported", "reserve/sv", "--amount", "1 BTC")
    asked.answer(
        ("When did it take effect?", "?"),
        ("for example 2025-07-18", "2025"),
        ("Asserted by which party?", "31.10.2024"),
        ("31.10.2024 is a date, and a name is wanted", "01/02/2024"),
        ("01/02/2024 is a date", "12,000 BTC"),
        ("12,000 BTC is an amount", "https://example.org/1"),
        ("is an address", "360"),
        ("party/360 is new in this ledger: make it? [y/N]", ""),
    )
    asked.expect("Asserted by which party?")
    asked.press_after_reading(b"\x04")
    assert asked.end() == 130
    assert recorded() == before


def test_a_question_without_a_list_has_an_example(terminal: Open) -> None:
    asked = terminal("add", "reserve.holding-reported", "reserve/sv")
    asked.answer(("Amount?", "?"))
    asked.expect('"over 6,240 BTC"')
    asked.expect("Amount?")
    asked.press_after_reading(b"\x04")
    assert asked.end() == 130


def test_a_reserve_is_called_as_its_state_and_an_agency_has_one(
    terminal: Open, recorded: Recorded
) -> None:
    before = len(recorded())
    given = ("--mode", "purchase", "--amount", "1 BTC", "--effective", "2025", "--source", "onbtc")
    asked = terminal("add", "reserve.acquired", "Pakistan", *given, "--basis", "own-publication")
    asked.answer(
        ("reserve/pk is new in this ledger: make it? [Y/n]", ""),
        ("Asserted by which party?", "Office of Examples"),
        ("make it? [Y/n]", ""),
        ("What is it called?", ""),
        ("What is it?", "agency"),
        ("Which State is it an agency of?", "El Salvador"),
        ("party/sv? [Y/n]", ""),
        ("Anything else?", ""),
    )
    asked.expect("party add 'Office of Examples' --id party/office-of-examples --type agency")
    asked.answer(("Record it?", ""))
    assert asked.end() == 0
    party, _ = (data_of(row) for row in recorded()[before:])
    assert (party["type"], party["state"]) == ("agency", "party/sv")


def test_the_commands_that_are_printed_record_the_same(
    terminal: Open, ask: Ask, recorded: Recorded
) -> None:
    asked = terminal("add")
    asked.answer(*STORY, ("Record it? [Y/n]", "n"))
    assert asked.end() == 1
    before = recorded()
    assert "nothing was written" in asked.shown
    printed = asked.shown.partition("the same without questions:\n")[2].splitlines()
    commands = [shlex.split(line)[1:] for line in printed if line.startswith("  depositary ")]
    for command in commands:
        ran = ask(*command)
        assert ran.code == 0, ran.err
    told = [data_of(row) for row in recorded()[len(before) :]]
    assert [one.get("asserted_by") for one in told] == ["party/recorder"] * 2 + ["party/the-block"]
    assert told[-1]["amount"]["words"] == "6,242 BTC"


@pytest.mark.parametrize(
    ("step", "key"),
    [
        *((0, b"\x03"), (8, b"\x04"), (len(STORY), b"\x03")),
        *(
            pytest.param(step, key, marks=pytest.mark.long)
            for step in range(len(STORY) + 1)
            for key in (b"\x03", b"\x04")
        ),
    ],
)
def test_who_leaves_at_a_question_leaves_all_as_it_was(
    step: int, key: bytes, terminal: Open, recorded: Recorded
) -> None:
    before = recorded()
    asked = terminal("add")
    asked.answer(*STORY[:step])
    asked.expect("> ")
    asked.press_after_reading(key)
    assert asked.end() == 130
    assert "nothing was written" in asked.shown
    assert recorded() == before


def test_a_wrong_answer_is_explained_and_asked_again(terminal: Open, recorded: Recorded) -> None:
    asked = terminal("add", "reserve.acquired", "sv")
    asked.answer(
        ("Mode?", "buying"),
        ("Mode?", "purchase"),
        ("Amount?", "many"),
        ("Amount?", "1 BTC"),
        ("When did it take effect?", "07/08/2025"),
    )
    asked.expect("may be 2025-07-08 or 2025-08-07")
    asked.answer(("When did it take effect?", "2025-08-07"), ("Asserted by which party?", "onbtc"))
    asked.answer(("evidence is it? [own-publication]", "hearsay"))
    asked.expect("official-record")
    asked.answer(
        ("evidence is it? [own-publication]", ""),
        ("Which document says so?", "onbtc"),
        ("When was it published?", ""),
        ("Anything else?", "price"),
        ("Price?", "117,000 USD"),
        ("Anything else?", ""),
        ("Record it?", "y"),
    )
    assert asked.end() == 0, asked.shown
    fact = data_of(recorded()[-1])
    assert (fact["mode"], fact["price"]["words"]) == ("purchase", "117,000 USD")


def test_what_contradicts_or_repeats_is_said_before(terminal: Open, ask: Ask) -> None:
    given = ("--effective", "2021-09-06", "--basis", "own-publication", "--source", "onbtc")
    asked = terminal("add", "reserve.announced", "sv", "--holder", "sv", *given)
    asked.answer(("Asserted by which party?", "onbtc"), ("Anything else?", ""))
    asked.expect("recorded already: reserve.announced reserve/sv")
    asked.answer(("Record it?", "n"))
    assert asked.end() == 1


def test_tab_completes_what_was_begun(terminal: Open) -> None:
    asked = terminal("add")
    asked.expect("What happened?")
    asked.press(b"reserve.holding-r\t")
    asked.type("")
    asked.expect("About which reserve?")
    asked.press_after_reading(b"\x03")
    assert asked.end() == 130


def test_without_a_terminal_all_that_is_missing_is_named(turned_away: Ask) -> None:
    ran = turned_away("add")
    assert ran.code == 2
    for word in ("TYPE", "SUBJECT", "--asserted-by", "--basis", "--effective", "--source"):
        assert word in ran.err
    ran = turned_away("add", "reserve.acquired", "sv", "--basis", "press")
    assert "--mode" in ran.err
    assert "TYPE" not in ran.err.splitlines()[1]
    assert "--basis" not in ran.err


def test_odd_days_are_asked_about_on_a_terminal_and_not_with_yes(
    terminal: Open, recorded: Recorded
) -> None:
    said = (
        *("record", "reserve.acquired", "sv", "--amount", "1 BTC", "--mode", "purchase"),
        *("--effective", "2025-07-18", "--asserted-by", "onbtc", "--basis", "own-publication"),
        *("--source", "onbtc,published=2024-01-01"),
    )
    before = recorded()
    asked = terminal(*said)
    asked.expect("published-before-it-happened")
    asked.answer(("Record it all the same? [y/N]", ""))
    assert asked.end() == 1
    assert recorded() == before
    asked = terminal(*said)
    asked.answer(("Record it all the same? [y/N]", "y"))
    assert asked.end() == 0, asked.shown
    assert asked.shown.count("published-before-it-happened") == 1
    assert len(recorded()) == len(before) + 1
    asked = terminal(*said, "--key", "another", "--yes")
    assert asked.end() == 0
    assert "all the same" not in asked.shown
