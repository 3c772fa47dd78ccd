"""What may happen to an agreement, and what is it after it happened?

One step a type of event gives the agreement after it, the rule that forbids it and what is odd
about it: `evolve` takes the first, `judge` the others, so check and change never drift. The
tables stand in domain/agreement/status_table.py, the clock in domain/agreement/state.py.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeGuard, assert_never, get_args

from domain.agreement import consent, lifecycle, party_acts, reservation_acts, signature
from domain.agreement.binding import BINDING, Gate
from domain.agreement.reservations import Pair, matrix
from domain.agreement.rule_texts import said
from domain.agreement.state import (
    Agreement,
    When,
    computed,
    ended,
    in_force,
    phase,
    seen,
    standing_of,
    standings,
    when,
)
from domain.agreement.status_table import CONSENTED, InForce, Standing
from domain.agreement.transitions import Step, own, taken
from domain.claims.claim import Claim
from domain.claims.interval import Span, before
from domain.decisions.errors import FINE, RuleError, Verdict
from events.body import Body
from events.kinds.agreement import (
    Amended,
    Announced,
    Concluded,
    ConsentExpressed,
    ConsentWithdrawn,
    DeclarationMade,
    Described,
    EnteredIntoForce,
    EnteredIntoForceFor,
    EntryIntoForceRuleSet,
    IntentionNotToBecomeParty,
    NotificationMade,
    ObjectionWithdrawn,
    OpenedForSignature,
    ProvisionallyApplied,
    Registered,
    ReservationFormulated,
    ReservationObjected,
    ReservationWithdrawn,
    Resumed,
    SignatureConfirmed,
    Signed,
    Suspended,
    Terminated,
    TextAdopted,
    WithdrawalNotified,
    WithdrawalRevoked,
)
from events.value import replace

__all__ = [
    "Agreement",
    "InForce",
    "Standing",
    "computed",
    "evolve",
    "in_force",
    "initial",
    "judge",
    "phase",
    "reservations_between",
    "standing_of",
    "standings",
]

Act = (
    Amended
    | Announced
    | Concluded
    | ConsentExpressed
    | ConsentWithdrawn
    | DeclarationMade
    | Described
    | EnteredIntoForce
    | EnteredIntoForceFor
    | EntryIntoForceRuleSet
    | IntentionNotToBecomeParty
    | NotificationMade
    | ObjectionWithdrawn
    | OpenedForSignature
    | ProvisionallyApplied
    | Registered
    | ReservationFormulated
    | ReservationObjected
    | ReservationWithdrawn
    | Resumed
    | Signed
    | SignatureConfirmed
    | Suspended
    | Terminated
    | TextAdopted
    | WithdrawalNotified
    | WithdrawalRevoked
)
_ACTS = frozenset(get_args(Act))
_AFTER_THE_END = (Described, Registered)
# What may be said of these is only that the agreement has ended, by a claim of one of these types.
_ENDING = frozenset(("agreement.terminated", "agreement.withdrawal-notified"))
AGAINST = {
    Amended: _ENDING,
    DeclarationMade: _ENDING,
    Described: frozenset[str](),
    EntryIntoForceRuleSet: _ENDING,
}
_CHANGES_NOTHING = frozenset((Amended, DeclarationMade, Described))
_MOVING = _ACTS - _CHANGES_NOTHING
_BINDING_ONLY = frozenset(
    (
        ConsentExpressed,
        ConsentWithdrawn,
        EnteredIntoForceFor,
        ObjectionWithdrawn,
        ProvisionallyApplied,
        Registered,
        ReservationFormulated,
        ReservationObjected,
        ReservationWithdrawn,
    )
)


def initial(
    thing: str,
    on: date,
    gate: Gate,
    sides: frozenset[str] = frozenset(),
    bilateral: bool | None = None,
) -> Agreement:
    """Return an agreement to which nothing has happened, to be asked about the day `on`.

    `sides` are the parties that the picked description names. It is bilateral if they are
    exactly two, unless the caller knows better; `bilateral=True` without them takes the sides of
    the first two signatures.
    """
    two = len(sides) == 2 if bilateral is None else bilateral
    return Agreement(id=thing, on=on, gate=gate, sides=sides, bilateral=two)


def evolve(state: Agreement, claim: Claim) -> Agreement:
    """Return the agreement after a claim whose day has come; claims about claims change nothing.

    Total: what a rule forbids was recorded as reported, and leads where docs/spec/treaties.md, 3
    to 5, says. A notice of withdrawal comes when it was received, though its effect has not.
    """
    body = claim.body
    if not _is_act(body) or type(body) in _CHANGES_NOTHING:
        return state
    return _step(state, body, when(body, state.on, come=True)).state


def evolve_all(state: Agreement, claims: Iterable[Claim]) -> Agreement:
    """Return the agreement after claims whose days have come: after each in turn, as by `evolve`.

    What a step tells of one side is written into an agreement that nobody else has: copied for
    each act, what fifty sides did is copied fifty times.
    """
    mine, on = own(state), state.on
    for claim in claims:
        body: Any = claim.body
        if type(body) in _MOVING:
            mine = taken(mine, _step(mine, body, when(body, on, come=True)))
    return replace(mine, consents=tuple(mine.consents))


def judge(state: Agreement, body: Body) -> Verdict:
    """Return what the rules say of a new fact, the agreement being folded to its effective day."""
    if not _is_act(body):
        return FINE
    at = when(body, state.on, come=False)
    return _verdict(state, _step(state, body, at), at)


def judged(state: Agreement, claim: Claim) -> tuple[Verdict, Agreement]:
    """Return what the rules say of an act of the one day `state.on`, and the agreement after it.

    The same as `judge` and then `evolve`, in one step: on its own day an act has just come.
    """
    body = claim.body
    if not _is_act(body):
        return FINE, state
    at = when(body, state.on, come=True)
    step = _step(state, body, at)
    return _verdict(state, step, at), step.state


def _is_act(body: Body) -> TypeGuard[Act]:
    return type(body) in _ACTS


def _verdict(state: Agreement, step: Step, at: When) -> Verdict:
    if step.refused is None and not step.found:
        return FINE
    standing = seen(state, step.who, at.clock).name
    findings = tuple(
        (name, said(name, step.who, standing, state.id).sentence) for name in step.found
    )
    if step.refused is None:
        return Verdict(findings=findings)
    rule = said(step.refused, step.who, standing, state.id)
    refusal = RuleError(step.refused, rule.sentence, rule.hint)
    return Verdict(refusal=refusal, findings=findings)


def reservations_between(state: Agreement) -> tuple[Pair, ...]:
    """Return what each reservation does between each pair of States that have consented."""
    consents: dict[str, Span] = {}
    for who, side in state.acting.items():
        if side.consented and seen(state, who, state.on).name in CONSENTED:
            consents[who] = side.consented.acted
    return matrix(state.reservations, consents, state.on)


def _step(state: Agreement, body: Act, at: When) -> Step:
    if state.terminated is None and not state.bilateral:
        return _live(state, body, at)  # as of most: there is nothing else that ends one
    end = ended(state, at.clock)
    if end is None or isinstance(body, _AFTER_THE_END):
        return _live(state, body, at)
    order = before(end.effective, at.effective)
    if order == "yes":
        return Step(state, "after-the-end")
    step = _live(state, body, at)
    return step.finding("order-unclear") if order == "cannot tell" else step


def _live(state: Agreement, body: Act, at: When) -> Step:  # noqa: C901, PLR0912 - one case a type
    if state.gate not in BINDING and type(body) in _BINDING_ONLY:
        return Step(state, "not-binding", (), getattr(body, "party", ""))
    match body:
        case ConsentExpressed():  # in front, as they are most of all acts
            return consent.consented(state, body, at)
        case Signed():
            return signature.signed(lifecycle.reached(state, "open").state, body, at)
        case SignatureConfirmed():
            return signature.confirmed(state, body, at)
        case ConsentWithdrawn():
            return consent.consent_withdrawn(state, body, at)
        case IntentionNotToBecomeParty():
            return party_acts.intends_not(state, body, at)
        case ProvisionallyApplied():
            return party_acts.provisionally_applied(state, body, at)
        case EnteredIntoForceFor():
            return party_acts.in_force_for(state, body, at)
        case WithdrawalNotified():
            return party_acts.withdrawal_notified(state, body, at)
        case WithdrawalRevoked():
            return party_acts.withdrawal_revoked(state, body, at)
        case EntryIntoForceRuleSet():
            return Step(replace(state, rule=body.rule))
        case EnteredIntoForce():
            return lifecycle.entered(state, body, at)
        case NotificationMade():
            return lifecycle.notified(state, body, at)
        case ReservationFormulated():
            return reservation_acts.formulated(state, body, at)
        case ReservationObjected():
            return reservation_acts.objected(state, body, at)
        case ReservationWithdrawn():
            return reservation_acts.reservation_withdrawn(state, body)
        case ObjectionWithdrawn():
            return reservation_acts.objection_withdrawn(state, body)
        case Suspended():
            return lifecycle.suspended(state, body, at)
        case Resumed():
            return lifecycle.resumed(state, body, at)
        case Terminated():
            return lifecycle.terminated(state, at)
        case Registered():
            return lifecycle.registered(state, body, at)
        case Announced():
            return lifecycle.reached(state, "announced")
        case TextAdopted():
            return lifecycle.adopted(state, body, at)
        case Concluded():
            return lifecycle.reached(state, "adopted")
        case OpenedForSignature():
            return lifecycle.opened(state, body, at)
        case Described() | DeclarationMade() | Amended():
            return Step(state)
        case _:
            assert_never(body)
