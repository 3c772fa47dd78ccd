"""An act judged by the state that is kept is judged as by folding everything before it anew."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.claim import Claim, Clocks, chronological, days
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import fold
from domain.decisions.stream_index import StateCache
from domain.kinds.registry import fold_claims, is_judged, judge
from events import validation
from events.body import Body
from events.catalogue import all_types
from events.identifiers import KINDS, kind_of
from events.value import replace
from tests.effort import examples
from tests.properties.bodies import bodies
from tests.properties.histories import AGREEMENT, RESERVE, histories
from tests.properties.naive_decide import judge_naively

DAYS = [f"2025-07-{day:02}" for day in range(10, 20)]


def in_turn(claims: list[Claim]) -> int:
    """Compare both verdicts on each dated act; return how many were given in one step."""
    states, steps = StateCache(claims[0].thing), 0
    for n, claim in enumerate(claims):
        if None in days(claim) or not is_judged(claim):
            steps += 1  # nothing is said of it
        elif (state := states.before(claim)) is not None:
            steps += 1
            assert state == state_by_fold(claims[:n], claim)
            found = tuple(dict.fromkeys(judge(state, claim.body)))
            assert found == judge_naively(claims[:n], claim)
        states.add(claim)
    return steps


def state_by_fold(claims: list[Claim], claim: Claim) -> object:
    """Return what the acts before a claim make of its thing, each picked by a fold on its day."""
    assert claim.dates.day is not None
    view = fold(claims, Clocks(claim.dates.day), policy(DEFAULT))
    before = [c for c in view.holding(maybe=False) if chronological(c) <= chronological(claim)]
    return fold_claims(claim.thing, view, tuple(before))


def dated(body: Body, day: str) -> Body:
    return replace(body, effective=day, acted=None, zone=None)


@given(histories(), st.lists(st.sampled_from(DAYS), min_size=14, max_size=14), st.booleans())
@settings(max_examples=examples(100))
def test_a_step_says_what_a_fold_says(claims: list[Claim], on: list[str], exact: bool) -> None:
    if exact:
        plain = [claim for claim in claims if not claim.type.startswith("claim.")]
        claims = [
            replace(c, body=dated(c.body, day)) for c, day in zip(plain, sorted(on), strict=False)
        ]
    in_turn(claims)


def test_a_notice_of_which_only_the_day_it_was_given_is_known_has_a_day() -> None:
    told: dict[str, Any] = {"asserted_by": "party/pcc", "basis": "official-record"}
    told |= {"party": "party/pcc", "sources": [{"source": "source/arab-news"}]}
    said: list[tuple[str, dict[str, Any]]] = [
        ("withdrawal-notified", {"acted": "2025-07-16"}),
        ("consent-expressed", {"effective": "2025-07-16", "mode": "ratification"}),
        ("withdrawal-notified", {"effective": "2025-07-16"}),
    ]
    claims = [
        Claim(
            n,
            n,
            "agreement/x",
            f"agreement.{verb}",
            validation.read_body(f"agreement.{verb}", told | data),
        )
        for n, (verb, data) in enumerate(said, 1)
    ]
    assert in_turn(claims) == 1  # the others are left to the fold


@st.composite
def acts(draw: Callable[..., Any], longest: int = 8) -> list[Claim]:
    """Draw dated acts of any kind of thing, mostly in the order of their days."""
    kind = draw(st.sampled_from([kind for kind in KINDS if kind != "ledger"]))
    types = [name for name in all_types() if kind_of(name.replace(".", "/")) == kind]
    types += [name for name in {*AGREEMENT, *RESERVE} if name.startswith(f"{kind}.")]
    names = draw(st.lists(st.sampled_from(types), min_size=1, max_size=longest))
    days = sorted(draw(st.sampled_from(DAYS)) for _ in names)
    if draw(st.booleans()):
        days = draw(st.permutations(days))
    return [
        Claim(n, n, f"{kind}/x", name, dated(draw(bodies(name)), day))
        for n, (name, day) in enumerate(zip(names, days, strict=True), 1)
    ]


@given(acts())
@settings(max_examples=examples(100))
def test_so_it_does_of_every_kind_of_thing(claims: list[Claim]) -> None:
    in_turn(claims)


def flow(version: int, name: str, mode: str, sat: int) -> Claim:
    amount = {"unit": "sat", "lower": sat, "upper": sat}
    told = {"asserted_by": "party/recorder", "basis": "recorder", "mode": mode, "amount": amount}
    body = validation.read_body(name, {**told, "effective": f"2025-02-{version:02}"})
    return Claim(version, version, "reserve/x", name, body)


def test_many_acts_of_one_reserve_take_one_step_each() -> None:
    claims = [flow(1, "reserve.acquired", "purchase", 9)]
    claims += [flow(n, "reserve.disposed", "sale", 4) for n in (2, 3, 4)]
    assert in_turn(claims) == 4
    one, names = StateCache("reserve/x"), []
    for claim in claims:
        names.append([name for name, _ in judge(one.before(claim), claim.body)])
        one.add(claim)
    assert names == [[], [], [], ["overdrawn"]]


def test_after_a_claim_about_claims_nothing_is_said_in_one_step() -> None:
    told = {"asserted_by": "party/recorder", "basis": "recorder", "reason": "recording-error"}
    retracted = validation.read_body("claim.retracted", {**told, "target": "reserve/x/1"})
    claims = [
        flow(1, "reserve.acquired", "purchase", 9),
        Claim(2, 2, "reserve/x", "claim.retracted", retracted),
        flow(3, "reserve.disposed", "sale", 4),
    ]
    assert in_turn(claims) == 2  # the sale of what was retracted is left to the fold


RECORDER: dict[str, Any] = {"asserted_by": "party/recorder", "basis": "recorder"}
AUDITED: dict[str, Any] = {
    "asserted_by": "party/auditor",
    "basis": "audit",
    "sources": [{"source": "source/report"}],
}


def claims_of(thing: str, *said: tuple[str, dict[str, Any]]) -> list[Claim]:
    return [
        Claim(n, n, thing, name, validation.read_body(name, RECORDER | data))
        for n, (name, data) in enumerate(said, 1)
    ]


def test_what_describes_an_agreement_between_two_acts_counts_for_the_second() -> None:
    consent = {"mode": "ratification"}
    claims = claims_of(
        "agreement/x",
        ("agreement.consent-expressed", consent | {"party": "party/pk", "effective": "2025-01-01"}),
        ("agreement.consent-expressed", consent | {"party": "party/sv", "effective": "2025-01-02"}),
        ("agreement.described", {"parties": ["party/pk", "party/sv"]}),
        ("agreement.described", {"kind": "treaty", "effective": "2025-01-03"}),
        (
            "agreement.consent-expressed",
            consent | {"party": "party/pcc", "effective": "2025-01-04"},
        ),
    )
    cache = StateCache("agreement/x")
    for n, claim in enumerate(claims):
        if claim.type == "agreement.consent-expressed":
            assert cache.before(claim) == state_by_fold(claims[:n], claim)
        cache.add(claim)


def test_a_purchase_seen_on_chain_alone_is_not_counted() -> None:
    amount = {"unit": "sat", "lower": 5, "upper": 5}
    bought = {"mode": "purchase", "amount": amount}
    on_chain = AUDITED | {"basis": "on-chain", "effective": "2025-01-02"}
    claims = claims_of(
        "reserve/x",
        ("reserve.acquired", bought | {"effective": "2025-01-01"}),
        ("reserve.acquired", bought | {"effective": "2025-01-02"} | on_chain),
        ("reserve.disposed", {"mode": "sale", "amount": amount, "effective": "2025-01-03"}),
    )
    cache = StateCache("reserve/x")
    for n, claim in enumerate(claims):
        assert cache.before(claim) == state_by_fold(claims[:n], claim)
        cache.add(claim)


def test_a_happening_of_which_another_spoke_is_left_to_the_fold() -> None:
    adopted, ceased = (
        {"form": "decree", "effective": "2025-01-01"},
        {"how": "repealed", "effective": "2025-03-01"},
    )
    first, other, then, last = claims_of(
        "law/x",
        ("law.adopted", adopted),
        ("law.adopted", AUDITED | adopted),
        ("law.ceased", ceased),
        ("law.in-force", {"effective": "2025-04-01"}),
    )
    cache = StateCache("law/x")
    cache.add(first)
    assert cache.before(then) is not None
    assert cache.before(other) is None  # two claims of one happening: either may be so
    cache.add(other)
    assert cache.before(then) is None
    cache.add(then)
    assert cache.before(last) is None  # a doubt stays
    assert judge_naively([first, other], then) == ()
