"""Answer about a source: its publisher, its title and its archived copies."""

from domain.claims.resolution import Resolution
from domain.kinds.registry import States, thing_states
from projections.queries.document import Document


def answer(_: Resolution, found: States) -> Document:
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


def summary(thing: str, view: Resolution) -> Document:
    """Return a source's row in a list."""
    state = thing_states(thing, view).without
    return {
        "publisher": state.publisher,
        "title": state.title,
        "published": state.published,
        "copies": len(state.copies),
    }
