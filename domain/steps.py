"""What is one step of an agreement, and how is it taken?

A step is the agreement after an act, the rule that forbids it (then the agreement is what a
record made all the same leads to) and what is odd about it. Every act of a side goes through one
cell of the tables in domain/standing.py.
"""

from typing import Any, NamedTuple

from domain.entry_into_force import Instrument
from domain.gate import binds
from domain.sides import NOBODY, Agreement, Side, When, seen
from domain.spans import may_be_one_day
from domain.standing import BOUND, CONSENTED, Name, transition
from events.value import changed, replace


class Step(NamedTuple):
    """The agreement after an act, the rule that forbids it, what is odd, and whose act it is."""

    state: Agreement
    refused: str | None = None
    found: tuple[str, ...] = ()
    who: str = ""

    def finding(self, *names: str) -> "Step":
        """Return the step with more findings."""
        return self._replace(found=(*self.found, *names)) if names else self


def move(state: Agreement, who: str, act: str, at: When, **kept: Any) -> Step:
    """Return the step of one cell; `kept` is what the side's record keeps of an act that counts.

    An instrument among it counts for the rule of entry into force.
    """
    side, now = state.side(who), seen(state, who, at.clock)
    bound = side.consent
    cell = transition(act, now.name, treaty=binds(state.gate))
    found = (cell.found,) if cell.found else ()
    if cell.to != now.name:
        side = changed(side, _moved(side, now.name, cell.to, at) | kept)
    elif kept and not cell.refused and not cell.found:
        side = changed(side, kept)
    new = side.consent if side.consent is not bound else None
    return Step(state.having(who, side, new), cell.refused, found, who)


def consent(
    state: Agreement, instrument: Instrument, at: When, act: str, kept: dict[str, Any]
) -> Step:
    """Return the step by which a side is bound; its instrument counts for the rule if it is."""
    earlier = state.side(instrument.party)
    step = move(state, instrument.party, act, at, **kept, consent=instrument, consented=at)
    if step.refused is None:
        return step
    alike = earlier.consent is not None and earlier.consent.mode == instrument.mode
    return again(step, at, earlier.consented if alike else None)


def again(step: Step, at: When, earlier: When | None) -> Step:
    """Return the step as a finding where another asserter may tell of one and the same act."""
    twice = step.refused is not None and step.refused.endswith("-twice")
    if twice and earlier and earlier.by != at.by and may_be_one_day(earlier.acted, at.acted):
        return step._replace(refused=None).finding("reported-again")
    return step


def uncounted(state: Agreement, who: str) -> Agreement:
    """Return the agreement without the instruments of a side that took its consent back."""
    consents = tuple(one for one in state.consents if one.party != who)
    return replace(state, consents=consents)


def named(state: Agreement, who: str) -> Agreement:
    """Return a bilateral agreement with a side that nobody but its act names."""
    if state.bilateral and len(state.sides) < 2:
        return replace(state, sides=state.sides | {who})
    return state


def third(state: Agreement, who: str) -> bool:
    """Say whether somebody is none of the two sides of a bilateral agreement."""
    return state.bilateral and len(state.sides) == 2 and who not in state.sides


def _moved(side: Side, now: Name, to: Name, at: When) -> dict[str, Any]:
    """Return what is so of a side in another standing, and that what no longer holds is gone."""
    moved: dict[str, Any] = {"name": to, "since": at.text}
    if side is NOBODY:
        return moved
    moved |= {"notice": None, "held": None, "intends_not": False}
    moved |= {"offered": None} if to in CONSENTED else {"consent": None, "consented": None}
    return moved | {"provisional": ()} if now in BOUND else moved
