"""Return the lines of the list of a kind: the cached ones as they are, the others folded."""

from domain.claims.claim import Clocks
from domain.claims.publication import NONE_EXCLUDED
from domain.claims.ranking import Policy
from projections.kinds.registry import summary
from projections.queries.document import AnswerRows, Document
from projections.read_model.database import ReadModel


def list_kind(answers: ReadModel, kind: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return a line for each thing of a kind of which something is known and public."""
    return list_lines(answers, kind, clocks, chosen).rows


def list_lines(answers: ReadModel, kind: str, clocks: Clocks, chosen: Policy) -> AnswerRows:
    """Return the list of a kind, and what its clocks left out."""
    ready = answers.ready(kind, clocks) if chosen.is_default else {}
    things = answers.things(kind, clocks.known_at)
    found = {thing: {"subject": thing, **line} for thing, line in ready.items() if line is not None}
    excluded = NONE_EXCLUDED
    rest = (thing for thing in things if thing not in ready)
    for thing, view in answers.folded(rest, clocks, chosen):
        if view is None:
            found[thing] = {"subject": thing}  # listed, and its own page says why no more
            continue
        excluded = excluded.plus(view.standing.excluded)
        if view.standing.claims:
            found[thing] = {"subject": thing, **summary(thing, view)}
    return AnswerRows([found[thing] for thing in things if thing in found], excluded)
