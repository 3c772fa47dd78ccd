"""Define the events of a party: a State, an agency, an organisation, a person, a territory."""

from typing import Annotated, Literal

from events.amounts import Quantity
from events.body import Body
from events.fields import Line, PartyId, Prose, Sorted, State, ThingId

PartyType = Literal[
    "agency", "company", "organisation", "person", "publisher", "state", "territory"
]


class Established(Body):
    """A party exists under a name; `state` is the State of an agency, `under` the body above it."""

    name: Line
    type: PartyType
    state: PartyId | None = None
    under: PartyId | None = None


class Renamed(Body):
    """A party took another name."""

    name: Line


class Dissolved(Body):
    """A party ceased to exist."""


class ContinuedBy(Body):
    """A State continues the party, recorded on the predecessor (docs/spec/treaties.md, 9)."""

    party: PartyId


class Appointed(Body):
    """A person took an office in a body; recorded on the person."""

    effective: State | None = None
    office: Line
    body: PartyId | None = None
    rank: Line | None = None


class OfficeEnded(Body):
    """A person left an office; absent `body`: the office of that name."""

    office: Line
    body: PartyId | None = None


class Stated(Body):
    """A party made a statement about subjects; the gist is in the recorder's words."""

    about: Annotated[tuple[ThingId, ...], Sorted()] | None = None
    gist: Prose
    quantity: Quantity | None = None


class SameAs(Body):
    """Two ids name one party."""

    party: PartyId
