"""May this fact be recorded about this thing?

A fact is recorded, not commanded: the body is the request, the answer is the event or a refusal.
What holds for every kind stands here; a kind's own rules are in its module, asked at the fact's
effective day. A rule refuses only on a certain no that every live alternative breaks
(domain.md, "Rules").
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from domain.claims.claim import Claim, Clocks, as_notice, chronological, days
from domain.claims.comparison import fields_agree, said
from domain.claims.effective_claims import EffectiveClaims
from domain.claims.occurrences import by_field, once_key
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import Resolution, ResolvedOccurrence, fold
from domain.decisions.amendment_rules import check_effect, check_target
from domain.decisions.errors import (
    ContradictsItselfError,
    KeyTakenError,
    RetractedBeforeError,
    RuleError,
    Verdict,
)
from domain.decisions.stream import NOT_YET, History
from domain.kinds.registry import folded, is_judged, judge
from events.body import Body
from events.catalogue import family, topic, types_for
from events.event import Event
from events.identifiers import kind_of

MAX_WORLDS = 64


class Decision(NamedTuple):
    """What came of a fact: a new event, or the claim that says the same already.

    `findings` are pairs of a name and a sentence.
    """

    event: Event | None
    already: Claim | None = None
    findings: tuple[tuple[str, str], ...] = ()


def decide(history: History, type_: str, body: Body, *, as_reported: bool = False) -> Decision:
    """Return the decision on a fact about a thing; raise a Refusal.

    `as_reported` keeps the checks of form and of self-contradiction; what a rule would refuse is
    recorded with a finding of the same name.
    """
    check_type(history.id, type_)
    stands = history.standing
    if repeated := _repeated(history, type_, body, stands):
        return Decision(None, repeated)
    _check_key(history, body, stands)
    claim = Claim(NOT_YET + history.version, history.version + 1, history.id, type_, body)
    if type_.startswith("claim."):
        check_target(history, stands, body)
        verdict = Verdict()
    else:
        _check_contradiction(claim, stands)
        verdict = judged(history, claim)
    return recorded(claim, verdict, as_reported=as_reported)


def check_type(thing: str, type_: str) -> None:
    """Raise RuleError unless facts of the type are recorded about things of this kind."""
    if type_ not in types_for(kind_of(thing)):
        raise RuleError("type-of-another-kind", f"{type_} is not recorded about {thing}")


def recorded(claim: Claim, verdict: Verdict, *, as_reported: bool) -> Decision:
    """Return the event that a fact becomes, or raise what the rules say against it."""
    findings = verdict.findings
    if verdict.refusal is not None:
        if not as_reported:
            raise verdict.refusal
        findings = (*findings, (verdict.refusal.name, str(verdict.refusal)))
    event = Event(claim.thing, claim.version, topic(claim.type), claim.body)
    return Decision(event, None, findings)


def _repeated(history: History, type_: str, body: Body, stands: EffectiveClaims) -> Claim | None:
    same = [c for c in history.claims if c.type == type_ and c.body == body]
    for claim in same:
        retraction = stands.retracted.get(claim.id)
        if retraction is None:
            check_effect(claim, stands)
            return claim
    if same:
        last = same[-1]
        raise RetractedBeforeError(
            f"the same was recorded as {last.id} and retracted in {stands.retracted[last.id].id}: "
            f"to revive it, retract {stands.retracted[last.id].id}"
        )
    return None


def _check_key(history: History, body: Body, stands: EffectiveClaims) -> None:
    if body.key is None:
        return
    for claim in history.claims:
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
    others = [
        (other, dict(by_field(other)))
        for other in stands.claims
        if other.type == claim.type and other.body.asserted_by == claim.body.asserted_by
    ]
    for field, part in by_field(claim) if others else ():
        for other, parts in others:
            if field in parts and (name := differing(part, parts[field], how)):
                raise ContradictsItselfError(
                    f"{claim.body.asserted_by} said something else of {field or name} in "
                    f"{other.id}: correct {other.id} if it was wrong"
                )


def differing(a: Claim, b: Claim, how: str) -> str | None:
    """Return the field of which two claims by one asserter say different things, None if none.

    `how` their type's claims join: `once` or `series`.
    """
    if once_key(a) != once_key(b):
        return None
    if how == "series" and days(a) != days(b):
        return None
    names = {**said(a), **said(b)}
    return next((name.rstrip("_") for name in names if not fields_agree(a, b, name)), None)


def judged(history: History, claim: Claim) -> Verdict:
    """Return what the rules of its kind say of a fact, in every world that the claims allow."""
    earliest, latest = days(claim)
    if earliest is None or latest is None or not is_judged(claim):
        return Verdict()
    verdicts = [
        judge(world, claim.body)
        for day in dict.fromkeys((earliest, latest))
        for world in _worlds(claim, fold(history.claims, Clocks(day), policy(DEFAULT)))
    ]
    refusals = [v.refusal for v in verdicts if v.refusal is not None]
    first = verdicts[0]
    if len(refusals) == len(verdicts):
        return first
    findings = dict.fromkeys(first.findings)
    findings.update(dict.fromkeys((r.name, f"perhaps: {r}") for r in refusals))
    return Verdict(findings=tuple(findings))


def _worlds(claim: Claim, view: Resolution) -> Iterator[object]:
    """Yield the states that the live claims allow at the fact's day, the default policy's first.

    What the fact itself speaks of is left out: another claim about one happening is no second
    happening.
    """
    before = chronological(claim)
    joined = {c.id for found in view.occurrences if _joins(claim, found) for c in found.claims}
    for pick in _picks(view):
        yield folded(
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
