"""Answer about a source: its publisher, its title and its archived copies."""

from domain.claims.resolution import View
from domain.kinds.registry import States, states
from projections.queries.document import Document


def answer(_: View, found: States) -> Document:
    """Return what the policy answers about a source at D."""
    state = found.without
    return {
        "publisher": state.publisher,
        "title": state.title,
        "locator": state.locator,
        "published": state.published,
        "via": list(state.via),
        "copies": list(state.copies),
        "rechecked": state.outcome,
        "certain": found.certain,
    }


def summary(thing: str, view: View) -> Document:
    """Return a source's row in a list."""
    state = states(thing, view).without
    return {
        "publisher": state.publisher,
        "title": state.title,
        "published": state.published,
        "copies": len(state.copies),
    }
