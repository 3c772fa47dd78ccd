"""Answer about a reserve: its ledger balance, and what is reported and by whom."""

from domain.claims.claim import Claim
from domain.claims.comparison import figure_of, figures_agree
from domain.claims.ranking import basis_rank, moment_key
from domain.claims.resolution import Resolution, ranking_context
from domain.claims.series import ResolvedSeries
from domain.kinds.balance import Balance
from domain.kinds.registry import States
from domain.kinds.reserve import Reserve
from events.amounts import write_amount
from projections.queries.document import (
    REPORTED,
    Document,
    balance_ends,
    balance_in_words,
    json_value,
    possible_duplicates,
    values_of,
    whole_holding,
)

_ACCOUNTS = {"ledger_balance": "owned", "custody": "custody", "pledged": "pledged"}


def answer(view: Resolution, found: States) -> Document:
    """Return what the policy answers about a reserve at D; amounts in satoshis."""
    state, perhaps = found.without, found.other
    series = whole_holding(view)
    return {
        **values_of(state, "holder label legal_basis announced established custodian"),
        "policies": [{"policy": policy, "claim": claim} for policy, claim in state.policies],
        "addresses": sorted(state.addresses),
        "planned": json_value(state.planned),
        **_balances(state, perhaps),
        "possible_duplicates": possible_duplicates(state.possible, view),
        "reported": _reported(series),
        "reported_perhaps": _reported_perhaps(view, _reported(series)),
        "reported_others": _others(view, series) if series else [],
        "parts": [
            {"scope": one.key[0], **reported}
            for one in view.series
            if one.type == REPORTED and one.key[0] and (reported := _reported(one))
        ],
        "certain": found.certain,
    }


def summary(view: Resolution, found: States) -> Document:
    """Return a reserve's row in a list."""
    state, perhaps, series = found.without, found.other, whole_holding(view)
    reported = _reported(series)
    return {
        "holder": state.holder,
        "label": state.label,
        "status": _status(state, series),
        **_columns("ledger_balance", state, perhaps),
        "ledger_balance_unknown_flows": state.owned.unknown if state.owned.flows else None,
        **_columns("custody", state, perhaps),
        "reported": reported and reported["amount"]["text"],
        "reported_lower_sat": reported and reported["amount"]["lower"],
        "reported_upper_sat": reported and reported["amount"]["upper"],
        "reported_as_of": reported and reported["as_of"],
        "reported_by": reported and reported["asserted_by"],
        "reported_holds": reported and reported["holds"],
        # Under strict a contested figure has no value, but its support is known.
        "reported_support": series.support if series else None,
    }


def _status(state: Reserve, series: ResolvedSeries | None) -> str:
    """Return the most that is said of a reserve: that it is there, is to be, or holds anything."""
    if state.established:
        return "established"
    if state.announced:
        return "announced"
    if any(getattr(state, account).flows for account in _ACCOUNTS.values()):
        return "flows recorded"
    return "figure reported" if series is not None else "mentioned only"


def balance_document(
    one: Balance, other: Balance | None = None, overdrawn: int = 0
) -> Document | None:
    """Return a balance from `lower_sat` to `upper_sat` (null: no bound), cut at 0.

    None where no flow is in view: nothing is known of it, and it is not 0. The flows do not add up
    where they do not in the `other` balance either, which has what may have come. `overdrawn` is by
    how much more had left on a day before than had come in, where that is more.
    """
    if not one.flows:
        return None
    ends = balance_ends(one)
    sats = {"lower_sat": ends.pop("lower"), "upper_sat": ends.pop("upper")}
    missing = missing_of(one, other)
    if ends.pop("missing", 0) and missing:
        sats["missing_sat"] = missing
    text = balance_in_words(one, "sat", missing)
    if overdrawn > missing:
        sats["overdrawn_before_sat"] = overdrawn
        words, semicolon, unknown = text.partition("; ")
        less = f"{write_amount(overdrawn, 'sat')} more had left than had come in"
        text = f"{words}: on a day before, {less}{semicolon}{unknown}"
    return {"unit": "sat", **sats, **ends, "text": text}


def beside_document(one: Balance, other: Balance) -> Document | None:
    """Return a balance that stands beside another; None where they are shown alike."""
    if (one.shown, one.unknown, bool(one.flows)) == (other.shown, other.unknown, bool(other.flows)):
        return None
    return balance_document(other)


def missing_of(one: Balance, other: Balance | None) -> int:
    """Return by how much the flows certainly do not add up, with and without what may be."""
    return one.missing if other is None else min(one.missing, other.missing)


def _balances(state: Reserve, perhaps: Reserve) -> Document:
    """Return what is owned, in custody and pledged, and each with what is not certain of D."""
    found: Document = {}
    for name, account in _ACCOUNTS.items():
        one, other = getattr(state, account), getattr(perhaps, account)
        found[name] = balance_document(one, other, overdrawn_of(state, account))
        found[f"{name}_perhaps"] = beside_document(one, other)
    return found


def overdrawn_of(state: Reserve, account: str) -> int:
    """Return by how much more had left an account on a day before than had come in."""
    return dict(state.overdrawn).get(account, 0)


def _columns(name: str, state: Reserve, beside: Reserve) -> Document:
    """Return the columns of a balance in a list; all null where no flow is in view.

    `_perhaps` is the balance with what may be of the day, where that is another.
    """
    account = _ACCOUNTS[name]
    one, other = getattr(state, account), getattr(beside, account)
    found = balance_document(one, other, overdrawn_of(state, account))
    perhaps = beside_document(one, other)
    return {
        name: found and found["text"],
        f"{name}_lower_sat": found and found["lower_sat"],
        f"{name}_upper_sat": found and found["upper_sat"],
        f"{name}_perhaps": perhaps and perhaps["text"],
    }


def _reported(series: ResolvedSeries | None) -> Document | None:
    if series is None or series.pick is None:
        return None
    holds = "yes" if series.pick in series.certain else "cannot tell"
    return {**_figure(series.pick), "holds": holds, "support": series.support}


def _reported_perhaps(view: Resolution, reported: Document | None) -> Document | None:
    """Return what is reported with all that perhaps was public, where it differs."""
    other = _reported(whole_holding(view.perhaps)) if view.perhaps else None
    return other if other != reported else None


def _figure(claim: Claim) -> Document:
    return {
        "amount": json_value(figure_of(claim)),
        "as_of": claim.dates.written,
        "asserted_by": claim.body.asserted_by,
        "basis": claim.body.basis,
        "claim": claim.id,
    }


def _others(view: Resolution, series: ResolvedSeries) -> list[Document]:
    """Return the figures that are not selected, each with what it has before the one that is."""
    best, around = series.best, ranking_context(view.standing)

    def strength(claim: Claim) -> int:
        return basis_rank(view.policy, claim, around, claim.type)

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
