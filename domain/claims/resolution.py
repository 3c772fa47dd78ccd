"""Resolve the claims about a thing at (D, P, K) under a policy: the fold.

The naive fold of docs/spec/answers.md, 8, all eight steps in their order. It is the definition of
every answer: whatever serves answers faster must give the same.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from msgspec import Struct

from domain.claims.claim import Claim, Clocks, chronological, in_effect_at
from domain.claims.comparison import (
    Support,
    field_support,
    is_struck,
    stated_values,
    witnessed_support,
)
from domain.claims.effective_claims import EffectiveClaims, effective_claims
from domain.claims.occurrences import (
    Alternative,
    Occurrence,
    compared_claims,
    measurement_series,
    occurrences,
)
from domain.claims.ranking import Policy, RankingContext, eligible, rank
from domain.claims.series import ResolvedSeries, measure_series
from events.dates import Answer
from events.kinds.claim_events import Resolved
from events.value import json_name

_UNDATED = frozenset(
    (
        "agreement.described",
        "agreement.entry-into-force-rule-set",
        "party.established",
        "party.renamed",
        "source.archived",
        "source.cited",
    )
)


class ResolvedOccurrence(Struct, frozen=True, gc=False):
    """An occurrence as answered.

    `field` names one of a description, where each stands alone. `ranked` holds the alternatives,
    best first; `pick` the claims chosen (one whole claim, or the parts of it), empty where the
    policy gives no value. `period` counts from 0 what came again after it ended.
    """

    field: str
    claims: tuple[Claim, ...]
    ranked: tuple[Alternative, ...]
    pick: Alternative
    denials: tuple[Claim, ...]
    holds: Answer
    period: int = 0

    @property
    def id(self) -> str:
        """Return its first event's id, with `#field` where that stands alone."""
        first = self.claims[0].id
        return f"{first}#{self.field}" if self.field else first

    @property
    def fields(self) -> dict[str, Support]:
        """Return the support of each field said, under its name in JSON.

        `effective` stands for the date, `type` where types differ.
        """
        return _fields([compared_claims(alternative) for alternative in self.ranked])

    @property
    def support(self) -> Support:
        """Return how far sources agree on the occurrence as a whole."""
        if self.denials or (len(self.claims) > 1 and "contested" in self.fields.values()):
            return "contested"
        return witnessed_support(self.claims)


class Resolution(NamedTuple):
    """The answer: occurrences in the order of their dates, series, and what was left out."""

    clocks: Clocks
    policy: Policy
    standing: EffectiveClaims
    occurrences: tuple[ResolvedOccurrence, ...]
    series: tuple[ResolvedSeries, ...]
    lapsed: tuple[Claim, ...]

    def holding(self, *, maybe: bool) -> tuple[Claim, ...]:
        """Return the picked claims that hold at D, with or without those that may, in order."""
        return self.held[1 if maybe else 0]

    @property
    def held(self) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
        """Return the picked claims that certainly hold at D, and with them those that may."""
        certain: list[Claim] = []
        possible: list[Claim] = []
        in_order = True
        for one in self.occurrences:
            holds = one.holds
            if holds == "no":
                continue
            pick = one.pick
            possible += pick
            if holds == "yes":
                certain += pick
            # Occurrences are in the order of the first claim ranked.
            if pick is not one.ranked[0] or len(pick) > 1:
                in_order = False
        if not in_order:
            certain.sort(key=chronological)
            possible.sort(key=chronological)
        if len(possible) == len(certain):
            return (tuple(certain),) * 2
        return tuple(certain), tuple(possible)


def fold(claims: Iterable[Claim], clocks: Clocks, policy: Policy) -> Resolution:
    """Return the answer about one thing, given all its events in the order of their positions."""
    if clocks.known_at is not None:
        claims = [claim for claim in claims if claim.position <= clocks.known_at]
    stands = effective_claims(claims, clocks.public_at)
    context = ranking_context(stands)
    found = [
        _find(occurrence, clocks, policy, context, stands.denials)
        for occurrence in occurrences(stands)
    ]
    found.sort(key=_first_order)
    measured = [
        measure_series(key, of, clocks, policy, context=context, denials=stands.denials)
        for key, of in measurement_series(stands).items()
    ]
    return Resolution(
        clocks=clocks,
        policy=policy,
        standing=stands,
        occurrences=tuple(found),
        series=tuple(one for one in measured if one is not None),
        lapsed=_lapsed(stands) if stands.resolutions else (),
    )


def _lapsed(stands: EffectiveClaims) -> tuple[Claim, ...]:
    live = {claim.id for claim in stands.claims}
    return tuple(
        r for r in stands.resolutions if isinstance(r.body, Resolved) and r.body.winner not in live
    )


def ranking_context(stands: EffectiveClaims) -> RankingContext:
    """Return who is who about a thing."""
    return RankingContext(stands.claims, stands.resolutions)


def _find(
    occurrence: Occurrence,
    clocks: Clocks,
    policy: Policy,
    context: RankingContext,
    denials: Sequence[Claim],
) -> ResolvedOccurrence:
    claims = occurrence.claims
    denied = tuple(d for d in denials if any(is_struck(c, d) for c in claims)) if denials else ()
    if len(claims) == 1:
        ranked: tuple[Alternative, ...] = (claims,)
        pick: Alternative = claims if eligible(claims[0]) else ()
        holds = in_effect_at(claims[0], clocks) or _without_a_day(claims[0])
    else:
        ranked = rank(policy, occurrence.alternatives, context)
        pick = next((a for a in ranked if all(map(eligible, a))), ())
        holds = _all_hold(pick or ranked[0], clocks)
    period = occurrence.period
    answered = ResolvedOccurrence(occurrence.field, claims, ranked, pick, denied, holds, period)
    if policy.name == "strict" and pick and answered.support == "contested":
        holds = _all_hold(ranked[0], clocks)
        return ResolvedOccurrence(occurrence.field, claims, ranked, (), denied, holds, period)
    return answered


def _all_hold(claims: Alternative, clocks: Clocks) -> Answer:
    if len(claims) == 1:
        return _holds(claims[0], clocks)
    answers = {_holds(claim, clocks) for claim in claims}
    return answers.pop() if len(answers) == 1 else "cannot tell"


def _holds(claim: Claim, clocks: Clocks) -> Answer:
    return in_effect_at(claim, clocks) or _without_a_day(claim)


def _without_a_day(claim: Claim) -> Answer:
    return "yes" if claim.type in _UNDATED else "cannot tell"


def _first_order(answered: ResolvedOccurrence) -> tuple[date, date, date, int]:
    return answered.ranked[0][0].order


def _fields(wholes: Sequence[Alternative]) -> dict[str, Support]:
    claims = [claim for whole in wholes for claim in whole]
    if len(claims) == 1:
        return dict.fromkeys(map(json_name, stated_values(claims[0])), witnessed_support(claims))
    names = dict.fromkeys(name for claim in claims for name in stated_values(claim))
    found = {json_name(name): field_support(wholes, name) for name in names}
    if len({claim.type for claim in claims}) > 1:
        found["type"] = "contested"
    return found
