"""Does every value name the event that set it, and every step of a balance its own?"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import policy
from domain.claims.resolution import all_hold, fold
from domain.kinds.registry import thing_states
from events.amounts import read_quantity
from projections.kinds.reserve import balance_document
from projections.queries.reconcile import steps_of_view
from tests.properties.histories import Question, asked_histories
from tests.properties.ledgers import said, told

Ask = Callable[..., Any]

PAPER = "agreement/pk-sv-bitcoin-2025"


def test_a_contested_flow_without_a_day_changes_no_balance_under_strict() -> None:
    undated = [
        said("reserve.disposed", amount=read_quantity(n), mode="sale") for n in ("1 BTC", "2 BTC")
    ]
    bought = said(
        "reserve.acquired", effective="2025-07-01", amount=read_quantity("9 BTC"), mode="purchase"
    )
    link = said("claim.same-occurrence", target="reserve/x/2", with_="reserve/x/3")
    ledger = told("reserve/x", bought, *undated, link)
    view = fold(ledger.claims["reserve/x"], ledger.clocks, policy("strict"))
    assert [step["balance"]["text"] for step in steps_of_view("reserve/x", view)] == ["9 BTC"] * 2


@given(asked_histories())
def test_the_last_step_has_the_balance_that_is_booked(asked: tuple[list[Claim], Question]) -> None:
    claims, question = asked
    thing = claims[0].thing
    if not thing.startswith("reserve/"):
        return
    clocks = Clocks(question.day, question.public_at, question.known_at)
    view = fold(claims, clocks, policy(question.policy))
    steps = steps_of_view(thing, view)
    states = thing_states(thing, view)
    rivals = (each for one in view.occurrences if one.instead for each in one.ranked)
    if any(all_hold(each, clocks) == "yes" for each in rivals):  # contested, under strict
        return
    for change, after, account in (
        ("change", "balance", "owned"),
        ("custody_change", "custody", "custody"),
    ):
        last, other = (getattr(state, account) for state in (states.without, states.including))
        assert (steps[-1][after] if steps else None) == balance_document(last, other)
        moved = [step[change] for step in steps if step[change] is not None]
        for name, end in (("lower_sat", last.lower), ("upper_sat", last.upper)):
            ends = [one[name] for one in moved]
            assert (None if None in ends else sum(ends)) == end
        assert sum(one["unknown_flows"] for one in moved) == last.unknown
        assert all(step[change] is None for step in steps if step["holds"] != "yes")


def test_the_reserve_as_a_ledger_of_steps(document: Ask, counter: Ask) -> None:
    rows = document("history", "reserve/sv", "--as-of", "2022-06-30")["rows"]
    assert [row["balance"] for row in rows][:3] == ["200 BTC", "400 BTC", "550 BTC"]
    assert rows[-1]["balance_lower_sat"] == 2_381 * 10**8
    assert [row["mark"] for row in rows][2] == "!"
    page = counter("history", "reserve/sv", "--as-of", "2022-06-30").out
    assert "! contested: other claims differ, or deny it" in page


def test_the_split_in_fourteen_moves_nothing(document: Ask) -> None:
    rows = document("history", "reserve/sv", "--as-of", "2025-09-30")["rows"]
    (split,) = [row for row in rows if row["effective"] == "2025-08-29"]
    assert (split["change"], split["change_lower_sat"], split["custody_change"]) == (
        None,
        None,
        None,
    )
    assert split["balance_lower_sat"] == 238_100_000_000


def test_of_other_things_the_history_is_its_events(document: Ask) -> None:
    rows = document("history", PAPER)["rows"]
    assert rows == document("agreement", "history", "pk-sv-bitcoin-2025")["rows"]


def test_blame_names_event_and_source(document: Ask, counter: Ask) -> None:
    rows = {row["field"]: row for row in document("blame", PAPER)["rows"]}
    kind = rows["kind"]
    assert (kind["value"], kind["event"]) == ("letter-of-intent", f"{PAPER}/5")
    assert "source/arab-news" in kind["sources"]
    assert (kind["rival"], kind["rule"]) == (
        [f"{PAPER}/1"],
        "on a stronger basis, its own or a resolution's",
    )
    shown = {row["field"] for row in document("blame", "reserve/sv")["rows"]}
    assert {"holder", "ledger_balance", "reported.amount", "addresses"} <= shown
    assert "arab-news +3" in counter("blame", PAPER).out


def test_blame_follows_the_clocks(document: Ask) -> None:
    def set_by(*clocks: str) -> Any:
        rows = {row["field"]: row for row in document("blame", "reserve/sv", *clocks)["rows"]}
        return rows["reported.amount"]["asserted_by"]

    assert set_by("--as-of", "2025-07-19") == "party/the-block"
    assert set_by("--as-of", "2025-07-17") == "party/bitcointreasuries"


@pytest.mark.parametrize("command", ["blame", "history"])
def test_what_is_not_there_is_turned_away(command: str, turned_away: Ask) -> None:
    turned_away(3, command, "reserve/nobody-knows")
    turned_away(2, command, "reserve")
    turned_away(3, command, PAPER, "--public-at", "2009-01-03")
