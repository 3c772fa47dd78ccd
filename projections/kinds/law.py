"""Answer about a law: whether it is in force, since when, and until when."""

from domain.claims.resolution import Resolution
from domain.kinds.law import law_in_force
from domain.kinds.registry import States, thing_states
from projections.queries.document import Document, values_of

_LINE = ("form", "adopted", "in_force", "began", "since", "until", "ceased")


def answer(_: Resolution, found: States) -> Document:
    """Return what the policy answers about a law at D."""
    state = found.without
    in_force = {law_in_force(one) for one in (state, found.including)}
    return {
        "in_force": in_force.pop() if len(in_force) == 1 else "cannot tell",
        **values_of(state, "form number adopted published began since until ceased amends"),
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return a law's row in a list."""
    found = answer(view, thing_states(thing, view))
    return {name: found[name] for name in _LINE}
