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
from typing import Any, NamedTuple

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
from events.validation import BodyError

_TOP = {"fact", "first", "parties", "defaults", "unknown"}
_FACT = {"type", "thing", "when", "fields"}
_READINGS = {"text", "date", "party", "amount", "slug"}
_COLUMN = {"column", "as", "values", "formats", "unknown", "unit", "span"}
_NAMES = ShortNames({}, no_positions)
_column = re.compile(r"\{([^{}|]+)(\|slug)?\}").sub


class ImportMapError(NotUnderstoodError):
    """A map is TOML that says what each column of its table means."""


class UnreadableError(ValueError):
    """A cell says what its map says, or becomes no fact."""

    name = "illegible"


class UnknownPartyError(UnreadableError):
    """The party of a row is one of the register's, or of the map's."""

    name = "unknown-party"


class FactMap(NamedTuple):
    """A fact of a row: its type, its thing as a text with columns, when there is one, its fields.

    `when` names the column that must not be empty, and that a report names; None: the first.
    """

    type: str
    thing: str
    when: str | None
    fields: Mapping[str, Any]


class CsvMap(NamedTuple):
    """A whole map: what comes first and once, what each row says, names of parties, unknowns."""

    first: tuple[FactMap, ...]
    facts: tuple[FactMap, ...]
    aliases: Mapping[str, str]
    unknown: frozenset[str]


def read_map(path: Path) -> CsvMap:
    """Return the map in a file; raise ImportMapError."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, str(error)) from None
    _only(path, "the map", found, _TOP)
    for name in ("fact", "first"):
        listed = found.get(name, [])
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise _wrong(path, f"{name} is a table of its own each time: [[{name}]]")
    if not found.get("fact"):
        raise _wrong(path, "there is no [[fact]]")
    defaults = found.get("defaults", {})
    return CsvMap(
        tuple(_fact(path, n, one, defaults) for n, one in enumerate(found.get("first", ()), 1)),
        tuple(_fact(path, n, one, defaults) for n, one in enumerate(found["fact"], 1)),
        found.get("parties", {}),
        frozenset(found.get("unknown", ())),
    )


def read_mapped_table(
    paths: Iterable[Path], mapping: CsvMap, parties: Parties
) -> Iterator[FactOrReject]:
    """Yield the facts that come first, then those of each row of each file."""
    for one in mapping.first:
        data = read_fields(body_class(one.type), {**_told(one.fields)}, _NAMES)
        yield Command(one.thing, one.type, data, introduces=True)
    for path in paths:
        header, rows = read_table(path)
        _check_columns(path, header, mapping)
        for number, row in rows:
            cells = cells_by_name(header, row)
            yield from cells_beyond_header(path.name, header, number, row)
            for one in mapping.facts:
                when = one.when or header[0]
                if cells[when] and cells[when] not in mapping.unknown:
                    cell = SourceCell(path.name, number, when, cells[when])
                    yield from _of_row(one, cell, cells, mapping, parties)


def _fact(
    path: Path, number: int, given: Mapping[str, Any], defaults: Mapping[str, Any]
) -> FactMap:
    where = f"fact {number}"
    _only(path, where, given, _FACT)
    if given.get("type") not in all_types():
        raise _wrong(path, f"{where}: '{given.get('type')}' is no type: depositary schema")
    if not isinstance(given.get("thing"), str):
        raise _wrong(path, f"{where} needs a thing, such as agreement/{{Treaty}}")
    own = given.get("fields", {})
    for name, value in own.items():
        if isinstance(value, dict) and "column" in value:
            _only(path, f"{where}, {name}", value, _COLUMN)
            if value.get("as", "text") not in _READINGS:
                words = f"'{value['as']}' is none of {', '.join(sorted(_READINGS))}"
                raise _wrong(path, f"{where}, {name}: {words}")
    # A fact of the recorder's own has no source of others.
    alone = own.get("basis") == "recorder"
    return FactMap(
        given["type"], given["thing"], given.get("when"), own if alone else {**defaults, **own}
    )


def _only(path: Path, where: str, given: Mapping[str, Any], known: set[str]) -> None:
    if odd := sorted(set(given) - known):
        raise _wrong(path, f"{where} knows no '{odd[0]}', but {', '.join(sorted(known))}")


def _wrong(path: Path, why: str) -> ImportMapError:
    then = "see examples/copyright-membership.toml"
    return ImportMapError("the map is not understood", f"{path}: {why}", then)


def _of_row(
    one: FactMap, cell: SourceCell, cells: Mapping[str, str], mapping: CsvMap, parties: Parties
) -> Iterator[FactOrReject]:
    for how in one.fields.values():
        if isinstance(how, dict) and how.get("as") == "party" and cells[how["column"]]:
            yield from parties.known(cells[how["column"]])
    try:
        fields = {
            name: value
            for name, how in one.fields.items()
            if (value := _value(how, cells, mapping, parties)) is not None
        }
        data = read_fields(body_class(one.type), _told(fields), _NAMES)
        yield Command(_filled(one.thing, cells, slugs=True), one.type, data, cell)
    except UnreadableError as error:
        yield Reject(cell, error.name, str(error))
    except BodyError as error:
        yield Reject(cell, "not-well-formed", str(error))


def _value(how: Any, cells: Mapping[str, str], mapping: CsvMap, parties: Parties) -> Any:
    """Return what a field of the map says in a row, None where the row leaves it unknown."""
    if isinstance(how, str):
        return _filled(how, cells) if "{" in how else how
    if not isinstance(how, dict) or "column" not in how:
        return how
    text = cells[how["column"]]
    if not text or text in mapping.unknown or text in how.get("unknown", ()):
        return None
    if "values" in how:
        if text not in how["values"]:
            raise UnreadableError(
                f"{how['column']}: '{text}' is none of {', '.join(how['values'])}"
            )
        return how["values"][text] or None
    match how.get("as", "text"):
        case "party":
            return _party(text, parties)
        case "date":
            day = _day(text, tuple(how.get("formats", ())))
            return how["span"].replace("{}", day) if "span" in how else day
        case "amount":
            return f"{text} {how.get('unit', '')}".strip()
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
    named = {how["column"] for one in mapping.facts for how in one.fields.values() if _reads(how)}
    named |= {one.when for one in mapping.facts if one.when}
    if missing := sorted(named - set(header)):
        why = f"{path} has no column '{missing[0]}', but {', '.join(header)}"
        then = "name its columns as it does"
        raise ImportMapError("the map is of another table", why, then)


def _reads(how: Any) -> bool:
    return isinstance(how, dict) and "column" in how
