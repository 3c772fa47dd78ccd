"""What has every value of the record in common?

It is a dataclass with slots and keyword-only fields that nobody can set again, equal to another
of its class with equal fields. What `dataclass` would compile anew for each of some ninety classes
is written once, here: the 27 classes of a read took 14 ms to import before, and take 4.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, FrozenInstanceError, dataclass
from operator import attrgetter
from typing import Any, Never, TypeVar, dataclass_transform

from msgspec import Struct, structs

from events.copying import PATIENCE, change, for_these, ready
from events.remember import per_class

Class = TypeVar("Class")


class Value:
    """Making, equality, hash and text by the fields; a subclass may check them in `agree`."""

    __slots__ = ()

    def __init__(self, **given: Any) -> None:
        for name, set_, default in _slots(type(self)):
            value = given.pop(name, default)
            if value is MISSING:
                value = _made(self, name)
            set_(self, value)
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
        values = _values(type(self))
        return bool(values(self) == values(other))

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


def replace(one: Class, /, **changes: Any) -> Class:
    """Return a value with other values in the fields named; as `dataclasses.replace`, but fast.

    A fold makes some ten values an act, most of them by changing one field of fifteen.
    """
    if isinstance(one, Struct):
        return structs.replace(one, **changes)
    return changed(one, changes)


def changed(one: Class, changes: Mapping[str, Any]) -> Class:
    """Return a value with the fields named changed; raise TypeError for what is no field."""
    cls = type(one)
    made = ready.get(cls)
    try:
        if made is not None:
            new: Class = made(one, changes)
        else:
            new = change(one, changes, _setters(cls), has_rules=_has_rules(cls))
    except AttributeError:
        if no_field := next((name for name in changes if name not in _setters(cls)), None):
            raise TypeError(f"{cls.__name__} has no {no_field}") from None
        raise
    return new


class Changing:
    """How the same fields of many values of a class are changed: `to(value, *what they become)`.

    With names known beforehand it takes half of what `replace` takes; raises TypeError for what
    is no field.
    """

    to: Callable[..., Any]

    def __init__(self, cls: type, *names: str) -> None:
        if no_field := next((name for name in names if name not in _setters(cls)), None):
            raise TypeError(f"{cls.__name__} has no {no_field}")
        self._cls, self._names, self._made = cls, names, 0
        self.to = self._at_first

    def _at_first(self, one: Any, *values: Any) -> Any:
        self._made += 1
        if self._made == PATIENCE:
            has_rules = _has_rules(self._cls)
            self.to = for_these(self._cls, _setters(self._cls), self._names, has_rules=has_rules)
        return changed(one, dict(zip(self._names, values, strict=True)))


def _has_rules(cls: Any) -> bool:
    return cls.__post_init__ is not Value.__post_init__


@per_class
def _values(cls: Any) -> Callable[[Any], Any]:
    """Return how the values of all fields are got."""
    return attrgetter(*_setters(cls)) if _setters(cls) else lambda one: ()


@per_class
def _setters(cls: Any) -> dict[str, Callable[[Any, Any], None]]:
    """Return how each field is set, by name."""
    return {name: set_ for name, set_, _ in _slots(cls)}


@per_class
def _slots(cls: Any) -> tuple[tuple[str, Callable[[Any, Any], None], Any], ...]:
    """Return each field's name, how its slot is set, and its default."""
    return tuple(
        (name, getattr(cls, name).__set__, field.default)
        for name, field in cls.__dataclass_fields__.items()
    )


def _made(one: Any, name: str) -> Any:
    factory = _fields(one)[name].default_factory
    if factory is MISSING:
        raise TypeError(f"{type(one).__name__} needs {name}")
    return factory()


def _fields(of: Any) -> dict[str, Any]:
    fields: dict[str, Any] = type(of).__dataclass_fields__
    return fields
