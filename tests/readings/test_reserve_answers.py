"""What the answer about a reserve says of its holding, of the other figures and of its parts."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from cli.output.look import Look
from cli.output.page import page
from domain.claims.claim import Clocks
from domain.claims.ranking import decided_by, policy
from domain.claims.resolution import ranking_context
from events.amounts import read_quantity
from events.body import RECORDER
from events.catalogue import body_class
from events.kinds.claim_events import Denied, Retracted
from projections.kinds.registry import summary
from projections.queries.findings import list_findings
from projections.queries.holdings import reserve_series, total_held
from projections.queries.show import show_subject
from tests.properties.ledgers import Holding, Ledger, said, told
from tests.readings.served import Fact
from tests.readings.test_across import ASKED, TODAY, answers_of, figure
from tests.readings.test_findings import A, B, sources
from tests.readings.test_findings import said as stated

X = "reserve/x"
PRIMARY = policy("primary-first")


def reported(text: str, on: str, by: str, basis: str = "tracker", scope: str = "total") -> Any:
    amount = read_quantity(text)
    own = {"amount": amount, "scope": scope, "basis": basis}
    return said("reserve.holding-reported", f"party/{by}", on, **own)


def shown(*facts: Any, chosen: str = "primary-first") -> dict[str, Any]:
    ledger = told(X, *facts)
    answers: Any = Holding(ledger.claims)
    return show_subject(answers, X, ledger.clocks, policy(chosen))


def lines(found: dict[str, Any]) -> list[str]:
    return page({**found, "reproduce": "-"}, Look("table"))


OFFICIAL = reported("49,858 BTC", "2024-06-19", "bka", "official-record")
EMPTIED = reported("0 BTC", "2024-07-12", "arkham")


def test_the_selected_figure_stands_alone_and_the_others_beside_it() -> None:
    found = shown(OFFICIAL, EMPTIED)
    answer = found["answer"]
    assert answer["reported"]["claim"] == "reserve/x/2"
    assert answer["reported"]["amount"]["upper"] == 0
    (other,) = answer["reported_others"]
    assert other["amount"]["lower"] == 49_858 * 10**8
    assert (other["claim"], other["asserted_by"]) == ("reserve/x/1", "party/bka")
    assert (other["newer"], other["better_basis"], other["compatible"]) == (False, True, False)
    assert any(
        line.startswith("also") and "49,858 BTC as of 2024-06-19" in line for line in lines(found)
    )


def test_a_newer_figure_that_is_not_selected_is_named() -> None:
    filing = reported("601,550 BTC", "2025-07-13", "strategy", "official-record")
    tracker = reported("601,550 BTC", "2025-07-14", "tracker")
    answer = shown(filing, tracker)["answer"]
    assert answer["reported"]["claim"] == "reserve/x/1"
    (other,) = answer["reported_others"]
    assert (other["newer"], other["better_basis"], other["compatible"]) == (True, False, True)
    assert other["holds"] == "yes"


def test_a_figure_neither_newer_nor_better_is_beside_it_in_json_alone() -> None:
    old = reported("1 BTC", "2024-01-01", "a", "press")
    new = reported("2 BTC", "2025-01-01", "b")
    found = shown(old, new)
    assert [one["claim"] for one in found["answer"]["reported_others"]] == ["reserve/x/1"]
    assert not [line for line in lines(found) if line.startswith("also")]


def test_parts_are_shown_apart_and_are_never_the_holding() -> None:
    whole = reported("198,109 BTC", "2025-03-07", "arkham")
    part = reported("28,988 BTC", "2025-07-15", "usms", "official-record", "marshals-service")
    found = shown(whole, part)
    answer = found["answer"]
    assert answer["reported"]["amount"]["lower"] == 198_109 * 10**8
    assert [(one["scope"], one["amount"]["lower"]) for one in answer["parts"]] == [
        ("marshals-service", 28_988 * 10**8)
    ]
    assert answer["reported_others"] == []
    assert any(line.startswith("parts") and "28,988 BTC" in line for line in lines(found))


def test_a_reserve_of_which_only_a_part_is_reported_has_no_holding() -> None:
    part = reported("28,988 BTC", "2025-07-15", "usms", scope="marshals-service")
    assert shown(part)["answer"]["reported"] is None
    ledger = told(X, part)
    view = Holding(ledger.claims).view(X, ledger.clocks, PRIMARY)
    assert summary(X, view)["reported"] is None


def test_a_denied_figure_is_contested_wherever_it_is_shown() -> None:
    figure = reported("213,519 BTC", "2025-07-12", "press", "press")
    denied = said("claim.denied", "party/bg", target="reserve/x/1", ground="The State holds none.")
    found = shown(figure, denied)
    (series,) = found["series"]
    assert [one["id"] for one in series["denied_by"]] == ["reserve/x/2"]
    assert series["support"] == "contested"
    ledger = told(X, figure, denied)
    (row,) = findings(ledger, "contested")
    assert row.events == ("reserve/x/1", "reserve/x/2")
    assert shown(figure, denied, chosen="strict")["answer"]["reported"] is None
    assert len([line for line in lines(found) if "denies reserve/x/1" in line]) == 1


def findings(ledger: Ledger, check: str) -> list[Any]:
    answers: Any = Holding(ledger.claims)
    return list_findings(answers, ledger.clocks, PRIMARY, thing=X, checks=(check,)).found


def test_the_explanation_says_why_one_figure_goes_before_another() -> None:
    over = reported("over 6,240 BTC", "2025-07-17", "a")
    exact = reported("6,242 BTC", "2025-07-19", "b", "press")
    old = reported("6,100 BTC", "2025-01-01", "c", "audit")
    assert before(over, exact, old) == [
        "a closed figure before an open one that it agrees with",
        "within the days that are compared",
    ]
    filing = reported("6,242 BTC", "2025-07-18", "a", "audit")
    assert before(filing, exact) == ["on a stronger basis, its own or a resolution's"]


def before(*facts: Any) -> list[str]:
    ledger = told(X, *facts)
    view = Holding(ledger.claims).view(X, ledger.clocks, PRIMARY)
    (series,) = view.series
    around = ranking_context(view.standing)
    ranked = [(claim,) for claim in series.certain]
    return [decided_by(PRIMARY, a, b, ranked, around) for a, b in pairwise(ranked)]


def test_under_strict_a_contested_holding_is_contested_and_not_nothing() -> None:
    """It has no value, but the page, the list and SQL say why there is none."""
    low, high = (
        reported("6,242 BTC", "2017-05-19", "arkham"),
        reported("over 10,000 BTC", "2017-05-19", "geo"),
    )
    row = strict_row(low, high)
    assert (row["reported"], row["reported_support"]) == (None, "contested")
    text = lines(shown(low, high, chosen="strict"))
    assert "reported        contested: no figure is selected" in text
    assert strict_row(low)["reported_support"] == "single source"


def strict_row(*facts: Any) -> Any:
    ledger = told(X, *facts)
    return summary(X, Holding(ledger.claims).view(X, ledger.clocks, policy("strict")))


def established(party: str, type_: str = "state", **more: Any) -> Fact:
    fields = {"asserted_by": RECORDER, "basis": "recorder", "name": party, "type": type_}
    body = body_class("party.established")(**{**fields, **more})
    return Fact(f"party/{party}", "party.established", body)


def kept(of: str, holder: str, by: str = A) -> Fact:
    return stated("reserve.established", "2024-01-01", by, subject=f"reserve/{of}", holder=holder)


def total(*facts: Fact, clocks: Clocks = ASKED, name: str = "primary-first") -> Any:
    return answers_of(*facts)(
        lambda answers, asked, _: total_held(answers, asked, policy(name), "state").answer,
        clocks=clocks,
    )


def series(*facts: Fact, every: Any = None, clocks: Clocks = ASKED) -> Any:
    return answers_of(*facts)(
        lambda answers, asked, chosen: reserve_series(answers, "reserve/xx", asked, chosen, every)[
            "rows"
        ],
        clocks=clocks,
    )


STATES = tuple(established(name) for name in ("xx", "yy", "zz"))


def test_the_days_of_a_total_are_ordered_as_days_and_not_as_text() -> None:
    span = "[2024-03-12..2024-03-14]"
    two = [kept("two", "party/xx"), figure("two", "1 BTC", span)]
    found = total(*STATES, figure("xx", "1 BTC", "2024-05-01"), *two, figure("yy", "1 BTC", span))
    assert (found["oldest"], found["newest"]) == (span, "2024-05-01")
    assert [(one["oldest"], one["newest"]) for one in found["holders"]] == [
        (span, "2024-05-01"),
        (span, span),
    ]


SEIZED = stated("reserve.seized", "2024-02-01", subject="reserve/ag", amount="10 BTC")


def test_custody_is_added_also_within_another_and_not_of_what_is_dissolved() -> None:
    agency = [established("ag", "agency", state="party/xx"), kept("ag", "party/ag"), SEIZED]
    found = total(*STATES, *agency, figure("xx", "1 BTC", "2024-05-01"))
    (row,) = [one for one in found["reserves"] if one["subject"] == "reserve/ag"]
    assert (row["within"], row["reason"]) == ("party/xx", "nothing reported")
    assert found["missing"] == [{"subject": "reserve/ag", "reason": "nothing reported"}]
    assert (found["total"]["text"], found["custody"]["text"]) == ("1 BTC", "10 BTC")
    ended = stated("party.dissolved", "2024-06-01", subject="party/ag")
    found = total(*STATES, *agency, ended, figure("ag", "3 BTC", "2024-05-01"))
    assert (found["total"], found["custody"]) == (None, None)
    assert found["missing"] == [{"subject": "reserve/ag", "reason": "dissolved"}]


def test_a_reserve_is_within_the_holder_that_is_counted_and_not_one_between() -> None:
    between = established("ab", "agency", state="party/xx", under="party/xx")
    below = established("ag", "agency", state="party/xx", under="party/ab")
    facts = [*STATES, between, below, kept("ab", "party/ab"), kept("ag", "party/ag")]
    facts += [figure(one, "1 BTC", "2024-05-01") for one in ("ab", "ag", "xx")]
    found = total(*facts)
    assert {one["subject"]: one["within"] for one in found["reserves"]} == {
        "reserve/ab": "party/xx",
        "reserve/ag": "party/xx",
        "reserve/xx": None,
    }
    assert found["total"]["text"] == "1 BTC"


def test_custody_that_may_be_of_the_day_stands_beside_the_sum() -> None:
    may_be = stated("reserve.seized", "[2025-12-31..2026-02]", subject="reserve/ag", amount="5 BTC")
    found = total(*STATES, kept("ag", "party/xx"), SEIZED, may_be)
    assert found["custody"]["text"] == "10 BTC"
    assert found["perhaps"]["custody"]["text"] == "15 BTC"
    assert "total" not in found["perhaps"]
    assert total(*STATES, kept("ag", "party/xx"), SEIZED)["perhaps"] is None


def test_no_difference_and_no_figure_are_told_apart() -> None:
    perhaps = Clocks(TODAY, date(2024, 6, 10))
    certain = figure("xx", "1 BTC", "2024-05-01", published="2024-05-02")
    taken_back = Retracted(
        asserted_by=A,
        basis="press",
        sources=sources("source/aa", published="2024-06"),
        target="reserve/xx/1",
        reason="source-retracted",
    )
    gone = Fact("reserve/xx", "claim.retracted", taken_back)
    assert total(*STATES, certain, clocks=perhaps)["perhaps"] is None
    assert total(*STATES, certain, gone, clocks=perhaps)["perhaps"] == {"total": None}


def test_a_contested_holder_is_marked_and_under_strict_is_none() -> None:
    facts = [*STATES, kept("xx", "party/yy"), kept("xx", "party/zz", B)]
    facts.append(figure("xx", "5 BTC", "2024-05-01"))
    found = total(*facts)
    assert [one["holder_contested"] for one in found["reserves"]] == [True]
    assert (found["holder_contested"], found["total"]["text"]) == (1, "5 BTC")
    found = total(*facts, name="strict")
    assert (found["reserves"], found["total"]) == ([], None)
    assert found["unknown_holders"] == [{"subject": "reserve/xx", "reason": "holder contested"}]
    alike = [*STATES, kept("xx", "party/yy"), kept("xx", "party/yy", B), facts[-1]]
    assert total(*alike, name="strict")["total"]["text"] == "5 BTC"
    assert not total(*alike)["holder_contested"]


def test_what_is_missing_says_why() -> None:
    two = [figure("yy", "1 BTC", "2024-05-01"), figure("yy", "2 BTC", "2024-05-01", B)]
    stray = figure("ww", "1 BTC", "2024-05-01")
    typeless = [kept("vv", "party/vv"), figure("vv", "1 BTC", "2024-05-01")]
    found = total(*STATES, kept("xx", "party/xx"), *two, stray, *typeless, name="strict")
    assert found["missing"] == [
        {"subject": "reserve/xx", "reason": "nothing reported"},
        {"subject": "reserve/yy", "reason": "contested"},
    ]
    assert found["unknown_holders"] == [
        {"subject": "reserve/vv", "reason": "type of party/vv unknown"},
        {"subject": "reserve/ww", "reason": "holder unknown"},
    ]


def test_a_figure_perhaps_public_is_never_selected() -> None:
    facts = [
        figure("xx", "100 BTC", "2024-05-01", published="2024-05-02"),
        figure("xx", "120 BTC", "2024-05-01", B, "2024-06", basis="own-publication"),
    ]
    asked = Clocks(TODAY, date(2024, 6, 10))
    rows = series(*facts, clocks=asked)
    told = ("selected", "support", "support_perhaps", "perhaps", "no_support")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (True, "single source", "contested", False, None),
        (False, None, "contested", True, "perhaps public"),
    ]
    ends = series(*facts, every="month", clocks=asked)
    assert [(row["reported"], row["perhaps"]["reported"]) for row in ends] == [
        ("100 BTC", "120 BTC")
    ] * len(ends)
    only = series(facts[1], every="year", clocks=asked)
    assert [(row["reported"], row["perhaps"]["reported"]) for row in only] == [
        (None, "120 BTC")
    ] * 3


def test_a_figure_without_support_says_why() -> None:
    rows = series(
        figure("xx", "1 BTC", "2024-05-01"),
        figure("xx", "2 BTC", "2024-05-05", B),
        figure("xx", "1 BTC", "[2024-05-04..2024-05-08]"),
        figure("xx", "3 BTC", "[2025-12-31..2026-01-05]", "party/cc"),
    )
    assert [(row["support"], row["holds"]) for row in rows if not row["no_support"]] != []
    assert all(bool(row["support"]) != bool(row["no_support"]) for row in rows)
    assert rows[-1]["holds"] == "cannot tell"


def test_a_figure_open_at_its_start_has_a_row_at_each_end() -> None:
    opened = figure("xx", "7 BTC", "[..2024-04-01]")
    rows = series(opened, every="month", clocks=Clocks(date(2024, 5, 15)))
    assert [(row["on"], row["reported"]) for row in rows] == [
        ("2024-04-30", "7 BTC"),
        ("2024-05-15", "7 BTC"),
    ]
    rows = series(opened, every="month", clocks=Clocks(date(2023, 5, 15)))
    assert [row["on"] for row in rows] == ["2023-05-15"]
    unsaid = [kept("xx", "party/xx"), figure("xx", "7 BTC", "2025-01-01")]
    assert series(*unsaid, every="month", clocks=Clocks(date(2024, 5, 15))) == []


def test_custody_that_is_denied_is_contested_under_strict_and_in_no_sum() -> None:
    denial = Denied(
        asserted_by=B,
        basis="press",
        sources=sources("source/bb"),
        target="reserve/ag/2",
        ground="No.",
    )
    facts = [*STATES, kept("ag", "party/xx"), SEIZED, Fact("reserve/ag", "claim.denied", denial)]
    found = total(*facts, name="strict")
    assert (found["custody"], found["custody_contested"]) == (None, ["reserve/ag"])
    found = total(*facts)
    assert (found["custody"]["text"], found["custody_contested"]) == ("10 BTC", [])


def test_a_company_of_a_state_counts_only_under_it_and_is_named_where_it_is_not() -> None:
    state = established("bt", "state")
    held_by = [kept("bt-druk", "party/dhi"), figure("bt-druk", "13,011 BTC", "2024-05-01")]
    for type_ in ("company", "organisation", "person"):
        found = total(*STATES, state, established("dhi", type_, state="party/bt"), *held_by)
        row = {"subject": "reserve/bt-druk", "holder": "party/dhi", "home": "party/bt"}
        assert found["not_counted"] == [row]
        assert found["total"] is None
    for said_of in (
        established("dhi", "company", state="party/bt", under="party/bt"),
        established("dhi", "agency", state="party/bt"),
    ):
        found = total(*STATES, state, said_of, *held_by)
        assert (found["total"]["text"], found["not_counted"]) == ("13,011 BTC", [])
    above = [established("dhi", "company", under="party/up"), state]
    found = total(*STATES, *above, established("up", "company", state="party/bt"), *held_by)
    assert [one["subject"] for one in found["not_counted"]] == ["reserve/bt-druk"]
    homeless = total(*STATES, established("dhi", "company"), *held_by)
    assert (homeless["total"], homeless["not_counted"]) == (None, [])


def test_custody_and_a_figure_of_one_holder_are_named_for_they_may_be_one() -> None:
    seized = [kept("ag", "party/xx"), SEIZED]
    for of in ("ag", "xx"):  # of the same reserve, and of another of the same State
        found = total(*STATES, *seized, figure(of, "46,359 BTC", "2024-05-01"))
        assert found["custody_and_reported"] == ["party/xx"]
    assert total(*STATES, *seized)["custody_and_reported"] == []
    of_another = total(*STATES, *seized, figure("yy", "5 BTC", "2024-05-01"))
    assert of_another["custody_and_reported"] == []


BY_B: dict[str, Any] = {"asserted_by": B, "basis": "press", "sources": sources("source/bb")}


def test_what_strict_contests_of_a_holder_counts_with_no_one() -> None:
    one = figure("ag", "5 BTC", "2024-05-01")
    types = [established("ag", "state"), established("ag", "company", **BY_B)]
    homes = [
        established("ag", "agency", state="party/xx"),
        established("ag", "agency", state="party/yy", **BY_B),
    ]
    for parties, reason in (
        (types, "type of party/ag contested"),
        (homes, "contested what party/ag is or is under"),
    ):
        facts = [*STATES, *parties, kept("ag", "party/ag"), one]
        found = total(*facts, name="strict")
        assert found["unknown_holders"] == [{"subject": "reserve/ag", "reason": reason}]
        assert found["total"] is None
        assert total(*facts)["unknown_holders"] == []
    ended = stated("party.dissolved", "2024-06-01", subject="party/xx")
    denial = Denied(
        asserted_by=B,
        basis="press",
        sources=sources("source/bb"),
        target="party/xx/2",
        ground="No.",
    )
    facts = [*STATES, ended, Fact("party/xx", "claim.denied", denial), figure("xx", "1 BTC", None)]
    found = total(*facts, name="strict")
    reason = "contested whether its holder is dissolved"
    assert found["missing"] == [{"subject": "reserve/xx", "reason": reason}]


def flow(verb: str, btc: int, on: str, **own: Any) -> Any:
    return said(f"reserve.{verb}", "party/x", on, amount=read_quantity(f"{btc} BTC"), **own)


def auctioned(btc: int, on: str, **own: Any) -> Any:
    return flow("disposed", btc, on, mode="auction", **own)


CUSTODY = {"account": "custody"}


@pytest.mark.parametrize(
    ("flows", "missing", "before"),
    [
        ([flow("seized", 10, "2013"), auctioned(15, "2015", **CUSTODY)], 5, 0),
        (
            [
                flow("seized", 10, "2013"),
                auctioned(15, "2015", **CUSTODY),
                flow("seized", 9, "2022"),
            ],
            0,
            5,
        ),
        # it may have been seized before it was sold
        ([auctioned(15, "2015", **CUSTODY), flow("seized", 20, "2015-06")], 0, 0),
        ([auctioned(15, "2015-05", **CUSTODY), flow("seized", 20, "2015-06")], 0, 15),
    ],
)
def test_what_came_in_later_covers_nothing_of_what_left_before(
    flows: list[Any], missing: int, before: int
) -> None:
    found = shown(*flows)
    custody = found["answer"]["custody"]
    assert custody.get("missing_sat", 0) == missing * 10**8
    assert custody.get("overdrawn_before_sat", 0) == before * 10**8
    assert any(f"{before} BTC more had left" in line for line in lines(found)) == bool(before)


def test_an_account_of_what_is_owned_is_marked_too() -> None:
    bought = flow("acquired", 9, "2022", mode="purchase")
    balance = shown(auctioned(4, "2015"), bought)["answer"]["ledger_balance"]
    assert (balance["lower_sat"], balance["overdrawn_before_sat"]) == (5 * 10**8, 4 * 10**8)


def test_a_figure_that_may_be_of_a_later_day_adds_nothing_for_certain() -> None:
    found = total(*STATES, figure("xx", "5 BTC", "2025"), figure("yy", "7 BTC", None))
    ends = found["total"]["lower_sat"], found["total"]["upper_sat"]
    assert (ends, found["cannot_tell"]) == ((5 * 10**8, 12 * 10**8), 1)
    (one, other) = found["holders"]
    assert (one["held"], other["held"]) == ("5 BTC", "at most 7 BTC")
    wide = total(*STATES, figure("xx", "over 5 BTC", "[2025..2027]"))["total"]
    assert (wide["lower_sat"], wide["upper_sat"]) == (0, None)
