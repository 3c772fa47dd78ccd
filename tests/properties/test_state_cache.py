"""An act judged by the state that is kept is judged as by folding everything before it anew."""

from collections.abc import Callable
from typing import Any

import pytest
from bodies import bodies
from histories import AGREEMENT, RESERVE, histories
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_decide import judge_naively

from domain.claims.claim import Claim, days
from domain.decisions import stream_index
from domain.decisions.errors import Judgement
from domain.decisions.stream_index import StateCache
from domain.kinds.registry import is_judged, judge
from events import validation
from events.body import Body
from events.catalogue import all_types
from events.identifiers import KINDS, kind_of
from events.value import replace

DAYS = [f"2025-07-{day:02}" for day in range(10, 20)]


def in_turn(claims: list[Claim]) -> int:
    """Compare both verdicts on each dated act; return how many were given in one step."""
    states, steps = StateCache(claims[0].thing), 0
    for n, claim in enumerate(claims):
        if None in days(claim) or not is_judged(claim):
            steps += 1  # nothing is said of it
        elif (state := states.before(claim)) is not None:
            steps += 1
            verdict = judge(state, claim.body)
            findings = verdict.findings
            if verdict.refusal is None:
                findings = tuple(dict.fromkeys(findings))
            expected = judge_naively(claims[:n], claim)
            assert told(replace(verdict, findings=findings)) == told(expected)
        states.add(claim)
    return steps


def told(verdict: Judgement) -> tuple[object, ...]:
    """Return a verdict as it compares: two refusals are equal when they say the same."""
    return type(verdict.refusal), str(verdict.refusal), verdict.findings


def dated(body: Body, day: str) -> Body:
    return replace(body, effective=day, acted=None, zone=None)


@given(histories(), st.lists(st.sampled_from(DAYS), min_size=14, max_size=14), st.booleans())
@settings(max_examples=300)
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
@settings(max_examples=300)
def test_so_it_does_of_every_kind_of_thing(claims: list[Claim]) -> None:
    in_turn(claims)


@given(acts(longest=14))
@settings(max_examples=300)
def test_so_it_does_where_states_in_between_are_kept(claims: list[Claim]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_index, "APART", 2)
        in_turn(claims)


def test_out_of_order_no_more_than_some_states_are_kept() -> None:
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    shuffled = sorted(days, key=lambda day: day[::-1])
    told = {"asserted_by": "party/recorder", "basis": "recorder", "mode": "sale"}
    one, most = StateCache("reserve/x"), 0
    for n, day in enumerate(shuffled, 1):
        body = validation.read_body("reserve.disposed", {**told, "effective": day})
        claim = Claim(n, n, "reserve/x", "reserve.disposed", body)
        assert one.before(claim) is not None
        one.add(claim)
        most = max(most, len(one.kept))
    assert 0 < most <= stream_index.MOST


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
        verdict = judge(one.before(claim), claim.body)
        names.append([name for name, _ in verdict.findings])
        one.add(claim)
    assert names == [[], [], [], ["overdrawn"]]
