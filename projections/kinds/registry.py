"""Find the answer and the list row of a thing by its kind."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from domain.claims.resolution import Resolution
from domain.kinds.registry import States, public_states
from events.identifiers import kind_of
from events.value import replace
from projections.queries.alternative_answers import answer_strictly, differing_values
from projections.queries.document import Document, dated_by_act


def summary(thing: str, view: Resolution, states: States | None = None) -> Document:
    """Return the list row of a thing; empty for a kind that has no list.

    `states` are those of the view, where they are folded already. Where more perhaps was public, or
    D cannot tell, `perhaps` has the values that would differ; `by_day_of_act` has the verbs of what
    the day of the act dates, `contested` under strict the names of the values that are contested.
    """
    kind = kind_of(thing)
    if kind == "ledger":
        return {}
    row_of = _asked(kind, "summary")

    def row(one: Resolution) -> Document:
        folded = states if one is view and states else public_states(thing, one)
        found: Document = row_of(one, folded)
        return found

    found = answer_strictly(view, row)
    if contested := found.pop("contested", None):  # a row has no room for what it may be
        found["contested"] = [one["field"] for one in contested]
    if acts := dated_by_act(view):
        found["by_day_of_act"] = acts
    second = _beside(kind, view)
    if second is None:
        return found
    other = answer_strictly(second, row)
    other.pop("contested", None)
    return {**found, "perhaps": differing_values(found, other)}


def answer(thing: str, view: Resolution) -> Document:
    """Return the answer about a thing, under `strict` of its outcomes; {} without one."""
    kind = kind_of(thing)
    if kind == "ledger":
        return {}
    about = _asked(kind, "answer")
    return answer_strictly(view, lambda one: about(one, public_states(thing, one)))


def perhaps_values(thing: str, view: Resolution, answered: Document) -> Document | None:
    """Return by name the values that differ with all that perhaps was public; None for none.

    With all too of which D cannot tell.
    """
    second = _beside(kind_of(thing), view)
    return None if second is None else differing_values(answered, answer(thing, second))


def _beside(kind: str, view: Resolution) -> Resolution | None:
    """Return a view with all that perhaps was public, and that may be of D; None where equal.

    The answers about an agreement and a reserve say themselves what may be of D.
    """
    second = view.perhaps or view
    if kind not in ("agreement", "reserve"):
        found = tuple(
            replace(one, holds="yes") if one.holds == "cannot tell" and one.pick else one
            for one in second.occurrences
        )
        if any(one is not other for one, other in zip(found, second.occurrences, strict=True)):
            second = replace(second, occurrences=found)
    return None if second is view else replace(second, perhaps=None)


def side_statuses(thing: str, view: Resolution, found: States) -> list[Document] | None:
    """Return where each side of an agreement stands; None of a thing of another kind."""
    if kind_of(thing) != "agreement":
        return None
    rows: list[Document] = _asked("agreement", "marked_statuses")(thing, view, found)
    return rows


def updated_answer(
    thing: str, view: Resolution, found: States, before: States, answered: Document
) -> Document:
    """Return the same answer, by a kind's `answer_after` from that before the last act."""
    if kind_of(thing) == "agreement":
        after: Document = _asked("agreement", "answer_after")(view, found, before, answered)
        return after
    of_kind: Document = _asked(kind_of(thing), "answer")(view, found)
    return of_kind


def _asked(kind: str, question: str) -> Callable[..., Any]:
    """Return what answers a question about a kind; what is asked of one needs no other's module."""
    if kind in ("agreement", "reserve"):
        return getattr(import_module(f"projections.kinds.{kind}"), question)  # type: ignore[no-any-return]
    return partial(getattr(import_module("projections.kinds.other_kinds"), question), kind)
