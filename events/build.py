"""Make bodies of JSON data that was checked when it was written."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from msgspec import convert

from events.value import Value

T = TypeVar("T", bound=Value)


def build(cls: type[T], data: dict[str, Any]) -> T:
    """Return the body of JSON data, types checked, fields' rules not; raise ValueError."""
    return convert(data, cls)


def builder(cls: type[T]) -> Callable[[dict[str, Any]], T]:
    """Return how bodies of a class are built from JSON data; see `build`."""
    return partial(build, cls)
