"""List the steps by which a reserve came to what is booked.

A ledger of steps: each picked flow with what it changes and the balance after it. What attesters
report moves nothing and is no step.
"""

from typing import Any

from domain.claims.claim import Claim, Clocks, chronological
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, ResolvedOccurrence
from domain.kinds.balance import Balance
from domain.kinds.reserve import Reserve, evolve, initial
from events.kinds.reserve import Acquired, Disposed, Forfeited, Lost, Seized, Transferred
from projections.kinds.reserve import balance
from projections.queries import document as written
from projections.queries.document import Document
from projections.read_model.database import Answers

FLOWS = (Acquired, Disposed, Forfeited, Lost, Seized, Transferred)


def steps(answers: Answers, thing: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return the steps of a reserve in the order of their dates; amounts in satoshis.

    The last step that certainly holds has the balance that is booked at D. A step of which D
    cannot tell changes nothing, and says so in `holds`.
    """
    return stepped(thing, answers.view(thing, clocks, chosen))


def stepped(thing: str, view: Resolution) -> list[Document]:
    """Return the steps of a view."""
    state, found = initial(thing, view.clocks.as_of), []
    for claim, one in _picked(view):
        before = state
        if one.holds == "yes":
            state = evolve(state, claim)
        if isinstance(claim.body, FLOWS):
            found.append(_step(claim, one, before, state))
    return found


def _picked(view: Resolution) -> list[tuple[Claim, ResolvedOccurrence]]:
    pairs = [(c, one) for one in view.occurrences if one.holds != "no" for c in one.pick]
    return sorted(pairs, key=lambda pair: chronological(pair[0]))


def _step(claim: Claim, one: ResolvedOccurrence, before: Reserve, after: Reserve) -> Document:
    rivals = [other.id for other in one.claims if all(other.id != p.id for p in one.pick)]
    return {
        **written.claim(claim),
        "holds": one.holds,
        "change": change(before.owned, after.owned),
        "balance": balance(after.owned),
        "custody": balance(after.custody) if after.custody != Balance() else None,
        "status": one.status,
        "contested": one.status == "contested",
        "against": [*rivals, *(denial.id for denial in one.denials)],
    }


def change(before: Balance, after: Balance) -> dict[str, Any]:
    """Return by how much the bounds of a balance moved; null where there is no bound."""
    upper = None if before.upper is None or after.upper is None else after.upper - before.upper
    return {
        "lower_sat": after.lower - before.lower,
        "upper_sat": upper,
        "unnamed": after.unnamed - before.unnamed,
    }
