"""Answer about an agreement: its description, signatures, entry into force and standings."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from domain.agreement.binding import words
from domain.agreement.state import Agreement, in_force, phase, standing_of, standings
from domain.agreement.status_table import Standing
from domain.agreement.unmoved import unmoved
from domain.claims.claim import Claim
from domain.claims.resolution import Answered, View
from domain.kinds.registry import States, states
from projections.queries.document import (
    Document,
    described_status,
    described_value,
    json_value,
    selected_descriptions,
)

_NONE: Mapping[str, Document] = MappingProxyType({})


def answer(view: View, found: States) -> Document:
    """Return what the policy answers about an agreement at D."""
    return _agreement_document(view, found, _standings(found.without))


def answer_after(view: View, found: States, before: States, answered: Document) -> Document:
    """Return the same answer; only the sides that the last act moved are computed."""
    still = unmoved(before.without, found.without)
    known = {one["party"]: one for one in answered["standings"] if one["party"] in still}
    return _agreement_document(view, found, _standings(found.without, known))


def _agreement_document(view: View, found: States, standings: list[Document]) -> Document:
    described, state = selected_descriptions(view), found.without
    force = in_force(state)
    return {
        "title": described_value(described, "title"),
        "kind": described_value(described, "kind"),
        "binding": described_value(described, "binding"),
        "counts_as": words(state.gate),
        "parties": json_value(described_value(described, "parties")),
        "topics": json_value(described_value(described, "topics")),
        "signed": [
            {"party": body.party, "for": body.for_, "mode": body.mode, "on": body.effective}
            for body in _bodies(_signatures(view))
        ],
        "phase": phase(state),
        "in_force": force.answer,
        "in_force_claimed": force.claimed,
        "in_force_computed": force.computed,
        "in_force_waits_for": force.missing or None,
        "standings": standings,
        "certain": found.certain,
    }


def summary(thing: str, view: View) -> Document:
    """Return an agreement's row in a list."""
    signatures = _signatures(view)
    first, claims = signatures[0] if signatures else (None, [])
    described, sides = selected_descriptions(view), [(b.party, b.for_) for b in _bodies(signatures)]
    return {
        "title": described_value(described, "title"),
        "kind": described_value(described, "kind"),
        "kind_status": described_status(described, "kind"),
        "signed": claims[0].body.effective if claims else None,
        "signed_status": first.status if first else None,
        "parties": sorted({party for pair in sides for party in pair if party}),
        "in_force": in_force(states(thing, view).without).answer,
    }


def _signatures(view: View) -> list[tuple[Answered, list[Claim]]]:
    """Return the signatures that hold or may, each with its selected claims."""
    found = []
    for one in view.occurrences:
        signed = [claim for claim in one.pick if claim.type == "agreement.signed"]
        if signed and one.holds != "no":
            found.append((one, signed))
    return found


def _bodies(signatures: list[tuple[Answered, list[Claim]]]) -> list[Any]:
    return [claim.body for _, claims in signatures for claim in claims]


def _standings(state: Agreement, known: Mapping[str, Document] = _NONE) -> list[Document]:
    """Return the standing of each side; `known` are those that need not be computed again."""
    if not known:
        return [_standing_document(party, one) for party, one in standings(state)]
    everybody = sorted(state.sides | state.acting.keys())
    return [
        known.get(party) or _standing_document(party, standing_of(state, party))
        for party in everybody
    ]


def _standing_document(party: str, one: Standing) -> Document:
    return {"party": party, "standing": one.name, "since": one.since, "flags": flags(one)}


def flags(one: Standing) -> list[str]:
    """Return what is true of a side beside its standing, in words."""
    raised = {
        "applies provisionally": one.applies_provisionally,
        "suspended": one.suspended,
        "means not to become a party": one.intends_not,
        "offered": one.offered,
    }
    return [words for words, is_so in raised.items() if is_so]
