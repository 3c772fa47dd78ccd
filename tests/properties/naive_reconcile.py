"""Ledger balance, reported and observed as a patient reader compares them (docs/spec/answers.md).

The ledger balance is the sum of flows, reported what parties say, observed what addresses hold;
none is ever corrected by another. Written apart from `projections.queries.reconcile`, slow and
plain.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from itertools import product
from math import inf
from typing import Any, NamedTuple

from domain.claims.claim import Claim
from events.amounts import Quantity, QuantityError, add_bounds, compatible, widened
from events.dates import days_at_place, parse_date
from events.value import replace
from tests.properties.naive import (
    agree_in,
    all_hold,
    begun,
    in_order,
    naive_live,
    naive_view,
    never_picked,
)
from tests.properties.naive_claims import Said, day_of, is_link

FLOWS = ("acquired", "disposed", "transferred", "seized", "forfeited", "lost")
PAIRS = (("reported", "ledger_balance"), ("observed", "ledger_balance"), ("reported", "observed"))


class Sum(NamedTuple):
    """What is owned, at least and at most (None: without end), each open or not.

    `unknown` are the flows without an amount, `flows` all that count.
    """

    least: int | None = 0
    most: int | None = 0
    least_open: bool = False
    most_open: bool = False
    unknown: int = 0
    flows: int = 0


class Flow(NamedTuple):
    """What is selected of an occurrence: one claim, or the parts of one asserter."""

    name: str
    said: list[Said]
    holds: bool  # or it may


Fold = tuple[dict[str, Said], dict[str, Any], list[Said]]
"""What is live by its id, the occurrences, and the claims about claims."""


def naive_reconcile(
    claims: Iterable[Claim], day: date, public_at: date | None, known_at: int | None, policy: str
) -> dict[str, Any] | None:
    """Return the answer about a reserve, None where nothing is known of it."""
    told = list(claims)
    view = naive_view(told, day, public_at, known_at, policy)
    second = view["perhaps"]
    live, links, _ = naive_live(told, public_at, known_at)
    if not live and not (second and second["live"]):
        return None
    said = {one.id: one for one in live}
    reported = whole(said, view, "reserve.holding-reported")
    observed = whole(said, view, "reserve.holding-observed")
    answers = []
    for occurrences in _outcomes(said, view["occurrences"], day):
        folds = [(said, occurrences, links)]
        if second:
            more, about, _ = naive_live(told, public_at, known_at, perhaps=True)
            known = {one.id: one for one in more}
            folds.append((known, _selected(known, second["occurrences"], day), about))
        booked, perhaps = (
            (_sum_of(folds[0], "owned"), _sum_of(folds[0], "custody")),
            (_sum_beside(folds, "owned"), _sum_beside(folds, "custody")),
        )
        answers.append((booked, perhaps))
    differences = [_differences(one[0], reported, observed) for one, _ in answers]
    return {
        "ledger_balance": _same([shown(one[0]) for one, _ in answers]),
        "ledger_balance_perhaps": _same([_beside(a[0], b[0]) for a, b in answers]),
        "reported": reported and (reported[0].id, reported[1]),
        "observed": observed and (observed[0].id, observed[1]),
        "differences": [one for one in differences[0] if all(one in d for d in differences)],
        "agree": _same([_agree(a, b, reported) for a, b in answers], otherwise="contested"),
        "explained_by": _explained(said, view["occurrences"], reported),
    }


def _same(values: list[Any], otherwise: Any = None) -> Any:
    return values[0] if all(value == values[0] for value in values) else otherwise


def _selected(said: dict[str, Said], occurrences: dict[str, Any], day: date) -> dict[str, Any]:
    """Return the occurrences with what primary-first selects of those that strict does not."""
    found = {}
    for name, one in occurrences.items():
        instead = [said[claim] for claim in one["instead"]]
        found[name] = _with(one, instead, day) if instead else one
    return found


def _with(one: dict[str, Any], selected: list[Said], day: date) -> dict[str, Any]:
    holds = all_hold(selected, day) if selected else "no"
    return {**one, "pick": [claim.id for claim in selected], "holds": holds}


def _outcomes(
    said: dict[str, Said], occurrences: dict[str, Any], day: date
) -> Iterator[dict[str, Any]]:
    """Give the occurrences with each alternative of what is contested in turn (section 13)."""
    first = _selected(said, occurrences, day)
    yield first
    for name, one in occurrences.items():
        if one["instead"] and one["shown"]:
            for ids in one["ranked"]:
                if not any(never_picked(said[claim]) for claim in ids):
                    yield {**first, name: _with(one, [said[claim] for claim in ids], day)}
            if one["denials"]:
                yield {**first, name: _with(one, [], day)}


def whole(said: dict[str, Said], view: dict[str, Any], type_: str) -> tuple[Said, str] | None:
    """Return what is selected of the whole, and its support: a part is never the holding."""
    for key, one in view["series"].items():
        if key[0] == type_ and not any(key[1:]) and one["pick"]:
            return said[one["pick"]], one["support"]
    return None


# What is the ledger balance?


def _sum_of(fold: Fold, account: str) -> Sum:
    """Return the sum of what holds."""
    return _total_of(_flows(*fold[:2], ("yes",)), fold, account)


def _flows(
    said: dict[str, Said], occurrences: dict[str, Any], holding: tuple[str, ...]
) -> list[Flow]:
    verbs = [f"reserve.{verb}" for verb in FLOWS]
    found = []
    for name, one in occurrences.items():
        selected = [_with_account(said, claim, one["claims"]) for claim in one["pick"]]
        if one["holds"] in holding and selected and selected[0].type in verbs:
            found.append(Flow(name, selected, one["holds"] == "yes"))
    return found


def _with_account(said: dict[str, Said], claim: str, beside: list[str]) -> Said:
    """Return a flow with what the claims beside it say of the account, where it says nothing."""
    found = said[claim]
    for name in ("account", "seizures"):
        told = {getattr(said[other].body, name, None) for other in beside} - {None}
        if len(told) == 1 and getattr(found.body, name, "none") is None:
            found = found._replace(body=replace(found.body, **{name: told.pop()}))
    return found


def _sum_beside(folds: list[Fold], account: str) -> Sum:
    """Return what an account may come to, each happening for the least and the most (15.6)."""
    answer, least, most = _sum_of(folds[0], account), [], []
    for happening in _happenings([occurrences for _, occurrences, _ in folds]):
        options = [
            _flows(said, of, holding)
            for (said, _, _), of in zip(folds, happening, strict=True)
            for holding in (("yes",), ("yes", "cannot tell"))
        ]
        sums = [_total_of(flows, None, account) for flows in options]
        lows = [-inf if one.least is None else one.least for one in sums]
        highs = [inf if one.most is None else one.most for one in sums]
        least += options[lows.index(min(lows))]
        most += options[highs.index(max(highs))]
    low, high = (_total_of(flows, folds[-1], account) for flows in (least, most))
    if answer in (low, high):
        return high if low == answer else low
    both = _total_of([*least, *(flow for flow in most if flow not in least)], None, account)
    return both._replace(
        least=low.least, least_open=low.least_open, most=high.most, most_open=high.most_open
    )


def _happenings(folds: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Give the occurrences of one happening in each fold: those that share claims."""
    waiting = [(n, name) for n, of in enumerate(folds) for name in of]
    while waiting:
        group = [waiting.pop(0)]
        for n, name in group:  # grows while it is walked
            near = [
                (m, other)
                for m, other in waiting
                if set(folds[n][name]["claims"]) & set(folds[m][other]["claims"])
            ]
            group += near
            waiting = [one for one in waiting if one not in near]
        yield [{name: of[name] for m, name in group if m == n} for n, of in enumerate(folds)]


def _total_of(flows: list[Flow], fold: Fold | None, account: str) -> Sum:
    """Return the sum of flows; what may be one event adds what an asserter states of it."""
    total = Sum()
    groups = _groups([f for f in flows if f.holds], _linked(*fold[1:])) if fold else []
    for flow in flows:
        total = _added(total, flow, account)
    for group in groups:
        repeated = _all_of(group, account) - _most_of_one(group, account)
        sign = _sign(group[0].said[0], account)
        if sign > 0 and total.least is not None:
            total = total._replace(least=total.least - repeated)
        if sign < 0 and total.most is not None:
            total = total._replace(most=total.most + repeated)
    return total


def _sign(said: Said, account: str = "owned") -> int:
    """Say whether a claim adds to an account or takes from it: 0 for neither."""
    body = said.body
    match said.type:
        case "reserve.acquired":
            return 1 if account == "owned" else 0
        case "reserve.seized":
            return 1 if account == "custody" else 0
        case "reserve.forfeited":
            return 1 if account == "owned" else -1 if body.seizures else 0
        case "reserve.lost" | "reserve.disposed":
            return -1 if _account(body) == account else 0
        case "reserve.transferred":
            return 0 if body.fee is None or _account(body) != account else -1
    return 0


def _account(body: Any) -> str:
    returned = getattr(body, "mode", None) == "return"
    return "custody" if returned or getattr(body, "account", None) == "custody" else "owned"


def _owned(said: Said) -> Quantity | None:
    """Return what a flow moves: of a transfer only the fee."""
    found: Quantity | None = said.body.fee if "transferred" in said.type else said.body.amount
    return found


def _added(total: Sum, flow: Flow, account: str) -> Sum:
    for said in flow.said:
        if not _sign(said, account):
            continue
        amount = _owned(said)
        low, high = widened(amount) if amount is not None else (None, None)
        ends: list[tuple[int | None, bool]] = [
            (low or 0, bool(amount and low is not None and amount.lower_open)),
            (high, bool(amount and high is not None and amount.upper_open)),
        ]
        if _sign(said, account) < 0:
            ends = [(None if end is None else -end, is_open) for end, is_open in reversed(ends)]
        (down, down_open), (up, up_open) = ends
        least = None if total.least is None or down is None else total.least + down
        most = None if total.most is None or up is None else total.most + up
        total = Sum(
            least,
            most,
            least is not None and (total.least_open or down_open),
            most is not None and (total.most_open or up_open),
            total.unknown + (amount is None),
            total.flows + 1,
        )
    return total


# Which flows may be one event?


def _linked(occurrences: dict[str, Any], about: list[Said]) -> set[frozenset[str]]:
    """Return the pairs of occurrences of which a link says whether they are one."""
    pairs = [(link.body.target, link.body.with_) for link in about if is_link(link)]
    return {
        frozenset((a, b))
        for one, other in pairs
        for a, b in product(occurrences, occurrences)
        if one in occurrences[a]["claims"] and other in occurrences[b]["claims"]
    }


def _groups(flows: list[Flow], linked: set[frozenset[str]]) -> list[list[Flow]]:
    waiting, found = list(flows), []
    while waiting:
        group = [waiting.pop(0)]
        for member in group:  # grows while it is walked
            near = [
                one
                for one in waiting
                if frozenset((member.name, one.name)) not in linked and _are_a_pair(member, one)
            ]
            group += near
            waiting = [one for one in waiting if one not in near]
        if len(group) > 1:
            found.append(group)
    return found


def _are_a_pair(a: Flow, b: Flow) -> bool:
    """Say whether two flows of one type may be one event."""
    day, other = _day(a), _day(b)
    if a.said[0].type != b.said[0].type or day is None or other is None:
        return False
    mine, yours = a.said[0].body, b.said[0].body
    if mine.asserted_by != yours.asserted_by:
        fits = abs(day - other) <= 1
    else:
        keyed = mine.key is not None and yours.key is not None
        fits = day == other and not _sources(a) & _sources(b) and not keyed
    return fits and _account(mine) == _account(yours) and _fields_agree(a, b)


def _day(flow: Flow) -> int | None:
    """Return the day of a flow with an amount, of all its parts; a derived day is not compared."""
    days = set()
    for said in flow.said:
        edtf = parse_date(said.body.effective) if said.body.effective else None
        if edtf is None or edtf.is_span or edtf.margin_unit or said.body.amount is None:
            return None
        days |= set(days_at_place(edtf, said.body.zone))
    day = days.pop()
    return None if days or day is None or _amount(flow) is None else day.toordinal()


def _amount(flow: Flow) -> Quantity | None:
    amounts: list[Quantity] = [said.body.amount for said in flow.said]
    try:
        return reduce(add_bounds, amounts)
    except QuantityError:
        return None


def _sources(flow: Flow) -> set[str]:
    return {ref.source for said in flow.said for ref in said.body.sources or ()}


def _fields_agree(a: Flow, b: Flow) -> bool:
    names = [
        *("mode", "price", "counterparty", "spent", "proceeds", "account", "cause", "reason"),
        *("from_", "to", "to_count", "each", "fee", "seizures"),
    ]
    mine, yours = a.said[0], b.said[0]
    shared = [n for n in names if hasattr(mine.body, n) and hasattr(yours.body, n)]
    amounts = _amount(a), _amount(b)
    if amounts[0] is None or amounts[1] is None or not compatible(amounts[0], amounts[1]):
        return False
    return all(agree_in(name, [mine], [yours]) for name in shared)


def _all_of(group: list[Flow], account: str) -> int:
    return sum(_least(flow, account) for flow in group)


def _most_of_one(group: list[Flow], account: str) -> int:
    """Return the largest sum that one asserter states; of pairs of its own each once."""
    sums = []
    for by in {flow.said[0].body.asserted_by for flow in group}:
        own = [flow for flow in group if flow.said[0].body.asserted_by == by]
        units = _groups(own, set())
        alone = [flow for flow in own if not any(flow in unit for unit in units)]
        units += [[flow] for flow in alone]
        sums.append(sum(max(_least(flow, account) for flow in unit) for unit in units))
    return max(sums)


def _least(flow: Flow, account: str) -> int:
    amounts = [_owned(said) for said in flow.said if _sign(said, account)]
    return sum((widened(one)[0] or 0) if one else 0 for one in amounts)


# How do the three compare?


def shown(total: Sum) -> Sum | None:
    """Return a sum as it is shown: nothing without a flow, and never less than 0."""
    if not total.flows:
        return None
    cut = total.least is None or total.least < 0
    most = None if total.most is None else max(total.most, 0)
    return total._replace(
        least=0 if cut else total.least,
        most=most,
        least_open=total.least_open and not cut,
        most_open=total.most_open and bool(most),
    )


def _beside(total: Sum, other: Sum) -> Sum | None:
    """Return the sum that stands beside another; nothing where they are shown alike."""
    alike = [one and one._replace(flows=1) for one in (shown(total), shown(other))]
    return None if alike[0] == alike[1] else shown(other)


def _differences(
    booked: Sum, reported: tuple[Said, str] | None, observed: tuple[Said, str] | None
) -> list[tuple[str, str, int | None, int | None]]:
    ends: dict[str, tuple[int | None, int | None]] = {}
    if balance := shown(booked):
        ends["ledger_balance"] = (balance.least, balance.most)
    for name, measured in (("reported", reported), ("observed", observed)):
        if measured is not None:
            ends[name] = widened(measured[0].body.amount)
    found = []
    for one, other in PAIRS:
        if one in ends and other in ends:
            (low, high), (least, most) = ends[one], ends[other]
            lower = None if low is None or most is None else low - most
            upper = None if high is None or least is None else high - least
            found.append((one, other, lower, upper))
    return found


def _agree(
    booked: tuple[Sum, Sum], perhaps: tuple[Sum, Sum], reported: tuple[Said, str] | None
) -> str:
    """Say whether one number can be reported and owned, or owned and in custody together.

    Only a certain sum tells.
    """
    (owned, custody), (other, other_custody) = booked, perhaps
    if reported is None or not owned.flows or owned.unknown or owned != other:
        return "cannot tell"
    alone = _may_be_equal(owned, reported[0].body.amount)
    if alone or not custody.flows:
        return "yes" if alone else "no"
    if custody.unknown or custody != other_custody:
        return "cannot tell"
    ends = [
        None if a is None or b is None else a + b
        for a, b in ((owned.least, custody.least), (owned.most, custody.most))
    ]
    least_open, most_open = (
        a or b
        for a, b in ((owned.least_open, custody.least_open), (owned.most_open, custody.most_open))
    )
    together = Sum(ends[0], ends[1], least_open, most_open, flows=2)
    return "yes" if _may_be_equal(together, reported[0].body.amount) else "no"


def _may_be_equal(total: Sum, amount: Quantity) -> bool:
    balance = shown(total)
    assert balance
    low, high = widened(amount)
    least, most = balance.least or 0, balance.most
    above = low is not None and most is not None and low > most
    below = high is not None and high < least
    meets_above = low == most and (amount.lower_open or balance.most_open)
    meets_below = high == least and (amount.upper_open or balance.least_open)
    return not (above or below or meets_above or meets_below)


# What may explain a difference?


def _explained(
    said: dict[str, Said], occurrences: dict[str, Any], reported: tuple[Said, str] | None
) -> list[dict[str, Any]]:
    rows = []
    for name, one in occurrences.items():
        shown = [said[claim] for claim in one["pick"] or one["ranked"][0]]
        reasons = _reasons(shown, one, reported)
        if one["holds"] != "no" and reasons:
            alone = _sum_of((said, {name: {**one, "holds": "yes"}}, []), "owned")
            row = {
                "occurrence": name,
                "type": shown[0].type,
                "on": day_of(shown[0]),
                "moves": (alone.least, alone.most, alone.unknown) if one["pick"] else (None,) * 3,
                "reasons": reasons,
                "words": _words(shown[0]),
                "claims": one["claims"] | one["denials"],
                "position": shown[0].position,
            }
            rows.append((in_order(said[one["ranked"][0][0]]), row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _reasons(shown: list[Said], one: dict[str, Any], reported: tuple[Said, str] | None) -> set[str]:
    kind, _, verb = shown[0].type.partition(".")
    if verb == "reconciled":
        return {"reconciled"}
    if kind != "reserve" or verb not in FLOWS:
        return set()
    reasons = {
        "moved, not gained or lost": verb == "transferred",
        "type contested": one["fields"].get("type") == "contested",
        "amount contested": one["fields"].get("amount") == "contested",
        "amount unknown": any(_is_unnamed(claim) for claim in shown),
        "amount not exact": any(_is_inexact(claim) for claim in shown),
        "denied": one["denials"] != set(),
        "day cannot tell": one["holds"] == "cannot tell",
        "no claim selected": one["pick"] == [],
        "after the report": reported is not None and _is_after(shown, reported[0]),
    }
    return {reason for reason, is_so in reasons.items() if is_so}


def _is_unnamed(claim: Said) -> bool:
    return claim.type != "reserve.transferred" and getattr(claim.body, "amount", None) is None


def _is_inexact(claim: Said) -> bool:
    amount = getattr(claim.body, "amount", None)
    return amount is not None and (amount.lower != amount.upper or amount.approximate is True)


def _is_after(shown: list[Said], reported: Said) -> bool:
    """Say whether a flow certainly came later than the last day that the report may mean."""
    written = day_of(reported)
    if written is None:
        return False
    last = days_at_place(parse_date(written), reported.body.zone)[1]
    return last is not None and all(begun(claim, last) == "no" for claim in shown)


def _words(said: Said) -> str | None:
    names = {"reserve.reconciled": "explanation", "reserve.transferred": "reason"}
    found: str | None = getattr(said.body, names.get(said.type, "mode"), None)
    return found
