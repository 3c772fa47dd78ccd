"""Measure series: select among each asserter's newest measurement (docs/spec/answers.md, 14)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import combinations

from msgspec import Struct

from domain.claims.claim import Claim, Clocks, began_at
from domain.claims.comparison import (
    FIGURES,
    Support,
    figures_agree,
    is_struck,
    may_be_of_one_day,
    witnessed_support,
)
from domain.claims.ranking import MomentKey, Policy, RankingContext, moment_key, rank, recency_key

_ONE_DAY = timedelta(1)


class ResolvedSeries(Struct, frozen=True):
    """A series as answered at D: each asserter's newest, and those that may be of the day.

    Both are ordered, best first. `support` speaks of `alike`, the ids of the measurements whose own
    days overlap with those of `pick` or are one day apart; a series has no support for the date.
    `denials` are those that strike one of these.
    """

    type: str
    key: tuple[str, ...]
    certain: tuple[Claim, ...]
    maybe: tuple[Claim, ...]
    pick: Claim | None
    support: Support | None
    alike: frozenset[str]
    denials: tuple[Claim, ...] = ()

    @property
    def best(self) -> Claim:
        """Return the measurement ranked first, which `strict` does not select where contested."""
        return (self.certain or self.maybe)[0]


def measure_series(
    key: tuple[str, ...],
    claims: Iterable[Claim],
    clocks: Clocks,
    policy: Policy,
    *,
    context: RankingContext,
    denials: Sequence[Claim],
) -> ResolvedSeries | None:
    """Return the answer of a series at D; None where no measurement is of D or before."""
    newest, maybe = _newest_of_each(claims, clocks)
    if not newest and not maybe:
        return None
    certain, possible = (
        tuple(claim for (claim,) in rank(policy, [(claim,) for claim in of], context))
        for of in (newest, maybe)
    )
    best = (certain or possible)[0]
    alike = [c for c in (*certain, *possible) if c is best or are_near(best, c)]
    struck = tuple(d for d in denials if any(is_struck(c, d) for c in alike)) if denials else ()
    support: Support = (
        "contested" if struck or _differ(alike) else witnessed_support(alike, FIGURES)
    )
    return ResolvedSeries(
        type=key[0],
        key=key[1:],
        certain=certain,
        maybe=possible,
        pick=None if policy.strict and support == "contested" else best,
        support=support,
        alike=frozenset(c.id for c in alike),
        denials=struck,
    )


def _newest_of_each(
    claims: Iterable[Claim], clocks: Clocks
) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
    """Return each asserter's newest that certainly is of the day, and all that may be."""
    newest: dict[str, tuple[MomentKey, Claim]] = {}
    maybe: list[Claim] = []
    for claim in claims:
        began = began_at(claim, clocks)
        if began == "cannot tell":
            maybe.append(claim)
        elif began == "yes":
            moment, by = moment_key(claim), claim.body.asserted_by
            before = newest.get(by)
            if (
                before is None
                or moment < before[0]
                or (moment == before[0] and recency_key(claim) < recency_key(before[1]))
            ):
                newest[by] = moment, claim
    return tuple(claim for _, claim in newest.values()), tuple(maybe)


def are_near(a: Claim, b: Claim) -> bool:
    """Say whether the days of two measurements overlap, or are one day apart."""
    if a.dates.effective is None or b.dates.effective is None:
        return False
    return may_be_of_one_day(a, b) or (
        _begins_by_the_next_day(a, b) and _begins_by_the_next_day(b, a)
    )


def _begins_by_the_next_day(a: Claim, b: Claim) -> bool:
    first, last = a.dates.first, b.dates.last
    return first is None or last is None or first - last <= _ONE_DAY


def _differ(claims: Sequence[Claim]) -> bool:
    pairs = combinations(claims, 2)
    return any(not figures_agree(a, b) and are_near(a, b) for a, b in pairs)
