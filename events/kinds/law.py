"""Define the events of a law: an act, a decree, an ordinance or an order."""

from typing import Annotated

from events.body import Body
from events.fields import Act, Line, PartyId, Slug, State, Thing


class Adopted(Body):
    """The law was adopted, in the form its words name; `amends` is the law it changes."""

    form: Slug
    number: Line | None = None
    body: PartyId | None = None
    votes: Line | None = None
    amends: Annotated[str, Thing("law")] | None = None


class Published(Body):
    """The law was published in a gazette."""

    gazette: Line | None = None


class InForce(Body):
    """The law came into force, by a rule in words, `until` a day where it lapses by itself."""

    effective: State | None = None
    rule: Line | None = None
    until: Act | None = None


class Extended(Body):
    """A law that would have lapsed was extended until a day."""

    until: Act


class Ceased(Body):
    """The law ceased to be in force: repealed, lapsed, struck down."""

    how: Line
