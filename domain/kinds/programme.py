"""Fold and judge the acts of an IMF programme: made available, and drawn.

Made available is what approval and completed reviews released; drawn is what was disbursed. The
two are never mixed: in SDR, hundredths of a unit (`xdr-minor`).
"""

from collections.abc import Sequence
from datetime import date

from domain.claims.claim import Claim
from domain.decisions.errors import Findings
from domain.kinds.balance import NOTHING, Balance
from domain.kinds.possible_events import NO_EVENTS, PossibleEvents
from events.amounts import Quantity, write_amount
from events.body import Body
from events.kinds import programme as acts
from events.value import Value, replace


class Programme(Value):
    """A programme on a day; amounts in `xdr-minor`.

    `conditions` are triples of ref, the claim that set it and the verdict last given; `reviews`
    the numbers of those completed; `stage` how far it has come; `ended` when it was cancelled or
    expired.
    """

    id: str
    on: date
    stage: str = "mentioned only"
    facility: str | None = None
    months: int | None = None
    approved: str | None = None
    ended: str | None = None
    access: Quantity | None = None
    access_usd: Quantity | None = None
    available: Balance = NOTHING
    drawn: Balance = NOTHING
    possible: PossibleEvents = NO_EVENTS
    reviews: tuple[int, ...] = ()
    conditions: tuple[tuple[str, str, str | None], ...] = ()


initial = Programme


def moves(body: Body) -> Sequence[tuple[str, int, Quantity | None]]:
    """Return what a disbursement adds to what is drawn."""
    return (("drawn", 1, body.amount),) if isinstance(body, acts.Disbursed) else ()


def evolve(state: Programme, claim: Claim) -> Programme:
    """Return the programme after a claim."""
    match claim.body:
        case acts.StaffLevelAgreementReached() if state.stage == "mentioned only":
            return replace(state, stage="agreed by staff")
        case acts.Approved(available=released):
            return replace(
                state,
                stage="approved",
                facility=claim.body.facility or state.facility,
                months=claim.body.months or state.months,
                approved=claim.dates.written,
                ended=None,
                access=claim.body.access or state.access,
                access_usd=claim.body.access_usd or state.access_usd,
                available=state.available.plus(released),
            )
        case acts.ReviewCompleted(n=n, available=released):
            reviews = tuple(sorted({*state.reviews, n}))
            return replace(state, reviews=reviews, available=state.available.plus(released))
        case acts.Disbursed(amount=amount):
            repeated = state.possible.repeats.get(claim.id, {}).get("drawn", 0)
            return replace(state, drawn=state.drawn.plus(amount, repeated))
        case acts.Modified(access=access, months=months):
            return replace(state, access=access or state.access, months=months or state.months)
        case acts.Cancelled():
            return replace(state, stage="cancelled", ended=claim.dates.written)
        case acts.Expired():
            return replace(state, stage="expired", ended=claim.dates.written)
        case acts.ConditionSet(ref=ref):
            return replace(state, conditions=_told(state, ref, claim.id, None))
        case acts.ConditionAssessed(ref=ref, verdict=verdict):
            return replace(state, conditions=_told(state, ref, claim.id, verdict))
    return state


MEASURED = True  # the verdict given last on each condition
JUDGED = (acts.ConditionAssessed, acts.Disbursed, acts.ReviewCompleted)


def judge(state: Programme, body: Body) -> Findings:
    """Return the findings a new fact gives rise to: nothing about a programme is refused."""
    findings: list[tuple[str, str]] = []
    if isinstance(body, acts.ReviewCompleted | acts.Disbursed) and state.stage in (
        "cancelled",
        "expired",
    ):
        findings.append(("after-the-end", f"{state.id} was {state.stage} before"))
    if isinstance(body, acts.Disbursed) and state.access is not None:
        findings += _overdrawn(state.access, state.drawn.plus(body.amount))
    if isinstance(body, acts.ConditionAssessed) and body.ref not in {
        c[0] for c in state.conditions
    }:
        findings.append(("unknown-condition", f"no claim sets the condition {body.ref}"))
    return tuple(findings)


def _told(
    state: Programme, ref: str, claim: str, verdict: str | None
) -> tuple[tuple[str, str, str | None], ...]:
    """Return the conditions with one set or assessed: an assessment may be dated before."""
    known = {condition[0]: condition for condition in state.conditions}
    first, before = known[ref][1:] if ref in known else (claim, None)
    known[ref] = (ref, first, verdict or before)
    return tuple(known.values())


def _overdrawn(access: Quantity, drawn: Balance) -> list[tuple[str, str]]:
    if access.upper is None or drawn.lower is None or drawn.lower <= access.upper:
        return []
    sentence = (
        f"{write_amount(drawn.lower, 'xdr-minor')} drawn in all, "
        f"but access is {write_amount(access.upper, 'xdr-minor')}"
    )
    return [("overdrawn", sentence)]
