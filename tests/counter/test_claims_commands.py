"""Can everything be said of an earlier claim that may be said, and by whom?"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.envelope import open_envelope

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]

WHO = ("--asserted-by", "onbtc", "--basis", "own-publication", "--source", "onbtc")
FUND = ("--asserted-by", "imf", "--basis", "other-public-body", "--source", "onbtc")
SLIP = ("--reason", "recording-error")


def data_of(row: Any) -> dict[str, Any]:
    return open_envelope(row.state).data


@pytest.fixture
def lot(ledger: Path, ask: Ask) -> dict[str, Any]:
    """Record that a lot of 420 BTC was bought, as @7; give the text that was recorded."""
    ran = ask(
        "record", "reserve.acquired", "sv", "--amount", "420 BTC", "--mode", "purchase",
        "--effective", "2021-10-27", "--place", "San Salvador", *WHO,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return {
        "amount": {"lower": 42 * 10**9, "upper": 42 * 10**9, "unit": "sat", "words": "420 BTC"},
        "asserted_by": "party/onbtc",
        "basis": "own-publication",
        "effective": "2021-10-27",
        "mode": "purchase",
        "place": "San Salvador",
        "sources": [{"source": "source/onbtc"}],
    }


# Corrections


def test_a_correction_holds_the_whole_new_text(
    lot: dict[str, Any], ask: Ask, recorded: Recorded
) -> None:
    ran = ask("correct", "@7", "--amount", "42 BTC", "--place=", *SLIP)
    assert ran.code == 0, ran.err
    text = {**lot, "amount": {**lot["amount"], "lower": 42 * 10**8, "upper": 42 * 10**8}}
    text["amount"]["words"] = "42 BTC"
    del text["place"]
    assert data_of(recorded()[-1]) == {
        "asserted_by": "party/recorder",
        "basis": "recorder",
        "data": text,
        "data_type": "reserve.acquired.v1",
        "reason": "recording-error",
        "target": "reserve/sv/2",
    }


def test_a_correction_of_a_correction_starts_from_its_text(
    lot: dict[str, Any], ask: Ask, recorded: Recorded
) -> None:
    assert ask("correct", "@7", "--place", "Mizata", *SLIP).code == 0
    assert ask("correct", "@8", "--effective", "2021-10-28", *SLIP).code == 0
    assert data_of(recorded()[-1])["data"] == {
        **lot, "place": "Mizata", "effective": "2021-10-28",
    }  # fmt: skip


def test_who_corrects_is_told_apart_from_who_is_corrected(
    lot: dict[str, Any], ask: Ask, recorded: Recorded
) -> None:
    ran = ask(
        "correct", "reserve/sv/2", "--new-asserted-by", "sv", "--new-basis", "signed-statement",
        "--new-source", "onbtc,published=2021-10-27", "--relayed", "--reason", "source-corrected",
        *FUND,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    data = data_of(recorded()[-1])
    assert (data["asserted_by"], data["data"]["asserted_by"]) == ("party/imf", "party/sv")
    assert data["data"]["sources"] == [{"published": "2021-10-27", "source": "source/onbtc"}]
    assert data["data"]["relayed"] is True


def test_a_mark_is_taken_out_of_a_text(lot: dict[str, Any], ask: Ask, recorded: Recorded) -> None:
    assert ask("correct", "@7", "--relayed", *SLIP).code == 0
    assert ask("correct", "@8", "--no-relayed", *SLIP).code == 0
    assert data_of(recorded()[-1])["data"] == lot


def test_a_file_holds_the_whole_new_text(
    lot: dict[str, Any], ask: Ask, recorded: Recorded, tmp_path: Path
) -> None:
    text = tmp_path / "text.toml"
    text.write_text(
        '[[fact]]\namount = "about 400 BTC"\nmode = "mining"\nasserted_by = "onbtc"\n'
        'basis = "own-publication"\nsources = "onbtc"\n'
    )
    assert ask("correct", "@7", text, "--effective", "2021", *SLIP).code == 0
    new = data_of(recorded()[-1])["data"]
    assert (new["mode"], new["effective"], "place" in new) == ("mining", "2021", False)
    assert new["amount"]["approximate"] is True


def test_the_help_of_a_correction_names_the_fields_of_the_claim(
    lot: dict[str, Any], ask: Ask
) -> None:
    ran = ask("correct", "@7", "--help")
    assert ran.code == 0
    for option in ("--amount", "--mode", "--new-asserted-by", "--no-relayed", "--new-source"):
        assert option in ran.out


def test_the_ledger_of_a_correction_may_be_named_behind_it(
    lot: dict[str, Any], ask: Ask, monkeypatch: pytest.MonkeyPatch, ledger: Path
) -> None:
    monkeypatch.delenv("DEPOSITARY_LEDGER")
    ran = ask("correct", "@7", "--amount", "42 BTC", *SLIP, "--ledger", ledger)
    assert ran.code == 0, ran.err
    assert ask("correct", "@8", "--amount", "4 BTC", *SLIP, f"--ledger={ledger}").code == 0


# Retractions and revivals


def test_a_slip_is_the_recorder_s_to_take_back(
    lot: dict[str, Any], ask: Ask, recorded: Recorded
) -> None:
    assert ask("retract", "@7", *SLIP).code == 0
    assert data_of(recorded()[-1]) == {
        "asserted_by": "party/recorder",
        "basis": "recorder",
        "reason": "recording-error",
        "target": "reserve/sv/2",
    }


def test_a_retraction_is_retracted_to_revive_a_claim(lot: dict[str, Any], ask: Ask) -> None:
    assert ask("retract", "@7", *SLIP).code == 0
    assert ask("correct", "@7", "--place", "Mizata", *SLIP).code == 5
    assert ask("retract", "@8", *SLIP).code == 0
    assert ask("correct", "@7", "--place", "Mizata", *SLIP).code == 0


def test_what_a_source_took_back_it_took_back_somewhere(
    lot: dict[str, Any], ask: Ask, recorded: Recorded
) -> None:
    before = recorded()
    ran = ask("retract", "@7", "--reason", "source-retracted", "--asserted-by", "onbtc")
    assert (ran.code, recorded()) == (2, before)
    assert re.search(r"--basis \(.*press.*\), --source", ran.err)
    assert ask("retract", "@7", "--reason", "source-retracted", *WHO).code == 0
    assert data_of(recorded()[-1])["sources"] == [{"source": "source/onbtc"}]


def test_any_other_reason_needs_words(lot: dict[str, Any], ask: Ask, recorded: Recorded) -> None:
    assert ask("retract", "@7", "--reason", "other", *WHO).code == 2
    assert ask("retract", "@7", "--reason", "other", "--note", "It was a test.", *WHO).code == 0
    assert data_of(recorded()[-1])["note"] == "It was a test."


# Denials, resolutions, links


def test_a_claim_is_denied_with_a_ground(lot: dict[str, Any], ask: Ask, recorded: Recorded) -> None:
    assert ask("deny", "@7", "--ground", "Nothing was bought.", *FUND).code == 0
    assert data_of(recorded()[-1])["target"] == "reserve/sv/2"


def test_that_anything_happened_in_a_time_is_denied(
    lot: dict[str, Any], ask: Ask, recorded: Recorded
) -> None:
    span = ("--type", "reserve.acquired", "--span", "2021-10/2021-12")
    assert ask("deny", "reserve/sv", *span, "--ground", "Nothing was bought.", *FUND).code == 0
    data = data_of(recorded()[-1])
    assert (data["type"], data["span"]) == ("reserve.acquired", "2021-10/2021-12")


def test_a_denial_says_who_denies(lot: dict[str, Any], ask: Ask, recorded: Recorded) -> None:
    before = recorded()
    ran = ask("deny", "@7", "--ground", "Nothing was bought.")
    assert (ran.code, recorded()) == (2, before)
    assert re.search(r"--asserted-by, --basis \(.*press.*\), --source", ran.err)


@pytest.fixture
def row(lot: dict[str, Any], ask: Ask) -> None:
    """Record that somebody else has the lot with another amount, as @8."""
    other = ("--amount", "400 BTC", "--mode", "purchase", "--effective", "2021-10-27")
    assert ask("record", "reserve.acquired", "sv", *other, *FUND).code == 0


def test_a_resolution_names_its_winner_among_the_claims(
    row: None, ask: Ask, recorded: Recorded
) -> None:
    assert ask("same", "@7", "@8").code == 0
    ran = ask("resolve", "@8", "@7", "--ground", "The office says so now.", *WHO)
    assert ran.code == 0, ran.err
    data = data_of(recorded()[-1])
    assert (data["winner"], data["among"]) == ("reserve/sv/3", ["reserve/sv/2", "reserve/sv/3"])


def test_the_recorder_joins_claims_and_tells_them_apart(
    row: None, ask: Ask, recorded: Recorded
) -> None:
    assert ask("same", "@7", "@8", "--part-of", "@8").code == 0
    assert data_of(recorded()[-1])["part_of"] == "reserve/sv/3"
    assert ask("distinct", "@7", "@8").code == 0
    assert data_of(recorded()[-1]) == {
        "asserted_by": "party/recorder",
        "basis": "recorder",
        "target": "reserve/sv/2",
        "with": "reserve/sv/3",
    }


def test_a_claim_about_a_claim_is_rehearsed(row: None, ask: Ask, recorded: Recorded) -> None:
    before = recorded()
    ran = ask("same", "@7", "@8", "--dry-run", "--json")
    assert json.loads(ran.out)[0]["outcome"] == "would be recorded"
    assert recorded() == before


# What is not understood


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("retract", "@7"), 2, "--reason (recording-error, duplicate, "),
        (("retract", "@7", "--reason", "a-mistake"), 2, "not one of recording-error, duplicate"),
        (("retract", "@99", *SLIP), 3, "the log has @1 to @8"),
        (("retract", "@0", *SLIP), 3, "there is no event @0"),
        (("retract", "@1e1", *SLIP), 3, "there is no event @1e1"),
        (("retract", "reserve/sv/99", *SLIP), 3, "there is no event reserve/sv/99"),
        (("retract", "sv", *SLIP), 3, "an id looks like party/sv/1"),
        (("retract", "@1", *SLIP), 5, "are recorded by depositary alone"),
        (("correct", "@7", *SLIP), 2, "@7 says all that already"),
        (("correct", "@7", "--amount", "420 BTC", *SLIP), 2, "says all that already"),
        (("correct", "@99", "--amount", "42 BTC", *SLIP), 3, "there is no event @99"),
        (("correct", "@7", "--amount", "42 USD", *SLIP), 5, "'42 USD' is in USD"),
        (("correct", "@7", "--mode=", *SLIP), 5, "data.mode: is missing"),
        (("correct", "@7", "--amont", "42 BTC", *SLIP), 2, "did you mean --amount"),
        (("correct", "@7", "--amount", "42 BTC", *SLIP, "--note", " "), 5, "blank"),
        (("deny", "reserve/sv", "--type", "reserve.acquired", "--ground", "x", *FUND), 2, "--span"),
        (("deny", "reserve/sv", "--span", "2024", "--ground", "x", *FUND), 2, "--type"),
        (("deny", "reserve/sv", "--ground", "x", *FUND), 2, "--type, --span"),
        (("deny", "reserve/sv", "--ground", "x"), 2, "--source, --type, --span"),
        (("deny", "@7", "--span", "2024", "--ground", "x", *FUND), 2, "@7 is a claim"),
        (("deny", "reserve/sv/99", "--ground", "x", *FUND), 3, "there is no event reserve/sv/99"),
        (("retract", "reserve/sv", *SLIP), 3, "reserve/sv is a subject"),
        (("resolve", "@7", "@7", "--ground", "x", *WHO), 2, "named twice"),
        (("same", "@7", "@7"), 5, "not linked with itself"),
        (("same", "@7", "@2"), 5, "party/sv/1 is no event of reserve/sv: a claim about it is"),
        (("distinct", "@7"), 2, "@M is not given"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_said_is_told_in_three_lines(
    arguments: tuple[str, ...], code: int, told: str, row: None, turned_away: Ask
) -> None:
    ran = turned_away(*arguments)
    assert ran.code == code
    assert told in ran.err


@pytest.mark.parametrize(
    "changed",
    [
        ("--amount", "42,5 BTC"),
        ("--new-basis", "x"),
        ("--effective", "2021-02-30"),
        ("--mode", "x"),
    ],
)
def test_what_is_not_changed_is_not_at_fault(
    changed: tuple[str, str], row: None, turned_away: Ask
) -> None:
    ran = turned_away("correct", "@7", *changed, *SLIP)
    assert ran.code == 5
    assert "is missing" not in ran.err
    assert ran.err.endswith("next: depositary correct @7 --help\n")


def test_a_file_about_something_else_is_no_new_text(
    lot: dict[str, Any], turned_away: Ask, tmp_path: Path
) -> None:
    text = tmp_path / "text.toml"
    text.write_text('[[fact]]\ntype = "reserve.disposed"\nmode = "sale"\n')
    ran = turned_away("correct", "@7", text, *SLIP)
    assert ran.code == 5
    assert "it is a reserve.disposed about reserve/sv, not a reserve.acquired" in ran.err


# What would have no effect


@pytest.fixture
def two_lots(lot: dict[str, Any], ask: Ask) -> None:
    """Record another lot, as @8."""
    ran = ask(
        "record", "reserve.acquired", "sv", "--amount", "42 BTC", "--mode", "purchase",
        "--effective", "2021-10-27", *FUND,
    )  # fmt: skip
    assert ran.code == 0, ran.err


def test_what_speaks_of_two_happenings_cannot_be_resolved(
    two_lots: None, ask: Ask, turned_away: Ask
) -> None:
    resolve = ("resolve", "@7", "@8", "--ground", "The register says so.", *FUND)
    ran = turned_away(*resolve)
    assert ran.code == 5
    assert "are not about one occurrence" in ran.err
    assert ask("same", "@7", "@8").code == 0
    assert ask(*resolve).code == 0


def test_a_winner_is_not_among_those_that_lost(two_lots: None, turned_away: Ask) -> None:
    ran = turned_away("resolve", "@7", "@7", "--ground", "It is.", *FUND)
    assert ran.code == 2
    assert "named twice" in ran.err


def test_a_resolution_is_seen_where_it_decides(two_lots: None, ask: Ask) -> None:
    assert ask("same", "@7", "@8").code == 0
    assert ask("resolve", "@8", "@7", "--ground", "The register says so.", *FUND).code == 0
    shown = " ".join(ask("reserve", "show", "sv").out.split())
    assert (
        "resolved for @8 by International Monetary Fund in @10 (the policy selects another claim)"
        in shown
    )
    assert "claim): The register says so." in shown
    preferred = ("reserve", "show", "sv", "--policy", "prefer:party/imf")
    told = "resolved for @8 by International Monetary Fund in @10: The register says so."
    assert told in ask(*preferred).out
    assert "resolved for" not in ask(*preferred, "--known-at", "@9").out
    reason = ask("explain", "reserve/sv", "ledger_balance", "--policy", "prefer:party/imf").out
    assert "@10: The register says so." in reason


def test_a_link_that_a_later_one_undid_is_revived_by_retracting_that(
    two_lots: None, ask: Ask, turned_away: Ask
) -> None:
    assert ask("same", "@7", "@8").code == 0
    assert "already recorded" in ask("same", "@7", "@8").out + ask("same", "@7", "@8").err
    assert ask("distinct", "@7", "@8").code == 0
    ran = turned_away("same", "@7", "@8")
    assert ran.code == 5
    assert "retract reserve/sv/5" in ran.err
    assert ask("retract", "@10", *SLIP).code == 0
    assert ask("same", "@7", "@8").code == 0


def test_a_correction_of_what_was_retracted_is_not_said_to_be_recorded(
    lot: dict[str, Any], ask: Ask, turned_away: Ask
) -> None:
    mend = ("correct", "@7", "--amount", "42 BTC", *SLIP)
    assert ask(*mend).code == 0
    assert ask("retract", "@7", *SLIP).code == 0
    ran = turned_away(*mend)
    assert ran.code == 5
    assert "retract reserve/sv/4" in ran.err


def test_a_description_is_not_the_same_as_a_signature(
    ask: Ask, ledger: Path, turned_away: Ask
) -> None:
    who = ("agreement/a", "--asserted-by", "onbtc", "--basis", "own-publication", "--source")
    assert ask("record", "agreement.described", *who, "onbtc", "--title", "A").code == 0
    signed = ("--party", "sv", "--mode", "simple")
    assert ask("record", "agreement.signed", *who, "onbtc", *signed).code == 0
    ran = turned_away("same", "@7", "@8")
    assert ran.code == 5
    assert "is an agreement.described" in ran.err


def test_a_history_tells_a_correction_in_amounts_as_people_write_them(
    lot: dict[str, Any], ask: Ask
) -> None:
    assert ask("correct", "@7", "--amount", "42 BTC", *SLIP).code == 0
    shown = ask("reserve", "history", "sv").out
    assert "corrected, recording error: acquired: 42 BTC; purchase, 2021-10-27" in shown
    assert "4200000000" not in shown
