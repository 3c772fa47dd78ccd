"""A fact is refused where a look at each of its fields finds what is wrong, and only there."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from events import validation
from events.body import Body
from events.catalogue import all_types, body_class
from events.dates import Interned
from events.kinds.claim_events import Corrected
from events.kinds.reserve import Acquired
from events.serialization import read_event
from events.store.errors import RecordDamagedError
from events.validation import problems
from tests.properties.bodies import LEDGER_ID, any_body, bodies, row_of

# What stands in no field, or in another than this: of each JSON type, at and beyond the edges.
TEXTS = ("", " x", "x\u0301", "\u202e", "x" * 3_000, "true", "party/A", "party/a", "source/a/1")
DAYS = ("2025-02-30", "2025-02-28", "2025-02/..")
OTHERS: tuple[Any, ...] = (
    5,
    -1,
    0,
    2**53,
    1.0,
    True,
    False,
    None,
    [],
    {},
    [None],
    ["party/a"],
    ["b", "a"],
)
AMOUNTS = (
    {"unit": "sat"},
    {"unit": "sat", "lower": 1.5},
    {"unit": "sat", "lower": True},
    {"unit": "sat", "lower": 2, "upper": 1},
    {"unit": "sat", "lower": 2, "upper": 2},
)
ODD = st.sampled_from((*TEXTS, *DAYS, *OTHERS, *AMOUNTS, {"on": "all-of", "of": []}))


def type_of(body: Body) -> str:
    return next(name for name in all_types() if isinstance(body, body_class(name)))


@given(any_body())
def test_what_may_be_recorded_is_read_and_built_alike(body: Body) -> None:
    name, data = type_of(body), validation.body_data(body)
    assert validation.read_body(name, data) == body == convert(data, type(body))
    assert problems(type(body), data) == []


@given(any_body(), st.data())
def test_a_fact_is_refused_where_a_look_at_each_field_finds_what_is_wrong(
    body: Body, draw: st.DataObject
) -> None:
    name, data = type_of(body), altered(validation.body_data(body), draw)
    wrong = problems(type(body), data)
    try:
        found = validation.read_body(name, data)
    except validation.BodyError:
        assert wrong or isinstance(body, Corrected)  # what that holds is looked at too
    else:
        assert wrong == []
        assert validation.admit(name, data) == (found, validation.write_body(found))
        assert read_event(row_of(name, validation.write_body(found)), LEDGER_ID).body == found


def test_a_fact_that_comes_often_is_made_as_it_was_at_first() -> None:
    amount = {"unit": "sat", "lower": 5, "upper": 5}
    data = {"asserted_by": "party/recorder", "basis": "recorder", "mode": "purchase"}
    made = [
        validation.read_body("reserve.acquired", {**data, "amount": amount, "note": f"n{n}"})
        for n in range(100)
    ]
    assert [one.note for one in made] == [f"n{n}" for n in range(100)]
    assert {type(one) for one in made} == {Acquired}
    with pytest.raises(validation.BodyError, match="party/A"):
        validation.read_body("reserve.acquired", {**data, "counterparty": "party/A"})


def test_what_was_accepted_is_forgotten_before_it_is_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Interned, "MOST", 3)
    looked: list[str] = []
    accepted = Interned(looked.append)
    for text in "abcabcdd":
        accepted[text]
        assert len(accepted) <= 3
    assert looked == ["a", "b", "c", "d"]


def altered(data: dict[str, Any], draw: st.DataObject) -> dict[str, Any]:
    """Return the data with one member, at any depth, lost, added or become another."""
    data = copy.deepcopy(data)
    part: Any = data
    while True:
        inner = [
            one
            for one in (part.values() if isinstance(part, dict) else part)
            if isinstance(one, dict | list) and one
        ]
        if not inner or draw.draw(st.booleans()):
            break
        part = draw.draw(st.sampled_from(inner))
    if isinstance(part, list):
        part[draw.draw(st.integers(0, len(part) - 1))] = draw.draw(ODD)
        return data
    name = draw.draw(st.sampled_from([*part, "for", "zone", "note", "key", "extra", "lower"]))
    if name in part and draw.draw(st.booleans()):
        del part[name]
    else:
        part[name] = draw.draw(ODD)
    return data


@given(bodies("reserve.acquired"))
def test_only_what_would_be_written_so_is_read(body: Body) -> None:
    data = validation.write_body(body)
    assert read_event(row_of("reserve.acquired", data), LEDGER_ID).body == body
    spaced = json.dumps(json.loads(data), indent=1).encode()
    with pytest.raises(RecordDamagedError, match="not in the form"):
        read_event(row_of("reserve.acquired", spaced), LEDGER_ID)


@pytest.mark.parametrize(
    "data",
    [
        b'{"asserted_by":"party/a"}',
        b'{"asserted_by":"party/recorder","basis":"recorder","mode":"purchase","mode":"theft"}',
        b'{"asserted_by":"party/recorder","basis":"recorder","mode":NaN}',
        b'{"asserted_by":"party/recorder","basis":"recorder","mode":"purchase"',
        b"\xff",
        b"[]",
        b'["asserted_by","basis","mode"]',
        b"5",
    ],
)
def test_what_is_no_body_is_not_read(data: bytes) -> None:
    with pytest.raises(RecordDamagedError):
        read_event(row_of("reserve.acquired", data), LEDGER_ID)
