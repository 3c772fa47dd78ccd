"""Take facts from outside in: what comes back as a body may be recorded.

Everything from outside passes here: the types of the body (msgspec), the rules of its fields
(`events.fields`) and what they have to agree on. A fact that was refused, at the first thing that
is wrong with it, is looked at once more by the same types and rules, for all that is. What is
written is canonical (RFC 8785).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, NamedTuple, NoReturn, get_origin

import msgspec
from msgspec import convert
from msgspec.json import Encoder

from events.body import Body
from events.catalogue import body_class, type_of
from events.envelope import NotCanonicalError, canonical
from events.fields import Field, check_fields, field_of, fields_of
from events.kinds.claim_events import Corrected
from events.value import Value, is_value

__all__ = ["BodyError", "Problem", "admit", "body_data", "read_body", "write_body"]

_REFUSED = (ValueError, TypeError, RecursionError)
_encode = Encoder(order="sorted").encode


class Problem(NamedTuple):
    """One thing wrong with one field; `sentence` reads on after the field's name."""

    field: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.field}: {self.sentence}" if self.field else self.sentence


class BodyError(ValueError):
    """A fact has exactly its type's fields, each with a value of its kind."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


def admit(name: str, data: Mapping[str, Any]) -> tuple[Body, bytes]:
    """Return the body of type `name` for JSON data, and its canonical bytes.

    Raises BodyError with all that is wrong with it.
    """
    cls = body_class(name)
    try:
        body = convert(data, cls)
        check_fields(body)
        written = write_body(body)
    except _REFUSED as error:
        raise _refusal(cls, data, error) from None
    if cls is Corrected:
        _check_correction(body)
    return body, written


def read_body(name: str, data: dict[str, Any]) -> Body:
    """Return the body of type `name` for JSON data; raise BodyError."""
    return admit(name, data)[0]


def write_body(body: Body) -> bytes:
    """Return the canonical bytes of a body: sorted keys, absent fields left out."""
    if body.nests:
        return canonical(msgspec.to_builtins(body))
    return _encode(body)


def body_data(body: Body) -> dict[str, Any]:
    """Return a body as JSON data, absent fields left out."""
    data: dict[str, Any] = json.loads(write_body(body))
    return data


def _refusal(cls: type[Body], data: Any, why: Exception) -> BodyError:
    try:
        found = problems(cls, _plain(data))
    except RecursionError:
        found = [Problem("", "is nested too deeply")]
    return BodyError(found or [Problem("", str(why))])


def _plain(data: Any) -> Any:
    """Return JSON data, also of the parts that are values already."""
    if not isinstance(data, Mapping):
        return data
    made = (tuple, msgspec.Struct)
    return {n: msgspec.to_builtins(v) if isinstance(v, made) else v for n, v in data.items()}


def _check_correction(body: Any) -> None:
    try:
        new = read_body(type_of(body.data_type), body.data)
    except BodyError as error:
        raise BodyError(Problem(f"data.{p.field}", p.sentence) for p in error.problems) from None
    except LookupError as error:
        raise BodyError([Problem("data_type", str(error))]) from None
    if write_body(new) != canonical(body.data):
        raise BodyError([Problem("data", "the new body is not in its canonical form")])


class _WrongError(ValueError):
    """What was looked at is wrong, and has been listed."""


_KINDS = {str: "a valid string", int: "a valid integer"}


def problems(cls: type[Value], data: Any) -> list[Problem]:
    """Return what is wrong with JSON data that is to be a body of a class; all of it at once."""
    if found := list(_not_canonical(data)):
        return found
    look = _Look(cls)
    with suppress(_WrongError):
        look.at(field_of(cls), data, "")
    return look.found


def _not_canonical(data: Any) -> Iterator[Problem]:
    for name, value in data.items() if isinstance(data, dict) else ():
        try:
            canonical({name: value})
        except NotCanonicalError as error:
            yield Problem(name, str(error))


class _Look:
    """A look at all fields of a fact; what is wrong is in `found`."""

    def __init__(self, cls: type[Value]) -> None:
        self.found: list[Problem] = []
        self._names = [*fields_of(cls)]

    def at(self, field: Field, given: Any, path: str) -> Any:
        """Return what a field becomes; raise where it is wrong, once that is listed."""
        if given is None and not field.required:
            return None
        value = self._plain(field, given, path)
        for marker in field.markers:
            try:
                marker.check(value)
            except ValueError as error:
                self._wrong(path, str(error))
        return value

    def _plain(self, field: Field, given: Any, path: str) -> Any:
        if field.choices:
            return self._one_of(field.choices, given, path)
        if field.member is not None:
            return self._each(field.member, given, path)
        if get_origin(field.inner) is dict or is_value(field.inner):
            if type(given) is not dict:
                self._wrong(path, _unlike("an object", given))
            return self._part(field.inner, given, path) if is_value(field.inner) else given
        if type(given) is not field.inner:
            self._wrong(path, _unlike(_KINDS[field.inner], given))
        return given

    def _one_of(self, allowed: tuple[Any, ...], given: Any, path: str) -> Any:
        if allowed == (True,):
            if type(given) is not bool:
                self._wrong(path, _unlike("a valid boolean", given))
        elif type(given) is not str or given not in allowed:
            *others, last = map(repr, allowed)
            said = str(given)[:80]
            words = f"not one of {', '.join(others)} or {last}" if others else f"not {last}"
            near = choice_meant(said, allowed)
            guess = f": did you mean {near}? It is" if near else " is"
            self._wrong(path, f"'{said}'{guess} {words}")
        return given

    def _each(self, member: Field, given: Any, path: str) -> tuple[Any, ...]:
        if type(given) not in (list, tuple):
            self._wrong(path, _unlike("a valid array", given))
        wrong = len(self.found)
        made = []
        for n, one in enumerate(given):
            with suppress(_WrongError):
                made.append(self.at(member, one, f"{path}.{n}"))
        if len(self.found) > wrong:
            raise _WrongError
        return tuple(made)

    def _part(self, cls: Any, given: dict[str, Any], path: str) -> Any:
        known = fields_of(cls)
        before = f"{path}." if path else ""
        wrong = len(self.found)
        made = {}
        for attribute, (name, field) in zip(cls.__struct_fields__, known.items(), strict=True):
            if name in given:
                with suppress(_WrongError):
                    made[attribute] = self.at(field, given[name], before + name)
            elif field.required:
                self.found.append(Problem(before + name, "is missing"))
        for name in given:
            if name not in known:
                near = get_close_matches(before + name, self._names, 1)
                meant = f": did you mean {near[0]}?" if near else ""
                self.found.append(Problem(before + name, f"is not a field of this type{meant}"))
        if len(self.found) > wrong:
            raise _WrongError
        try:
            return cls(**made)
        except ValueError as error:
            self._wrong(path, str(error))

    def _wrong(self, path: str, sentence: str) -> NoReturn:
        self.found.append(Problem(path, sentence))
        raise _WrongError


def choice_meant(text: str, choices: Sequence[str]) -> str | None:
    """Return the one of several values that a word comes near to, or abbreviates; else None."""
    plain = "-".join(text.lower().replace("_", " ").split())
    short = _ABBREVIATED.get(plain.replace(".", ""))
    if short in choices or plain in choices:
        return short if short in choices else plain
    begun = [one for one in choices if f"{plain}-".startswith(f"{one}-") or one.startswith(plain)]
    near = begun or get_close_matches(plain, choices, 1)
    return near[0] if near and plain else None


_ABBREVIATED = {"mou": "memorandum", "moa": "memorandum", "loi": "letter-of-intent"}


def _unlike(wanted: str, given: Any) -> str:
    return f"input should be {wanted}, not {str(given)[:80]!r}"
