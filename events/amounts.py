"""Keep amounts as whole numbers with bounds, in units of their own, and write them for people.

"over 6,240 BTC", "about 740 million USD", "22–23 PKR/kWh": a lower bound, an upper bound or both,
each open or not, in a unit frozen in the catalogue. There are no floats.
"""

from collections.abc import Mapping
from typing import Any

from events.fields import Line, Marker, Yes
from events.value import MAX_INTEGER, Value

__all__ = ["MAX_INTEGER", "MAX_SAT", "Quantity", "QuantityError", "add_bounds", "compatible"]
__all__ += ["read_quantity", "widened", "write_amount", "write_amount_data", "write_quantity"]

MAX_SAT = 2_099_999_997_690_000  # all the bitcoin there will ever be


# The units are frozen in the catalogue; amounts are whole numbers of them. BTC is 8 digits more
# than sat, MW 6 more than w. Currencies have the active codes and exponents of ISO 4217 as the
# `country-codes` table lists them, and XDR, the IMF's special drawing right: ISO 4217 gives it no
# minor unit, we keep it to 0.01. A code may be added, an exponent never changes. A price may have
# more digits than its currency's minor unit: `usd-e5` is 0.00001 USD. Such a unit has as few digits
# as are exact, so that one price has one spelling (docs/spec/answers.md, 3).
_CODES = {
    0: ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
        "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP "
        "LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK "
        "NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TTD TWD TZS UAH USD UYU UZS VED VES WST XCD "
        "XCG XDR YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "UYW",
}

EXPONENTS: dict[str, int] = {
    code: exponent for exponent, codes in _CODES.items() for code in codes.split()
}


class QuantityError(ValueError):
    """An amount is a figure with its unit, or two, as in `over 6,240 BTC` or `100 to 120 BTC`."""


MONEY = {f"{code.lower()}-minor": (code, exponent) for code, exponent in EXPONENTS.items()}
MONEY["xdr-minor"] = ("SDR", EXPONENTS["XDR"])

# unit: (symbol, digits behind the point)
SHOWN = MONEY | {
    "sat": ("BTC", 8),
    "w": ("W", 0),
    "count": ("", 0),
    "bp": ("%", 2),
    "pkr-minor-per-kwh": ("PKR/kWh", 2),
}
UNITS = frozenset(SHOWN)

MOST_DIGITS = 99  # behind the point of a price
_DIGITS = {str(digits): digits for digits in range(1, MOST_DIGITS + 1)}

POWER = {"W": 0, "kW": 3, "MW": 6, "GW": 9}  # their case counts: mW is not MW

# symbol in capitals: (unit, digits behind the point)
_READ = {symbol.upper(): (unit, digits) for unit, (symbol, digits) in SHOWN.items() if unit != "w"}
_READ |= {"BITCOIN": ("sat", 8), "₿": ("sat", 8), "SAT": ("sat", 0), "SATS": ("sat", 0)}
_READ |= {"PERCENT": ("bp", 2), "BP": ("bp", 0), "BPS": ("bp", 0), "XDR": _READ["SDR"]}
_READ |= {"$": _READ["USD"], "US$": _READ["USD"], "€": _READ["EUR"], "£": _READ["GBP"]}


def unit_of(symbol: str) -> tuple[str, int] | None:
    """Return (unit, digits behind the point) of a symbol, "" a count; None if unknown."""
    if symbol in POWER:
        return "w", POWER[symbol]
    return _READ.get(symbol.upper())


def display_of(unit: str, largest: int) -> tuple[str, int]:
    """Return (symbol, digits behind the point) to write a unit with; `largest` picks kW or MW."""
    if unit == "w" and largest >= 1_000:
        return ("MW", 6) if largest >= 1_000_000 else ("kW", 3)
    return SHOWN.get(unit) or (SHOWN[money_of(unit)[0]][0], money_of(unit)[1])


def money_of(unit: str) -> tuple[str, int]:
    """Return (minor unit, digits behind the point) of money: `usd-e5` is five digits of usd-minor.

    Of any other unit it is ("", 0).
    """
    if unit in MONEY:
        return unit, MONEY[unit][1]
    code, _, written = unit.partition("-e")
    minor, digits = f"{code}-minor", _DIGITS.get(written, 0)
    return (minor, digits) if minor in MONEY and digits > MONEY[minor][1] else ("", 0)


def finer_unit(minor: str, digits: int) -> str:
    """Return the unit of a price with so many digits behind the point, more than `minor` has."""
    return f"{minor.removesuffix('minor')}e{digits}"


def unit_words(unit: str) -> str:
    """Name a unit, or `money`, as people write it."""
    named = {"count": "a plain number", "w": "W, kW, MW or GW"}
    named |= dict.fromkeys(("money", "price"), "a currency such as USD")
    return named.get(unit) or display_of(unit, 0)[0]


def accepts(units: tuple[str, ...], unit: str) -> bool:
    """Say whether a unit is among those given.

    `money` stands for every currency's minor unit, `price` for finer ones too.
    """
    if unit in units:
        return True
    return ("money" in units and unit in MONEY) or ("price" in units and bool(money_of(unit)[0]))


class Quantity(Value):
    """An amount between two bounds, whole numbers of `unit`; a bound that was not stated is None.

    `lower_open`: more than `lower`; `upper_open`: less than `upper`. `approximate`: the figure
    given stands as both bounds, how far it reaches is derived by `widened`. `words`: as typed.
    """

    unit: str
    lower: int | None = None
    upper: int | None = None
    lower_open: Yes | None = None
    upper_open: Yes | None = None
    approximate: Yes | None = None
    words: Line | None = None

    def __post_init__(self) -> None:
        """Hold the fields against each other; raise QuantityError with a sentence."""
        unit, low, high = self.unit, self.lower, self.upper
        marks = self.lower_open, self.upper_open, self.approximate
        figures = type(low) is int and type(high) is int and 0 <= low <= high <= _most(unit)
        if figures and marks == _UNMARKED and unit in UNITS:
            return  # as most amounts
        finer = unit not in UNITS and money_of(unit)[0]
        if finer == "":
            raise QuantityError(
                f"the unit {unit[:40]!r} is not known: write sat, w, count, bp, "
                "pkr-minor-per-kwh or a currency such as usd-minor, of prices usd-e5 too"
            )
        bounds = [bound for bound in (low, high) if bound is not None]
        if not bounds:
            raise QuantityError("an amount has a lower bound, an upper bound or both")
        for bound in bounds:
            _check_bound(bound, unit)
        if finer and all(bound % 10 == 0 for bound in bounds):
            digits = money_of(unit)[1] - 1
            less = finer if money_of(finer)[1] == digits else finer_unit(finer, digits)
            raise QuantityError(f"{bounds[0]:,} {unit} has a needless zero: write it in {less}")
        _check_marks(self, *marks)


_UNMARKED = (None, None, None)


class Units(Marker):
    """An amount in one of the units given.

    `money` stands for any currency's minor unit, `price` for finer units of it too.
    """

    def __init__(self, *units: str) -> None:
        self.units = units
        self._named = " or ".join("money, to any digit" if u == "price" else u for u in units)
        self.words = f"amount in {self._named}"
        self.json_schema = {}
        self._accepted = frozenset(unit for unit in UNITS if accepts(units, unit))

    def check(self, value: Quantity) -> Quantity:
        """Return the amount unchanged, or raise ValueError when its unit is another."""
        if value.unit not in self._accepted and not accepts(self.units, value.unit):
            raise ValueError(f"an amount in {value.unit}, but {self._named} is wanted")
        return value


def read_quantity(text: str, units: tuple[str, ...] | None = None) -> Quantity:
    """Read an amount as people write it; `words` keeps it.

    `units` are those accepted (`money`: any currency; `price`: with any number of decimals); None
    accepts all. Commas set thousands off, a point decimals; a bare number is a count. Raise
    QuantityError with a sentence.
    """
    from events.amount_parser import read_amount  # imported late: reading the log does not need it

    figure = text.strip().replace(",", "").replace(".", "", 1)
    if units is not None and "count" not in units and figure.isascii() and figure.isdecimal():
        raise _without_unit(text.strip(), units)
    words, unit, bounds = read_amount(text, finer=units is None or "price" in units)
    if units is not None and not accepts(units, unit):
        if unit == "count":
            raise _without_unit(words, units)
        wanted = " or ".join(unit_words(one) for one in units)
        raise QuantityError(f"'{words}' is in {unit_words(unit)}, but {wanted} is wanted here")
    return Quantity(unit=unit, words=words, **bounds)


def _without_unit(text: str, units: tuple[str, ...]) -> QuantityError:
    wanted = " or ".join(unit_words(one) for one in units)
    symbol = {"money": "USD", "price": "USD", "w": "MW"}.get(units[0]) or unit_words(units[0])
    return QuantityError(
        f"'{text}' has no unit, but {wanted} is wanted here: write {text} {symbol}"
    )


def write_quantity(amount: Quantity) -> str:
    """Write an amount as `read_quantity` reads it: `over 6,240 BTC`, `22-23 PKR/kWh`."""
    low, high = amount.lower, amount.upper
    symbol, digits = display_of(amount.unit, max(low or 0, high or 0))
    lower, upper = (_write_figure(bound or 0, amount.unit, digits) for bound in (low, high))
    at_least = f"{'over' if amount.lower_open else 'at least'} {lower}"
    up_to = f"{'under' if amount.upper_open else 'up to'} {upper}"
    if low == high:
        figure = f"about {lower}" if amount.approximate else lower
    elif low is None or high is None:
        figure = up_to if low is None else at_least
    elif amount.lower_open or amount.upper_open:
        figure = f"{at_least} and {up_to}"
    else:
        figure = f"{lower}-{upper}"
    return f"{figure} {symbol}".rstrip()


def write_amount_data(given: Mapping[str, Any]) -> str:
    """Write an amount that is JSON data as `write_quantity` does; nothing where it is none."""
    parts = {name: given[name] for name in Quantity.__struct_fields__ if name in given}
    try:
        return write_quantity(Quantity(**parts))
    except (QuantityError, TypeError):
        return ""


def write_amount(value: int, unit: str) -> str:
    """Write one whole number of a unit for people: `5,689.68 BTC`; a difference may be negative."""
    symbol, digits = display_of(unit, abs(value))
    figure = _write_figure(abs(value), unit, digits)
    return f"{'-' if value < 0 else ''}{figure} {symbol}".rstrip()


def widened(amount: Quantity, digits: int = 0) -> tuple[int | None, int | None]:
    """Return (lower, upper) to compare by, None where unbounded, with so many digits more.

    An approximate figure reaches half a unit of its last non-zero digit to either side: about
    740 m is 735 to 745 m, about 7 bn is 6.5 to 7.5 bn. Half of the unit itself needs a digit more.
    """
    by = 10**digits
    low, high = (bound if bound is None else bound * by for bound in (amount.lower, amount.upper))
    if not amount.approximate or not low or high is None:
        return low, high
    written = str(low)
    half = 10 ** (len(written) - len(written.rstrip("0"))) // 2
    return low - half, high + half


def measure_of(amount: Quantity) -> str:
    """Return what an amount can be compared with: amounts of its unit, or of its currency."""
    return money_of(amount.unit)[0] or amount.unit


def compatible(a: Quantity, b: Quantity) -> bool:
    """Say whether one number can satisfy both; of different units only prices of one currency.

    They are compared on the finer scale of the two: 0.07 USD is 700 of `usd-e4`.
    """
    of_a = of_b = 0
    if a.unit != b.unit:
        if measure_of(a) != measure_of(b):
            return False
        of_a, of_b = money_of(a.unit)[1], money_of(b.unit)[1]
    most = max(of_a, of_b) + 1
    mine, yours = widened(a, most - of_a), widened(b, most - of_b)
    return _reaches(a, mine[0], b, yours[1]) and _reaches(b, yours[0], a, mine[1])


def add_bounds(a: Quantity, b: Quantity) -> Quantity:
    """Return the sum of two amounts of one unit, from the widened bounds.

    Amounts are never negative: where only one of the two has a lower bound, it is the sum's. Past
    the most a unit can hold, the sum is "at least that". Raise QuantityError for two units.
    """
    if a.unit != b.unit:
        raise QuantityError(f"{unit_words(a.unit)} and {unit_words(b.unit)} have no sum")
    (low_a, high_a), (low_b, high_b) = widened(a), widened(b)
    most = _most(a.unit)
    low = None if low_a is None and low_b is None else min((low_a or 0) + (low_b or 0), most)
    high = None if high_a is None or high_b is None else high_a + high_b
    if high is not None and high > most:
        low, high = low or 0, None
    return Quantity(
        unit=a.unit,
        lower=low,
        upper=high,
        lower_open=(a.lower_open or b.lower_open) if low is not None else None,
        upper_open=(a.upper_open or b.upper_open) if high is not None else None,
    )


def _most(unit: str) -> int:
    return MAX_SAT if unit == "sat" else MAX_INTEGER


def _check_bound(bound: int, unit: str) -> None:
    if isinstance(bound, bool) or not isinstance(bound, int):
        raise QuantityError(f"a bound is a whole number, not {bound!r}")
    if unit not in UNITS and bound > MAX_INTEGER:
        figure = _write_figure(bound, unit, display_of(unit, 0)[1])
        raise QuantityError(
            f"{figure} has {len(str(bound))} digits, and a price keeps 15 of them exactly, or 16 "
            f"up to {MAX_INTEGER:,}: round it where it comes from, here it is not"
        )
    if not 0 <= bound <= MAX_INTEGER:
        raise QuantityError(f"a bound is between 0 and 2^53 - 1, not {bound:,}")
    if unit == "sat" and bound > MAX_SAT:
        raise QuantityError(f"{bound:,} sat is more than all bitcoin, {MAX_SAT:,} sat")


def _check_marks(amount: Quantity, *marks: object) -> None:
    low, high = amount.lower, amount.upper
    if any(mark is not None and mark is not True for mark in marks):
        raise QuantityError("a mark is true or absent, never false")
    if (low is None and amount.lower_open) or (high is None and amount.upper_open):
        raise QuantityError("only a bound that is given can be open")
    if low is not None and high is not None and low > high:
        raise QuantityError(f"the lower bound, {low:,}, is above the upper, {high:,}")
    if amount.approximate and low != high:
        raise QuantityError("an approximate amount has one figure, given as both bounds")
    if (low == high and (amount.lower_open or amount.upper_open)) or (
        high == 0 and amount.upper_open
    ):
        raise QuantityError("no amount lies between these bounds: leave the open mark out")


def _reaches(a: Quantity, low: int | None, b: Quantity, high: int | None) -> bool:
    """Say whether the lower end of a, widened, is not above the upper end of b."""
    if low is None or high is None:
        return True
    return low < high or (low == high and not a.lower_open and not b.upper_open)


def _write_figure(value: int, unit: str, digits: int) -> str:
    """Write digits with thousands set off; cents are written in full, other zeros cut."""
    whole, rest = divmod(value, 10**digits)
    behind = f"{rest:0{digits}}" if rest else ""
    minor = money_of(unit)[0]
    cents = display_of(minor, 0)[1] if minor and behind else 0
    behind = behind[:cents] + behind[cents:].rstrip("0")
    return f"{whole:,}.{behind}" if behind else f"{whole:,}"
