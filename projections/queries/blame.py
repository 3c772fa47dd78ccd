"""Trace each value of an answer to the event and the source that set it.

The answer is asked again from the first picked claim on, with one more each time: the last that
changed a value set it. No rule of any kind stands here twice.
"""

from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, ResolvedOccurrence
from projections.queries import document as written
from projections.queries.document import Document
from projections.queries.fields import differing, fields
from projections.read_model.database import Answers
from projections.read_model.stepwise import Unit, growing, unheard


class Traced(NamedTuple):
    """A value, and the occurrences or series that changed it, in order: the last one set it.

    `by` is empty where no claim says so: it follows from what no claim says.
    """

    field: str
    value: Any
    by: tuple[Unit, ...]


def trace(thing: str, view: Resolution) -> list[Traced]:
    """Return every value answered about a thing, and what set it."""
    final = fields(thing, view)
    if not final:
        return []  # such as the ledger itself, which has no states
    changes: dict[str, list[Unit]] = {name: [] for name in final}
    before = unheard(thing, view)
    for unit, after in growing(thing, view):
        for name in differing(before, after):
            if name in changes:
                changes[name].append(unit)
        before = after
    return [Traced(name, value, tuple(changes[name])) for name, value in final.items()]


def blame(answers: Answers, thing: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return a line for each value of a thing: what it is, and the claim that set it."""
    return [line(traced) for traced in trace(thing, answers.view(thing, clocks, chosen))]


def line(traced: Traced) -> Document:
    """Return a value with the claim that set it, as a document; `claim` is null for none."""
    unit = traced.by[-1] if traced.by else None
    picked = picks(unit) if unit else ()
    return {
        "field": traced.field,
        "value": traced.value,
        "status": unit.status if unit else None,
        "changes": len(traced.by),
        "claim": written.claim(picked[0]) if picked else None,
        "with": [one.id for one in picked[1:]],
    }


def picks(unit: Unit) -> tuple[Claim, ...]:
    """Return the claims that the policy picked of an occurrence or series; none under strict."""
    if isinstance(unit, ResolvedOccurrence):
        return unit.pick
    return (unit.pick,) if unit.pick else ()
