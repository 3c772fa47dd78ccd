"""Take one side of an agreement from one standing to another.

An act changes the agreement in place, also one that a rule forbids: then the agreement is what
recording the act all the same leads to. Every act of a side goes through one row of the tables in
domain/agreement/status_table.py.
"""

from typing import Any

from msgspec import Struct

from domain.agreement.binding import BINDING
from domain.agreement.entry_into_force import Instrument
from domain.agreement.state import NOBODY, ActDays, Agreement, Side, note_day
from domain.agreement.status_table import BOUND, CONSENTED, Name, transition
from domain.claims.interval import may_be_one_day
from events.value import replace


class ActOutcome(Struct, frozen=True, gc=False):
    """Whose act it is, the rule that forbids it, and what is odd about it, by their names."""

    who: str = ""
    refused: str | None = None
    found: tuple[str, ...] = ()

    def finding(self, *names: str) -> "ActOutcome":
        """Return the outcome with more findings."""
        return ActOutcome(self.who, self.refused, (*self.found, *names)) if names else self

    def refusing(self, name: str | None) -> "ActOutcome":
        """Return the outcome with another rule that forbids the act, or none."""
        return ActOutcome(self.who, name, self.found)


def move(state: Agreement, who: str, act: str, at: ActDays, **kept: Any) -> ActOutcome:
    """Take a side through one row; `kept` is what its record keeps of an act that counts.

    An instrument among it counts for the rule of entry into force.
    """
    side = new = state.acting.get(who, NOBODY)
    now = NOBODY.name if side is NOBODY else note_day(state, who, at.clock).name
    to, refused, found = transition(act, now, treaty=state.binding in BINDING)
    if to != now and side is NOBODY:  # as most acts are a side's first
        new = Side(name=to, since=at.text, **kept)
    elif to != now:
        new = replace(side, **{**_moved(now, to, at), **kept})
    elif kept and not refused and not found:
        new = replace(side, **kept)
    state.acting[who] = new
    if new.consent is not None and new.consent is not side.consent:
        state.consents.append(new.consent)
    return ActOutcome(who, refused, (found,) if found else ())


def consent(
    state: Agreement, instrument: Instrument, at: ActDays, act: str, **kept: Any
) -> ActOutcome:
    """Bind a side; its instrument counts for the rule if it is bound."""
    earlier = state.side(instrument.party)
    outcome = move(state, instrument.party, act, at, **kept, consent=instrument, consented=at)
    if outcome.refused is None:
        return outcome
    alike = earlier.consent is not None and earlier.consent.mode == instrument.mode
    return repeat_act(outcome, at, earlier.consented if alike else None)


def repeat_act(outcome: ActOutcome, at: ActDays, earlier: ActDays | None) -> ActOutcome:
    """Return a refusal as a finding where another asserter may speak of one and the same act."""
    twice = outcome.refused is not None and outcome.refused.endswith("-twice")
    if twice and earlier and earlier.by != at.by and may_be_one_day(earlier.acted, at.acted):
        return outcome.refusing(None).finding("reported-again")
    return outcome


def uncount(state: Agreement, who: str) -> None:
    """Leave out the instruments of a side that took its consent back."""
    state.consents = [one for one in state.consents if one.party != who]


def name_side(state: Agreement, who: str) -> None:
    """Count a side that only its act names among those of a bilateral agreement."""
    if state.bilateral and len(state.sides) < 2:
        state.sides |= {who}


def is_third(state: Agreement, who: str) -> bool:
    """Say whether one is none of the two sides of a bilateral agreement."""
    return state.bilateral and len(state.sides) == 2 and who not in state.sides


def _moved(now: Name, to: Name, at: ActDays) -> dict[str, Any]:
    """Return what is so of a side in another standing, and that what no longer holds is gone."""
    moved: dict[str, Any] = {"name": to, "since": at.text}
    moved |= {"notice": None, "held": None, "intends_not": False}
    moved |= {"offered": None} if to in CONSENTED else {"consent": None, "consented": None}
    return moved | {"provisional": ()} if now in BOUND else moved
