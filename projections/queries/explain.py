"""Explain a value: its policy, ranking, events, sources and proof.

The explanation goes from the value through the policy and the ranking to the events, their sources
with the chain of quotations, the origin, and the digest of the archived copy.
"""

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import Policy, eligible
from domain.claims.resolution import Resolution, ResolvedOccurrence
from events.body import SourceRef
from events.store.factory import open_tree
from projections.kinds.registry import answer
from projections.queries.blame import TracedValue, measured_besides, said_by, trace_values
from projections.queries.document import Document, claim_document
from projections.queries.selection import (
    Unit,
    alternatives_of,
    rule_between,
    selected_claims,
    view_of_unit,
)
from projections.read_model.database import ReadModel

LONGEST_CHAIN = 8
MOST_RIVALS = 4  # of what is contested, whose sources are read: each source is folded by itself


class NoSuchFieldError(LookupError):
    """A field is the name of one of the answer's values, or the beginning of such names."""

    def __init__(self, field: str, known: list[str]) -> None:
        super().__init__(field)
        self.field, self.known = field, known


def explain_values(
    answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy, field: str | None = None
) -> Document:
    """Return why a thing has the values it has, or one of them; raise NoSuchFieldError."""
    view = answers.view(thing, clocks, chosen)
    traced = _traced(thing, view.certainly_public)
    more = _perhaps(thing, view, traced)
    wanted = [t for t in traced if field is None or _is_of(t.field, field)]
    besides = [t for t in more if field is None or _is_of(t.field, field)]
    if not wanted and not besides:
        raise NoSuchFieldError(str(field), [t.field for t in (*traced, *more)])
    return {
        "subject": thing,
        "field": field,
        "values": [
            *({**_value(one), "perhaps": False} for one in wanted),
            *({**_value(one), "perhaps": True} for one in besides),
        ],
        "reasons": [
            {**_reason(answers, of_view, unit, clocks, chosen), "perhaps": of_view is not view}
            for of_view, told in ((view, wanted), (view.perhaps or view, besides))
            for unit in {id(one.by[-1]): one.by[-1] for one in told if one.by}.values()
        ],
    }


def _traced(thing: str, view: Resolution) -> list[TracedValue]:
    found = trace_values(thing, view)
    return [*found, *measured_besides(view, found)]


def _perhaps(thing: str, view: Resolution, certain: list[TracedValue]) -> list[TracedValue]:
    """Return the values that differ, or whose support does, with all that perhaps was public."""
    if view.perhaps is None:
        return []
    known = {one.field: (one.value, _support(one)) for one in certain}
    return [
        one
        for one in _traced(thing, view.perhaps)
        if known.get(one.field) != (one.value, _support(one))
    ]


def _support(one: TracedValue) -> str | None:
    return one.by[-1].support if one.by else None


def _is_of(name: str, field: str) -> bool:
    return name == field or name.startswith(f"{field}.")


def _value(one: TracedValue) -> Document:
    steps = [claim.id for by in one.by for claim in selected_claims(by)]
    return {"field": one.field, "value": one.value, "support": _support(one), "events": steps}


def _reason(
    answers: ReadModel, view: Resolution, unit: Unit, clocks: Clocks, chosen: Policy
) -> Document:
    alternatives = alternatives_of(unit)
    fields = dict(unit.fields) if isinstance(unit, ResolvedOccurrence) else {}
    picked = {claim.id for claim in selected_claims(unit)}
    return {
        "what": _unit_name(unit),
        "support": unit.support,
        "fields": fields,
        "ranked": _ranking(view, unit, picked),
        "denied_by": [claim_document(c) for c in unit.denials],
        "resolved_by": [
            claim_document(r)
            for r in view_of_unit(view, unit).standing.resolutions
            if getattr(r.body, "winner", None) in {c.id for a in alternatives for c in a}
        ],
        "sources": [
            {
                **source_document(answers, each, ref, clocks, chosen),
                "corrects": each.id != claim.id,
                "selected": claim.id in picked,
            }
            for claim in _with_rivals(unit)
            for each in said_by(answers, claim, clocks.known_at)
            for ref in each.body.sources or ()
        ],
        "proofs": [
            p
            for claim in selected_claims(unit)
            for each in said_by(answers, claim, clocks.known_at)
            if (p := proof_document(answers, each, clocks.known_at))
        ],
    }


def _unit_name(unit: Unit) -> str:
    if isinstance(unit, ResolvedOccurrence):
        return f"{unit.ranked[0][0].type} {unit.id}"
    return " ".join((unit.type, *(key for key in unit.key if key)))


def _ranking(view: Resolution, unit: Unit, picked: set[str]) -> list[Document]:
    alternatives = alternatives_of(unit)
    found: list[Document] = []
    for place, one in enumerate(alternatives):
        after = alternatives[place + 1] if place + 1 < len(alternatives) else None
        before_next = rule_between(view, unit, one, after) if after else None
        found.append(
            {
                "place": place + 1,
                "selected": all(claim.id in picked for claim in one),
                "may_be_selected": all(map(eligible, one)),
                "claims": [claim_document(claim) for claim in one],
                "before_next_by": before_next,
            }
        )
    return found


def _with_rivals(unit: Unit) -> list[Claim]:
    """Return the selected claims; of what is contested then those of the first that compete."""
    found = {claim.id: claim for claim in selected_claims(unit)}
    if unit.support in ("contested", "resolved"):
        rivals = alternatives_of(unit)[:MOST_RIVALS]
        found |= {claim.id: claim for one in rivals for claim in one}
    return list(found.values())


def source_document(
    answers: ReadModel, claim: Claim, ref: SourceRef, clocks: Clocks, chosen: Policy
) -> Document:
    """Return a source as a claim cites it, what is recorded of it, and what it quotes."""
    return {
        "source": ref.source,
        "published": ref.published,
        "retrieved": ref.retrieved,
        "origin": ref.origin or claim.body.asserted_by,
        "for": claim.id,
        "position": claim.position,
        **_source_details(answers, ref.source, clocks, chosen),
        "chain": _chain(answers, ref.source, clocks, chosen),
    }


def _source_details(answers: ReadModel, source: str, clocks: Clocks, chosen: Policy) -> Document:
    view = answers.view(source, clocks, chosen)
    names = ("publisher", "title", "locator", "copies", "rechecked", "via")
    found = answer(source, view) if view.standing.claims else {}
    notes = [claim.body.note for claim in view.standing.claims if claim.type == "source.cited"]
    note = next(filter(None, reversed(notes)), None)
    return {**{name: found.get(name) for name in names}, "note": note}


def _chain(answers: ReadModel, source: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return the sources that a source quotes, nearest first, each once."""
    found: list[Document] = []
    waiting = list(_source_details(answers, source, clocks, chosen)["via"] or ())
    seen = {source}
    while waiting and len(found) < LONGEST_CHAIN:
        name = waiting.pop(0)
        if name not in seen:
            seen.add(name)
            itself = _source_details(answers, name, clocks, chosen)
            found.append({"source": name, **itself})
            waiting += itself["via"] or ()
    return found


def proof_document(answers: ReadModel, claim: Claim, known_at: int | None) -> Document | None:
    """Return the size of the smallest signed tree that holds an event, up to a position."""
    last = answers.position if known_at is None else known_at
    with open_tree(answers.record.where) as tree:
        size = tree.first_checkpoint(claim.position, last)
    if size is None:
        return None
    return {"event": claim.id, "position": claim.position, "checkpoint": size}
