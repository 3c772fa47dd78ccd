"""Answer about a law: whether it is in force, since when, and until when."""

from domain.claims.resolution import View
from domain.kinds.law import in_force
from domain.kinds.registry import States, states
from projections.queries.document import Document

_LINE = ("form", "adopted", "in_force", "began", "since", "until", "ceased")


def answer(_: View, found: States) -> Document:
    """Return what the policy answers about a law at D."""
    state = found.without
    return {
        "in_force": in_force(state),
        "form": state.form,
        "number": state.number,
        "adopted": state.adopted,
        "published": state.published,
        "began": state.began,
        "since": state.since,
        "until": state.until,
        "ceased": state.ceased,
        "amends": state.amends,
        "certain": found.certain,
    }


def summary(thing: str, view: View) -> Document:
    """Return a law's row in a list."""
    found = answer(view, states(thing, view))
    return {name: found[name] for name in _LINE}
