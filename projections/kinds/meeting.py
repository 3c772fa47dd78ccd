"""Answer about a meeting: who met, when, where and about what."""

from domain.claims.resolution import Resolution
from domain.kinds.registry import States, thing_states
from projections.queries.document import Document, values_of


def answer(_: Resolution, found: States) -> Document:
    """Return what the policy answers about a meeting at D."""
    state = found.without
    return {
        **values_of(state, "held place mode"),
        "participants": [
            {"party": party} if role is None else {"party": party, "role": role}
            for party, role in state.participants
        ],
        "topics": list(state.topics),
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return a meeting's row in a list."""
    state = thing_states(thing, view).without
    return {
        **values_of(state, "held mode place"),
        "participants": [party for party, _ in state.participants],
    }
