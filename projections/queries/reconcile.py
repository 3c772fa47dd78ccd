"""Compare what is booked, reported and observed of a reserve, and say why they differ.

Booked is the fold of flows, reported what attesters say, observed what addresses hold (a floor:
it proves the balance, not ownership nor completeness). None is ever corrected by another; what
may explain a difference is named, claim by claim.
"""

from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks, began_by
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, ResolvedOccurrence, ResolvedSeries
from domain.kinds.balance import Balance
from domain.kinds.registry import evolved, states
from domain.kinds.reserve import Reserve, initial
from events.amounts import Quantity, widened
from events.kinds.reserve import (
    Acquired,
    Disposed,
    Forfeited,
    Lost,
    Reconciled,
    Seized,
    Transferred,
)
from projections.kinds.reserve import balance
from projections.queries.document import Document, value
from projections.queries.selected import newest
from projections.queries.show import headed, known, with_names
from projections.read_model.database import Answers

_FLOWS = (Acquired, Disposed, Forfeited, Lost, Seized, Transferred)


class Range(NamedTuple):
    """From `lower` to `upper` satoshis; None: no bound."""

    lower: int | None
    upper: int | None


def reconcile(answers: Answers, thing: str, clocks: Clocks, chosen: Policy) -> Document:
    """Return booked, reported and observed at D, their differences in satoshis, and why."""
    view = known(answers, thing, clocks, chosen)
    found = states(thing, view)
    booked, perhaps = found.without.owned, found.including.owned
    reported = newest(view, "reserve.holding-reported")
    observed = newest(view, "reserve.holding-observed")
    document: Document = {
        **headed(answers, thing, view),
        "label": found.without.label,
        "answer": {
            "booked": balance(booked),
            "booked_perhaps": balance(perhaps) if perhaps != booked else None,
            "reported": _measured(reported),
            "observed": _measured(observed),
            "differences": _differences(booked, reported, observed),
            "agree": _agree(booked == perhaps, booked, reported),
            "certain": booked == perhaps,
        },
        "explained_by": _explained(view, found.without, reported),
    }
    return with_names(answers, document, clocks)


def _measured(series: ResolvedSeries | None) -> Document | None:
    if series is None or series.pick is None:
        return None
    body: Any = series.pick.body
    return {
        "amount": value(body.amount),
        "as_of": body.effective,
        "asserted_by": body.asserted_by,
        "basis": body.basis,
        "scope": getattr(body, "scope", None),
        "addresses": len(getattr(body, "addresses", None) or ()) or None,
        "status": series.status,
        "claim": series.pick.id,
    }


def _differences(
    booked: Balance, reported: ResolvedSeries | None, observed: ResolvedSeries | None
) -> list[Document]:
    """Return each difference that can be formed, the first less the second, in satoshis."""
    amounts = {
        "reported": _range(reported),
        "observed": _range(observed),
        "booked": Range(booked.lower, booked.upper),
    }
    pairs = (("reported", "booked"), ("observed", "booked"), ("reported", "observed"))
    found = []
    for one, other in pairs:
        a, b = amounts[one], amounts[other]
        if a and b:
            lower, upper = _less(a, b)
            found.append({"of": one, "less": other, "lower_sat": lower, "upper_sat": upper})
    return found


def _range(series: ResolvedSeries | None) -> Range | None:
    if series is None or series.pick is None:
        return None
    body: Any = series.pick.body
    return Range(*widened(body.amount))


def _less(a: Range, b: Range) -> Range:
    lower = None if a.lower is None or b.upper is None else a.lower - b.upper
    upper = None if a.upper is None or b.lower is None else a.upper - b.lower
    return Range(lower, upper)


def _agree(certain: bool, booked: Balance, reported: ResolvedSeries | None) -> str:
    """Say whether one number can be booked and reported; of "over 6" that is no 6."""
    amount = _range(reported)
    if amount is None or booked.unnamed or not certain:
        return "cannot tell"
    body: Any = reported.pick.body if reported and reported.pick else None
    lower, upper = _less(amount, Range(booked.lower, booked.upper))
    above = lower is not None and (lower > 0 or (lower == 0 and body.amount.lower_open))
    below = upper is not None and (upper < 0 or (upper == 0 and body.amount.upper_open))
    return "no" if above or below else "yes"


def _explained(view: Resolution, state: Reserve, reported: ResolvedSeries | None) -> list[Document]:
    rows = []
    for found in view.occurrences:
        if found.holds == "no":
            continue
        if why := _reasons(found, reported):
            claim = (found.pick or found.ranked[0])[0]
            rows.append(
                {
                    "occurrence": found.id,
                    "type": claim.type,
                    "on": claim.body.effective,
                    "amounts": [_amount(one) for one in found.pick],
                    **_effect(state, found),
                    "reasons": why,
                    "words": _words(claim),
                    "claims": [c.id for c in (*found.claims, *found.denials)],
                    "position": claim.position,
                }
            )
    return rows


def _reasons(found: ResolvedOccurrence, reported: ResolvedSeries | None) -> list[str]:
    claims = found.pick or found.ranked[0]
    if isinstance(claims[0].body, Reconciled):
        return ["reconciled"]
    if not isinstance(claims[0].body, _FLOWS):
        return []
    asked = {
        "moved, not gained or lost": isinstance(claims[0].body, Transferred),
        "type contested": found.fields.get("type") == "contested",
        "amount contested": found.fields.get("amount") == "contested",
        "amount unnamed": any(_unnamed(claim) for claim in claims),
        "amount not exact": any(_inexact(claim) for claim in claims),
        "denied": bool(found.denials),
        "day cannot tell": found.holds == "cannot tell",
        "after the report": _after(claims, reported),
        "no claim picked": not found.pick,
    }
    return [reason for reason, is_so in asked.items() if is_so]


def _unnamed(claim: Claim) -> bool:
    return not isinstance(claim.body, Transferred) and getattr(claim.body, "amount", None) is None


def _inexact(claim: Claim) -> bool:
    amount: Quantity | None = getattr(claim.body, "amount", None)
    return amount is not None and (amount.lower != amount.upper or bool(amount.approximate))


def _after(claims: tuple[Claim, ...], reported: ResolvedSeries | None) -> bool:
    last = reported.pick.dates.last if reported and reported.pick else None
    return last is not None and all(began_by(claim, last) == "no" for claim in claims)


def _amount(claim: Claim) -> Document | None:
    amount = getattr(claim.body, "amount", None)
    return value(amount) if amount is not None else None


def _effect(state: Reserve, found: ResolvedOccurrence) -> Document:
    """Return by how much the occurrence alone moves what is booked, as the reserve's fold does."""
    after = initial(state.id, state.on)
    for claim in found.pick:
        after = evolved(after, claim)
    one = after.owned
    return {"booked_lower_sat": one.lower, "booked_upper_sat": one.upper, "unnamed": one.unnamed}


def _words(claim: Claim) -> str | None:
    body = claim.body
    if isinstance(body, Reconciled):
        return body.explanation
    return body.reason if isinstance(body, Transferred) else getattr(body, "mode", None)
