"""The fields of a type, and the rules for them: which values may stand in each.

Markers for `Annotated`: each checks one kind of value, knows how people may shorten it, and tells
the JSON Schema. Types are msgspec's to check; `check_fields` asks the markers of all fields of a
value. What is annotated is read here alone, into `Field`.
"""

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Struct
from msgspec.structs import astuple

from events.dates import ZONE, Interned, is_zone, parse_date
from events.identifiers import KINDS, MAX_ID, SLUG, check_thing, split_event_id
from events.text import check_text
from events.value import Value, fields, hints, is_value

Rule = Callable[[Any], object]
Getter = Callable[[Any], tuple[Any, ...]]


class Field(Struct, frozen=True):
    """What a field of a type accepts: `inner` is its plain type, `markers` are the rules for it."""

    inner: Any
    markers: "tuple[Marker, ...]"
    required: bool

    def marker(self, kind: "type[Marker]") -> Any:
        """Return the marker of a kind, or None."""
        return next((m for m in self.markers if isinstance(m, kind)), None)

    @property
    def is_mark(self) -> bool:
        """Say whether it is true or absent."""
        return get_origin(self.inner) is Literal and get_args(self.inner) == (True,)

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the allowed values where they are few, otherwise none."""
        return get_args(self.inner) if get_origin(self.inner) is Literal else ()

    @property
    def member(self) -> "Field | None":
        """Return the field of a list's members, None for what is no list."""
        return field_of(get_args(self.inner)[0]) if get_origin(self.inner) is tuple else None


def fields_of(cls: Any) -> dict[str, Field]:
    """Return the fields of a class by the names that people write, in the order of its own."""
    return _FIELDS[cls]


def field_of(hint: Any, *, required: bool = True) -> Field:
    """Return what a type hint accepts, without `| None` and `Annotated`."""
    markers: tuple[Marker, ...] = ()
    while True:
        if get_origin(hint) is Annotated:
            hint, *found = get_args(hint)
            markers += tuple(found)
        elif get_origin(hint) in (Union, UnionType):
            (hint,) = (part for part in get_args(hint) if part is not type(None))
        else:
            return Field(hint, markers, required)


def _fields(cls: Any) -> dict[str, Field]:
    of = hints(cls)
    return {f.encode_name: field_of(of[f.name], required=f.required) for f in fields(cls)}


_FIELDS: Interned[Any, dict[str, Field]] = Interned(_fields)


def check_fields(value: Value) -> None:
    """Hold the fields of a value, and of those in it, to their rules; raise ValueError."""
    for rule, given in zip(_RULES[type(value)], astuple(value)):  # noqa: B905 - strict takes longer
        if given is not None and rule is not None:
            rule(given)


def _rule(field: Field) -> Rule | None:
    rule: Rule | None = check_fields if is_value(field.inner) else None
    if field.member is not None and (each := _rule(field.member)) is not None:
        rule = _all(each)
    for marker in field.markers:
        rule = marker.check if rule is None else _both(rule, marker.check)
        # Few texts stand in very many facts: what was accepted of those is not looked at again.
        rule = Interned(rule).__getitem__ if marker.recurs else rule
    return rule


_RULES: Interned[Any, tuple[Rule | None, ...]] = Interned(
    lambda cls: tuple(map(_rule, fields_of(cls).values()))
)


def _both(first: Rule, then: Rule) -> Rule:
    def both(value: Any) -> None:
        first(value)
        then(value)

    return both


def _all(each: Rule) -> Rule:
    def every(values: tuple[Any, ...]) -> None:
        for value in values:
            each(value)

    return every


def getter(names: Iterable[str]) -> Getter:
    """Return how to get the fields of a value that have these names, in one go."""
    several = tuple(names)
    if len(several) > 1:
        return attrgetter(*several)
    if several:
        get = attrgetter(*several)
        return lambda value: (get(value),)
    return lambda value: ()


class Marker:
    """A rule for one field: `check` accepts the value unchanged or raises ValueError."""

    json_schema: dict[str, Any]
    words: str
    recurs = False  # few values stand in many facts, so that what was accepted is remembered

    def check(self, value: Any) -> Any:
        """Return the value unchanged, or raise ValueError with a sentence."""
        raise NotImplementedError


class Thing(Marker):
    """The id of a thing, of one of the kinds given (none given: of any kind)."""

    recurs = True

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds or KINDS
        self.words = f"id of a {' or '.join(self.kinds)}" if kinds else "id of a subject"
        self.json_schema = {"pattern": f"^({'|'.join(self.kinds)})/{SLUG}$", "maxLength": MAX_ID}

    def check(self, value: str) -> str:
        """Return the id unchanged, or raise IdError."""
        return check_thing(value, self.kinds)


class EventId(Marker):
    """The id of an event, `subject/n`."""

    words = "id of an event: subject/n"
    json_schema = {"pattern": rf"^({'|'.join(KINDS)})/{SLUG}/[1-9][0-9]*$"}

    def check(self, value: str) -> str:
        """Return the event id unchanged, or raise IdError."""
        split_event_id(value)
        return value


class Day(Marker):
    """An EDTF date or instant (ISO 8601-2); with `span`, a state that lasted too (`a/b`)."""

    recurs = True

    def __init__(self, *, span: bool = False) -> None:
        self.span = span
        self.words = "EDTF date, instant or [ ] set" + (", or a span a/b" if span else "")
        self.json_schema = {"minLength": 4, "maxLength": 60}

    def check(self, value: str) -> str:
        """Return the date as written, or raise DateError or ValueError."""
        if parse_date(value).is_span and not self.span:
            raise ValueError(
                f"'{value}' is a span, but an act has one day: "
                f"write [{value.replace('/', '..')}] for one day within it, "
                "or a fact for each of several acts, on its own day"
            )
        return value


class Text(Marker):
    """Words for people: NFC, no control or bidi characters, at most `longest` characters."""

    def __init__(self, longest: int = 2_000) -> None:
        self.longest = longest
        self.words = f"text of at most {longest:,} characters"
        self.json_schema = {"minLength": 1, "maxLength": longest}

    def check(self, value: str) -> str:
        """Return the text unchanged, or raise TextError."""
        return check_text(value, self.longest)


class Matching(Marker):
    """Text of a pattern, and one that a test accepts where that says more; `words` say what."""

    recurs = True

    def __init__(self, words: str, pattern: str, test: Callable[[str], object] = bool) -> None:
        self.test, self.words, self.pattern = test, words, pattern
        self.json_schema = {"pattern": f"^{pattern}$"}

    def check(self, value: str) -> str:
        """Return the text unchanged, or raise ValueError."""
        if re.fullmatch(self.pattern, value) is None or not self.test(value):
            raise ValueError(f"'{value[:80]}' is not a valid {self.words}")
        return value


class Whole(Marker):
    """A whole number from `low` to `high`, both included."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        self.words = f"whole number from {low:,} to {high:,}"
        self.json_schema = {"minimum": low, "maximum": high}

    def check(self, value: int) -> int:
        """Return the number unchanged, or raise ValueError."""
        if not self.low <= value <= self.high:
            raise ValueError(f"{value:,} is not between {self.low:,} and {self.high:,}")
        return value


class Only(Marker):
    """True or absent. To Python 1 is true as well, but not to who reads the bytes."""

    recurs = True
    words = "true, or absent"
    json_schema = {"const": True}

    def check(self, value: bool) -> bool:
        """Return true unchanged, or raise ValueError."""
        if not value:
            raise ValueError("false is not recorded: omit the field, absent means no")
        return value


class Sorted(Marker):
    """A set: not empty, each member once, in the order of code points (of their field `by`)."""

    words = "set, sorted by code point"
    json_schema = {"minItems": 1, "uniqueItems": True}

    def __init__(self, by: str | None = None) -> None:
        self.by = by
        self.recurs = by is not None  # the sources of facts that come together are the same

    def key(self, member: Any) -> str:
        """Return the text by which a member is sorted; members are texts, objects or tables."""
        if self.by is None:
            return str(member)
        return str(member[self.by] if isinstance(member, dict) else getattr(member, self.by))

    def check(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the set unchanged, or raise ValueError."""
        keys = [self.key(member) for member in value]
        if not keys:
            raise ValueError("an empty set is not recorded: omit the field")
        if any(a >= b for a, b in pairwise(keys)):
            raise ValueError("a set has each member once, sorted by code point")
        return value


class Listed(Sorted):
    """A list that keeps its order: not empty."""

    words = "list, in its order"
    json_schema = {"minItems": 1}

    def check(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the list unchanged, or raise ValueError when it is empty."""
        if not value:
            raise ValueError("an empty list is not recorded: leave the field out")
        return value


Yes = Annotated[Literal[True], Only()]
PartyId = Annotated[str, Thing("party")]
SourceId = Annotated[str, Thing("source")]
ThingId = Annotated[str, Thing()]
Slug = Annotated[str, Matching("slug (a-z, 0-9, single hyphens)", SLUG)]
Act = Annotated[str, Day()]
State = Annotated[str, Day(span=True)]
Zone = Annotated[str, Matching("IANA time zone such as Asia/Karachi", ZONE, is_zone)]
Line = Annotated[str, Text(300)]
Prose = Annotated[str, Text()]
Count = Annotated[int, Whole(1, 1_000_000)]
EventRef = Annotated[str, EventId()]
