"""Parse an amount as people write it.

It has a word or sign for its sense, one or two figures, a scale and a unit: `over 6,240 BTC`,
`US$ 113 m`, `22–23 PKR/kWh`. Digits are counted, never rounded: what does not fit the unit is
refused, and a price takes the finer unit that it needs.
"""

import re
from typing import Any, Literal, NamedTuple

from events.amounts import MONEY, MOST_DIGITS, QuantityError, finer_unit, money_of, unit_of
from events.text import count_noun

MAX_WORDS = 200

Sense = Literal["over", "at least", "under", "up to", "about"]
_SENSES: dict[str, Sense] = {
    **dict.fromkeys(("over", "more than", "above", ">"), "over"),
    **dict.fromkeys(("at least", "no less than", "not less than", "≥", ">="), "at least"),
    **dict.fromkeys(("under", "less than", "below", "<"), "under"),
    **dict.fromkeys(("up to", "at most", "no more than", "not more than", "≤", "<="), "up to"),
    **dict.fromkeys(("about", "around", "approximately", "approx.", "approx"), "about"),
    **dict.fromkeys(("circa", "ca.", "c.", "≈", "~"), "about"),
}
# What a figure is in each sense, as the fields of Quantity name it.
_BOUNDS: dict[Sense | None, tuple[str, ...]] = {
    "over": ("lower", "lower_open"),
    "at least": ("lower",),
    "under": ("upper", "upper_open"),
    "up to": ("upper",),
    "about": ("lower", "upper", "approximate"),
    None: ("lower", "upper"),
}
_SCALES = {"thousand": 3, "k": 3, "million": 6, "mn": 6, "m": 6, "billion": 9, "bn": 9, "b": 9}
_SCALES |= {"trillion": 12, "tn": 12}

_symbols = "|".join(sorted((words for words in _SENSES if not words[0].isalpha()), reverse=True))
_symbol = re.compile(rf"({_symbols})\s*(.*)").fullmatch
_between = re.compile(r"(?:between (.+?) and|from (.+?) to) (.+)", re.IGNORECASE).fullmatch
_both = re.compile(r"(.+?) and (.+)", re.IGNORECASE).fullmatch
_range = re.compile(r"(.*?)(?: to | ?[–—-] ?)(.*)", re.IGNORECASE).fullmatch
_part = re.compile(r"([A-Za-z]{3}|(?:US)?\$|[€£₿])? ?([0-9][0-9.,]*) ?(.*)").fullmatch
_figure = re.compile(r"(0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]+))?").fullmatch


_group_behind_point = re.compile(r"(?<![0-9.,])[1-9][0-9]{0,2}\.[0-9]{3}(?![0-9.,])").search


def has_group_behind_point(text: str) -> bool:
    """Say whether a point of an amount may have been meant to set thousands off: `12.000 BTC`."""
    return _group_behind_point(text) is not None


class _Part(NamedTuple):
    """A figure as written: its digits, how many stand behind the point, its scale and symbol."""

    digits: int
    behind: int
    scale: int | None
    symbol: str | None


def read_amount(text: str, *, finer: bool = False) -> tuple[str, str, dict[str, Any]]:
    """Return words, unit and bounds (fields of Quantity) of an amount; raise QuantityError.

    `finer`: money may have more digits than its minor unit, in the unit with just so many.
    """
    if len(text) > MAX_WORDS:
        raise QuantityError(f"an amount has at most {MAX_WORDS} characters, not {len(text):,}")
    words = " ".join(text.split())
    clauses = _clauses(words)
    parts = [_read_part(words, figure) for _, figure in clauses]
    unit, values = _values(words, parts, finer=finer)
    bounds: dict[str, Any] = {}
    for (sense, _), value in zip(clauses, values, strict=True):
        for name in _BOUNDS[sense]:
            bounds[name] = value if name in ("lower", "upper") else True
    return text.strip(), unit, bounds


def _clauses(words: str) -> list[tuple[Sense | None, str]]:
    """Split an amount into its one or two figures, each with the sense in which it is given."""
    if between := _between(words):
        return [("at least", between[1] or between[2]), ("up to", between[3])]
    if both := _both(words):
        low, high = _sensed(both[1]), _sensed(both[2])
        if low[0] not in ("over", "at least") or high[0] not in ("under", "up to"):
            raise QuantityError(f"'{words}': write two bounds as in over 100 and under 120 BTC")
        return [low, high]
    sense, figure = _sensed(words)
    if figure.startswith(("-", "−", "–")):
        raise QuantityError(f"'{words}': an amount is never negative")
    ends = _range(figure)
    if ends is None:
        return [(sense, figure)]
    if sense is not None:
        raise QuantityError(f"'{words}': two figures are the bounds themselves, without '{sense}'")
    return [("at least", ends[1]), ("up to", ends[2])]


def _sensed(words: str) -> tuple[Sense | None, str]:
    """Split the words before a figure, such as `more than` or `≥`, from the figure."""
    if symbol := _symbol(words):
        return _SENSES[symbol[1]], symbol[2]
    said = words.split(" ")
    for length in (3, 2, 1):
        sense = _SENSES.get(" ".join(said[:length]).lower())
        if sense:
            return sense, " ".join(said[length:])
    return None, words


def _read_part(words: str, text: str) -> _Part:
    match = _part(text)
    if match is None:
        raise QuantityError(
            f"'{words}' is not an amount: write a figure with its unit, such as over 6,240 BTC"
        )
    before, written, behind_it = match.groups()
    figure = _figure(written)
    if figure is None:
        raise QuantityError(
            f"'{words}': {written} has more than one reading; set thousands off by commas and "
            "decimals by a point, as in 5,689.68"
        )
    after = behind_it.split()
    scale = _SCALES.get(after[0].lower()) if after else None
    symbol = " ".join(after if scale is None else after[1:])
    if before and symbol and _unit(words, before) != _unit(words, symbol):
        raise QuantityError(f"'{words}' names two units, {before} and {symbol}")
    decimals = figure[2] or ""
    digits = int(figure[1].replace(",", "") + decimals)
    return _Part(digits, len(decimals), scale, symbol or before)


def _values(words: str, parts: list[_Part], *, finer: bool) -> tuple[str, list[int]]:
    """Return the unit and each figure in it; two figures may share one scale and one symbol."""
    named = [part.symbol for part in parts if part.symbol]
    scale, symbol = parts[-1].scale, named[-1] if named else ""
    if any(part.scale != scale for part in parts) and (scale is None or len(named) > 1):
        raise QuantityError(f"'{words}': write million, billion or the like with both figures")
    said = [
        part._replace(
            scale=part.scale if part.scale is not None else scale, symbol=part.symbol or symbol
        )
        for part in parts
    ]
    digits = max(map(_digits_needed, said)) if finer else None
    read = [_value(words, part, digits) for part in said]
    if len({unit for unit, _ in read}) > 1:
        raise QuantityError(f"'{words}' names two units, {' and '.join(named)}")
    return read[0][0], [value for _, value in read]


def _digits_needed(part: _Part) -> int:
    """Return how many digits behind the point a figure has, without the zeros at its end."""
    written = str(part.digits)
    zeros = len(written) - len(written.rstrip("0")) if part.digits else part.behind
    return part.behind - zeros - (part.scale or 0)


def _value(words: str, part: _Part, needed: int | None) -> tuple[str, int]:
    """Return the unit and the whole number of it that a figure means, exactly.

    `needed` are the digits that money is to have behind its point, None: those of its minor unit.
    """
    symbol, scale = part.symbol or "", part.scale
    unit, digits = _unit(words, symbol)
    if scale is not None and unit in ("w", "bp"):
        raise QuantityError(f"'{words}': write the figure out, without thousand, m or bn")
    if needed is not None and unit in MONEY and digits < needed <= MOST_DIGITS:
        unit, digits = finer_unit(unit, needed), needed
    shift = digits + (scale or 0) - part.behind
    exact = needed is not None and money_of(unit)[0] and needed <= digits
    if shift < 0 and not exact:
        raise QuantityError(
            f"'{words}' has {count_noun(part.behind, 'digit')} behind the point, "
            f"but {symbol or 'a plain number'} has {digits + (scale or 0)} here at most"
        )
    return unit, part.digits * 10**shift if shift >= 0 else part.digits // 10**-shift


def _unit(words: str, symbol: str) -> tuple[str, int]:
    known = unit_of(symbol)
    if known is None:
        raise QuantityError(
            f"'{words}': the unit '{symbol}' is not known; write BTC, sat, W, kW, MW, GW, %, "
            "PKR/kWh, SDR or the code of a currency such as USD"
        )
    return known
