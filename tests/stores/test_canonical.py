"""Are an event's bytes those that the standards ask for?"""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from events.envelope import (
    MAX_EVENT_BYTES,
    EnvelopeError,
    EventTooLargeError,
    NotCanonicalError,
    canonical,
    envelope,
    open_envelope,
    time_of,
    with_time,
)

TIME = "2025-07-16T09:30:00.000000Z"
TOPIC = "party.noted.v1"
NAMES = st.text("ab_9z", min_size=1, max_size=4)
TEXTS = st.text(max_size=12)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
DATA = st.dictionaries(
    NAMES,
    st.recursive(
        st.one_of(TEXTS, WHOLE, st.booleans(), st.none()),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
        max_leaves=6,
    ),
    max_size=6,
)


@given(DATA)
def test_canonical_bytes_are_those_of_rfc_8785(data: dict[str, Any]) -> None:
    assert canonical(data) == rfc8785.dumps(data)


@given(st.dictionaries(st.text(st.characters(max_codepoint=127)), WHOLE))
def test_any_ascii_names_sort_as_rfc_8785_sorts_them(data: dict[str, Any]) -> None:
    assert canonical(data) == rfc8785.dumps(data)


@given(DATA)
def test_canonical_bytes_are_their_own_canonical_form(data: dict[str, Any]) -> None:
    assert canonical(json.loads(canonical(data))) == canonical(data)


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        5.0,
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        10**23,
        "\ud800",
        {"\u00e9": 1},
        {"\U0001f600": 1},
        {1: "one"},
        {1},
        b"bytes",
        Exception,
    ],
    ids=ascii,
)
def test_what_has_no_one_form_is_refused(value: Any) -> None:
    for data in ({"a": value}, {"a": [{"b": ["c", value]}]}):
        with pytest.raises(NotCanonicalError):
            canonical(data)


@given(DATA)
def test_an_envelope_is_cloudevents_in_canonical_form(data: dict[str, Any]) -> None:
    state = with_time(envelope("party/sv", 3, TOPIC, "some-uuid", canonical(data)), TOPIC, TIME)
    expected: dict[str, Any] = {
        "data": data,
        "datacontenttype": "application/json",
        "id": "party/sv/3",
        "source": "urn:uuid:some-uuid",
        "specversion": "1.0",
        "subject": "party/sv",
        "time": TIME,
        "type": TOPIC,
    }
    assert state == rfc8785.dumps(expected)
    assert time_of(state, TOPIC) == TIME
    assert astuple(open_envelope(state))[:6] == (
        "party/sv/3",
        "urn:uuid:some-uuid",
        "party/sv",
        TIME,
        TOPIC,
        data,
    )


@pytest.mark.parametrize("over", [0, 1])
def test_the_limit_counts_the_time_that_is_still_to_come(over: int) -> None:
    bare = len(with_time(envelope("party/sv", 1, TOPIC, "u", b""), TOPIC, TIME))
    data = b"x" * (MAX_EVENT_BYTES - bare + over)
    if over:
        with pytest.raises(EventTooLargeError, match="65,536"):
            envelope("party/sv", 1, TOPIC, "u", data)
    else:
        state = envelope("party/sv", 1, TOPIC, "u", data)
        assert len(with_time(state, TOPIC, TIME)) == MAX_EVENT_BYTES


def test_no_type_inside_a_body_is_taken_for_the_event_s_own() -> None:
    data = canonical({"text": f'","time":"{TIME}","type":"{TOPIC}"}}', "type": TOPIC})
    state = with_time(
        envelope("party/sv", 1, TOPIC, "u", data), TOPIC, "2026-01-01T00:00:00.000001Z"
    )
    assert time_of(state, TOPIC) == "2026-01-01T00:00:00.000001Z"
    assert open_envelope(state).data == json.loads(data)


GOOD = with_time(envelope("party/sv", 1, TOPIC, "u", b'{"text":"x"}'), TOPIC, TIME)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"data"', b'{"more":"x","data"'),
        (b'"subject":"party/sv",', b""),
        (b'"specversion":"1.0"', b'"specversion":"1.1"'),
        (b"application/json", b"application/xml"),
        (b'{"text":"x"}', b'"text"'),
        (b'{"text":"x"}', b"[]"),
        (b'"party/sv/1"', b"1"),
        (b"T09:30:00.000000Z", b"T09:30:00Z"),
        (b"T09:30:00.000000Z", b"T09:30:00.000000+00:00"),
        (b"}", b""),
        (b'"x"', b'"\xff"'),
    ],
)
def test_what_is_no_envelope_is_not_opened(old: bytes, new: bytes) -> None:
    assert open_envelope(GOOD).subject == "party/sv"
    assert old in GOOD
    with pytest.raises(EnvelopeError):
        open_envelope(GOOD.replace(old, new))


@pytest.mark.parametrize("state", [b"", b"null", b"[]", b"[" * 100_000, b"{}", b"\xff\xfe", b"NaN"])
def test_bytes_of_another_kind_are_not_opened(state: bytes) -> None:
    with pytest.raises(EnvelopeError):
        open_envelope(state)
    with pytest.raises(EnvelopeError):
        time_of(state, TOPIC)
    with pytest.raises(EnvelopeError):
        with_time(state, TOPIC, TIME)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"time"', b'"tame"'),
        (b'Z","type"', b'Z","tope"'),
        (TOPIC.encode(), TOPIC.encode()[:-1] + b"2"),
        (b"000000Z", b"0000000"),
        (b"00Z", b"\xd9\xa0Z"),
    ],
)
def test_a_time_stands_in_its_own_place(old: bytes, new: bytes) -> None:
    assert time_of(GOOD, TOPIC) == TIME
    assert old in GOOD
    with pytest.raises(EnvelopeError, match="does not end with its time"):
        time_of(GOOD.replace(old, new), TOPIC)


@given(st.binary(max_size=120), st.text(max_size=20))
def test_a_time_is_found_in_no_other_bytes(state: bytes, topic: str) -> None:
    with pytest.raises(EnvelopeError):
        time_of(state, topic)


@pytest.mark.parametrize("cut", [*range(0, len(GOOD), 7), *range(len(GOOD) - 40, len(GOOD))])
def test_a_cut_event_has_no_time(cut: int) -> None:
    with pytest.raises(EnvelopeError):
        time_of(GOOD[:cut], TOPIC)
