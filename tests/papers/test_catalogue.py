"""What comes out of each type of the catalogue when it is said twice (docs/spec/answers.md, 7).

Two claims of a type are recorded: by two asserters, and by one asserter; of the same day and of
another, with the same value and with another. `catalogue.txt` holds what comes of each.

    python -m tests.papers.test_catalogue        write it anew
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import fold
from domain.decisions.decide import Fact, decide
from domain.decisions.errors import Refusal
from domain.decisions.stream_index import StreamIndex
from events import validation
from events.amounts import Quantity
from events.body import Body, SourceRef
from events.catalogue import Family, all_types, family
from events.json_schema import type_schema
from events.kinds.entry_into_force_rule import Rule
from events.value import fields, json_name, replace
from tests.papers.examples import EXAMPLES, type_name

TABLE = Path(__file__).with_name("catalogue.txt")
HEAD = (
    "type",
    "joins",
    "two asserters, one day",
    "another day",
    "another value",
    "one asserter, another day",
    "another value",
)
FIRST, SECOND = "2025-07-16", "2025-07-18"
ASKED = Clocks(date(2026, 1, 1))
COMMON = frozenset(Body.__struct_fields__)


def rows() -> Iterator[tuple[str, ...]]:
    """Yield a row of the table for each type that is a fact about a subject of a ledger."""
    for name in all_types():
        kind = name.partition(".")[0]
        if kind not in ("ledger", "claim"):
            yield name, joins(family(name)), *outcomes(name)


def joins(how: Family) -> str:
    """Return how claims of a type join, in the words of the specification."""
    if how.name == "repeatable":
        return "R"
    key = ", ".join(json_name(part) + "?" * (part in how.joining) for part in how.key)
    named = " where named" if how.named else ""
    return f"{'S' if how.name == 'series' else '1'}{f'({key})' if key else ''}{named}"


def outcomes(name: str) -> Iterator[str]:
    """Yield what comes of two claims of a type: by two asserters thrice, by one twice."""
    first, other = bodies(name)
    source = (SourceRef(source="source/other-post"),)
    second = {"asserted_by": "party/other", "sources": source}
    yield said(name, first, replace(first, **second))
    yield said(name, first, replace(first, **second, effective=SECOND, acted=None))
    yield "-" if other is None else said(name, first, replace(other, **second))
    yield said(name, first, replace(first, sources=source, effective=SECOND, acted=None))
    yield "-" if other is None else said(name, first, replace(other, sources=source))


def said(name: str, first: Body, second: Body) -> str:
    """Return what comes of two claims that are recorded one after the other."""
    index = StreamIndex(f"{name.partition('.')[0]}/x")
    for body in (first, second):
        written = validation.write_body(body)
        try:
            claim = decide(index, Fact(name, body, written)).claim
        except Refusal as why:
            return why.name
        index.add(claim, written)
    view = fold(index.claims, ASKED, policy(DEFAULT))
    if view.series:
        (series,) = view.series
        newest = "" if len(series.certain) == 2 else ", the newest"
        return f"series{newest}, {series.support}"
    found = view.occurrences
    if any(one.field for one in found):
        several = {one.support for one in found if len(one.claims) == 2}
        return f"each field one, {' or '.join(sorted(several))}"
    supports = " and ".join(sorted({one.support for one in found}))
    return f"{'one' if len(found) == 1 else 'two'}, {supports}"


def bodies(name: str) -> tuple[Body, Body | None]:
    """Return an example of a type with all its fields, and one with another value beside its key.

    The fields of the key stay as they are; None where a type has no other field that is compared.
    """
    example = next(one.body for one in EXAMPLES if type_name(one.body) == name)
    told: dict[str, Any] = {
        "asserted_by": "party/one",
        "basis": "press",
        "relayed": None,
        "key": None,
    }
    told |= {"sources": (SourceRef(source="source/post"),), "effective": FIRST, "acted": None}
    if name == "reserve.forfeited":
        told["seizures"] = None  # they would have to be recorded before
    first: Any = replace(example, **told, zone=None, place=None, note=None)
    key = {*family(name).key, "ground"}
    if "side" in key:
        key |= {"party", "for_", "mode"}
    own = [f.name for f in fields(first) if f.name not in COMMON | key]
    for field in own:
        for value in others(name, field, getattr(first, field)):
            other = replace(first, **{field: value})
            try:
                validation.admit(name, validation.body_data(other))
            except (ValueError, TypeError):
                continue
            return first, other
    return first, None


def others(name: str, field: str, value: Any) -> Iterator[Any]:
    """Yield other values for a field, of which one may be allowed."""
    given = type_schema(name)["properties"][json_name(field)]
    yield from (word for word in given.get("enum", ()) if word != value)
    if isinstance(value, str):
        yield from ("party/someone-else", "law/another", "another", "2024-01-01", "1" * 64)
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, Rule):
        yield replace(value, delay="P7D")
    elif isinstance(value, tuple) and value:
        yield from (("party/someone-else",), ("another",))
    elif isinstance(value, Quantity):
        yield Quantity(unit=value.unit, lower=1, upper=1)


def written() -> str:
    """Return the table as text, its columns wide enough for what stands in them."""
    table = [HEAD, *rows()]
    widths = [max(len(row[at]) for row in table) for at in range(len(HEAD))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in table
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def test_what_comes_of_each_type_said_twice_stands_in_the_table() -> None:
    assert written() == TABLE.read_text(encoding="utf-8")


if __name__ == "__main__":
    TABLE.write_text(written(), encoding="utf-8")
