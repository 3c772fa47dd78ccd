"""Is a fact decided by what is known of its thing as by a look through everything before it?"""

from typing import Any

import pytest
from bodies import bodies
from histories import histories
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.claim import Claim
from domain.decisions.decide import Decision, decide, judged
from domain.decisions.errors import Refusal, Verdict
from domain.decisions.stream import NOT_YET, History
from domain.decisions.stream_index import Known, Stored
from domain.kinds.agreement import AGAINST
from events import validation
from events.body import Body
from events.catalogue import all_types, body_class, family, topic
from events.event import OpenedRow
from events.identifiers import KINDS, kind_of
from events.value import replace

TIME = "2025-07-16T09:30:00.000000Z"
WAYS = ("grown before it is written", "resumed", "read anew")
TURNS = st.tuples(
    st.sampled_from(WAYS), st.booleans(), st.booleans(), st.sampled_from((None, None, "a", "b"))
)
DAYS = [f"2025-07-{day}" for day in range(10, 14)]


def said(decision: Any, *args: Any, **how: Any) -> tuple[object, ...]:
    """Return what comes of a decision, as it compares: an event, an earlier one, or a refusal."""
    try:
        found: Decision = decision(*args, **how)
    except Refusal as why:
        return type(why), why.name, str(why)
    return found.event, found.already and found.already.id, found.findings


def opened(claim: Claim, time: str = TIME) -> OpenedRow:
    data = validation.write(claim.body)
    return OpenedRow(
        claim.position, claim.version, topic(claim.type), data, validation.plain(claim.body), time
    )


def written(claim: Claim) -> Stored:
    return Stored(claim.position, topic(claim.type), validation.write(claim.body))


class Growing:
    """What is known of a thing whose claims come by one way or another."""

    def __init__(self, thing: str) -> None:
        self.known, self.waiting = Known(thing), 0

    def take(self, claims: list[Claim], way: str, *, settled: bool) -> None:
        """Take up the last of the claims; what waits to be written is written then, or later."""
        claim = claims[-1]
        if way == "grown before it is written":
            waiting = replace(claim, position=NOT_YET + claim.version)
            self.known.add(waiting, validation.write(claim.body), family(claim.type).name)
            self.waiting += 1
            if settled:
                self.settle(claims)
            return
        self.settle(claims[:-1])
        if way == "resumed":
            rows = [opened(one) for one in claims[self.known.seen - 1 :]]
            assert self.known.met_again(rows) == len(rows) - 1
            self.known.read([opened(claim)])
        else:
            self.known = Known(self.known.thing)
            self.known.read(map(opened, claims))

    def settle(self, claims: list[Claim]) -> None:
        if self.waiting:
            self.known.settle([written(claim) for claim in claims[-self.waiting :]])
        self.waiting = 0


def in_turn(claims: list[Claim], ways: st.DataObject) -> None:
    growing, history = Growing(claims[0].thing), History(claims[0].thing)
    for claim in claims:
        way, settled, as_reported, key = ways.draw(TURNS)
        version = history.version + 1
        one = replace(claim, position=3 * version, version=version)
        if key:
            one = replace(one, body=replace(one.body, key=key))
        data, facts = validation.write(one.body), (one.type, one.body)
        expected = said(decide, history, *facts, as_reported=as_reported)
        assert said(growing.known.decide, *facts, data, as_reported=as_reported) == expected
        history = History(history.id, (*history.claims, one))
        growing.take(list(history.claims), way, settled=settled)
    growing.settle(list(history.claims))
    assert [replace(c, time="") for c in growing.known.claims] == [
        replace(c, time="") for c in history.claims
    ]


@given(histories(), st.data())
@settings(max_examples=150)
def test_it_is_whatever_was_said_before(claims: list[Claim], ways: st.DataObject) -> None:
    in_turn(claims, ways)


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
@settings(max_examples=150)
def test_so_it_is_for_every_kind_of_thing(claims: list[Claim], ways: st.DataObject) -> None:
    in_turn(claims, ways)


NAMES = {body_class(name): name for name in all_types() if name.startswith("agreement.")}


@given(histories(), st.data())
@settings(max_examples=300)
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
    assert judged(History("agreement/x", before), fact) == Verdict()


TOLD = {"asserted_by": "party/recorder", "basis": "recorder"}
ENDED = {
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
    fact = validation.read(
        "agreement.declaration-made",
        {**TOLD, "party": "party/pk", "gist": "still here", "effective": "2021-01-01"},
    )
    known = Known("agreement/x")
    for n, (name, data) in enumerate(ENDED[how], 1):
        known.decide("agreement.declaration-made", fact, validation.write(fact))
        claim = Claim(n, n, "agreement/x", name, validation.read(name, {**TOLD, **data}))
        known.read([opened(claim)])
    with pytest.raises(Refusal, match="ended"):
        known.decide("agreement.declaration-made", fact, validation.write(fact))


@pytest.mark.parametrize("sure", [True, False])
def test_what_was_judged_before_it_was_written_comes_in_its_order_afterwards(sure: bool) -> None:
    # Both on one day, so that their positions alone tell which was first.
    facts = [
        ("party.stated", {"gist": "it may be", "effective": "2025-07-01" if sure else "2025-07?"}),
        ("party.appointed", {"office": "minister", "effective": "2025-07-10"}),
        ("party.office-ended", {"office": "minister", "effective": "2025-07-10"}),
        ("party.office-ended", {"office": "minister", "effective": "2025-07-11"}),
    ]
    bodies = [validation.read(name, {**TOLD, **data}) for name, data in facts]
    claims = [
        Claim(3 * n, n, "party/x", name, body)
        for n, ((name, _), body) in enumerate(zip(facts, bodies, strict=True), 1)
    ]
    growing = Growing("party/x")
    for n in (1, 2):
        growing.take(claims[:n], "grown before it is written", settled=False)
    growing.known.decide(claims[3].type, bodies[3], validation.write(bodies[3]))
    growing.settle(claims[:2])
    growing.take(claims[:3], "resumed", settled=True)
    decision = growing.known.decide(claims[3].type, bodies[3], validation.write(bodies[3]))
    assert [name for name, _ in decision.findings] == ["not-in-office"]


def named(version: int, name: str, position: int = 0) -> Claim:
    data = {"asserted_by": "party/recorder", "basis": "recorder", "name": name}
    type_ = "party.renamed" if version > 1 else "party.established"
    body = validation.read(type_, data if version > 1 else {**data, "type": "state"})
    return Claim(position or 6 + version, version, "party/x", type_, body)


def test_what_is_no_longer_the_last_in_the_record_is_noticed() -> None:
    one, two = named(1, "One"), named(2, "Two")
    for others in (
        [],
        [opened(replace(one, position=8))],
        [opened(named(1, "Another"))],
        [opened(one, "2025-07-18T12:00:00.000001Z")],
    ):
        known = Known("party/x")
        known.read([opened(one)])
        assert known.met_again(others) is None
    assert known.met_again([opened(one), opened(two)]) == 1


def test_what_was_written_is_held_against_all_that_stands_in_its_place() -> None:
    # As if a database had fallen back on the first, and others had written the rest again.
    one, two, three = named(1, "One"), named(2, "Two"), named(3, "Three")
    for first_read in (True, False):
        for others in (
            [one, named(2, "Another", 8), three],
            [one, two, named(3, "Another", 9)],
            [one, two],
        ):
            known = Known("party/x")
            if first_read:
                known.read([opened(one)])
                mine = [two, three]
            else:
                mine = [one, two, three]
            for claim in mine:
                known.add(claim, validation.write(claim.body), family(claim.type).name)
            known.settle([written(claim) for claim in mine])
            assert known.seen == 1
            assert known.met_again([opened(claim) for claim in others]) is None
            assert known.met_again([opened(claim) for claim in (one, two, three)]) == 3
            assert known.seen == 3
