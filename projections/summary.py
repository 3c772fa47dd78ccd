"""Which line has a thing in the list of its kind?"""

from functools import cache
from importlib import import_module
from typing import Any

from domain.fold import View
from events.ids import kind_of
from projections.document import Document, canonical_text

__all__ = ["answer", "canonical_text", "summary"]


def summary(thing: str, view: View) -> Document:
    """Return the line of a thing; empty for a kind that has no list."""
    return _asked("summary", thing, view)


def answer(thing: str, view: View) -> Document:
    """Return what is answered about a thing; empty for a kind that has no answer of its own."""
    return _asked("answer", thing, view)


def _asked(question: str, thing: str, view: View) -> Document:
    kind = kind_of(thing)
    if kind == "ledger":
        return {}
    found: Document = getattr(_module(kind), question)(thing, view)
    return found


@cache
def _module(kind: str) -> Any:
    return import_module(f"projections.{kind}")
