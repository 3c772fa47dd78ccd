"""Read the numbers of a table exactly, whatever sets their thousands and decimals off.

Without a word of the map a point sets decimals off and commas set thousands off. Blanks and
apostrophes between groups of three, zeros behind the last digit that counts, `.5` and `1.0 sat` are
read as what they are. Nothing is rounded, and no number is guessed: a column whose cells prove that
its commas are decimals, while others can be read both ways, is a finding. So is one whose points
are decimals only because the map says nothing (docs/spec/answers.md, 3).
"""

import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple
from unicodedata import decimal

from domain.importers.cell_dates import said_in_the_map
from events.amounts import (
    MAX_INTEGER,
    MONEY,
    MOST_DIGITS,
    Quantity,
    QuantityError,
    finer_unit,
    money_of,
    read_quantity,
    unit_of,
)
from events.value import replace

_BLANKS = "\u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'’"
_plain = re.compile(r"([0-9]+)(?:\.([0-9]+))?", re.ASCII).fullmatch
_figures = re.compile(rf"(?:[0-9]|\.(?=[0-9]))(?:[0-9.,{_BLANKS}{_APOSTROPHES} ]*[0-9])?", re.ASCII)
_point_at_end = re.compile(r"(?<=[0-9])\.$")
_power = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}", re.ASCII).fullmatch
_letters = re.compile(r"[^0-9.]").search
_loose = re.compile(rf"(?<=[0-9])[{_BLANKS} {_APOSTROPHES}](?=[0-9]{{3}}(?![0-9]))")
_both_ways = {  # a group of thousands never follows a zero alone
    mark: re.compile(rf"[1-9][0-9]{{0,2}}{mark}[0-9]{{3}}").fullmatch for mark in (",", r"\.")
}
# No mark between thousands: 1234, and a point before other than three digits, or behind commas.
_points_are_decimals = re.compile(
    r"[0-9]{4,}(?:\.[0-9]+)?|[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})|0?\.[0-9]+|"
    r"[0-9]{1,3}(?:,[0-9]{2,3})+\.[0-9]+"
).fullmatch
_decimal_proof = {
    ",": re.compile(
        r"[0-9.]*[0-9],(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+"
    ).fullmatch,
    r"\.": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+").fullmatch,
}


_negative = re.compile(
    r"[-−–] ?[0-9].*|\(\D{0,2}[0-9][0-9.,]*\D{0,2}\)|[0-9][0-9.,]*[-−]"
).fullmatch
_one_comma = re.compile(r"[^,]*[0-9],[0-9]+\D*").fullmatch
_footnote = re.compile(r"([0-9][0-9.,]*) ?(?:[*†‡§¹²³⁰-⁹]+|\[\w+\]|\(\w+\.?\))").fullmatch
_named = re.compile(r"[^0-9]*[0-9][0-9.,]*(?: ?[A-Za-z%].*|[^\W\d_%]|[%$€£₿ ]+)?").fullmatch
_indian = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}").fullmatch


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
        if re.fullmatch(pattern, whole) or (thousands == "," and _indian(whole)):
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


def in_plain_figures(text: str, marks: Marks) -> str:
    """Return an amount in words with its figures plain: `über` stays, `1.234,50` is `1234.5`."""

    def trimmed(found: re.Match[str]) -> str:
        """Return a figure without needless zeros."""
        whole, _, behind = plain_figure(found[0], marks).partition(".")
        kept = behind.rstrip("0")
        return (whole.lstrip("0") or "0") + (f".{kept}" if kept else "")

    return _figures.sub(trimmed, text)


def amount_reader(
    unit: str,
    marks: Marks,
    units: tuple[str, ...] | None,
    seen: Callable[[str], None] | None = None,
) -> Callable[[str], Quantity]:
    """Return how cells are read as amounts in a unit; it raises QuantityError.

    `seen` gets each cell that may show how its column writes figures.
    """
    known = unit_of(unit) if unit else None
    easy = known is not None and (marks.decimal or ".") == "."
    name, digits = known or ("", 0)
    most = MOST_DIGITS if name in MONEY and (units is None or "price" in units) else digits
    if known is not None:
        read_quantity(f"1 {unit}", units)  # a unit that the field does not have is one of the map's

    def read(text: str) -> Quantity:
        words = f"{text} {unit}".strip()
        match = _plain(text) if easy else None
        if seen is not None and (match is None or match[2] or len(text) > 3):
            seen(text)
        if match is not None:
            behind = (match[2] or "").rstrip("0")
            if len(behind) <= most:
                finer = len(behind) > digits
                value = int(match[1] + behind) * (1 if finer else 10 ** (digits - len(behind)))
                if value <= MAX_INTEGER:
                    own = finer_unit(name, len(behind)) if finer else name
                    return Quantity(unit=own, lower=value, upper=value, words=words)
        return _in_words(text, unit, marks, units, words)

    return read


def _in_words(
    text: str, unit: str, marks: Marks, units: tuple[str, ...] | None, words: str
) -> Quantity:
    plain = exact = format(Decimal(text), "f") if _power(text) else _point_at_end.sub("", text)
    try:
        plain = in_plain_figures(_in_ascii_digits(exact), marks)
        if not unit or not _letters(plain):
            return replace(read_quantity(f"{plain} {unit}".strip(), units), words=words)
        try:
            amount = read_quantity(plain, units)  # a cell that names the unit itself
        except QuantityError as own:
            with suppress(QuantityError):
                return replace(read_quantity(f"{plain} {unit}", units), words=words)
            raise own from None
        # Money may have more digits than the unit has.
        wanted = unit_of(unit)
        if wanted and wanted[0] not in (amount.unit, money_of(amount.unit)[0]):
            raise QuantityError(f"'{text}' is not in {unit}: leave unit out if the cells name it")
        return replace(amount, words=text)
    except QuantityError as error:
        raise QuantityError(_why_not(text, str(error).replace(plain, text))) from None


def _in_ascii_digits(text: str) -> str:
    """Return a text with the digits of any script as 0 to 9, Arabic marks as point and comma."""
    if text.isascii():
        return text
    read = {"\u066b": ".", "\u066c": ","}
    return "".join(str(decimal(c)) if c.isdecimal() else read.get(c, c) for c in text)


def _why_not(text: str, why: str) -> str:
    """Return why a cell is no amount, and how to say in the map what it is."""
    if _negative(text):
        return f"'{text}': an amount is never negative; what is given away is an act of its own"
    if _one_comma(text):
        return why
    if match := _footnote(text):
        return f"'{text}' has a mark behind its figure: {said_in_the_map(text, match[1])}"
    if not _named(text):
        return f"'{text}' is no figure: {said_in_the_map(text, 'FIGURE')}"
    return why


class ColumnReadings:
    """What the cells of a column say of its marks, one cell after the other."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}  # a cell of each mark that can be read both ways
        self.proof: dict[str, str] = {}  # a cell of each mark that has the other reading
        self.point = False  # a cell shows that points set decimals off

    def see(self, text: str) -> None:
        """Take up a cell."""
        if self.point and text.replace(".", "", 1).isdigit():
            return  # which says no more of points, and has no comma
        for figure in _figures.findall(text):
            self.point = self.point or _points_are_decimals(figure) is not None
            for mark, matches in _both_ways.items():
                if matches(figure):
                    self.open.setdefault(mark[-1], figure)
                elif _decimal_proof[mark](figure):
                    self.proof.setdefault(mark[-1], figure)

    def finding(self) -> str | None:
        """Return what is odd about the column, None if it has one reading."""
        for mark, proof in self.proof.items():
            if (cell := self.open.get(mark)) is not None:
                said = 'decimal = ","'
                return f"'{cell}' can be read both ways, and '{proof}' has the other: say {said}"
        if not self.point and (cell := self.open.get(".")) is not None:
            plain = cell.rstrip("0").rstrip(".")
            return (
                f"'{cell}' is read as {plain}, and no cell tells that from "
                f'{cell.replace(".", ",")}: say decimal = "." if it is right, decimal = "," if not'
            )
        return None
