"""Fold and judge the acts of an allocation of power."""

from datetime import date
from functools import reduce

from domain.claims.claim import Claim
from domain.decisions.errors import Findings
from events.amounts import Quantity, add_bounds, widened
from events.body import Body
from events.kinds.allocation import Allocated, Amended, Energised, Withdrawn
from events.value import Value, replace


class Allocation(Value):
    """An allocation on a day; `energised` are pairs of a phase (None: unstated) and its power."""

    id: str
    on: date
    stage: str = "mentioned only"
    since: str | None = None
    withdrawn: str | None = None
    power: Quantity | None = None
    purposes: tuple[str, ...] = ()
    phase: str | None = None
    authority: str | None = None
    energised: tuple[tuple[str | None, Quantity | None], ...] = ()

    @property
    def flowing(self) -> Quantity | None:
        """Return how much flows in all phases: at least that, where a phase states no power."""
        stated = [power for _, power in self.energised if power is not None]
        if not stated:
            return None
        total = reduce(add_bounds, stated)
        if len(stated) == len(self.energised):
            return total
        return Quantity(unit=total.unit, lower=widened(total)[0] or 0, lower_open=total.lower_open)


initial = Allocation


def evolve(state: Allocation, claim: Claim) -> Allocation:
    """Return the allocation after a claim."""
    match claim.body:
        case Allocated(power=power, purposes=purposes, phase=phase, authority=authority):
            return replace(
                state,
                stage="allocated",
                since=claim.dates.written,
                withdrawn=None,
                power=power,
                purposes=purposes,
                phase=phase,
                authority=authority,
            )
        case Amended(power=power):
            return replace(state, power=power or state.power)
        case Energised(power=power, phase=phase):
            others = tuple(one for one in state.energised if one[0] != phase)
            return replace(
                state, stage="energised", withdrawn=None, energised=(*others, (phase, power))
            )
        case Withdrawn():
            return replace(state, stage="withdrawn", withdrawn=claim.dates.written)
    return state


def judge(state: Allocation, body: Body) -> Findings:
    """Return the findings a new fact gives rise to: nothing about an allocation is refused."""
    if isinstance(body, Amended | Energised | Withdrawn) and state.stage == "mentioned only":
        return (("not-allocated", f"no claim says that {state.id} was made"),)
    if isinstance(body, Amended | Energised) and state.stage == "withdrawn":
        return (("after-the-end", f"{state.id} was withdrawn before"),)
    return ()
