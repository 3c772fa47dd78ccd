"""The cached rows of a list hold from the day on which no date of theirs can change them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import policy
from domain.claims.resolution import fold
from events.body import RECORDER
from events.kinds.agreement import EntryIntoForceRuleSet
from events.kinds.entry_into_force_rule import Later, Rule, Trigger
from events.kinds.reserve import Announced, Established
from events.value import replace
from projections.queries.fields import values_and_support
from projections.read_model.database import ReadModel
from projections.read_model.date_effects import date_effects
from projections.read_model.list_cache import line_of
from projections.read_model.schema import NEVER
from tests.effort import examples
from tests.properties.histories import ACTS, AGREEMENT, COMES_AGAIN, POLICIES, histories, plain
from tests.readings.served import Fact, Record, a_record

ANNOUNCED = date(2025, 7, 16)
SETTLED = ANNOUNCED + timedelta(days=2)  # wherever on earth it was that day


@pytest.fixture
def record() -> Iterator[Record]:
    """Give a record in which a reserve was announced on a day."""
    said = Announced(
        asserted_by=RECORDER, basis="recorder", effective=ANNOUNCED.isoformat(), label="a reserve"
    )
    with a_record(date(2026, 1, 1)) as made:
        made.add([Fact("reserve/x", "reserve.announced", said)])
        yield made


def held(answers: ReadModel, day: date) -> list[str]:
    """Return the things of which a row is ready on a day."""
    return [*answers.ready("reserve", Clocks(day))]


def test_a_kept_row_holds_from_its_first_day_on(record: Record, tmp_path: Path) -> None:
    with record.reader() as reader, ReadModel.open(reader, tmp_path / "answers.sqlite3") as answers:
        assert held(answers, SETTLED - timedelta(days=1)) == []
        assert held(answers, SETTLED) == ["reserve/x"]
        assert held(answers, SETTLED + timedelta(days=1)) == ["reserve/x"]


def test_a_row_that_cannot_be_kept_holds_from_the_same_day(record: Record, tmp_path: Path) -> None:
    with record.reader() as reader, ReadModel.open(reader, tmp_path / "answers.sqlite3") as answers:
        answers.connection.execute("DELETE FROM lines")
        answers.connection.execute("PRAGMA query_only = ON")  # as of a file one may only read
        assert held(answers, SETTLED - timedelta(days=1)) == []
        assert held(answers, SETTLED) == ["reserve/x"]
        assert held(answers, SETTLED + timedelta(days=1)) == ["reserve/x"]


def test_of_a_thing_the_newest_row_is_kept_and_the_one_of_the_past_that_was_asked_for_last(
    record: Record, tmp_path: Path
) -> None:
    labels = ("a first name", "a second", "a third")
    body = Established(asserted_by=RECORDER, basis="recorder", effective=ANNOUNCED.isoformat())
    for label in labels:
        record.add([Fact("reserve/x", "reserve.established", replace(body, label=label))])
    with record.reader() as reader, ReadModel.open(reader, tmp_path / "answers.sqlite3") as answers:
        last = reader.last_position()

        def kept_after(day: date, known_at: int) -> tuple[dict[str, Any], list[int]]:
            ready = answers.ready("reserve", Clocks(day, known_at=known_at))
            rows = answers.connection.execute("SELECT last_position FROM lines ORDER BY 1")
            return ready, [last - position for (position,) in rows if position > last - 4]

        assert kept_after(SETTLED - timedelta(days=1), last - 1) == ({}, [0])
        for behind in (1, 2, 1):
            ready, kept = kept_after(SETTLED, last - behind)
            assert [one["status"] for one in ready.values()] == ["established"]
            assert kept == [behind, 0]
        assert kept_after(SETTLED, last)[1] == [1, 0]


delays = st.none() | st.sampled_from(("P1D", "P90D", "P3M", "P1Y"))
snaps = st.none() | st.sampled_from(("month-start:1", "month-start:3"))
single = (
    st.builds(Trigger, on=st.just("instruments"), n=st.integers(1, 3))
    | st.builds(Trigger, on=st.just("signature"), which=st.sampled_from(("first", "last")))
    | st.builds(Trigger, on=st.just("consents-of"), whose=st.sampled_from(("signatories", "sides")))
    | st.builds(Trigger, on=st.just("date"), day=st.sampled_from(("2025-10-01", *ACTS)))
)
several = st.lists(single, min_size=1, max_size=2).map(tuple)
triggers = single | st.builds(Trigger, on=st.sampled_from(("all-of", "first-of")), of=several)
rules = st.builds(
    Rule,
    when=triggers,
    delay=delays,
    snap=snaps,
    not_before=st.none() | st.sampled_from(("P6M", "2025-11-01", "the end of the year")),
    later=st.none() | st.builds(Later, delay=delays, snap=snaps),
)


@st.composite
def reckoned(draw: Callable[..., Any]) -> list[Claim]:
    """Draw the claims about an agreement, one or two rules of entry into force among them."""
    claims: list[Claim] = draw(
        histories(8, (("agreement/x", (*AGREEMENT[2:6], *COMES_AGAIN[:5])),), few=5)
    )
    for rule in draw(st.lists(rules, min_size=1, max_size=2)):
        body = EntryIntoForceRuleSet(
            asserted_by=RECORDER,
            basis="recorder",
            effective=draw(st.sampled_from(("2025-07-01", None))),
            rule=rule,
        )
        name, last = "agreement.entry-into-force-rule-set", claims[-1].position + 1
        claims.append(Claim(last, last, "agreement/x", name, body))
    return claims


@settings(max_examples=examples(150))
@given(reckoned(), st.sampled_from(POLICIES))
def test_an_agreement_whose_rule_reckons_days_has_a_row_once_all_are_reckoned(
    claims: list[Claim], name: str
) -> None:
    moves = [date_effects(f"{claim.type}.v1", plain(claim.body)) for claim in claims]
    settled = [last for _, last in moves]
    line = line_of(claims, settled, [None] * len(claims), frozenset()).line
    if line.valid_from == NEVER:
        return
    first = date.fromisoformat(line.valid_from)
    days = [first + timedelta(n) for n in (0, 1, 10, 31, 100, 400, 4_000)]
    told = [
        values_and_support("agreement/x", fold(claims, Clocks(day), policy(name))) for day in days
    ]
    assert told == [told[0]] * len(days)
