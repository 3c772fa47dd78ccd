"""Tabulate the standing that follows from each act, and the acts that are refused.

The transition tables of VCLT practice as data, one row an act, one cell a standing before it:

* `C`: the standing after the act; `=`: no change;
* `R:name`: the rule that forbids it; recorded all the same, the standing stays, or goes to what
  follows `>`;
* `F:name`: the finding it gives rise to; a bare `R` or `F` has the name to its left, a bare `F`
  without one is out of order.

Words: SAR signatory ad referendum, S signatory, C contracting (VCLT 2(1)(f)), P party (2(1)(g)),
W withdrawing, X former; in papers that do not bind PT participant, FP former participant.
"""

from typing import Literal, NamedTuple

from events.dates import Answer
from events.value import Value

Name = Literal[
    "none",
    "signatory ad referendum",
    "signatory",
    "contracting",
    "party",
    "withdrawing",
    "former",
    "participant",
    "former participant",
]

_SHORT: dict[str, Name] = {
    "none": "none",
    "SAR": "signatory ad referendum",
    "S": "signatory",
    "C": "contracting",
    "P": "party",
    "W": "withdrawing",
    "X": "former",
    "PT": "participant",
    "FP": "former participant",
}
BOUND: tuple[Name, ...] = ("party", "withdrawing")
CONSENTED: tuple[Name, ...] = ("contracting", *BOUND)

# The cells of a row stand for none, SAR, S, C, P, W and X, in this order.
_TREATY = {
    "initials": "= | = | = | = | = | = | =",
    "signs ad referendum": "SAR | R:signs-twice | R | R:signs-after-consent | R | R | SAR",
    "signs": "S | S | R:signs-twice | R:signs-after-consent | R | R | S",
    "signs definitively": "C | C | F:definitive-after-simple>C | R:consents-twice | R | R | C",
    "succeeds to signature": "S | S | R:signs-twice | F:signs-after-consent | F | F | S",
    "confirms simply": "R:nothing-to-confirm>S | S | F:nothing-to-confirm | F | F | F | R",
    "confirms definitively": "R:nothing-to-confirm>C | C | F:nothing-to-confirm>C | F | F | F | R",
    "intends not": "F | none | none | R:already-consented | R | R | =",
    "accepts": "C | R:confirm-first>C | C | R:consents-twice | R | R:revoke-first | C",
    "ratifies": "C | R:confirm-first>C | C | R:consents-twice | R | R:revoke-first | C",
    "accedes": "C | C | F:accedes-after-signing>C | R:consents-twice | R | R:revoke-first | C",
    "consents": "C | C | C | R:consents-twice | R | R:revoke-first | C",
    "withdraws consent": "R:no-consent | R | R | none | R:in-force-for-it>none | R | R:no-consent",
    "applies provisionally": "= | = | = | = | R:already-in-force | R | =",
    "enters for it": "R:no-consent>P | R>P | R>P | P | F:already | F | R:no-consent",
    "withdraws": "R:not-a-party | R | R | R>none | W | R:withdraws-twice | R:not-a-party",
    "revokes": "R:nothing-to-revoke | R | R | R | R | P | R:took-effect",
    "suspends": "R:not-in-force | R | R | R | = | = | R",
    "reserves with its act": "R:not-while-consenting | = | = | = | = | = | R",
    "reserves later": "R:not-while-consenting | R | R | F:late-reservation | F | F | R",
    "objects": "R:objector-must-be-contracting"
    " | F:objector-must-be-contracting | F | = | = | = | R",
    "terminates": "none | none | none | none | X | X | X",
}
# Here for none, S, PT and FP.
_PAPER = {
    "signs": "S | F | F | F",
    "intends not": "F | none | F | F",
    "withdraws": "F | F | = | F",
    "terminates": "none | FP | FP | FP",
}
_TREATY_COLUMNS = ("none", "SAR", "S", "C", "P", "W", "X")
_PAPER_COLUMNS = ("none", "S", "PT", "FP")


class Transition(NamedTuple):
    """What one act does to one standing: the next, and the rule or finding it meets."""

    to: Name
    refused: str | None = None
    found: str | None = None


class Standing(Value):
    """Where a side stands on the day asked; `since` is EDTF as written, or the computed day."""

    name: Name = "none"
    since: str | None = None
    applies_provisionally: bool = False
    suspended: bool = False
    intends_not: bool = False
    offered: bool = False


class AgreementInForce(NamedTuple):
    """Is it in force, as claimed and as its rule computes it?

    `claimed` is EDTF as written; `computed` a day, None where `missing` says what it waits for or
    what cannot be told. `operation` where the paper is not shown to bind.
    """

    answer: Answer
    claimed: str | None = None
    computed: str | None = None
    missing: str = ""
    mode: Literal["definitive", "operation"] = "definitive"


def transition(act: str, standing: Name, *, treaty: bool = True) -> Transition:
    """Return the cell of an act (a key of the tables) at a standing; every cell is defined."""
    cells = _TREATY_CELLS if treaty else _PAPER_CELLS
    return cells.get((act, standing)) or Transition(standing, found="out-of-order")


def _read(rows: dict[str, str], columns: tuple[str, ...]) -> dict[tuple[str, Name], Transition]:
    cells: dict[tuple[str, Name], Transition] = {}
    for act, row in rows.items():
        names = {"R": "", "F": "out-of-order"}
        for column, text in zip(columns, row.split(" | "), strict=True):
            cells[act, _SHORT[column]] = _cell(text, _SHORT[column], names)
    return cells


def _cell(text: str, before: Name, names: dict[str, str]) -> Transition:
    head, _, after = text.partition(">")
    letter, _, name = head.partition(":")
    if letter not in names:
        return Transition(before if head == "=" else _SHORT[head])
    names[letter] = name or names[letter]
    to = _SHORT[after] if after else before
    refused, found = (names["R"], None) if letter == "R" else (None, names["F"])
    return Transition(to, refused, found)


_TREATY_CELLS = _read(_TREATY, _TREATY_COLUMNS)
_PAPER_CELLS = _read(_PAPER, _PAPER_COLUMNS)
