"""Find the parties and sources that a body names."""

from collections.abc import Callable, Iterable
from typing import Any

from events.dates import Interned
from events.fields import Field, Getter, Thing, fields_of, getter
from events.value import is_value

Finder = Callable[[Any], Iterable[str | None]]


def references(body: Any) -> frozenset[str]:
    """Return the ids of things that a body names in its fields and those of its parts."""
    return frozenset(filter(None, named_ids(body)))


def named_ids(part: Any) -> tuple[str | None, ...]:
    """Return the same, each as often as it is named, and None for each field that is absent."""
    ids, parts = _FINDERS[type(part)]
    found = ids(part)
    for attribute, find in parts:
        value = getattr(part, attribute)
        if value is not None:
            found = (*found, *find(value))
    return found


def _finders(cls: Any) -> tuple[Getter, list[tuple[str, Finder]]]:
    """Return how to get the ids that are fields of a value, and how to find those in its parts."""
    named = dict(zip(cls.__struct_fields__, fields_of(cls).values(), strict=True))
    ids = [attribute for attribute, field in named.items() if field.marker(Thing)]
    others = ((attribute, _finder(field)) for attribute, field in named.items())
    parts = [(attribute, find) for attribute, find in others if find is not None]
    return getter(ids), parts


# Found by the annotations of a class when it is first met: that takes as long as 30 bodies.
_FINDERS: Interned[Any, tuple[Getter, list[tuple[str, Finder]]]] = Interned(_finders)


def _finder(field: Field, *, within: bool = False) -> Finder | None:
    """Return how to find ids in a list or a part; None where there can be none."""
    if field.member is not None:
        member = field.member
        if member.marker(Thing):
            return tuple
        each = _finder(member, within=within)
        if each is None:
            return None
        return lambda value: (found for one in value for found in each(one))
    if not is_value(field.inner):
        return None
    # One that holds no others and names nothing, such as an amount, is not looked into.
    inner = fields_of(field.inner).values()
    named = any(one.marker(Thing) or _finder(one, within=True) for one in inner)
    return named_ids if within or named else None
