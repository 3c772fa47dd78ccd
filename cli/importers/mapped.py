"""How does a row of any table become facts, by a map of its columns?"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from cli.errors.exit_codes import USAGE, CounterError
from cli.facts import no_positions
from cli.importers.cells import Cell, Given, Reject, beyond, by_name, table
from cli.importers.mapping import FactMap, Mapping_
from cli.importers.parties import Parties, no_party
from domain.decisions.bulk import Fact
from events.body import RECORDER
from events.catalogue import body_class
from events.dates import parse_date
from events.intake.field_parser import ShortNames, read_fields
from events.validation import BodyError

_NAMES = ShortNames({}, no_positions)
_column = re.compile(r"\{([^{}|]+)(\|slug)?\}").sub


class UnreadableError(ValueError):
    """A cell says what its map says, or becomes no fact."""

    name = "illegible"


class NobodyError(UnreadableError):
    """The party of a row is one of the register's, or of the map's."""

    name = "unknown-party"


def given(paths: Iterable[Path], mapping: Mapping_, parties: Parties) -> Iterator[Given]:
    """Yield the facts that come first, then those of each row of each file."""
    for one in mapping.first:
        data = read_fields(body_class(one.type), {**_told(one.fields)}, _NAMES)
        yield Fact(one.thing, one.type, data, introduces=True)
    for path in paths:
        header, rows = table(path)
        _check_columns(path, header, mapping)
        for number, row in rows:
            cells = by_name(header, row)
            yield from beyond(path.name, header, number, row)
            for one in mapping.facts:
                when = one.when or header[0]
                if cells[when] and cells[when] not in mapping.unknown:
                    cell = Cell(path.name, number, when, cells[when])
                    yield from _of_row(one, cell, cells, mapping, parties)


def _of_row(
    one: FactMap, cell: Cell, cells: Mapping[str, str], mapping: Mapping_, parties: Parties
) -> Iterator[Given]:
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
        yield Fact(_filled(one.thing, cells, slugs=True), one.type, data, cell)
    except UnreadableError as error:
        yield Reject(cell, error.name, str(error))
    except BodyError as error:
        yield Reject(cell, "not-well-formed", str(error))


def _value(how: Any, cells: Mapping[str, str], mapping: Mapping_, parties: Parties) -> Any:
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
        raise NobodyError(no_party(text)[1])
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


def _check_columns(path: Path, header: list[str], mapping: Mapping_) -> None:
    named = {how["column"] for one in mapping.facts for how in one.fields.values() if _reads(how)}
    named |= {one.when for one in mapping.facts if one.when}
    if missing := sorted(named - set(header)):
        why = f"{path} has no column '{missing[0]}', but {', '.join(header)}"
        raise CounterError(USAGE, "the map is of another table", why, "name its columns as it does")


def _reads(how: Any) -> bool:
    return isinstance(how, dict) and "column" in how
