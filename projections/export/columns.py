"""Lay a claim of a kind out in flat columns.

The columns are derived from the kind's types, so that a column stands for the same field, and
holds the same type, in every export: text, whole numbers (bitcoin in sats, money in its minor
unit) or true. A set of ids is one text with spaces between; what has parts of its own is JSON.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from events.amounts import Quantity
from events.body import Body
from events.catalogue import body_class, types_for
from events.intake.field_spec import Field, fields_of

ReadColumn = Callable[[dict[str, Any]], Any]


class ExportColumn(NamedTuple):
    """A column: its name, its SQLite type, the JSON path of its value, and how it is read.

    `path` is None where SQLite cannot read the value by a path.
    """

    name: str
    type: str
    path: str | None
    take: ReadColumn


FIRST = ("position", "id", "subject", "kind", "type", "recorded")
DAYS = ("first_on", "last_on", "published_on")
_AMOUNT = (
    ("unit", "TEXT"),
    ("lower", "INTEGER"),
    ("upper", "INTEGER"),
    ("lower_open", "INTEGER"),
    ("upper_open", "INTEGER"),
    ("approximate", "INTEGER"),
    ("words", "TEXT"),
)


@cache
def columns_of(kind: str | None) -> tuple[ExportColumn, ...]:
    """Return the columns of the fields of a kind's types; for no kind, of every fact's fields."""
    types = types_for(kind) if kind else ()
    found = {column.name: column for column in _columns_of(Body)}
    for type_ in types:
        for column in _columns_of(body_class(type_)):
            found.setdefault(column.name, column)
    return tuple(found.values())


def column_names(kind: str | None) -> tuple[str, ...]:
    """Return the names of all columns of a flat claim; without one kind the last is its JSON."""
    fields = tuple(column.name for column in columns_of(kind))
    return (*FIRST, *DAYS, *fields, *(() if kind else ("data",)))


def flatten_claim(claim: dict[str, Any], kind: str | None) -> tuple[Any, ...]:
    """Return a claim's values in the order of the columns; None where there is none."""
    data = json.loads(claim["data"])
    thing = claim["thing"]
    type_ = claim["topic"].rpartition(".")[0]
    first = (
        claim["position"],
        f"{thing}/{claim['version']}",
        thing,
        claim["kind"],
        type_,
        claim["time"],
    )
    days = (claim["first_on"], claim["last_on"], claim["published_on"])
    fields = (column.take(data) for column in columns_of(kind))
    return (*first, *days, *fields, *(() if kind else (claim["data"],)))


def _columns_of(cls: Any) -> Iterator[ExportColumn]:
    for name, field in fields_of(cls).items():
        for column in _columns(name, field):
            taken = column.name in (*FIRST, *DAYS)  # written as in a file of facts: `type_`
            yield column._replace(name=f"{column.name}_") if taken else column


def _columns(name: str, field: Field) -> Iterator[ExportColumn]:
    if field.inner is Quantity:
        for part, type_ in _AMOUNT:
            yield ExportColumn(f"{name}_{part}", type_, f"$.{name}.{part}", _part(name, part))
    elif name == "sources":
        yield ExportColumn(name, "TEXT", None, lambda data: _sources(data.get("sources")))
    elif field.inner is int or field.is_mark:
        yield ExportColumn(name, "INTEGER", f"$.{name}", lambda data: data.get(name))
    else:
        yield ExportColumn(name, "TEXT", f"$.{name}", lambda data: _text(data.get(name)))


def _part(name: str, part: str) -> ReadColumn:
    def take(data: dict[str, Any]) -> Any:
        amount = data.get(name)
        return amount.get(part) if isinstance(amount, dict) else None

    return take


def _sources(given: Any) -> str | None:
    return " ".join(source["source"] for source in given) if given else None


def _text(given: Any) -> Any:
    if isinstance(given, list) and all(isinstance(one, str) and " " not in one for one in given):
        return " ".join(given)
    if isinstance(given, (dict, list)):
        return json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return given
