"""Which mistakes can be made in a field of a type, told from what the field says of itself?

An example of a type is taken, and one value in it put wrong at a time: of another type, in
another unit, naming what is not there, out of range.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from events.amounts import Quantity, Units
from events.fields import Day, EventId, Field, Matching, Sorted, Text, Thing, Whole, fields_of
from events.value import is_value

OWN_KEYS = ("type", "subject", "label")
NOBODY = "nobody-knows-it"
KINDS_OF_MISTAKE = ("type", "unit", "reference", "range")


class Mistake(NamedTuple):
    """A fact that is wrong in one field: of which sort the mistake is, and where it stands."""

    sort: str
    field: str
    fact: dict[str, Any]


def mistakes(cls: type, fact: dict[str, Any]) -> Iterator[Mistake]:
    """Yield each mistake that can be made in the fields of a fact, written as people do."""
    for name, field in fields_of(cls).items():
        written = f"{name}_" if name in OWN_KEYS else name
        for sort, wrong in _in(field, fact.get(written)):
            yield Mistake(sort, name, {**fact, written: wrong})


def _in(field: Field, good: Any) -> Iterator[tuple[str, Any]]:
    if field.member is not None:
        yield from _in_list(field, field.member, good)
    elif field.inner is Quantity:
        yield from _in_amount(field)
    elif is_value(field.inner):
        yield "type", 5
        yield "range", {NOBODY: "x"}
        for name, inner in fields_of(field.inner).items():
            # A field that the example leaves out may not be there at all: its mistakes are
            # those of a field that is no field of this trigger.
            for sort, wrong in _in(inner, (good or {}).get(name)) if name in (good or {}) else ():
                yield sort, {**good, name: wrong}
    else:
        yield from _in_word(field)


def _in_list(field: Field, member: Field, good: Any) -> Iterator[tuple[str, Any]]:
    yield "type", 5
    yield "range", []
    if field.marker(Sorted).by is None and type(field.marker(Sorted)) is Sorted and good:
        yield "range", [good[0], good[0]]
    for sort, wrong in _in(member, good[0] if good else None):
        yield sort, [wrong]


def _in_amount(field: Field) -> Iterator[tuple[str, Any]]:
    units = field.marker(Units)
    yield "type", 5
    if units:
        yield "unit", "1 MW" if "w" not in units.units else "1 BTC"
    yield "unit", "1 furlong"
    named = {"money": "usd-minor", "price": "usd-e5"}
    unit = named.get(units.units[0], units.units[0]) if units else "sat"
    yield "range", {"unit": unit, "lower": -1}
    yield "range", {"unit": unit, "lower": 2, "upper": 1}
    yield "range", {"unit": unit, "lower": 2**53}
    if unit == "usd-e5":
        yield "unit", {"unit": unit, "lower": 10}


def _in_word(field: Field) -> Iterator[tuple[str, Any]]:
    yield "type", "many" if field.inner is int else [5]
    if thing := field.marker(Thing):
        # Parties and sources are known before they are named; other things may come later.
        for kind in {"party", "source"} & set(thing.kinds):
            yield "reference", f"{kind}/{NOBODY}"
        yield "reference", f"{thing.kinds[0]}s/{NOBODY}"
        if len(thing.kinds) == 1:
            yield "reference", f"{'price' if 'price' not in thing.kinds else 'law'}/x"
    elif field.marker(EventId):
        yield "reference", f"party/{NOBODY}/1"
        yield "reference", NOBODY
        yield "range", "party/sv/0"
    elif whole := field.marker(Whole):
        yield from (("range", whole.low - 1), ("range", whole.high + 1))
    elif field.marker(Day):
        yield from (("range", "2025-02-30"), ("range", "yesterday"))
    elif text := field.marker(Text):
        yield from (("range", ""), ("range", "x" * (text.longest + 1)))
    elif field.is_mark:
        yield "range", False
    elif field.choices or field.marker(Matching):
        yield from (("range", "No Such Word!"), ("range", ""))
