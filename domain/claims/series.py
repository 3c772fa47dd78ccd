"""Measure series: select among each asserter's newest measurement of one quantity.

Measurements of a series are never joined (docs/spec/answers.md, 14). Of holdings the newest figure
opens a window of days within which a better basis is selected; prices, valuations and verdicts take
the newest figure, then the best basis.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, timedelta
from itertools import combinations
from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks, began_at
from domain.claims.comparison import (
    Support,
    fields_agree,
    figure_support,
    is_struck,
    may_be_of_one_day,
)
from domain.claims.occurrences import Alternative
from domain.claims.publication import published_on
from domain.claims.ranking import Policy, RankingContext, prefers, primary_keys, sort_lazily
from events.amounts import Quantity

HOLDINGS = ("reserve.holding-reported", "reserve.holding-observed")
AGREEING_DAYS, ANY_DAYS = timedelta(31), timedelta(7)
FIGURES = ("amount", "value", "verdict")

_ONE_DAY = timedelta(1)
_NEWER = "of a newer day"

MomentKey = tuple[int, int, int]
Key = Callable[[Claim], Any]


class ResolvedSeries(NamedTuple):
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
    certain = rank_measurements(policy, newest, context)
    possible = rank_measurements(policy, maybe, context)
    best = (certain or possible)[0]
    alike = [c for c in (*certain, *possible) if c is best or are_near(best, c)]
    struck = tuple(d for d in denials if any(is_struck(c, d) for c in alike)) if denials else ()
    support: Support = "contested" if struck or _differ(alike) else figure_support(alike, FIGURES)
    return ResolvedSeries(
        type=key[0],
        key=key[1:],
        certain=certain,
        maybe=possible,
        pick=None if policy.name == "strict" and support == "contested" else best,
        support=support,
        alike=frozenset(c.id for c in alike),
        denials=struck,
    )


def moment_key(claim: Claim) -> MomentKey:
    """Return the key that puts the newest measurement first: first day, last day, time of day.

    An instant has its day in UTC here, so that instants are always ordered as instants. A day
    without a time comes before the instants of that day.
    """
    dates = claim.dates
    if dates.when is not None and dates.when.instant is not None:
        moment = dates.when.instant.astimezone(UTC)
        day = -moment.toordinal()
        return day, day, -1 - (moment.hour * 3600 + moment.minute * 60 + moment.second)
    first, last = dates.first, dates.last
    return (
        -(first.toordinal() if first else 0),
        -(last.toordinal() if last else date.max.toordinal()),
        0,
    )


def recency_key(claim: Claim) -> tuple[int, ...]:
    """Return the same key, then the latest published, then the highest position first."""
    published = published_on(claim)
    return (*moment_key(claim), -(published.toordinal() if published else 0), -claim.position)


def rank_measurements(
    chosen: Policy, claims: Sequence[Claim], context: RankingContext
) -> tuple[Claim, ...]:
    """Return measurements of one series, best first under a policy."""
    if len(claims) < 2:
        return tuple(claims)
    keys = [key for _, key in _criteria(chosen, claims, context)]
    return tuple(sort_lazily(claims, *keys))


def measured_before(
    chosen: Policy, better: Claim, worse: Claim, among: Sequence[Claim], context: RankingContext
) -> str:
    """Return the first criterion by which one measurement goes before another, in words."""
    for words, key in _criteria(chosen, among, context):
        if key(better) != key(worse):
            return words
    return "nothing: they are alike"


def figure_of(claim: Claim) -> Any:
    """Return what a measurement measured: an amount, a value or a verdict."""
    body = claim.body
    return next((v for name in FIGURES if (v := getattr(body, name, None)) is not None), None)


def figures_agree(a: Claim, b: Claim) -> bool:
    """Say whether two measurements of one series can both be right, their days left aside."""
    return all(fields_agree(a, b, name) for name in FIGURES if hasattr(a.body, name))


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
            if before is None or _is_newer(moment, claim, *before):
                newest[by] = moment, claim
    return tuple(claim for _, claim in newest.values()), tuple(maybe)


def _is_newer(moment: MomentKey, claim: Claim, than: MomentKey, other: Claim) -> bool:
    return moment < than or (moment == than and recency_key(claim) < recency_key(other))


def _criteria(
    chosen: Policy, claims: Sequence[Claim], context: RankingContext
) -> list[tuple[str, Key]]:
    """Return by what measurements are ranked, the first criterion first."""
    if chosen.name == "latest":
        return [(_NEWER, recency_key)]
    preferred = {claim.id for claim in claims if prefers(chosen, claim, context)}
    rest = [claim for claim in claims if claim.id not in preferred]
    found: list[tuple[str, Key]] = []
    if preferred:
        found.append(
            ("asserted or resolved by the party preferred", lambda c: c.id not in preferred)
        )
        found.append((_NEWER, lambda c: recency_key(c) if c.id in preferred else ()))
    strengths = _strengths(chosen, claims, context)
    if not rest or rest[0].type not in HOLDINGS:
        return [*found, (_NEWER, moment_key), *strengths]
    return [*found, *_window_criteria(rest, strengths)]


def _window_criteria(
    claims: Sequence[Claim], strengths: Sequence[tuple[str, Key]]
) -> Iterator[tuple[str, Key]]:
    """Yield how holdings are ranked: within a window before the newest, by basis.

    An open figure gives way to the best closed one in the window with which it is compatible.
    """
    basis, *ties = (key for _, key in strengths)
    first = min(claims, key=moment_key).dates.first
    of_the_day = [claim for claim in claims if claim.dates.first == first]
    newest = sort_lazily(of_the_day, basis, moment_key, *ties)[0]
    window = [claim for claim in claims if _is_candidate(claim, newest)]
    ids = {claim.id for claim in window}
    ranked = sort_lazily(window, basis, moment_key, *ties)
    closed = (c for c in ranked if not _is_open(c) and figures_agree(c, ranked[0]))
    if _is_open(ranked[0]) and (instead := next(closed, None)):
        yield "a closed figure before an open one that it agrees with", lambda c: c is not instead
    yield "within the days that are compared", lambda c: c.id not in ids
    yield _NEWER, lambda c: () if c.id in ids else moment_key(c)
    yield strengths[0]
    yield _NEWER, moment_key
    yield from strengths[1:]


def _is_candidate(claim: Claim, newest: Claim) -> bool:
    first, last = newest.dates.first, claim.dates.last
    if first is None or last is None:
        return True
    behind = first - last
    return behind <= ANY_DAYS or (behind <= AGREEING_DAYS and figures_agree(claim, newest))


def _is_open(claim: Claim) -> bool:
    figure = figure_of(claim)
    return isinstance(figure, Quantity) and (figure.lower is None or figure.upper is None)


def _strengths(
    chosen: Policy, claims: Sequence[Claim], context: RankingContext
) -> list[tuple[str, Key]]:
    """Return the criteria of primary-first for single claims (docs/spec/answers.md, 12)."""
    alone: dict[str, Alternative] = {claim.id: (claim,) for claim in claims}
    strength, support = primary_keys(chosen, tuple(alone.values()), context)
    return [
        ("on a stronger basis, its own or a resolution's", lambda c: strength(alone[c.id])[1:2]),
        ("direct before second-hand", lambda c: strength(alone[c.id])[2:]),
        ("more independent origins agree with it", lambda c: support(alone[c.id])[:1]),
        ("published later", lambda c: support(alone[c.id])[1:2]),
        ("recorded earlier", lambda c: support(alone[c.id])[2:]),
    ]


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
