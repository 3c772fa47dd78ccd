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


def account_of(claim: Claim, one: Occurrence) -> str:
    """Return which account a flow moves: what the claims beside it say, where it says nothing."""
    name = claim.type.partition(".")[2]
    if name == "seized" or claim.data.get("mode") == "return":
        return "custody"
    beside = {other.data["account"] for other in one.claims if "account" in other.data}
    takes_one = name in ("disposed", "lost", "transferred")
    default = beside.pop() if len(beside) == 1 and takes_one else "owned"
    return str(claim.data.get("account", default))


def balance(fold: SecondFold, account: str) -> Account | None:
    """Return an account of the flows that hold at D."""
    return _shown(_total(fold, account, _acts(fold.occurrences, account, ("yes",))))


def _acts(of: list[Occurrence], account: str, holding: tuple[str, ...]) -> list["Act"]:
    """Return the flows of an account, of these occurrences, that hold so."""
    return [
        (one, claim)
        for one in of
        if one.holds in holding
        for claim in one.selected
        if claim.type in FLOWS and account_of(claim, one) == account and _moves(claim)
    ]


def _is_inflow(act: "Act", account: str) -> bool:
    return act[1].type.partition(".")[2] in INFLOWS[account]


def _total(fold: SecondFold, account: str, acts: list["Act"]) -> tuple[int, int, int] | None:
    """Return the ends of an account and how many flows have no amount; None without a flow."""
    if not acts:
        return None
    low = high = 0
    for group in _groups(fold, acts):
        lower, upper = _sum(fold, group)
        if _is_inflow(group[0], account):
            low, high = low + lower, high + upper
        else:
            low, high = low - upper, high - lower
    return low, high, _unknown(acts)


def _unknown(acts: list["Act"]) -> int:
    return sum(1 for one in {claim.id: claim for _, claim in acts}.values() if _is_unknown(one))


def _shown(total: tuple[int, int, int] | None) -> Account | None:
    if total is None:
        return None
    low, high, unknown = total
    return Account(max(low, 0), None if high >= FAR // 2 else max(high, 0), unknown)


def beside(fold: SecondFold, more: SecondFold, account: str) -> Account | None:
    """Return what stands beside an account (15.6); the account itself where nothing does.

    Each happening counts for the least that it may be, or for the most: as the answer has it, as
    the fold with all that perhaps is public has it, or not at all where one cannot tell.
    """
    answer = _total(fold, account, _acts(fold.occurrences, account, ("yes",)))
    least: list[Act] = []
    most: list[Act] = []
    for happening in _happenings(fold, more):
        options = [
            _acts(of, account, holding)
            for of in happening
            for holding in (("yes",), ("yes", "cannot tell"))
        ]
        least += min(options, key=lambda acts: sum(_moved(act, account)[0] for act in acts))
        most += max(options, key=lambda acts: sum(_moved(act, account)[1] for act in acts))
    low, high = _total(more, account, least), _total(more, account, most)
    if answer in (low, high):
        found = high if low == answer else low
    else:
        found = (low or (0, 0))[0], (high or (0, 0))[1], _unknown([*least, *most])
    return _shown(answer if found is None else found)  # where there are no flows nothing is beside


def _happenings(
    fold: SecondFold, more: SecondFold
) -> list[tuple[list[Occurrence], list[Occurrence]]]:
    """Return what each of two folds has of one happening: what shares a claim."""
    found: list[tuple[set[str], list[Occurrence], list[Occurrence]]] = []
    for which, one in ((n, one) for n, of in enumerate((fold, more)) for one in of.occurrences):
        ids, parts = {claim.id for claim in one.claims}, ([], [])  # type: ignore[var-annotated]
        parts[which].append(one)
        for other in [other for other in found if other[0] & ids]:
            found.remove(other)
            ids |= other[0]
            parts = ([*other[1], *parts[0]], [*other[2], *parts[1]])
        found.append((ids, *parts))
    return [(first, second) for _, first, second in found]


def _moved(act: "Act", account: str) -> tuple[int, int]:
    lower, upper = _ends(act[1])
    return (lower, upper) if _is_inflow(act, account) else (-upper, -lower)


def outcomes(fold: SecondFold, account: str) -> list[Account | None]:
    """Return what an account comes to with each alternative of what is contested, each once."""
    found: list[Account | None] = []
    for view in fold.in_turn():
        if (one := balance(view, account)) not in found:
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
