"""What is one step of an agreement, and how is it taken?

A step is the agreement after an act, the rule that forbids it (then the agreement is what a
record made all the same leads to) and what is odd about it. Every act of a side goes through one
cell of the tables in domain/agreement/status_table.py.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from domain.agreement.binding import BINDING
from domain.agreement.entry_into_force import Instrument
from domain.agreement.state import NOBODY, Agreement, Side, When, seen
from domain.agreement.status_table import BOUND, CONSENTED, Name, transition
from domain.claims.interval import may_be_one_day
from events.value import replace

_CONSENT = ("consent", "consented")
Keeping = tuple[tuple[str, ...], tuple[Any, ...]]  # fields of a side, and what they become


class Step(NamedTuple):
    """The agreement after an act, the rule that forbids it, what is odd, and whose act it is.

    Where an act changes no more than what one side did, that is told and not made: `side` is what
    becomes of `who` in the agreement `told_of`, and `counted` the instrument that counts now.
    """

    told_of: Agreement
    refused: str | None = None
    found: tuple[str, ...] = ()
    who: str = ""
    side: Side | None = None
    counted: Instrument | None = None

    @property
    def state(self) -> Agreement:
        """Return the agreement after the act."""
        if self.side is None:
            return self.told_of
        return self.told_of.having(self.who, self.side, self.counted)

    def leading_to(self, state: Agreement) -> "Step":
        """Return the step, by which the agreement becomes another."""
        return Step(state, self.refused, self.found, self.who)

    def finding(self, *names: str) -> "Step":
        """Return the step with more findings."""
        return self._replace(found=(*self.found, *names)) if names else self


def move(state: Agreement, who: str, act: str, at: When, **kept: Any) -> Step:
    """Return the step of one cell; `kept` is what the side's record keeps of an act that counts.

    An instrument among it counts for the rule of entry into force.
    """
    return _moved_by(state, who, act, at, (tuple(kept), tuple(kept.values())))


def _moved_by(state: Agreement, who: str, act: str, at: When, keeping: Keeping) -> Step:
    side = state.acting.get(who, NOBODY)
    now = NOBODY.name if side is NOBODY else seen(state, who, at.clock).name
    to, refused, found = transition(act, now, treaty=state.gate in BINDING)
    bound = side.consent
    if to != now and side is NOBODY:
        names, what = keeping
        side = replace(side, name=to, since=at.text, **dict(zip(names, what, strict=True)))
    elif to != now:
        side = replace(side, **(_moved(now, to, at) | dict(zip(*keeping, strict=True))))
    elif not refused and not found:
        side = replace(side, **dict(zip(*keeping, strict=True))) if keeping[0] else side
    new = side.consent if side.consent is not bound else None
    return _step(Step, (state, refused, (found,) if found else (), who, side, new))


# A tuple with names, without the call that takes the names: one is made for each act.
_step: Callable[[type[Step], tuple[object, ...]], Step] = tuple.__new__


def consent(
    state: Agreement, instrument: Instrument, at: When, act: str, kept: dict[str, Any]
) -> Step:
    """Return the step by which a side is bound; its instrument counts for the rule if it is."""
    by_it: Keeping = _CONSENT, (instrument, at)
    if kept:
        by_it = (*kept, *_CONSENT), (*kept.values(), instrument, at)
    step = _moved_by(state, instrument.party, act, at, by_it)
    if step.refused is None:
        return step
    earlier = state.side(instrument.party)
    alike = earlier.consent is not None and earlier.consent.mode == instrument.mode
    return again(step, at, earlier.consented if alike else None)


def again(step: Step, at: When, earlier: When | None) -> Step:
    """Return the step as a finding where another asserter may tell of one and the same act."""
    twice = step.refused is not None and step.refused.endswith("-twice")
    if twice and earlier and earlier.by != at.by and may_be_one_day(earlier.acted, at.acted):
        return step._replace(refused=None).finding("reported-again")
    return step


def own(state: Agreement) -> Agreement:
    """Return the agreement as one that `taken` may change: nobody else may have it."""
    return replace(state, acting=dict(state.acting), consents=list(state.consents))


def taken(mine: Agreement, step: Step) -> Agreement:
    """Return the agreement after a step from `mine`, which is one's own and is used no more."""
    told, _, _, who, side, counted = step
    acting, consents = mine.acting, mine.consents
    if told.acting is not acting or told.consents is not consents:
        return own(step.state)
    if side is not None:
        acting[who] = side  # type: ignore[index]  # of one's own it is a dict
        if counted is not None:
            consents.append(counted)  # type: ignore[attr-defined]  # and these a list
    return told


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


def _moved(now: Name, to: Name, at: When) -> dict[str, Any]:
    """Return what is so of a side in another standing, and that what no longer holds is gone."""
    moved: dict[str, Any] = {"name": to, "since": at.text}
    moved |= {"notice": None, "held": None, "intends_not": False}
    moved |= {"offered": None} if to in CONSENTED else {"consent": None, "consented": None}
    return moved | {"provisional": ()} if now in BOUND else moved
