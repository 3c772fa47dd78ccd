"""Define the events of a meeting."""

from typing import Annotated, Literal

from events.body import Body
from events.fields import Line, PartyId, Slug, Sorted
from events.value import Value


class Participant(Value):
    """A participant and its role."""

    party: PartyId
    role: Line | None = None


class Held(Body):
    """A meeting was held."""

    participants: Annotated[tuple[Participant, ...], Sorted("party")]
    mode: Literal["hybrid", "in-person", "unstated", "virtual"]
    topics: Annotated[tuple[Slug, ...], Sorted()] | None = None
