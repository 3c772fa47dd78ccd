"""Apply what happens to reservations: formulated, objected to, withdrawn (VCLT 19-23).

What a rule forbids is kept all the same where it was recorded as reported: between whom it has an
effect, the pairs say (domain/agreement/reservations.py).
"""

from domain.agreement.reservations import (
    Objection,
    Reservation,
    find_reservation,
    formulate,
    object_to,
    withdraw_objection,
    without,
)
from domain.agreement.state import ActDays, Agreement, note_day
from domain.agreement.status_table import CONSENTED, Name
from domain.agreement.transitions import ActOutcome, move
from domain.claims.interval import interval, may_be_one_day
from events.kinds.agreement import (
    ObjectionWithdrawn,
    ReservationFormulated,
    ReservationObjected,
    ReservationWithdrawn,
)

_SIGNATORIES: tuple[Name, ...] = ("signatory ad referendum", "signatory")


def formulated(state: Agreement, body: ReservationFormulated, at: ActDays) -> ActOutcome:
    """Formulate a reservation when signing or consenting (VCLT 19), or confirm one (23(2))."""
    who, now = body.party, note_day(state, body.party, at.clock)
    moment = now.consented if now.name in CONSENTED else now.signing
    with_it = moment is not None and may_be_one_day(moment.acted, at.acted)
    certain = moment is not None and moment.acted == at.acted and at.acted.day is not None
    confirming = body.confirms is not None and now.name in _SIGNATORIES
    act = "reserves with its act" if with_it or confirming else "reserves later"
    outcome = move(state, who, act, at)
    if with_it and not certain and not outcome.refused:
        outcome = outcome.finding("order-unclear")
    if state.bilateral:
        outcome = outcome.finding("counter-offer")
    if find_reservation(state.reservations, body.ref) and body.ref != body.confirms:
        outcome = outcome.finding("reference-taken")
    one = Reservation(
        ref=body.ref,
        party=who,
        acted=at.acted,
        articles=body.articles or (),
        notified=interval(body.notified, body.zone) if body.notified else None,
        confirms=body.confirms,
        on_signature=with_it and not confirming and now.name in _SIGNATORIES,
    )
    state.reservations = formulate(state.reservations, one)
    return outcome


def objected(state: Agreement, body: ReservationObjected, at: ActDays) -> ActOutcome:
    """Object to a reservation (VCLT 20(4)(b)); that of a signatory waits for its consent."""
    outcome = move(state, body.by, "objects", at)
    if find_reservation(state.reservations, body.ref) is None:
        outcome = outcome.finding("unknown-reservation")
    objection = Objection(by=body.by, acted=at.acted, precludes=bool(body.precludes))
    state.reservations = object_to(state.reservations, body.ref, objection)
    return outcome


def reservation_withdrawn(state: Agreement, body: ReservationWithdrawn, _: ActDays) -> ActOutcome:
    """Withdraw a reservation (VCLT 22(1))."""
    one = find_reservation(state.reservations, body.ref)
    if one is None:
        return ActOutcome(refused="unknown-reservation")
    state.reservations = without(state.reservations, body.ref)
    return ActOutcome(one.party)


def objection_withdrawn(state: Agreement, body: ObjectionWithdrawn, _: ActDays) -> ActOutcome:
    """Withdraw an objection (VCLT 22(2))."""
    one = find_reservation(state.reservations, body.ref)
    if one is None:
        return ActOutcome(body.by, "unknown-reservation")
    found = () if any(o.by == body.by for o in one.objections) else ("unknown-objection",)
    state.reservations = withdraw_objection(state.reservations, body.ref, body.by)
    return ActOutcome(body.by, found=found)
