"""Keep what was found out about a class or an object."""

from collections.abc import Callable
from functools import cache
from typing import Any, Generic, TypeVar

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
