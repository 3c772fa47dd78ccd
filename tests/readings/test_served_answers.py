"""Is every served answer the one that folding the whole record anew would give?

Histories by Hypothesis, as `decide` would refuse many of them: what is in a record is answered,
whoever wrote it. Events come in several transactions on several days, and answers are caught up
in batches of any size.
"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, policy
from events.body import RECORDER, Body, SourceRef
from events.catalogue import topic, types_for
from events.dates import parse_date
from events.identifiers import KINDS, kind_of
from events.kinds.agreement import Terminated
from events.kinds.claim_events import Corrected, Retracted
from events.kinds.law import Extended, InForce
from events.kinds.party import ContinuedBy, Dissolved, Established, Renamed
from projections.queries.diff import DiffRange, diff_answers
from projections.queries.findings import list_findings
from projections.queries.show import NotKnownError, list_history, list_kind, show_subject
from projections.queries.show import list_lines as lines_of
from projections.read_model import catch_up
from projections.read_model.database import ReadModel
from projections.read_model.rebuild import make_answers
from tests.effort import examples
from tests.properties.bodies import bodies
from tests.properties.histories import DAYS, PARTIES, POLICIES, histories
from tests.readings.served import Fact, Oracle, Record, a_record, a_record_at

EXAMPLES = examples(60)
EXAMPLES_LONG = 20_000

Draw = Callable[..., Any]

BY_RECORDER: dict[str, Any] = {"asserted_by": RECORDER, "basis": "recorder"}
BY_PRESS: dict[str, Any] = {
    "asserted_by": "party/geo",
    "basis": "press",
    "sources": (SourceRef(source="source/geo", published="2025-07-18"),),
}
# What happens to the parties meanwhile: their names stand on the page of the thing.
OF_PARTIES: tuple[Body, ...] = (
    Established(**BY_RECORDER, name="the Council", type="agency"),
    Established(**BY_RECORDER, name="the Office", type="agency", effective="2025-07-17"),
    Established(**BY_PRESS, name="El Salvador", type="state"),
    Renamed(**BY_PRESS, name="the Authority", effective="2025-07-18"),
    Renamed(**BY_RECORDER, name="the Agency"),
    Dissolved(**BY_PRESS, effective="2025-07-20"),
    Dissolved(**BY_PRESS, effective="[2025-07-14..2025-07-18]"),
    ContinuedBy(**BY_PRESS, effective="2025-07-16", party="party/sv"),
    ContinuedBy(**BY_PRESS, effective="2025-07-15", party="party/onbtc"),
    Retracted(**BY_RECORDER, target="party/pcc/1", reason="duplicate"),
    Retracted(**BY_PRESS, target="party/sv/1", reason="other"),
)
NAMES = {Established: "party.established", Renamed: "party.renamed", Dissolved: "party.dissolved"}
NAMES |= {Retracted: "claim.retracted", ContinuedBy: "party.continued-by"}
STARTS = (*DAYS, date(2025, 7, 15), date(2026, 8, 1), date(2027, 3, 1))


class Told(NamedTuple):
    """What is recorded on which day, in one transaction; then answers are caught up.

    Then lists may be asked for, which makes the lines that are missing.
    """

    days_later: int
    facts: tuple[Fact, ...]
    listed: bool


class Scene(NamedTuple):
    """A record as it grows, and the questions put to it at the end."""

    start: date
    told: tuple[Told, ...]
    batch: int
    questions: tuple[tuple[Clocks, str], ...]


@st.composite
def scenes(draw: Draw, facts: st.SearchStrategy[list[Fact]]) -> Scene:
    """Draw a growing record of these facts, and questions to it."""
    left, told = draw(facts), []
    while left:
        size = draw(st.integers(1, 6))
        days_later = draw(st.sampled_from((0, 0, 1, 2, 40, 367)))
        told.append(Told(days_later, tuple(left[:size]), draw(st.booleans())))
        left = left[size:]
    start = draw(st.sampled_from(STARTS))
    last = 1 + sum(len(each.facts) for each in told)
    recorded = start + timedelta(sum(each.days_later for each in told))
    days = [*DAYS, *_around(recorded), *_days_in(told)]
    asked = st.builds(
        lambda on, public, known, name: (Clocks(on, public, known), name),
        st.sampled_from(days),
        st.none() | st.none() | st.sampled_from(days),
        st.none() | st.just(last) | st.integers(0, last),
        st.sampled_from((*POLICIES, "primary-first", "primary-first")),
    )
    questions = draw(st.lists(asked, min_size=3, max_size=5))
    return Scene(start, tuple(told), draw(st.integers(1, 4)), tuple(questions))


def _around(day: date) -> list[date]:
    return [day + timedelta(n) for n in (-367, -3, -2, -1, 0, 0, 1, 2, 3, 40, 366, 800)]


def _days_in(told: list[Told]) -> list[date]:
    """Return the days that facts name in any of their fields, and those beside them."""
    texts = [text for each in told for fact in each.facts for text in _dates(fact.body)]
    ends = {
        end for text in texts for end in (parse_date(text).earliest, parse_date(text).latest) if end
    }
    inner = [end for end in ends if date(2, 1, 1) < end < date(9990, 1, 1)]
    return sorted({end + timedelta(n) for end in inner for n in (-1, 0, 1)})


def _dates(body: Any) -> list[str]:
    names = ("effective", "acted", "until", "notified", "due", "span")
    given_ = [getattr(body, name, None) for name in names]
    given_ += [getattr(body, "data", {}).get(name) for name in names]
    return [text for text in given_ if text]


@st.composite
def of_one_thing(draw: Draw) -> list[Fact]:
    """Draw the history of a thing; where it leaves positions free, parties are mentioned only."""
    facts, position = [], 0
    for claim in draw(histories()):
        for _ in range(position + 1, claim.position):
            body = draw(st.sampled_from(OF_PARTIES))
            facts.append(Fact(draw(st.sampled_from(PARTIES)), NAMES[type(body)], body))  # type: ignore[index]
        facts.append(Fact(claim.thing, claim.type, claim.body))
        position = claim.position
    return facts


@st.composite
def of_any_kind(draw: Draw) -> list[Fact]:
    """Draw facts of all types, about two things of one kind."""
    kind = draw(st.sampled_from([kind for kind in KINDS if kind != "ledger"]))
    facts = []
    for _ in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from([n for n in types_for(kind) if not n.startswith("claim.")]))
        body = draw(bodies(name))
        facts.append(Fact(f"{kind}/{draw(st.sampled_from('xy'))}", name, body))
    return facts


def grow(record: Record, scene: Scene) -> None:
    """Write the record, catching the answers up after every transaction, and asking for lists."""
    for told in scene.told:
        record.day += timedelta(told.days_later)
        record.add(told.facts)
        with record.reader() as reader, ReadModel.open(reader, record.answers) as answers:
            assert answers.position == reader.last_position()
            for kind in {kind_of(fact.thing) for fact in told.facts if told.listed}:
                list_kind(answers, kind, Clocks(record.day), policy(DEFAULT))
            if told.listed:
                list_findings(answers, Clocks(record.day), policy(DEFAULT))


def told(ask: Callable[..., Any], *question: Any) -> Any:
    """Return the answer, or that there is none and why."""
    try:
        return ask(*question)
    except NotKnownError as error:
        return "not known", error.thing, error.first, error.excluded


def hold_against_the_oracle(scene: Scene, server: Any = None) -> None:
    """Hold every answer to a scene against the one folded from the whole record."""
    with (
        a_record_at(server, scene.start) if server else a_record(scene.start) as record,
        mock.patch.object(catch_up, "BATCH", scene.batch),
    ):
        grow(record, scene)
        with record.reader() as reader, ReadModel.open(reader, record.answers) as answers:
            oracle: Any = Oracle(reader)
            things = sorted({fact.thing for told in scene.told for fact in told.facts})
            for clocks, name in scene.questions:
                for thing in things:
                    question = thing, clocks, policy(name)
                    assert answers.view(*question) == oracle.view(*question)
                    assert told(show_subject, answers, *question) == told(
                        show_subject, oracle, *question
                    )
                    assert told(list_history, answers, thing, clocks) == told(
                        list_history, oracle, thing, clocks
                    )
                for kind in {kind_of(thing) for thing in things}:
                    lines = kind, clocks, policy(name)
                    assert lines_of(answers, *lines) == lines_of(oracle, *lines)
            for clocks, name in (*scene.questions[:2], scene.questions[0]):  # now of what was kept
                asked = clocks, policy(name)
                assert list_findings(answers, *asked) == list_findings(oracle, *asked)
            hold_what_differs(answers, oracle, scene)
            assert make_answers(reader, None) == (answers.position, answers.digest())


def hold_what_differs(answers: ReadModel, oracle: Any, scene: Scene) -> None:
    """Hold the differences between two days, of all things, against those of each thing."""
    for (clocks, name), (other, _) in pairwise(scene.questions):
        days = sorted((clocks.as_of, other.as_of))
        ends = DiffRange("as-of", *(clocks._replace(as_of=day) for day in days))
        things = [t for t in oracle.everything(clocks.known_at) if kind_of(t) != "ledger"]
        assert diff_answers(answers, ends, policy(name)) == diff_answers(
            oracle, ends, policy(name), things
        )


@settings(max_examples=EXAMPLES)
@given(scenes(of_one_thing()))
def test_what_is_served_is_what_the_fold_gives(scene: Scene) -> None:
    hold_against_the_oracle(scene)


@settings(max_examples=examples(30))
@given(scenes(of_any_kind()))
def test_facts_of_every_type_are_served_as_the_fold_gives_them(scene: Scene) -> None:
    hold_against_the_oracle(scene)


@pytest.mark.long
@settings(max_examples=EXAMPLES_LONG)
@given(scenes(of_one_thing()))
def test_what_is_served_is_what_the_fold_gives_at_length(scene: Scene) -> None:
    hold_against_the_oracle(scene)


@pytest.mark.long
@settings(max_examples=EXAMPLES_LONG // 4)
@given(scenes(of_any_kind()))
def test_facts_of_every_type_are_served_as_the_fold_gives_them_at_length(scene: Scene) -> None:
    hold_against_the_oracle(scene)


@settings(max_examples=examples(5), suppress_health_check=[HealthCheck.too_slow])
@given(scene=scenes(of_one_thing()))
def test_what_is_served_from_a_database_is_what_the_fold_gives(
    postgres_server: Any, scene: Scene
) -> None:
    hold_against_the_oracle(scene, postgres_server)


@pytest.mark.long
@settings(max_examples=EXAMPLES_LONG // 20, suppress_health_check=[HealthCheck.too_slow])
@given(scene=scenes(of_one_thing()))
def test_what_is_served_from_a_database_is_what_the_fold_gives_at_length(
    postgres_server: Any, scene: Scene
) -> None:
    hold_against_the_oracle(scene, postgres_server)


@settings(max_examples=examples(5), suppress_health_check=[HealthCheck.too_slow])
@given(scene=scenes(of_any_kind()))
def test_facts_of_every_type_are_served_from_a_database_as_the_fold_gives_them(
    postgres_server: Any, scene: Scene
) -> None:
    hold_against_the_oracle(scene, postgres_server)


SOURCES = BY_PRESS["sources"]
SOON, LATER, TOO_FAR = "2025-07-25", "2026-03-05", "9999-12-31"


def in_force(**said: Any) -> Fact:
    return Fact("law/x", "law.in-force", InForce(**BY_PRESS, **{"effective": "2025-01-01", **said}))


def corrected(first: Fact, **said: Any) -> Fact:
    """Return a correction of the first fact about a thing."""
    data = {"asserted_by": "party/geo", "basis": "press", "sources": [{"source": "source/geo"}]}
    body = Corrected(
        **BY_RECORDER,
        target=f"{first.thing}/1",
        reason="recording-error",
        data_type=topic(first.type),
        data={**data, **said},
    )
    return Fact(first.thing, "claim.corrected", body)


NAMED = Fact("party/x", "party.established", Established(**BY_PRESS, name="x", type="agency"))
ENDED = Terminated(**BY_PRESS, ground="It was time.", effective="2025-01-01")
TERMINATED = Fact("agreement/x", "agreement.terminated", ENDED)


def renamed(on: str) -> Fact:
    return Fact("party/x", "party.renamed", Renamed(**BY_PRESS, name="y", effective=on))


@pytest.mark.parametrize(
    "facts",
    [
        (NAMED, renamed(SOON)),
        (NAMED, renamed(TOO_FAR)),
        (NAMED, renamed("2025-07~")),
        (NAMED, renamed("[2025-07..]")),
        (NAMED, corrected(NAMED, name="z", type="state", effective=SOON)),
        (NAMED, corrected(NAMED, name="z", type="state", effective="2025")),
        (in_force(until=LATER),),
        (in_force(effective=f"2025-01-01/{SOON}"),),
        (in_force(), corrected(in_force(), effective="2025-01-01", until=LATER)),
        (in_force(until=SOON), Fact("law/x", "law.extended", Extended(**BY_PRESS, until=LATER))),
        (TERMINATED, corrected(TERMINATED, ground="Not yet.", effective=SOON)),
    ],
    ids=lambda facts: "-".join(fact.type for fact in facts),
)
def test_a_line_of_a_list_changes_on_its_day(facts: tuple[Fact, ...]) -> None:
    thing = facts[0].thing
    with a_record(date(2025, 7, 19)) as record:
        record.add(facts)
        with record.reader() as reader, ReadModel.open(reader, None) as answers:
            oracle: Any = Oracle(reader)
            for n in range(-400, 800):
                question = kind_of(thing), Clocks(date(2025, 7, 19) + timedelta(n)), policy(DEFAULT)
                assert list_kind(answers, *question) == list_kind(oracle, *question)


def test_a_line_made_ready_after_the_question_was_asked_is_not_taken() -> None:
    clocks = Clocks(date(2030, 1, 1))
    with a_record(date(2027, 7, 19)) as record:
        record.add([NAMED])
        with record.reader() as reader, ReadModel.open(reader, record.answers) as answers:
            record.add([renamed(SOON)])
            with ReadModel.open(reader, record.answers) as newer:
                assert (newer.ready("party", clocks)["party/x"] or {})["name"] == "y"
            asked = clocks._replace(known_at=answers.position)
            assert [
                line["name"] for line in list_kind(answers, "party", asked, policy(DEFAULT))
            ] == ["x"]
