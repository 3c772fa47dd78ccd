"""Is what comes by the thousand held to the same rules as what comes alone?"""

import copy
import json
from typing import Any

import pytest
from bodies import any_body, bodies
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from events import validation
from events.assembling import OFTEN
from events.body import Body
from events.build import build
from events.catalogue import all_types
from events.checking import checked
from events.envelope import NotCanonicalError, canonical
from events.kinds.claim_events import Corrected
from events.kinds.reserve import Acquired
from events.validation import _validate

# What stands in no field, or in another than this: of each JSON type, at and beyond the edges.
TEXTS = ("", " x", "x\u0301", "\u202e", "x" * 3_000, "true", "party/A", "party/a", "source/a/1")
DAYS = ("2025-02-30", "2025-02-28", "2025-02/..")
OTHERS = (5, -1, 0, 2**53, 1.0, True, False, None, [], {}, [None], ["party/a"], ["b", "a"])
AMOUNTS = (
    {"unit": "sat"},
    {"unit": "sat", "lower": 1.5},
    {"unit": "sat", "lower": True},
    {"unit": "sat", "lower": 2, "upper": 1},
    {"unit": "sat", "lower": 2, "upper": 2},
)
ODD = st.sampled_from((*TEXTS, *DAYS, *OTHERS, *AMOUNTS, {"on": "all-of", "of": []}))


def by_the_schema(name: str, data: dict[str, Any]) -> Body:
    """Return the body that pydantic makes of data, by the schema of its type alone."""
    return _validate(name, canonical(data))


def type_of(body: Body) -> str:
    return next(name for name in all_types() if isinstance(body, validation.body_class(name)))


@given(any_body())
def test_it_accepts_what_may_be_recorded_and_makes_the_same_of_it(body: Body) -> None:
    if isinstance(body, Corrected):
        return  # it holds data of another type, and is left to the door
    cls, data = type(body), validation.plain(body)
    assert checked(cls, data) == body == build(cls, data)


def test_a_shape_that_comes_often_is_made_as_it_was_at_first() -> None:
    amount = {"unit": "sat", "lower": 5, "upper": 5}
    data = {"asserted_by": "party/recorder", "basis": "recorder", "mode": "purchase"}
    made = [
        checked(Acquired, {**data, "amount": amount, "note": f"n{n}"}) for n in range(OFTEN * 2)
    ]
    alone = [
        by_the_schema("reserve.acquired", {**data, "amount": amount, "note": f"n{n}"})
        for n in range(OFTEN * 2)
    ]
    assert made == alone
    assert {type(one) for one in made} == {Acquired}
    with pytest.raises(AttributeError, match=r"Acquired\.note is not set again"):
        made[-1].note = "another"  # type: ignore[misc]


@given(any_body(), st.data())
def test_what_it_accepts_the_door_accepts_as_the_same(body: Body, draw: st.DataObject) -> None:
    name, data = type_of(body), altered(validation.plain(body), draw)
    try:
        found = checked(type(body), data)
    except (ValueError, TypeError, LookupError):
        return
    assert by_the_schema(name, data) == validation.read(name, data) == found
    assert validation.admission(name)(data) == (found, validation.write(found))


@given(any_body())
def test_a_body_is_written_as_its_schema_writes_it(body: Body) -> None:
    assert validation.write(body) == canonical(
        TypeAdapter(type(body)).dump_python(body, by_alias=True, exclude_none=True)
    )


@given(any_body(), st.data())
def test_the_door_lets_in_what_the_schema_lets_in(body: Body, draw: st.DataObject) -> None:
    if isinstance(body, Corrected):
        return  # what it holds is looked at too
    name, data = type_of(body), altered(validation.plain(body), draw)
    try:
        found = by_the_schema(name, data)
    except (validation.BodyError, NotCanonicalError):
        with pytest.raises(validation.BodyError):
            validation.read(name, data)
    else:
        assert validation.read(name, data) == found


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
def test_what_is_written_again_is_what_was_stored(body: Body) -> None:
    data = validation.write(body)
    assert validation.rewritten("reserve.acquired.v1", data) == data
    assert (
        validation.rewritten("reserve.acquired.v1", json.dumps(json.loads(data), indent=1).encode())
        == data
    )


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
def test_what_is_no_body_is_not_written_again(data: bytes) -> None:
    with pytest.raises(validation.BodyError):
        validation.rewritten("reserve.acquired.v1", data)
