"""Read a map: TOML that says what the columns of a table mean, key by key.

Each `[[fact]]` makes at most one fact of a row, or of each of the wide `columns` that it names. A
field is a constant, a text with columns in braces, a list or a table of these, or a table that says
how a column is read:

    effective = { column = "Date", as = "date", formats = ["%d/%m/%Y"], unknown = ["9999-12-31"] }
    party     = { column = "State", as = "party", codes = "iso3" }
    mode      = { column = "How", values = { Acc = "accession", Rat = "ratification" } }
    amount    = { column = "BTC", as = "amount", unit = "BTC" }
    sources   = [{ source = "source/sec-{Filing}", title = "{Form}", published = "{Filed}" }]

A map is checked against the types of its facts before the first row is read. docs/imports.md
explains every key.
"""

import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
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

from domain.importers.cell_dates import DayFormats, check_formats
from domain.importers.cell_numbers import Marks
from domain.importers.register import SCHEMES
from domain.importers.tables import TableForm
from events import fields as event_fields
from events.amounts import QuantityError, Units, read_quantity
from events.body import RECORDER
from events.catalogue import all_types, body_class, types_for
from events.dates import parse_date
from events.errors import NotUnderstoodError
from events.identifiers import KINDS
from events.intake.fact_file import no_positions
from events.intake.field_parser import ShortNames, read_fields
from events.store.plain_files import read_plain
from events.validation import BodyError, problems

MAX_MAP_BYTES = 1_000_000
_WANTED = {"dict_type": "a table", "list_type": "a list", "string_type": "a text"}
_WANTED |= {"int_type": "a whole number", "bool_type": "true or false"}
NAMES = ShortNames({}, no_positions)
COLUMNS_IN = re.compile(r"\{([^{}|]+)(\|slug)?\}")
READINGS = ("amount", "date", "number", "party", "slug", "text")


class ImportMapError(NotUnderstoodError):
    """A map is TOML that says what each column of its table means."""


class _Table(BaseModel):
    """A table of a map: a key that is none of its own would be read by no one."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _known_type(name: str) -> str:
    if name not in all_types():
        near = get_close_matches(name, all_types(), 1)
        raise ValueError(
            f"'{name}' is not a type: "
            + (f"did you mean {near[0]}?" if near else "depositary schema")
        )
    return name


def _known_codes(name: str | None) -> str | None:
    if name is not None and name not in SCHEMES:
        raise ValueError(f"'{name}' is not a list of codes, but {', '.join(SCHEMES)}")
    return name


def _one_mark(mark: str) -> str:
    if len(mark) > 1:
        raise ValueError(f"'{mark}' is more than one character")
    return mark


Column = str | int
Codes = Annotated[str | None, AfterValidator(_known_codes)]
Mark = Annotated[str, AfterValidator(_one_mark)]


class ColumnReading(_Table):
    """A field that is read from a column: how, and which texts stand for what.

    `split` is what stands between several values, `else` the text where the cell says nothing that
    counts, `rest` the field that takes a text too long for this one. `span` sets a day into words
    such as `{}/..`.
    """

    column: Column
    as_: Literal["amount", "date", "number", "party", "slug", "text"] = Field("text", alias="as")
    values: dict[str, str] | None = None
    unknown: list[str] = []
    else_: str | None = Field(None, alias="else")
    unit: str = ""
    split: str = ""
    span: str | None = None
    rest: str | None = None
    codes: Codes = None
    formats: list[str] | None = None
    century: int | None = None
    decimal: Mark | None = None
    thousands: Mark | None = None


def _how(given: Any) -> str:
    return "column" if isinstance(given, dict) and "column" in given else "constant"


# A constant is what a fact file may hold: `read_fields` says what is wrong with one.
MappedField = Annotated[
    Annotated[ColumnReading, Tag("column")] | Annotated[Any, Tag("constant")], Discriminator(_how)
]


class Condition(_Table):
    """The rows of which a fact is made: a column's cell is one of `is`, or none of `not`."""

    column: Column
    is_: list[str] | None = Field(None, alias="is")
    not_: list[str] = Field([], alias="not")


Conditions = Annotated[list[Column | Condition], Field(min_length=1)]


class FactMap(_Table):
    """A fact of a row: its type, its subject as a text with columns, when there is one, its fields.

    `when` names the column that must not be empty, and that a report names (absent: the first), or
    says which of its cells count; of a list all hold, and of its other columns `not` holds for an
    empty cell too. `columns` are wide ones: the fact is made of each, which `@cell`
    and `@name` name. `once`: only where nothing is recorded of the subject yet.
    """

    type: Annotated[str, AfterValidator(_known_type)]
    subject: str = Field(validation_alias=AliasChoices("subject", "thing"))
    when: Column | Condition | Conditions | None = None
    columns: list[Column] = []
    once: bool = False
    fields: dict[str, MappedField] = {}


class CsvMap(_Table):
    """A whole map: the table's form, what comes first and once, what each row says, unknowns."""

    fact: list[FactMap] = Field(min_length=1)
    first: list[FactMap] = []
    parties: dict[str, str] = {}
    defaults: dict[str, MappedField] = {}
    unknown: list[str] = []
    ignore: list[Column] = []
    delimiter: Mark = ""
    encoding: str = ""
    skip: Annotated[int, Field(ge=0)] = 0
    header: bool = True
    sheet: str = ""
    codes: Codes = None
    formats: list[str] = []
    century: int | None = None
    decimal: Mark | None = None
    thousands: Mark | None = None
    published: Annotated[str, AfterValidator(lambda text: parse_date(text).text)] | None = None

    @property
    def form(self) -> TableForm:
        """Return what the map says of the file itself."""
        return TableForm(self.delimiter, self.encoding, self.skip, self.header, self.sheet)

    def days(self, how: ColumnReading | None = None) -> DayFormats:
        """Return how a column writes days."""
        formats = self.formats if how is None or how.formats is None else how.formats
        own = None if how is None else how.century
        return DayFormats(tuple(formats), self.century if own is None else own)

    def marks(self, how: ColumnReading) -> Marks:
        """Return what sets decimals and thousands off in a column."""
        own = how.decimal, how.thousands
        return Marks(
            *(mine or ours for mine, ours in zip(own, (self.decimal, self.thousands), strict=True))
        )


def read_map(path: Path) -> CsvMap:
    """Return the map in a file; raise ImportMapError."""
    try:
        found = tomllib.loads(read_plain(path, MAX_MAP_BYTES).decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise wrong_map(path, str(error)) from None
    try:
        read = CsvMap.model_validate(found)
    except ValidationError as error:
        raise wrong_map(path, _explained(error.errors(include_url=False)[0])) from None
    every = [*read.first, *read.fact]
    merged = [one.model_copy(update={"fields": _with_defaults(one, read)}) for one in every]
    first = len(read.first)
    made = read.model_copy(update={"first": merged[:first], "fact": merged[first:]})
    if problem := next(_problems(made), None):
        raise wrong_map(path, problem)
    return made


def of_day(read: CsvMap, day: str) -> CsvMap:
    """Return a map of a table that was published on a day (EDTF), whatever day the map says.

    The sources that it cites without a column in them are the table, and have its day too.
    """

    def dated(given: Any) -> Any:
        if isinstance(given, list):
            return [dated(one) for one in given]
        table = given if isinstance(given, dict) else {"source": given}
        by_row = any("{" in str(text) for text in table.values())
        return {"published": day, **table} if by_row else {**table, "published": day}

    def of_fact(one: FactMap) -> FactMap:
        sources = one.fields.get("sources")
        if sources is None or isinstance(sources, ColumnReading):
            return one
        return one.model_copy(update={"fields": {**one.fields, "sources": dated(sources)}})

    facts = {"first": list(map(of_fact, read.first)), "fact": list(map(of_fact, read.fact))}
    return read.model_copy(update={"published": day, **facts})


def has_columns(how: Any) -> bool:
    """Say whether there are columns in braces in a text, a list or a table."""
    return any(COLUMNS_IN.search(text) for text in _texts_in(how))


def _texts_in(how: Any) -> Iterator[str]:
    """Yield the texts of a field: it is one, or a list or table of them."""
    if isinstance(how, str):
        yield how
    elif isinstance(how, list | dict):
        for one in how.values() if isinstance(how, dict) else how:
            yield from _texts_in(one)


def wrong_map(path: Path, why: str) -> ImportMapError:
    """Return the refusal of a map."""
    return ImportMapError("the map is not understood", f"{path}: {why}", "depositary help map")


def _with_defaults(one: FactMap, read: CsvMap) -> dict[str, Any]:
    """Return the fields of a fact; one of the recorder's own has no source of others."""
    if one.fields.get("basis") == "recorder":
        return {"asserted_by": RECORDER, **one.fields}
    names = event_fields.fields_of(body_class(one.type))
    usual = {name: how for name, how in read.defaults.items() if name in names}
    given = {**usual, **one.fields}
    return {"asserted_by": RECORDER, **given} if given.get("basis") == "recorder" else given


def _problems(read: CsvMap) -> Iterator[str]:
    """Yield what is wrong with a map, held against the types of its facts."""
    if why := check_formats(read.days()):
        yield f"formats: {why}"
    known = {name for type_ in all_types() for name in event_fields.fields_of(body_class(type_))}
    for name in read.defaults:
        if name not in known:
            yield f"defaults: '{name}' is a field of no type"
    numbered = [("first", n, one) for n, one in enumerate(read.first, 1)]
    numbered += [("fact", n, one) for n, one in enumerate(read.fact, 1)]
    for what, number, one in numbered:
        for why in _problems_of_fact(one, read):
            yield f"{what} {number}{why}"


def _problems_of_fact(one: FactMap, read: CsvMap) -> Iterator[str]:
    wanted = event_fields.fields_of(body_class(one.type))
    for name, how in one.fields.items():
        if name not in wanted:
            near = get_close_matches(name, wanted, 1)
            meant = f": did you mean {near[0]}?" if near else f", but {', '.join(wanted)}"
            yield f", {name} is not a field of {one.type}{meant}"
            continue
        if isinstance(how, ColumnReading):
            yield from (f", {name}: {why}" for why in _problems_of_reading(how, wanted, name, read))
        else:
            choices = () if wanted[name].is_mark else wanted[name].choices
            if choices and isinstance(how, str) and "{" not in how and how not in choices:
                yield f", {name}: '{how}' is not one of {', '.join(choices)}"
    yield from (f", {why}" for why in _problems_of_constants(one, wanted))
    for name, field in wanted.items():
        if field.required and name not in one.fields:
            yield f": {name} is required by {one.type} and no column gives it"
    if one.fields.get("basis") != "recorder" and not one.fields.get("sources"):
        yield f": sources are required by {one.type} unless its basis is recorder"


def _problems_of_constants(one: FactMap, wanted: dict[str, event_fields.Field]) -> Iterator[str]:
    """Yield what is wrong with the subject of a fact, and with what is the same in every row."""
    read = {n: how for n, how in one.fields.items() if not isinstance(how, ColumnReading)}
    for name, how in {"subject": one.subject, **read}.items():
        for text in _texts_in(how):
            if {"{", "}"} & set(COLUMNS_IN.sub("", text)):
                yield f"{name}: '{text}' has a brace without its other: a column is {{Name}}"
    kind, slash, _ = one.subject.partition("/")
    if not slash or (kind in KINDS and one.type not in types_for(kind)):
        kinds = [kind for kind in KINDS if one.type in types_for(kind)]
        yield f"subject: {one.type} is about {' or '.join(kinds)}, such as {kinds[0]}/{{Name}}"
    constants = {n: how for n, how in read.items() if n in wanted and not has_columns(how)}
    cls = body_class(one.type)
    try:
        fixed = read_fields(cls, constants, NAMES)
    except BodyError as error:
        yield str(error)
        return
    for problem in problems(cls, fixed):
        if problem.field.partition(".")[0].partition("[")[0] in constants:
            yield f"{problem.field}: {problem.sentence}"


def _problems_of_reading(
    how: ColumnReading, wanted: dict[str, event_fields.Field], name: str, read: CsvMap
) -> Iterator[str]:
    choices = ("true", "false") if wanted[name].is_mark else wanted[name].choices
    for value in (how.values or {}).values():
        if choices and value and value not in choices:
            yield f"'{value}' is not one of {', '.join(choices)}"
    if choices and not how.values and how.as_ == "text":
        return  # its cells may be the words themselves
    if how.as_ == "date" and (why := check_formats(read.days(how))):
        yield why
    if how.as_ == "amount" and how.unit:
        units = wanted[name].marker(Units)
        try:
            read_quantity(f"1 {how.unit}", units.units if units else None)
        except QuantityError as error:
            yield f"unit: {error}"
    if how.rest is not None and how.rest not in wanted:
        yield f"rest: '{how.rest}' is not a field of the fact"


def _explained(problem: Any) -> str:
    """Return what is wrong with a map, and where: `fact 1, amount: ...`."""
    at = list(problem["loc"])
    names = [part for part in at[:-1] if part not in ("fields", "constant")] + at[-1:]
    names = [part for part in names if part not in ("str", "int", "Condition")] or names
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
            near = get_close_matches(name, known, 1, 0.7)
            meant = f"did you mean {near[0]}? It knows " if near else ""
            return f"{where} knows no '{name}', but {meant}{', '.join(known)}"
        case "missing" | "too_short" if name == "fact":
            return "there is no [[fact]]"
        case "missing" if name == "subject":
            return f"{where} needs a subject, such as agreement/{{Treaty}}"
        case "missing":
            return f"{where} needs a {name}"
        case "value_error":
            return f"{where}: {problem['ctx']['error']}"
        case "literal_error":
            return f"{where}: '{problem['input']}' is not one of {', '.join(READINGS)}"
        case "list_type" | "model_type" if name in ("fact", "first"):
            return f"{name} is a table of its own each time: [[{name}]]"
    wanted = _WANTED.get(problem["type"], "of another kind")
    return f"{where}: {name} is to be {wanted}"
