"""The decision as the specification tells it: everything folded anew, nothing indexed or kept.

For tests: the one decision of `domain.decisions` is compared with it over random histories.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from domain.agreement.rule_texts import rule_sentence
from domain.claims.claim import Claim, Clocks, as_notice, chronological, days
from domain.claims.comparison import fields_agree, stated_values
from domain.claims.effective_claims import EffectiveClaims, effective_claims
from domain.claims.interval import before, interval
from domain.claims.occurrence_keys import by_field, once_key
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import fold
from domain.decisions.amendment_rules import check_effect, check_seizures, check_target
from domain.decisions.errors import (
    ContradictsItselfError,
    Findings,
    KeyTakenError,
    RetractedBeforeError,
    RuleError,
)
from domain.decisions.stream_index import NOT_YET, StreamIndex
from domain.kinds.registry import fold_claims, is_judged, judge
from events import validation
from events.body import Body
from events.catalogue import family, topic, types_for
from events.dates import parse_date
from events.identifiers import kind_of
from events.kinds.claim_events import DistinctOccurrence
from events.serialization import StoredEvent
from tests.properties.naive_claims import as_recorded, day_of, fields_apart
from tests.properties.naive_periods import joining

TIME = "2025-07-16T09:30:00.000000Z"


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
    if same := _same_fact(claims, type_, body, stands):
        return Naive(None, same)
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
    if rules == "refuse":
        check_own_words(claim, stands)
    return Naive(version, None, judge_naively(claims, claim))


def _same_fact(
    claims: Sequence[Claim], type_: str, body: Body, stands: EffectiveClaims
) -> str | None:
    """Return the live claim that differs in days of publication or retrieval alone."""
    if not body.sources or type_.startswith("claim."):
        return None
    live = (c for c in claims if c.id not in stands.retracted and c.type == type_)
    return next((c.id for c in live if _undated(c.body) == _undated(body)), None)


def _undated(body: Body) -> Any:
    """Return a body as JSON data, without the days on which its sources were published or read."""
    data = validation.body_data(body)
    for one in data.get("sources", ()):
        one.pop("published", None)
        one.pop("retrieved", None)
    return data


def judge_naively(claims: Sequence[Claim], claim: Claim) -> Findings:
    """Return what the rules say of a fact, everything before it being folded to its last day."""
    earliest, latest = days(claim)
    if earliest is None or latest is None or not is_judged(claim):
        return ()
    view = fold([*claims, claim], Clocks(latest), policy(DEFAULT))
    joined = {
        c.id
        for found in view.occurrences
        if claim.id in [c.id for c in found.claims]
        for c in found.claims
    }
    held = [c for c in view.holding(maybe=True) if c.id not in joined]
    earlier = [c for c in held if chronological(as_notice(c)) <= chronological(claim)]
    state = fold_claims(claim.thing, view, tuple(earlier))
    return tuple(dict.fromkeys(judge(state, claim.body)))


def check_own_words(claim: Claim, stands: EffectiveClaims) -> None:
    """Raise RuleError where an act contradicts its own notice, or its asserter's end or gate."""
    kind, _, verb = claim.type.partition(".")
    body: Any = claim.body
    zone = body.zone
    if kind != "agreement":
        return
    dated = verb == "withdrawal-notified" and body.effective and body.acted
    if dated and before(interval(body.effective, zone), interval(body.acted, zone)) == "yes":
        raise _broken("effect-before-notice", claim)
    notice = verb in ("withdrawal-notified", "withdrawal-postponed") and body.acted
    day = interval(body.acted if notice else day_of(as_recorded(claim)), zone)
    own: list[Any] = [c for c in stands.claims if c.body.asserted_by == body.asserted_by]
    for said in own:
        ends = said.type == "agreement.terminated" and verb not in (
            *("terminated", "described"),
            "registered",
        )
        end = interval(said.body.effective, said.body.zone)
        if ends and before(end, day) == "yes":
            raise _broken("after-the-end", claim)
    if verb == "consent-expressed":
        gates = [said.body.binding for said in own if said.type == "agreement.described"]
        if "non-binding" in gates:
            raise _broken("not-binding", claim)


def _broken(name: str, claim: Claim) -> RuleError:
    who = getattr(claim.body, "party", "")
    return RuleError(name, rule_sentence(name, who, "", claim.thing))


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
    periods = _periods([*stands.claims, claim], stands)
    for field, part in by_field(claim):
        for other in others:
            there = dict(by_field(other)).get(field)
            if there is None or periods.get(other.id) != periods.get(claim.id):
                continue
            if name := _differing(part, there, how):
                two = ", or give this one a `key` if both were measured" if how == "series" else ""
                raise ContradictsItselfError(
                    f"{who} said something else of {field or name} in "
                    f"{other.id}: correct {other.id} if it was wrong{two}"
                )


def _periods(claims: Sequence[Claim], stands: EffectiveClaims) -> dict[str, int]:
    """Return in which period each claim lies; nothing of one that joins with no other."""
    links: list[Any] = [link.body for link in stands.links]
    distinct = {
        frozenset((body.target, body.with_))
        for body in links
        if isinstance(body, DistinctOccurrence)
    }
    again = {frozenset((b.target, b.with_)): type(b) for b in links}
    distinct = {pair for pair in distinct if again[pair] is DistinctOccurrence}
    nodes = [node for claim in claims for node in fields_apart(as_recorded(claim))]
    return {id_: key[2] for (id_, _), key in joining(nodes, distinct).items() if key}


def _differing(a: Claim, b: Claim, how: str) -> str | None:
    two_coders = a.body.key and b.body.key and a.body.key != b.body.key
    unnamed = family(a.type).named and not any(once_key(a))
    if two_coders or unnamed or once_key(a) != once_key(b):
        return None
    if how == "series" and (days(a) != days(b) or a.body.key != b.body.key or _two_instants(a, b)):
        return None
    names = {**stated_values(a), **stated_values(b)}
    return next((name.rstrip("_") for name in names if not fields_agree(a, b, name)), None)


def _two_instants(a: Claim, b: Claim) -> bool:
    moments = [parse_date(c.body.effective).instant for c in (a, b) if c.body.effective]
    return len(moments) == 2 and None not in moments and moments[0] != moments[1]
