"""Are the bytes of every type those that were promised, and do they still say the same?"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import rfc8785
from msgspec import convert

from events import validation
from events.amounts import Quantity
from events.body import Body
from events.catalogue import all_types, body_class, topic, type_of, types_for
from events.envelope import canonical, open_envelope
from events.identifiers import kind_of
from events.kinds.entry_into_force_rule import Later, Rule, Trigger
from events.kinds.meeting import Participant
from events.value import Value, fields, json_name
from tests.each import each
from tests.papers.examples import (
    EXAMPLES,
    GOLDEN,
    LEDGER_ID,
    TIME,
    VERSION,
    file_name,
    stored,
    type_name,
)
from tests.papers.examples_told import LEAST, Example

each_example = each("example", EXAMPLES, file_name)


def golden(example: Example) -> bytes:
    return (GOLDEN / file_name(example)).read_bytes()


def golden_data(example: Example) -> dict[str, Any]:
    return open_envelope(golden(example)).data


def parts(value: Any) -> Iterator[Any]:
    """Yield a body and the values in it, however deep."""
    if isinstance(value, tuple):
        for one in value:
            yield from parts(one)
    if isinstance(value, Value):
        yield value
        for field in fields(value):
            yield from parts(getattr(value, field.name))


def given(value: Any) -> set[str]:
    """Return the names of the fields that a body, or a value in it, gives."""
    names = {field.name for field in fields(value)}
    return {name for name in names if getattr(value, name) is not None}


def test_every_type_has_an_example_and_no_file_is_left_over() -> None:
    assert {type_name(example.body) for example in EXAMPLES} == set(all_types())
    assert {path.name for path in GOLDEN.iterdir()} == set(map(file_name, EXAMPLES))
    assert len(set(map(file_name, EXAMPLES))) == len(EXAMPLES)


@each_example
def test_the_bytes_are_the_golden_ones(example: Example) -> None:
    assert stored(example) == golden(example), "see tests/papers/examples.py before changing bytes"


@each_example
def test_the_golden_bytes_are_one_cloud_event_in_canonical_form(example: Example) -> None:
    event = json.loads(golden(example))
    assert rfc8785.dumps(event) == golden(example)
    assert event.pop("data") == validation.body_data(example.body)
    assert event == {
        "datacontenttype": "application/json",
        "id": f"{example.thing}/{VERSION}",
        "source": f"urn:uuid:{LEDGER_ID}",
        "specversion": "1.0",
        "subject": example.thing,
        "time": TIME,
        "type": topic(type_name(example.body)),
    }


@each_example
def test_the_golden_bytes_read_back_to_the_body_by_either_way(example: Example) -> None:
    opened = open_envelope(golden(example))
    by_door = validation.read_body(type_of(opened.type), opened.data)
    by_build = convert(opened.data, body_class(type_of(opened.type)))
    assert by_door == by_build == example.body
    assert (
        validation.write_body(by_door) == validation.write_body(by_build) == canonical(opened.data)
    )


@each_example
def test_what_people_write_becomes_the_golden_bytes(example: Example) -> None:
    written = json.dumps(golden_data(example), indent=2, ensure_ascii=True)
    body = validation.read_body(type_name(example.body), json.loads(written))
    assert stored(example._replace(body=body)) == golden(example)


@each_example
def test_an_example_is_about_a_thing_of_its_kind(example: Example) -> None:
    assert type_name(example.body) in types_for(kind_of(example.thing))


@each("name", all_types())
def test_the_examples_of_a_type_show_every_field_that_it_has(name: str) -> None:
    bodies = [e.body for e in EXAMPLES if type_name(e.body) == name and e.shows != LEAST]
    assert set().union(*map(given, bodies)) == {f.name for f in fields(bodies[0])}


@pytest.mark.parametrize(
    "cls", [Quantity, Rule, Trigger, Later, Participant], ids=lambda cls: cls.__name__
)
def test_the_examples_show_every_field_of_the_values_in_a_body(cls: type) -> None:
    shown = [part for e in EXAMPLES for part in parts(e.body) if isinstance(part, cls)]
    assert set().union(*map(given, shown)) == {field.name for field in fields(cls)}


@each("name", all_types())
def test_the_least_example_of_a_type_can_do_without_none_of_its_fields(name: str) -> None:
    (body,) = [e.body for e in EXAMPLES if type_name(e.body) == name and e.shows == LEAST]
    data = validation.body_data(body)
    for field in data:
        with pytest.raises(validation.BodyError):
            validation.read_body(
                name, {other: value for other, value in data.items() if other != field}
            )


def test_a_field_is_left_out_or_said_never_null() -> None:
    for example in EXAMPLES:
        assert b"null" not in golden(example)
        named = set(golden_data(example))
        assert named == {json_name(field) for field in given(example.body)}


def test_a_body_is_what_it_says_and_not_who_wrote_it() -> None:
    bodies: list[Body] = [example.body for example in EXAMPLES]
    assert len({(type(body), validation.write_body(body)) for body in bodies}) == len(bodies)
