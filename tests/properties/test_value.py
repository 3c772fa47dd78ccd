"""A reserve is worth what a reader of docs/spec/answers.md would work out by hand."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.ranking import policy
from events.amounts import Quantity
from events.value import replace
from projections.queries.valuation import value_reserve
from tests.effort import examples
from tests.properties.ledgers import Holding, Ledger, exactly, priced, said, told
from tests.properties.naive_value import Answer, naive_value

EXAMPLES = examples(50)
EXAMPLES_LONG = 5_000
BOUNDS = ("unit", "lower", "upper", "lower_open", "upper_open")
PRICES = ("price/x", "price/x", "price/y", "source/post", "source/arab-news", "source/unknown")


def read(ledger: Ledger, price: str) -> Answer:
    """Return the program's answer in the shape in which the second opinion gives its own."""
    answers: Any = Holding(ledger.claims)
    chosen = policy(ledger.question.policy)
    try:
        found = value_reserve(answers, "reserve/x", ledger.clocks, chosen, price=price)
    except (LookupError, ArithmeticError) as error:
        return type(error).__name__
    answer = found["answer"]
    amount, quoted = answer["amount"], answer["price"]
    return {
        "amount": (amount["claim"], amount["support"]),
        "price": (quoted["claim"], quoted["subject"], quoted["support"]),
        "value": Quantity(**{n: answer["value"][n] for n in BOUNDS if n in answer["value"]}),
        "of_one_day": answer["of_one_day"],
        "beside": {one["id"]: one["compared"] for one in found["beside"]},
    }


@settings(max_examples=EXAMPLES)
@given(priced(), st.sampled_from(PRICES))
def test_a_value_is_as_the_second_opinion_finds_it(ledger: Ledger, price: str) -> None:
    assert read(ledger, price) == naive_value(ledger.claims, *ledger.question, price=price)


@pytest.mark.long
@settings(max_examples=EXAMPLES_LONG)
@given(priced(), st.sampled_from(PRICES))
def test_a_value_is_as_the_second_opinion_finds_it_at_length(ledger: Ledger, price: str) -> None:
    assert read(ledger, price) == naive_value(ledger.claims, *ledger.question, price=price)


# What the two opinions once disagreed about.


ONE = exactly(10**8)


def worth(*bodies: Any, prices: tuple[Any, ...], amount: Quantity = ONE) -> Any:
    """Return what a reserve with a report is worth, on which both opinions must agree."""
    report = said("reserve.holding-reported", effective="2025-07-01", amount=amount, scope="total")
    held = told("reserve/x", report, *bodies)
    at = told("price/x", *prices).claims["price/x"]
    later = [replace(one, position=one.position + 10) for one in at]
    ledger = held._replace(claims={**held.claims, "price/x": later})
    found = read(ledger, "price/x")
    assert found == naive_value(ledger.claims, *ledger.question, price="price/x")
    return found


def price(cents: Quantity, effective: str | None, kind: str = "open") -> Any:
    own: dict[str, Any] = {"pair": "btc-usd", "value": cents, "kind": kind}
    return said("price.observed", effective=effective, **own)


def test_the_newest_price_is_that_of_the_later_first_day() -> None:
    day, month = (
        price(exactly(200, "usd-minor"), "2025-07-18"),
        price(exactly(100, "usd-minor"), "2025-07", kind="close"),
    )
    assert worth(prices=(day, month))["price"][0] == "price/x/1"


def test_a_price_of_which_no_day_is_sure_values_nothing() -> None:
    assert worth(prices=(price(exactly(200, "usd-minor"), None),)) == "NoPriceError"
    sure, unsure = (
        price(exactly(200, "usd-minor"), "2025-07-18"),
        price(exactly(100, "usd-minor"), "[2025-07-19..]", kind="close"),
    )
    assert worth(prices=(sure, unsure))["price"][0] == "price/x/1"


def test_at_most_so_many_at_more_than_so_much_has_no_value() -> None:
    dear = price(Quantity(unit="usd-minor", lower=100, lower_open=True), "2025-07-18")
    few = Quantity(unit="sat", upper=300)
    assert worth(prices=(dear,), amount=few) == "NoBoundError"
