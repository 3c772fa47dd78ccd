"""What the answer about a reserve says of its holding, of the other figures and of its parts."""

from itertools import pairwise
from typing import Any

from cli.output.formats import Look
from cli.output.page import page
from domain.claims.ranking import policy
from domain.claims.resolution import ranking_context
from domain.claims.series import measured_before
from events.amounts import read_quantity
from projections.kinds.registry import summary
from projections.queries.findings import list_findings
from projections.queries.show import show_subject
from tests.properties.ledgers import Holding, Ledger, said, told

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
    pairs = pairwise(series.certain)
    return [measured_before(PRIMARY, a, b, series.certain, around) for a, b in pairs]


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
