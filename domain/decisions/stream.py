"""What has been recorded about one thing, and how does it grow?

The aggregate that the repository loads: all events about a thing, in their order. Whatever is
decided about the thing is decided by folding these.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from domain.claims.claim import Claim
from domain.claims.effective_claims import EffectiveClaims, effective_claims
from events.event import Event


@dataclass(frozen=True)
class History:
    """A thing and its events, the n-th with version n; `id` is the thing's."""

    id: str
    claims: tuple[Claim, ...] = ()

    @property
    def version(self) -> int:
        """Return the number of events about the thing."""
        return len(self.claims)

    @cached_property
    def by_id(self) -> dict[str, Claim]:
        """Return the events by their ids."""
        return {claim.id: claim for claim in self.claims}

    @cached_property
    def standing(self) -> EffectiveClaims:
        """Return what stands of all that was recorded."""
        return effective_claims(self.claims)

    def after(self, claim: Claim) -> "History":
        """Return the history with one more claim.

        What stands is carried over where it speaks of no other: a file of many facts about one
        thing would else take the square of their number.
        """
        grown = History(self.id, (*self.claims, claim))
        if not claim.type.startswith("claim."):
            stands = self.standing
            object.__setattr__(grown, "standing", stands._replace(claims=(*stands.claims, claim)))
        return grown


def claim_of(event: Event) -> Claim:
    """Return an event as the fold sees it; one not yet recorded comes after all that is."""
    position = event.position if event.position is not None else NOT_YET + event.version
    return Claim(position, event.version, event.thing, event.type, event.body, event.time or "")


def evolve(history: History | None, events: Iterable[Event]) -> History | None:
    """Return the history after the events; None while there are none."""
    claims = tuple(map(claim_of, events))
    if history is None:
        return History(claims[0].thing, claims) if claims else None
    return History(history.id, (*history.claims, *claims))


NOT_YET = 2**60
