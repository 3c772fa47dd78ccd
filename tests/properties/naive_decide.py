"""The decision as the specification tells it: everything folded anew, nothing indexed or kept.

For tests: the one decision of `domain.decisions` is compared with it over random histories.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.claims.claim import Claim, Clocks, as_notice, chronological, days
from domain.claims.comparison import fields_agree, stated_values
from domain.claims.effective_claims import EffectiveClaims, effective_claims
from domain.claims.occurrences import by_field, once_key
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import Resolution, fold
from domain.decisions.amendment_rules import check_effect, check_seizures, check_target
from domain.decisions.errors import (
    ContradictsItselfError,
    Judgement,
    KeyTakenError,
    RetractedBeforeError,
    RuleError,
)
from domain.decisions.stream_index import NOT_YET, StreamIndex
from domain.kinds.registry import fold_claims, is_judged, judge
from events import validation
from events.body import Body
from events.catalogue import family, topic, types_for
from events.identifiers import kind_of
from events.serialization import StoredEvent

TIME = "2025-07-16T09:30:00.000000Z"
MAX_RIVALS = 64


class Naive(NamedTuple):
    """What comes of a fact: a new version, or the id of the claim that says the same already."""

    version: int | None
    already: str | None = None
    findings: tuple[tuple[str, str], ...] = ()


def decide_naively(
    thing: str,
    claims: Sequence[Claim],
    type_: str,
    body: Body,
    *,
    rules: str = "refuse",
    rerun: bool = False,
) -> Naive:
    """Return the decision on a fact about a thing of which the claims are recorded."""
    if type_ not in types_for(kind_of(thing)):
        raise RuleError("type-of-another-kind", f"{type_} is not recorded about {thing}")
    stands = effective_claims(claims)
    if repeated := _repeated(claims, type_, body, stands, rerun=rerun):
        return Naive(None, repeated.id)
    _check_key(claims, body, stands)
    version = len(claims) + 1
    claim = Claim(NOT_YET + version, version, thing, type_, body)
    if type_.startswith("claim."):
        check_target(StreamIndex(thing, map(opened, claims)), body)
        return Naive(version)
    if getattr(body, "seizures", None):
        check_seizures(StreamIndex(thing, map(opened, claims)), body.seizures)  # type: ignore[attr-defined]
    _check_contradiction(claim, stands)
    if rules == "leave":
        return Naive(version)
    verdict = judge_naively(claims, claim)
    findings = verdict.findings
    if verdict.refusal is not None:
        if rules == "refuse":
            raise verdict.refusal
        findings = (*findings, (verdict.refusal.name, str(verdict.refusal)))
    return Naive(version, None, findings)


def judge_naively(claims: Sequence[Claim], claim: Claim) -> Judgement:
    """Return what the rules say of a fact, in every world that the claims allow."""
    earliest, latest = days(claim)
    if earliest is None or latest is None or not is_judged(claim):
        return Judgement()
    verdicts = [
        judge(world, claim.body)
        for day in dict.fromkeys((earliest, latest))
        for world in _worlds(claim, fold(claims, Clocks(day), policy(DEFAULT)))
    ]
    refusals = [v.refusal for v in verdicts if v.refusal is not None]
    if len(refusals) == len(verdicts):
        return verdicts[0]
    found = dict.fromkeys(verdicts[0].findings)
    found.update(dict.fromkeys((r.name, f"perhaps: {r}") for r in refusals))
    return Judgement(findings=tuple(found))


def opened(claim: Claim) -> StoredEvent:
    """Return a claim as its event is read back."""
    return StoredEvent(
        claim.position,
        claim.thing,
        claim.version,
        topic(claim.type),
        claim.type,
        validation.write_body(claim.body),
        claim.body,
        claim.time or TIME,
    )


def _repeated(
    claims: Sequence[Claim], type_: str, body: Body, stands: EffectiveClaims, *, rerun: bool
) -> Claim | None:
    same = [c for c in claims if c.type == type_ and c.body == body]
    if rerun and same:
        return same[0]
    for claim in same:
        if claim.id not in stands.retracted:
            check_effect(claim, stands)
            return claim
    if not same:
        return None
    by = stands.retracted[same[-1].id].id
    raise RetractedBeforeError(
        f"the same was recorded as {same[-1].id} and retracted in {by}: to revive it, retract {by}"
    )


def _check_key(claims: Sequence[Claim], body: Body, stands: EffectiveClaims) -> None:
    for claim in claims if body.key is not None else ():
        taken = claim.body.key == body.key and claim.body.asserted_by == body.asserted_by
        if taken and claim.id not in stands.retracted:
            raise KeyTakenError(
                f"the key '{body.key}' of {body.asserted_by} stands for {claim.id}, "
                f"which says something else: correct {claim.id}"
            )


def _check_contradiction(claim: Claim, stands: EffectiveClaims) -> None:
    how = family(claim.type).name
    if how not in ("once", "series"):
        return
    who = claim.body.asserted_by
    others = [o for o in stands.claims if o.type == claim.type and o.body.asserted_by == who]
    for field, part in by_field(claim):
        for other in others:
            there = dict(by_field(other)).get(field)
            if there is not None and (name := _differing(part, there, how)):
                raise ContradictsItselfError(
                    f"{who} said something else of {field or name} in "
                    f"{other.id}: correct {other.id} if it was wrong"
                )


def _differing(a: Claim, b: Claim, how: str) -> str | None:
    if once_key(a) != once_key(b) or (how == "series" and days(a) != days(b)):
        return None
    names = {**stated_values(a), **stated_values(b)}
    return next((name.rstrip("_") for name in names if not fields_agree(a, b, name)), None)


def _worlds(claim: Claim, view: Resolution) -> Iterator[object]:
    """Yield the states that the live claims allow, without what the fact itself speaks of."""
    joined = {
        c.id
        for found in view.occurrences
        if family(claim.type).name == "once"
        and any(c.type == claim.type and once_key(c) == once_key(claim) for c in found.claims)
        for c in found.claims
    }
    before = chronological(claim)
    for pick in _picks(view):
        earlier = (c for c in pick if chronological(as_notice(c)) <= before)
        yield fold_claims(claim.thing, view, tuple(c for c in earlier if c.id not in joined))


def _picks(view: Resolution) -> Iterator[Sequence[Claim]]:
    """Yield what may have happened: as picked, and with one other alternative at a time."""
    certain, possible = view.holding(maybe=False), view.holding(maybe=True)
    yield certain
    yield possible
    live = [found for found in view.occurrences if found.holds != "no"]
    rivals = [(found, other) for found in live for other in found.ranked[1:]]
    for found, other in rivals[:MAX_RIVALS]:
        kept = [c for c in possible if c not in found.pick]
        yield sorted((*kept, *other), key=chronological)
