"""What do the columns of a table mean, as somebody wrote it down in TOML?

Each `[[fact]]` makes at most one fact of a row. A field is a constant, a text with columns in
braces, or a table that says how a column is read:

    effective = { column = "Date", as = "date", formats = ["%d/%m/%Y"], unknown = ["9999-12-31"] }
    party     = { column = "State", as = "party" }
    mode      = { column = "How", values = { Acc = "accession", Rat = "ratification" } }
    amount    = { column = "BTC", as = "amount", unit = "BTC" }
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cli.errors.exit_codes import USAGE, CounterError
from events.catalogue import all_types

_TOP = {"fact", "first", "parties", "defaults", "unknown"}
_FACT = {"type", "thing", "when", "fields"}
_READINGS = {"text", "date", "party", "amount", "slug"}
_COLUMN = {"column", "as", "values", "formats", "unknown", "unit", "span"}


class FactMap(NamedTuple):
    """A fact of a row: its type, its thing as a text with columns, when there is one, its fields.

    `when` names the column that must not be empty, and that a report names; None: the first.
    """

    type: str
    thing: str
    when: str | None
    fields: Mapping[str, Any]


class Mapping_(NamedTuple):  # noqa: N801 - Mapping is taken
    """A whole map: what comes first and once, what each row says, names of parties, unknowns."""

    first: tuple[FactMap, ...]
    facts: tuple[FactMap, ...]
    aliases: Mapping[str, str]
    unknown: frozenset[str]


def read_map(path: Path) -> Mapping_:
    """Return the map in a file; exit 2 with what is wrong with it."""
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
    return Mapping_(
        tuple(_fact(path, n, one, defaults) for n, one in enumerate(found.get("first", ()), 1)),
        tuple(_fact(path, n, one, defaults) for n, one in enumerate(found["fact"], 1)),
        found.get("parties", {}),
        frozenset(found.get("unknown", ())),
    )


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


def _wrong(path: Path, why: str) -> CounterError:
    then = "see examples/copyright-membership.toml"
    return CounterError(USAGE, "the map is not understood", f"{path}: {why}", then)
