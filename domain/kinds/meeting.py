"""Fold what is known of a meeting."""

from datetime import date

from domain.claims.claim import Claim
from domain.decisions.errors import Findings
from events.body import Body
from events.kinds.meeting import Held
from events.value import Value, replace


class Meeting(Value):
    """A meeting: when and where it was held, who took part (and as what), on which topics."""

    id: str
    on: date
    held: str | None = None
    place: str | None = None
    mode: str | None = None
    participants: tuple[tuple[str, str | None], ...] = ()
    topics: tuple[str, ...] = ()


initial = Meeting


def evolve(state: Meeting, claim: Claim) -> Meeting:
    """Return what is known of the meeting after a claim."""
    match claim.body:
        case Held(participants=participants, mode=mode, topics=topics):
            return replace(
                state,
                held=claim.dates.written,
                place=claim.body.place,
                mode=mode,
                participants=tuple((p.party, p.role) for p in participants),
                topics=topics or (),
            )
    return state


JUDGED = ()


def judge(state: Meeting, body: Body) -> Findings:
    """Return no finding: a meeting forbids nothing."""
    del state, body
    return ()
