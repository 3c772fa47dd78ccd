"""Fold and judge the acts of a reserve, and keep what is booked.

Booked is the fold of flows; reported is what attesters say. The two are never mixed (BPM7 keeps
transactions and positions apart too). No flow is refused: too much of it is a finding.
"""

from datetime import date
from typing import Any

from domain.claims.claim import Claim
from domain.decisions.errors import FINE, Judgement
from domain.kinds.balance import NOTHING, Balance
from events.amounts import Quantity, write_quantity
from events.body import Body
from events.kinds.reserve import (
    Acquired,
    AddressDisclosed,
    Announced,
    CustodianChanged,
    Disposed,
    Established,
    Forfeited,
    Lost,
    PolicySet,
    Seized,
    Transferred,
)
from events.value import Value, replace


class Reserve(Value):
    """A reserve on a day: what is booked as owned and as held in custody, and what is said of it.

    `announced` and `established` are the ids of the claims that say so, `policies` maps a policy
    to the claim that set it, `addresses` are those disclosed.
    """

    id: str
    on: date
    owned: Balance = NOTHING
    custody: Balance = NOTHING
    holder: str | None = None
    label: str | None = None
    legal_basis: str | None = None
    announced: str | None = None
    established: str | None = None
    custodian: str | None = None
    policies: tuple[tuple[str, str], ...] = ()
    addresses: frozenset[str] = frozenset()


def initial(thing: str, on: date) -> Reserve:
    """Return a reserve of which nothing is known."""
    return Reserve(id=thing, on=on)


def evolve(state: Reserve, claim: Claim) -> Reserve:
    """Return the reserve after a claim; claims that move nothing leave it as it was."""
    match claim.body:
        case Acquired(amount=amount):
            return replace(state, owned=state.owned.plus(amount))
        case Disposed(amount=amount, mode="return"):
            return replace(state, custody=state.custody.minus(amount))
        case Disposed(amount=amount) | Lost(amount=amount):
            return replace(state, owned=state.owned.minus(amount))
        case Transferred(fee=fee) if fee is not None:
            return replace(state, owned=state.owned.minus(fee))
        case Seized(amount=amount):
            return replace(state, custody=state.custody.plus(amount))
        case Forfeited(amount=amount):
            custody = state.custody.minus(amount) if state.custody != NOTHING else state.custody
            return replace(state, owned=state.owned.plus(amount), custody=custody)
        case Announced() | Established() | PolicySet() | CustodianChanged() | AddressDisclosed():
            return _described(state, claim, claim.body)
    return state


def _described(state: Reserve, claim: Claim, body: Any) -> Reserve:
    match body:
        case Announced(label=label, holder=holder):
            return replace(
                state,
                announced=claim.id,
                label=label or state.label,
                holder=holder or state.holder,
            )
        case Established(label=label, holder=holder, legal_basis=basis):
            return replace(
                state,
                established=claim.id,
                label=label or state.label,
                holder=holder or state.holder,
                legal_basis=basis or state.legal_basis,
            )
        case PolicySet(policy=policy):
            kept = tuple(pair for pair in state.policies if pair[0] != policy)
            return replace(state, policies=(*kept, (policy, claim.id)))
        case CustodianChanged(to=custodian):
            return replace(state, custodian=custodian)
        case AddressDisclosed(addresses=addresses):
            return replace(state, addresses=state.addresses | frozenset(addresses or ()))
    return state


JUDGED = (Disposed, Lost, Transferred)


def judge(state: Reserve, body: Body) -> Judgement:
    """Return the findings a new fact gives rise to: nothing about a reserve is refused."""
    match body:
        case Disposed(amount=amount, mode="return"):
            return _overdrawn(state.custody, amount, "in custody")
        case Disposed(amount=amount) | Lost(amount=amount) | Transferred(amount=amount):
            return _overdrawn(state.owned, amount, "booked")
    return FINE


def _overdrawn(balance: Balance, amount: Quantity | None, where: str) -> Judgement:
    if amount is None or balance.covers(amount):
        return FINE
    held = Quantity(unit="sat", lower=max(balance.lower, 0), upper=max(balance.upper or 0, 0))
    sentence = f"{write_quantity(amount)} leaves, but {write_quantity(held)} is {where}"
    return Judgement(findings=(("overdrawn", sentence),))
