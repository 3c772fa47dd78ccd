"""Find the parties and sources that a body names."""

from collections.abc import Callable, Iterable
from typing import Any

from events.dates import Interned
from events.fields import Field, Thing, fields_of
from events.value import is_value

Finder = Callable[[Any], Iterable[str]]


def references(body: Any) -> frozenset[str]:
    """Return the ids of things that a body names in its fields and those of its parts."""
    return frozenset(_named(body))


def _named(part: Any) -> list[str]:
    found: list[str] = []
    for attribute, find in _FINDERS[type(part)]:
        value = getattr(part, attribute)
        if value is not None:
            found.extend(find(value))
    return found


def _finders(cls: Any) -> list[tuple[str, Finder]]:
    """Return where ids stand in a value, and how to find them there."""
    found = zip(cls.__struct_fields__, map(_finder, fields_of(cls).values()), strict=True)
    return [(attribute, find) for attribute, find in found if find is not None]


# Found by the annotations of a class when it is first met: that takes as long as 30 bodies.
_FINDERS: Interned[Any, list[tuple[str, Finder]]] = Interned(_finders)


def _finder(field: Field, *, within: bool = False) -> Finder | None:
    if field.marker(Thing):
        return lambda name: (name,)
    if field.member is not None:
        member = _finder(field.member, within=within)
        if member is None:
            return None
        return lambda value: (found for one in value for found in member(one))
    if not is_value(field.inner):
        return None
    # One that holds no others and names nothing, such as an amount, is not looked into.
    inner = fields_of(field.inner).values()
    return _named if within or any(_finder(one, within=True) for one in inner) else None
