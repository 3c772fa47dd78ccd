"""Answer about an allocation: how much power is set aside, from when, and for what."""

from domain.claims.resolution import Resolution
from domain.kinds.registry import States, thing_states
from projections.queries.document import Document, json_value, values_of


def answer(_: Resolution, found: States) -> Document:
    """Return what the policy answers about an allocation at D; power in watts."""
    state = found.without
    return {
        "status": state.stage,
        **values_of(state, "power since purposes phase authority"),
        "energised": json_value(state.flowing),
        "energised_phases": [
            {"phase": phase, "power": json_value(power)} for phase, power in state.energised
        ],
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return an allocation's row in a list."""
    found = answer(view, thing_states(thing, view))
    return {name: found[name] for name in ("status", "power", "since", "authority", "purposes")}
