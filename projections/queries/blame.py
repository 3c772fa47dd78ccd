"""Trace each value of an answer to the event and the source that set it.

The answer is computed again for each selected claim, with one claim more each time: the last claim
that changed a value set it. No rule of a kind is repeated here.
"""

from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import Policy
from domain.claims.resolution import Answered, View
from projections.queries.document import Document, claim_document
from projections.queries.fields import answer_values, changed_fields
from projections.read_model.database import Answers
from projections.read_model.stepwise import Unit, growing, unheard


class TracedValue(NamedTuple):
    """A value, and the occurrences or series that changed it, in order: the last one set it.

    `by` is empty where no claim states the value: it follows from what is not stated.
    """

    field: str
    value: Any
    by: tuple[Unit, ...]


def trace_values(thing: str, view: View) -> list[TracedValue]:
    """Return every value answered about a thing, and what set it."""
    final = answer_values(thing, view)
    if not final:
        return []  # such as the ledger itself, which has no states
    changes: dict[str, list[Unit]] = {name: [] for name in final}
    before = unheard(thing, view)
    for unit, after in growing(thing, view):
        for name in changed_fields(before, after):
            if name in changes:
                changes[name].append(unit)
        before = after
    return [TracedValue(name, value, tuple(changes[name])) for name, value in final.items()]


def blame_values(answers: Answers, thing: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return a row for each value of a thing: what it is, and the claim that set it."""
    return [
        blame_line(traced) for traced in trace_values(thing, answers.view(thing, clocks, chosen))
    ]


def blame_line(traced: TracedValue) -> Document:
    """Return a value with the claim that set it, as a document; `claim` is null for none."""
    unit = traced.by[-1] if traced.by else None
    picked = selected_claims(unit) if unit else ()
    return {
        "field": traced.field,
        "value": traced.value,
        "status": unit.status if unit else None,
        "changes": len(traced.by),
        "claim": claim_document(picked[0]) if picked else None,
        "with": [one.id for one in picked[1:]],
    }


def selected_claims(unit: Unit) -> tuple[Claim, ...]:
    """Return the selected claims of an occurrence or series; none under strict."""
    if isinstance(unit, Answered):
        return unit.pick
    return (unit.pick,) if unit.pick else ()
