"""Compare a reserve's ledger balance with what is reported and observed, and list its steps.

The ledger balance is the fold of the recorded flows; reported is what attesters say; observed is
what addresses hold (a floor: it proves the balance, not ownership and not completeness). None of
the three is ever corrected by another; what may explain a difference is named, claim by claim.
The steps are the selected flows, each with its change and the balance after it.
"""

from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks, began_at, chronological
from domain.claims.comparison import figure_of
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, ResolvedOccurrence, all_hold
from domain.claims.series import ResolvedSeries
from domain.kinds.balance import Balance, Ends, ends_of
from domain.kinds.registry import States, evolve_claims, initial_state, public_states, thing_states
from domain.kinds.reserve import Reserve, evolve, initial
from events.amounts import Quantity, widened
from events.kinds import reserve as acts
from projections.kinds.reserve import balance_document, beside_document, overdrawn_of
from projections.queries.alternative_answers import answer_strictly
from projections.queries.document import (
    Document,
    claim_document,
    json_value,
    observed_holding,
    whole_holding,
)
from projections.queries.show import add_names, answer_header, known_view
from projections.read_model.database import ReadModel

FLOWS = (acts.Acquired, acts.Disposed, acts.Forfeited, acts.Lost, acts.Seized, acts.Transferred)


class Range(NamedTuple):
    """From `lower` to `upper` satoshis; None means no bound."""

    lower: int | None
    upper: int | None


def reconcile_reserve(answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy) -> Document:
    """Return booked, reported and observed at D, their differences in satoshis, and why."""
    view = known_view(answers, thing, clocks, chosen)
    state = thing_states(thing, view).without
    document: Document = {
        **answer_header(answers, thing, view),
        "label": state.label,
        "answer": answer_strictly(view, lambda one: _balance_answer(thing, one)),
        "explained_by": _explanations(view, state, whole_holding(view)),
    }
    return add_names(answers, document, clocks)


def _balance_answer(thing: str, view: Resolution) -> Document:
    found = public_states(thing, view)
    booked, perhaps = found.without.owned, found.other.owned
    reported, observed = whole_holding(view), observed_holding(view)
    return {
        "ledger_balance": balance_document(booked, perhaps, overdrawn_of(found.without, "owned")),
        "ledger_balance_perhaps": beside_document(booked, perhaps),
        "custody": balance_document(
            found.without.custody, found.other.custody, overdrawn_of(found.without, "custody")
        ),
        "reported": _measurement(reported),
        "observed": _measurement(observed),
        "differences": _differences(booked, reported, observed),
        "agree": _agree(found, reported),
        "certain": booked == perhaps,
    }


def _measurement(series: ResolvedSeries | None) -> Document | None:
    if series is None or series.pick is None:
        return None
    body: Any = series.pick.body
    return {
        "amount": json_value(body.amount),
        "as_of": series.pick.dates.written,
        "asserted_by": body.asserted_by,
        "basis": body.basis,
        "scope": getattr(body, "scope", None),
        "addresses": len(getattr(body, "addresses", None) or ()) or None,
        "support": series.support,
        "claim": series.pick.id,
    }


def _differences(
    booked: Balance, reported: ResolvedSeries | None, observed: ResolvedSeries | None
) -> list[Document]:
    """Return each difference that can be computed, the first minus the second, in satoshis."""
    amounts = {
        "reported": _range(reported),
        "observed": _range(observed),
        "ledger_balance": Range(*booked.shown[:2]) if booked.flows else None,
    }
    pairs = (
        ("reported", "ledger_balance"),
        ("observed", "ledger_balance"),
        ("reported", "observed"),
    )
    found = []
    for one, other in pairs:
        a, b = amounts[one], amounts[other]
        if a and b:
            lower, upper = _difference(a, b)
            found.append({"of": one, "less": other, "lower_sat": lower, "upper_sat": upper})
    return found


def _range(series: ResolvedSeries | None) -> Range | None:
    if series is None or series.pick is None:
        return None
    body: Any = series.pick.body
    return Range(*widened(body.amount))


def _difference(a: Range, b: Range) -> Range:
    lower = None if a.lower is None or b.upper is None else a.lower - b.upper
    upper = None if a.upper is None or b.lower is None else a.upper - b.lower
    return Range(lower, upper)


def _agree(found: States, reported: ResolvedSeries | None) -> str:
    """Say whether one number can be booked and reported; of "over 6" that is no 6.

    A report may count what is in custody too (docs/spec/answers.md, 15).
    """
    booked, custody = found.without.owned, found.without.custody
    if reported is None or reported.pick is None or not booked.flows:
        return "cannot tell"
    if booked.unknown or booked != found.other.owned:
        return "cannot tell"
    if may_be_equal(booked, figure_of(reported.pick)):
        return "yes"
    if custody.flows and (custody.unknown or custody != found.other.custody):
        return "cannot tell"
    return "yes" if may_be_held(found.without, figure_of(reported.pick)) else "no"


def may_be_held(state: Reserve, amount: Quantity) -> bool:
    """Say whether a reported amount can be what is owned, or that and what is in custody."""
    owned, custody = state.owned, state.custody
    held = owned.together(custody) if custody.flows else owned
    return may_be_equal(owned, amount) or may_be_equal(held, amount)


def may_be_equal(balance: Balance, amount: Quantity) -> bool:
    """Say whether one number can be the ledger balance and what is reported."""
    mine, yours = balance.shown, ends_of(amount)
    return _reaches(mine, yours) and _reaches(yours, mine)


def _reaches(a: Ends, b: Ends) -> bool:
    """Say whether the lower end of a is not above the upper end of b."""
    if b.upper is None:
        return True
    return a.lower < b.upper or (a.lower == b.upper and not (a.lower_open or b.upper_open))


def _explanations(
    view: Resolution, state: Reserve, reported: ResolvedSeries | None
) -> list[Document]:
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
                    "on": claim.dates.written,
                    "amounts": [
                        json_value(getattr(one.body, "amount", None)) for one in found.folded
                    ],
                    **_effect(state, found),
                    "reasons": why,
                    "words": _explanation(claim),
                    "claims": [c.id for c in (*found.claims, *found.denials)],
                    "position": claim.position,
                }
            )
    return rows


def _reasons(found: ResolvedOccurrence, reported: ResolvedSeries | None) -> list[str]:
    claims = found.pick or found.ranked[0]
    if isinstance(claims[0].body, acts.Reconciled):
        return ["reconciled"]
    if not isinstance(claims[0].body, FLOWS):
        return []
    asked = {
        "moved, not gained or lost": isinstance(claims[0].body, acts.Transferred),
        "type contested": found.fields.get("type") == "contested",
        "amount contested": found.fields.get("amount") == "contested",
        "amount unknown": any(_unnamed(claim) for claim in claims),
        "amount not exact": any(_inexact(claim) for claim in claims),
        "denied": bool(found.denials),
        "day cannot tell": found.holds == "cannot tell",
        "after the report": _is_after_report(claims, reported),
        "no claim selected": not found.pick,
    }
    return [reason for reason, is_so in asked.items() if is_so]


def _unnamed(claim: Claim) -> bool:
    return (
        not isinstance(claim.body, acts.Transferred) and getattr(claim.body, "amount", None) is None
    )


def _inexact(claim: Claim) -> bool:
    amount: Quantity | None = getattr(claim.body, "amount", None)
    return amount is not None and (amount.lower != amount.upper or bool(amount.approximate))


def _is_after_report(claims: tuple[Claim, ...], reported: ResolvedSeries | None) -> bool:
    last = reported.pick.dates.last if reported and reported.pick else None
    return last is not None and all(began_at(claim, Clocks(last)) == "no" for claim in claims)


def _effect(state: Reserve, found: ResolvedOccurrence) -> Document:
    """Return by how much the occurrence alone changes the balance, as the reserve's fold does.

    None where the policy selects no claim of it.
    """
    one = (
        evolve_claims(initial(id=state.id, on=state.on), *found.pick).owned if found.pick else None
    )
    return {
        "ledger_balance_lower_sat": one and one.lower,
        "ledger_balance_upper_sat": one and one.upper,
        "unknown_flows": one and one.unknown,
    }


def _explanation(claim: Claim) -> str | None:
    body = claim.body
    if isinstance(body, acts.Reconciled):
        return body.explanation
    return body.reason if isinstance(body, acts.Transferred) else getattr(body, "mode", None)


def steps_of_view(thing: str, view: Resolution) -> list[Document]:
    """Return the steps of a reserve in a view, in the order of their dates; amounts in satoshis.

    The last step that certainly holds has the balance booked at D. A step whose date leaves it open
    whether it holds at D changes nothing, and its `holds` says so.
    """
    first, last, found = initial_state(thing, view), thing_states(thing, view).including, []
    state: Reserve | None = first
    for claim, one in _picked(view):
        change = first
        # Contested under strict: what comes after it is as well, if it may be counted at all.
        if one.instead and any(all_hold(each, view.clocks) == "yes" for each in one.ranked):
            state = None
        elif one.holds == "yes":
            state, change = state and evolve(state, claim), evolve(first, claim)
        if isinstance(claim.body, FLOWS):
            found.append(_step(claim, one, change, state, last))
    return found


def _picked(view: Resolution) -> list[tuple[Claim, ResolvedOccurrence]]:
    pairs = [(c, one) for one in view.occurrences if one.holds != "no" for c in one.folded]
    return sorted(pairs, key=lambda pair: chronological(pair[0]))


def _step(
    claim: Claim, one: ResolvedOccurrence, change: Reserve, after: Reserve | None, last: Reserve
) -> Document:
    """Return a step; None where it changes nothing of what is owned, or nothing in custody.

    Under strict a contested step has no change, and no balance stands after it.
    """
    rivals = [other.id for other in one.claims if all(other.id != p.id for p in one.folded)]
    return {
        **claim_document(claim),
        "holds": one.holds,
        "change": _change(change.owned),
        "balance": after and balance_document(after.owned, last.owned),
        "custody_change": _change(change.custody),
        "custody": after and balance_document(after.custody, last.custody),
        "support": one.support,
        "contested": one.support == "contested",
        "against": [*rivals, *(denial.id for denial in one.denials)],
    }


def _change(moved: Balance) -> Document | None:
    if not moved.flows:
        return None
    return {"lower_sat": moved.lower, "upper_sat": moved.upper, "unknown_flows": moved.unknown}
