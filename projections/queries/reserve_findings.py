"""Find what is unusual in flows and holdings (docs/spec/answers.md, 15).

Each function yields the events concerned and a sentence. `findings` names the checks.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from domain.claims.claim import Claim, Clocks, began_at
from domain.claims.comparison import fields_agree, figure_of, stated_values
from domain.claims.occurrence_keys import Joined
from domain.claims.ranking import DEFAULT, policy, recency_key
from domain.claims.resolution import Resolution
from domain.claims.series import are_near
from domain.kinds.balance import Balance, ends_of
from domain.kinds.possible_events import FLOWS, account_of, linked_pairs, looks_like
from domain.kinds.registry import possible_flows, thing_states
from domain.kinds.reserve import moves
from events.amounts import MAX_SAT, Quantity, write_amount, write_quantity
from events.catalogue import repeatable
from events.identifiers import kind_of
from projections.kinds.reserve import missing_of
from projections.queries.document import REPORTED, balance_in_words, whole_holding
from projections.queries.finding_context import CheckContext, Found
from projections.queries.reconcile import may_be_held
from projections.read_model.database import ReadModel

_LEAVES = ("reserve.disposed", "reserve.lost")
_SELDOM = ("reserve.seized", "reserve.forfeited", "reserve.lost")  # twice in one size


def find_possible_duplicates(asking: CheckContext) -> Iterator[Found]:
    """Yield the groups of claims that may be one event."""
    groups = asking.possible.groups
    for group in (*groups, *_of_one_size(asking.view, groups), *_equal_acts(asking.view)):
        yield _may_be_one(group)


def find_look_alikes(
    answers: ReadModel, thing: str, ids: Collection[str], most: int
) -> Iterator[tuple[Claim, Claim]]:
    """Yield claims of a thing, at most so many, each with an earlier one that may be the same.

    Those of one size whose days are not sure too, where no more than so many are asked about: of a
    whole table the finding tells it.
    """
    view = answers.view(thing, Clocks(date.max), policy(DEFAULT))
    groups = possible_flows(thing, view).groups
    for group in groups:
        for claim in [claim for claim in group if claim.id in ids][:most]:
            earlier = (other for other in group if other.position < claim.position)
            if other := looks_like(claim, earlier):
                yield other, claim
    for group in _of_one_size(view, groups, ids) if len(ids) <= most else ():
        first, *others = sorted(group, key=lambda claim: claim.position)
        yield from ((first, claim) for claim in others if claim.id in ids)


def find_unexplained_falls(asking: CheckContext) -> Iterator[Found]:
    """Yield figures below half of the asserter's last, where no disposal lies between."""
    view = asking.view
    gone = [claim for one in view.occurrences if one.holds != "no" for claim in one.pick]
    left = [claim for claim in gone if claim.type in _LEAVES]
    reports: dict[tuple[str, str], list[Claim]] = {}
    for claim in view.standing.claims:
        if claim.type == REPORTED and began_at(claim, view.clocks) == "yes":
            body: Any = claim.body
            whole = body.scope if body.scope not in (None, "unstated", "total") else ""
            reports.setdefault((body.asserted_by, whole), []).append(claim)
    for claims in reports.values():
        ordered = sorted(claims, key=recency_key, reverse=True)
        for before, after in pairwise(ordered):
            explained = any(_may_lie_between(claim, before, after) for claim in left)
            if _is_fall(before, after) and not explained:
                figures = " to ".join(write_quantity(figure_of(c)) for c in (before, after))
                who = after.body.asserted_by
                yield (before.id, after.id), f"{who}: from {figures}, without a disposal between"


def find_zero_amounts(asking: CheckContext) -> Iterator[Found]:
    """Yield flows whose amount is 0."""
    for one in asking.view.occurrences:
        flows = [c for c in one.pick if c.type in FLOWS and one.holds != "no"]
        for claim in flows:
            amount = getattr(claim.body, "amount", None)
            if amount is not None and amount.upper == 0:
                yield (claim.id,), f"{_verb(claim)}: an amount of 0"


def find_unreconciled(asking: CheckContext) -> Iterator[Found]:
    """Yield the reported holding where no number is that and the ledger balance of its day.

    Nor that and the balance together with what was in custody.
    """
    thing, view = asking.thing, asking.view
    series = whole_holding(view)
    if series is None or series.pick is None:
        return
    last = series.pick.dates.last
    until = thing_states(
        thing,
        view,
        asking.possible,
        only=lambda claim: last is None or began_at(claim, Clocks(last)) != "no",
    )
    amount: Quantity = figure_of(series.pick)
    both = until.without, until.including
    if all(one.owned.flows and not may_be_held(one, amount) for one in both):
        words = balance_in_words(until.without.owned, "sat")
        sentence = f"reported {write_quantity(amount)}, ledger balance {words}"
        yield (series.pick.id,), sentence


def find_impossible_sums(asking: CheckContext) -> Iterator[Found]:
    """Yield the balances that certainly are below 0."""
    if kind_of(asking.thing) != "reserve":
        return
    found = asking.states
    for account, name in (("owned", "ledger balance"), ("custody", "custody")):
        if missing := missing_of(
            getattr(found.without, account), getattr(found.including, account)
        ):
            less = write_amount(-missing, "sat")
            yield (
                _flows_of(asking.view, account),
                f"{name}: the recorded flows do not add up ({less})",
            )


def find_above_all_bitcoin(asking: CheckContext) -> Iterator[Found]:
    """Yield the balances that certainly are more than all bitcoin there can be."""
    state = asking.states.without
    for account, name in (("owned", "ledger balance"), ("custody", "custody")):
        balance: Balance = getattr(state, account)
        if balance.lower is not None and balance.lower > MAX_SAT:
            sentence = f"{name}: {write_amount(balance.lower, 'sat')} is more than can exist"
            yield _flows_of(asking.view, account), sentence


def _of_one_size(
    view: Resolution, known: Sequence[tuple[Claim, ...]], about: Collection[str] | None = None
) -> Iterator[tuple[Claim, ...]]:
    """Yield flows of nearly one size that, but for it and their days, may be one event.

    They are counted as several: a day is not sure, seizures are dated far apart, or a figure is
    rounded. `about` keeps the pairs that one of these claims is in.
    """
    of_account: dict[tuple[str, str], list[Claim]] = {}
    held = (one for one in view.occurrences if one.pick and one.holds == "yes")
    for claim in (claim for one in held for claim in one.folded):
        amount: Quantity | None = getattr(claim.body, "amount", None)
        if claim.type in FLOWS and amount is not None and amount.lower:
            of_account.setdefault((claim.type, account_of(claim.body)), []).append(claim)
    linked = linked_pairs(view)
    group_of = {claim.id: n for n, group in enumerate(known) for claim in group}
    for claims in filter(_are_several, of_account.values()):
        claims.sort(key=_size)
        joined = Joined(len(claims))
        for m, n in _of_near_size(claims, about):
            a, b = claims[m], claims[n]
            is_known = a.id in group_of and group_of[a.id] == group_of.get(b.id)
            if (
                _differ_in_day_and_size(a, b)
                and not is_known
                and frozenset((a.id, b.id)) not in linked
            ):
                joined.join(m, n)
        for group in filter(_are_several, joined.groups()):
            yield tuple(claims[n] for n in group)


def _size(claim: Claim) -> int:
    body: Any = claim.body
    return int(body.amount.lower)


def _of_near_size(
    claims: Sequence[Claim], about: Collection[str] | None
) -> Iterator[tuple[int, int]]:
    """Yield pairs of flows, in the order of their sizes, that differ by at most one in a hundred.

    Where all are asked, a purchase or another frequent flow of a sure day is compared only with
    other sizes of that day, of the day before and of the day after.
    """
    on_day: dict[date, list[int]] = {}
    for n, claim in enumerate(claims):
        if claim.dates.day is not None:
            on_day.setdefault(claim.dates.day, []).append(n)
    for n, claim in enumerate(claims):
        if about is not None and claim.id not in about:
            continue
        size, day = _size(claim), claim.dates.day
        least, most = size - size // 100, size * 100 // 99
        if about is not None or claim.type in _SELDOM or day is None:
            near: Iterable[int] = range(
                bisect_left(claims, least, key=_size), bisect_right(claims, most, key=_size)
            )
        else:
            days = (day + timedelta(more) for more in (-1, 0, 1))
            sizes = ((m, _size(claims[m])) for one in days for m in on_day.get(one, ()))
            near = (m for m, other in sizes if least <= other <= most and other != size)
        yield from ((n, m) for m in near if m != n)


def _are_several(group: Sequence[Any]) -> bool:
    return len(group) > 1


def _differ_in_day_and_size(a: Claim, b: Claim) -> bool:
    """Say whether two flows of different asserters agree in all but their figure and their day."""
    if a.body.asserted_by == b.body.asserted_by:
        return False
    if a.type not in _SELDOM and not are_near(a, b):
        return False
    stated = stated_values(a).keys() & stated_values(b).keys()
    return all(fields_agree(a, b, name) for name in stated - {"effective", "acted", "amount"})


def _equal_acts(view: Resolution) -> Iterator[tuple[Claim, ...]]:
    """Yield repeatable acts, no flows, that say the same of one day by different asserters."""
    of_day: dict[tuple[str, date], list[Claim]] = {}
    for one in view.occurrences:
        claim = one.claims[0]
        plain = one.holds == "yes" and len(one.claims) == 1 and claim.family is repeatable
        if plain and claim.type not in FLOWS and claim.dates.day is not None:
            of_day.setdefault((claim.type, claim.dates.day), []).append(claim)
    linked = linked_pairs(view)
    for acts in of_day.values():
        if len({claim.body.asserted_by for claim in acts}) == 1:
            continue
        same: dict[Any, list[Claim]] = {}
        for claim in acts:
            stated = stated_values(claim)
            own = tuple(pair for pair in stated.items() if pair[0] not in ("effective", "acted"))
            same.setdefault(own, []).append(claim)
        for claims in same.values():
            pairs = [
                frozenset((a.id, b.id)) for a in claims for b in claims if a.position < b.position
            ]
            if len({c.body.asserted_by for c in claims}) > 1 and linked.isdisjoint(pairs):
                yield tuple(claims)


def _may_be_one(group: tuple[Claim, ...]) -> Found:
    ids = tuple(claim.id for claim in sorted(group, key=lambda claim: claim.position))
    first, then = ids[:2]
    hint = f"depositary same {first} {then}, or depositary distinct {first} {then}"
    return ids, f"{_verb(group[0])}: {len(ids)} claims may be one event: {hint}"


def _is_fall(before: Claim, after: Claim) -> bool:
    most, least = ends_of(figure_of(after)).upper, ends_of(figure_of(before)).lower
    return most is not None and 2 * most < least


def _may_lie_between(claim: Claim, before: Claim, after: Claim) -> bool:
    """Say whether an act may lie between two figures; an open or unknown day may."""
    first, last = claim.dates.first, claim.dates.last
    begins, ends = before.dates.first, after.dates.last
    late = first is not None and ends is not None and first > ends
    early = last is not None and begins is not None and last < begins
    return not (late or early)


def _flows_of(view: Resolution, account: str) -> tuple[str, ...]:
    held = view.holding(maybe=False)
    return tuple(c.id for c in held if any(of == account for of, _, _ in moves(c.body)))


def _verb(claim: Claim) -> str:
    return claim.type.partition(".")[2]
