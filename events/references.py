"""Find the parties and sources that a body names."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from events.dates import Interned
from events.fields import Field, Getter, Thing, fields_of, getter
from events.value import is_value

Finder = Callable[[Any], Iterable[str]]


def references(body: Any) -> frozenset[str]:
    """Return the ids of things that a body names in its fields and those of its parts."""
    return frozenset(_named(body))


def other_references(body: Any, known: set[str | None]) -> list[str]:
    """Return the ids that a body names beyond those known, sorted; `known` contains None."""
    direct, within = _FINDERS[type(body)]
    if known.issuperset(direct(body)):
        for field, find in within:
            value = getattr(body, field)
            if value is not None and not known.issuperset(find(value)):
                break
        else:
            return []
    return sorted({name for name in _named(body) if name not in known})


def _named(part: Any) -> list[str]:
    direct, within = _FINDERS[type(part)]
    found = [name for name in direct(part) if name is not None]
    for field, find in within:
        value = getattr(part, field)
        if value is not None:
            found.extend(find(value))
    return found


def _finders(cls: Any) -> tuple[Getter, list[tuple[str, Finder]]]:
    """Return how to get the ids that stand in fields, and where and how to find others."""
    found = zip(cls.__struct_fields__, map(_finder, fields_of(cls).values()), strict=True)
    every = [(name, find) for name, find in found if find is not None]
    direct = [name for name, find in every if find is _itself]
    within = [(name, find) for name, find in every if find is not _itself]
    return getter(direct), within


_FINDERS: Interned[Any, tuple[Getter, list[tuple[str, Finder]]]] = Interned(_finders)


def _itself(name: str) -> Iterator[str]:
    return iter((name,))


def _finder(field: Field, *, within: bool = False) -> Finder | None:
    if field.marker(Thing):
        return _itself
    if field.member is not None:
        member = _finder(field.member, within=within)
        if member is None:
            return None
        # The sources of facts that come together are the same.
        several: Interned[Any, tuple[str, ...]] = Interned(
            lambda value: tuple(found for one in value for found in member(one))
        )
        return several.__getitem__
    if not is_value(field.inner):
        return None
    # One that holds no others and names nothing, such as an amount, is not looked into.
    inner = fields_of(field.inner).values()
    return _named if within or any(_finder(one, within=True) for one in inner) else None
