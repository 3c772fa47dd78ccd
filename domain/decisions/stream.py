"""What has been recorded about one thing, as the aggregate that the repository loads.

All events about a thing, in their order. What is decided about the thing is decided on these, by an
index of them (stream_index).
"""

from collections.abc import Iterable
from typing import NamedTuple

from domain.claims.claim import Claim
from events.event import Event

NOT_YET = 2**60  # a position after all that are recorded


class Stream(NamedTuple):
    """A thing and its events, the n-th with version n; `id` is the thing's."""

    id: str
    claims: tuple[Claim, ...] = ()

    @property
    def version(self) -> int:
        """Return the number of events about the thing."""
        return len(self.claims)


def claim_of(event: Event) -> Claim:
    """Return an event as the fold sees it; one not yet recorded comes after all that is."""
    position = event.position if event.position is not None else NOT_YET + event.version
    return Claim(position, event.version, event.thing, event.type, event.body, event.time or "")


def evolve(stream: Stream | None, events: Iterable[Event]) -> Stream | None:
    """Return the stream after the events; None while there are none."""
    claims = tuple(map(claim_of, events))
    if stream is None:
        return Stream(claims[0].thing, claims) if claims else None
    return Stream(stream.id, (*stream.claims, *claims))
