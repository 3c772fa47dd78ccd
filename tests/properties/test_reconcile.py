"""What is booked, reported and observed compares as a reader of docs/spec/answers.md does it."""

from typing import Any

import pytest
from hypothesis import given, settings

from domain.claims.ranking import policy
from events.amounts import Quantity
from projections.queries.reconcile import reconcile_reserve
from projections.queries.show import NotKnownError
from tests.effort import examples
from tests.properties.ledgers import Holding, Ledger, exactly, reserves, said, told
from tests.properties.naive_reconcile import naive_reconcile

EXAMPLES = examples(50)
EXAMPLES_LONG = 5_000


def read(ledger: Ledger) -> dict[str, Any] | None:
    """Return the program's answer in the shape in which the second opinion gives its own."""
    answers: Any = Holding(ledger.claims)
    try:
        found = reconcile_reserve(
            answers, "reserve/x", ledger.clocks, policy(ledger.question.policy)
        )
    except NotKnownError:
        return None
    answer = found["answer"]
    return {
        "ledger_balance": _balance(answer["ledger_balance"]),
        "ledger_balance_perhaps": answer["ledger_balance_perhaps"]
        and _balance(answer["ledger_balance_perhaps"]),
        "reported": _measured(answer["reported"]),
        "observed": _measured(answer["observed"]),
        "differences": [
            (one["of"], one["less"], one["lower_sat"], one["upper_sat"])
            for one in answer["differences"]
        ],
        "agree": answer["agree"],
        "explained_by": [
            {
                "occurrence": row["occurrence"],
                "type": row["type"],
                "on": row["on"],
                "moves": (
                    row["ledger_balance_lower_sat"],
                    row["ledger_balance_upper_sat"],
                    row["unknown_flows"],
                ),
                "reasons": set(row["reasons"]),
                "words": row["words"],
                "claims": set(row["claims"]),
                "position": row["position"],
            }
            for row in found["explained_by"]
        ],
    }


def _balance(one: dict[str, Any] | None) -> tuple[Any, ...] | None:
    if one is None:
        return None
    marks = bool(one.get("lower_open")), bool(one.get("upper_open"))
    return one["lower_sat"], one["upper_sat"], *marks, one["unknown_flows"]


def _second(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the second opinion without the number of flows, which no answer tells."""
    if found is None:
        return None
    names = ("ledger_balance", "ledger_balance_perhaps")
    return {**found, **{name: found[name] and tuple(found[name])[:-1] for name in names}}


def _measured(one: dict[str, Any] | None) -> tuple[Any, ...] | None:
    return (one["claim"], one["support"]) if one else None


@settings(max_examples=EXAMPLES)
@given(reserves())
def test_reconcile_answers_as_the_second_opinion(ledger: Ledger) -> None:
    assert read(ledger) == _second(naive_reconcile(ledger.claims["reserve/x"], *ledger.question))


@pytest.mark.long
@settings(max_examples=EXAMPLES_LONG)
@given(reserves())
def test_reconcile_answers_as_the_second_opinion_at_length(ledger: Ledger) -> None:
    assert read(ledger) == _second(naive_reconcile(ledger.claims["reserve/x"], *ledger.question))


# What the two opinions once disagreed about.


def answer(*bodies: Any) -> dict[str, Any]:
    """Return the answer about reserve/x, on which both opinions must agree."""
    ledger = told("reserve/x", *bodies)
    found = read(ledger)
    assert found == _second(naive_reconcile(ledger.claims["reserve/x"], *ledger.question))
    assert found is not None
    return found


def bought(amount: Quantity, effective: str = "2025-07-01") -> Any:
    return said("reserve.acquired", effective=effective, amount=amount, mode="purchase")


def reported(amount: Quantity, effective: str, scope: str = "total", **own: Any) -> Any:
    name = "reserve.holding-reported"
    return said(name, effective=effective, amount=amount, scope=scope, **own)


def test_the_newest_report_is_that_of_the_later_first_day() -> None:
    month = reported(exactly(200), "2025-07")
    day = reported(exactly(400), "2025-07-18", scope="unstated")
    assert answer(day, month)["reported"] == ("reserve/x/1", "single source")


def test_a_report_of_a_day_or_later_is_no_newer_than_one_of_a_later_day() -> None:
    since = reported(exactly(200), "2025-07-16/..")
    day = reported(exactly(400), "2025-07-18", scope="unstated")
    assert answer(day, since)["reported"] == ("reserve/x/1", "single source")


def test_more_than_what_is_booked_does_not_agree_with_it() -> None:
    over = Quantity(unit="sat", lower=200, lower_open=True)
    assert answer(bought(exactly(200)), reported(over, "2025-07-18"))["agree"] == "no"
    assert answer(bought(exactly(201)), reported(over, "2025-07-18"))["agree"] == "yes"


def test_less_than_what_is_booked_does_not_agree_with_it() -> None:
    under = Quantity(unit="sat", upper=200, upper_open=True)
    assert answer(bought(exactly(200)), reported(under, "2025-07-18"))["agree"] == "no"
    assert answer(bought(exactly(199)), reported(under, "2025-07-18"))["agree"] == "yes"


def test_what_is_booked_agrees_with_a_report_at_its_ends_and_not_beyond() -> None:
    between = Quantity(unit="sat", lower=200, upper=400)
    agree = {
        sats: answer(bought(exactly(sats)), reported(between, "2025-07-18"))["agree"]
        for sats in (199, 200, 400, 401)
    }
    assert agree == {199: "no", 200: "yes", 400: "yes", 401: "no"}


def test_after_the_report_counts_from_its_day_at_its_place() -> None:
    """Half past eight in the evening in San Salvador is the next day in Karachi."""
    moment = reported(exactly(200), "2025-07-16T20:30:00-06:00", zone="Asia/Karachi")
    (row,) = answer(moment, transferred("2025-07-17"))["explained_by"]
    assert row["reasons"] == {"moved, not gained or lost"}
    (row,) = answer(moment, transferred("2025-07-18"))["explained_by"]
    assert row["reasons"] == {"moved, not gained or lost", "after the report"}


def transferred(effective: str) -> Any:
    return said("reserve.transferred", effective=effective, reason="consolidation")
