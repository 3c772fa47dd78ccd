"""Answer about a programme: what was made available, and what is known to be drawn."""

from domain.claims.resolution import Resolution
from domain.kinds.balance import Balance
from domain.kinds.registry import States, thing_states
from projections.queries.document import (
    Document,
    balance_ends,
    balance_in_words,
    json_value,
    possible_duplicates,
    values_of,
)


def answer(view: Resolution, found: States) -> Document:
    """Return what the policy answers about a programme at D; amounts in `xdr-minor` (SDR 0.01)."""
    state = found.without
    return {
        "status": state.stage,
        **values_of(state, "facility approved months access access_usd"),
        "made_available": _sdr(state.available),
        "known_drawn": _sdr(state.drawn),
        "possible_duplicates": possible_duplicates(state.possible, view),
        "reviews_completed": list(state.reviews),
        "conditions": [
            {"ref": ref, "verdict": verdict or "not assessed", "claim": claim}
            for ref, claim, verdict in state.conditions
        ],
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return a programme's row in a list."""
    state = thing_states(thing, view).without
    return {
        "status": state.stage,
        "approved": state.approved,
        "access": json_value(state.access or state.access_usd),
        "made_available": _sdr(state.available),
        "known_drawn": _sdr(state.drawn),
    }


def _sdr(balance: Balance) -> Document | None:
    """Return what was added up, `lower` to `upper`; None where no claim says anything."""
    if not balance.flows:
        return None
    ends, words = balance_ends(balance), balance_in_words(balance, "xdr-minor")
    return {"unit": "xdr-minor", **ends, "text": words}
