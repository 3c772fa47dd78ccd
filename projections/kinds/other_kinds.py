"""Answer about the kinds whose answer is what their state says, and give their rows in a list."""

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.claims.claim import Claim, days
from domain.claims.resolution import Resolution
from domain.kinds.balance import Balance
from domain.kinds.registry import States
from projections.queries.document import (
    Document,
    balance_ends,
    balance_in_words,
    json_value,
    possible_duplicates,
    values_of,
)


def answer(kind: str, view: Resolution, found: States) -> Document:
    """Return what the policy answers about a thing of a kind at D.

    Power is in watts, an amount of a programme in `xdr-minor` (SDR 0.01).
    """
    own, _ = _KINDS[kind]
    certain = {} if kind == "price" else {"certain": found.certain}
    return {**own(view, found), **certain}


def summary(kind: str, view: Resolution, states: States) -> Document:
    """Return a row in a list: of the answer's values those that have a column."""
    own, columns = _KINDS[kind]
    found = own(view, states)
    row: Document = {name: found.get(name) for name in columns.split()}
    match kind:
        case "meeting":
            row["participants"] = [one["party"] for one in row["participants"]]
        case "price":
            row |= found["newest"][0] if found["newest"] else {}
        case "programme":
            row["access"] = row["access"] or found["access_usd"]
        case "proposal":
            row["acted"] = sorted({one["by"] for one in found["acts"] if one["by"] != _UNSAID})
        case "source":
            row["copies"] = len(row["copies"])
    return row


def _allocation(_: Resolution, found: States) -> Document:
    state = found.without
    return {
        "status": state.stage,
        **values_of(state, "power since withdrawn purposes phase authority"),
        "energised": json_value(state.flowing),
        "energised_phases": _named(state.energised, "phase power"),
    }


def _law(_: Resolution, found: States) -> Document:
    from domain.kinds.law import law_in_force  # the other kinds need none

    in_force = {law_in_force(one) for one in (found.without, found.including)}
    return {
        "in_force": in_force.pop() if len(in_force) == 1 else "cannot tell",
        **values_of(found.without, _LAW_VALUES),
    }


_LAW_VALUES = (
    "form number adopted published began since until ceased ceased_on amends"
    " to_be_adopted to_be_in_force"
)


def _meeting(_: Resolution, found: States) -> Document:
    state = found.without
    return {
        **values_of(state, "held place mode"),
        "participants": [
            {name: value for name, value in one.items() if value is not None}
            for one in _named(state.participants, "party role")
        ],
        "topics": list(state.topics),
    }


def _party(_: Resolution, found: States) -> Document:
    state = found.without
    return {
        **values_of(state, "name type state under dissolved dissolved_on"),
        "continued_by": sorted(state.continued_by),
        "offices": _named(state.offices, "office body claim"),
        "statements": state.statements,
        "same_as": sorted(state.same_as),
    }


def _price(view: Resolution, _: States) -> Document:
    newest: list[Any] = [series.pick for series in view.series if series.pick]
    told = [{**values_of(c.body, "pair kind value"), "on": c.dates.written} for c in newest]
    return {"newest": told}


def _programme(view: Resolution, found: States) -> Document:
    state = found.without
    return {
        "status": state.stage,
        **values_of(state, "facility approved ended months access access_usd"),
        "made_available": _sdr(state.available),
        "known_drawn": _sdr(state.drawn),
        "possible_duplicates": possible_duplicates(state.possible, view),
        "reviews_completed": list(state.reviews),
        "conditions": [
            {"ref": ref, "verdict": verdict or "not assessed", "claim": claim}
            for ref, claim, verdict in state.conditions
        ],
    }


def _sdr(balance: Balance) -> Document | None:
    """Return what was added up, `lower` to `upper`; None where no claim says anything."""
    if not balance.flows:
        return None
    ends, words = balance_ends(balance), balance_in_words(balance, "xdr-minor")
    return {"unit": "xdr-minor", **ends, "text": words}


def _proposal(view: Resolution, found: States) -> Document:
    """Return a proposal's acts by the last day on which each may have happened.

    They are folded by the first day: of an act dated "by July at the latest" a page should not say
    that it came before November.
    """
    state = found.without
    claims = {claim.id: claim for claim in view.standing.claims}
    acts = [
        {"act": act, "by": by or _UNSAID, "on": claims[claim].dates.written, "claim": claim}
        for act, by, claim in sorted(state.acts, key=lambda act: _last(claims[act[2]]))
    ]
    return {"status": state.stage, **values_of(state, "to terms"), "acts": acts, "law": state.law}


def _last(claim: Claim) -> tuple[date, date, int]:
    first, last = days(claim)
    return last or date.max, first or date.min, claim.position


def _source(_: Resolution, found: States) -> Document:
    names = "publisher title locator published via copies"
    return {**values_of(found.without, names), "rechecked": found.without.outcome}


def _named(several: Any, names: str) -> list[Document]:
    """Return tuples as documents of some names."""
    return [dict(zip(names.split(), map(json_value, one), strict=True)) for one in several]


_UNSAID = "unsaid"
# By kind what its answer has, and which of these values stand in a list.
_KINDS: dict[str, tuple[Callable[[Resolution, Any], Document], str]] = {
    "allocation": (_allocation, "status power since authority purposes"),
    "law": (_law, "form adopted in_force began since until ceased ceased_on"),
    "meeting": (_meeting, "held mode place participants"),
    "party": (_party, "name type state under"),
    "price": (_price, "pair kind value on"),
    "programme": (_programme, "status approved access made_available known_drawn"),
    "proposal": (_proposal, "status to acted terms"),
    "source": (_source, "publisher title published copies"),
}
