"""Decide whether a fact is recorded about a thing: the one decision, rule by rule.

A fact is recorded, not commanded: the body is the request, the answer is the claim that it becomes,
the claim that says the same already, or a refusal. What holds for every kind stands here; a kind's
own rules are in its module (domain/kinds), asked at the fact's effective day. A rule refuses only
on a certain no that every live alternative breaks (docs/spec/answers.md, 17).
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Literal

from msgspec import Struct

from domain.claims.claim import FAR_FUTURE, Claim, Clocks, as_notice, chronological, days
from domain.claims.comparison import fields_agree, stated_values
from domain.claims.occurrences import once_key
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import Resolution, ResolvedOccurrence, fold
from domain.decisions.amendment_rules import check_effect, check_seizures, check_target
from domain.decisions.errors import (
    FINE,
    ContradictsItselfError,
    Judgement,
    KeyTakenError,
    RetractedBeforeError,
    RuleError,
)
from domain.decisions.stream_index import COMPARED, StreamIndex
from domain.kinds.registry import (
    evolve_claims,
    fold_claims,
    is_judged,
    judge,
    judge_act,
    may_be_against,
    on_day,
)
from events.body import Body
from events.catalogue import about_claims, family

Rules = Literal["refuse", "report", "leave"]

MAX_WORLDS = 64


class Fact(Struct, frozen=True, gc=False):
    """A validated fact: its type, its body, and its body as it will be stored."""

    type: str
    body: Body
    written: bytes


class Decision(Struct, frozen=True, gc=False):
    """What comes of a fact: the claim that it becomes, or that says the same already (`repeats`).

    `findings` are pairs of a name and a sentence.
    """

    claim: Claim
    repeats: bool = False
    findings: tuple[tuple[str, str], ...] = ()


def decide(
    index: StreamIndex, fact: Fact, *, rules: Rules = "refuse", rerun: bool = False
) -> Decision:
    """Return the decision on a fact about the index's thing; raise a Refusal.

    What a rule of the kind forbids is refused, or recorded with a finding of the same name
    (`report`), or recorded, the rules being left for later (`leave`). In the `rerun` of an import a
    fact that was recorded before is a repetition even where it was retracted since.
    """
    type_, body = fact.type, fact.body
    refuse_foreign_type(index, type_)
    if repeated := find_repeated(index, fact, rerun=rerun):
        return Decision(repeated, True)
    refuse_repeated_key(index, body)
    claim = index.next_claim(type_, body)
    if claim.family is about_claims:
        check_target(index, body)
        return Decision(claim)
    check_seizures(index, getattr(body, "seizures", None) or ())
    refuse_self_contradiction(index, claim)
    if rules == "leave":
        return Decision(claim)
    verdict = judge_by_kind(index, claim)
    findings, refusal = verdict.findings, verdict.refusal
    if refusal is not None:
        if rules == "refuse":
            raise refusal
        findings = (*findings, (refusal.name, str(refusal)))
    return Decision(claim, False, findings)


def refuse_foreign_type(index: StreamIndex, type_: str) -> None:
    """Raise RuleError unless facts of the type are recorded about things of this kind."""
    if type_ not in index.recordable:
        raise RuleError("type-of-another-kind", f"{type_} is not recorded about {index.thing}")


def find_repeated(index: StreamIndex, fact: Fact, *, rerun: bool = False) -> Claim | None:
    """Return the claim that says the same already, None if there is none.

    Raises RetractedBeforeError where it was retracted, or has no effect any more.
    """
    same = index.equal(fact.type, fact.written)
    if not same:
        return None
    if rerun or not index.amended:
        return same[0]
    retracted = index.retracted
    for claim in same:
        if claim.id not in retracted:
            check_effect(claim, index.standing)
            return claim
    last, by = same[-1].id, retracted[same[-1].id].id
    raise RetractedBeforeError(
        f"the same was recorded as {last} and retracted in {by}: to revive it, retract {by}"
    )


def refuse_repeated_key(index: StreamIndex, body: Body) -> None:
    """Raise KeyTakenError where another claim of the asserter that stands bears the key."""
    if body.key is None:
        return
    for claim in index.keyed(body.asserted_by, body.key):
        if claim.id not in index.retracted:
            raise KeyTakenError(
                f"the key '{body.key}' of {body.asserted_by} stands for {claim.id}, "
                f"which says something else: correct {claim.id}"
            )


def refuse_self_contradiction(index: StreamIndex, claim: Claim) -> None:
    """Raise ContradictsItselfError where the asserter said something else of the same before."""
    how = claim.family.name
    if how not in COMPARED:
        return
    for field, part, earlier in index.comparable(claim):
        if name := find_differing_field(part, earlier, how):
            raise ContradictsItselfError(
                f"{claim.body.asserted_by} said something else of {field or name} in "
                f"{earlier.id}: correct {earlier.id} if it was wrong"
            )


def find_differing_field(a: Claim, b: Claim, how: str) -> str | None:
    """Return the field of which two claims by one asserter say different things, None if none.

    `how` their type's claims join: `once` or `series`.
    """
    if once_key(a) != once_key(b):
        return None
    if how == "series" and days(a) != days(b):
        return None
    names = {**stated_values(a), **stated_values(b)}
    return next((name.rstrip("_") for name in names if not fields_agree(a, b, name)), None)


def judge_by_kind(index: StreamIndex, claim: Claim) -> Judgement:
    """Return what the rules of its kind say of a fact, in every world that the claims allow."""
    if None in days(claim) or not is_judged(claim) or not may_be_against(claim, index.types):
        return FINE
    state = index.state_before(claim)
    if state is None:
        return judge_in_worlds(index.claims, claim)
    verdict = judge(state, claim.body)
    if verdict.refusal is not None:
        return verdict
    return Judgement(findings=tuple(dict.fromkeys(verdict.findings)))


def judge_in_worlds(claims: Iterable[Claim], claim: Claim) -> Judgement:
    """Return what the rules say of a dated fact by folding every claim before it."""
    known, policy_ = tuple(claims), policy(DEFAULT)
    verdicts = [
        judge(world, claim.body)
        for day in dict.fromkeys(day for day in days(claim) if day is not None)
        for world in _worlds(claim, fold(known, Clocks(day), policy_))
    ]
    refusals = [v.refusal for v in verdicts if v.refusal is not None]
    first = verdicts[0]
    if len(refusals) == len(verdicts):
        return first
    findings = dict.fromkeys(first.findings)
    findings.update(dict.fromkeys((r.name, f"perhaps: {r}") for r in refusals))
    return Judgement(findings=tuple(findings))


def judge_in_one_pass(thing: str, claims: Iterable[Claim]) -> Iterator[tuple[Claim, Judgement]]:
    """Yield each dated act about a thing with what the rules say of it, if anything.

    A whole import cannot pay for all the worlds of each fact. Here a thing is folded once, each act
    judged on its own day by the state that the acts before it made, in the one world in which each
    happened on the last day that it may mean.
    """
    known = tuple(claims)
    if not any(is_judged(claim) for claim in known):
        return
    last = max((days(claim)[1] or date.min for claim in known), default=date.min)
    view = fold(known, Clocks(last), policy(DEFAULT))
    state = fold_claims(thing, view, ())
    for claim in sorted(view.holding(maybe=True), key=_by_last_day):
        earliest, latest = days(claim)
        if latest is not None:
            state = on_day(state, latest)
        if earliest is None or latest is None or not is_judged(claim):
            state = evolve_claims(state, claim)
            continue
        if earliest == latest:
            verdict, state = judge_act(state, claim)
        else:
            verdict = judge(state, claim.body)
            state = evolve_claims(state, claim)
        if verdict.refusal or verdict.findings:
            yield claim, verdict


def _by_last_day(claim: Claim) -> tuple[date, int]:
    return days(as_notice(claim))[1] or FAR_FUTURE, claim.position


def _worlds(claim: Claim, view: Resolution) -> Iterator[object]:
    """Yield the states that the live claims allow at the fact's day, the default policy's first.

    What the fact itself speaks of is left out: another claim about one happening is no second
    happening.
    """
    before = chronological(claim)
    joined = {c.id for found in view.occurrences if _joins(claim, found) for c in found.claims}
    for pick in _picks(view):
        yield fold_claims(
            claim.thing,
            view,
            tuple(c for c in pick if c.id not in joined and chronological(as_notice(c)) <= before),
        )


def _joins(claim: Claim, found: ResolvedOccurrence) -> bool:
    return family(claim.type).name == "once" and any(
        c.type == claim.type and once_key(c) == once_key(claim) for c in found.claims
    )


def _picks(view: Resolution) -> Iterator[tuple[Claim, ...]]:
    """Yield what may have happened: as picked, and with one other alternative at a time."""
    certain, possible = view.holding(maybe=False), view.holding(maybe=True)
    yield certain
    if possible != certain:
        yield possible
    rivals = (
        (found, other)
        for found in view.occurrences
        if found.holds != "no"
        for other in found.ranked[1:]
    )
    for found, other in islice(rivals, MAX_WORLDS):
        kept = [c for c in possible if c not in found.pick]
        yield tuple(sorted((*kept, *other), key=chronological))
