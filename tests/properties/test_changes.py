"""Is what changed since a time what two full answers differ in (docs/spec/answers.md, 21.7)?"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import chain, zip_longest
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import policy
from events.body import RECORDER
from events.kinds.agreement import ConsentExpressed, EntryIntoForceRuleSet
from events.kinds.entry_into_force_rule import Rule, Trigger
from events.kinds.reserve import Announced
from projections.queries.diff import DiffRange, changed_things, list_changes
from projections.queries.fields import values_and_support
from projections.queries.timeline import (
    TimelineFilter,
    build_timeline,
    things_dated_between,
    things_naming_party,
)
from projections.read_model.database import ReadModel
from tests.effort import examples
from tests.properties.histories import AGREEMENT, DAYS, PARTIES, POLICIES, RESERVE, histories
from tests.readings.served import Fact, Oracle, a_record

EXAMPLES_LONG = 1_000
ENDS = ("party/pcc", ("party.dissolved",))
SCENES = (("agreement/x", AGREEMENT), ("reserve/x", RESERVE), ENDS)
days = st.sampled_from(sorted(DAYS))


class Asked(NamedTuple):
    """What was recorded, in its order, and two times; the kinds whose lists were asked before."""

    facts: list[Fact]
    before: Clocks
    after: Clocks
    policy: str
    listed: frozenset[str]


@st.composite
def asked(draw: Callable[..., Any]) -> Asked:
    scenes = draw(st.lists(st.sampled_from(SCENES), min_size=1, unique=True))
    several: list[list[Claim]] = [draw(histories(7, (scene,))) for scene in scenes]
    claims = filter(None, chain.from_iterable(zip_longest(*several)))
    facts = [Fact(claim.thing, claim.type, claim.body) for claim in claims]
    known = sorted(draw(st.integers(0, len(facts) + 1)) for _ in range(2))
    day, later = sorted((draw(days), draw(days)))
    after = Clocks(later, draw(st.none() | days), max(known[1], 1))
    listed = draw(st.frozensets(st.sampled_from(("agreement", "reserve", "party"))))
    before = after._replace(as_of=day, known_at=known[0])
    return Asked(facts, before, after, draw(st.sampled_from(POLICIES)), listed)


def changed_naively(answers: Any, question: Asked) -> dict[tuple[str, str], Any]:
    """Return by subject and value what it was, what it is and which steps changed it."""
    found = {}
    chosen = policy(question.policy)
    between = question.before._replace(as_of=question.after.as_of)
    for thing in {fact.thing for fact in question.facts}:
        first, middle, last = (
            values_and_support(thing, answers.view(thing, clocks, chosen).certainly_public)
            for clocks in (question.before, between, question.after)
        )
        for name in {**first, **last}:
            old, then, new = (of_view.get(name) for of_view in (first, middle, last))
            if old != new:
                steps = (("as-of", old != then), ("known-at", then != new))
                found[thing, name] = old, new, [axis for axis, differs in steps if differs]
    return found


def check(question: Asked) -> None:
    with a_record(date(2025, 7, 1)) as record:
        record.add(question.facts)
        with record.reader() as reader, ReadModel.open(reader, None) as answers:
            for kind in question.listed:
                answers.ready(kind, question.after)
            rows = list_changes(
                answers, question.before, question.after, policy(question.policy)
            ).rows
            found = {
                (row["subject"], row["field"]): (row["before"], row["after"], row["axes"])
                for row in rows
            }
            assert len(found) == len(rows)
            assert found == changed_naively(Oracle(reader), question)
            for row in rows:
                assert {cause["axis"] for cause in row["why"]} == set(row["axes"])


@settings(max_examples=examples(60))
@given(asked())
def test_what_changed_is_what_the_two_answers_differ_in(question: Asked) -> None:
    check(question)


@pytest.mark.long
@settings(max_examples=EXAMPLES_LONG)
@given(asked())
def test_what_changed_is_what_the_two_answers_differ_in_at_length(question: Asked) -> None:
    check(question)


ACT: dict[str, Any] = {"asserted_by": RECORDER, "basis": "recorder"}
DAY: dict[str, Any] = {"effective": "2025-07-16"}
N1 = Rule(when=Trigger(on="instruments", n=1), delay="P90D")
SETTLED = {
    "2025-07-16": [
        Fact("reserve/x", "reserve.announced", Announced(**ACT, **DAY, label="a reserve"))
    ],
    # 90 days later.
    "2025-10-16": [
        Fact(
            "agreement/x",
            "agreement.entry-into-force-rule-set",
            EntryIntoForceRuleSet(**ACT, rule=N1),
        ),
        Fact(
            "agreement/x",
            "agreement.consent-expressed",
            ConsentExpressed(**ACT, **DAY, party="party/pk", mode="accession"),
        ),
    ],
}


@pytest.mark.parametrize("settled", SETTLED)
@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed"])
def test_a_day_is_looked_at_by_what_a_list_keeps(settled: str, listed: bool) -> None:
    facts, on = SETTLED[settled], date.fromisoformat(settled)
    thing = facts[0].thing
    with a_record(date(2026, 1, 1)) as record:
        record.add(facts)
        with record.reader() as reader, ReadModel.open(reader, None) as answers:
            if listed:
                answers.ready(thing.partition("/")[0], Clocks(on))

            def looked_at(first: date) -> list[str]:
                clocks = Clocks(first, None, answers.position)
                ends = DiffRange("as-of", clocks, clocks._replace(as_of=date(2026, 1, 1)))
                return changed_things(answers, ends)

            assert looked_at(on - timedelta(1)) == [thing]
            assert looked_at(on) == ([] if listed or thing == "reserve/x" else [thing])


@settings(max_examples=examples(40))
@given(asked(), days, days, st.none() | st.sampled_from(PARTIES), st.booleans())
def test_a_span_has_of_all_subjects_what_each_alone_has_in_it(
    question: Asked, one: date, other: date, party: str | None, future: bool
) -> None:
    first, last = sorted((one, other))
    clocks, chosen = question.after, policy(question.policy)
    known = clocks.known_at or 0
    until = date.max if future else clocks.as_of
    end = min(last, until)
    wanted = TimelineFilter(future=future, first=first, last=last)
    with a_record(date(2025, 7, 1)) as record:
        record.add(question.facts)
        with record.reader() as reader, ReadModel.open(reader, None) as answers:
            if party is None:
                things = things_dated_between(answers, known, first, end)
            else:
                things = things_naming_party(answers, party, known, until)
            rows = build_timeline(answers, things, clocks, chosen, wanted, party=party).rows
            every = sorted({fact.thing for fact in question.facts})
            of_all = build_timeline(
                answers, every, clocks, chosen, TimelineFilter(future=future), party=party
            ).rows
    within = [{**row, "within": may_be_within(row, first, last)} for row in of_all]
    sure, perhaps = ([r for r in within if r["within"] == w] for w in ("yes", "cannot tell"))
    assert rows == sure + perhaps


def may_be_within(row: Any, first: date, last: date) -> str:
    """Say whether a row is of a span of days, from the text of its dates alone."""
    answers = [
        one_within(text, row["zone"], first, last) for text in (row["effective"], row["acted"])
    ]
    return next((one for one in ("yes", "cannot tell") if one in answers), "no")


def one_within(written: str | None, zone: str | None, first: date, last: date) -> str:
    from events.dates import days_at_place, parse_date

    if written is None:
        return "no"
    begins, ends = days_at_place(parse_date(written), zone)
    begins, ends = begins or date.min, ends or date.max
    if ends < first or begins > last:
        return "no"
    inside = date.min < begins and ends < date.max and first <= begins and ends <= last
    return "yes" if inside else "cannot tell"
