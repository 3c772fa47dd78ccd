"""Whatever is done to a ledger, in whatever order: is every answer the one of the oracle?

Facts are appended, corrected, retracted, denied, resolved, linked and told apart, answers are
thrown away and made again, the record is backed up and read from its copy. After each question
the served answer is held against the one folded from the whole record anew.
"""

import shutil
from contextlib import suppress
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import policy
from domain.ledger import Command, CommandRefusedError, Ledger
from events.body import RECORDER, Body
from events.kinds.party import Established
from events.kinds.source import Cited
from events.store.sqlite.backup import back_up
from events.store.sqlite.reader import RecordReader
from projections.queries.blame import blame_values
from projections.queries.diff import DiffRange, diff_answers
from projections.queries.disputes import list_disputes
from projections.queries.reconcile import steps_of_view
from projections.queries.show import NotKnownError, list_history, list_kind, show_subject
from projections.queries.standing import statuses_of_party
from projections.queries.statements import citing_events, list_statements
from projections.queries.timeline import build_timeline
from projections.read_model.database import ReadModel
from projections.read_model.rebuild import make_answers
from tests.effort import examples
from tests.properties.histories import (
    ABOUT,
    AGREEMENT,
    DAYS,
    PARTIES,
    POLICIES,
    RESERVE,
    _about,
    _fact,
    _Scene,
)
from tests.readings.served import MEMORY, Oracle

TYPES = {"agreement/x": AGREEMENT, "reserve/x": RESERVE}
OTHERS = ("party/herbert", "party/saqib")
SOURCES = ("source/arab-news", "source/post")
BY_RECORDER: dict[str, Any] = {"asserted_by": RECORDER, "basis": "recorder"}

things = st.sampled_from(sorted(TYPES))


def _clocks(day: date, hour: int | None, public_at: date | None, known_at: int | None) -> Clocks:
    moment = None if hour is None else datetime.combine(day, time(hour), UTC)
    return Clocks(day, public_at, known_at, moment)


clocks = st.builds(
    _clocks,
    st.sampled_from(DAYS),
    st.none() | st.integers(0, 23),
    st.none() | st.sampled_from(DAYS),
    st.none() | st.integers(1, 60),
)


class Story(RuleBasedStateMachine):
    """A ledger, what was recorded in it, and the questions put to it."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.record, self.answers = self.folder / "record.sqlite3", self.folder / "answers.sqlite3"
        self.ledger = Ledger.create(self.record, origin="example.org/x")
        self.told: dict[str, list[Claim]] = {thing: [] for thing in TYPES}
        self.copies = 0
        known = [
            (p, "party.established", Established(**BY_RECORDER, name=p, type="agency"))
            for p in (*PARTIES, *OTHERS)
        ]
        cited: list[tuple[str, str, Body]] = [
            (s, "source.cited", Cited(**BY_RECORDER)) for s in SOURCES
        ]
        self.ledger.append([_draft(*one) for one in (*known, *cited)])

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.ledger.close()
            shutil.rmtree(self.folder)

    @rule(thing=things, data=st.data())
    def append(self, thing: str, data: Any) -> None:
        scene = _scene(data, thing)
        name = scene.one(TYPES[thing])
        self._record(thing, name, _fact(scene, name))

    @rule(thing=things, name=st.sampled_from(sorted(set(ABOUT))), data=st.data())
    def speak_of_a_claim(self, thing: str, name: str, data: Any) -> None:
        """Correct, retract, deny, resolve, join or tell apart."""
        told = self.told[thing]
        if len(told) < 2 or all(claim.type in ABOUT for claim in told):
            return
        with suppress(IndexError):  # nothing is there to be joined
            self._record(thing, name, _about(_scene(data, thing), name, told))

    def _record(self, thing: str, name: str, body: Body) -> None:
        with suppress(CommandRefusedError):
            (outcome,) = self.ledger.append([_draft(thing, name, body)], as_reported=True)
            if not outcome.already:
                version = len(self.told[thing]) + 1
                assert outcome.id == f"{thing}/{version}"
                self.told[thing].append(Claim(version, version, thing, name, body))

    @rule()
    def rebuild(self) -> None:
        with RecordReader(self.record) as reader:
            made = make_answers(reader, self.answers)
            with ReadModel.open(reader, self.answers) as answers:
                assert made == (answers.position, answers.digest())

    @rule()
    def lose_the_answers(self) -> None:
        self.answers.unlink(missing_ok=True)

    @precondition(lambda self: hasattr(self, "copies") and self.copies < 3)
    @rule()
    def back_up_and_go_on_with_the_copy(self) -> None:
        self.copies += 1
        copy = self.folder / f"copy-{self.copies}.sqlite3"
        back_up(self.record, copy)
        self.ledger.close()
        self.record, self.ledger = copy, Ledger(copy)

    @rule(
        asked=clocks,
        name=st.sampled_from(POLICIES),
        party=st.sampled_from((*PARTIES, *OTHERS)),
        source=st.sampled_from(SOURCES),
    )
    def ask(self, asked: Clocks, name: str, party: str, source: str) -> None:
        with RecordReader(self.record) as reader, ReadModel.open(reader, self.answers) as answers:
            oracle: Any = Oracle(reader)
            if asked.known_at is not None:
                asked = asked._replace(known_at=min(asked.known_at, oracle.position))
            for thing in TYPES:
                question = thing, asked, policy(name)
                assert _told(show_subject, answers, *question) == _told(
                    show_subject, oracle, *question
                )
                assert _told(list_history, answers, thing, asked) == _told(
                    list_history, oracle, thing, asked
                )
                assert blame_values(answers, *question) == blame_values(oracle, *question)
                assert build_timeline(answers, [thing], *question[1:]) == build_timeline(
                    oracle, [thing], *question[1:]
                )
                ends = DiffRange("known-at", asked._replace(known_at=1), asked)
                assert diff_answers(answers, ends, policy(name), [thing]) == diff_answers(
                    oracle, ends, policy(name), [thing]
                )
            views = [of.view("reserve/x", *question[1:]) for of in (answers, oracle)]
            steps, others = (steps_of_view("reserve/x", view) for view in views)
            assert steps == others
            across = asked, policy(name)
            assert list_disputes(answers, *across) == list_disputes(oracle, *across)
            assert list_statements(answers, asked, policy(name), party) == list_statements(
                oracle, asked, policy(name), party
            )
            # What is excluded is counted over the agreements that are looked at.
            held = [statuses_of_party(one, party, *across).rows for one in (answers, oracle)]
            assert held[0] == held[1]
            assert citing_events(answers, source, asked) == citing_events(oracle, source, asked)
            for one in (party, source):
                assert _told(show_subject, answers, one, *across) == _told(
                    show_subject, oracle, one, *across
                )
            for kind in ("agreement", "reserve", "party", "source"):
                lines = kind, asked, policy(name)
                assert list_kind(answers, *lines) == list_kind(oracle, *lines)


def _scene(data: Any, thing: str) -> _Scene:
    return _Scene(data.draw, TYPES[thing], PARTIES, ABOUT)


def _draft(thing: str, name: str, body: Body) -> Command:
    return Command(thing, name, lambda labels: body)


def _told(question: Any, *asked: Any) -> Any:
    try:
        return question(*asked)
    except NotKnownError as error:
        return "not known", error.thing, error.first, error.excluded


class StoryAtLength(Story):
    """The same, often and long."""


Story.TestCase.settings = settings(max_examples=examples(8), stateful_step_count=50)
StoryAtLength.TestCase.settings = settings(max_examples=200, stateful_step_count=50)

TestWhateverIsDone = Story.TestCase
TestWhateverIsDoneAtLength = pytest.mark.long(StoryAtLength.TestCase)
