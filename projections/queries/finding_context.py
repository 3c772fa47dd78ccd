"""What a check of findings may read: a thing's view, and what is asked of other things.

What was told of others is kept beside what was found: a finding holds while it is still so.
"""

from collections.abc import Callable, Iterator
from typing import Any

from domain.claims.claim import chronological
from domain.claims.resolution import Resolution
from domain.kinds.possible_events import NO_EVENTS, PossibleEvents
from domain.kinds.registry import WITH_FLOWS, Judged, States, judged_states, thing_states
from events.identifiers import kind_of

Found = tuple[tuple[str, ...], str]  # the events concerned, and a sentence

FoldedStates = tuple[States, Judged]  # states, and what was said of each act on the way
Told = dict[str, str | None]  # the answer by question and thing


class Others:
    """What is asked of other things: each question once, for many claims rest on one source."""

    def __init__(self, view_of: Callable[[str], Resolution], known: Told | None = None) -> None:
        self._view_of, self._known = view_of, {} if known is None else known

    def answer(self, key: str) -> str | None:
        """Return the answer to a question about a thing, both in one text."""
        if key not in self._known:
            question, _, thing = key.partition(" ")
            self._known[key] = QUESTIONS[question](thing, self._view_of(thing))
        return self._known[key]


class CheckContext:
    """What a check may read: the thing's view, and what is asked of other things.

    `told` has the answers that were asked for this thing. `cited` are the sources of the claims
    that stand, each once as it is cited. The states, and what is said of each act as they are
    folded, are made when a check first asks for them, if they are not given: not all checks do.
    """

    def __init__(
        self, thing: str, view: Resolution, others: Others, folded: FoldedStates | None = None
    ) -> None:
        self.thing, self.view, self._others = thing, view, others
        self.told: Told = {}
        self._folded = folded
        claims = view.standing.claims
        self.cited = tuple(dict.fromkeys(s for claim in claims for s in claim.body.sources or ()))

    @property
    def states(self) -> States:
        """Return the states of the thing, without and with what D cannot tell."""
        return self._judged()[0]

    @property
    def ruled(self) -> Iterator[Found]:
        """Yield what the rules of its kind find of each act, at its place in time."""
        for claim, found in self._judged()[1]:
            for name, sentence in found:
                yield (claim.id,), f"{name}: {sentence}"

    def _judged(self) -> FoldedStates:
        if self._folded is None:
            self._folded = judged_states(self.thing, self.view)
        return self._folded

    @property
    def possible(self) -> PossibleEvents:
        """Return the flows that may be one event."""
        if kind_of(self.thing) not in WITH_FLOWS:
            return NO_EVENTS
        found: PossibleEvents = self.states.without.possible
        return found

    def ask(self, question: str, thing: str) -> str | None:
        """Return what a question about another thing has for an answer at the same clocks."""
        key = f"{question} {thing}"
        if key not in self.told:
            self.told[key] = self._others.answer(key)
        return self.told[key]


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
