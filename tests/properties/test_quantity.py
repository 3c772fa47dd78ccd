"""How much is meant? What people write is read exactly, written back, and compared."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from events.amounts import (
    EXPONENTS,
    MAX_INTEGER,
    MAX_SAT,
    UNITS,
    Quantity,
    QuantityError,
    add_bounds,
    compatible,
    display_of,
    read_quantity,
    widened,
    write_amount,
    write_quantity,
)

BTC = 100_000_000
MILLION_USD = 100_000_000  # in cents


@st.composite
def quantities(draw: st.DrawFn, units: frozenset[str] = UNITS) -> Quantity:
    unit = draw(st.sampled_from(sorted(units)))
    most = MAX_SAT if unit == "sat" else MAX_INTEGER
    zeros = 10 ** draw(st.integers(0, 12))  # people round
    bounds = st.integers(0, most // zeros).map(lambda n: n * zeros)
    low, high = sorted((draw(bounds), draw(bounds)))
    mark = st.sampled_from([None, True])
    shapes: list[dict[str, Any]] = [
        {"lower": low, "upper": low},
        {"lower": low, "upper": low, "approximate": True},
        {"lower": low, "lower_open": draw(mark)},
        {"upper": high, "upper_open": draw(mark) if high else None},
    ]
    if low < high:
        opened = {"lower_open": draw(mark), "upper_open": draw(mark)}
        shapes.append({"lower": low, "upper": high, **opened})
    return Quantity(unit=unit, **draw(st.sampled_from(shapes)))


def bare(amount: Quantity) -> tuple[object, ...]:
    """Everything but the words."""
    marks = (amount.lower_open, amount.upper_open, amount.approximate)
    return (amount.unit, amount.lower, amount.upper, *marks)


def exactly(value: int, unit: str) -> Quantity:
    return Quantity(unit=unit, lower=value, upper=value)


def agree(a: str, b: str) -> bool:
    return compatible(read_quantity(a), read_quantity(b))


@pytest.mark.parametrize(
    ("text", "unit", "bounds"),
    [
        ("over 6,240 BTC", "sat", {"lower": 6_240 * BTC, "lower_open": True}),
        ("Over 6,240 BTC", "sat", {"lower": 6_240 * BTC, "lower_open": True}),
        ("more than 6,240 BTC", "sat", {"lower": 6_240 * BTC, "lower_open": True}),
        ("above 6,240 BTC", "sat", {"lower": 6_240 * BTC, "lower_open": True}),
        ("> 6,240 BTC", "sat", {"lower": 6_240 * BTC, "lower_open": True}),
        (">6240 BTC", "sat", {"lower": 6_240 * BTC, "lower_open": True}),
        ("at least 6,240 BTC", "sat", {"lower": 6_240 * BTC}),
        ("no less than 6,240 BTC", "sat", {"lower": 6_240 * BTC}),
        ("≥ 6,240 BTC", "sat", {"lower": 6_240 * BTC}),
        (">= 6,240 BTC", "sat", {"lower": 6_240 * BTC}),
        ("under 500 BTC", "sat", {"upper": 500 * BTC, "upper_open": True}),
        ("less than 500 BTC", "sat", {"upper": 500 * BTC, "upper_open": True}),
        ("< 500 BTC", "sat", {"upper": 500 * BTC, "upper_open": True}),
        ("at most 500 BTC", "sat", {"upper": 500 * BTC}),
        ("up to 500 BTC", "sat", {"upper": 500 * BTC}),
        ("no more than 500 BTC", "sat", {"upper": 500 * BTC}),
        ("≤ 500 BTC", "sat", {"upper": 500 * BTC}),
        ("100 to 120 BTC", "sat", {"lower": 100 * BTC, "upper": 120 * BTC}),
        ("100–120 BTC", "sat", {"lower": 100 * BTC, "upper": 120 * BTC}),
        ("100 - 120 BTC", "sat", {"lower": 100 * BTC, "upper": 120 * BTC}),
        ("100 BTC to 120 BTC", "sat", {"lower": 100 * BTC, "upper": 120 * BTC}),
        ("between 100 and 120 BTC", "sat", {"lower": 100 * BTC, "upper": 120 * BTC}),
        ("from 100 to 120 BTC", "sat", {"lower": 100 * BTC, "upper": 120 * BTC}),
        (
            "over 100 and at most 120 BTC",
            "sat",
            {"lower": 100 * BTC, "upper": 120 * BTC, "lower_open": True},
        ),
        ("22–23 PKR/kWh", "pkr-minor-per-kwh", {"lower": 2_200, "upper": 2_300}),
        ("$100–120 million", "usd-minor", {"lower": 10**10, "upper": 12 * 10**9}),
        ("over SDR 5 m", "xdr-minor", {"lower": 5 * 10**8, "lower_open": True}),
        ("500 kW to 2 MW", "w", {"lower": 500_000, "upper": 2_000_000}),
    ],
)
def test_bounds_are_read_as_people_write_them(text: str, unit: str, bounds: dict[str, Any]) -> None:
    assert read_quantity(text) == Quantity(unit=unit, words=text, **bounds)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("6,242 BTC", "sat", 624_200_000_000),
        ("1,090 BTC", "sat", 109_000_000_000),
        ("5,689.68 BTC", "sat", 568_968_000_000),
        ("7,739.37428655 BTC", "sat", 773_937_428_655),
        ("773,937,428,655 sat", "sat", 773_937_428_655),
        ("582,000 bitcoin", "sat", 58_200_000_000_000),
        ("BTC 1,090", "sat", 109_000_000_000),
        ("2,000 MW", "w", 2_000_000_000),
        ("7 GW", "w", 7_000_000_000),
        ("1.5 kW", "w", 1_500),
        ("5 W", "w", 5),
        ("14", "count", 14),
        ("360 %", "bp", 36_000),
        ("360%", "bp", 36_000),
        ("0.25 percent", "bp", 25),
        ("25 bp", "bp", 25),
        ("US$406,607,655", "usd-minor", 40_660_765_500),
        ("US$ 113 m", "usd-minor", 11_300_000_000),
        ("US$113m", "usd-minor", 11_300_000_000),
        ("$62 billion", "usd-minor", 6_200_000_000_000),
        ("$62B", "usd-minor", 6_200_000_000_000),
        ("7 bn USD", "usd-minor", 700_000_000_000),
        ("118,698 usd", "usd-minor", 11_869_800),
        ("1,026.9 m USD", "usd-minor", 102_690_000_000),
        ("1 tn JPY", "jpy-minor", 10**12),
        ("5 thousand KWD", "kwd-minor", 5_000_000),
        ("€5", "eur-minor", 500),
        ("SDR 5,320 m", "xdr-minor", 532_000_000_000),
        ("5,320 million SDR", "xdr-minor", 532_000_000_000),
        ("SDR 86.16 m", "xdr-minor", 8_616_000_000),
        ("1,033.92 m XDR", "xdr-minor", 103_392_000_000),
    ],
)
def test_a_figure_is_stored_exactly_in_its_frozen_unit(text: str, unit: str, value: int) -> None:
    assert read_quantity(text) == Quantity(unit=unit, lower=value, upper=value, words=text)


@pytest.mark.parametrize("sign", ["about ", "around ", "approximately ", "circa ", "≈ ", "~", "~ "])
def test_an_approximate_amount_stores_the_figure_as_both_bounds(sign: str) -> None:
    amount = read_quantity(f"{sign}740 million USD")
    assert bare(amount) == ("usd-minor", 74 * 10**9, 74 * 10**9, None, None, True)


@pytest.mark.parametrize(
    ("text", "unit", "lower", "written"),
    [
        ("0.0008 USD", "usd-e4", 8, "0.0008 USD"),  # New Liberty Standard, October 2009
        ("0.0858393501805054 USD", "usd-e16", 858_393_501_805_054, "0.0858393501805054 USD"),
        ("$1.005", "usd-e3", 1_005, "1.005 USD"),
        ("1.50 JPY", "jpy-e1", 15, "1.5 JPY"),
        ("11,646,111.25 JPY", "jpy-e2", 1_164_611_125, "11,646,111.25 JPY"),
        ("0.0640 USD", "usd-e3", 64, "0.064 USD"),
        ("12.5000 USD", "usd-minor", 1_250, "12.50 USD"),
        ("0.000 USD", "usd-minor", 0, "0 USD"),
        ("1.2345678 m USD", "usd-minor", 123_456_780, "1,234,567.80 USD"),
        ("1.23456789 k USD", "usd-e5", 123_456_789, "1,234.56789 USD"),
        ("SDR 0.1234", "xdr-e4", 1_234, "0.1234 SDR"),
        ("0.0645-0.07 USD", "usd-e4", 645, "0.0645-0.07 USD"),
        ("over 0.5 and under 0.5001 EUR", "eur-e4", 5_000, "over 0.50 and under 0.5001 EUR"),
    ],
)
def test_a_price_has_the_unit_with_the_fewest_digits_that_are_exact(
    text: str, unit: str, lower: int, written: str
) -> None:
    amount = read_quantity(text, ("price",))
    assert (amount.unit, amount.lower, write_quantity(amount)) == (unit, lower, written)
    assert bare(read_quantity(written)) == bare(amount)


@given(
    st.integers(1, MAX_INTEGER // 1000),  # of three digits, that of a minor unit, at most
    st.integers(0, 99),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_one_price_has_one_spelling(value: int, digits: int, code: str) -> None:
    price = read_quantity(f"{Decimal(value).scaleb(-digits):f} {code}", ("price",))
    zeros = f"{Decimal(value).scaleb(-digits - 3):f}000 k {code}"
    assert bare(read_quantity(zeros, ("price",))) == bare(price)
    symbol, behind = display_of(price.unit, 0)
    assert symbol == code
    assert Decimal(price.lower or 0).scaleb(-behind) == Decimal(value).scaleb(-digits)
    assert bare(read_quantity(write_quantity(price))) == bare(price)


@pytest.mark.parametrize("text", ["$1.005", "1.5 JPY", "1.000 USD"])
def test_other_money_keeps_to_its_minor_unit(text: str) -> None:
    with pytest.raises(QuantityError, match=r"behind the point, but \S+ has \d here at most"):
        read_quantity(text, ("money",))


def test_words_are_kept_as_typed() -> None:
    assert read_quantity(" Over  6,240 BTC\n").words == "Over  6,240 BTC"


@given(st.integers(0, MAX_SAT))
def test_no_satoshi_is_lost_in_writing_bitcoin(sat: int) -> None:
    assert read_quantity(f"{Decimal(sat) / BTC:.8f} BTC").lower == sat


@given(quantities())
def test_what_is_written_is_read_back(amount: Quantity) -> None:
    assert bare(read_quantity(write_quantity(amount))) == bare(amount)


@given(quantities())
def test_what_is_written_fits_the_field_it_came_from(amount: Quantity) -> None:
    assert read_quantity(write_quantity(amount), (amount.unit,)).unit == amount.unit


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("> 6240 BTC", "over 6,240 BTC"),
        ("6,242 BTC", "6,242 BTC"),
        ("5,689.68 BTC", "5,689.68 BTC"),
        ("1 sat", "0.00000001 BTC"),
        ("≈ 740 m USD", "about 740,000,000 USD"),
        ("$0.5", "0.50 USD"),
        ("7 GW", "7,000 MW"),
        ("2,000 MW", "2,000 MW"),
        ("1,500 W", "1.5 kW"),
        ("999 W", "999 W"),
        ("500 kW to 2 MW", "0.5-2 MW"),
        ("360%", "360 %"),
        ("22–23 PKR/kWh", "22-23 PKR/kWh"),
        ("SDR 5,320 m", "5,320,000,000 SDR"),
        ("≥ 100 BTC", "at least 100 BTC"),
        ("< 500 BTC", "under 500 BTC"),
        ("≤ 500 BTC", "up to 500 BTC"),
        ("more than 1 and less than 2 BTC", "over 1 and under 2 BTC"),
        ("≥ 1 and < 2 BTC", "at least 1 and under 2 BTC"),
        ("14", "14"),
        ("0 BTC", "0 BTC"),
    ],
)
def test_an_amount_is_written_in_the_units_of_people(text: str, written: str) -> None:
    assert write_quantity(read_quantity(text)) == written


def test_a_single_figure_is_written_with_its_sign() -> None:
    assert write_amount(568_968_000_000, "sat") == "5,689.68 BTC"
    assert write_amount(-109_000_000_000, "sat") == "-1,090 BTC"
    assert write_amount(102_690_000_050, "usd-minor") == "1,026,900,000.50 USD"
    assert write_amount(2_000_000_000, "w") == "2,000 MW"
    assert write_amount(14, "count") == "14"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is not an amount: write a figure with its unit"),
        ("BTC", "is not an amount"),
        ("some BTC", "is not an amount"),
        ("nan", "is not an amount"),
        ("inf BTC", "is not an amount"),
        ("\u0665 BTC", "is not an amount"),
        (".5 BTC", "is not an amount"),
        ("over about 5 BTC", "is not an amount"),
        ("5--6 BTC", "is not an amount"),
        ("1e400", "the unit 'e400' is not known"),
        ("0x10 BTC", "the unit 'x10 BTC' is not known"),
        ("5 XYZ", "the unit 'XYZ' is not known"),
        ("5 mW", "the unit 'mW' is not known"),
        ("5 KW", "the unit 'KW' is not known"),
        ("Rs 5", "is not an amount"),
        ("5 BTC or so", "the unit 'BTC or so' is not known"),
        ("-5 BTC", "an amount is never negative"),
        ("−5 BTC", "an amount is never negative"),
        ("over -5 BTC", "an amount is never negative"),
        ("1.234,5 BTC", "has more than one reading"),
        ("12,34 BTC", "has more than one reading"),
        ("1,2345 BTC", "has more than one reading"),
        ("0,500 BTC", "has more than one reading"),
        ("1.234.567 BTC", "has more than one reading"),
        ("007 BTC", "has more than one reading"),
        ("5. BTC", "has more than one reading"),
        ("1.123456789 BTC", "has 9 digits behind the point, but BTC has 8 here at most"),
        ("1.000000000 BTC", "has 9 digits behind the point"),
        ("1.5 sat", "but sat has 0 here at most"),
        ("67123.456789012345 USD", "67,123.456789012345 has 17 digits, and a price keeps 15"),
        (f"0.{'0' * 98}12 USD", "has 100 digits behind the point, but USD has 2 here at most"),
        ("1.5", "but a plain number has 0 here at most"),
        ("0.001 %", "but % has 2 here at most"),
        ("21,000,000 BTC", "is more than all bitcoin"),
        ("92,233,720,368,547,758.08 USD", "a bound is between 0 and"),
        ("10 to 5 BTC", "is above the upper"),
        ("over 5 to 7 BTC", "two figures are the bounds themselves, without 'over'"),
        ("about 5-6 BTC", "two figures are the bounds themselves, without 'about'"),
        ("5 BTC and 6 BTC", "write two bounds as in over 100 and under 120 BTC"),
        ("under 5 and over 3 BTC", "write two bounds as in over 100 and under 120 BTC"),
        ("100 BTC to 120 USD", "names two units, BTC and USD"),
        ("$5 EUR", "names two units, $ and EUR"),
        ("$100–$120 million", "write million, billion or the like with both figures"),
        ("5 m to 7,000,000 USD", "write million, billion or the like with both figures"),
        ("2 million W", "write the figure out"),
        ("2 m %", "write the figure out"),
        ("under 0 BTC", "no amount lies between these bounds"),
        ("over 5 and under 5 BTC", "no amount lies between these bounds"),
        ("5" * 201, "at most 200 characters"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused_with_a_sentence(
    text: str, sentence: str
) -> None:
    with pytest.raises(QuantityError) as refusal:
        read_quantity(text)
    assert sentence in str(refusal.value)


@given(st.text(max_size=40) | st.text("0123456789., -–$BTCmWto%andover><≈", max_size=30))
def test_any_text_is_read_exactly_or_refused(text: str) -> None:
    try:
        amount = read_quantity(text)
    except QuantityError:
        return
    assert bare(read_quantity(write_quantity(amount))) == bare(amount)


def test_an_amount_in_another_unit_is_refused_with_those_accepted() -> None:
    with pytest.raises(QuantityError) as refusal:
        read_quantity("2,000 MW", ("sat",))
    assert str(refusal.value) == "'2,000 MW' is in W, kW, MW or GW, but BTC is wanted here"
    with pytest.raises(QuantityError, match="but a currency such as USD or a plain number is"):
        read_quantity("360 %", ("money", "count"))
    with pytest.raises(QuantityError, match="but BTC is wanted here: write 6,240 BTC"):
        read_quantity("6,240", ("sat",))


def test_money_accepts_every_currency_and_nothing_else() -> None:
    for text in ("5 USD", "5 PKR", "SDR 5"):
        assert read_quantity(text, ("money",)).words == text
    for text in ("5 BTC", "5 PKR/kWh", "5 %"):
        with pytest.raises(QuantityError, match="a currency such as USD is wanted here"):
            read_quantity(text, ("money",))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"unit": "btc", "lower": 1}, "the unit 'btc' is not known"),
        ({"unit": "USD-minor", "lower": 1}, "the unit 'USD-minor' is not known"),
        ({"unit": "usd-e2", "lower": 1}, "the unit 'usd-e2' is not known"),
        ({"unit": "usd-e100", "lower": 1}, "the unit 'usd-e100' is not known"),
        ({"unit": "usd-e05", "lower": 1}, "the unit 'usd-e05' is not known"),
        ({"unit": "usd-e\u0665", "lower": 1}, "the unit 'usd-e\u0665' is not known"),
        ({"unit": "pkr-minor-per-kwh-e3", "lower": 1}, "is not known"),
        ({"unit": "usd-e5", "lower": 640}, "640 usd-e5 has a needless zero: write it in usd-e4"),
        ({"unit": "usd-e3", "upper": 0}, "0 usd-e3 has a needless zero: write it in usd-minor"),
        ({"unit": "jpy-e1", "lower": 10, "upper": 20}, "write it in jpy-minor"),
        ({"unit": "sat"}, "a lower bound, an upper bound or both"),
        ({"unit": "sat", "lower": -1}, "a bound is between 0 and 2^53 - 1, not -1"),
        ({"unit": "w", "upper": 2**53}, "a bound is between 0 and 2^53 - 1"),
        ({"unit": "w", "lower": True}, "a bound is a whole number, not True"),
        ({"unit": "w", "lower": 1, "upper": True}, "a bound is a whole number, not True"),
        ({"unit": "w", "lower": 6, "upper": 6.0}, "a bound is a whole number, not 6.0"),
        ({"unit": "w", "lower": 5.0}, "a bound is a whole number, not 5.0"),
        ({"unit": "w", "lower": "5"}, "a bound is a whole number, not '5'"),
        ({"unit": "sat", "lower": MAX_SAT + 1}, "is more than all bitcoin"),
        ({"unit": "w", "lower": 6, "upper": 5}, "the lower bound, 6, is above the upper, 5"),
        ({"unit": "w", "lower": 6, "upper_open": True}, "only a bound that is given can be open"),
        ({"unit": "w", "upper": 6, "lower_open": True}, "only a bound that is given can be open"),
        ({"unit": "w", "lower": 6, "upper": 6, "lower_open": True}, "no amount lies between"),
        ({"unit": "w", "lower": 6, "upper": 6, "upper_open": True}, "no amount lies between"),
        ({"unit": "w", "upper": 0, "upper_open": True}, "no amount lies between"),
        ({"unit": "w", "lower": 6, "approximate": True}, "one figure, given as both bounds"),
        ({"unit": "w", "lower": 5, "upper": 6, "approximate": True}, "one figure, given as both"),
        ({"unit": "w", "lower": 6, "lower_open": False}, "a mark is true or absent, never false"),
        ({"unit": "w", "lower": 6, "approximate": 1}, "a mark is true or absent, never false"),
    ],
)
def test_bounds_and_marks_hold_together(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(QuantityError) as refusal:
        Quantity(**fields)
    assert sentence in str(refusal.value)


def test_the_largest_amounts_are_accepted() -> None:
    assert exactly(MAX_SAT, "sat").upper == MAX_SAT
    assert exactly(MAX_INTEGER, "usd-minor").upper == MAX_INTEGER


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("about 740 million USD", (735 * MILLION_USD, 745 * MILLION_USD)),
        ("about 7 bn USD", (6_500 * MILLION_USD, 7_500 * MILLION_USD)),
        ("about 582,000 BTC", (581_500 * BTC, 582_500 * BTC)),
        ("about 100 million USD", (50 * MILLION_USD, 150 * MILLION_USD)),
        ("about 5", (5, 5)),
        ("about 0 BTC", (0, 0)),
        ("740 million USD", (740 * MILLION_USD, 740 * MILLION_USD)),
        ("over 6,240 BTC", (6_240 * BTC, None)),
        ("≤ 500 BTC", (None, 500 * BTC)),
    ],
)
def test_an_approximate_figure_reaches_half_a_unit_of_its_last_digit(
    text: str, reach: tuple[int | None, int | None]
) -> None:
    assert widened(read_quantity(text)) == reach


@given(quantities())
def test_widening_keeps_the_figure_and_stays_above_zero(amount: Quantity) -> None:
    low, high = widened(amount)
    assert (low is None) == (amount.lower is None)
    assert low is None or amount.lower is None or 0 <= low <= amount.lower
    assert high is None or amount.upper is None or high >= amount.upper


def test_the_four_reports_of_july_2025_are_compatible() -> None:
    reports = ["over 6,240 BTC", "6,242 BTC", "over 6,237 BTC", "over 6,089 BTC"]
    assert all(agree(a, b) for a in reports for b in reports)


def test_the_dollar_values_of_july_2025_are_compared_as_rounded() -> None:
    assert agree("about 740 million USD", "737 million USD")
    assert agree("about 740 million USD", "745 million USD")
    assert not agree("about 740 million USD", "over 760 million USD")
    assert not agree("about 740 million USD", "722 million USD")
    assert not agree("740 million USD", "737 million USD")


@pytest.mark.parametrize(
    ("a", "b", "shared"),
    [
        ("over 6,240 BTC", "6,240 BTC", False),
        ("over 6,240 BTC", "6,240.00000001 BTC", True),
        ("at least 6,240 BTC", "6,240 BTC", True),
        ("under 6,240 BTC", "6,240 BTC", False),
        ("up to 6,240 BTC", "6,240 BTC", True),
        ("over 6,240 BTC", "up to 6,240 BTC", False),
        ("at least 6,240 BTC", "up to 6,240 BTC", True),
        ("over 6,240 BTC", "under 6,240 BTC", False),
        ("22–23 PKR/kWh", "23–24 PKR/kWh", True),
        ("5 USD", "5 EUR", False),
        ("0.07 USD", "0.0700 USD", True),
        ("0.07 USD", "0.0701 USD", False),
        ("0.0701 USD", "0.0701 EUR", False),
        ("over 0.07 USD", "0.0700001 USD", True),
        ("under 0.07 USD", "0.0700001 USD", False),
        ("about 0.07 USD", "0.0749 USD", True),
        ("about 0.07 USD", "0.0751 USD", False),
        ("about 0.0645 USD", "0.06454 USD", True),
        ("about 0.0645 USD", "0.06456 USD", False),
        ("5 JPY", "4.99-5.01 JPY", True),
        ("about 0.0645 USD", "about 0.0646 USD", True),
        ("about 0.0645 USD", "about 0.0647 USD", False),
        ("about 5 W", "about 6 W", True),
        ("500", "500 W", False),
    ],
)
def test_bounds_meet_or_they_do_not(a: str, b: str, shared: bool) -> None:
    assert agree(a, b) is shared


@given(quantities(frozenset({"w", "sat"})), quantities(frozenset({"w", "sat"})))
def test_compatibility_is_mutual_and_every_amount_is_compatible_with_itself(
    a: Quantity, b: Quantity
) -> None:
    assert compatible(a, b) is compatible(b, a)
    assert compatible(a, a)


@given(quantities(frozenset({"w"})), st.integers(0, MAX_INTEGER))
def test_a_number_is_compatible_when_it_lies_within_the_widened_bounds(
    amount: Quantity, number: int
) -> None:
    low, high = widened(amount)
    above = low is None or (number > low if amount.lower_open else number >= low)
    below = high is None or (number < high if amount.upper_open else number <= high)
    assert compatible(amount, exactly(number, "w")) is (above and below)


def test_two_lots_of_two_hundred_are_one_row_of_four_hundred() -> None:
    lot = read_quantity("200 BTC")
    assert bare(add_bounds(lot, lot)) == bare(read_quantity("400 BTC"))


@pytest.mark.parametrize(
    ("a", "b", "total"),
    [
        ("over 5 BTC", "5 BTC", "over 10 BTC"),
        ("up to 5 BTC", "5 BTC", "5-10 BTC"),
        ("under 5 BTC", "5 BTC", "at least 5 and under 10 BTC"),
        ("up to 5 BTC", "up to 6 BTC", "up to 11 BTC"),
        ("over 5 BTC", "up to 6 BTC", "over 5 BTC"),
        ("about 200 BTC", "200 BTC", "350-450 BTC"),
    ],
)
def test_bounds_add_up(a: str, b: str, total: str) -> None:
    assert write_quantity(add_bounds(read_quantity(a), read_quantity(b))) == total
    assert write_quantity(add_bounds(read_quantity(b), read_quantity(a))) == total


def test_a_sum_past_all_bitcoin_is_at_least_all_bitcoin() -> None:
    most, one = exactly(MAX_SAT, "sat"), exactly(1, "sat")
    assert add_bounds(most, one) == Quantity(unit="sat", lower=MAX_SAT)
    assert add_bounds(Quantity(unit="sat", upper=MAX_SAT), Quantity(unit="sat", upper=1)).lower == 0


def test_amounts_of_two_units_have_no_sum() -> None:
    with pytest.raises(QuantityError, match="BTC and USD have no sum"):
        add_bounds(exactly(1, "sat"), exactly(1, "usd-minor"))


@given(quantities(), st.integers(0, 10**6), st.data())
def test_a_sum_holds_the_sum_of_whatever_its_parts_hold(
    a: Quantity, step: int, data: st.DataObject
) -> None:
    b = data.draw(quantities(frozenset({a.unit})))
    inside = [(q.lower if q.lower is not None else q.upper or 0) for q in (a, b)]
    numbers = [
        exactly(n + (step if q.upper is None else 0), a.unit)
        for q, n in zip((a, b), inside, strict=True)
        if n + step <= (MAX_SAT if a.unit == "sat" else MAX_INTEGER)
    ]
    assume(len(numbers) == 2 and compatible(a, numbers[0]) and compatible(b, numbers[1]))
    assert compatible(add_bounds(a, b), add_bounds(*numbers))


def test_currencies_have_the_exponents_of_iso_4217() -> None:
    assert [EXPONENTS[code] for code in ("USD", "PKR", "SVC", "JPY", "KWD", "UYW")] == [
        2, 2, 2, 0, 3, 4,
    ]  # fmt: skip
    assert EXPONENTS["XDR"] == 2


def test_every_currency_code_is_three_capitals_and_stands_once() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)
    assert len(EXPONENTS) == 156
    assert {"sat", "w", "count", "bp", "usd-minor", "xdr-minor", "pkr-minor-per-kwh"} < UNITS
