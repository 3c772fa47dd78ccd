"""Define the events about earlier claims.

Nothing is edited: a correction, a retraction, a denial or a resolution is an event of its own, in
the stream of the thing it is about, with a reason and a source (cf. VCLT 79).
"""

from typing import Annotated, Any, Literal

from events.body import Body
from events.fields import EventRef, Matching, Prose, Sorted, State

Reason = Literal["recording-error", "duplicate", "source-corrected", "source-retracted", "other"]
TypeName = Annotated[str, Matching("type of event such as reserve.acquired", r"[a-z]+\.[a-z-]+")]
Topic = Annotated[
    str, Matching("topic such as reserve.acquired.v1", r"[a-z]+\.[a-z-]+\.v[1-9][0-9]*")
]


class Corrected(Body):
    """The whole text of a claim is replaced by `data`.

    `recording-error` and `duplicate` are data-entry errors and hold from the start;
    the other reasons hold from the correction's own publication.
    """

    nests = True  # and holds any data

    target: EventRef
    reason: Reason
    data_type: Topic
    data: dict[str, Any]


class Retracted(Body):
    """A claim, or an earlier correction or retraction, is taken back."""

    target: EventRef
    reason: Reason


class Denied(Body):
    """A party denies a claim (`target`), or that any event of a type happened in a span."""

    target: EventRef | None = None
    type: TypeName | None = None
    span: State | None = None
    ground: Prose

    def agree(self) -> None:
        """A denial names one target, or a type and a span."""
        if (self.target is None) == (self.type is None) or (self.type is None) != (
            self.span is None
        ):
            raise ValueError("a denial names a target, or else a type and a span")


class Resolved(Body):
    """A party decides which of several claims is right, and why."""

    winner: EventRef
    among: Annotated[tuple[EventRef, ...], Sorted()]
    ground: Prose

    def agree(self) -> None:
        """The winner is one of those among which it was chosen."""
        if self.winner not in self.among or len(self.among) < 2:
            raise ValueError("a resolution names two claims at least, and its winner among them")


class SameOccurrence(Body):
    """Two claims about one subject are about one occurrence; `part_of` names the whole."""

    target: EventRef
    with_: EventRef
    part_of: EventRef | None = None

    def agree(self) -> None:
        """Two claims differ, and a whole is one of them."""
        if self.target == self.with_:
            raise ValueError("a claim is not linked with itself")
        if self.part_of is not None and self.part_of not in (self.target, self.with_):
            raise ValueError("part_of names the whole: the target or the claim it is linked with")


class DistinctOccurrence(Body):
    """Two claims about one subject are about two occurrences."""

    target: EventRef
    with_: EventRef

    def agree(self) -> None:
        """Two claims differ."""
        if self.target == self.with_:
            raise ValueError("a claim is not told apart from itself")
