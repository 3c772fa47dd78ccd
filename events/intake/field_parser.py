"""Parse what people write for the fields of a fact into the data that is recorded.

The type's own fields drive it: an amount is read with the field's units, a bare name gets the
field's kind, a set is sorted, an event may be named by its position. All problems are reported at
once, field by field; validation then checks the result.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any

from msgspec import Struct

from events.amounts import Quantity, Units, read_quantity, unit_words
from events.body import SourceRef
from events.catalogue import body_class, topic, type_of
from events.fields import Day, EventId, Field, Sorted, Thing, fields_of
from events.kinds.claim_events import Corrected
from events.validation import BodyError, Problem
from events.value import MAX_INTEGER, is_value

AMOUNT_EXAMPLE = 'write an amount as text with its unit, such as "over 6,240 BTC"'

_web = re.compile(r"https?://[^\s/]").match
_document = re.compile(
    r"(?i:https?)://[^\s/?#@:]+(?::[0-9]+)?(?:[/?#]\S*)?|(?i:doi):10\.[0-9]{4,9}/\S+"
).fullmatch
_behind = re.compile(r",(?=(?:published|retrieved|origin)=)")
_whole = re.compile(r"-?[0-9]{1,15}|-?[0-9]{1,3}(?:,[0-9]{3}){1,4}").fullmatch
_position = re.compile(r"@([1-9][0-9]{0,14})").fullmatch


class UnreadableValue(Struct, frozen=True):
    """A value that no field accepts; `sentence` says why, to follow the field's name."""

    sentence: str


class ShortNames(Struct, frozen=True):
    """What short names stand for.

    `labels` maps those of earlier facts to event ids; `event_at` gives the id of the event at a
    position and raises LookupError where there is none; `typed` means that the values come from a
    command line, where everything is text.
    """

    labels: Mapping[str, str]
    event_at: Callable[[int], str]
    typed: bool = False


def read_fields(cls: type, given: Mapping[str, Any], names: ShortNames) -> dict[str, Any]:
    """Return JSON data for fields as people write them; raise BodyError with all problems."""
    return _correction(given, names) if cls is Corrected else _read(cls, given, names)


def _read(cls: type, given: Mapping[str, Any], names: ShortNames) -> dict[str, Any]:
    wanted, problems = fields_of(cls), list[Problem]()
    data: dict[str, Any] = {}
    for name, value in given.items():
        try:
            if name not in wanted:
                raise ValueError(_no_field(name, wanted))
            data[name] = read_value(wanted[name], value, names)
        except BodyError as error:
            problems += [
                Problem(f"{name}.{p.field}".rstrip("."), p.sentence) for p in error.problems
            ]
        except (ValueError, LookupError) as error:
            problems.append(Problem(name, str(error)))
        except RecursionError:
            problems.append(Problem(name, "is nested too deeply"))
    if problems:
        raise BodyError(problems)
    return data


def read_value(field: Field, value: Any, names: ShortNames) -> Any:
    """Return JSON data for one value; raise ValueError, LookupError or BodyError."""
    if isinstance(value, UnreadableValue):
        raise ValueError(value.sentence)
    if field.member is not None:
        return _list(field, field.member, value, names)
    if is_value(field.inner):
        return _object(field, value, names)
    if isinstance(value, str):
        return _text(field, value, names)
    if isinstance(value, (date, time)):
        return _day(field, value)
    if isinstance(value, bool):
        return _mark(field, value)
    return plain_data(value)


def plain_data(value: Any) -> Any:
    """Return JSON data unchanged; raise ValueError for what the log cannot hold."""
    match value:
        case UnreadableValue():
            raise ValueError(value.sentence)
        case str():
            return _encodable(value)
        case int() if abs(value) > MAX_INTEGER:
            raise ValueError(f"the number {str(value)[:40]} is larger than 2^53 - 1")
        case date() | time():
            raise ValueError(f"{value} is a bare date: put it in quotes")
        case dict():
            return {name: plain_data(member) for name, member in value.items()}
        case list():
            return [plain_data(member) for member in value]
    return value


def describe_field(field: Field) -> str:
    """Describe what a field accepts, in a few words."""
    if field.member is not None:
        return f"list: {describe_field(field.member)}"
    if field.inner is SourceRef:
        return "source/x,published=DAY,origin=party/y"
    if field.choices:
        return "flag: given or not" if field.is_mark else ", ".join(field.choices)
    if units := field.marker(Units):
        return f"amount in {' or '.join(map(unit_words, units.units))}"
    if field.markers:
        return field.markers[0].words
    if field.inner is Quantity:
        return "amount with its unit"
    if is_value(field.inner):
        return f"table of {', '.join(tuple(fields_of(field.inner)))}"
    return "text"


def _no_field(name: str, wanted: Mapping[str, Field]) -> str:
    near = get_close_matches(name, wanted, 1)
    return "is not a field of this type" + (f": did you mean {near[0]}?" if near else "")


def _list(field: Field, member: Field, value: Any, names: ShortNames) -> list[Any]:
    several = value if isinstance(value, list) else [value]
    found, problems = [], []
    for number, one in enumerate(several):
        try:
            found.append(read_value(member, one, names))
        except BodyError as error:
            problems += [Problem(f"{number}.{p.field}", p.sentence) for p in error.problems]
    if problems:
        raise BodyError(problems)
    order = field.marker(Sorted)
    if type(order) is not Sorted:
        return found
    try:
        return sorted(found, key=order.key)
    except (KeyError, TypeError):  # a member lacks its sort key: validation reports it
        return found


def _object(field: Field, value: Any, names: ShortNames) -> Any:
    if field.inner is Quantity:
        return _amount(field, value)
    if isinstance(value, str) and field.inner is SourceRef:
        value = _source(value)
    elif isinstance(value, str) and names.typed:
        value = _inline(value)
    if not isinstance(value, dict):
        raise ValueError(f"{_shown(value)} is not a table of {', '.join(fields_of(field.inner))}")
    return read_fields(field.inner, value, names)


def _amount(field: Field, value: Any) -> Any:
    if isinstance(value, Quantity):
        return value
    if isinstance(value, dict):
        return plain_data(value)
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not an amount: {AMOUNT_EXAMPLE}")
    units = field.marker(Units)
    amount = read_quantity(_encodable(value), units.units if units else None)
    found = {f: getattr(amount, f) for f in amount.__struct_fields__}
    return {name: part for name, part in found.items() if part is not None}


def _source(text: str) -> dict[str, str]:
    """Read `source/x,published=2025-07-16,origin=party/y` as a table, or so an address."""
    if is_address(text):
        address, days = split_address(text)
        return {"source": address, **days}
    source, *rest = (part.strip() for part in text.split(","))
    pairs = [part.partition("=") for part in rest]
    if wrong := next((name for name, is_, _ in pairs if not is_), None):
        raise ValueError(f"'{wrong}' is not name=value, as in source/x,published=2025-07-16")
    return {"source": source, **{name.strip(): value.strip() for name, _, value in pairs}}


def is_address(text: str) -> bool:
    """Say whether a source is named by its address in the web."""
    return _web(text) is not None


def is_document_address(text: str) -> bool:
    """Say whether a reader can look a document up by a text: https, http, or a DOI with `doi:`."""
    return _document(text) is not None


def split_address(text: str) -> tuple[str, dict[str, str]]:
    """Return an address, and the days and the origin that stand behind it."""
    address, *behind = _behind.split(text)
    return address, {name: value for name, _, value in (part.partition("=") for part in behind)}


def _inline(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}", parse_float=refuse_fraction)["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        raise ValueError(
            f"'{text[:40]}' is not a table: write {{ name = \"value\", ... }}"
        ) from None


def _text(field: Field, value: str, names: ShortNames) -> Any:
    thing = field.marker(Thing)
    if field.marker(EventId):
        return _event(value, names)
    if thing and len(thing.kinds) == 1 and "/" not in value:
        return f"{thing.kinds[0]}/{value}"
    if names.typed and field.inner is int:
        if _whole(value) is None:
            raise ValueError(f"'{value[:40]}' is not a whole number")
        return int(value.replace(",", ""))
    return _encodable(value)


def _event(value: str, names: ShortNames) -> str:
    if match := _position(f"@{value}" if names.typed and value.isdecimal() else value):
        return names.event_at(int(match[1]))
    if "/" in value:
        return value
    if value not in names.labels:
        near = get_close_matches(value, names.labels, 1)
        raise LookupError(
            f"'{value[:80]}' is the label of no earlier fact of this file, nor @N, nor an event id"
            + (f": did you mean {near[0]}?" if near else "")
        )
    return names.labels[value]


def _day(field: Field, value: date | time) -> str:
    if not field.marker(Day):
        raise ValueError(f"{value} is a bare date: put it in quotes")
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (datetime, time)):
        raise ValueError(f"{value} has no offset: write an instant as 2025-07-18T18:01:00-06:00")
    return value.isoformat()


def _mark(field: Field, value: bool) -> bool:
    if not field.is_mark:
        raise ValueError(f"is {str(value).lower()}, but {describe_field(field)} is wanted")
    if not value:
        raise ValueError("is false: leave the field out, absent means no")
    return True


def _correction(given: Mapping[str, Any], names: ShortNames) -> dict[str, Any]:
    """Read a correction, and its new text as its type requires."""
    data = _read(Corrected, {n: v for n, v in given.items() if n != "data"}, names)
    name, text = data.get("data_type"), given.get("data")
    if not isinstance(name, str) or not isinstance(text, dict):
        return (
            {**data, "data": plain_data(text)} if "data" in given else data
        )  # validation reports more
    try:
        type_ = type_of(name) if name.rpartition(".v")[2].isdecimal() else name
        new = _read(body_class(type_), strip_underscores(text), names)
    except BodyError as error:
        raise BodyError(Problem(f"data.{p.field}", p.sentence) for p in error.problems) from None
    except LookupError as error:
        raise BodyError([Problem("data_type", str(error))]) from None
    return {**data, "data_type": topic(type_), "data": new}


def strip_underscores(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with the final underscore of its names removed (`type_`, `thing_`)."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = key.removesuffix("_")
        found[name] = (
            UnreadableValue(f"stands twice, as {name} and as {name}_") if name in found else value
        )
    return found


def refuse_fraction(text: str) -> UnreadableValue:
    """Return a number with a point, an exponent or no value as one that is not accepted."""
    return UnreadableValue(
        f"{text[:40]} is not a whole number: {AMOUNT_EXAMPLE}, other numbers in whole"
    )


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("holds half a character (a lone surrogate), which no text may") from None
    return text


def _shown(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)[:40]
