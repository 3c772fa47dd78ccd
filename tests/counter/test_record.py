"""Is one fact recorded from the command line with the words of its type?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.app import app
from cli.event_options import option_name
from events.catalogue import all_types, body_class
from events.envelope import open_envelope
from events.fields import fields_of
from tests.each import each

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]

WHO = ("--asserted-by", "onbtc", "--basis", "own-publication", "--source", "onbtc")
TYPES = [name for name in all_types() if not name.startswith("ledger.")]


def data_of(row: Any) -> dict[str, Any]:
    return open_envelope(row.state).data


def test_a_fact_is_recorded_with_the_words_of_its_type(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    ran = ask(
        "record", "reserve.acquired", "sv", "--amount", "1 BTC", "--mode", "purchase", "--price",
        "about 113,000 USD", "--effective", "2025-07-18", "--relayed", "--asserted-by", "onbtc",
        "--basis", "own-publication", "--source", "onbtc,published=2025-07-18,origin=party/sv",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert data_of(recorded()[-1]) == {
        "amount": {"unit": "sat", "lower": 10**8, "upper": 10**8, "words": "1 BTC"},
        "asserted_by": "party/onbtc",
        "basis": "own-publication",
        "effective": "2025-07-18",
        "mode": "purchase",
        "price": {
            "approximate": True,
            "unit": "usd-minor",
            "lower": 11_300_000,
            "upper": 11_300_000,
            "words": "about 113,000 USD",
        },
        "relayed": True,
        "sources": [
            {"origin": "party/sv", "published": "2025-07-18", "source": "source/onbtc"}
        ],
    }  # fmt: skip


def test_the_same_fact_from_a_file_is_recorded_already(ledger: Path, ask: Ask) -> None:
    assert (
        ask("record", "reserve.lost", "sv", "--cause", "a key", "--amount", "2 BTC", *WHO).code == 0
    )
    again = ask(
        "append", "-",
        stdin='[[fact]]\ntype = "reserve.lost"\nsubject = "sv"\ncause = "a key"\namount = "2 BTC"\n'
        'asserted_by = "onbtc"\nbasis = "own-publication"\nsources = ["onbtc"]\n',
    )  # fmt: skip
    assert "already recorded as @7" in again.out


def test_a_list_is_given_several_times_or_with_commas(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    parties = ("--parties", "sv,imf", "--parties", "onbtc")
    assert ask("record", "agreement.described", "a-paper", *parties, *WHO).code == 0
    assert data_of(recorded()[-1])["parties"] == ["party/imf", "party/onbtc", "party/sv"]


def test_whole_numbers_and_tables_are_read_from_text(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    rule = '{ when = { on = "signature", which = "last" }, delay = "P30D" }'
    ran = ask("record", "agreement.entry-into-force-rule-set", "a-paper", "--rule", rule, *WHO)
    assert ran.code == 0, ran.err
    assert data_of(recorded()[-1])["rule"]["when"] == {"on": "signature", "which": "last"}
    moved = ("--to-count", "14", "--reason", "split")
    assert ask("record", "reserve.transferred", "sv", *moved, *WHO).code == 0
    assert data_of(recorded()[-1])["to_count"] == 14


def test_a_field_called_as_a_fact_s_own_key_is_an_option_like_any(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    by = ("--asserted-by", "party/recorder", "--basis", "recorder")
    ran = ask("record", "party.established", "pk", "--name", "Pakistan", "--type", "state", *by)
    assert ran.code == 0, ran.err
    assert data_of(recorded()[-1])["type"] == "state"


def test_all_that_is_missing_is_named_at_once(turned_away: Ask) -> None:
    ran = turned_away("record", "agreement.signed", "a-paper")
    assert ran.code == 2
    assert ran.err.splitlines() == [
        "error: something is missing",
        (
            "  a fact of type agreement.signed needs --party, --mode (ad-referendum, definitive, "
            "initialling, simple, succession, unstated), --asserted-by, --basis (official-record, "
            "signed-statement, audit, own-publication, on-chain, other-public-body, tracker, "
            "press, recorder), --source"
        ),
        "  next: depositary record agreement.signed --help",
    ]


def test_a_rehearsal_writes_nothing(ledger: Path, ask: Ask, recorded: Recorded) -> None:
    before = recorded()
    ran = ask("record", "agreement.concluded", "a-paper", *WHO, "--dry-run", "--json")
    assert json.loads(ran.out)[0]["outcome"] == "would be recorded"
    assert recorded() == before


def test_the_ledger_may_be_named_behind_the_fields(ledger: Path, ask: Ask, tmp_path: Path) -> None:
    other = tmp_path / "other"
    ask("init", other)
    ran = ask("record", "agreement.concluded", "a-paper", *WHO, "--ledger", other)
    assert ran.code == 5
    assert "party/onbtc is not in this ledger" in ran.err


@each("type_", TYPES)
def test_the_help_of_a_type_names_all_its_fields(type_: str, ask: Ask) -> None:
    ran = ask("record", type_, "--help")
    assert (ran.code, ran.err) == (0, "")
    for name, field in fields_of(body_class(type_)).items():
        assert f"{option_name(name)} " in ran.out
        assert not field.choices or field.is_mark or field.choices[0] in ran.out
    assert [line for line in ran.out.splitlines() if len(line) > 80] == []


def test_the_help_without_a_type_says_how_to_go_on(ask: Ask) -> None:
    ran = ask("record", "--help")
    assert ran.code == 0
    assert "depositary record reserve.acquired reserve/sv --help" in ran.out


def test_no_two_options_of_a_type_have_one_name() -> None:
    command = typer.main.get_command(app)
    globals_ = {word for parameter in command.params for word in parameter.opts} - {"--version"}
    for type_ in TYPES:
        names = [option_name(name) for name in fields_of(body_class(type_))]
        assert len(names) == len(set(names))
        assert globals_.isdisjoint(names), type_


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("agreement.sign", "a-paper"), 5, "did you mean agreement.signed"),
        (("reserve.lost", "SLV", "--cause", "x", *WHO), 5, "did you mean reserve/sv?"),
        (("reserve.lost", "sv", "--caus", "x", *WHO), 2, "did you mean --cause?"),
        (("reserve.lost", "sv", "--cause", "x", *WHO[2:], "--asserted-by", "SLV"), 5,
         "did you mean party/sv?"),
        (("reserve.lost", "sv", "--cause", "x", *WHO[2:], "--asserted-by", "onbtcs"), 5,
         "party/onbtcs is not in this ledger: did you mean party/onbtc?"),
        (("reserve.lost", "sv", "--cause", "", *WHO), 5, "blank"),
        (("reserve.transferred", "sv", "--reason", "x", "--to-count", "1.5", *WHO), 5,
         "'1.5' is not a whole number"),
        (("reserve.lost", "sv", "--cause", "x", *WHO, "--source", "onbtc,2025"), 5,
         "'2025' is not name=value"),
        (("reserve.disposed", "sv", "--mode", "sale", "--effective", "2024-06-19/2024-07-12", *WHO),
         5, "one day within it, or a fact for each of several acts, on its own day"),
        (("ledger.opened", "self", "--help"), 5, "are recorded by depositary alone"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_in_three_lines(
    arguments: tuple[str, ...], code: int, told: str, turned_away: Ask
) -> None:
    ran = turned_away("record", *arguments)
    assert ran.code == code
    assert told in ran.err
