"""What a check of findings may read: a thing's view, and what is asked of other things.

What was told of others is kept beside what was found: a finding holds while it is still so.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from domain.claims.claim import Clocks, as_notice, chronological, days
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution
from domain.kinds.registry import (
    evolve_claims,
    initial_state,
    is_judged,
    judge,
    on_day,
    thing_states,
)
from projections.queries.reserve_findings import Found
from projections.read_model.database import ReadModel

Told = dict[str, str | None]  # the answer by question and thing


class Asked(NamedTuple):
    """The clocks and the policy of a question, as a view has them."""

    clocks: Clocks
    policy: Policy


class CheckContext:
    """What a check may read: the thing's view, and what is asked of other things.

    Answers about other things are kept for all checks: many claims rest on one source. `told` has
    those that were asked for this thing.
    """

    def __init__(self, answers: ReadModel, thing: str, view: Resolution, others: "Told") -> None:
        self.answers, self.thing, self.view, self.others = answers, thing, view, others
        self.told: Told = {}

    @cached_property
    def ruled(self) -> list["Found"]:
        """Return what the rules of its kind find of each act, at its place in time."""
        return list(_ruled(self))

    def ask(self, question: str, thing: str) -> str | None:
        """Return what a question about another thing has for an answer at the same clocks."""
        key = f"{question} {thing}"
        if key not in self.told:
            self.told[key] = ask_other(self.answers, key, self.view, self.others)
        return self.told[key]


def ask_other(answers: ReadModel, key: str, view: Resolution | Asked, others: Told) -> str | None:
    """Return the answer to a question about another thing, which is asked once."""
    if key not in others:
        question, _, thing = key.partition(" ")
        others[key] = QUESTIONS[question](thing, answers.view(thing, view.clocks, view.policy))
    return others[key]


def _ruled(asking: CheckContext) -> Iterator[Found]:
    """Yield what the rules of its kind find of each act, at its place in time."""
    view = asking.view
    held = view.holding(maybe=True)
    if not any(map(is_judged, held)):
        return
    after = initial_state(asking.thing, view)
    for claim in held:
        before, after = after, evolve_claims(after, claim)
        if None in days(claim) or not is_judged(claim):
            continue  # what came before it is unknown, or nothing is said of it
        state = before
        if last := days(as_notice(claim))[1]:
            state = on_day(state, min(last, view.clocks.as_of))
        for name, sentence in judge(state, claim.body):
            yield (claim.id,), f"{name}: {sentence}"


def _outcome(_: str, view: Resolution) -> str | None:
    cited = [c for c in view.standing.claims if c.type == "source.cited"]
    if not cited and view.standing.retracted:
        return "retracted"
    checked = [c for c in view.standing.claims if c.type == "source.rechecked"]
    last: Any = max(checked, key=chronological, default=None)
    return last.body.outcome if last else None


QUESTIONS: dict[str, Callable[[str, Resolution], str | None]] = {
    "outcome": _outcome,
    "cited": lambda _, view: next(
        filter(None, (getattr(c.body, "published", None) for c in view.standing.claims)), None
    ),
    "type": lambda party, view: thing_states(party, view).without.type,
}
