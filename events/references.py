"""Which parties and sources does a body name?"""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from events.fields import Thing
from events.remember import hints, per_class

Finder = Callable[[Any], Iterator[str]]


def references(body: Any) -> frozenset[str]:
    """Return the ids of things that a body names in its fields and those of its parts."""
    return frozenset(_named(body))


def _named(part: Any) -> Iterator[str]:
    for name, find in _finders(type(part)):
        value = getattr(part, name)
        if value is not None:
            yield from find(value)


@per_class
def _finders(cls: Any) -> tuple[tuple[str, Finder], ...]:
    found = ((field.name, _finder(hints(cls)[field.name])) for field in fields(cls))
    return tuple((name, find) for name, find in found if find is not None)


def _finder(hint: Any) -> Finder | None:
    if get_origin(hint) is Annotated:
        inner, *markers = get_args(hint)
        if any(isinstance(marker, Thing) for marker in markers):
            return lambda value: iter((value,))
        return _finder(inner)
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
        return _finder(hint)
    if get_origin(hint) is tuple:
        member = _finder(get_args(hint)[0])
        return member and (lambda value: (found for one in value for found in member(one)))
    if isinstance(hint, type) and is_dataclass(hint):
        return _named
    return None
