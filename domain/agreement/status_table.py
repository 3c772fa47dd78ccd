"""Tabulate the status that follows from each act, and what is odd about it.

The transition tables of VCLT practice as data (docs/spec/treaties.md, 3 and 5), one row an act (of
several modes, `act mode, mode`), one cell a status before it:

* `C`: the status after the act; `=`: no change;
* `F:name`: the finding it gives rise to, and after `>` the status; a bare `F` has the name to its
  left, without one it is out of order.

Words: SAR signatory ad referendum, S signatory, C contracting (VCLT 2(1)(f)), P party (2(1)(g)),
W withdrawing, X former, U unknown; of papers that are not shown to bind PT participant, FP former
participant.
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
    "unknown",
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
    "U": "unknown",
}
BOUND: tuple[Name, ...] = ("party", "withdrawing")
CONSENTED: tuple[Name, ...] = ("contracting", *BOUND)

# The cells of a row stand for none, SAR, S, C, P, W and X, in this order.
_TREATY = {
    "signed initialling": "= | = | = | = | = | = | =",
    "signed ad-referendum": "SAR | F:signs-twice | F | F:signs-after-consent | F | F | SAR",
    "signed simple, unstated": "S | S | F:signs-twice | F:signs-after-consent | F | F | S",
    "signed definitive": "C | C | F:definitive-after-simple>C | F:consents-twice | F | F | C",
    "signed succession": "S | S | F:signs-twice | F:signs-after-consent | F | F | S",
    "confirmed simple": "F:nothing-to-confirm>S | S | F:nothing-to-confirm | F | F | F | F>S",
    "confirmed definitive": "F:nothing-to-confirm>C | C | F:nothing-to-confirm>C | F | F | F | F>C",
    "intends not": "F | none | none | F:already-consented | F | F | =",
    "consented acceptance, approval, formal-confirmation, ratification": ""
    "C | F:confirm-first>C | C | F:consents-twice | F | F:revoke-first | C",
    "consented accession, notification, participation, simplified-procedure, succession": ""
    "C | C | F:accedes-after-signing>C | F:consents-twice | F | F:revoke-first | C",
    "consented exchange, unstated": "C | C | C | F:consents-twice | F | F:revoke-first | C",
    "withdraws consent": "F:no-consent | F | F | none | F:in-force-for-it>none | F>none"
    " | F:no-consent>none",
    "applies provisionally": "= | = | = | = | F:already-in-force | F | =",
    "enters for it": "F:no-consent>P | F>P | F>P | P | = | F:already | F:no-consent>P",
    "withdraws": "F:not-a-party>W | F>W | F>W | F>W | W | F:withdraws-twice | F:not-a-party",
    "revokes": "F:nothing-to-revoke>P | F>P | F>P | F>P | F | P | F:took-effect>P",
    "suspends": "F:not-in-force>U | F | F | F | = | = | F",
    "reserves with its act": "F:not-while-consenting>U | = | = | = | = | = | F",
    "reserves later": "F:not-while-consenting>U | F | F | F:late-reservation | F | F"
    " | F:not-while-consenting",
    "objects": "F:objector-must-be-contracting>U | F | F | = | = | = | F",
    "terminates": "none | none | none | none | X | X | X",
}
# Here for none, S, PT and FP.
_PAPER = {
    "signed unstated": "S | F | F | S",
    "intends not": "F | none | F | F",
    "withdraws": "F | F | = | F",
    "terminates": "none | FP | FP | FP",
}
_TREATY_COLUMNS = ("none", "SAR", "S", "C", "P", "W", "X")
_PAPER_COLUMNS = ("none", "S", "PT", "FP")


class Transition(NamedTuple):
    """What one act does to one status: the next, and the finding it gives rise to."""

    to: Name
    found: str | None = None


class Standing(Value):
    """The status of a side on the day asked; `since` is EDTF as written, or the computed day.

    `presumed`: a party by VCLT 24(3) alone. `computed` is the day that the rule gives, where its
    own day is certainly another. `continues` are the former States whose status it holds,
    `ceased`: it has ceased to exist, or another State continues it (`continued_by`).
    """

    name: Name = "none"
    since: str | None = None
    applies_provisionally: bool = False
    suspended: bool = False
    intends_not: bool = False
    offered: bool = False
    presumed: bool = False
    computed: str | None = None
    continues: tuple[str, ...] = ()
    ceased: bool = False
    continued_by: str | None = None


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
    """Return the cell of an act (a key of the tables) at a status; every cell is defined.

    Of an unknown status an act says what it says of none, and where that stays it is unknown still,
    unless the act itself ends what there may have been.
    """
    cells = _TREATY_CELLS if treaty else _PAPER_CELLS
    if standing == "unknown":
        cell = cells.get((act, "none")) or Transition("none", "out-of-order")
        stays = cell.to == "none" and act not in ENDING
        return Transition("unknown", cell.found) if stays else cell
    return cells.get((act, standing)) or Transition(standing, "out-of-order")


ENDING = ("intends not", "withdraws consent")


def _read(rows: dict[str, str], columns: tuple[str, ...]) -> dict[tuple[str, Name], Transition]:
    cells: dict[tuple[str, Name], Transition] = {}
    for named_acts, row in rows.items():
        name = "out-of-order"
        head, *more = named_acts.split(", ")
        acts = (head, *(f"{head.partition(' ')[0]} {mode}" for mode in more))
        for column, text in zip(columns, row.split(" | "), strict=True):
            first, _, after = text.partition(">")
            letter, _, named = first.partition(":")
            before = _SHORT[column]
            if letter == "F":
                name = named or name
                cell = Transition(_SHORT[after] if after else before, name)
            else:
                cell = Transition(before if first == "=" else _SHORT[first])
            cells.update(((act, before), cell) for act in acts)
    return cells


_TREATY_CELLS = _read(_TREATY, _TREATY_COLUMNS)
_PAPER_CELLS = _read(_PAPER, _PAPER_COLUMNS)
