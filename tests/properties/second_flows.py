"""The two accounts of a reserve as docs/spec/answers.md, 15 says, for the second naive fold."""

from itertools import combinations
from typing import Any, NamedTuple

from tests.properties.second_claims import Claim, compared
from tests.properties.second_fold import FLOWS, Occurrence, SecondFold
from tests.properties.second_values import FAR, field_agrees, widened

INFLOWS = {"owned": ("acquired", "forfeited"), "custody": ("seized",)}
BESIDE_A_FIGURE = frozenset(("effective", "acted"))


class Account(NamedTuple):
    """What is shown of an account: its ends in satoshis, None above where there is none."""

    lower: int
    upper: int | None
    unknown_flows: int


def account_of(claim: Claim) -> str:
    """Return which account a flow moves."""
    name = claim.type.partition(".")[2]
    if name == "seized" or claim.data.get("mode") == "return":
        return "custody"
    return str(claim.data.get("account", "owned"))


def balance(fold: SecondFold, account: str, *, perhaps: bool) -> Account | None:
    """Return an account of the flows that hold at D, with those that cannot tell if `perhaps`."""
    acts = [
        (one, claim)
        for one in fold.occurrences
        if one.holds in ("yes", "cannot tell")
        for claim in one.selected
        if claim.type in FLOWS and account_of(claim) == account and _moves(claim)
    ]
    sure = [act for act in acts if act[0].holds == "yes"]
    if not perhaps:
        return _total(fold, account, sure)
    coming = [act for act in acts if act not in sure and _is_inflow(act, account)]
    leaving = [act for act in acts if act not in sure and not _is_inflow(act, account)]
    found = _total(fold, account, acts)
    if not (found and coming and leaving):
        return found
    low, high = (_total(fold, account, [*sure, *some]) for some in (leaving, coming))
    assert low
    assert high
    return found._replace(lower=low.lower, upper=high.upper)  # either may have come alone


def _is_inflow(act: "Act", account: str) -> bool:
    return act[1].type.partition(".")[2] in INFLOWS[account]


def _total(fold: SecondFold, account: str, acts: list["Act"]) -> Account | None:
    if not acts:
        return None
    low = high = unknown = 0
    for group in _groups(fold, acts):
        lower, upper = _sum(fold, group)
        if _is_inflow(group[0], account):
            low, high = low + lower, high + upper
        else:
            low, high = low - upper, high - lower
    unknown = sum(_is_unknown(claim) for _, claim in acts)
    return Account(max(low, 0), None if high >= FAR // 2 else max(high, 0), unknown)


def beside(fold: SecondFold, more: SecondFold, account: str) -> Account | None:
    """Return what stands beside an account (10), what perhaps is public first; else the account.

    Where perhaps there are no flows nothing stands beside it: the values under `perhaps` say so.
    """
    certain = balance(fold, account, perhaps=False)
    folded = ((more, True), (more, False), (fold, True))
    others = (balance(one, account, perhaps=perhaps) for one, perhaps in folded)
    return next((other for other in others if other != certain), certain) or certain


def outcomes(fold: SecondFold, account: str) -> list[Account | None]:
    """Return what an account comes to with each alternative of what is contested, each once."""
    found: list[Account | None] = []
    for view in fold.in_turn():
        if (one := balance(view, account, perhaps=False)) not in found:
            found.append(one)
    return found


def _moves(claim: Claim) -> bool:
    """Say whether a flow moves a balance: of a transfer only the fee leaves."""
    return claim.type != "reserve.transferred" or "fee" in claim.data


def _is_unknown(claim: Claim) -> bool:
    return claim.type != "reserve.transferred" and "amount" not in claim.data


def _ends(claim: Claim) -> tuple[int, int]:
    if claim.type == "reserve.transferred":
        fee = claim.data.get("fee")
        return widened(fee) if fee else (0, 0)
    amount = claim.data.get("amount")
    if amount is None:
        return 0, FAR
    lower, upper = widened(amount)
    return max(lower, 0), upper


Act = tuple[Occurrence, Claim]


def _groups(fold: SecondFold, acts: list[Act]) -> list[list[Act]]:
    groups = [[act] for act in acts]
    for a, b in combinations(acts, 2):
        if _kind_of_pair(fold, a, b):
            mine = next(g for g in groups if a in g)
            other = next(g for g in groups if b in g)
            if mine is not other:
                groups.remove(other)
                mine.extend(other)
    return groups


def _kind_of_pair(fold: SecondFold, one: Act, other: Act) -> str:
    """Return `a` or `b` of (15.4) where two flows may be one event; nothing where they may not."""
    (first, a), (second, b) = one, other
    if first is second or len(first.selected) > 1 or len(second.selected) > 1:
        return ""
    if a.type != b.type or not _is_dated(a) or not _is_dated(b) or fold.is_linked(first, second):
        return ""
    if "amount" not in a.data or "amount" not in b.data:
        return ""
    names = (compared(a) & compared(b)) - BESIDE_A_FIGURE
    if not all(field_agrees(n, a.data[n], b.data[n]) for n in names):
        return ""
    assert a.when
    assert b.when
    assert a.when.first
    assert b.when.first
    apart = abs((a.when.first - b.when.first).days)
    if a.asserter != b.asserter:
        return "a" if apart <= 1 else ""
    ids = [{source["source"] for source in c.data.get("sources", ())} for c in (a, b)]
    keyed = "key" in a.data and "key" in b.data
    return "b" if apart == 0 and not ids[0] & ids[1] and not keyed else ""


def _is_dated(claim: Claim) -> bool:
    when = claim.when
    return when is not None and when.first is not None and when.widened() == (when.first,) * 2


def _sum(fold: SecondFold, group: list[Act]) -> tuple[int, int]:
    by_asserter: dict[str, list[list[Act]]] = {}
    for act in group:
        lots = by_asserter.setdefault(act[1].asserter, [])
        near = [lot for lot in lots if any(_kind_of_pair(fold, act, o) == "b" for o in lot)]
        for lot in near:
            lots.remove(lot)
        lots.append([act, *(one for lot in near for one in lot)])
    least = max(
        sum(max(_ends(claim)[0] for _, claim in lot) for lot in lots)
        for lots in by_asserter.values()
    )
    return least, sum(_ends(claim)[1] for _, claim in group)


def shown(answer: Any) -> Account | None:
    """Return an account as a served answer shows it."""
    if answer is None:
        return None
    return Account(answer["lower_sat"], answer["upper_sat"], answer["unknown_flows"])
