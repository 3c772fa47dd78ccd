"""Take facts from outside in: what comes back as a body may be recorded.

Everything from outside passes here: strict JSON first (no duplicate keys, no null, no number that
is not whole), then the types of the body (msgspec), the rules of its fields (`events.fields`) and
what they have to agree on. A refused fact is looked at once more, for all that is wrong with it
(`events.problems`). What is written is canonical (RFC 8785).
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from msgspec.json import Encoder

from events.body import Body
from events.catalogue import body_class, type_of
from events.envelope import canonical
from events.fields import check_fields
from events.kinds.claim_events import Corrected
from events.problems import BodyError, Problem, problems

__all__ = ["BodyError", "Problem", "admission", "body_data", "field_names", "parse_json"]
__all__ += ["read_body", "type_schema", "write_body"]

Admission = Callable[[dict[str, Any]], tuple[Body, bytes]]

_REFUSED = (ValueError, TypeError, RecursionError)
_encode = Encoder(order="sorted").encode


def parse_json(text: str | bytes) -> Any:
    """Return JSON data; refuse duplicate keys, null, NaN and fractions with BodyError."""
    try:
        found = json.loads(
            text, object_pairs_hook=_object, parse_float=_NotWhole, parse_constant=_NotWhole
        )
    except BodyError:
        raise
    except (ValueError, RecursionError) as error:
        raise BodyError([Problem("", f"this is not JSON: {error}")]) from None
    _refuse("", found)
    return found


def read_body(name: str, data: dict[str, Any]) -> Body:
    """Return the body of type `name` for JSON data, or raise BodyError with all its problems."""
    return admission(name)(data)[0]


@cache
def admission(name: str) -> Admission:
    """Return how facts of a type come in: JSON data to (body, bytes), or BodyError."""
    cls = body_class(name)

    def admit(data: dict[str, Any]) -> tuple[Body, bytes]:
        try:
            body = msgspec.convert(data, cls)
            check_fields(body)
            written = write_body(body)
        except _REFUSED as error:
            raise _refusal(cls, data, error) from None
        if cls is Corrected:
            _check_correction(body)
        return body, written

    return admit


def write_body(body: Body) -> bytes:
    """Return the canonical bytes of a body: sorted keys, absent fields left out."""
    if body.nests:
        return canonical(msgspec.to_builtins(body))
    return _encode(body)


def body_data(body: Body) -> dict[str, Any]:
    """Return a body as JSON data, absent fields left out."""
    data: dict[str, Any] = json.loads(write_body(body))
    return data


def type_schema(name: str) -> dict[str, Any]:
    """Return a type's JSON Schema (draft 2020-12)."""
    from events.json_schema import body_schema as described

    return described(body_class(name), name)


def field_names(name: str) -> tuple[str, ...]:
    """Return the names of a type's fields as people write them."""
    return body_class(name).__struct_encode_fields__


def _refusal(cls: type[Body], data: Any, why: Exception) -> BodyError:
    try:
        found = problems(cls, _plain(data))
    except RecursionError:
        found = [Problem("", "is nested too deeply")]
    return BodyError(found or [Problem("", str(why))])


def _plain(data: Any) -> Any:
    """Return JSON data, also of the parts that are values already."""
    if type(data) is not dict:
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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BodyError([Problem(key, "stands twice in one object")])
        _refuse(key, value)
        found[key] = value
    return found


class _NotWhole(str):
    """A number as written, not to be recorded unless its field allows it."""

    __slots__ = ()


def _refuse(field: str, value: Any) -> None:
    if value is None:
        raise BodyError([Problem(field, "is null: leave an unknown field out")])
    if isinstance(value, _NotWhole):
        sentence = f"{value[:40]} is not a whole number: amounts are text or integers"
        raise BodyError([Problem(field, sentence)])
    for member in value if isinstance(value, list) else ():
        _refuse(field, member)
