"""Does each type's JSON Schema take what the door takes, and refuse what it can see is wrong?

A schema is the weaker of the two: it knows shapes and patterns, not the calendar.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from events import validation
from events.body import Body
from events.catalogue import all_types, body_class
from events.field_texts import field_text
from events.fields import fields_of
from events.intake.template import fact_template
from events.json_schema import type_schema
from tests.each import each
from tests.papers.examples import EXAMPLES, file_name, type_name
from tests.papers.examples_told import Example

Data = dict[str, Any]

each_example = each("example", EXAMPLES, file_name)
each_type = each("name", all_types())
WITH_COMMON = {name.partition(".")[0]: name for name in all_types()}.values()
OF_EACH_KIND: tuple[Any, ...] = (7, 0.5, False, "", [], {}, [[]], [{}])


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(type_schema(name))


def valid(example: Example, data: Data) -> bool:
    return bool(validator(type_name(example.body)).is_valid(data))


def objects(schema: Any) -> Iterator[Data]:
    """Yield every object that a schema describes by its properties."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for part in schema.values():
            yield from objects(part)
    if isinstance(schema, list):
        for part in schema:
            yield from objects(part)


@each_type
def test_a_schema_is_one_of_draft_2020_12(name: str) -> None:
    schema = type_schema(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@each_type
def test_a_schema_names_the_fields_as_people_write_them(name: str) -> None:
    assert tuple(type_schema(name)["properties"]) == body_class(name).__struct_encode_fields__


@each_type
def test_every_field_is_explained_in_a_line(name: str) -> None:
    wanted = () if name.startswith("ledger.") else body_class(name).__struct_encode_fields__
    assert [field for field in wanted if not field_text(name, field)] == []
    described = type_schema(name)["properties"]
    assert [f for f in wanted if field_text(name, f) not in described[f]["description"]] == []
    told = " ".join(fact_template(name).replace("#", " ").split())
    missing = [field for field in wanted if field_text(name, field) not in told]
    assert missing == []


@each_type
def test_a_schema_forbids_what_it_does_not_name(name: str) -> None:
    found = list(objects(type_schema(name)))
    assert found
    assert [part for part in found if part.get("additionalProperties") is not False] == []


@each_example
def test_an_example_is_as_its_schema_says(example: Example) -> None:
    errors = validator(type_name(example.body)).iter_errors(validation.body_data(example.body))
    assert [error.message for error in errors] == []


@each_example
def test_neither_schema_nor_door_takes_a_field_too_many(example: Example) -> None:
    for data in with_one_more(validation.body_data(example.body)):
        assert not valid(example, data)
        refused(example, data)


@each_example
def test_neither_schema_nor_door_does_without_a_required_field(example: Example) -> None:
    data = validation.body_data(example.body)
    for field in type_schema(type_name(example.body))["required"]:
        without = {name: value for name, value in data.items() if name != field}
        assert not valid(example, without)
        assert [(field, "is missing")] == refused(example, without)


@each_type
def test_neither_schema_nor_door_takes_a_value_of_another_kind(name: str) -> None:
    """Each field is tried once, in the first example that gives it: the examples give them all.

    One definition makes the fields common to all types: they are tried in one type of each kind.
    """
    tried = set() if name in WITH_COMMON else set(fields_of(Body))
    for example in (example for example in EXAMPLES if type_name(example.body) == name):
        data = validation.body_data(example.body)
        wrong_kinds(example, data, [field for field in data if field not in tried])
        tried |= data.keys()
    assert tried >= set(fields_of(Body))


def wrong_kinds(example: Example, data: Data, tried: list[str]) -> None:
    schema = validator(type_name(example.body))
    properties = type_schema(type_name(example.body))["properties"]
    assert valid(example, data)
    for field in tried:
        value, told = data[field], schema.evolve(schema=properties[field])
        for wrong in OF_EACH_KIND:
            if (type(value), wrong) == (int, 7):
                continue  # another number, as good as this one
            refusal = refused(example, {**data, field: wrong})
            assert refusal[0][0].startswith(field), wrong
            if (field, wrong) != ("data", {}):  # what a correction puts in, the door knows
                assert not told.is_valid(wrong), (field, wrong)


@each_example
def test_a_schema_knows_no_null(example: Example) -> None:
    data = validation.body_data(example.body)
    for field in data:
        assert not valid(example, {**data, field: None})


def refused(example: Example, data: Data) -> list[tuple[str, str]]:
    with pytest.raises(validation.BodyError) as error:
        validation.read_body(type_name(example.body), data)
    return list(error.value.problems)


def with_one_more(data: Data) -> Iterator[Data]:
    """Yield the data with a field too many, in every object that it holds."""
    yield {**data, "colour": "blue"}
    for name, value in data.items():
        if name == "data":
            continue  # the body inside a correction is of another type
        for put_back, part in inner(value):
            for more in with_one_more(part):
                yield {**data, name: put_back(more)}


def inner(value: Any) -> Iterator[tuple[Callable[[Data], Any], Data]]:
    """Yield each object in a value, with what puts another in its place."""
    if isinstance(value, dict):
        yield (lambda more: more), value
    if isinstance(value, list):
        for at, one in enumerate(value):
            if isinstance(one, dict):
                yield (lambda more, at=at: [*value[:at], more, *value[at + 1 :]]), one  # type: ignore[misc]
