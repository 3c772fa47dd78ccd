"""The lines of the list of a kind.

Lines that are cached are taken as they are; the other things are folded.
"""

from typing import NamedTuple

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, Policy
from projections.kinds.registry import summary
from projections.queries.document import Document
from projections.read_model.database import ReadModel


class ListLines(NamedTuple):
    """The lines of a list, and how many claims were left out: publication unknown."""

    rows: list[Document]
    left_out: int


def list_kind(answers: ReadModel, kind: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return a line for each thing of a kind of which something is known and public."""
    return list_lines(answers, kind, clocks, chosen).rows


def list_lines(answers: ReadModel, kind: str, clocks: Clocks, chosen: Policy) -> ListLines:
    """Return the list of a kind, and what its clocks left out."""
    ready = answers.ready(kind, clocks) if str(chosen) == DEFAULT else {}
    things = answers.things(kind, clocks.known_at)
    found = {thing: {"thing": thing, **line} for thing, line in ready.items() if line is not None}
    left_out = 0
    rest = (thing for thing in things if thing not in ready)
    for thing, view in answers.folded(rest, clocks, chosen):
        if view is None:
            found[thing] = {"thing": thing}  # listed, and its own page says why no more
            continue
        left_out += view.standing.unknown
        if view.standing.claims:
            found[thing] = {"thing": thing, **summary(thing, view)}
    return ListLines([found[thing] for thing in things if thing in found], left_out)
