"""Facts of any kind, short to write, their fold, and what its rules say of one more."""

from datetime import date
from importlib import import_module
from typing import Any

from domain.claims.claim import Claim, chronological
from events.amounts import Quantity, read_quantity
from events.body import Body, SourceRef
from events.identifiers import kind_of

ON = date(2025, 12, 31)


def told(cls: type[Body], on: str | None = "2025-01-01", **fields: Any) -> Any:
    """Return a fact effective on a day; amounts may be written as people do."""
    said = {"asserted_by": "party/imf", "basis": "press", "effective": on}
    return cls(**{**said, "sources": (SourceRef(source="source/x"),), **fields})


def amount(text: str) -> Quantity:
    return read_quantity(text)


def after(thing: str, *bodies: Body, on: date = ON) -> Any:
    """Return the thing's state after these facts, in the order of their dates."""
    module = import_module(f"domain.kinds.{kind_of(thing)}")
    state = module.initial(id=thing, on=on)
    for claim in sorted(map(_claim(thing), range(1, len(bodies) + 1), bodies), key=chronological):
        state = module.evolve(state, claim)
    return state


def findings(state: Any, body: Body) -> dict[str, str]:
    """Return what its kind finds odd about one more fact, by name; nothing is ever refused."""
    return dict(import_module(f"domain.kinds.{kind_of(state.id)}").judge(state, body))


def _claim(thing: str) -> Any:
    return lambda n, body: Claim(n, n, thing, "", body)
