"""What does a signature do to a side's standing (VCLT 10-12)?"""

from typing import Any

from domain.agreement.binding import binds
from domain.agreement.entry_into_force import DEFINITIVE_SIGNATURE, Instrument
from domain.agreement.state import Agreement, When
from domain.agreement.transitions import Step, again, consent, move, named, third
from domain.claims.interval import before
from events.kinds.agreement import SignatureConfirmed, Signed

_SIGNING = {
    "ad-referendum": "signs ad referendum",
    "definitive": "signs definitively",
    "initialling": "initials",
    "simple": "signs",
    "succession": "succeeds to signature",
    "unstated": "signs",
}


def signed(state: Agreement, body: Signed, at: When) -> Step:
    """Sign, in any mode (VCLT 10-12); on a paper that binds nobody all modes are alike."""
    who = side_of(state, body)
    state = named(state, who)
    kept: dict[str, Any] = {"signing": at, "unstated": body.mode == "unstated"}
    if not binds(state.gate):
        return move(state, who, "signs", at, **kept, signed=at)
    if body.mode == "initialling":
        return move(state, who, "initials", at)
    odd = []
    if state.closes and before(state.closes, at.effective) == "yes":
        odd.append("signature-after-closing")
    if third(state, who):
        if body.mode == "definitive":
            return Step(state, "two-sides-only", (), who)
        odd.append("two-sides-only")
    if body.mode != "ad-referendum":
        kept["signed"] = at
    if body.mode == "definitive":
        step = consent(
            state, Instrument(who, DEFINITIVE_SIGNATURE, at.acted), at, _SIGNING[body.mode], kept
        )
    else:
        step = again(move(state, who, _SIGNING[body.mode], at, **kept), at, state.side(who).signing)
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
    return move(state, who, "confirms definitively", at, **kept)
