"""Resolve the claims about a thing at (D, P, K) under a policy: docs/spec/answers.md, 8.

It is the definition of every answer: whatever serves answers faster must give the same.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from operator import attrgetter

from msgspec import Struct

from domain.claims.claim import Claim, Clocks, Order, chronological, in_effect_at
from domain.claims.comparison import (
    Support,
    alternatives_agree,
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
    with_accounts,
)
from domain.claims.ranking import UNDATED, Policy, RankingContext, eligible, rank
from domain.claims.series import ResolvedSeries, measure_series
from events.dates import Answer
from events.kinds.claim_events import Resolved
from events.value import json_name, replace


class ResolvedOccurrence(Struct, frozen=True, gc=False):
    """An occurrence as answered.

    `field` names one of a description, where each stands alone. `ranked` holds the alternatives,
    best first; `pick` the claims chosen (one whole claim, or the parts of it), empty where the
    policy gives no value. Under `strict` a contested one has none, and `instead` is what
    primary-first selects. `holds` speaks of the pick, without one of all that are ranked; `shown`
    is false only where no live claim may hold. `resolved`: a resolution decides what is contested.
    `period` counts from 0 what came again after it ended.
    """

    field: str
    claims: tuple[Claim, ...]
    ranked: tuple[Alternative, ...]
    pick: Alternative
    denials: tuple[Claim, ...]
    holds: Answer
    period: int = 0
    shown: bool = True
    instead: Alternative = ()
    resolved: bool = False

    @property
    def folded(self) -> Alternative:
        """Return the claims that go into states: the pick, or what primary-first selects."""
        chosen = self.pick or self.instead
        return with_accounts(chosen, self.claims) if len(self.claims) > 1 else chosen

    @property
    def order(self) -> Order:
        """Return where it stands among others: by the dates of the claim ranked first."""
        return self.ranked[0][0].order

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
        found = _fields([compared_claims(alternative) for alternative in self.ranked])
        if not self.resolved:
            return found
        return {n: "resolved" if said == "contested" else said for n, said in found.items()}

    @property
    def support(self) -> Support:
        """Return how far sources agree on the occurrence as a whole."""
        if self.resolved:
            return "resolved"
        if self.denials or (len(self.claims) > 1 and "contested" in self.fields.values()):
            return "contested"
        return witnessed_support(claim for whole in self.ranked for claim in compared_claims(whole))


class Resolution(Struct, frozen=True):
    """The answer: occurrences in the order of their dates, series, and what was left out.

    `parties` are the views of the parties that an agreement names, of their end alone.
    `perhaps` is the same with all that perhaps was public, None where nothing more perhaps was.
    """

    clocks: Clocks
    policy: Policy
    standing: EffectiveClaims
    occurrences: tuple[ResolvedOccurrence, ...]
    series: tuple[ResolvedSeries, ...]
    lapsed: tuple[Claim, ...]
    parties: "tuple[Resolution, ...]" = ()
    perhaps: "Resolution | None" = None

    @property
    def certainly_public(self) -> "Resolution":
        """Return the same view as if nothing more perhaps were public."""
        return self if self.perhaps is None else replace(self, perhaps=None)

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
            holds, pick = one.holds, one.pick
            if one.instead:
                pick = one.instead
                holds = all_hold(pick, self.clocks)
            if holds == "no":
                continue
            folded = one.folded
            possible += folded
            if holds == "yes":
                certain += folded
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
    """Return the answer about one thing, given all its events in the order of their positions.

    Where claims perhaps were public it is folded twice (docs/spec/answers.md, 10).
    """
    if clocks.known_at is not None:
        claims = [claim for claim in claims if claim.position <= clocks.known_at]
    if clocks.public_at is None:
        return _resolve(effective_claims(claims), clocks, policy)
    claims = tuple(claims)
    found = _resolve(effective_claims(claims, clocks), clocks, policy)
    if not found.standing.excluded.perhaps:
        return found
    second = _resolve(effective_claims(claims, clocks, perhaps=True), clocks, policy)
    return replace(found, perhaps=second)


def _resolve(stands: EffectiveClaims, clocks: Clocks, policy: Policy) -> Resolution:
    context = ranking_context(stands)
    found = [
        _find(occurrence, clocks, policy, context, stands) for occurrence in occurrences(stands)
    ]
    found.sort(key=attrgetter("order"))
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


_NO_ANSWERS: frozenset[Answer] = frozenset()


def _find(
    occurrence: Occurrence,
    clocks: Clocks,
    policy: Policy,
    context: RankingContext,
    stands: EffectiveClaims,
) -> ResolvedOccurrence:
    claims, denials = occurrence.claims, stands.denials
    denied = tuple(d for d in denials if any(is_struck(c, d) for c in claims)) if denials else ()
    shown, answers = True, _NO_ANSWERS
    if len(claims) == 1:
        ranked: tuple[Alternative, ...] = (claims,)
        pick: Alternative = claims if eligible(claims[0]) else ()
        holds = _holds(claims[0], clocks)
        shown = holds != "no"
    else:
        ranked = rank(policy, occurrence.alternatives, context)
        pick = next((a for a in ranked if all(map(eligible, a))), ())
        holds = all_hold(pick or ranked[0], clocks)
        answers = frozenset(all_hold(a, clocks) for a in ranked)
        shown = answers != {"no"}
    field, period = occurrence.field, occurrence.period
    found = ResolvedOccurrence(field, claims, ranked, pick, denied, holds, period, shown)
    if stands.resolutions and found.support == "contested" and _is_resolved(found, stands):
        return replace(found, resolved=True)
    if policy.strict and found.support == "contested":
        holds = "cannot tell" if len(answers) > 1 else holds
        return replace(found, pick=(), holds=holds, instead=pick)
    return found


def _is_resolved(found: ResolvedOccurrence, stands: EffectiveClaims) -> bool:
    """Say whether a live resolution decides between the claims (docs/spec/answers.md, 13)."""
    live = {claim.id: claim for claim in found.claims}
    bodies = [(r, r.body) for r in stands.resolutions if isinstance(r.body, Resolved)]
    about = [(r, body) for r, body in bodies if body.winner in live]
    picked = {claim.id for claim in found.pick}
    if len({body.winner for _, body in about}) != 1 or about[0][1].winner not in picked:
        return False
    winner = next(one for one in found.ranked if about[0][1].winner in {c.id for c in one})
    others = [one for one in found.ranked if one is not winner]
    beaten = {
        claim.id
        for one in others
        if not alternatives_agree(compared_claims(winner), compared_claims(one))
        for claim in one
    }
    wholes = map(compared_claims, others)
    if not beaten and all(alternatives_agree(a, b) for a, b in combinations(wholes, 2)):
        return False  # it is denied, and nothing more
    last_denial = max((d.position for d in found.denials), default=0)
    return any(beaten <= set(body.among) and r.position > last_denial for r, body in about)


def all_hold(claims: Alternative, clocks: Clocks) -> Answer:
    """Return the common answer of whether the claims of an alternative hold, else cannot tell."""
    if len(claims) == 1:
        return _holds(claims[0], clocks)
    answers = {_holds(claim, clocks) for claim in claims}
    return answers.pop() if len(answers) == 1 else "cannot tell"


def _holds(claim: Claim, clocks: Clocks) -> Answer:
    return in_effect_at(claim, clocks) or ("yes" if claim.type in UNDATED else "cannot tell")


def _fields(wholes: Sequence[Alternative]) -> dict[str, Support]:
    claims = [claim for whole in wholes for claim in whole]
    if len(claims) == 1 and len(claims[0].origins) == 1:
        return dict.fromkeys(map(json_name, stated_values(claims[0])), "single source")
    names = dict.fromkeys(name for claim in claims for name in stated_values(claim))
    found = {json_name(name): field_support(wholes, name) for name in names}
    if len({claim.type for claim in claims}) > 1:
        found["type"] = "contested"
    return found
