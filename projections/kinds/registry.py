"""Find the module of a kind that answers about its things."""

from importlib import import_module
from typing import Any

from domain.claims.resolution import Resolution
from domain.kinds.registry import States, states
from events.dates import Interned
from events.identifiers import kind_of
from projections.queries.document import Document, canonical_text

__all__ = ["answer", "answer_after", "canonical_text", "summary"]


def summary(thing: str, view: Resolution) -> Document:
    """Return the line of a thing; empty for a kind that has no list."""
    kind = kind_of(thing)
    found: Document = {} if kind == "ledger" else _MODULES[kind].summary(thing, view)
    return found


def answer(thing: str, view: Resolution) -> Document:
    """Return what is answered about a thing; empty for a kind that has no answer of its own."""
    kind = kind_of(thing)
    found: Document = {} if kind == "ledger" else _MODULES[kind].answer(view, states(thing, view))
    return found


def answer_after(
    thing: str, view: Resolution, found: States, before: States, answered: Document
) -> Document:
    """Return the same where the states are known, and those and the answer before the last act.

    A kind that can spare itself work by them has an `answer_after` of its own.
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
