"""Fold and judge the acts of a proposal."""

from datetime import date

from domain.claims.claim import Claim
from domain.decisions.errors import Findings
from events.body import Body
from events.kinds.proposal import (
    Enacted,
    Endorsed,
    Rejected,
    Returned,
    Submitted,
    TakenUp,
    Withdrawn,
)
from events.value import Value, replace


class Proposal(Value):
    """A proposal on a day; `acts` are triples of what was done, by whom, and the claim."""

    id: str
    on: date
    stage: str = "mentioned only"
    to: str | None = None
    terms: str | None = None
    acts: tuple[tuple[str, str | None, str], ...] = ()
    law: str | None = None


initial = Proposal


def evolve(state: Proposal, claim: Claim) -> Proposal:
    """Return the proposal after a claim; its stage is the last act."""
    match claim.body:
        case Submitted(to=to, terms=terms):
            return replace(_after(state, "submitted", to, claim), to=to, terms=terms)
        case TakenUp(by=by):
            return _after(state, "taken up", by, claim)
        case Endorsed(by=by, in_part=in_part):
            return _after(state, "endorsed in part" if in_part else "endorsed", by, claim)
        case Rejected(by=by):
            return _after(state, "rejected", by, claim)
        case Returned(by=by):
            return _after(state, "returned", by, claim)
        case Withdrawn():
            return _after(state, "withdrawn", None, claim)
        case Enacted(law=law):
            return replace(_after(state, "enacted", None, claim), law=law)
    return state


def judge(state: Proposal, body: Body) -> Findings:
    """Return the findings a new fact gives rise to: nothing about a proposal is refused."""
    if state.stage in ("withdrawn", "enacted") and not isinstance(body, Submitted):
        return (("after-the-end", f"{state.id} was {state.stage} before"),)
    return ()


def _after(state: Proposal, act: str, by: str | None, claim: Claim) -> Proposal:
    stage = state.stage if act == "submitted" and state.acts else act
    return replace(state, stage=stage, acts=(*state.acts, (act, by, claim.id)))
