"""Where does a proposal stand, and who did what with it?"""

from domain.fold import View
from domain.thing import states
from projections.document import Document


def answer(thing: str, view: View) -> Document:
    """Return what the policy answers about a proposal at D."""
    found = states(thing, view)
    state = found.without
    return {
        "stage": state.stage,
        "to": state.to,
        "terms": state.terms,
        "acts": [
            {"act": act, "by": by or "unsaid", "claim": claim} for act, by, claim in state.acts
        ],
        "law": state.law,
        "certain": found.certain,
    }


def summary(thing: str, view: View) -> Document:
    """Return a proposal's line in a list."""
    state = states(thing, view).without
    deciders = sorted({by for _, by, _ in state.acts if by})
    return {"stage": state.stage, "to": state.to, "acted": deciders, "terms": state.terms}
