"""How is a value made from JSON data without asking for each field anew what it is?

Data of one type comes in few shapes: which fields are given, in which order. A shape is read once;
one that comes again and again is written out as code, which sets fourteen fields in the time that
three take else. Used by `events.build`, which takes members as they are, and by `events.checking`,
which looks at each.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, NamedTuple

from events.remember import per_class
from events.strict import json_name

Take = Callable[[Any], Any] | Mapping[Any, Any] | None  # None: as it is
Make = Callable[[dict[str, Any]], Any]

OFTEN = 50  # writing a shape out takes as long as making some fifty values without
MAX_SHAPES = 2_048


class _Shape(NamedTuple):
    """Which field takes each member, and how; and the fields that are absent, each its default."""

    given: list[tuple[str, Take]]
    absent: list[tuple[str, Any]]


def assembler(cls: Any, takes: dict[str, Take]) -> Make:
    """Return how one of `cls` is made from a dict keyed by the names that JSON has.

    `takes` say, by field, how a member becomes the field's value. What is made raises KeyError
    for a name that is no field, TypeError for a field that is missing, and whatever `takes` and
    the value's own rules raise.
    """
    makers: dict[tuple[str, ...], Make] = {}

    def assemble(data: dict[str, Any]) -> Any:
        if type(data) is not dict:  # a list of names would have their shape
            raise TypeError(f"{cls.__name__} is made from an object")
        shape = tuple(data)
        make = makers.get(shape)
        if make is None:
            if len(makers) >= MAX_SHAPES:
                makers.clear()
            make = makers[shape] = _counted(cls, _shape(cls, takes, shape), makers, shape)
        return make(data)

    return assemble


def _shape(cls: Any, takes: dict[str, Take], shape: tuple[str, ...]) -> _Shape:
    fields = {json_name(name): name for name in cls.__dataclass_fields__}
    given = [fields[name] for name in shape]
    absent = [
        (name, field.default)
        for name, field in cls.__dataclass_fields__.items()
        if name not in given
    ]
    if missing := [name for name, default in absent if default is MISSING]:
        raise TypeError(f"{cls.__name__} needs {', '.join(missing)}")
    return _Shape([(name, takes[name]) for name in given], absent)


def _counted(
    cls: Any, shape: _Shape, makers: dict[tuple[str, ...], Make], key: tuple[str, ...]
) -> Make:
    """Return how a shape is made at first; it is replaced by code when it came often."""
    open_ = opened(cls)
    given = [(name, called(take)) for name, take in shape.given]
    made = 0

    def make(data: dict[str, Any]) -> Any:
        nonlocal made
        made += 1
        if made == OFTEN:
            makers[key] = _written_out(cls, shape)
        one = object.__new__(open_)
        for (name, take), value in zip(given, data.values(), strict=True):
            setattr(one, name, take(value))
        for name, default in shape.absent:
            setattr(one, name, default)
        one.__class__ = cls
        one.__post_init__()
        return one

    return make


def called(take: Take) -> Callable[[Any], Any]:
    """Return a way to take a member as a function."""
    if take is None:
        return lambda value: value
    return take.__getitem__ if isinstance(take, Mapping) else take


def _written_out(cls: Any, shape: _Shape) -> Make:
    """Return the same as code without loops; its names are those of fields of ours alone."""
    known: dict[str, Any] = {"new": object.__new__, "open_": opened(cls), "cls": cls}
    lines = ["def make(data):"]
    if shape.given:
        lines.append(f" {''.join(f'v{n}, ' for n in range(len(shape.given)))}= data.values()")
    lines.append(" one = new(open_)")
    for n, (name, take) in enumerate(shape.given):
        known[f"t{n}"] = take
        how = f"v{n}" if take is None else f"t{n}[v{n}]" if isinstance(take, Mapping) else None
        lines.append(f" one.{name} = {how or f't{n}(v{n})'}")
    for n, (name, default) in enumerate(shape.absent):
        known[f"d{n}"] = default
        lines.append(f" one.{name} = d{n}")
    lines += [" one.__class__ = cls", " one.__post_init__()", " return one"]
    exec("\n".join(lines), known)  # noqa: S102 - as `dataclasses` makes its methods
    make: Make = known["make"]
    return make


@per_class
def opened(cls: Any) -> Any:
    """Return the class once more, its slots free to be set until the value becomes one of `cls`.

    Only where both methods are those of `object` does Python set a slot without a call.
    """
    free = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(cls.__name__, (cls,), {"__slots__": (), **free})
