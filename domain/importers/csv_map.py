"""Read the rows of any table as facts, by a map of its columns in TOML.

Each `[[fact]]` makes at most one fact of a row. A field is a constant, a text with columns in
braces, or a table that says how a column is read:

    effective = { column = "Date", as = "date", formats = ["%d/%m/%Y"], unknown = ["9999-12-31"] }
    party     = { column = "State", as = "party" }
    mode      = { column = "How", values = { Acc = "accession", Rat = "ratification" } }
    amount    = { column = "BTC", as = "amount", unit = "BTC" }
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
)

from domain.decisions.batch import Command
from domain.importers.cells import (
    FactOrReject,
    Reject,
    SourceCell,
    cells_beyond_header,
    cells_by_name,
    read_table,
)
from domain.importers.register import Parties, no_party
from events.body import RECORDER
from events.catalogue import all_types, body_class
from events.dates import parse_date
from events.errors import NotUnderstoodError
from events.intake.fact_file import no_positions
from events.intake.field_parser import ShortNames, read_fields
from events.store.plain_files import read_plain
from events.validation import BodyError

MAX_MAP_BYTES = 1_000_000
_NAMES = ShortNames({}, no_positions)
_WANTED = {"dict_type": "a table", "list_type": "a list", "string_type": "a text"}
_READINGS = ("amount", "date", "party", "slug", "text")
_column = re.compile(r"\{([^{}|]+)(\|slug)?\}").sub


class ImportMapError(NotUnderstoodError):
    """A map is TOML that says what each column of its table means."""


class _Table(BaseModel):
    """A table of a map: a key that is none of its own would be read by no one."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _known_type(name: str) -> str:
    if name not in all_types():
        raise ValueError(f"'{name}' is no type: depositary schema")
    return name


class UnreadableError(ValueError):
    """A cell says what its map says, or becomes no fact."""

    name = "illegible"


class UnknownPartyError(UnreadableError):
    """The party of a row is one of the register's, or of the map's."""

    name = "unknown-party"


class ColumnReading(_Table):
    """A field that is read from a column: how, and which texts stand for what."""

    column: str
    as_: Literal["amount", "date", "party", "slug", "text"] = Field("text", alias="as")
    values: dict[str, str] | None = None
    formats: list[str] = []
    unknown: list[str] = []
    unit: str = ""
    span: str | None = None


def _how(given: Any) -> str:
    return "column" if isinstance(given, dict) and "column" in given else "constant"


# A constant is what a fact file may hold: `read_fields` says what is wrong with one.
MappedField = Annotated[
    Annotated[ColumnReading, Tag("column")] | Annotated[Any, Tag("constant")],
    Discriminator(_how),
]


class FactMap(_Table):
    """A fact of a row: its type, its subject as a text with columns, when there is one, its fields.

    `when` names the column that must not be empty, and that a report names; None: the first.
    """

    type: Annotated[str, AfterValidator(_known_type)]
    subject: str = Field(validation_alias=AliasChoices("subject", "thing"))
    when: str | None = None
    fields: dict[str, MappedField] = {}


class CsvMap(_Table):
    """A whole map: what comes first and once, what each row says, names of parties, unknowns."""

    fact: list[FactMap] = Field(min_length=1)
    first: list[FactMap] = []
    parties: dict[str, str] = {}
    defaults: dict[str, MappedField] = {}
    unknown: list[str] = []


def read_map(path: Path) -> CsvMap:
    """Return the map in a file; raise ImportMapError."""
    try:
        found = tomllib.loads(read_plain(path, MAX_MAP_BYTES).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, str(error)) from None
    try:
        read = CsvMap.model_validate(found)
    except ValidationError as error:
        raise _wrong(path, _explained(error.errors(include_url=False)[0])) from None
    every = [*read.first, *read.fact]
    merged = [one.model_copy(update={"fields": _with_defaults(one, read)}) for one in every]
    first = len(read.first)
    return read.model_copy(update={"first": merged[:first], "fact": merged[first:]})


def _with_defaults(one: FactMap, read: CsvMap) -> dict[str, Any]:
    """Return the fields of a fact; one of the recorder's own has no source of others."""
    alone = one.fields.get("basis") == "recorder"
    return one.fields if alone else {**read.defaults, **one.fields}


def read_mapped_table(
    paths: Iterable[Path], mapping: CsvMap, parties: Parties
) -> Iterator[FactOrReject]:
    """Yield the facts that come first, then those of each row of each file."""
    for one in mapping.first:
        data = read_fields(body_class(one.type), {**_told(one.fields)}, _NAMES)
        yield Command(one.subject, one.type, data, introduces=True)
    for path in paths:
        header, rows = read_table(path)
        _check_columns(path, header, mapping)
        for number, row in rows:
            cells = cells_by_name(header, row)
            yield from cells_beyond_header(path.name, header, number, row)
            for one in mapping.fact:
                when = one.when or header[0]
                if cells[when] and cells[when] not in mapping.unknown:
                    cell = SourceCell(path.name, number, when, cells[when])
                    yield from _of_row(one, cell, cells, mapping, parties)


def _explained(problem: Any) -> str:
    """Return what is wrong with a map, and where: `fact 1, amount: ...`."""
    at = list(problem["loc"])
    names = [part for part in at[:-1] if part not in ("fields", "constant")] + at[-1:]
    table: type[BaseModel] = CsvMap
    where = "the map"
    if len(names) > 1 and names[0] in ("fact", "first"):
        where, table = f"fact {names[1] + 1}", FactMap
        names = names[2:]
    if "column" in names[:2] and len(names) > 2:  # the tag of a field that is read from one
        where, table = f"{where}, {names[0]}", ColumnReading
        names = names[2:]
    name = ".".join(map(str, names))
    match problem["type"]:
        case "extra_forbidden":
            known = sorted(field.alias or key for key, field in table.model_fields.items())
            return f"{where} knows no '{name}', but {', '.join(known)}"
        case "missing" | "too_short" if name == "fact":
            return "there is no [[fact]]"
        case "missing" if name == "subject":
            return f"{where} needs a subject, such as agreement/{{Treaty}}"
        case "missing":
            return f"{where} needs a {name}"
        case "value_error":
            return f"{where}: {problem['ctx']['error']}"
        case "literal_error":
            return f"{where}: '{problem['input']}' is none of {', '.join(_READINGS)}"
        case "list_type" | "model_type" if name in ("fact", "first"):
            return f"{name} is a table of its own each time: [[{name}]]"
    wanted = _WANTED.get(problem["type"], "of another kind")
    return f"{where}: {name} is to be {wanted}"


def _wrong(path: Path, why: str) -> ImportMapError:
    then = "see examples/copyright-membership.toml"
    return ImportMapError("the map is not understood", f"{path}: {why}", then)


def _of_row(
    one: FactMap, cell: SourceCell, cells: Mapping[str, str], mapping: CsvMap, parties: Parties
) -> Iterator[FactOrReject]:
    for how in one.fields.values():
        if isinstance(how, ColumnReading) and how.as_ == "party" and cells[how.column]:
            yield from parties.known(cells[how.column])
    try:
        fields = {
            name: value
            for name, how in one.fields.items()
            if (value := _value(how, cells, mapping, parties)) is not None
        }
        data = read_fields(body_class(one.type), _told(fields), _NAMES)
        yield Command(_filled(one.subject, cells, slugs=True), one.type, data, cell)
    except UnreadableError as error:
        yield Reject(cell, error.name, str(error))
    except BodyError as error:
        yield Reject(cell, "not-well-formed", str(error))


def _value(how: Any, cells: Mapping[str, str], mapping: CsvMap, parties: Parties) -> Any:
    """Return what a field of the map says in a row, None where the row leaves it unknown."""
    if isinstance(how, str):
        return _filled(how, cells) if "{" in how else how
    if not isinstance(how, ColumnReading):
        return how
    text = cells[how.column]
    if not text or text in mapping.unknown or text in how.unknown:
        return None
    if how.values is not None:
        if text not in how.values:
            raise UnreadableError(f"{how.column}: '{text}' is none of {', '.join(how.values)}")
        return how.values[text] or None
    match how.as_:
        case "party":
            return _party(text, parties)
        case "date":
            day = _day(text, tuple(how.formats))
            return day if how.span is None else how.span.replace("{}", day)
        case "amount":
            return f"{text} {how.unit}".strip()
        case "slug":
            return _slug(text)
    return text


def _party(text: str, parties: Parties) -> str:
    found = parties.id_of(text)
    if found is None:
        raise UnknownPartyError(no_party(text)[1])
    return found


@cache
def _day(text: str, formats: tuple[str, ...]) -> str:
    """Return a day in EDTF: by one of the formats, or as it stands if there is none."""
    for form in formats:
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day
        except ValueError:
            continue
    try:
        return parse_date(text).text
    except ValueError as error:
        raise UnreadableError(str(error)) from None


def _filled(text: str, cells: Mapping[str, str], *, slugs: bool = False) -> str:
    def cell(match: re.Match[str]) -> str:
        found = cells.get(match[1], "")
        return _slug(found) if slugs or match[2] else found

    return str(_column(cell, text))


def _told(fields: Mapping[str, Any]) -> dict[str, Any]:
    if fields.get("basis") == "recorder":
        return {"asserted_by": RECORDER, **fields}
    return dict(fields)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _check_columns(path: Path, header: list[str], mapping: CsvMap) -> None:
    columns = (how for one in mapping.fact for how in one.fields.values())
    named = {how.column for how in columns if isinstance(how, ColumnReading)}
    named |= {one.when for one in mapping.fact if one.when}
    if missing := sorted(named - set(header)):
        why = f"{path} has no column '{missing[0]}', but {', '.join(header)}"
        then = "name its columns as it does"
        raise ImportMapError("the map is of another table", why, then)
