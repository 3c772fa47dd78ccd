"""Find the flows that may be one event, and how much of their sum may be counted twice.

Two asserters may report one purchase as two (docs/spec/answers.md, 15): nothing joins the claims,
so both are added. Flows of one type that agree in what both state, by different asserters at most
one day apart, or by one asserter on one day from other sources, form groups. A group adds at least
the most that one of its asserters states, at most the sum of all.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from domain.claims.claim import Claim, chronological
from domain.claims.comparison import fields_agree, stated_values
from domain.claims.occurrence_keys import Joined
from domain.claims.occurrences import Alternative, merge_alternative
from domain.claims.resolution import Resolution, ResolvedOccurrence
from domain.kinds.balance import ends_of, exact
from events.amounts import Quantity
from events.body import Body

Moves = Callable[[Body], Sequence[tuple[str, int, Quantity | None]]]
"""Returns the accounts that a body moves, each with a sign and an amount (None: unknown)."""

Repeats = Mapping[str, Mapping[str, int]]
"""By claim and account, how much of what the claim moves may be counted twice."""

FLOWS = frozenset(
    (
        *("reserve.acquired", "reserve.disposed", "reserve.transferred"),
        *("reserve.seized", "reserve.forfeited", "reserve.lost", "programme.disbursed"),
    )
)
_DATES = ("effective", "acted")


class PossibleEvents(Struct, frozen=True):
    """The groups of claims that may be one event, and what each claim may repeat."""

    groups: tuple[tuple[Claim, ...], ...] = ()
    repeats: Repeats = MappingProxyType({})


NO_EVENTS = PossibleEvents()


class Flow(Struct, frozen=True):
    """A flow as it is compared: the selected claims of an occurrence, as one."""

    claims: Alternative
    whole: Claim
    day: int
    ids: frozenset[str]  # of all claims of the occurrence
    sources: frozenset[str]
    stated: Mapping[str, Any]  # but for the dates

    @property
    def asserter(self) -> str:
        """Return who asserts it."""
        return self.whole.body.asserted_by


def possible_events(view: Resolution, moves: Moves) -> PossibleEvents:
    """Return the groups among the flows that certainly hold at D."""
    flows = [
        flow
        for one in _neighbours(view)
        if (flow := flow_of(one.folded, (c.id for c in one.claims)))
    ]
    if len(flows) < 2:
        return NO_EVENTS
    linked = linked_pairs(view)
    everything, of_one_asserter = Joined(len(flows)), Joined(len(flows))
    for a, b in _pairs(flows, linked):
        everything.join(a, b)
        if flows[a].asserter == flows[b].asserter:
            of_one_asserter.join(a, b)
    groups = [group for group in everything.groups() if len(group) > 1]
    repeats: dict[str, dict[str, int]] = {}
    for group in groups:
        _count_repeats(group, flows, of_one_asserter, moves, repeats)
    found = tuple(tuple(claim for n in group for claim in flows[n].claims) for group in groups)
    return PossibleEvents(found, repeats)


def may_be_one_event(a: Flow, b: Flow) -> bool:
    """Say whether two unlinked flows of one type may be one event."""
    mine, yours = a.whole.body, b.whole.body
    if mine.asserted_by != yours.asserted_by:
        if abs(a.day - b.day) > 1:
            return False
    elif a.day != b.day or a.sources & b.sources or (mine.key and yours.key):
        return False
    if account_of(mine) != account_of(yours):
        return False
    return all(
        b.stated[name] == value or fields_agree(a.whole, b.whole, name)
        for name, value in a.stated.items()
        if name in b.stated
    )


def looks_like(claim: Claim, group: Iterable[Claim]) -> Claim | None:
    """Return the first recorded claim of a group that may be the same event as a claim."""
    mine = flow_of((claim,))
    others = sorted((c for c in group if c is not claim), key=lambda c: c.position)
    for other in others:
        flow = flow_of((other,))
        if mine and flow and may_be_one_event(mine, flow):
            return other
    return None


def flow_of(claims: Alternative, ids: Iterable[str] = ()) -> Flow | None:
    """Return selected claims as a flow; None without a day and an amount."""
    day = None if claims[0].dates.by_act else claims[0].dates.day
    whole = merge_alternative(claims)
    if day is None or getattr(whole.body, "amount", None) is None:
        return None
    if any(claim.dates.by_act or claim.dates.day != day for claim in claims):
        return None
    sources = frozenset(ref.source for claim in claims for ref in claim.body.sources or ())
    stated = {k: v for k, v in stated_values(whole).items() if k not in _DATES}
    return Flow(claims, whole, day.toordinal(), frozenset(ids), sources, stated)


def account_of(body: Any) -> str:
    """Return the account that a flow leaves or enters: `owned` or `custody`."""
    if getattr(body, "mode", None) == "return":
        return "custody"
    return getattr(body, "account", None) or "owned"


def linked_pairs(view: Resolution) -> frozenset[frozenset[str]]:
    """Return the pairs of claims of which a link says whether they are one happening."""
    bodies: list[Any] = [link.body for link in view.standing.links]
    return frozenset(frozenset((body.target, body.with_)) for body in bodies)


def _neighbours(view: Resolution) -> list[ResolvedOccurrence]:
    """Return the flows beside which another stands: of that day or, by another, of the next."""
    found: dict[tuple[str, date], list[ResolvedOccurrence]] = defaultdict(list)
    asserters: set[str] = set()
    for one in view.occurrences:
        if not one.pick or one.holds != "yes":
            continue
        claim = one.pick[0]
        if claim.type in FLOWS and (day := claim.dates.day) is not None:
            found[claim.type, day].append(one)
            asserters.add(claim.body.asserted_by)
    if len(asserters) < 2:  # then a flow of the next day is another
        return [one for here in found.values() if len(here) > 1 for one in here]
    by_day = {(type_, day.toordinal()): here for (type_, day), here in found.items()}
    near: list[ResolvedOccurrence] = []
    for (type_, n), here in by_day.items():
        by = here[0].pick[0].body.asserted_by
        beside = (*by_day.get((type_, n - 1), ()), *by_day.get((type_, n + 1), ()))
        if len(here) > 1 or any(one.pick[0].body.asserted_by != by for one in beside):
            near += here
    return near


def _pairs(flows: Sequence[Flow], linked: frozenset[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Yield pairs that may be one event, enough of them to hold each group together.

    Flows that differ in nothing but their keys stand for each other. Exact amounts are compared
    with equal ones and with those that are not exact.
    """
    named: set[str] = set().union(*linked)
    alike: dict[Any, list[int]] = {}
    for n, flow in enumerate(flows):
        alike.setdefault(_likeness(n, flow, named), []).append(n)
    known: dict[tuple[str, int], dict[int | None, list[list[int]]]] = {}
    for members in alike.values():
        first = flows[members[0]]
        if len(members) > 1 and may_be_one_event(first, flows[members[1]]):
            yield from ((members[0], n) for n in members[1:])
        figure = exact(first.whole.body.amount)  # type: ignore[attr-defined] # a flow has one
        for day in (first.day - 1, first.day, first.day + 1):
            of_day = known.get((first.whole.type, day), {})
            for other_figure in of_day if figure is None else (figure, None):
                for others in of_day.get(other_figure, ()):
                    other = flows[others[0]]
                    if not _is_linked(first, other, linked) and may_be_one_event(first, other):
                        yield from ((members[0], n) for n in others)
                        yield from ((n, others[0]) for n in members)
        of_today = known.setdefault((first.whole.type, first.day), {})
        of_today.setdefault(figure, []).append(members)


def _likeness(n: int, flow: Flow, named: set[str]) -> Any:
    """Return what flows have in common that stand for each other; one that is linked is alone."""
    body = flow.whole.body
    alone = -1 if flow.ids.isdisjoint(named) else n
    whose = body.asserted_by, flow.sources, body.key is not None
    return flow.whole.type, flow.day, alone, whose, tuple(flow.stated.items())


def _is_linked(a: Flow, b: Flow, linked: frozenset[frozenset[str]]) -> bool:
    return bool(linked) and any(frozenset((x, y)) in linked for x in a.ids for y in b.ids)


def _count_repeats(
    group: Sequence[int],
    flows: Sequence[Flow],
    units: Joined,
    moves: Moves,
    repeats: dict[str, dict[str, int]],
) -> None:
    """Add, in the order in which they are folded, what each flow of a group may repeat."""
    total: dict[str, int] = {}
    least: dict[str, dict[tuple[str, int], int]] = {}
    sums: dict[str, dict[str, int]] = {}
    for n in sorted(group, key=lambda n: chronological(flows[n].claims[0])):
        claims, asserter, unit = flows[n].claims, flows[n].asserter, units.root(n)
        stated: dict[str, int] = {}
        for claim in claims:
            for account, _, amount in moves(claim.body):
                stated[account] = stated.get(account, 0) + ends_of(amount).lower
        for account, low in stated.items():
            of, known = sums.setdefault(account, {}), least.setdefault(account, {})
            before = total.get(account, 0) - max(of.values(), default=0)
            total[account] = total.get(account, 0) + low
            more = max(0, low - known.get((asserter, unit), 0))
            known[asserter, unit] = known.get((asserter, unit), 0) + more
            of[asserter] = of.get(asserter, 0) + more
            repeated = total[account] - max(of.values()) - before
            if repeated:
                repeats.setdefault(claims[0].id, {})[account] = repeated
