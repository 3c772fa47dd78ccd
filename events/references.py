"""Find the parties and sources that a body names."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from events.dates import Interned
from events.fields import Getter, Thing, getter
from events.value import hints, is_value

Found = TypeVar("Found")


def per_class(find: Callable[[Any], Found]) -> Callable[[Any], Found]:
    """Return the function with its answers remembered, one for each class.

    As `functools.cache`, but typed: mypy takes a class whose instances have no hash for one that
    has none itself.
    """
    return cache(find)


Finder = Callable[[Any], Iterable[str]]


def references(body: Any) -> frozenset[str]:
    """Return the ids of things that a body names in its fields and those of its parts."""
    return frozenset(_named(body))


def other_references(body: Any, known: set[str | None]) -> list[str]:
    """Return the ids that a body names beyond those known, sorted; `known` contains None."""
    direct, within = _finders(type(body))
    if known.issuperset(direct(body)):
        for field, find in within:
            value = getattr(body, field)
            if value is not None and not known.issuperset(find(value)):
                break
        else:
            return []
    return sorted({name for name in _named(body) if name not in known})


def _named(part: Any) -> list[str]:
    direct, within = _finders(type(part))
    found = [name for name in direct(part) if name is not None]
    for field, find in within:
        value = getattr(part, field)
        if value is not None:
            found.extend(find(value))
    return found


@per_class
def _finders(cls: Any) -> tuple[Getter, list[tuple[str, Finder]]]:
    """Return how to get the ids that stand in fields, and where and how to find others."""
    found = ((name, _finder(hint)) for name, hint in hints(cls).items())
    every = [(name, find) for name, find in found if find is not None]
    direct = [name for name, find in every if find is _itself]
    within = [(name, find) for name, find in every if find is not _itself]
    return getter(direct), within


def _itself(name: str) -> Iterator[str]:
    return iter((name,))


def _finder(hint: Any, *, within: bool = False) -> Finder | None:
    if get_origin(hint) is Annotated:
        inner, *markers = get_args(hint)
        if any(isinstance(marker, Thing) for marker in markers):
            return _itself
        return _finder(inner, within=within)
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
        return _finder(hint, within=within)
    if get_origin(hint) is tuple:
        member = _finder(get_args(hint)[0], within=within)
        if member is None:
            return None
        # The sources of facts that come together are the same.
        several: Interned[Any, tuple[str, ...]] = Interned(
            lambda value: tuple(found for one in value for found in member(one))
        )
        return several.__getitem__
    if not is_value(hint):
        return None
    # One that holds no others and names nothing, such as an amount, is not looked into.
    return (
        _named if within or any(_finder(one, within=True) for one in hints(hint).values()) else None
    )
