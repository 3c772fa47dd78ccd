"""Is every type of event in the catalogue, frozen, explained and strict?"""

import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Iterator
from typing import Any

from events import kinds
from events.body import Body
from events.catalogue import all_types, body_class
from events.value import Value, is_value
from tests.each import each

TYPES = all_types()


def parts(cls: type) -> Iterator[type]:
    """Yield a body's class and the classes of the values in it, each once."""
    waiting, seen = [cls], set()
    while waiting:
        found = waiting.pop()
        if found not in seen:
            seen.add(found)
            yield found
            for hint in typing.get_type_hints(found).values():
                waiting += [each for each in leaves(hint) if is_value(each)]


def leaves(hint: object) -> Iterator[type]:
    inner = [leaf for argument in typing.get_args(hint) for leaf in leaves(argument)]
    yield from inner
    if isinstance(hint, type):
        yield hint


PARTS = sorted(
    {part for name in TYPES for part in parts(body_class(name))},
    key=lambda c: (c.__module__, c.__name__),
)


@each("name", TYPES)
def test_a_type_is_named_by_its_kind_and_what_happened(name: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)*", name)
    assert issubclass(body_class(name), Body)


def test_each_class_of_a_kind_is_one_type() -> None:
    catalogued = [body_class(name) for name in TYPES]
    assert len(set(catalogued)) == len(TYPES)
    written = set()
    for module in pkgutil.iter_modules(kinds.__path__, "events.kinds."):
        if not module.ispkg:
            members = vars(importlib.import_module(module.name)).values()
            written |= {each for each in members if isinstance(each, type)}
    bodies = {
        each
        for each in written
        if issubclass(each, Body) and written.isdisjoint(each.__subclasses__())
    }
    assert {f"{cls.__module__}.{cls.__name__}" for cls in bodies ^ set(catalogued)} == set()


@each("cls", PARTS)
def test_what_is_in_a_body_cannot_change(cls: type[Value]) -> None:
    assert is_value(cls)
    assert not hasattr(cls, "__dict__") or cls.__dictoffset__ == 0
    kind: Any = cls
    assert kind.__match_args__ == ()  # keyword-only
    config = cls.__struct_config__
    assert (config.frozen, config.gc, config.omit_defaults) == (True, False, True)


@each("cls", PARTS)
def test_nothing_unknown_passes_into_a_body(cls: type[Value]) -> None:
    config = cls.__struct_config__
    assert config.forbid_unknown_fields is True


@each("cls", PARTS)
def test_what_is_in_a_body_says_what_it_means(cls: type) -> None:
    meaning = inspect.getdoc(cls)
    assert meaning
    assert not meaning.startswith(f"{cls.__name__}(")  # what is written by itself
    assert vars(cls)["__doc__"] == cls.__doc__
