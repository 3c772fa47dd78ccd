"""How does stored data become a body again, and a body data, without pydantic?

For reads of what came through the door when it was written: members are not looked at again.
Where they are, as in `audit`, the door is asked (`door.read_stored`).
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from events.assembling import Take, assembler, called
from events.remember import hints, per_class
from events.strict import json_name
from events.value import Value

T = TypeVar("T")


def build(cls: type[T], data: dict[str, Any]) -> T:
    """Return the dataclass built from JSON data whose keys are its field names."""
    built: T = builder(cls)(data)
    return built


@per_class
def builder(cls: Any) -> Callable[[dict[str, Any]], Any]:
    """Return how bodies of a class are built from JSON data; see `build`."""
    return assembler(cls, {field.name: _take(cls, hints(cls)[field.name]) for field in fields(cls)})


def _take(cls: Any, hint: Any) -> Take:
    if get_origin(hint) is Annotated:
        return _take(cls, get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (part for part in get_args(hint) if part is not type(None))
        return _take(cls, inner)
    if get_origin(hint) is tuple:
        member = _take(cls, get_args(hint)[0])
        if member is None:
            return tuple
        take = called(member)
        return lambda value: tuple(map(take, value))
    if isinstance(hint, type) and is_dataclass(hint):
        if hint is cls:  # a part may have parts of its kind: they are asked for late
            return lambda value: build(hint, value)
        return builder(hint)
    return None


def unbuilt(body: Any) -> dict[str, Any]:
    """Return a body as JSON data: its fields by their names in JSON, without those absent."""
    return {
        name: found if type(found) is str else _unbuilt(found)
        for field, name in _names(type(body))
        if (found := getattr(body, field)) is not None
    }


def _unbuilt(value: Any) -> Any:
    if type(value) is tuple:
        return [_unbuilt(member) for member in value]
    return unbuilt(value) if isinstance(value, Value) else value


@per_class
def _names(cls: Any) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, json_name(field.name)) for field in fields(cls))
