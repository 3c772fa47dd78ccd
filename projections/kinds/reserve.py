"""Answer about a reserve: its ledger balance, and what is reported and by whom."""

from domain.claims.claim import Claim
from domain.claims.resolution import Resolution
from domain.kinds.balance import Balance
from domain.kinds.registry import States, thing_states
from projections.queries.document import Document, json_value, newest_report


def answer(view: Resolution, found: States) -> Document:
    """Return what the policy answers about a reserve at D; amounts in satoshis."""
    state, perhaps = found.without, found.including
    series = newest_report(view)
    pick = series.pick if series else None
    return {
        "holder": state.holder,
        "label": state.label,
        "legal_basis": state.legal_basis,
        "announced": state.announced,
        "established": state.established,
        "custodian": state.custodian,
        "policies": [{"policy": policy, "claim": claim} for policy, claim in state.policies],
        "addresses": sorted(state.addresses),
        "ledger_balance": balance_document(state.owned),
        "ledger_balance_perhaps": balance_document(perhaps.owned)
        if perhaps.owned != state.owned
        else None,
        "custody": balance_document(state.custody),
        "reported": _reported(pick, series.support if series else None),
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return a reserve's row in a list."""
    state = thing_states(thing, view).without
    series = newest_report(view)
    pick = series.pick if series else None
    found = _reported(pick, series.support if series else None)
    return {
        "holder": state.holder,
        "label": state.label,
        "status": _standing(state.established, state.announced),
        "ledger_balance_sat": state.owned.lower,
        "ledger_balance_unknown_flows": state.owned.unnamed,
        "reported": found["amount"]["text"] if found else None,
        "reported_lower_sat": found["amount"]["lower"] if found else None,
        "reported_upper_sat": found["amount"]["upper"] if found else None,
        "reported_as_of": found["as_of"] if found else None,
        "reported_by": found["asserted_by"] if found else None,
        "reported_support": found["support"] if found else None,
    }


def balance_document(one: Balance) -> Document:
    """Return a balance: `lower_sat` to `upper_sat` (null: no bound), and `unknown_flows`."""
    return {"lower_sat": one.lower, "upper_sat": one.upper, "unknown_flows": one.unnamed}


def _reported(pick: Claim | None, support: str | None) -> Document | None:
    if pick is None:
        return None
    return {
        "amount": json_value(getattr(pick.body, "amount", None)),
        "as_of": pick.dates.written,
        "asserted_by": pick.body.asserted_by,
        "basis": pick.body.basis,
        "claim": pick.id,
        "support": support,
    }


def _standing(established: str | None, announced: str | None) -> str:
    return "established" if established else "announced" if announced else "spoken of"
