"""Find the answer and the list row of a thing by its kind."""

from importlib import import_module
from typing import Any

from domain.claims.resolution import Resolution
from domain.kinds.registry import States, thing_states
from events.dates import Interned
from events.identifiers import kind_of
from projections.queries.document import Document, canonical_text

__all__ = ["answer", "canonical_text", "summary", "updated_answer"]


def summary(thing: str, view: Resolution) -> Document:
    """Return the list row of a thing; empty for a kind that has no list."""
    kind = kind_of(thing)
    found: Document = {} if kind == "ledger" else _MODULES[kind].summary(thing, view)
    return found


def answer(thing: str, view: Resolution) -> Document:
    """Return the answer about a thing; empty for a kind that has no answer of its own."""
    kind = kind_of(thing)
    found: Document = (
        {} if kind == "ledger" else _MODULES[kind].answer(view, thing_states(thing, view))
    )
    return found


def updated_answer(
    thing: str, view: Resolution, found: States, before: States, answered: Document
) -> Document:
    """Return the same answer, with the states and the answer from before the last act given.

    A kind that can save work by them has an `answer_after` of its own.
    """
    module = _MODULES[kind_of(thing)]
    of_its_own = getattr(module, "answer_after", None)
    if of_its_own is None:
        document: Document = module.answer(view, found)
    else:
        document = of_its_own(view, found, before, answered)
    return document


# Each imported when first met: what is asked of one kind needs no other.
_MODULES: Interned[str, Any] = Interned(lambda kind: import_module(f"projections.kinds.{kind}"))
