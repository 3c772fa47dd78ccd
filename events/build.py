"""How does stored data become a body again, without pydantic?

For short reads of what came through the door when it was written. Long runs (`replay`, `audit`)
use the door's validator, which is faster per event and slower to start.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from events.remember import hints, per_class
from events.strict import json_name

Builder = Callable[[Any], Any]
T = TypeVar("T")


def build(cls: type[T], data: dict[str, Any]) -> T:
    """Return the dataclass built from JSON data whose keys are its field names."""
    builders = _builders(cls)
    return cls(**{builders[name][0]: builders[name][1](value) for name, value in data.items()})


@per_class
def _builders(cls: Any) -> dict[str, tuple[str, Builder]]:
    return {json_name(f.name): (f.name, _builder(hints(cls)[f.name])) for f in fields(cls)}


def _builder(hint: Any) -> Builder:
    if get_origin(hint) is Annotated:
        return _builder(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (part for part in get_args(hint) if part is not type(None))
        return _builder(inner)
    if get_origin(hint) is tuple:
        member = _builder(get_args(hint)[0])
        return lambda value: tuple(map(member, value))
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda value: build(hint, value)
    return lambda value: value
