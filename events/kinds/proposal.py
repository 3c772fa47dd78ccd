"""What can have happened to a proposal: something put to somebody who decides?"""

from typing import Annotated

from events.body import Body
from events.fields import PartyId, Prose, Sorted, Thing, ThingId, Yes
from events.value import value


@value
class Submitted(Body):
    """The proposal was put to a party, on terms in words."""

    to: PartyId | None = None
    terms: Prose | None = None
    about: Annotated[tuple[ThingId, ...], Sorted()] | None = None


@value
class TakenUp(Body):
    """A party took the proposal up for consideration."""

    by: PartyId | None = None


@value
class Endorsed(Body):
    """A party endorsed the proposal, or part of it."""

    by: PartyId | None = None
    in_part: Yes | None = None


@value
class Rejected(Body):
    """The proposal was rejected; by whom may be unsaid."""

    by: PartyId | None = None


@value
class Returned(Body):
    """The proposal was sent back to be changed."""

    by: PartyId | None = None


@value
class Withdrawn(Body):
    """Who submitted the proposal took it back."""


@value
class Enacted(Body):
    """The proposal became law."""

    law: Annotated[str, Thing("law")] | None = None
