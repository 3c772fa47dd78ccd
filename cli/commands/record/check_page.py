"""Lay out what a file of facts would change."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from cli.errors.exit_codes import DONE, NO
from cli.errors.rejections import one_line
from cli.output.formats import Column, Look, write_rows
from domain.decisions.preview import CONTRADICTS, NEW, RECORDED, REFUSED, PreviewedFact

_COLUMNS = (
    Column("fact", "fact", number=True),
    Column("outcome", "outcome", fixed=True),
    Column("position", "event", number=True, drop=2),
    Column("thing", "thing"),
    Column("type", "type", drop=1),
    Column("says", "why"),
)


def write_check(checked: Sequence[PreviewedFact], how: Look) -> None:
    """Write one line a fact, and how many of each kind there are to standard error."""
    write_rows(_COLUMNS, [_row(one) for one in checked], how)
    sys.stdout.flush()
    counted = Counter(one.outcome for one in checked)
    kinds = (NEW, RECORDED, CONTRADICTS, REFUSED)
    sys.stderr.write(", ".join(f"{counted[kind]} {kind}" for kind in kinds) + "\n")


def exit_code(checked: Sequence[PreviewedFact]) -> int:
    """Return 1 if any fact contradicts another party or would be refused, else 0."""
    return NO if any(one.outcome in (CONTRADICTS, REFUSED) for one in checked) else DONE


def _row(one: PreviewedFact) -> dict[str, Any]:
    says = [one_line(sentence) for sentence in one.says]
    return {
        "fact": one.draft.number,
        "outcome": one.outcome,
        "position": one.position,
        "position:shown": f"@{one.position}" if one.position else "",
        "thing": one.draft.thing,
        "type": one.draft.type,
        "says": says,
        "says:shown": "; ".join(says),
    }
