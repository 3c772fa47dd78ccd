"""Name the units of amounts and the symbols that people write for them.

The units on the left are frozen in the catalogue; amounts are whole numbers of them. BTC is 8
digits more than sat, MW 6 more than w. Currencies have the active codes and exponents of ISO 4217
as the `country-codes` table lists them, and XDR, the IMF's special drawing right: ISO 4217 gives it
no minor unit, we keep it to 0.01. A code may be added, an exponent never changes.

A price may have more digits than its currency's minor unit: `usd-e5` is 0.00001 USD. Such a unit
has as few digits as are exact, so that one price has one spelling (docs/spec/answers.md, 3).
"""

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
