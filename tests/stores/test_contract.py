"""What does every store do, whatever database it writes to?"""

import random
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from events.envelope import MAX_EVENT_BYTES, EventTooLargeError, envelope, with_time
from events.store.errors import LogAheadError, StoreError, VersionConflictError

HALF_PAST_NINE = "2025-07-16T09:30:00.000000Z"
SECOND = timedelta(seconds=1)


def times(store: Any) -> list[str]:
    with store.reader() as reader:
        return [row.time for row in reader.rows()]


# Positions and versions


def test_positions_count_from_one_without_gaps(store: Any) -> None:
    assert store.recorder.max_notification_id() is None
    assert store.save(store.fact("party/sv", 1)) == [1]
    assert store.save(store.fact("party/pk", 1), store.fact("party/sv", 2)) == [2, 3]
    assert store.save(store.fact("party/pk", 2)) == [4]
    assert store.recorder.max_notification_id() == 4
    assert store.names() == ["party/sv/1", "party/pk/1", "party/sv/2", "party/pk/2"]


def test_nothing_to_save_writes_nothing(store: Any) -> None:
    assert store.save() == []
    assert store.names() == []


def test_a_thousand_events_fit_into_one_transaction(store: Any) -> None:
    positions = store.save(*[store.fact(f"party/p{n % 7}", n) for n in range(1, 1001)])
    assert positions == list(range(1, 1001))
    assert len(set(times(store))) == 1


def test_a_version_is_written_once(store: Any) -> None:
    store.save(store.fact("party/sv", 1, "the first"))
    with pytest.raises(VersionConflictError, match="party/sv/1 is written already, as @1"):
        store.save(store.fact("party/sv", 1, "another"))
    assert store.names() == ["party/sv/1"]
    assert [e.state.count(b"the first") for e in store.recorder.select_events("party/sv")] == [1]


def test_a_version_stands_once_in_a_batch(store: Any) -> None:
    with pytest.raises(VersionConflictError, match="twice"):
        store.save(store.fact("party/sv", 1), store.fact("party/sv", 1))
    assert store.names() == []


def test_a_failed_batch_writes_nothing_and_uses_up_no_position(store: Any) -> None:
    store.save(store.fact("party/sv", 1))
    with pytest.raises(VersionConflictError):
        store.save(store.fact("party/pk", 1), store.fact("party/us", 1), store.fact("party/sv", 1))
    assert store.names() == ["party/sv/1"]
    assert store.save(store.fact("party/us", 1)) == [2]


def test_many_threads_share_a_recorder(store: Any) -> None:
    def save_ten(name: str) -> None:
        for version in range(1, 11):
            store.save(store.fact(name, version))

    threads = [Thread(target=save_ten, args=[f"party/p{n}"]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reader() as reader:
        assert [row.position for row in reader.rows()] == list(range(1, 61))
    assert set(store.names()) == {f"party/p{n}/{v}" for n in range(6) for v in range(1, 11)}


# Time


def test_all_events_of_a_batch_share_their_time(store: Any) -> None:
    store.save(store.fact("party/sv", 1), store.fact("party/pk", 1))
    store.now += SECOND
    store.save(store.fact("party/sv", 2))
    assert times(store) == [HALF_PAST_NINE, HALF_PAST_NINE, "2025-07-16T09:30:01.000000Z"]


def test_a_clock_five_seconds_behind_waits_for_the_record(store: Any) -> None:
    store.save(store.fact("party/sv", 1))
    store.now -= 5 * SECOND
    store.save(store.fact("party/sv", 2))
    assert times(store) == [HALF_PAST_NINE, HALF_PAST_NINE]


def test_a_clock_further_behind_is_refused(store: Any) -> None:
    store.save(store.fact("party/sv", 1))
    store.now -= 5 * SECOND + timedelta(microseconds=1)
    with pytest.raises(LogAheadError, match=HALF_PAST_NINE):
        store.save(store.fact("party/sv", 2))
    assert store.names() == ["party/sv/1"]
    store.now += SECOND
    assert store.save(store.fact("party/sv", 2)) == [2]


def test_recorded_time_never_runs_backwards(store: Any) -> None:
    chance = random.Random(413)  # noqa: S311 - a clock that staggers, not a secret
    for version in range(1, 41):
        store.now += chance.uniform(-2, 2) * SECOND
        try:
            store.save(store.fact("party/sv", version))
        except LogAheadError:
            store.now += 10 * SECOND
            store.save(store.fact("party/sv", version))
    found = times(store)
    assert found == sorted(found)
    assert 1 < len(set(found)) < len(found)


# Bytes


def test_what_was_written_is_read_back_byte_for_byte(store: Any) -> None:
    text = "Käufe: „6 242“ \u2028 \U0001f600 \\ \" ' %s {} \x7f"
    stored = store.mapper.to_stored_event(store.fact("party/sv", 1, text))
    expected = with_time(stored.state, stored.topic, HALF_PAST_NINE)
    store.recorder.insert_events([stored])
    with store.reader() as reader:
        assert reader.first().state == expected
        assert [row.state for row in reader.rows()] == [expected]
    assert [e.state for e in store.recorder.select_events("party/sv")] == [expected]
    assert [e.state for e in store.recorder.select_notifications(1, 10)] == [expected]


def test_an_event_comes_back_with_its_position_and_time(store: Any) -> None:
    store.save(store.fact("party/pk", 1), store.fact("party/sv", 1, "read me"))
    (stored,) = store.recorder.select_events("party/sv")
    event = store.mapper.to_domain_event(stored)
    assert (event.id, event.position, event.time) == ("party/sv/1", 2, HALF_PAST_NINE)
    assert event.body == store.fact("party/sv", 1, "read me").body


def test_an_event_of_the_greatest_size_is_stored(store: Any) -> None:
    empty = len(with_time(store.mapper.to_stored_event(store.fact("party/sv", 1, "")).state,
                          "party.noted.v1", HALF_PAST_NINE))  # fmt: skip
    room = MAX_EVENT_BYTES - empty
    store.save(store.fact("party/sv", 1, "x" * room))
    with store.reader() as reader:
        assert len(reader.first().state) == MAX_EVENT_BYTES
    with pytest.raises(EventTooLargeError, match="party/sv/2 would have 65,536 bytes"):
        store.save(store.fact("party/sv", 2, "x" * (room + 1)))
    assert store.names() == ["party/sv/1"]


def test_the_store_itself_refuses_what_is_too_large(store: Any) -> None:
    small = store.mapper.to_stored_event(store.fact("party/sv", 1))
    large = type(small)(
        "party/pk", 1, small.topic, small.state.replace(b"a note", b"x" * MAX_EVENT_BYTES)
    )
    with pytest.raises(EventTooLargeError):
        store.recorder.insert_events([small, large])
    assert store.names() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET topic = 'party.changed.v1' WHERE position = 1",
        "UPDATE stored_events SET position = 7 WHERE position = 1",
        "DELETE FROM stored_events WHERE position = 2",
        "DELETE FROM stored_events",
    ],
)
def test_what_is_recorded_is_neither_changed_nor_removed(store: Any, statement: str) -> None:
    store.save(store.fact("party/sv", 1), store.fact("party/sv", 2))
    with pytest.raises(StoreError, match="append-only"):
        store.sql(statement)
    assert store.names() == ["party/sv/1", "party/sv/2"]
    assert store.save(store.fact("party/sv", 3)) == [3]


# Reading


@pytest.mark.parametrize(
    ("asked", "versions"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"gt": 2}, [3, 4, 5]),
        ({"lte": 2}, [1, 2]),
        ({"gt": 1, "lte": 4, "limit": 2}, [2, 3]),
        ({"desc": True}, [5, 4, 3, 2, 1]),
        ({"desc": True, "limit": 1, "lte": 4}, [4]),
        ({"gt": 5}, []),
        ({"limit": 0}, []),
    ],
)
def test_a_thing_is_read_in_the_order_of_its_versions(
    store: Any, asked: dict[str, Any], versions: list[int]
) -> None:
    for version in range(1, 6):
        store.save(store.fact("party/sv", version), store.fact("party/sv-2", version))
    found = store.recorder.select_events("party/sv", **asked)
    assert [event.originator_version for event in found] == versions
    assert {event.originator_id for event in found} <= {"party/sv"}


@pytest.mark.parametrize(
    ("asked", "positions"),
    [
        ({"start": None, "limit": 3}, [1, 2, 3]),
        ({"start": 1, "limit": 3}, [1, 2, 3]),
        ({"start": 3, "limit": 2}, [3, 4]),
        ({"start": 3, "limit": 2, "inclusive_of_start": False}, [4, 5]),
        ({"start": 3, "limit": 9, "stop": 4}, [3, 4]),
        ({"start": 1, "limit": 9, "topics": ["party.dissolved.v1"]}, [2, 4, 6]),
        ({"start": 3, "limit": 2, "topics": ["party.dissolved.v1", "party.noted.v1"]}, [3, 4]),
        ({"start": 1, "limit": 9, "topics": ["party.unheard-of.v1"]}, []),
        ({"start": 7, "limit": 9}, []),
        ({"start": 1, "limit": 0}, []),
    ],
)
def test_notifications_come_by_position(
    store: Any, asked: dict[str, Any], positions: list[int]
) -> None:
    topics = ["party.noted.v1", "party.dissolved.v1"]
    for version in range(1, 7):
        store.save(store.fact("party/sv", version, topic=topics[1 - version % 2]))
    found = store.recorder.select_notifications(**asked)
    assert [notification.id for notification in found] == positions


def test_an_empty_record_reads_as_empty(store: Any) -> None:
    with store.reader() as reader:
        assert (reader.last_position(), reader.first(), list(reader.rows())) == (0, None, [])
        assert reader.position_at(HALF_PAST_NINE) == 0
    assert store.recorder.select_events("party/sv") == []
    assert store.recorder.select_notifications(1, 10) == []


def test_a_reader_gives_windows_of_the_record(store: Any) -> None:
    store.save(*[store.fact(f"party/{name}", v) for v in (1, 2, 3) for name in ("sv", "pk")])
    with store.reader() as reader:
        assert [row.position for row in reader.rows(after=2, until=4)] == [3, 4]
        assert [row.position for row in reader.rows(after=6)] == []
        assert [(r.position, r.version) for r in reader.rows(thing="party/pk")] == [
            (2, 1), (4, 2), (6, 3),
        ]  # fmt: skip
        assert [r.version for r in reader.rows(after=2, until=4, thing="party/pk")] == [2]
        assert [row.position for row in reader.rows(thing="party/xx")] == []
        assert (reader.event(0), reader.event(7)) == (None, None)
        assert reader.event(4)[:4] == (4, "party/pk", 2, "party.noted.v1")


def test_a_reader_gives_the_record_thing_by_thing(store: Any) -> None:
    names = ("sv", "pk", "imf")
    store.save(*[store.fact(f"party/{name}", v) for v in (1, 2, 3) for name in names])
    with store.reader() as reader:

        def given(until: int) -> list[tuple[str, int]]:
            return [(row.thing.partition("/")[2], row.version) for row in reader.by_thing(until)]

        assert given(7) == [
            ("imf", 1), ("imf", 2), ("pk", 1), ("pk", 2), ("sv", 1), ("sv", 2), ("sv", 3),
        ]  # fmt: skip
        assert given(2) == [("pk", 1), ("sv", 1)]
        assert given(0) == []


def test_a_moment_names_the_last_event_recorded_by_then(store: Any) -> None:
    for version, pause_s in enumerate((0, 0, 10, 10, 0, 10), start=1):
        store.now += pause_s * SECOND
        store.save(store.fact("party/sv", version))
    with store.reader() as reader:
        answers = {
            moment: reader.position_at(f"2025-07-16T09:{moment}Z")
            for moment in ("29:59.999999", "30:00", "30:09.9", "30:10", "30:20.000000", "31:00")
        }
    assert answers == {
        "29:59.999999": 0,
        "30:00": 2,
        "30:09.9": 2,
        "30:10": 3,
        "30:20.000000": 5,
        "31:00": 6,
    }


def test_a_reader_does_not_hinder_a_writer(store: Any) -> None:
    store.save(*[store.fact("party/sv", version) for version in range(1, 301)])
    with store.reader() as reader:
        before = reader.data_version()
        stream = reader.rows()
        assert next(stream).position == 1
        assert store.save(store.fact("party/pk", 1)) == [301]
        assert [row.position for row in stream] == list(range(2, 301))
        assert reader.last_position() == 301
        assert reader.data_version() != before
        assert [row.thing for row in reader.rows(after=300)] == ["party/pk"]


def test_two_recorders_write_in_turn(store: Any) -> None:
    other = store.open()
    store.save(store.fact("party/sv", 1))
    other.insert_events([store.mapper.to_stored_event(store.fact("party/sv", 2))])
    assert store.save(store.fact("party/sv", 3)) == [3]
    with pytest.raises(VersionConflictError):
        other.insert_events([store.mapper.to_stored_event(store.fact("party/sv", 3))])
    other.datastore.close()
    assert store.names() == ["party/sv/1", "party/sv/2", "party/sv/3"]


def test_an_envelope_that_is_no_envelope_is_not_stored(store: Any) -> None:
    good = store.mapper.to_stored_event(store.fact("party/sv", 1))
    other = envelope("party/sv", 2, "party.dissolved.v1", "x", b"{}")
    with pytest.raises(ValueError, match="does not end as one"):
        store.recorder.insert_events([good, type(good)("party/sv", 2, good.topic, other)])
    assert store.names() == []
