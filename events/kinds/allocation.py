"""Define the events of an allocation: power set aside for a purpose.

An allocation is not its tariff; power in watts.
"""

from typing import Annotated

from events.amounts import Quantity, Units
from events.body import Body
from events.fields import Line, PartyId, Slug, Sorted

Power = Annotated[Quantity, Units("w")]


class Allocated(Body):
    """Power was set aside, for purposes, in a phase, by an authority."""

    power: Power | None = None
    purposes: Annotated[tuple[Slug, ...], Sorted()]
    phase: Line | None = None
    authority: PartyId | None = None


class Amended(Body):
    """The power set aside was changed to `power`."""

    power: Power | None = None


class Energised(Body):
    """Power began to flow, in a phase; absent `power`: how much is not stated."""

    power: Power | None = None
    phase: Line | None = None


class Withdrawn(Body):
    """The allocation was withdrawn."""
