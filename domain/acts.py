"""What does an act of one side do to its standing?

Every function takes the agreement before the act, the body and its days, and gives the step: the
agreement after it, the rule that forbids it (then the agreement is what a record made all the
same leads to) and what is odd about it.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from domain.entry_into_force import DEFINITIVE_SIGNATURE, Instrument
from domain.gate import binds
from domain.reservations import unconfirmed
from domain.sides import Agreement, Lasting, Side, When, in_force_by, seen
from domain.spans import before, latest, may_be_one_day, span
from domain.standing import BOUND, CONSENTED, Name, transition
from events.agreement import (
    ConsentExpressed,
    ConsentWithdrawn,
    EnteredIntoForceFor,
    IntentionNotToBecomeParty,
    ProvisionallyApplied,
    SignatureConfirmed,
    Signed,
    WithdrawalNotified,
    WithdrawalRevoked,
)

_SIGNING = {
    "ad-referendum": "signs ad referendum",
    "definitive": "signs definitively",
    "initialling": "initials",
    "simple": "signs",
    "succession": "succeeds to signature",
    "unstated": "signs",
}
_CONSENTING = {
    "acceptance": "accepts",
    "approval": "accepts",
    "formal-confirmation": "accepts",
    "ratification": "ratifies",
    "accession": "accedes",
    "notification": "accedes",
    "participation": "accedes",
    "simplified-procedure": "accedes",
    "succession": "accedes",
    "exchange": "consents",
    "unstated": "consents",
}


class Step(NamedTuple):
    """The agreement after an act, the rule that forbids it, what is odd, and whose act it is."""

    state: Agreement
    refused: str | None = None
    found: tuple[str, ...] = ()
    who: str = ""

    def finding(self, *names: str) -> "Step":
        """Return the step with more findings."""
        return self._replace(found=(*self.found, *names))


def move(state: Agreement, who: str, act: str, at: When, **kept: Any) -> Step:
    """Return the step of one cell; `kept` is what the side's record keeps of an act that counts."""
    side, now = state.side(who), seen(state, who, at.clock)
    cell = transition(act, now.name, treaty=binds(state.gate))
    found = (cell.found,) if cell.found else ()
    if cell.to != now.name:
        side = replace(_moved(side, now.name, cell.to, at), **kept)
    elif not cell.refused and not cell.found:
        side = replace(side, **kept)
    return Step(state.having(who, side), cell.refused, found, who)


def signed(state: Agreement, body: Signed, at: When) -> Step:
    """Sign, in any mode (VCLT 10-12); on a paper that binds nobody all modes are alike."""
    who = side_of(state, body)
    state = _named(state, who)
    kept: dict[str, Any] = {"signing": at, "unstated": body.mode == "unstated"}
    if not binds(state.gate):
        return move(state, who, "signs", at, **kept, signed=at)
    if body.mode == "initialling":
        return move(state, who, "initials", at)
    odd = []
    if state.closes and before(state.closes, at.effective) == "yes":
        odd.append("signature-after-closing")
    if _third(state, who):
        if body.mode == "definitive":
            return Step(state, "two-sides-only", (), who)
        odd.append("two-sides-only")
    if body.mode != "ad-referendum":
        kept["signed"] = at
    if body.mode == "definitive":
        step = _consent(state, Instrument(who, DEFINITIVE_SIGNATURE, at.acted), at, body.mode, kept)
    else:
        step = _again(
            move(state, who, _SIGNING[body.mode], at, **kept), at, state.side(who).signing
        )
    return step.finding(*odd)


def side_of(state: Agreement, body: Signed) -> str:
    """Return for which side of the table a signatory signs: `for`, else the signatory itself.

    Where a description names the signatory and not the other as a party, the signatory is the
    side: `for` never says that the State is bound.
    """
    if body.for_ is None or (body.party in state.sides and body.for_ not in state.sides):
        return body.party
    return body.for_


def confirmed(state: Agreement, body: SignatureConfirmed, at: When) -> Step:
    """Confirm a signature ad referendum (VCLT 12(2)(b))."""
    who = body.party
    if body.effect == "simple":
        return move(state, who, "confirms simply", at, signed=at)
    instrument = Instrument(who, DEFINITIVE_SIGNATURE, at.acted)
    kept = {"signed": at, "consent": instrument, "consented": at}
    return _counted(move(state, who, "confirms definitively", at, **kept), instrument)


def consented(state: Agreement, body: ConsentExpressed, at: When) -> Step:
    """Consent to be bound (VCLT 11-16); between two sides by note or exchange, both at once."""
    who, exchanged = body.party, "exchange" in (body.established_by, body.mode)
    state = _named(state, who)
    if _third(state, who):
        return Step(state, "two-sides-only", (), who)
    if state.bilateral and body.mode == "exchange":
        return _noted(state, who, at)
    if state.bilateral and exchanged:
        return _exchanged(state, body, at)
    act = _CONSENTING[body.mode]
    if state.bilateral and body.mode == "notification":
        act = "consents"
    step = _consent(state, Instrument(who, body.mode, at.acted, exchanged), at, act, {})
    return step.finding(*_odd_consent(state, body, at))


def consent_withdrawn(state: Agreement, body: ConsentWithdrawn, at: When) -> Step:
    """Take consent back before the entry into force: a signatory again, if it had signed."""
    who, own = body.party, state.side(body.party).signed
    step = move(state, who, "withdraws consent", at)
    if step.refused:
        return step
    side = step.state.side(who)
    if own:
        side = replace(side, name="signatory", since=own.text)
    return step._replace(state=_uncounted(step.state.having(who, side), who))


def intends_not(state: Agreement, body: IntentionNotToBecomeParty, at: When) -> Step:
    """Make clear that it will not become a party: this ends provisional application too (25(2))."""
    who, side = body.party, state.side(body.party)
    if side.name == "none" and side.provisional:
        return Step(state.having(who, replace(side, provisional=())), None, (), who)
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
            step = step._replace(state=_uncounted(step.state, who))
        return _again(step, at, state.side(who).notice)
    if any(_revokes(one, notice) for one in state.side(who).revoked):
        return step._replace(state=state)
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
        side = replace(remembered.side(who), notice=None)
        return Step(remembered.having(who, side), None, ("out-of-order",), who)
    step = move(remembered, who, "revokes", at, since=side.held, notice=None)
    if step.refused or side.notice is None:
        return step
    order = before(at.acted, side.notice.effective)
    if order == "no":
        return Step(remembered, "took-effect", (), who)
    return step if order == "yes" else step.finding("order-unclear")


def _moved(side: Side, now: Name, to: Name, at: When) -> Side:
    """Return the record of a side in another standing, rid of what no longer holds."""
    side = replace(side, name=to, since=at.text, notice=None, held=None)
    if now in BOUND:
        side = replace(side, provisional=())
    if to in CONSENTED:
        return replace(side, intends_not=False, offered=None)
    return replace(side, consent=None, consented=None, intends_not=False)


def _consent(
    state: Agreement, instrument: Instrument, at: When, act: str, kept: dict[str, Any]
) -> Step:
    act = _SIGNING.get(act, act)
    earlier = state.side(instrument.party)
    kept = {**kept, "consent": instrument, "consented": at}
    step = _counted(move(state, instrument.party, act, at, **kept), instrument)
    alike = earlier.consent is not None and earlier.consent.mode == instrument.mode
    return _again(step, at, earlier.consented if alike else None)


def _odd_consent(state: Agreement, body: ConsentExpressed, at: When) -> tuple[str, ...]:
    """Return what is odd about a consent: the signature, the reservation that it leaves open."""
    who, odd = body.party, []
    before_it = seen(state, who, at.clock)
    others = any(side.signing for party, side in state.acting.items() if party != who)
    if (body.mode, before_it.name, before_it.signing) == ("ratification", "none", None) and others:
        odd.append("ratifies-unsigned")
    if before_it.name not in CONSENTED and unconfirmed(state.reservations, who):
        odd.append("reservation-unconfirmed")
    return tuple(odd)


def _noted(state: Agreement, who: str, at: When) -> Step:
    """Exchange notes (VCLT 13): the first is an offer, with the second both sides consent."""
    side, other = state.side(who), _other(state, who)
    if (
        seen(state, who, at.clock).name in CONSENTED
        or seen(state, other, at.clock).name in CONSENTED
    ):
        return _consent(state, Instrument(who, "exchange", at.acted, True), at, "consents", {})
    offer = state.side(other).offered
    if offer:
        acted, effective = latest(offer.acted, at.acted), latest(offer.effective, at.effective)
        return _both(state, who, "exchange", at._replace(acted=acted, effective=effective))
    if side.offered:
        return _again(Step(state, "consents-twice", (), who), at, side.offered)
    return Step(state.having(who, replace(side, offered=at)), None, (), who)


def _exchanged(state: Agreement, body: ConsentExpressed, at: When) -> Step:
    """Exchange instruments: one act, by which both sides consent on one day (VCLT 16(a))."""
    own = state.side(body.party)
    if own.consent and own.consent.exchanged and may_be_one_day(own.consent.acted, at.acted):
        return Step(state, None, (), body.party)
    return _both(state, body.party, body.mode, at).finding(*_odd_consent(state, body, at))


def _both(state: Agreement, who: str, mode: str, at: When) -> Step:
    step = _consent(state, Instrument(who, mode, at.acted, True), at, "consents", {})
    other = _other(state, who)
    if step.refused or not other:
        return step
    also = _consent(step.state, Instrument(other, mode, at.acted, True), at, "consents", {})
    return step if also.refused else step._replace(state=also.state)


def _again(step: Step, at: When, earlier: When | None) -> Step:
    """Return the step as a finding where another asserter may tell of one and the same act."""
    twice = step.refused is not None and step.refused.endswith("-twice")
    if twice and earlier and earlier.by != at.by and may_be_one_day(earlier.acted, at.acted):
        return step._replace(refused=None).finding("reported-again")
    return step


def _counted(step: Step, instrument: Instrument) -> Step:
    """Return the step with the instrument counted, if it is the one by which the side is bound."""
    if step.state.side(instrument.party).consent is not instrument:
        return step
    consents = (*step.state.consents, instrument)
    return step._replace(state=replace(step.state, consents=consents))


def _uncounted(state: Agreement, who: str) -> Agreement:
    consents = tuple(one for one in state.consents if one.party != who)
    return replace(state, consents=consents)


def _revokes(revocation: When, notice: When) -> bool:
    """Say whether a revocation came between a notice and its effect."""
    after_notice = before(revocation.acted, notice.acted) != "yes"
    return after_notice and before(revocation.acted, notice.effective) == "yes"


def _named(state: Agreement, who: str) -> Agreement:
    """Return a bilateral agreement with a side that nobody but its act names."""
    if state.bilateral and len(state.sides) < 2:
        return replace(state, sides=state.sides | {who})
    return state


def _third(state: Agreement, who: str) -> bool:
    return state.bilateral and len(state.sides) == 2 and who not in state.sides


def _other(state: Agreement, who: str) -> str:
    return next(iter(state.sides - {who}), "")
