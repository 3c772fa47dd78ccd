"""Find the answer and the list row of a thing by its kind."""

from functools import cache
from importlib import import_module
from typing import Any

from domain.claims.resolution import View
from domain.kinds.registry import States, states
from events.identifiers import kind_of
from projections.queries.document import Document, canonical_text

__all__ = ["answer", "canonical_text", "summary", "updated_answer"]


def summary(thing: str, view: View) -> Document:
    """Return the list row of a thing; empty for a kind that has no list."""
    kind = kind_of(thing)
    found: Document = {} if kind == "ledger" else _module(kind).summary(thing, view)
    return found


def answer(thing: str, view: View) -> Document:
    """Return the answer about a thing; empty for a kind that has no answer of its own."""
    kind = kind_of(thing)
    found: Document = {} if kind == "ledger" else _module(kind).answer(view, states(thing, view))
    return found


def updated_answer(
    thing: str, view: View, found: States, before: States, answered: Document
) -> Document:
    """Return the same answer, with the states and the answer from before the last act given.

    A kind that can save work by them has an `answer_after` of its own.
    """
    module = _module(kind_of(thing))
    of_its_own = getattr(module, "answer_after", None)
    if of_its_own is None:
        document: Document = module.answer(view, found)
    else:
        document = of_its_own(view, found, before, answered)
    return document


@cache
def _module(kind: str) -> Any:
    return import_module(f"projections.kinds.{kind}")
