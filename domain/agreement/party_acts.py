"""What else does one side do: apply provisionally, give notice, revoke it, stay away?"""

from domain.agreement.binding import binds
from domain.agreement.state import Agreement, Lasting, When, in_force_by, seen
from domain.agreement.transitions import Step, again, move, uncounted
from domain.claims.interval import before, span
from events.kinds.agreement import (
    EnteredIntoForceFor,
    IntentionNotToBecomeParty,
    ProvisionallyApplied,
    WithdrawalNotified,
    WithdrawalRevoked,
)
from events.value import replace


def intends_not(state: Agreement, body: IntentionNotToBecomeParty, at: When) -> Step:
    """Make clear that it will not become a party: this ends provisional application too (25(2))."""
    who, side = body.party, state.side(body.party)
    if side.name == "none" and side.provisional:
        return Step(state, None, (), who, replace(side, provisional=()))
    signatory = seen(state, who, at.clock).name == "signatory"
    return move(state, who, "intends not", at, provisional=(), intends_not=signatory)


def provisionally_applied(state: Agreement, body: ProvisionallyApplied, at: When) -> Step:
    """Apply it provisionally (VCLT 25(1)), which is not consent."""
    lasting = (Lasting(body.effective, body.zone),)
    return move(state, body.party, "applies provisionally", at, provisional=lasting)


def in_force_for(state: Agreement, body: EnteredIntoForceFor, at: When) -> Step:
    """Enter into force for one side (VCLT 24(3)), once it is in force at all."""
    who = body.party
    if state.bilateral:
        return Step(state, "enters-for-both", (), who)
    step = move(state, who, "enters for it", at)
    if step.refused or step.found:
        return step
    by_then = in_force_by(state, at.effective)
    if by_then == "no":
        return step._replace(refused="not-in-force-at-all")
    return step if by_then == "yes" else step.finding("order-unclear")


def withdrawal_notified(state: Agreement, body: WithdrawalNotified, at: When) -> Step:
    """Give notice: withdrawing from the notice, former from its effect, by the clock (VCLT 65)."""
    who, now = body.party, seen(state, body.party, at.clock)
    effect = span(body.effective, body.zone)
    if body.effective is None and not binds(state.gate):
        effect = at.effective  # no notice period by law
    notice = at._replace(text=body.effective or body.acted, effective=effect)
    received = at._replace(text=body.acted or body.effective)
    step = move(state, who, "withdraws", received, notice=notice, held=now.since)
    if step.refused:
        if now.name == "contracting":
            step = step.leading_to(uncounted(step.state, who))
        return again(step, at, state.side(who).notice)
    if any(_revokes(one, notice) for one in state.side(who).revoked):
        return step.leading_to(state)
    order = before(effect, notice.acted) if body.effective else "no"
    if order == "yes":
        return step._replace(refused="effect-before-notice")
    return step.finding("order-unclear") if order == "cannot tell" else step


def withdrawal_revoked(state: Agreement, body: WithdrawalRevoked, at: When) -> Step:
    """Revoke a notice until it takes effect (VCLT 68).

    A revocation is remembered: the notice it revokes is dated by its later effect, and so comes
    after it in the order of the fold.
    """
    who, side = body.party, state.side(body.party)
    remembered = state.having(who, replace(side, revoked=(*side.revoked, at)))
    if not binds(state.gate):
        return _still_there(state, who, at)
    step = move(remembered, who, "revokes", at, since=side.held, notice=None)
    if step.refused or side.notice is None:
        return step
    order = before(at.acted, side.notice.effective)
    if order == "no":
        return Step(remembered, "took-effect", (), who)
    return step if order == "yes" else step.finding("order-unclear")


def _still_there(state: Agreement, who: str, at: When) -> Step:
    """Take back the announcement of leaving a paper: no table knows it, but nobody leaves then."""
    side = state.side(who)
    if seen(state, who, at.clock).name == "participant":
        side = replace(side, notice=None, revoked=(*side.revoked, at))
    return Step(state, None, ("out-of-order",), who, side)


def _revokes(revocation: When, notice: When) -> bool:
    """Say whether a revocation came between a notice and its effect."""
    after_notice = before(revocation.acted, notice.acted) != "yes"
    return after_notice and before(revocation.acted, notice.effective) == "yes"
