"""What does consent to be bound do, and taking it back (VCLT 11-18)?

Between two sides consent is also expressed by an exchange: of two notes, of which the first is an
offer, or of two instruments on one day. Then both sides consent at once.
"""

from collections.abc import Callable

from domain.agreement.entry_into_force import Instrument
from domain.agreement.reservations import unconfirmed
from domain.agreement.state import Agreement, When, seen
from domain.agreement.status_table import CONSENTED
from domain.agreement.transitions import Step, again, consent, move, named, third, uncounted
from domain.claims.interval import latest, may_be_one_day
from events.kinds.agreement import ConsentExpressed, ConsentWithdrawn
from events.value import replace

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


def consented(state: Agreement, body: ConsentExpressed, at: When) -> Step:
    """Consent to be bound (VCLT 11-16); between two sides by note or exchange, both at once."""
    if state.bilateral:
        return _between_two(named(state, body.party), body, at)
    return _alone(state, body, at, _CONSENTING[body.mode])


def _between_two(state: Agreement, body: ConsentExpressed, at: When) -> Step:
    who = body.party
    if third(state, who):
        return Step(state, "two-sides-only", (), who)
    if body.mode == "exchange":
        return _noted(state, who, at)
    if body.established_by == "exchange":
        return _exchanged(state, body, at)
    act = "consents" if body.mode == "notification" else _CONSENTING[body.mode]
    return _alone(state, body, at, act)


def _alone(state: Agreement, body: ConsentExpressed, at: When, act: str) -> Step:
    """Return the step by which one side consents by an act of its own."""
    exchanged = body.mode == "exchange" or body.established_by == "exchange"
    instrument = _instrument(Instrument, (body.party, body.mode, at.acted, exchanged))
    step = consent(state, instrument, at, act, {})
    if body.mode != "ratification" and not state.reservations:
        return step
    return step.finding(*_oddities(state, body, at))


# A tuple with names, without the call that takes the names: one is made for each act.
_instrument: Callable[[type[Instrument], tuple[object, ...]], Instrument] = tuple.__new__


def consent_withdrawn(state: Agreement, body: ConsentWithdrawn, at: When) -> Step:
    """Take consent back before the entry into force: a signatory again, if it had signed."""
    who, own = body.party, state.side(body.party).signed
    step = move(state, who, "withdraws consent", at)
    if step.refused:
        return step
    side = step.state.side(who)
    if own:
        side = replace(side, name="signatory", since=own.text)
    return step.leading_to(uncounted(step.state.having(who, side), who))


def _oddities(state: Agreement, body: ConsentExpressed, at: When) -> tuple[str, ...]:
    """Return what is odd about a consent: the signature, the reservation that it leaves open."""
    who, odd = body.party, []
    before_it = seen(state, who, at.clock)
    unsigned = (body.mode, before_it.name, before_it.signing) == ("ratification", "none", None)
    if unsigned and any(side.signing for one, side in state.acting.items() if one != who):
        odd.append("ratifies-unsigned")
    if before_it.name not in CONSENTED and unconfirmed(state.reservations, who):
        odd.append("reservation-unconfirmed")
    return tuple(odd)


def _noted(state: Agreement, who: str, at: When) -> Step:
    """Exchange notes (VCLT 13): the first is an offer, with the second both sides consent."""
    side, other = state.side(who), _other(state, who)
    if any(seen(state, one, at.clock).name in CONSENTED for one in (who, other)):
        return consent(state, Instrument(who, "exchange", at.acted, True), at, "consents", {})
    offer = state.side(other).offered
    if offer:
        acted, effective = latest(offer.acted, at.acted), latest(offer.effective, at.effective)
        return _both(state, who, "exchange", at._replace(acted=acted, effective=effective))
    if side.offered:
        return again(Step(state, "consents-twice", (), who), at, side.offered)
    return Step(state, None, (), who, replace(side, offered=at))


def _exchanged(state: Agreement, body: ConsentExpressed, at: When) -> Step:
    """Exchange instruments: one act, by which both sides consent on one day (VCLT 16(a))."""
    own = state.side(body.party)
    if own.consent and own.consent.exchanged and may_be_one_day(own.consent.acted, at.acted):
        return Step(state, None, (), body.party)
    return _both(state, body.party, body.mode, at).finding(*_oddities(state, body, at))


def _both(state: Agreement, who: str, mode: str, at: When) -> Step:
    """Return the step by which both sides consent; the other may have done so before."""
    step = consent(state, Instrument(who, mode, at.acted, True), at, "consents", {})
    other = _other(state, who)
    if step.refused or not other:
        return step
    also = consent(step.state, Instrument(other, mode, at.acted, True), at, "consents", {})
    return step if also.refused else step.leading_to(also.state)


def _other(state: Agreement, who: str) -> str:
    return next(iter(state.sides - {who}), "")
