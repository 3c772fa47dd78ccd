"""Define the events of a proposal: something put to those who decide."""

from typing import Annotated

from events.body import Body
from events.fields import PartyId, Prose, Sorted, Thing, ThingId, Yes


class Submitted(Body):
    """The proposal was put to a party, on terms in words."""

    to: PartyId | None = None
    terms: Prose | None = None
    about: Annotated[tuple[ThingId, ...], Sorted()] | None = None


class TakenUp(Body):
    """A party took the proposal up for consideration."""

    by: PartyId | None = None


class Endorsed(Body):
    """A party endorsed the proposal, or part of it."""

    by: PartyId | None = None
    in_part: Yes | None = None


class Rejected(Body):
    """The proposal was rejected; the rejecting party may be absent."""

    by: PartyId | None = None


class Returned(Body):
    """The proposal was sent back to be changed."""

    by: PartyId | None = None


class Withdrawn(Body):
    """The submitting party withdrew the proposal."""


class Enacted(Body):
    """The proposal became law."""

    law: Annotated[str, Thing("law")] | None = None
