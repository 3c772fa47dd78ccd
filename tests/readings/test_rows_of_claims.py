"""A row of the answers holds what the event says, and an event that is not intact is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claims.publication import published_on
from events.catalogue import all_types
from events.envelope import canonical, envelope, open_envelope
from events.serialization import read_event
from events.store.errors import RecordDamagedError
from events.store.rows import Row
from events.validation import write_body as written
from projections.read_model.date_effects import date_effects
from projections.read_model.digest import digest_rows
from projections.read_model.project_event import project_event
from projections.read_model.rows import claims_from
from tests.properties.bodies import LEDGER_ID, TIME, bodies, row_of

events = st.sampled_from(all_types()).flatmap(
    lambda name: bodies(name).map(lambda body: row_of(name, written(body)))
)


@given(events)
def test_the_data_of_a_row_is_what_is_stored(row: Row) -> None:
    found, claim = project_event(row, LEDGER_ID)
    opened = open_envelope(row.state)
    assert found.data.encode() == canonical(opened.data)
    assert (found.time, found.thing, found.topic) == (opened.time, opened.subject, opened.type)
    assert (found.asserted_by, found.basis) == (opened.data["asserted_by"], opened.data["basis"])
    assert claim is not None
    assert json.loads(written(claim.body)) == opened.data


@given(events)
def test_the_days_of_a_row_are_those_of_its_claim_and_of_its_data(row: Row) -> None:
    found, claim = project_event(row, LEDGER_ID)
    assert claim is not None
    days = (claim.dates.first, claim.dates.last, published_on(claim))
    written_days = tuple(day.isoformat() if day else None for day in days)
    assert (found.first_on, found.last_on, found.published_on) == written_days
    moves = date_effects(row.topic, open_envelope(row.state).data)
    assert (found.moves_from, found.settled_from) == moves


@given(events)
def test_an_event_is_read_as_it_was_written(row: Row) -> None:
    event = read_event(row, LEDGER_ID)
    assert event.body is not None
    again = envelope(
        row.thing,
        row.version,
        row.topic,
        ledger_id=LEDGER_ID,
        data=written(event.body),
        time=event.time,
    )
    assert again == row.state


@given(events, st.data())
def test_changed_bytes_are_read_only_where_they_would_be_written_so(row: Row, data: Any) -> None:
    at = data.draw(st.integers(0, len(row.state) - 1))
    gone, put = data.draw(st.integers(0, 3)), data.draw(st.binary(max_size=3))
    changed = row._replace(state=row.state[:at] + put + row.state[at + gone :])
    try:
        found = project_event(changed, LEDGER_ID).row
    except RecordDamagedError:
        return
    opened = open_envelope(changed.state)
    assert canonical(opened.data).decode() == found.data
    said = (opened.id, opened.subject, opened.type, opened.source, opened.time)
    assert said == (f"{row.thing}/7", row.thing, row.topic, f"urn:uuid:{LEDGER_ID}", found.time)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"id":"reserve/x/7"', b'"id":"reserve/x/8"', "its bytes say reserve.announced.v1"),
        (b'"subject":"reserve/x"', b'"subject":"reserve/y"', "its bytes say"),
        (b'"specversion":"1.0"', b'"specversion":"1.1"', "specversion"),
        (b'"type":"reserve.announced.v1"', b'"type":"reserve.established.v1"', "its bytes say"),
        (TIME.encode(), b"2025-07-19 12:00:00.000000Z", "is not as this ledger writes it"),
        (LEDGER_ID.encode(), LEDGER_ID[::-1].encode(), "which is another ledger"),
        (b'{"data":{', b'{"data":{"a":1},"data":{', "not in the form"),
        (b',"datacontenttype"', b'},"datacontenttype"', "not JSON"),
        (b'"basis":', b'"bases":', "basis: is missing"),
        (b'"label":"a"', b'"label":"a" ', "not in the form"),
        (b'"label":"a"', b'"label":"a","note":null', "not in the form"),
        (b'"label":"a"', b'"label":"b","label":"a"', "not in the form"),
        (b'"label":"a"', b'"label":"\\u0061"', "not in the form"),
        (b'"label":"a"', b'"label":"a "', "label: the text is blank"),
        (b'"label":"a"', b'"label":1.0', "label: 1.0 is not a whole number"),
    ],
    ids=lambda text: text.decode()[:24] if isinstance(text, bytes) else None,
)
def test_an_event_that_is_not_intact_is_refused(old: bytes, new: bytes, why: str) -> None:
    data = {"asserted_by": "party/recorder", "basis": "recorder", "label": "a"}
    row = row_of("reserve.announced", canonical(data))
    assert project_event(row, LEDGER_ID).claim is not None
    changed = row._replace(state=row.state.replace(old, new))
    with pytest.raises(RecordDamagedError, match=r"^@41 is damaged: ") as error:
        project_event(changed, LEDGER_ID)
    assert why in str(error.value)


def test_an_event_of_a_newer_type_is_listed_without_its_days() -> None:
    row = row_of("reserve.announced", b'{"basis":"x","new":[1,{"a":true}]}', version=2)
    found, claim = project_event(row, LEDGER_ID)
    assert (claim, found.basis, found.first_on) == (None, "x", None)
    spoiled = row._replace(state=row.state.replace(b"[1,", b"[1, "))
    with pytest.raises(RecordDamagedError, match="not in the form"):
        project_event(spoiled, LEDGER_ID)


@given(st.lists(events, min_size=1, max_size=5))
def test_rows_are_read_back_as_the_claims_that_were_taken(several: list[Row]) -> None:
    found = [project_event(row, LEDGER_ID) for row in several]
    stored = [(r.position, r.thing, r.version, r.topic, r.time, r.data) for r, _ in found]
    assert claims_from(stored) == [claim for _, claim in found]


def test_a_value_of_another_kind_and_a_value_elsewhere_have_another_digest() -> None:
    rows: list[list[tuple[int | str | bytes | float | None, ...]]] = [
        [(1, "a", None)],
        [("1", "a", None)],
        [(1.0, "a", None)],
        [(1, b"a", None)],
        [(1, "a", "")],
        [(1, None, "a")],
        [(1, "a"), (None,)],
        [(1, "a", None), ()],
    ]
    assert len({digest_rows(several) for several in rows}) == len(rows)
