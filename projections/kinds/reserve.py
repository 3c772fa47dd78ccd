"""Answer about a reserve: its ledger balance, and what is reported and by whom."""

from domain.claims.claim import Claim
from domain.claims.ranking import basis_rank
from domain.claims.resolution import Resolution, ranking_context
from domain.claims.series import ResolvedSeries, figure_of, figures_agree, moment_key
from domain.kinds.balance import Balance
from domain.kinds.registry import States, thing_states
from projections.queries.document import REPORTED, Document, json_value, whole_holding


def answer(view: Resolution, found: States) -> Document:
    """Return what the policy answers about a reserve at D; amounts in satoshis."""
    state, perhaps = found.without, found.including
    series = whole_holding(view)
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
        "reported": _reported(series),
        "reported_others": _others(view, series) if series else [],
        "parts": [
            {"scope": one.key[0], **reported}
            for one in view.series
            if one.type == REPORTED and one.key[0] and (reported := _reported(one))
        ],
        "certain": found.certain,
    }


def summary(thing: str, view: Resolution) -> Document:
    """Return a reserve's row in a list."""
    state = thing_states(thing, view).without
    found = _reported(whole_holding(view))
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


def _reported(series: ResolvedSeries | None) -> Document | None:
    if series is None or series.pick is None:
        return None
    return {**_figure(series.pick), "support": series.support}


def _figure(claim: Claim) -> Document:
    return {
        "amount": json_value(figure_of(claim)),
        "as_of": claim.body.effective,
        "asserted_by": claim.body.asserted_by,
        "basis": claim.body.basis,
        "claim": claim.id,
    }


def _others(view: Resolution, series: ResolvedSeries) -> list[Document]:
    """Return the figures that are not selected, each with what it has before the one that is."""
    best, around = series.best, ranking_context(view.standing)

    def strength(claim: Claim) -> int:
        return basis_rank(claim, around, claim.type)

    return [
        {
            **_figure(claim),
            "holds": "yes" if claim in series.certain else "cannot tell",
            "newer": moment_key(claim) < moment_key(best),
            "better_basis": strength(claim) < strength(best),
            "compatible": figures_agree(claim, best),
        }
        for claim in (*series.certain, *series.maybe)
        if claim is not series.pick
    ]


def _standing(established: str | None, announced: str | None) -> str:
    return "established" if established else "announced" if announced else "spoken of"
