"""What is an agreement, who signed it, and how does each party stand to it?"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from domain.claim import Claim
from domain.fold import Answered, View
from domain.gate import words
from domain.sides import Agreement, in_force, phase, standing_of, standings
from domain.standing import Standing
from domain.thing import States, states
from domain.unmoved import unmoved
from projections.document import Document, value
from projections.picked import described_status, described_value, descriptions

_NONE: Mapping[str, Document] = MappingProxyType({})


def answer(view: View, found: States) -> Document:
    """Return what the policy answers about an agreement at D."""
    return _answered(view, found, _standings(found.without))


def answer_after(view: View, found: States, before: States, answered: Document) -> Document:
    """Return the same where the answer before the last act is at hand: few sides have moved."""
    still = unmoved(before.without, found.without)
    known = {one["party"]: one for one in answered["standings"] if one["party"] in still}
    return _answered(view, found, _standings(found.without, known))


def _answered(view: View, found: States, standings: list[Document]) -> Document:
    told, state = descriptions(view), found.without
    force = in_force(state)
    return {
        "title": described_value(told, "title"),
        "kind": described_value(told, "kind"),
        "binding": described_value(told, "binding"),
        "counts_as": words(state.gate),
        "parties": value(described_value(told, "parties")),
        "topics": value(described_value(told, "topics")),
        "signed": [
            {"party": body.party, "for": body.for_, "mode": body.mode, "on": body.effective}
            for body in _signatures(view)
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
    """Return an agreement's line in a list."""
    signatures = [f for f in view.occurrences if f.holds != "no" and _signed(f)]
    first, told = signatures[0] if signatures else None, descriptions(view)
    return {
        "title": described_value(told, "title"),
        "kind": described_value(told, "kind"),
        "kind_status": described_status(told, "kind"),
        "signed": _signed(first)[0].body.effective if first else None,
        "signed_status": first.status if first else None,
        "parties": sorted({p for body in _signatures(view) for p in (body.party, body.for_) if p}),
        "in_force": in_force(states(thing, view).without).answer,
    }


def _signatures(view: View) -> list[Any]:
    return [c.body for f in view.occurrences if f.holds != "no" for c in _signed(f)]


def _signed(found: Answered) -> list[Claim]:
    return [claim for claim in found.pick if claim.type == "agreement.signed"]


def _standings(state: Agreement, known: Mapping[str, Document] = _NONE) -> list[Document]:
    """Return where each side stands; `known` are those that need not be asked for again."""
    if not known:
        return [_stands(party, one) for party, one in standings(state)]
    everybody = sorted(state.sides | state.acting.keys())
    return [known.get(party) or _stands(party, standing_of(state, party)) for party in everybody]


def _stands(party: str, one: Standing) -> Document:
    return {"party": party, "standing": one.name, "since": one.since, "flags": flags(one)}


def flags(one: Standing) -> list[str]:
    """Return what is so of a side beside its standing, in words."""
    raised = {
        "applies provisionally": one.applies_provisionally,
        "suspended": one.suspended,
        "means not to become a party": one.intends_not,
        "offered": one.offered,
    }
    return [words for words, is_so in raised.items() if is_so]
