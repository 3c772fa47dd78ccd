"""Make bodies of JSON data that was checked when it was written, and JSON data of bodies."""

from typing import Any, TypeVar

from msgspec import convert

from events.value import Value

T = TypeVar("T", bound=Value)


def build(cls: type[T], data: dict[str, Any]) -> T:
    """Return the body of JSON data; its types are checked, its fields' own rules are not.

    Raises ValueError.
    """
    return convert(data, cls)
