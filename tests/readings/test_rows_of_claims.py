"""Is a row of the answers what reading the whole event would give?

The frame of an event is compared as text, and only its data is read. Whatever bytes a record
holds, that must say the same as opening them as JSON, or refuse what that refuses.
"""

import json
from typing import Any
from unittest import mock

import pytest
from bodies import bodies
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import all_types, topic
from events.envelope import canonical, envelope, stored_data, with_time
from events.envelope_slices import Frames
from events.store.errors import RecordDamagedError
from events.store.rows import Row
from events.validation import write
from projections.read_model import project_event
from projections.read_model.project_event import taken
from projections.read_model.rows import claims_from

LEDGER_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
FRAMES = Frames(LEDGER_ID)
TIME = "2025-07-19T12:00:00.000000Z"


def an_event(name: str, data: bytes) -> Row:
    kind = name.partition(".")[0]
    thing = f"{'reserve' if kind == 'claim' else kind}/x"
    state = with_time(envelope(thing, 7, topic(name), LEDGER_ID, data), topic(name), TIME)
    return Row(41, thing, 7, topic(name), state)


events = st.sampled_from(all_types()).flatmap(
    lambda name: bodies(name).map(lambda body: an_event(name, write(body)))
)


def read(row: Row) -> Any:
    """Return the row, its data as JSON, and the claim; or that it is damaged."""
    try:
        found = taken(row, FRAMES)
    except RecordDamagedError:
        return "damaged"
    return found.row._replace(data=""), json.loads(found.row.data), found.claim


def opened(row: Row) -> Any:
    """Return the same, where every event is opened whole."""
    with mock.patch.object(project_event, "_framed", return_value=None):
        return read(row)


@given(events)
def test_the_data_of_a_row_is_what_is_stored(row: Row) -> None:
    with mock.patch.object(project_event, "_opened", side_effect=AssertionError):
        found = taken(row, FRAMES)  # the frame is as we write it
    assert found.row.data.encode() == stored_data(row.state)
    assert read(row) == opened(row)


@given(events, st.data())
def test_changed_bytes_are_read_or_refused_as_if_they_were_opened(row: Row, data: Any) -> None:
    at = data.draw(st.integers(0, len(row.state) - 1))
    gone, put = data.draw(st.integers(0, 3)), data.draw(st.binary(max_size=3))
    state = row.state[:at] + put + row.state[at + gone :]
    changed = row._replace(state=state)
    assert read(changed) == opened(changed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"id":"reserve/x/7"', b'"id":"reserve/x/8"'),
        (b'"subject":"reserve/x"', b'"subject":"reserve/y"'),
        (b'"specversion":"1.0"', b'"specversion":"1.1"'),
        (b'"type":"reserve.announced.v1"', b'"type":"reserve.established.v1"'),
        (TIME.encode(), b"2025-07-19 12:00:00.000000Z"),
        (LEDGER_ID.encode(), b'","source":"urn:uuid:0f8fad5b-d9cb-4'),
        (LEDGER_ID.encode(), LEDGER_ID[::-1].encode()),
        (b'{"data":{', b'{"data":{"a":1},"data":{'),
        (b',"datacontenttype"', b'},"datacontenttype"'),
        (b'"basis":', b'"bases":'),
    ],
    ids=lambda text: text.decode()[:24],
)
def test_an_event_in_another_frame_is_read_as_if_it_were_opened(old: bytes, new: bytes) -> None:
    data = canonical({"asserted_by": "party/x", "basis": "recorder", "label": "a"})
    row = an_event("reserve.announced", data)
    changed = row._replace(state=row.state.replace(old, new))
    assert changed != row
    assert read(changed) == opened(changed)


@given(st.lists(events, min_size=1, max_size=5))
def test_rows_are_read_back_as_the_claims_that_were_taken(several: list[Row]) -> None:
    found = [taken(row, FRAMES) for row in several]
    stored = [(r.position, r.thing, r.version, r.topic, r.time, r.data) for r, _ in found]
    assert claims_from(stored) == [claim for _, claim in found]
