"""Name the cell that a fact or a reject comes from, and count what becomes of each cell.

Every importer hands out facts and rejects. A fact of the file bears its cell in `where`; what the
facts need to stand on (parties, sources, titles) bears none. An importer of tables hands out each
row behind its facts: then each of its cells is counted, and not the facts alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from domain.decisions.batch import AppendResult, Command
from domain.importers.tables import TableRow, bare
from events.body import Body
from events.validation import BodyError
from events.value import replace

Notes = tuple[tuple[str, str], ...]
Columns = tuple[int, ...]
_ORDER = ("recorded", "already", "rejected")


class SourceCell(NamedTuple):
    """A cell that says something; rows count from 1, `line` is 0 if unknown, `notes` oddities."""

    file: str
    row: int
    column: str
    text: str
    notes: Notes = ()
    line: int = 0


class RowLayout:
    """What is the same in all rows of a file: its name, its columns, and what a map makes of them.

    `mapped` are the numbers (from 0) of the columns that the map reads, or leaves out by name;
    `unknown` the texts that stand for what is unknown, in each of these columns.
    """

    def __init__(
        self,
        file: str,
        header: list[str],
        mapped: Iterable[int],
        unknown: Sequence[frozenset[str]] = (),
    ) -> None:
        self.file, self.header, self.mapped = file, header, frozenset(mapped)
        self.unknown = unknown or (frozenset(),) * len(header)


class RowCells:
    """A row of which every cell is counted: what became of the facts that its cells are in."""

    __slots__ = ("became", "cells", "layout", "line", "number")

    def __init__(self, layout: RowLayout, number: int, line: int, cells: list[str]) -> None:
        self.layout, self.number, self.line, self.cells = layout, number, line, cells
        self.became: dict[int, str] = {}

    def count(self, outcome: str, columns: Columns) -> None:
        """Take up what came of a fact of these cells: recorded counts before already, and so on."""
        for at in columns:
            known = self.became.get(at)
            if known is None or _ORDER.index(outcome) < _ORDER.index(known):
                self.became[at] = outcome

    def outcomes(self) -> Iterator[tuple[str, int]]:
        """Yield what became of each cell, with its column; recorded if one fact of it is."""
        layout = self.layout
        for at, text in enumerate(self.cells):
            if not text:
                continue
            is_mapped = at in layout.mapped
            if is_mapped and text in layout.unknown[at]:
                yield "left_out", at
            elif (outcome := self.became.get(at)) is not None:
                yield outcome, at
            elif is_mapped:
                yield "left_out", at
            else:
                yield ("not_mapped" if at < len(layout.header) else "rejected"), at

    def fact(self, at: int, *others: int) -> "RowFact":
        """Return where the fact of a cell comes from, with the columns of its other cells."""
        return RowFact(self, at, (at, *others))

    def cell(self, at: int, notes: Notes = ()) -> SourceCell:
        """Return the cell in a column."""
        layout = self.layout
        column = (layout.header[at] if at < len(layout.header) else "") or f"column {at + 1}"
        return SourceCell(layout.file, self.number, column, self.cells[at], notes, self.line)


class RowFact(Struct, frozen=True, gc=False):
    """Where a fact of a row comes from: row, naming column, all read, and each field's."""

    row: RowCells
    at: int
    columns: tuple[int, ...]
    notes: Notes = ()
    fields: Mapping[str, int] = {}

    @property
    def cell(self) -> SourceCell:
        """Return the cell that a report names."""
        return self.row.cell(self.at, self.notes)

    def blamed(self, error: Exception | None) -> "RowFact":
        """Return it with the column of the field that a refusal names."""
        named = error.problems[0].field if isinstance(error, BodyError) else ""
        at = self.fields.get(named.partition(".")[0].rstrip("_"), self.at)
        return replace(self, at=at)


class IllegibleError(ValueError):
    """A cell says what its map or its header says, or becomes no fact."""

    name = "illegible"


class Reject(NamedTuple):
    """A cell that becomes no fact, and why."""

    cell: SourceCell | RowFact
    name: str
    sentence: str


class Remark(NamedTuple):
    """Something odd about a cell, a column or a file, beside what becomes of its facts."""

    cell: SourceCell
    name: str
    sentence: str


FactOrReject = Command | Reject | Remark | RowCells | AppendResult


Recorded = Callable[[str], Sequence[Body]]
"""Finds the bodies of what names a party or a source in a ledger, the oldest first."""


class Reading(NamedTuple):
    """What an importer gives, about how many facts, what its cells are, and unknown names.

    `hint` says what else there is to import; `bind` takes the function that finds what the ledger
    knows of a party or a source. `published` is the day of the table where it is said (EDTF),
    `own_sources` that each row names its own.
    """

    given: Iterator[FactOrReject]
    total: int
    what: str = "cells"
    unknown: Callable[[], dict[str, list[str]]] = dict
    bind: Callable[[Recorded], None] | None = None
    hint: str = ""
    published: str | None = None
    own_sources: bool = False


def layout_of(file: str, header: list[str], mapped: Iterable[str]) -> RowLayout:
    """Return the layout of a file of which an importer reads the columns of some names."""
    names = set(mapped)
    return RowLayout(file, header, (at for at, name in enumerate(header) if name in names))


def row_of(layout: RowLayout, row: TableRow) -> RowCells:
    """Return a row whose cells are counted; a short row's last cells are empty."""
    cells = bare(row.cells)
    cells += [""] * (len(layout.header) - len(cells))
    return RowCells(layout, row.number, row.line, cells)


def beyond_header(row: RowCells) -> Iterator[Reject]:
    """Yield the cells of a row that stand in no column."""
    width = len(row.layout.header)
    for at, text in enumerate(row.cells[width:], width):
        if text:
            sentence = "stands beyond the last column of the header"
            yield Reject(RowFact(row, at, ()), "no-column", sentence)


def recorder_data(**fields: Any) -> dict[str, Any]:
    """Return the data of a fact that the recorder states itself."""
    return {"asserted_by": "party/recorder", "basis": "recorder", **fields}
