"""How does data that comes by the thousand become a body, as strictly as at the door?

The same rules (the types, the markers and `agree` of `events`) called without pydantic's detour
through each of them: a text that a field accepted before is not read again. What is not accepted
here is no refusal: the door looks at it then, and has the last word and the sentences.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from events.assembling import Take, assembler, called
from events.fields import REMEMBERED, Marker, Text
from events.remember import hints, per_class
from events.text import check_text

T = TypeVar("T")


class DoubtError(ValueError):
    """This is not accepted without a look by the door."""


def checked(cls: type[T], data: dict[str, Any]) -> T:
    """Return the body for JSON data that passes every rule of its fields and of its own.

    Raises ValueError, TypeError or LookupError where it does not, or might not.
    """
    made: T = maker(cls)(data)
    return made


@per_class
def maker(cls: Any) -> Callable[[dict[str, Any]], Any]:
    """Return how bodies of a class are made from JSON data; see `checked`."""
    return assembler(cls, {field.name: _take(hints(cls)[field.name]) for field in fields(cls)})


class _Texts(dict[Any, str]):
    """The texts that a field accepted, each looked at when it first comes."""

    def __init__(self, take: Callable[[Any], str]) -> None:
        super().__init__()
        self._take = take

    def __missing__(self, text: Any) -> str:
        accepted = self._take(text)
        if len(self) >= REMEMBERED:
            self.clear()
        self[text] = accepted
        return accepted


def _take(hint: Any) -> Take:
    if get_origin(hint) is Annotated:
        inner, *markers = get_args(hint)
        return _marked(inner, [marker for marker in markers if isinstance(marker, Marker)])
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (part for part in get_args(hint) if part is not type(None))
        return _take(inner)
    if get_origin(hint) is Literal:
        return _one_of(get_args(hint))
    if get_origin(hint) is tuple:
        return _each(_take(get_args(hint)[0]))
    if isinstance(hint, type) and is_dataclass(hint):
        return _part(hint)
    return _plain(hint)


def _marked(inner: Any, markers: list[Marker]) -> Take:
    take = called(_take(inner))
    (marker,) = markers
    if isinstance(marker, Text):
        return _words(marker.longest)
    check = marker.check

    def take_marked(value: Any) -> Any:
        return check(take(value))

    return _Texts(take_marked) if marker.recurs else take_marked


def _words(longest: int) -> Take:
    def take_words(value: Any) -> str:
        if type(value) is not str:
            raise DoubtError
        if (
            value.isascii()  # what most words are: then few questions are enough
            and value.isprintable()
            and 0 < len(value) <= longest
            and value[0] != " " != value[-1]
        ):
            return value
        return check_text(value, longest)

    return take_words


def _one_of(allowed: tuple[Any, ...]) -> Take:
    if allowed == (True,):
        return _true
    return {one: one for one in allowed}  # all are texts, which equal texts alone


def _true(value: Any) -> bool:
    if value is not True:
        raise DoubtError
    return True


def _each(each: Take) -> Take:
    take = called(each)

    def take_each(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise DoubtError
        return tuple([take(one) for one in value])

    return take_each


def _part(cls: Any) -> Take:
    def take_part(value: Any) -> Any:
        if type(value) is not dict:
            raise DoubtError
        return maker(cls)(value)  # asked late, for a part may have parts of its own kind

    return take_part


def _plain(kind: Any) -> Take:
    if kind not in (str, int):
        return _doubt

    def take_plain(value: Any) -> Any:
        if type(value) is not kind:
            raise DoubtError
        return value

    return take_plain


def _doubt(value: Any) -> Any:
    del value
    raise DoubtError
