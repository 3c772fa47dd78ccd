"""How does a fact from outside become a body that may be recorded?

Everything from outside passes here: strict JSON first (no duplicate keys, no null, no number that
is not whole), then the type's own rules (`events.checking`). Where those do not accept, pydantic
has the last word and the sentences; it is imported then, for that takes as long as all else that an
append does. What comes back was checked as a whole; what is written is canonical (RFC 8785).
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from events.body import Body
from events.build import unbuilt
from events.catalogue import body_class, type_of
from events.checking import maker
from events.envelope import NotCanonicalError, canonical
from events.kinds.claim_events import Corrected
from events.remember import per_class
from events.strict import json_name

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError
    from pydantic_core import ErrorDetails

Admission = Callable[[dict[str, Any]], tuple[Body, bytes]]

_NOT_ACCEPTED = (ValueError, TypeError, LookupError, RecursionError)


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


def parse_json(text: str | bytes) -> Any:
    """Return JSON data; refuse duplicate keys, null, NaN and fractions with BodyError."""
    try:
        found = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_NotWhole,
            parse_constant=_NotWhole,
        )
    except BodyError:
        raise
    except (ValueError, RecursionError) as error:
        raise BodyError([Problem("", f"this is no JSON: {error}")]) from None
    _refuse("", found)
    return found


def read(name: str, data: dict[str, Any]) -> Body:
    """Return the body of type `name` for JSON data, or raise BodyError with all its problems."""
    try:
        written = canonical(data)
    except NotCanonicalError:
        raise BodyError(_not_canonical(data)) from None
    try:
        body: Body = maker(body_class(name))(data)
    except _NOT_ACCEPTED:
        body = _validate(name, written)
    if isinstance(body, Corrected):
        _check_correction(body)
    return body


@cache
def admission(name: str) -> Admission:
    """Return how facts of type `name` come in by thousands: JSON data to (body, bytes to store).

    The same as `read` and then `write`, with one pass less over each: what the type's own schema
    accepts has names and numbers that canonical JSON accepts, and is written as it came. Raises
    BodyError.
    """
    from orjson import OPT_SORT_KEYS, OPT_STRICT_INTEGER, dumps

    make = maker(body_class(name))
    how = OPT_SORT_KEYS | OPT_STRICT_INTEGER

    def admit(data: dict[str, Any]) -> tuple[Body, bytes]:
        try:
            # Copied, because each that orjson hands out keeps a page of memory: kept by thousands
            # they took 4 KB each instead of 0.3, and 3 µs instead of 0.3.
            written = b"%b" % dumps(data, option=how)
        except TypeError as error:
            raise BodyError([Problem("", f"this cannot be written as JSON: {error}")]) from None
        try:
            return make(data), written
        except _NOT_ACCEPTED:
            return _looked_at(name, data, written)

    return admit


def _looked_at(name: str, data: dict[str, Any], written: bytes) -> tuple[Body, bytes]:
    # The word null, or None, or a NaN that is taken for it; or data of another type within.
    if b"null" in written or body_class(name) is Corrected:
        body = read(name, data)
        return body, write(body)
    return _validate(name, written), written


def read_stored(topic: str, data: bytes) -> Body:
    """Return the body for stored data bytes; raise BodyError or UnknownTypeError."""
    from orjson import loads

    try:
        parsed = loads(data)
    except ValueError:
        return _validate(type_of(topic), data)
    return reader(topic)(parsed, data)


@cache
def reader(topic: str) -> Callable[[Any, bytes], Body]:
    """Return how stored data of a topic becomes a body where it has been parsed: JSON, bytes.

    The same as `read_stored`, and raises the same.
    """
    name = type_of(topic)
    make = maker(body_class(name))

    def read_parsed(data: Any, written: bytes) -> Body:
        try:
            body: Body = make(data)
        except _NOT_ACCEPTED:
            return _validate(name, written)
        return body

    return read_parsed


def rewritten(topic: str, data: bytes) -> bytes:
    """Return the bytes that the body of stored data bytes is written as now.

    Raises BodyError or UnknownTypeError. A body that is accepted member by member has those
    members and no other, so that they sorted are what `write` would write.
    """
    return _rewriter(topic)(data)


@cache
def _rewriter(topic: str) -> Callable[[bytes], bytes]:
    from orjson import OPT_SORT_KEYS, dumps, loads

    name = type_of(topic)
    make = maker(body_class(name))

    def write_again(data: bytes) -> bytes:
        try:
            members = loads(data)
            make(members)
        except _NOT_ACCEPTED:
            return write(_validate(name, data))
        return dumps(members, option=OPT_SORT_KEYS)

    return write_again


def write(body: Body) -> bytes:
    """Return the canonical bytes of a body: sorted keys, absent fields left out."""
    return canonical(unbuilt(body))


def plain(body: Body) -> dict[str, Any]:
    """Return a body as JSON data, absent fields left out."""
    data: dict[str, Any] = json.loads(write(body))
    return data


def schema(name: str) -> dict[str, Any]:
    """Return a type's JSON Schema (draft 2020-12)."""
    found: dict[str, Any] = _without_null(_adapter(body_class(name)).json_schema(by_alias=True))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def field_names(name: str) -> tuple[str, ...]:
    """Return the names of a type's fields as people write them."""
    return tuple(json_name(field.name) for field in fields(body_class(name)))


@per_class
def _adapter(cls: Any) -> "TypeAdapter[Body]":
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


def _validate(name: str, data: bytes) -> Body:
    from pydantic import ValidationError

    try:
        return _adapter(body_class(name)).validate_json(data)
    except ValidationError as error:
        raise BodyError(_problems(name, error)) from None


def _check_correction(body: Corrected) -> None:
    try:
        new = read(type_of(body.data_type), body.data)
    except BodyError as error:
        raise BodyError(Problem(f"data.{p.field}", p.sentence) for p in error.problems) from None
    except LookupError as error:
        raise BodyError([Problem("data_type", str(error))]) from None
    if write(new) != canonical(body.data):
        raise BodyError([Problem("data", "the new body is not in its canonical form")])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BodyError([Problem(key, "stands twice in one object")])
        _refuse(key, value)
        found[key] = value
    return found


class _NotWhole(str):
    """A number as written that nobody can record, until its field is known."""

    __slots__ = ()


def _refuse(field: str, value: Any) -> None:
    if value is None:
        raise BodyError([Problem(field, "is null: leave an unknown field out")])
    if isinstance(value, _NotWhole):
        sentence = f"{value[:40]} is not a whole number: amounts are text or integers"
        raise BodyError([Problem(field, sentence)])
    for member in value if isinstance(value, list) else ():
        _refuse(field, member)


def _not_canonical(data: dict[str, Any]) -> Iterator[Problem]:
    for name, value in data.items():
        try:
            canonical({name: value})
        except NotCanonicalError as error:
            yield Problem(name, str(error))


def _without_null(schema: Any) -> Any:
    # In Python an absent field is None; in JSON it is absent.
    if isinstance(schema, list):
        return [_without_null(part) for part in schema if part != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    kept = {k: _without_null(v) for k, v in schema.items() if (k, v) != ("default", None)}
    alternatives = kept.get("anyOf", ())
    return {**kept.pop("anyOf")[0], **kept} if len(alternatives) == 1 else kept


def _problems(name: str, error: "ValidationError") -> list[Problem]:
    return [_problem(name, detail) for detail in error.errors(include_url=False)]


def _problem(name: str, detail: "ErrorDetails") -> Problem:
    field = ".".join(map(str, detail["loc"]))
    given = str(detail.get("input"))[:80]
    match detail["type"]:
        case "missing":
            return Problem(field, "is missing")
        case "unexpected_keyword_argument" | "extra_forbidden":
            near = get_close_matches(field, field_names(name), 1)
            return Problem(field, "is no field of this type" + _did_you_mean(near))
        case "literal_error":
            allowed = str(detail["ctx"]["expected"])
            words = allowed.replace(" or ", ", ").replace("'", "").split(", ")
            near = get_close_matches(given, words, 1)
            return Problem(field, f"'{given}' is none of {allowed}" + _did_you_mean(near))
        case "value_error":
            return Problem(field, str(detail["ctx"]["error"]))
    return Problem(field, f"{detail['msg'][0].lower()}{detail['msg'][1:]}, not {given!r}")


def _did_you_mean(near: list[str]) -> str:
    return f": did you mean {near[0]}?" if near else ""
