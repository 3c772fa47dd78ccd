"""Which event and which source set each value of an answer?

The answer is made again from the first picked claim on, one more each time: the last that changed
a value set it. No rule of any kind stands here twice.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from domain.claim import Claim, Clocks, chronological
from domain.fold import Answered, Measurements, View
from domain.policy import Policy
from projections import document as written
from projections.answers import Answers
from projections.document import Document
from projections.fields import fields, flat
from projections.summary import answer

Unit = Answered | Measurements


class Traced(NamedTuple):
    """A value, and the occurrences or series that changed it, in order: the last one set it.

    `by` is empty where no claim says so: it follows from what nobody says.
    """

    field: str
    value: Any
    by: tuple[Unit, ...]


def trace(thing: str, view: View) -> list[Traced]:
    """Return every value answered about a thing, and what set it."""
    final = fields(thing, view)
    changes: dict[str, list[Unit]] = {name: [] for name in final}
    before = _nothing(thing, view)
    for unit, partial in _growing(view):
        after = fields(thing, partial)
        for name in final:
            if after.get(name) != before.get(name):
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
    if isinstance(unit, Answered):
        return unit.pick
    return (unit.pick,) if unit.pick else ()


def claims_of(unit: Unit) -> tuple[Claim, ...]:
    """Return all claims about an occurrence, or all measurements that a series weighs."""
    return unit.claims if isinstance(unit, Answered) else (*unit.certain, *unit.maybe)


def _growing(view: View) -> Iterator[tuple[Unit, View]]:
    # What is still to come counts too: that a paper is binding is asked of all who say so.
    told = sorted(view.occurrences, key=lambda o: chronological((o.pick or o.ranked[0])[0]))
    units: list[Unit] = [*told, *view.series]
    for count in range(1, len(units) + 1):
        yield units[count - 1], _partial(view, units[:count])


def _partial(view: View, units: Sequence[Unit]) -> View:
    ids = {claim.id for unit in units for claim in claims_of(unit)}
    there = set(map(id, units))  # the very ones: comparing all they hold would take long
    return view._replace(
        occurrences=tuple(one for one in view.occurrences if id(one) in there),
        series=tuple(one for one in view.series if id(one) in there),
        standing=view.standing._replace(
            claims=tuple(claim for claim in view.standing.claims if claim.id in ids)
        ),
    )


def _nothing(thing: str, view: View) -> dict[str, Any]:
    """Return what is answered where no claim is heard, though the thing is known."""
    return flat(answer(thing, _partial(view, ())))
