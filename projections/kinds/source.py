"""Answer about a source: its publisher, its title and its archived copies."""

from domain.claims.resolution import Resolution
from domain.kinds.registry import States, thing_states
from projections.queries.document import Document, values_of


def answer(_: Resolution, found: States) -> Document:
    """Return what the policy answers about a source at D."""
    state = found.without
    return {
        **values_of(state, "publisher title locator published via copies"),
        "rechecked": state.outcome,
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return a source's row in a list."""
    state = thing_states(thing, view).without
    return {**values_of(state, "publisher title published"), "copies": len(state.copies)}
