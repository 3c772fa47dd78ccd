"""What would a fact change in the ledger, and whom would it contradict?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.decisions.batch import Command
from domain.decisions.preview import PreviewedFact, check_all
from domain.ledger import Ledger
from tests.decisions.batches import RESERVE, Told, about, bought, btc, told

IMF = {"asserted_by": "party/imf", "sources": [{"source": "source/x", "published": "2025-07-16"}]}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.create(tmp_path / "record.sqlite3") as made:
        own = {"asserted_by": "party/recorder", "basis": "recorder"}
        parties = ("sv-onbtc", "imf", "us", "un")
        made.append(
            [
                *(
                    Command(
                        f"party/{name}",
                        "party.established",
                        {**own, "name": name, "type": "agency"},
                    )
                    for name in parties
                ),
                *(
                    Command(f"source/{name}", "source.cited", {**own, "title": name})
                    for name in ("onbtc", "x")
                ),
            ]
        )
        yield made


def record(ledger: Ledger, *facts: Told, thing: str = RESERVE) -> None:
    ledger.append([Command(thing, name, data) for name, data in facts])


def preview(ledger: Ledger, *facts: Told, thing: str = RESERVE, **how: Any) -> list[PreviewedFact]:
    drafts = [Command(thing, name, data) for name, data in facts]
    return check_all(ledger, drafts, lambda draft, why: f"{draft.type}: {why}", **how)


def says(ledger: Ledger, fact: Told, thing: str = RESERVE) -> tuple[str, tuple[str, ...]]:
    (one,) = preview(ledger, fact, thing=thing)
    assert one.draft == Command(thing, *fact)
    assert one.position is None
    return one.outcome, one.says


def by_imf(fact: Told, **fields: Any) -> Told:
    name, data = fact
    return name, {**data, **IMF, **fields}


HELD = told("reserve.holding-reported", amount=btc(6_000))
SIGNED = told("agreement.signed", party="party/us", mode="simple")


def test_a_fact_is_new_and_nothing_is_recorded(ledger: Ledger) -> None:
    before = ledger.index(RESERVE).version
    assert says(ledger, bought(1)) == ("new", ())
    assert ledger.index(RESERVE).version == before == 0


def test_what_is_recorded_already_is_shown_where(ledger: Ledger) -> None:
    record(ledger, bought(1))
    again, new = preview(ledger, bought(1), bought(2, "2025-07-03"))
    assert (again.outcome, again.says) == ("recorded already", ("reserve/sv/1",))
    assert again.position == ledger.index(RESERVE).claims[0].position
    assert (new.outcome, new.position) == ("new", None)


def test_what_would_be_refused_is_said_in_the_words_of_the_caller(ledger: Ledger) -> None:
    unknown = bought(1, counterparty="party/nn")
    assert says(ledger, unknown) == (
        "refused",
        ("reserve.acquired: party/nn is not in this ledger",),
    )


def test_each_draft_is_shown_after_those_before_it(ledger: Ledger) -> None:
    first, second = preview(ledger, SIGNED, SIGNED, thing="agreement/x")
    assert (first.outcome, second.outcome, second.position) == ("new", "recorded already", None)


OWN_END = [told("agreement.terminated", ground="by consent", effective="2024-01-01")]


def test_as_reported_an_act_against_its_own_end_is_shown_as_odd(ledger: Ledger) -> None:
    record(ledger, *OWN_END, thing="agreement/x")
    (refused,) = preview(ledger, SIGNED, thing="agreement/x")
    (reported,) = preview(ledger, SIGNED, thing="agreement/x", as_reported=True)
    assert (refused.outcome, reported.outcome) == ("refused", "new")
    assert [one.partition(":")[0] for one in reported.says] == ["after-the-end"]


def test_what_is_odd_of_its_days_and_amount_is_said_too(ledger: Ledger) -> None:
    name, data = bought(0, "2999-01-01", sources=[{"source": "source/x"}])
    outcome, found = says(ledger, (name, data))
    assert outcome == "new"
    assert found[0] == "zero-amount: an amount of 0"
    assert found[1].startswith("day-far-ahead: acquired: dated 2999-01-01, recorded on ")


@pytest.mark.parametrize(
    ("recorded", "draft", "sentence"),
    [
        (HELD, by_imf(HELD, amount=btc(5_000)), "party/sv-onbtc says amount 6,000 BTC in {}/1"),
        (
            told("reserve.holding-reported", amount=btc(6_000), scope="total"),
            by_imf(told("reserve.holding-reported", amount=btc(5_000), scope="total")),
            "party/sv-onbtc says amount 6,000 BTC in {}/1",
        ),
    ],
)
def test_a_measurement_of_the_same_day_contradicts(
    ledger: Ledger, recorded: Told, draft: Told, sentence: str
) -> None:
    record(ledger, recorded)
    assert says(ledger, draft) == ("contradicts", (sentence.format(RESERVE),))


@pytest.mark.parametrize(
    "draft",
    [
        by_imf(HELD),
        by_imf(HELD, amount=btc(5_000), effective="2025-07-02"),
        by_imf(HELD, amount=btc(5_000), effective=None),
        by_imf(HELD, amount=btc(5_000), scope="cold-wallet"),
        told("reserve.holding-reported", amount=btc(6_001), effective="2025-07-02"),
    ],
)
def test_one_of_another_day_or_scope_or_alike_does_not(ledger: Ledger, draft: Told) -> None:
    record(ledger, HELD)
    name, data = draft
    outcome, _ = says(ledger, (name, {key: value for key, value in data.items() if value}))
    assert outcome == "new"


@pytest.mark.parametrize(
    ("recorded", "draft", "sentence"),
    [
        (
            SIGNED,
            by_imf(SIGNED, effective="2025-07-09"),
            "party/sv-onbtc says effective 2025-07-01 in agreement/x/1",
        ),
        (
            SIGNED,
            by_imf(SIGNED, mode="definitive", effective="2025-07-09"),
            "party/sv-onbtc says effective 2025-07-01, mode simple in agreement/x/1",
        ),
        (
            told("agreement.described", parties=["party/un", "party/us"]),
            by_imf(told("agreement.described", parties=["party/imf", "party/us"])),
            "party/sv-onbtc says parties party/un and party/us in agreement/x/1",
        ),
    ],
)
def test_what_others_say_of_the_same_act_is_said(
    ledger: Ledger, recorded: Told, draft: Told, sentence: str
) -> None:
    record(ledger, recorded, thing="agreement/x")
    assert says(ledger, draft, "agreement/x") == ("contradicts", (sentence,))


def test_each_of_several_others_is_said_once(ledger: Ledger) -> None:
    name, data = SIGNED
    others = [(name, {**data, "asserted_by": f"party/{who}"}) for who in ("un", "us")]
    record(ledger, SIGNED, *others, thing="agreement/x")
    draft = by_imf(SIGNED, effective="2025-07-09")
    days = {("sv-onbtc", 1), ("un", 2), ("us", 3)}
    expected = {f"party/{who} says effective 2025-07-01 in agreement/x/{n}" for who, n in days}
    outcome, found = says(ledger, draft, "agreement/x")
    assert (outcome, set(found), len(found)) == ("contradicts", expected, 3)


@pytest.mark.parametrize("draft", [by_imf(SIGNED), by_imf(SIGNED, party="party/un")])
def test_who_says_the_same_or_speaks_of_another_contradicts_nobody(
    ledger: Ledger, draft: Told
) -> None:
    record(ledger, SIGNED, thing="agreement/x")
    assert says(ledger, draft, "agreement/x") == ("new", ())


def test_a_denied_claim_is_denied_to_whom_says_it_too(ledger: Ledger) -> None:
    denial = about("denied", target="agreement/x/1", ground="It never was.", asserted_by="party/un")
    record(ledger, SIGNED, denial, thing="agreement/x")
    assert says(ledger, by_imf(SIGNED), "agreement/x") == (
        "contradicts",
        ("party/un denies it in agreement/x/2",),
    )


def test_a_denial_is_against_those_who_say_it(ledger: Ledger) -> None:
    record(ledger, SIGNED, by_imf(SIGNED), thing="agreement/x")
    denial = about("denied", target="agreement/x/1", ground="It never was.", asserted_by="party/un")
    outcome, found = says(ledger, denial, "agreement/x")
    assert outcome == "contradicts"
    assert "party/sv-onbtc says it in agreement/x/1" in found
    assert "party/imf says it in agreement/x/2" in found


def test_a_denied_measurement_is_denied_too(ledger: Ledger) -> None:
    denial = about("denied", target="reserve/sv/1", ground="Fewer.", asserted_by="party/un")
    record(ledger, HELD, denial)
    assert says(ledger, by_imf(HELD)) == ("contradicts", ("party/un denies it in reserve/sv/2",))


def test_a_flow_that_looks_like_another_says_how_to_link_them(ledger: Ledger) -> None:
    record(ledger, bought(1))
    at = f"@{ledger.index(RESERVE).claims[0].position}"
    outcome, found = says(ledger, by_imf(bought(1, "2025-07-02")))
    link = f"`same {at} reserve/sv/2` or `distinct {at} reserve/sv/2`"
    assert (outcome, found) == ("new", (f"looks like {at}: {link}",))
    assert says(ledger, by_imf(bought(2, "2025-07-02"))) == ("new", ())


def test_so_does_one_of_the_same_file(ledger: Ledger) -> None:
    _, second = preview(ledger, bought(1), by_imf(bought(1)))
    link = "`same reserve/sv/1 reserve/sv/2` or `distinct reserve/sv/1 reserve/sv/2`"
    assert second.says == (f"looks like reserve/sv/1: {link}",)
