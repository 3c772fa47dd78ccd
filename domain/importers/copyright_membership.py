"""Read the membership of the copyright treaties as facts.

One row a party and treaty: when it signed, by which instrument it consented, and from when the
treaty is in force for it. The World Intellectual Property Organization keeps the list.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from domain.decisions.batch import Command
from domain.importers.cells import (
    FactOrReject,
    Reject,
    RowCells,
    RowFact,
    beyond_header,
    layout_of,
    recorder_data,
    row_of,
)
from domain.importers.register import NoPartyError, Parties
from domain.importers.tables import ImportFileError, read_table

ASSERTER = "party/wipo"
SOURCE = "source/wipo-copyright-membership"
COLUMNS = (
    *("Contracting Party", "Treaty", "Signature Date", "Instrument Type", "Instrument Date"),
    "Entry Into Force Date",
)
_TOLD = {"asserted_by": ASSERTER, "basis": "official-record", "sources": [{"source": SOURCE}]}
_MODES = {
    "Acceptance": "acceptance",
    "Accession": "accession",
    "Ratification": "ratification",
    "Declaration/Notification of Succession": "succession",
    "Declaration of Continued Application": "succession",
}


def read_membership(paths: Iterable[Path], parties: Parties) -> Iterator[FactOrReject]:
    """Yield the facts of each file, and a reject for what becomes none."""
    name, title = "World Intellectual Property Organization", "Membership of copyright treaties"
    wipo = recorder_data(name=name, type="organisation")
    yield Command(ASSERTER, "party.established", wipo, introduces=True)
    cited = recorder_data(publisher=ASSERTER, title=title)
    yield Command(SOURCE, "source.cited", cited, introduces=True)
    for path in paths:
        yield from _of_file(path, parties)


def _of_file(path: Path, parties: Parties) -> Iterator[FactOrReject]:
    header, rows, _ = read_table(path)
    if missing := [name for name in COLUMNS if name not in header]:
        why = f"{path} has no column {missing[0]}"
        raise ImportFileError("this is not a list of members", why, "import csv")
    treaties: set[str] = set()
    layout = layout_of(path.name, header, COLUMNS)
    for given in rows:
        row = row_of(layout, given)
        cells = dict(zip(header, row.cells, strict=False))
        yield from beyond_header(row)
        treaty = cells["Treaty"]
        thing = f"agreement/wipo-{_slug(treaty)}"
        if thing not in treaties:
            treaties.add(thing)
            described = {**_TOLD, "title": treaty}
            yield Command(thing, "agreement.described", described)
        for cell, type_, fields in _acts(row, cells):
            act = _fact(thing, cell, type_, fields, parties)
            yield from parties.introduced()
            yield act
        yield row


def _fact(
    thing: str, cell: RowFact, type_: str, fields: dict[str, Any], parties: Parties
) -> FactOrReject:
    try:
        party = parties.named(cell.row.cells[cell.columns[1]])
    except NoPartyError as error:
        return Reject(cell, error.name, str(error))
    text = cell.row.cells[cell.at]
    if (day := _day(text)) is None:
        return Reject(cell, "illegible", f"'{text}' is no day such as 1985-03-12")
    dated = {"effective": day}
    if fields.get("mode") == "succession":
        dated = {"effective": f"[..{day}]"}
    if type_ == "agreement.consent-expressed":
        dated["acted"] = day
    return Command(thing, type_, {**_TOLD, **fields, **dated, "party": party}, cell)


def _acts(row: RowCells, cells: dict[str, str]) -> Iterator[tuple[RowFact, str, dict[str, Any]]]:
    def cell(column: str, *more: str) -> RowFact:
        return row.fact(*map(row.layout.header.index, (column, *COLUMNS[:2], *more)))

    if cells["Signature Date"]:
        yield cell("Signature Date"), "agreement.signed", {"mode": "simple"}
    if cells["Instrument Date"]:
        words = cells["Instrument Type"]
        consent = {"mode": _MODES.get(words, "unstated"), "act_words": words or "none named"}
        yield cell("Instrument Date", "Instrument Type"), "agreement.consent-expressed", consent
    if cells["Entry Into Force Date"]:
        yield cell("Entry Into Force Date"), "agreement.entered-into-force-for", {}


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
