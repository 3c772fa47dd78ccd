"""Decide whether a fact is recorded about a thing: the one decision, rule by rule.

What holds for every kind stands here (docs/spec/answers.md, 17); the rules of a kind in its module
(domain/kinds), asked at the fact's effective day.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from shlex import quote
from typing import Any, Literal

from msgspec import Struct

from domain.agreement.rule_texts import HINTS, rule_sentence
from domain.claims.claim import (
    FAR_FUTURE,
    FIRST_OF_ITS_DAY,
    Claim,
    Clocks,
    as_notice,
    chronological,
    days,
)
from domain.claims.comparison import fields_agree, stated_values
from domain.claims.interval import before
from domain.claims.occurrence_keys import once_key
from domain.claims.periods import NOTICE, REPEATED
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
from domain.decisions.stream_index import COMPARED, NOT_YET, StreamIndex
from domain.kinds.registry import (
    evolve_claims,
    fold_claims,
    is_judged,
    judge,
    judge_on_day,
    may_be_against,
    on_day,
)
from events.amounts import Quantity, write_quantity
from events.body import Body
from events.catalogue import about_claims

Rules = Literal["refuse", "report", "leave", "judge later"]
Coming = Callable[[StreamIndex], Iterable[Claim]]
"""What follows about a thing in the same file."""

END = "agreement.terminated"
CONSENT = "agreement.consent-expressed"
DESCRIPTION = "agreement.described"
FORFEITURE = "reserve.forfeited"
_AFTER_THE_END = ("agreement.described", "agreement.registered")


class Fact(Struct, frozen=True, gc=False):
    """A validated fact: its type, its body, and its body as it will be stored."""

    type: str
    body: Body
    written: bytes


class Decision(Struct, frozen=True, gc=False):
    """What comes of a fact: the claim that it becomes, or that says the same already (`repeats`).

    `findings` are pairs of a name and a sentence; `redated` says that the same fact was recorded
    with other days of publication.
    """

    claim: Claim
    repeats: bool = False
    findings: Findings = ()
    redated: bool = False


def decide(
    index: StreamIndex,
    fact: Fact,
    *,
    rules: Rules = "refuse",
    rerun: bool = False,
    repetition: int = 1,
    coming: Coming = lambda _: (),
) -> Decision:
    """Return the decision on a fact about the index's thing; raise a Refusal.

    What its asserter contradicts is refused; what a rule of the kind does not expect is recorded
    with a finding of that name. With `report` an act against its asserter's own end, notice or
    description is a finding too; `judge later` leaves the findings to `judge_in_one_pass`, `leave`
    the refusals of such an act as well. In the `rerun` of an import a fact that was recorded before
    is a repetition even where it was retracted since. `repetition`: the file says the same for the
    n-th time, and means as many acts.
    `coming` returns the claims about the thing that follow in the same file.
    """
    type_, body = fact.type, fact.body
    if type_ not in index.recordable:
        raise foreign_type(index, type_)
    same, redated = index.alike(type_, body, fact.written)
    if len(same) >= repetition:
        return Decision(find_standing(index, same, rerun=rerun, repetition=repetition), True)
    live = [claim for claim in redated if claim.id not in index.retracted] if redated else ()
    if live and len(live) >= repetition:
        return Decision(live[repetition - 1], True, redated=True)
    if body.key is not None and (bearing := index.keyed(body.asserted_by, body.key)):
        refuse_repeated_key(index, bearing)
    claim = index.next_claim(type_, body)
    if claim.family.name in COMPARED:
        refuse_self_contradiction(index, claim, coming)
    elif claim.family is about_claims:
        check_target(index, body)
        return Decision(claim)
    elif type_ == FORFEITURE:
        check_seizures(index, getattr(body, "seizures", None) or ())
    if rules in ("refuse", "judge later") and type_.startswith("agreement."):
        refuse_own_end(index, claim)
    if rules in ("leave", "judge later"):
        return Decision(claim)
    return Decision(claim, False, judge_by_kind(index, claim))


def foreign_type(index: StreamIndex, type_: str) -> RuleError:
    """Return the refusal of a fact of a type that is not recorded about things of this kind."""
    return RuleError("type-of-another-kind", f"{type_} is not recorded about {index.thing}")


def find_standing(
    index: StreamIndex, same: Sequence[Claim], *, rerun: bool, repetition: int
) -> Claim:
    """Return, of the claims that say the same, the one that a repetition of them repeats.

    Raises RetractedBeforeError where all were retracted, or it has no effect any more.
    """
    if rerun or not index.amended:
        return same[repetition - 1]
    retracted = index.retracted
    for claim in same:
        if claim.id not in retracted:
            check_effect(claim, index.standing)
            return claim
    last, by = same[-1].id, retracted[same[-1].id].id
    raise RetractedBeforeError(
        f"the same was recorded as {last} and retracted in {by}: to revive it, retract {by}"
    )


def refuse_repeated_key(index: StreamIndex, bearing: Iterable[Claim]) -> None:
    """Raise KeyTakenError where one of the asserter's claims that bear a key stands."""
    for claim in bearing:
        if claim.id not in index.retracted:
            raise KeyTakenError(
                f"the key '{claim.body.key}' of {claim.body.asserted_by} stands for {claim.id}, "
                f"which says something else: correct {claim.id}"
            )


def refuse_self_contradiction(index: StreamIndex, claim: Claim, coming: Coming) -> None:
    """Raise ContradictsItselfError where the asserter said something else of the same before.

    What can come again is the same within one period; the periods are those of all claims that
    stand and of those `coming` in the same file.
    """
    how = claim.family.name
    for field, part, earlier in index.comparable(claim):
        name = find_differing_field(part, earlier, how)
        if name and not index.of_other_periods(claim, earlier, coming):
            keyed = ", or give this one a `key` if both were measured" if how == "series" else ""
            raise ContradictsItselfError(
                f"{claim.body.asserted_by} said something else of {field or name} in "
                f"{earlier.id}: correct {earlier.id} if it was wrong{keyed}",
                _correcting(earlier, claim, name),
            )


def _correcting(earlier: Claim, claim: Claim, field: str) -> str:
    """Return the command that corrects an earlier claim into what a new one says of a field."""
    if earlier.position >= NOT_YET:
        ended = ", or record what ended between them" if claim.type in REPEATED else ""
        keyed = ", or give one of them a key" if claim.family.name == "series" else ""
        return f"leave one of the two out of the file{ended}{keyed}"
    last = earlier.corrected_by or earlier
    value = getattr(claim.body, field, None) or getattr(claim.body, f"{field}_", None)
    said = (value.words or write_quantity(value)) if isinstance(value, Quantity) else value
    option = f"--{field.replace('_', '-')} {quote(said)}" if isinstance(said, str) else "FILE"
    return f"depositary correct {last.id} {option} --reason recording-error"


def find_differing_field(a: Claim, b: Claim, how: str) -> str | None:
    """Return the field of which two claims by one asserter say different things, None if none.

    `how` their type's claims join: `once` or `series`. Two claims with keys of their own are of two
    coders, who may differ.
    """
    if a.body.key and b.body.key and a.body.key != b.body.key:
        return None
    if once_key(a) != once_key(b):
        return None
    if how == "series" and (days(a) != days(b) or _two_measurements(a, b)):
        return None
    names = {**stated_values(a), **stated_values(b)}
    return next((name.rstrip("_") for name in names if not fields_agree(a, b, name)), None)


def refuse_own_end(index: StreamIndex, claim: Claim) -> None:
    """Raise RuleError where an act contradicts what its asserter said of the whole agreement."""
    body: Any = claim.body
    dates = claim.dates
    told = dates.acted_on if body.act_is_notice else None
    if claim.type == NOTICE and told and dates.effective and before(dates.from_, told) == "yes":
        raise _rule("effect-before-notice", claim)
    if END in index.types and claim.type not in (END, *_AFTER_THE_END):
        day = told or dates.from_
        for end in index.said_by(body.asserted_by, END):
            if before(end.dates.from_, day) == "yes":
                raise _rule("after-the-end", claim)
    if claim.type == CONSENT and DESCRIPTION in index.types:
        for said in index.said_by(body.asserted_by, DESCRIPTION):
            if getattr(said.body, "binding", None) == "non-binding":
                raise _rule("not-binding", claim)


def _rule(name: str, claim: Claim) -> RuleError:
    sentence = rule_sentence(name, getattr(claim.body, "party", ""), "", claim.thing)
    return RuleError(name, sentence, HINTS[name])


def _two_measurements(a: Claim, b: Claim) -> bool:
    """Say whether an asserter tells two measurements of one day apart: by instant, or by key."""
    if a.body.key != b.body.key:
        return True
    mine, yours = a.dates.effective, b.dates.effective
    if mine is None or yours is None or mine.instant is None or yours.instant is None:
        return False
    return mine.instant != yours.instant


def judge_by_kind(index: StreamIndex, claim: Claim) -> Findings:
    """Return what the rules of its kind say of a fact, everything known being folded to its day."""
    if None in days(claim) or not is_judged(claim) or not may_be_against(claim, index.types):
        return ()
    state = index.state_before(claim)
    if state is None:
        state = state_by_folding(index.claims, claim)
    return tuple(dict.fromkeys(judge(state, claim.body)))


def state_by_folding(claims: Iterable[Claim], claim: Claim) -> object:
    """Return the state in which a dated fact is judged, by folding every claim before it.

    What the fact itself speaks of is left out: another claim about one happening is no second
    happening. What may have happened by its last day counts as having happened.
    """
    view = fold((*claims, claim), Clocks(days(claim)[1] or FAR_FUTURE), policy(DEFAULT))
    joined: set[str] = set()
    for found in view.occurrences:
        ids = {c.id for c in found.claims}
        if claim.id in ids:
            joined |= ids
    order = chronological(claim)
    earlier = (c for c in view.holding(maybe=True) if chronological(as_notice(c)) <= order)
    return fold_claims(claim.thing, view, tuple(c for c in earlier if c.id not in joined))


def judge_in_one_pass(thing: str, claims: Iterable[Claim]) -> Iterator[tuple[Claim, Findings]]:
    """Yield each dated act about a thing with what the rules say of it, if anything.

    A whole import cannot pay for a fold of each fact. Here a thing is folded once, each act judged
    on its own day by the state that the acts before it made, each on the last day that it may mean.
    """
    known = tuple(claims)
    if not any(is_judged(claim) for claim in known):
        return
    last = max(days(told)[1] or date.min for claim in known for told in (claim, as_notice(claim)))
    view = fold(known, Clocks(last), policy(DEFAULT))
    state = fold_claims(thing, view, ())
    for claim in sorted(view.holding(maybe=True), key=_by_last_day):
        earliest, latest = days(claim)
        if latest is not None:
            state = on_day(state, latest)
        if latest is None or earliest is None or not is_judged(claim):
            state = evolve_claims(state, claim)
            continue
        found, state = judge_on_day(state, claim, latest)
        if found:
            yield claim, found


def _by_last_day(claim: Claim) -> tuple[date, bool, int]:
    last = days(as_notice(claim))[1] or FAR_FUTURE
    return last, claim.type not in FIRST_OF_ITS_DAY, claim.position
