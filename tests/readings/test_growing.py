"""Is what set a value found step by step as it is by asking anew with one claim more each time?"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.alternatives import contested_occurrences
from domain.claims.claim import Claim, Clocks, chronological
from domain.claims.ranking import policy
from domain.claims.resolution import Resolution, fold
from events import validation
from events.store.sqlite.reader import RecordReader
from events.value import replace
from projections.kinds.registry import answer
from projections.queries.blame import last_changes, trace_values
from projections.queries.fields import answer_values, changed_fields, flatten_answer
from projections.queries.selection import Unit, asserted_claims
from projections.read_model.database import ReadModel
from tests.effort import examples
from tests.properties.bodies import said_of_a_kind
from tests.properties.histories import POLICIES, Question, asked_histories

DAYS = (
    *(f"2025-07-{day:02}" for day in range(10, 20)),
    "2025-07-12?",
    "2025-07",
    None,
)  # None: as it is
Found = list[tuple[str, Any, list[int]]]


def anew(thing: str, view: Resolution) -> Found:
    """Return each value and what changed it: the whole answer is made again for every unit."""
    final = answer_values(thing, view)
    changes: dict[str, list[int]] = {name: [] for name in final}
    before = flatten_answer(answer(thing, part_of(view, [])))
    told = sorted(view.occurrences, key=lambda o: chronological((o.folded or o.ranked[0])[0]))
    units: list[Unit] = [*told, *view.series]
    for count, unit in enumerate(units, 1):
        after = flatten_answer(answer(thing, part_of(view, units[:count])))
        for name in final:
            if before.get(name) != after.get(name):
                changes[name].append(id(unit))
        before = after
    contested = [id(unit) for unit in contested_occurrences(view)]
    for name, value in final.items():
        if contested and before.get(name) != value:  # merged of all alternatives
            changes[name] = [*(one for one in changes[name] if one not in contested), *contested]
    return [(name, value, changes[name]) for name, value in final.items()]


def part_of(view: Resolution, units: list[Unit]) -> Resolution:
    heard, there = {c.id for unit in units for c in asserted_claims(unit)}, set(map(id, units))
    claims = tuple(claim for claim in view.standing.claims if claim.id in heard)
    return replace(
        view,
        occurrences=tuple(one for one in view.occurrences if id(one) in there),
        series=tuple(one for one in view.series if id(one) in there),
        standing=replace(view.standing, claims=claims),
    )


def step_by_step(thing: str, view: Resolution) -> Found:
    """Return the same as it is found step by step; what changed a value last is found alone too."""
    traced = trace_values(thing, view)
    for newest, one in enumerate(traced):
        found = last_changes(thing, view, {one.field}, newest % 3)
        assert found.get(one.field) is (one.by[-1] if one.by else None)
    return [(one.field, one.value, [id(unit) for unit in one.by]) for one in traced]


@settings(max_examples=examples(150))
@given(asked_histories())
def test_of_any_history(asked: tuple[list[Claim], Question]) -> None:
    claims, question = asked
    clocks = Clocks(question.day, question.public_at, question.known_at)
    view = fold(claims, clocks, policy(question.policy)).certainly_public
    assert step_by_step(claims[0].thing, view) == anew(claims[0].thing, view)


@settings(max_examples=examples(100))
@given(said_of_a_kind(DAYS), st.sampled_from(POLICIES))
def test_of_a_thing_of_any_kind(claims: list[Claim], name: str) -> None:
    view = fold(claims, Clocks(date(2025, 7, 16)), policy(name))
    assert step_by_step(claims[0].thing, view) == anew(claims[0].thing, view)


def test_of_a_law_that_is_to_be_adopted_and_in_force() -> None:
    told = {"asserted_by": "party/recorder", "basis": "recorder"}
    claims = [
        Claim(n, n, "law/x", f"law.{name}", validation.read_body(f"law.{name}", {**told, **data}))
        for n, (name, data) in enumerate(
            (
                ("adopted", {"form": "act", "effective": "2025-07-17"}),
                ("in-force", {"effective": "2025-09-01"}),
            ),
            1,
        )
    ]
    view = fold(claims, Clocks(date(2025, 7, 16)), policy("primary-first"))
    found = step_by_step("law/x", view)
    assert found == anew("law/x", view)
    assert {name: len(by) for name, _, by in found}["to_be_in_force"] == 1


def steps_of_a_treaty() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a treaty of five States: signed, ratified, in force, left by one, ended."""
    parties = [f"party/{name}" for name in ("aa", "bb", "cc", "dd", "ee")]
    yield "agreement.described", {"binding": "binding", "kind": "treaty"}
    for place, party in enumerate(parties):
        yield "agreement.signed", {"party": party, "mode": "simple", "effective": f"200{place}"}
    for place, party in enumerate(parties[:4]):
        yield (
            "agreement.consent-expressed",
            {"party": party, "mode": "ratification", "effective": f"201{place}-03-01"},
        )
    yield "agreement.entered-into-force", {"mode": "definitive", "effective": "2014-01-01"}
    yield "agreement.suspended", {"for": parties[1], "effective": "2015-01-01"}
    yield "agreement.withdrawal-notified", {"party": parties[0], "effective": "2016-01-01"}
    yield "agreement.terminated", {"ground": "by consent", "effective": "2017-01-01"}


@pytest.mark.parametrize("year", [2009, 2013, 2015, 2016, 2026])
def test_of_a_treaty_whose_sides_move_one_by_one_and_all_at_once(year: int) -> None:
    told = {"asserted_by": "party/recorder", "basis": "recorder"}
    claims = [
        Claim(n, n, "agreement/x", name, validation.read_body(name, {**told, **data}))
        for n, (name, data) in enumerate(steps_of_a_treaty(), 1)
    ]
    view = fold(claims, Clocks(date(year, 6, 1)), policy("primary-first"))
    found = step_by_step("agreement/x", view)
    assert found == anew("agreement/x", view)
    assert {name for name, _, _ in found} >= {"phase", "statuses.party/ee.status"}


@pytest.mark.parametrize("name", ["primary-first", "strict", "latest"])
@pytest.mark.parametrize("day", [date(2025, 7, 17), date(2026, 1, 1)])
def test_of_every_thing_in_the_story(the_story: Path, day: date, name: str) -> None:
    with (
        RecordReader(the_story / "record.sqlite3") as record,
        ReadModel.open(record, the_story / "answers.sqlite3") as answers,
    ):
        rows = answers.connection.execute("SELECT DISTINCT thing FROM claims").fetchall()
        for (thing,) in rows:
            view = answers.view(thing, Clocks(day), policy(name))
            assert step_by_step(thing, view) == anew(thing, view)


LEAVES = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "b"])
MEMBERS = st.dictionaries(st.sampled_from(["party", "ref", "x", "y"]), LEAVES, min_size=1)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["x", "y", "certain", "text"]),
    st.recursive(
        LEAVES | st.lists(LEAVES, max_size=3) | st.lists(MEMBERS, max_size=4),
        lambda inner: st.dictionaries(st.sampled_from(["x", "y", "text"]), inner, max_size=3),
        max_leaves=6,
    ),
)


@settings(max_examples=examples(150))
@given(DOCUMENTS, DOCUMENTS)
def test_what_differs_is_what_differs_when_all_is_laid_flat(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    before, after = flatten_answer(one), flatten_answer(other)
    names = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    assert set(changed_fields(one, other)) == names
