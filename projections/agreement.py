"""What is an agreement, who signed it, and how does each party stand to it?"""

from typing import Any

from domain.claim import Claim
from domain.fold import Answered, View
from domain.gate import words
from domain.sides import in_force, phase, standings
from domain.standing import Standing
from domain.thing import States, gate_of, states
from projections.document import Document, value
from projections.picked import described_status, described_value


def answer(thing: str, view: View) -> Document:
    """Return what the policy answers about an agreement at D."""
    found = states(thing, view)
    return {
        "title": described_value(view, "title"),
        "kind": described_value(view, "kind"),
        "binding": described_value(view, "binding"),
        "counts_as": words(gate_of(view)),
        "parties": value(described_value(view, "parties")),
        "topics": value(described_value(view, "topics")),
        "signed": [
            {"party": body.party, "for": body.for_, "mode": body.mode, "on": body.effective}
            for body in _signatures(view)
        ],
        **_standing(found),
        "certain": found.certain,
    }


def summary(thing: str, view: View) -> Document:
    """Return an agreement's line in a list."""
    signatures = [f for f in view.occurrences if f.holds != "no" and _signed(f)]
    first = signatures[0] if signatures else None
    return {
        "title": described_value(view, "title"),
        "kind": described_value(view, "kind"),
        "kind_status": described_status(view, "kind"),
        "signed": _signed(first)[0].body.effective if first else None,
        "signed_status": first.status if first else None,
        "parties": sorted({p for body in _signatures(view) for p in (body.party, body.for_) if p}),
        "in_force": in_force(states(thing, view).without).answer,
    }


def _signatures(view: View) -> list[Any]:
    return [c.body for f in view.occurrences if f.holds != "no" for c in _signed(f)]


def _signed(found: Answered) -> list[Claim]:
    return [claim for claim in found.pick if claim.type == "agreement.signed"]


def _standing(found: States) -> Document:
    state = found.without
    force = in_force(state)
    return {
        "phase": phase(state),
        "in_force": force.answer,
        "in_force_claimed": force.claimed,
        "in_force_computed": force.computed,
        "in_force_waits_for": force.missing or None,
        "standings": [
            {"party": party, "standing": one.name, "since": one.since, "flags": flags(one)}
            for party, one in standings(state)
        ],
    }


def flags(one: Standing) -> list[str]:
    """Return what is so of a side beside its standing, in words."""
    raised = {
        "applies provisionally": one.applies_provisionally,
        "suspended": one.suspended,
        "means not to become a party": one.intends_not,
        "offered": one.offered,
    }
    return [words for words, is_so in raised.items() if is_so]
