"""What is an amount of bitcoin worth at a price, in whole numbers?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kinds.price import WorthTooLargeError, rounding, worth
from events.amounts import MAX_SAT, Quantity, read_quantity, write_quantity


def told(amount: str, price: str) -> str:
    return write_quantity(worth(read_quantity(amount), read_quantity(price)))


def test_an_exact_amount_at_an_exact_price_is_an_exact_value() -> None:
    assert told("6,240 BTC", "118,698 USD") == "740,675,520 USD"


def test_half_a_cent_is_rounded_up_and_less_is_rounded_down() -> None:
    assert told("0.5 BTC", "0.01 USD") == "0.01 USD"
    assert told("0.49999999 BTC", "0.01 USD") == "0 USD"


def test_the_bounds_of_an_amount_are_the_bounds_of_its_value() -> None:
    assert told("over 2 BTC", "100 USD") == "over 200 USD"
    assert told("up to 2 BTC", "100 USD") == "up to 200 USD"
    assert told("2 to 3 BTC", "100 USD") == "200-300 USD"
    assert told("2 BTC", "under 100 USD") == "under 200 USD"


def test_an_approximate_figure_counts_from_end_to_end_of_what_it_reaches() -> None:
    assert told("1 BTC", "about 100 USD") == "50-150 USD"
    assert told("about 10 BTC", "100 USD") == "500-1,500 USD"


def test_a_currency_without_cents_is_rounded_to_its_own_unit() -> None:
    assert told("0.5 BTC", "101 JPY") == "51 JPY"
    assert rounding("jpy-minor") == "to the nearest 1 JPY, halves up"
    assert rounding("usd-minor") == "to the nearest 0.01 USD, halves up"


def test_a_price_finer_than_its_currency_is_divided_once() -> None:
    assert told("10,000 BTC", "0.0041 USD") == "41 USD"  # the pizzas of May 2010
    assert told("1 BTC", "0.0049999 USD") == "0 USD"
    assert told("1 BTC", "0.005 USD") == "0.01 USD"
    assert told("3 BTC", "0.0049999 USD") == "0.01 USD"  # 0.0149997, not three times 0.00
    assert told("2 BTC", "10,500,000.25 JPY") == "21,000,001 JPY"
    assert told("10 BTC", "about 0.0645 USD") == "0.64-0.65 USD"
    found = worth(read_quantity("10 BTC"), read_quantity("0.0645 USD"))
    assert (found.unit, rounding(found.unit)) == ("usd-minor", "to the nearest 0.01 USD, halves up")


def test_bounds_that_meet_when_rounded_are_one_value() -> None:
    assert told("over 0.001 and under 0.0010001 BTC", "1 USD") == "0 USD"


def test_a_value_that_json_would_round_is_refused() -> None:
    with pytest.raises(WorthTooLargeError, match="is more than is counted here"):
        told("20,000,000 BTC", "90,000,000,000 USD")


@given(st.integers(0, MAX_SAT), st.integers(0, 10**9))
def test_the_value_is_never_half_a_unit_away(sat: int, minor: int) -> None:
    amount = Quantity(unit="sat", lower=sat, upper=sat)
    try:
        found = worth(amount, Quantity(unit="usd-minor", lower=minor, upper=minor))
    except WorthTooLargeError:
        return
    assert found.lower == found.upper
    assert abs(2 * ((found.lower or 0) * 10**8 - sat * minor)) <= 10**8
