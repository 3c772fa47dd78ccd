"""Answer about a proposal: its stage, and who acted on it."""

from datetime import date

from domain.claims.claim import Claim, days
from domain.claims.resolution import Resolution
from domain.kinds.proposal import Proposal
from domain.kinds.registry import States, thing_states
from projections.queries.document import Document


def answer(view: Resolution, found: States) -> Document:
    """Return what the policy answers about a proposal at D."""
    state = found.without
    return {
        "status": state.stage,
        "to": state.to,
        "terms": state.terms,
        "acts": _acts(state, view),
        "law": state.law,
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return a proposal's row in a list."""
    state = thing_states(thing, view).without
    deciders = sorted({by for _, by, _ in state.acts if by})
    return {"status": state.stage, "to": state.to, "acted": deciders, "terms": state.terms}


def _acts(state: Proposal, view: Resolution) -> list[Document]:
    """Return the acts by the last day on which each may have happened.

    They are folded by the first day: of an act dated "by July at the latest" a page should not say
    that it came before November.
    """
    claims = {claim.id: claim for claim in view.standing.claims}
    acts = sorted(state.acts, key=lambda act: _last(claims[act[2]]))
    return [
        {"act": act, "by": by or "unsaid", "on": claims[claim].dates.written, "claim": claim}
        for act, by, claim in acts
    ]


def _last(claim: Claim) -> tuple[date, date, int]:
    first, last = days(claim)
    return last or date.max, first or date.min, claim.position
