"""Fold and judge the acts of a reserve, and keep its balances.

The ledger balance is the fold of flows; reported is what parties say is held. The two are never
mixed (BPM7 keeps transactions and positions apart too). What is owned and what is in custody are
two accounts; a pledge moves neither. No flow is refused: too much of it is a finding.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from math import inf
from typing import Any

from domain.claims.claim import Claim
from domain.decisions.errors import Findings
from domain.kinds.balance import NOTHING, Balance, ends_of, exact
from domain.kinds.possible_events import NO_EVENTS, PossibleEvents, account_of
from events.amounts import Quantity, write_quantity
from events.body import Body
from events.kinds import reserve as acts
from events.value import Value, replace

ACCOUNTS = ("owned", "custody", "pledged")


class Reserve(Value):
    """A reserve on a day: the ledger balance of what is owned, what is in custody, what is pledged.

    `announced` and `established` are the ids of the claims that say so, `planned` is what the
    announcement names, `policies` maps a policy to the claim that set it, `addresses` are those
    disclosed. `possible` are the flows that may be one event. `overdrawn` has the accounts of which
    on a day before more had left than had come in, and by how much: see `mark_overdrawn`.
    """

    id: str
    on: date
    owned: Balance = NOTHING
    custody: Balance = NOTHING
    pledged: Balance = NOTHING
    possible: PossibleEvents = NO_EVENTS
    holder: str | None = None
    label: str | None = None
    legal_basis: str | None = None
    announced: str | None = None
    planned: Quantity | None = None
    established: str | None = None
    custodian: str | None = None
    policies: tuple[tuple[str, str], ...] = ()
    addresses: frozenset[str] = frozenset()
    overdrawn: tuple[tuple[str, int], ...] = ()


initial = Reserve


def moves(body: Body) -> Sequence[tuple[str, int, Quantity | None]]:
    """Return what a flow moves: account, +1 or -1, amount (None: unknown), or a fee."""
    match body:
        case acts.Acquired(amount=amount):
            return (("owned", 1, amount),)
        case acts.Disposed(amount=amount) | acts.Lost(amount=amount):
            return ((account_of(body), -1, amount),)
        case acts.Transferred(fee=fee):
            return ((account_of(body), -1, fee),) if fee is not None else ()
        case acts.Seized(amount=amount):
            return (("custody", 1, amount),)
        case acts.Forfeited(amount=amount, seizures=seizures):
            gained = ("owned", 1, amount)
            return (gained, ("custody", -1, amount)) if seizures else (gained,)
    return ()


def ends_of_claim(account: str, body: Body) -> tuple[float, float]:
    """Return the least and the most by which a claim moves an account; a pledge is its own."""
    moved: Sequence[tuple[str, int, Quantity | None]] = moves(body)
    if isinstance(body, acts.Pledged | acts.Released):
        moved = (("pledged", 1 if isinstance(body, acts.Pledged) else -1, body.amount),)
    low = high = 0.0
    for of, sign, amount in moved:
        if of == account:
            ends = ends_of(amount)
            least, most = ends.lower, inf if ends.upper is None else ends.upper
            low, high = (low + least, high + most) if sign > 0 else (low - most, high - least)
    return low, high


def between(low: Balance, high: Balance, both: Balance) -> Balance:
    """Return a balance from the least to the most that it may be; `both` has the flows of either.

    What comes in and what leaves may have come alone (docs/spec/answers.md, 15).
    """
    return Balance(low.lower, high.upper, low.lower_open, high.upper_open, both.unknown, both.flows)


def evolve_all(state: Reserve, claims: Iterable[Claim]) -> Reserve:
    """Return the reserve after claims; exact gains, which most of them are, are added at once.

    A sum is the same in every order, for it is not cut on the way.
    """
    repeats = state.possible.repeats
    gains: dict[str, list[int]] = {account: [] for account in _GAINS.values()}
    for claim in claims:
        body: Any = claim.body
        account = _GAINS.get(type(body))
        amount = exact(body.amount) if account else None
        if account and amount is not None and not (repeats and claim.id in repeats):
            gains[account].append(amount)
        else:
            state = evolve(state, claim)
    for account, amounts in gains.items():
        if amounts:
            gained = Balance(sum(amounts), sum(amounts), flows=len(amounts))
            balance: Balance = getattr(state, account)
            state = replace(state, **{account: balance.together(gained)})
    return state


def evolve(state: Reserve, claim: Claim) -> Reserve:
    """Return the reserve after a claim; claims that move nothing leave it as it was."""
    body = claim.body
    repeats = state.possible.repeats.get(claim.id) if state.possible.repeats else None
    if isinstance(body, _DESCRIBING):
        return _described(state, claim, body)
    if isinstance(body, acts.Pledged):
        return replace(state, pledged=state.pledged.plus(body.amount))
    if isinstance(body, acts.Released):
        return replace(state, pledged=_released(state.pledged, body))
    moved = moves(body)
    if not moved:
        return state
    after = {}
    for account, sign, amount in moved:
        balance: Balance = getattr(state, account)
        add = balance.plus if sign > 0 else balance.minus
        after[account] = add(amount, repeats.get(account, 0) if repeats else 0)
    return replace(state, **after)


def mark_overdrawn(state: Reserve, claims: Iterable[Claim]) -> Reserve:
    """Return the reserve after claims with the accounts that were certainly overdrawn on a day.

    What comes in counts from its first day, what leaves from its last. What came in later covers
    nothing of what left before, though the sum may be above 0 again.
    """
    claims = tuple(claims)
    if not any(isinstance(claim.body, JUDGED) for claim in claims):
        return state  # nothing leaves
    repeats, found = state.possible.repeats, []
    for account in ("owned", "custody"):
        steps: list[tuple[date, bool, float]] = []
        for claim in claims:
            low, high = ends_of_claim(account, claim.body)
            if high < 0 or low < 0:
                again = repeats.get(claim.id, {}).get(account, 0)
                steps.append((claim.dates.last or date.max, True, high + again))
            elif high > 0:
                steps.append((claim.dates.first or date.min, False, high))
        held, least = 0.0, 0.0
        for _, _, most in sorted(steps):
            held += most
            least = min(least, held)
        if least < min(held, 0):
            found.append((account, -int(least)))
    return replace(state, overdrawn=tuple(found)) if found else state


def _released(pledged: Balance, body: acts.Released) -> Balance:
    """Return what stays pledged; a release that names no amount and no pledge releases all."""
    left = pledged.minus(body.amount)
    return left if body.amount or body.to or body.purpose else Balance(flows=left.flows)


def _described(state: Reserve, claim: Claim, body: Any) -> Reserve:
    match body:
        case acts.Announced(label=label, holder=holder, planned=planned):
            return replace(
                state,
                announced=claim.id,
                planned=planned or state.planned,
                label=label or state.label,
                holder=holder or state.holder,
            )
        case acts.Established(label=label, holder=holder, legal_basis=basis):
            return replace(
                state,
                established=claim.id,
                label=label or state.label,
                holder=holder or state.holder,
                legal_basis=basis or state.legal_basis,
            )
        case acts.PolicySet(policy=policy):
            kept = tuple(pair for pair in state.policies if pair[0] != policy)
            return replace(state, policies=(*kept, (policy, claim.id)))
        case acts.CustodianChanged(to=custodian):
            return replace(state, custodian=custodian)
        case acts.AddressDisclosed(addresses=addresses):
            return replace(state, addresses=state.addresses | frozenset(addresses or ()))
    return state


JUDGED = (acts.Disposed, acts.Forfeited, acts.Lost, acts.Transferred)


def judge(state: Reserve, body: Body) -> Findings:
    """Return the findings a new fact gives rise to: nothing about a reserve is refused."""
    match body:
        case acts.Disposed(amount=amount) | acts.Lost(amount=amount) | acts.Transferred(fee=amount):
            return _overdrawn(state, account_of(body), amount)  # of a transfer only the fee leaves
        case acts.Forfeited(amount=amount, seizures=seizures) if seizures:
            return _overdrawn(state, "custody", amount)
        case acts.Forfeited() if state.custody.flows:
            sentence = f"names no seizure, so what {state.id} has in custody stays there"
            return (("forfeited-without-seizure", sentence),)
    return ()


def _overdrawn(state: Reserve, account: str, amount: Quantity | None) -> Findings:
    balance: Balance = getattr(state, account)
    if amount is None or balance.covers(amount):
        return ()
    held = balance.shown
    where = "in custody" if account == "custody" else "in the ledger balance"
    if not balance.flows:  # nothing is known of it, and it is not 0
        sentence = f"{write_quantity(amount)} leaves, but nothing is recorded {where}"
        return (("overdrawn", sentence),)
    shown = Quantity(unit="sat", lower=held.lower, upper=held.upper)
    sentence = f"{write_quantity(amount)} leaves, but {write_quantity(shown)} is {where}"
    return (("overdrawn", sentence),)


_GAINS: dict[type, str] = {acts.Acquired: "owned", acts.Seized: "custody"}
_DESCRIBING = (
    acts.Announced,
    acts.Established,
    acts.PolicySet,
    acts.CustodianChanged,
    acts.AddressDisclosed,
)
