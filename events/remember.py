"""How is what was found out about a class or an object kept, and what is in a class's fields?"""

from collections.abc import Callable
from functools import cache
from inspect import get_annotations
from typing import Any, Generic, TypeVar, get_type_hints

Found = TypeVar("Found")


class remembered(Generic[Found]):  # noqa: N801 - used like `property`
    """A property that is found once for each object.

    As `functools.cached_property`, but without the lock that costs more than what is found here.
    """

    def __init__(self, find: Callable[[Any], Found]) -> None:
        self._find, self._name = find, find.__name__
        self.__doc__ = find.__doc__

    def __get__(self, one: Any, _: type | None = None) -> Found:
        found = one.__dict__[self._name] = self._find(one)
        return found


def per_class(find: Callable[[Any], Found]) -> Callable[[Any], Found]:
    """Return the function with its answers remembered, one for each class.

    As `functools.cache`, but typed: mypy takes a class whose instances have no hash for one that
    has none itself.
    """
    return cache(find)


@per_class
def hints(cls: Any) -> dict[str, Any]:
    """Return what is annotated for each field of a dataclass, markers included.

    Bodies hold evaluated annotations, so that merging them serves; only a class that stands alone
    may name itself, and is left to `get_type_hints`, which takes some ten times as long.
    """
    if len(cls.__mro__) < 4:
        return get_type_hints(cls, include_extras=True)
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        found.update(get_annotations(base))
    return found
