"""Answer about an agreement: its description, signatures, entry into force and statuses."""

from collections.abc import Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from domain.agreement.binding import binding_in_words
from domain.agreement.state import (
    Agreement,
    agreement_in_force,
    phase,
    standing_of,
    standings,
    start_in_force,
)
from domain.agreement.status_table import Standing
from domain.claims.claim import Claim
from domain.claims.resolution import Resolution, ResolvedOccurrence
from domain.kinds.registry import States, thing_states
from projections.queries.document import (
    Document,
    described_support,
    described_value,
    json_value,
    selected_descriptions,
)

_NONE: Mapping[str, Document] = MappingProxyType({})


def answer(view: Resolution, found: States) -> Document:
    """Return what the policy answers about an agreement at D."""
    return _agreement_document(view, found, _standings(found.without))


def answer_after(view: Resolution, found: States, before: States, answered: Document) -> Document:
    """Return the same answer; only the sides that the last act moved are computed."""
    still = unmoved(before.without, found.without)
    known = {one["party"]: one for one in answered["statuses"] if one["party"] in still}
    return _agreement_document(view, found, _standings(found.without, known))


_AROUND = attrgetter("on", "binding", "rule", "suspended", "territories")


def unmoved(before: Agreement, after: Agreement) -> frozenset[str]:
    """Return sides whose standing is what it was, perhaps not all; none of a bilateral agreement.

    Where a side stands follows from its own record and from a little of the agreement. In a
    bilateral one the notice of one side may end it for the other (VCLT 70(1)).
    """
    if before.bilateral or after.bilateral or _AROUND(before) != _AROUND(after):
        return frozenset()
    if start_in_force(before) != start_in_force(after):
        return frozenset()
    known, acting = before.acting, after.acting
    as_before = {who for who, side in acting.items() if known.get(who) is side}
    return frozenset(as_before | (after.sides - acting.keys() - known.keys()))


def _agreement_document(view: Resolution, found: States, statuses: list[Document]) -> Document:
    described, state = selected_descriptions(view), found.without
    force = agreement_in_force(state)
    return {
        "title": described_value(described, "title"),
        "kind": described_value(described, "kind"),
        "binding": described_value(described, "binding"),
        "counts_as": binding_in_words(state.binding),
        "parties": json_value(described_value(described, "parties")),
        "topics": json_value(described_value(described, "topics")),
        "signed": [_signature(claim) for _, claims in _signatures(view) for claim in claims],
        "phase": phase(state),
        "in_force": force.answer,
        "in_force_claimed": force.claimed,
        "in_force_computed": force.computed,
        "in_force_waits_for": force.missing or None,
        "statuses": statuses,
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return an agreement's row in a list."""
    signatures = _signatures(view)
    first, claims = signatures[0] if signatures else (None, [])
    described, sides = selected_descriptions(view), [(b.party, b.for_) for b in _bodies(signatures)]
    return {
        "title": described_value(described, "title"),
        "kind": described_value(described, "kind"),
        "kind_support": described_support(described, "kind"),
        "signed": claims[0].dates.written if claims else None,
        "signed_support": first.support if first else None,
        "parties": sorted({party for pair in sides for party in pair if party}),
        "in_force": agreement_in_force(thing_states(thing, view).without).answer,
    }


def _signatures(view: Resolution) -> list[tuple[ResolvedOccurrence, list[Claim]]]:
    """Return the signatures that hold or may, each with its selected claims."""
    found = []
    for one in view.occurrences:
        signed = [claim for claim in one.pick if claim.type == "agreement.signed"]
        if signed and one.holds != "no":
            found.append((one, signed))
    return found


def _bodies(signatures: list[tuple[ResolvedOccurrence, list[Claim]]]) -> list[Any]:
    return [claim.body for _, claims in signatures for claim in claims]


def _signature(claim: Claim) -> Document:
    body: Any = claim.body
    day = claim.dates.written
    return {"party": body.party, "for": body.for_, "mode": body.mode, "on": day}


def _standings(state: Agreement, known: Mapping[str, Document] = _NONE) -> list[Document]:
    """Return the standing of each side; `known` are those that need not be computed again."""
    if not known:
        return [_standing_document(state, party, one) for party, one in standings(state)]
    everybody = sorted(state.sides | state.acting.keys())
    return [
        known.get(party) or _standing_document(state, party, standing_of(state, party))
        for party in everybody
    ]


def _standing_document(state: Agreement, party: str, one: Standing) -> Document:
    return {"party": party, **standing_document(state, party, one)}


def standing_document(state: Agreement, party: str, one: Standing) -> Document:
    """Return where a side stands, and the territories for which it is bound, if there are any."""
    found: Document = {"status": one.name, "since": one.since, "flags": flags(one)}
    included = [
        {"territory": each.territory, "since": each.since}
        for each in state.territories
        if each.party == party
    ]
    return {**found, "territories": included} if included else found


def flags(one: Standing) -> list[str]:
    """Return what is true of a side beside its standing, in words."""
    raised = {
        "applies provisionally": one.applies_provisionally,
        "suspended": one.suspended,
        "means not to become a party": one.intends_not,
        "offered": one.offered,
    }
    return [words for words, is_so in raised.items() if is_so]
