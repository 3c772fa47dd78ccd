"""Fold and judge the acts of an agreement.

One function a type of event changes the agreement, and names the rule that forbids the act and
what is odd about it: `evolve` takes the first, `judge` the others, so check and change never
drift. The tables stand in domain/agreement/status_table.py, the clock in
domain/agreement/state.py.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from domain.agreement import lifecycle, party_acts
from domain.agreement.binding import BINDING, Binding
from domain.agreement.lifecycle import ActOutcome
from domain.agreement.reservations import Pair, matrix
from domain.agreement.rule_texts import rule_sentence
from domain.agreement.state import (
    ActDays,
    Agreement,
    end_parties,
    last_end,
    note_day,
    when,
    with_ends,
)
from domain.agreement.status_table import CONSENTED
from domain.claims.claim import Claim, Dates, dates_of
from domain.claims.interval import Interval, before, latest
from domain.claims.party_ends import PartyEnd
from domain.decisions.errors import Findings
from events.body import Body
from events.dates import Answer
from events.kinds import agreement as acts
from events.value import replace

_AFTER_THE_END = (acts.Described, acts.Registered)
_NOTICES = (acts.WithdrawalNotified, acts.WithdrawalPostponed)
# What may be said of these is only that the agreement has ended, by a claim of one of these types.
_ENDING = frozenset(("agreement.terminated", "agreement.withdrawal-notified"))
AGAINST = {
    acts.Amended: _ENDING,
    acts.DeclarationMade: _ENDING,
    acts.Described: frozenset[str](),
    acts.EntryIntoForceRuleSet: _ENDING,
}
_BINDING_ONLY = frozenset(
    (
        acts.ConsentExpressed,
        acts.ConsentWithdrawn,
        acts.EnteredIntoForceFor,
        acts.ObjectionWithdrawn,
        acts.ProvisionallyApplied,
        acts.Registered,
        acts.ReservationFormulated,
        acts.ReservationObjected,
        acts.ReservationWithdrawn,
    )
)


def initial(
    thing: str,
    on: date,
    binding: Binding,
    sides: frozenset[str] = frozenset(),
    *,
    moment: datetime | None = None,
    coming: Mapping[str, Iterable[tuple[Dates, Answer]]] | None = None,
    ends: tuple[PartyEnd, ...] = (),
) -> Agreement:
    """Return an agreement to which nothing has happened, to be asked about the day `on`.

    `sides` are the parties that the selected description names. It is bilateral if they are
    exactly two. `coming` are the days of entry into force that are claimed and have not certainly
    come, by the mode or the party; `ends` what is claimed about the parties.
    """
    days = {
        whose: tuple(_coming_day(dates, on, holds) for dates, holds in claimed)
        for whose, claimed in (coming or {}).items()
    }
    return Agreement(
        id=thing,
        on=on,
        moment=moment,
        binding=binding,
        sides=sides,
        bilateral=len(sides) == 2,
        coming=days,
        ends=ends,
    )


def _coming_day(dates: Dates, on: date, holds: Answer) -> ActDays:
    """Return the days of what has not certainly come; where it certainly has not, later ones."""
    at = when(dates, on, come=False)
    if holds != "no":
        return at
    following = date.max if on == date.max else on + timedelta(1)
    return replace(at, effective=latest(at.effective, Interval(following, following)))


def evolve(state: Agreement, claim: Claim) -> Agreement:
    """Return the agreement after a claim whose day has come, or a notice that was received.

    Total: what a rule forbids was recorded as reported, and leads where docs/spec/treaties.md, 3
    to 5, says.
    """
    return evolve_all(state, (claim,))


def evolve_all(state: Agreement, claims: Iterable[Claim]) -> Agreement:
    """Return the agreement after claims whose days have come: after each in turn."""
    after, on, at_instant = state.copy(), state.on, state.moment is not None
    for claim in claims:
        body = claim.body
        step = STEPS.get(type(body))
        if step is not None:
            _apply(after, body, when(claim.dates, on, come=True, at_instant=at_instant), step)
    return after


def judge(state: Agreement, body: Body) -> Findings:
    """Return what the rules say of a new fact, the agreement being folded to its effective day."""
    step = STEPS.get(type(body))
    if step is None:
        return ()
    at = when(dates_of(body), state.on, come=False)
    return _findings(state, _apply(state.copy(), body, at, step), at)


def judge_and_evolve(state: Agreement, claim: Claim) -> tuple[Findings, Agreement]:
    """Return what `judge` says of an act of one day that has come, and the agreement after it.

    Of such an act both look at the same days, so that it is applied once.
    """
    step = STEPS.get(type(claim.body))
    if step is None:
        return (), state
    after, at = state.copy(), when(claim.dates, state.on, come=True)
    return _findings(state, _apply(after, claim.body, at, step), at), after


def _findings(state: Agreement, outcome: ActOutcome, at: ActDays) -> Findings:
    """Return what is to be said of an act, `state` being the agreement before it."""
    if not outcome.found:
        return ()
    who, status = outcome.who, note_day(state, outcome.who, at.clock).name
    return tuple((name, rule_sentence(name, who, status, state.id)) for name in outcome.found)


def reservations_between(state: Agreement) -> tuple[Pair, ...]:
    """Return what each reservation does between each pair of States that have consented."""
    state = with_ends(state, state.on)
    consents: dict[str, Interval] = {}
    for who, side in state.acting.items():
        if side.consented and note_day(state, who, state.on).name in CONSENTED:
            consents[who] = side.consented.acted
    return matrix(state.reservations, consents, state.on)


def _apply(state: Agreement, body: Any, at: ActDays, step: "Step") -> ActOutcome:
    """Change an agreement by an act, and return what is to be said of it."""
    given = at.effective
    if type(body) in _NOTICES:  # which come on the day on which they are given
        given = at.acted
        at = replace(at, clock=min(at.clock, given.last))
    if state.ends:  # of an act of unknown day nothing came before
        day = min(at.clock, max(at.effective.first, at.acted.first))
        end_parties(state, day)
    if state.binding not in BINDING and type(body) in _BINDING_ONLY:
        step = _not_binding
    if state.terminated is None and not state.bilateral:
        return step(state, body, at)  # as of most: there is nothing else that ends one
    end = last_end(state, at.clock)
    if end and end is not state.terminated and _consents_again(state, body, at, end):
        lifecycle.revive(state, at.clock)
        return _between_two(state, body, at, step).finding("consents-after-the-end")
    if end is None or isinstance(body, _AFTER_THE_END):
        return _between_two(state, body, at, step)
    order = before(end.effective, at.effective)
    if "yes" in (order, before(end.effective, given)):
        return ActOutcome(found=("after-the-end",))
    outcome = _between_two(state, body, at, step)
    return outcome.finding("order-unclear") if order == "cannot tell" else outcome


def _consents_again(state: Agreement, body: Any, at: ActDays, end: ActDays) -> bool:
    """Say whether one of two sides consents on or after the day of the end that a notice brought.

    On a paper that does not bind each signature does what consent does to a text that binds.
    """
    if at.effective.first < end.effective.last:
        return False
    if lifecycle.is_third(state, party_acts.actor(state, body)):
        return False
    if isinstance(body, acts.ConsentExpressed):
        return state.binding in BINDING and body.mode != "succession"
    definitive = isinstance(body, acts.Signed) and body.mode == "definitive"
    return definitive or (isinstance(body, acts.Signed) and state.binding not in BINDING)


def _between_two(state: Agreement, body: Any, at: ActDays, step: "Step") -> ActOutcome:
    """Apply an act to an agreement that has perhaps two sides: that of a third moves nothing."""
    if state.bilateral:
        if isinstance(body, acts.ConsentExpressed) and body.mode == "succession":
            party_acts.succeed(state, body)
            if not body.predecessor and lifecycle.is_third(state, body.party):
                return ActOutcome(body.party, ("predecessor-not-stated",))
        if lifecycle.is_third(state, who := party_acts.actor(state, body)) and who:
            return ActOutcome(who, ("two-sides-only",))
    return step(state, body, at)


def _not_binding(_: Agreement, body: Any, _at: ActDays) -> ActOutcome:
    return ActOutcome(getattr(body, "party", ""), ("not-binding",))


def _nothing(_: Agreement, _body: Body, _at: ActDays) -> ActOutcome:
    return ActOutcome()


# What each type of event does to an agreement; claims about claims and of other kinds do nothing.
Step = Callable[[Agreement, Any, ActDays], ActOutcome]
STEPS: dict[type[Body], Step] = {
    acts.Amended: _nothing,
    acts.Announced: lambda state, _, __: lifecycle.reach_stage(state, "announced"),
    acts.Concluded: lambda state, _, __: lifecycle.reach_stage(state, "adopted"),
    acts.ConsentExpressed: party_acts.consented,
    acts.ConsentWithdrawn: party_acts.consent_withdrawn,
    acts.DeclarationMade: _nothing,
    acts.Described: _nothing,
    acts.EnteredIntoForce: lifecycle.entered,
    acts.EnteredIntoForceFor: party_acts.in_force_for,
    acts.EntryIntoForceRuleSet: lifecycle.rule_set,
    acts.IntentionNotToBecomeParty: party_acts.intends_not,
    acts.NotificationMade: lifecycle.notified,
    acts.ObjectionWithdrawn: party_acts.objection_withdrawn,
    acts.OpenedForSignature: lifecycle.opened,
    acts.ProvisionallyApplied: party_acts.provisionally_applied,
    acts.Registered: lifecycle.registered,
    acts.ReservationFormulated: party_acts.formulated,
    acts.ReservationObjected: party_acts.objected,
    acts.ReservationWithdrawn: party_acts.reservation_withdrawn,
    acts.Resumed: lifecycle.resumed,
    acts.Signed: party_acts.signed,
    acts.SignatureConfirmed: party_acts.signature_confirmed,
    acts.Suspended: lifecycle.suspended,
    acts.Terminated: lifecycle.terminated,
    acts.TerritoryExcluded: party_acts.territory_excluded,
    acts.TerritoryIncluded: party_acts.territory_included,
    acts.TextAdopted: lifecycle.adopted,
    acts.WithdrawalNotified: party_acts.withdrawal_notified,
    acts.WithdrawalPostponed: party_acts.withdrawal_postponed,
    acts.WithdrawalRevoked: party_acts.withdrawal_revoked,
}
