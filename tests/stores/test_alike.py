"""Do the two stores do the same, whatever is asked of them?"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import Environment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.envelope import EventTooLargeError, envelope
from events.store.errors import StoreError
from events.store.factory import (
    create_record,
    library_environment,
    make_recorder_factory,
    open_reader,
)
from events.store.location import Location
from tests.effort import examples

TOPICS = ["party.noted.v1", "party.dissolved.v1"]
THINGS = ["party/a", "party/a-b", "party/ab", "party/ä"]

texts = st.one_of(
    st.text(st.characters(exclude_categories=["C"], exclude_characters='"\\'), max_size=40),
    st.just("x" * 3_000),
    st.just("x" * 65_500),
)
events = st.tuples(st.sampled_from(THINGS), st.integers(1, 4), st.sampled_from(TOPICS), texts)
steps = st.lists(
    st.tuples(st.integers(-8, 8), st.lists(events, min_size=1, max_size=6)), max_size=12
)


class Side:
    """One of the two records, at the time that both have."""

    def __init__(self, where: Location, clock: list[datetime]) -> None:
        create_record(where)
        self.where = where
        env = Environment("", library_environment(where))
        self.recorder: Any = make_recorder_factory(
            env, where, lambda: clock[0]
        ).application_recorder()

    def save(self, batch: list[StoredEvent]) -> Any:
        """Return the positions, or what kind of error came and what it says."""
        try:
            return list(self.recorder.insert_events(batch))
        except (StoreError, EventTooLargeError) as error:
            return type(error), str(error)

    def held(self) -> Any:
        """Return what a reader finds, asked in every way."""
        with open_reader(self.where) as reader:
            rows = list(reader.rows())
            moments = [row.time for row in rows]
            return (
                rows,
                [list(reader.rows(thing=thing)) for thing in THINGS],
                list(reader.rows(2, 5)),
                [reader.position_at(moment) for moment in moments],
                self.recorder.select_notifications(2, 3, topics=TOPICS[:1]),
                self.recorder.select_events(THINGS[0], desc=True, limit=2),
                self.recorder.max_notification_id(),
            )


@pytest.fixture
def places(tmp_path: Path, address: Any, drop: Any) -> Iterator[Any]:
    """Give a function that gives two places where nothing is yet."""
    made: list[Any] = []

    def two() -> tuple[Path, Any]:
        made.append(address.with_schema(f"{address.schema}_{len(made)}"))
        return tmp_path / f"record-{len(made)}", made[-1]

    yield two
    for where in made:
        drop(where)


def both_do_the_same(places: Any, asked: list[tuple[int, list[Any]]]) -> None:
    clock = [datetime(2025, 7, 16, 9, 30, tzinfo=UTC)]
    sides = [Side(where, clock) for where in places()]
    with closing(sides[0].recorder.datastore), closing(sides[1].recorder.datastore):
        for seconds, batch in asked:
            clock[0] += timedelta(seconds=seconds)
            stored = [
                StoredEvent(thing, version, topic, made(thing, version, topic, text))
                for thing, version, topic, text in batch
            ]
            one, other = (side.save(stored) for side in sides)
            assert one == other
        assert sides[0].held() == sides[1].held()


def made(thing: str, version: int, topic: str, text: str) -> bytes:
    # Not by `envelope` alone: it would refuse what is too large before the store does.
    short = envelope("party/a", version, topic, "a-ledger", b'{"text":"%b"}')
    return short.replace(b"%b", text.encode()).replace(b"party/a", thing.encode())


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_both_stores_do_the_same(places: Any, asked: list[tuple[int, list[Any]]]) -> None:
    both_do_the_same(places, asked)


@pytest.mark.long
@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_both_stores_do_the_same_for_long(places: Any, asked: list[tuple[int, list[Any]]]) -> None:
    both_do_the_same(places, asked)
