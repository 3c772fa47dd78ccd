"""Read the numbers of a table exactly, whatever sets their thousands and decimals off.

Without a word of the map a point sets decimals off and commas set thousands off. Blanks and
apostrophes between groups of three, zeros behind the last digit that counts, `.5` and `1.0 sat` are
read as what they are. Nothing is rounded, and no number is guessed: a column whose cells prove that
its commas are decimals, while others can be read both ways, is a finding.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from events.amounts import (
    MAX_INTEGER,
    MONEY,
    MOST_DIGITS,
    QuantityError,
    finer_unit,
    read_quantity,
    unit_of,
)

_BLANKS = "\u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'’"
_plain = re.compile(r"([0-9]+)(?:\.([0-9]+))?", re.ASCII).fullmatch
_figures = re.compile(rf"[0-9.,{_BLANKS}{_APOSTROPHES} ]*[0-9]", re.ASCII)
_point_at_end = re.compile(r"(?<=[0-9])\.$")
_power = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}", re.ASCII).fullmatch
_letters = re.compile(r"[^0-9.]").search
_loose = re.compile(rf"(?<=[0-9])[{_BLANKS} {_APOSTROPHES}](?=[0-9]{{3}}(?![0-9]))")
_both_ways = {mark: re.compile(rf"[0-9]{{1,3}}{mark}[0-9]{{3}}").fullmatch for mark in (",", r"\.")}
_decimal_proof = {
    ",": re.compile(
        r"[0-9.]*[0-9],(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+"
    ).fullmatch,
    r"\.": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+").fullmatch,
}


class Marks(NamedTuple):
    """What sets decimals and thousands off in a column; None: as it is said nowhere."""

    decimal: str | None = None
    thousands: str | None = None


def plain_figure(text: str, marks: Marks) -> str:
    """Return a figure with a point, and nothing between its thousands."""
    figure = _loose.sub("", text)
    decimal = marks.decimal or "."
    thousands = marks.thousands
    if thousands is None:
        thousands = "." if decimal == "," else ","
    if thousands:
        whole, point, behind = figure.partition(decimal)
        pattern = rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+"
        if re.fullmatch(pattern, whole):
            whole = whole.replace(thousands, "")
        figure = whole + point + behind
    if decimal != ".":
        if "." in figure:
            raise QuantityError(f"'{text}' has a point, but {decimal!r} sets decimals off here")
        figure = figure.replace(decimal, ".")
    elif "," in figure:
        raise QuantityError(
            f"'{text}' has more than one reading: say decimal = \",\" if it is a decimal comma"
        )
    return figure


def trimmed(figure: str, most: int | None = None) -> str:
    """Return a plain figure without needless zeros; `most`: those behind so many digits alone."""
    whole, point, behind = figure.partition(".")
    kept = behind.rstrip("0") if most is None else behind[:most] + behind[most:].rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{kept}" if point and kept else whole


def in_plain_figures(text: str, marks: Marks) -> str:
    """Return an amount in words with its figures plain: `über` stays, `1.234,50` is `1234.5`."""

    def plain(match: re.Match[str]) -> str:
        given = match[0]
        figure = given.strip()
        before = given[: len(given) - len(given.lstrip())]
        return before + trimmed(plain_figure(figure, marks))

    return _figures.sub(plain, text)


def amount_reader(
    unit: str, marks: Marks, units: tuple[str, ...] | None
) -> Callable[[str], dict[str, Any]]:
    """Return how cells are read as amounts in a unit, as JSON data; it raises QuantityError."""
    known = unit_of(unit) if unit else None
    easy = known is not None and (marks.decimal or ".") == "."
    name, digits = known or ("", 0)
    most = MOST_DIGITS if name in MONEY and (units is None or "price" in units) else digits
    if known is not None:
        read_quantity(f"1 {unit}", units)  # a unit that the field does not have is one of the map's

    def read(text: str) -> dict[str, Any]:
        words = f"{text} {unit}".strip()
        match = _plain(text) if easy else None
        if match is not None:
            behind = (match[2] or "").rstrip("0")
            if len(behind) <= most:
                finer = len(behind) > digits
                value = int(match[1] + behind) * (1 if finer else 10 ** (digits - len(behind)))
                if value <= MAX_INTEGER:
                    own = finer_unit(name, len(behind)) if finer else name
                    return {"unit": own, "lower": value, "upper": value, "words": words}
        return _in_words(text, unit, marks, units, words)

    return read


def _in_words(
    text: str, unit: str, marks: Marks, units: tuple[str, ...] | None, words: str
) -> dict[str, Any]:
    exact = format(Decimal(text), "f") if _power(text) else _point_at_end.sub("", text)
    plain = in_plain_figures(exact, marks)
    try:
        amount = read_quantity(f"{plain} {unit}".strip(), units)
    except QuantityError as error:
        if not unit or not _letters(plain):
            raise QuantityError(str(error).replace(plain, text)) from None
        try:
            amount, words = read_quantity(plain, units), text  # a cell that names the unit itself
        except QuantityError as own:
            raise QuantityError(str(own).replace(plain, text)) from None
    found = {field: getattr(amount, field) for field in amount.__struct_fields__}
    kept = {field: part for field, part in found.items() if part is not None}
    return {**kept, "words": words}


class ColumnReadings:
    """What the cells of a column say of its marks, one cell after the other."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}  # a cell of each mark that can be read both ways
        self.proof: dict[str, str] = {}  # a cell of each mark that has the other reading

    def see(self, text: str) -> None:
        """Take up a cell."""
        if "," not in text and text.count(".") < 2 and (text[-4:-3] != "." or "." in self.open):
            return  # as most are: it can say nothing new
        for mark, matches in _both_ways.items():
            if matches(text):
                self.open.setdefault(mark[-1], text)
            elif _decimal_proof[mark](text):
                self.proof.setdefault(mark[-1], text)

    def finding(self) -> str | None:
        """Return what is odd about the column, None if it has one reading."""
        for mark, proof in self.proof.items():
            if (cell := self.open.get(mark)) is not None:
                said = 'decimal = ","'
                return f"'{cell}' can be read both ways, and '{proof}' has the other: say {said}"
        return None
