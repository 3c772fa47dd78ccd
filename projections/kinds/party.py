"""Answer about a party: its name, its State and the offices it holds."""

from domain.claims.resolution import Resolution
from domain.kinds.registry import States, thing_states
from projections.queries.document import Document, values_of


def answer(_: Resolution, found: States) -> Document:
    """Return what the policy answers about a party at D."""
    state = found.without
    return {
        **values_of(state, "name type state under dissolved dissolved_on"),
        "continued_by": sorted(state.continued_by),
        "offices": [
            {"office": office, "body": body, "claim": claim}
            for office, body, claim in state.offices
        ],
        "statements": state.statements,
        "same_as": sorted(state.same_as),
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return a party's row in a list."""
    state = thing_states(thing, view).without
    return {"name": state.name, "type": state.type, "state": state.state, "under": state.under}
