"""The one decision, by an index that grows, is the naive one of the specification."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.claim import Claim
from domain.decisions.batch import AppendResult, Batch, Command
from domain.decisions.decide import Fact, decide
from domain.decisions.errors import Refusal
from domain.decisions.stream_index import StreamIndex
from domain.kinds.agreement import AGAINST
from events import validation
from events.body import Body
from events.catalogue import all_types, body_class
from events.identifiers import KINDS, kind_of
from events.value import replace
from tests.effort import examples
from tests.properties.bodies import bodies
from tests.properties.histories import histories
from tests.properties.naive_decide import Naive, decide_naively, judge_naively, opened

RULES = st.sampled_from(("refuse", "report", "leave"))
TURNS = st.tuples(st.booleans(), RULES, st.booleans(), st.sampled_from((None, None, "a", "b")))
DAYS = [f"2025-07-{day}" for day in range(10, 14)]


def fact_of(type_: str, body: Body) -> Fact:
    return Fact(type_, body, validation.write_body(body))


def decided(index: StreamIndex, fact: Fact, **how: Any) -> tuple[object, ...]:
    """Return what comes of a decision, as it compares: a claim, an earlier one, or a refusal."""
    try:
        made = decide(index, fact, **how)
    except Refusal as why:
        return type(why), why.name, str(why)
    claim = made.claim
    if made.repeats:
        return None, claim.id, made.findings
    assert (claim.thing, claim.type, claim.body) == (index.thing, fact.type, fact.body)
    return claim.version, None, made.findings


def decided_naively(*args: Any, **how: Any) -> tuple[object, ...]:
    try:
        found: Naive = decide_naively(*args, **how)
    except Refusal as why:
        return type(why), why.name, str(why)
    return tuple(found)


def in_turn(claims: list[Claim], ways: st.DataObject) -> None:
    """Compare both decisions on each claim, as the index grows or is read anew."""
    thing = claims[0].thing
    index, before = StreamIndex(thing), list[Claim]()
    for claim in claims:
        anew, rules, rerun, key = ways.draw(TURNS)
        body = replace(claim.body, key=key) if key else claim.body
        fact = fact_of(claim.type, body)
        how = {"rules": rules, "rerun": rerun}
        expected = decided_naively(thing, before, claim.type, body, **how)
        assert decided(index, fact, **how) == expected
        index.add(index.next_claim(claim.type, body), fact.written)
        version = len(before) + 1
        before.append(replace(claim, position=3 * version, version=version, body=body))
        if anew:
            index = StreamIndex(thing, map(opened, before))
    alike = [replace(c, position=1, time="") for c in before]
    assert [replace(c, position=1, time="") for c in index.claims] == alike


@given(histories(), st.data())
@settings(max_examples=examples(50))
def test_it_is_whatever_was_said_before(claims: list[Claim], ways: st.DataObject) -> None:
    in_turn(claims, ways)


CITED = {"source": "source/x", "published": "2025-07-15", "retrieved": "2025-07-18"}
CITATIONS = [
    {},
    {"published": "2025-07-16"},
    {"retrieved": "2025-07-19"},
    {"published": None},
    {"retrieved": None},
    {"published": None, "retrieved": None},
    {"origin": "party/pk"},
    {"source": "source/y"},
]


@pytest.mark.parametrize("other", CITATIONS)
@pytest.mark.parametrize("first", CITATIONS)
def test_a_fact_is_the_same_whatever_day_it_was_published_or_read(
    first: dict[str, str | None], other: dict[str, str | None]
) -> None:
    """What Chivo holds, read on a page in July and again on another day: one fact."""
    told = {"asserted_by": "party/sv", "basis": "official-record", "effective": "2025-07"}
    said = {**told, "ref": "chivo", "verdict": "met"}
    type_ = "programme.condition-assessed"
    index = StreamIndex("programme/x")
    claims: list[Claim] = []
    expected = ("origin" in first, "source" in first) == ("origin" in other, "source" in other)
    for citation in (first, other):
        cited = {name: day for name, day in {**CITED, **citation}.items() if day}
        body = validation.read_body(type_, {**said, "sources": [cited]})
        fact = fact_of(type_, body)
        found = decided(index, fact)
        assert found == decided_naively("programme/x", claims, type_, body)
        if not claims:
            index.add(index.next_claim(type_, body), fact.written)
            claims.append(Claim(1, 1, "programme/x", type_, body))
    assert (found[1] == "programme/x/1") is expected


@st.composite
def mixed(draw: Any) -> list[Claim]:
    """Draw claims of any types about one thing of any kind."""
    kind = draw(st.sampled_from([kind for kind in KINDS if kind != "ledger"]))
    types = [name for name in all_types() if kind_of(name.replace(".", "/")) == kind]
    names = draw(st.lists(st.sampled_from(types), min_size=1, max_size=8))
    days = st.sampled_from([None, *DAYS])
    return [
        Claim(n, n, f"{kind}/x", name, dated(draw(bodies(name)), draw(days)))
        for n, name in enumerate(names, 1)
    ]


def dated(body: Body, day: str | None) -> Body:
    """Return the body on a day that is sure and often the same, or as it was."""
    return replace(body, effective=day, acted=None, zone=None) if day else body


@given(mixed(), st.data())
@settings(max_examples=examples(50))
def test_so_it_is_for_every_kind_of_thing(claims: list[Claim], ways: st.DataObject) -> None:
    in_turn(claims, ways)


NAMES: dict[Any, str] = {
    body_class(name): name for name in all_types() if name.startswith("agreement.")
}


@given(histories(), st.data())
@settings(max_examples=examples(100))
def test_nothing_is_said_of_a_fact_but_by_what_may_be_against_it(
    claims: list[Claim], draw: st.DataObject
) -> None:
    cls = draw.draw(st.sampled_from(list(AGAINST)))
    names = st.lists(st.sampled_from(sorted(NAMES.values())), max_size=6)
    more = [(name, draw.draw(bodies(name))) for name in draw.draw(names)]
    told = [(c.type, c.body) for c in claims if c.type in NAMES.values()]
    told += [(name, dated(body, draw.draw(st.sampled_from(DAYS)))) for name, body in more]
    before = tuple(
        Claim(n, n, "agreement/x", name, body)
        for n, (name, body) in enumerate(told, 1)
        if name not in AGAINST[cls]
    )
    body = dated(draw.draw(bodies(NAMES[cls])), "2026-01-01")
    fact = Claim(99, 99, "agreement/x", NAMES[cls], body)
    assert judge_naively(before, fact) == ()


TOLD = {"asserted_by": "party/recorder", "basis": "recorder"}
ENDED: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "terminated": [("agreement.terminated", {"ground": "agreed", "effective": "2020-01-01"})],
    "denounced": [
        ("agreement.described", {"kind": "treaty", "parties": ["party/pk", "party/sv"]}),
        *(
            (
                "agreement.signed",
                {"party": f"party/{who}", "mode": "definitive", "effective": "2010-01-01"},
            )
            for who in ("pk", "sv")
        ),
        (
            "agreement.withdrawal-notified",
            {"party": "party/pk", "acted": "2019-01-01", "effective": "2020-01-01"},
        ),
    ],
}


@pytest.mark.parametrize("how", ENDED)
def test_an_end_is_against_a_declaration(how: str) -> None:
    fact = validation.read_body(
        "agreement.declaration-made",
        {**TOLD, "party": "party/pk", "gist": "still here", "effective": "2021-01-01"},
    )
    declared = fact_of("agreement.declaration-made", fact)
    index = StreamIndex("agreement/x")
    for name, data in ENDED[how]:
        decide(index, declared)
        body = validation.read_body(name, {**TOLD, **data})
        index.add(index.next_claim(name, body), validation.write_body(body))
    if how == "terminated":  # the same asserter stated the end
        with pytest.raises(Refusal, match="ended"):
            decide(index, declared)
    else:  # an end that is worked out refuses nothing
        assert [name for name, _ in decide(index, declared).findings] == ["after-the-end"]


def outcome(result: AppendResult) -> tuple[object, ...]:
    return result.outcome, result.id, result.findings, result.reason


@st.composite
def commands(draw: Any) -> list[Command]:
    """Draw commands about a few things, some labelled, some citing parties that may be unknown."""
    claims = draw(st.permutations([*draw(histories()), *draw(mixed()), *draw(mixed())]))[:8]
    return [
        Command(c.thing, c.type, c.body, label=draw(st.sampled_from((None, "a", "b"))))
        for c in claims
    ]


@given(commands(), RULES, st.booleans(), st.sets(st.sampled_from(("party/pcc", "source/x"))))
@settings(max_examples=examples(40))
def test_a_batch_decides_on_each_fact_as_it_is_decided_on_alone(
    facts: list[Command], rules: Any, rerun: bool, there: set[str]
) -> None:
    def exist(names: Any) -> set[str]:
        return there & set(names)

    def batch() -> Batch:
        return Batch(recorded, exist, "an-id", rules=rules, rerun=rerun)

    def recorded(thing: str) -> StreamIndex:
        return StreamIndex(thing, map(opened, claims.get(thing, ())))

    claims: dict[str, list[Claim]] = {}
    together = batch()
    for fact in facts:
        alone = batch().take(fact)
        assert outcome(together.take(fact)) == outcome(alone)
        if alone.outcome == "recorded":
            there.add(fact.thing)
            before = claims.setdefault(fact.thing, [])
            number = len(before) + 1
            before.append(Claim(len(there) + number, number, fact.thing, fact.type, fact.data))  # type: ignore[arg-type]
    new = [(claim.thing, claim.version, claim.type) for claim in together.claims]
    assert sorted(new) == sorted((c.thing, c.version, c.type) for of in claims.values() for c in of)
