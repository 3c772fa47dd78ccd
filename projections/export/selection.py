"""Select the claims to export, by kind and by clock, and lay a claim out in flat columns.

Selected are those recorded by K, public by P, and not certainly begun later than D. The exported
form of a claim never depends on a clock. The columns are derived from the kind's types, so that a
column stands for the same field, and holds the same type, in every export: text, whole numbers
(bitcoin in sats, money in its minor unit, a price in the unit beside it, of which `digits` stand
behind the point) or true. What has parts of its own has a column a part; a
list is one text, joined by `; `. No cell is JSON.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from events.amounts import Quantity, Units, money_of
from events.body import Body
from events.catalogue import all_types, body_class, types_for
from events.fields import Field, fields_of
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from events.text import flat_text
from events.value import is_value
from projections.read_model.database import ReadModel


class Selection(NamedTuple):
    """The kinds and the clocks to select by; None and an empty choice of kinds exclude nothing."""

    kinds: tuple[str, ...] = ()
    as_of: date | None = None
    public_at: date | None = None
    known_at: int | None = None

    @property
    def plain(self) -> bool:
        """Say whether the event log alone decides what is selected."""
        return self.as_of is None and self.public_at is None


# The columns of a claim in the read model: its days and its data, as text.
FIELDS = (
    *("position", "thing", "version", "kind", "topic", "time", "first_on", "last_on"),
    *("published_on", "data"),
)

_ALWAYS = date.min.isoformat()  # the recorder's own claims are always public: no day to show


def selected_rows(
    record: RecordReader, answers: ReadModel | None, choice: Selection
) -> Iterator[Row]:
    """Yield the selected events as they are stored; `answers` is read where days count."""
    wanted = None if answers is None or choice.plain else _positions(answers, choice)
    for row in record.rows(until=choice.known_at):
        of_kind = not choice.kinds or row.thing.partition("/")[0] in choice.kinds
        if of_kind and (wanted is None or row.position in wanted):
            yield row


def selected_claim_rows(answers: ReadModel, choice: Selection) -> Iterator[dict[str, Any]]:
    """Yield the selected claims as the read model keeps them, in the order recorded."""
    where, values = _where(choice)
    sql = f"SELECT {', '.join(FIELDS)} FROM claims WHERE {where} ORDER BY position"  # noqa: S608
    for found in answers.connection.execute(sql, values):
        claim = dict(zip(FIELDS, found, strict=True))
        if claim["published_on"] == _ALWAYS:
            claim["published_on"] = None
        yield claim


def _positions(answers: ReadModel, choice: Selection) -> frozenset[int]:
    where, values = _where(choice)
    found = answers.connection.execute(f"SELECT position FROM claims WHERE {where}", values)  # noqa: S608
    return frozenset(position for (position,) in found)


def _where(choice: Selection) -> tuple[str, Sequence[Any]]:
    parts: list[str] = ["position > 0"]
    values: list[Any] = []
    if choice.kinds:
        parts.append(f"kind IN ({', '.join('?' * len(choice.kinds))})")
        values += choice.kinds
    if choice.known_at is not None:
        parts.append("position <= ?")
        values.append(choice.known_at)
    if choice.as_of is not None:
        parts.append("(first_on IS NULL OR first_on <= ?)")
        values.append(choice.as_of.isoformat())
    if choice.public_at is not None:
        parts.append("published_on <= ?")
        values.append(choice.public_at.isoformat())
    return " AND ".join(parts), values


ReadColumn = Callable[[dict[str, Any]], Any]


class ExportColumn(NamedTuple):
    """A column: name, SQLite type, JSON path (None: none), how it is read; is it a list, a mark?"""

    name: str
    type: str
    path: str | None
    take: ReadColumn
    listed: bool = False
    mark: bool = False


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
_MARKS = ("lower_open", "upper_open", "approximate")


@cache
def columns_of(kind: str | None) -> tuple[ExportColumn, ...]:
    """Return the columns of the fields of a kind's types; for no kind, of those of all types."""
    types = types_for(kind) if kind else all_types()
    found = {column.name: column for column in _columns_of(Body)}
    for type_ in types:
        for column in _columns_of(body_class(type_)):
            known = found.setdefault(column.name, column)
            if (known.type, known.mark) != (column.type, column.mark):
                found[column.name] = known._replace(type="TEXT", mark=False)
    return tuple(found.values())


def column_names(kind: str | None) -> tuple[str, ...]:
    """Return the names of all columns of a flat claim, of one kind or of all."""
    return (*FIRST, *DAYS, *(column.name for column in columns_of(kind)))


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
    return (*first, *days, *fields)


def _columns_of(cls: Any) -> Iterator[ExportColumn]:
    for name, field in fields_of(cls).items():
        for column in _columns(name, field):
            taken = column.name in (*FIRST, *DAYS)  # written as in a file of facts: `type_`
            yield column._replace(name=f"{column.name}_") if taken else column


def _columns(name: str, field: Field, within: tuple[str, ...] = ()) -> Iterator[ExportColumn]:
    path = (*within, name)
    column = "_".join(path)
    if field.inner is Quantity:
        for part, type_ in _AMOUNT:
            found = _column(f"{column}_{part}", type_, (*path, part))
            yield found._replace(mark=part in _MARKS)
        if "price" in getattr(field.marker(Units), "units", ()):
            yield ExportColumn(f"{column}_digits", "INTEGER", None, _digits(path))
    elif name == "sources":
        yield ExportColumn(
            column,
            "TEXT",
            None,
            lambda data: "; ".join(one["source"] for one in data.get("sources") or ()) or None,
        )
    elif is_value(field.inner):
        for part, of_part in fields_of(field.inner).items():
            yield from _columns(part, of_part, path)
    else:
        number = field.inner is int or field.is_mark
        listed = field.member is not None
        yield _column(column, "INTEGER" if number else "TEXT", path)._replace(
            listed=listed, mark=field.is_mark
        )


def _digits(path: tuple[str, ...]) -> ReadColumn:
    """Return how many digits of a price's bounds stand behind the point: its unit says."""
    unit = _column("", "TEXT", (*path, "unit")).take

    def take(data: Any) -> Any:
        named = unit(data)
        return named and money_of(named)[1]

    return take


def _column(name: str, type_: str, path: tuple[str, ...]) -> ExportColumn:
    def take(data: Any) -> Any:
        for part in path:
            data = data.get(part) if isinstance(data, dict) else None
        return flat_text(data) if isinstance(data, (dict, list)) else data

    return ExportColumn(name, type_, f"$.{'.'.join(path)}", take)
