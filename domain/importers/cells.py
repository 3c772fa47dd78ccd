"""Read tables by cells, and name the cell that a fact or a reject comes from.

Every importer hands out facts and rejects. A fact of the file bears its cell in `where`; what the
facts need to stand on (parties, sources, titles) bears none.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from domain.decisions.batch import Command
from events.errors import NotPossibleError

Notes = tuple[tuple[str, str], ...]


class ImportFileError(NotPossibleError):
    """A file to import is a table, of the form that its format names."""


class SourceCell(NamedTuple):
    """One cell that says something: rows count from 1, with empty ones; `notes` are oddities."""

    file: str
    row: int
    column: str
    text: str
    notes: Notes = ()


class Reject(NamedTuple):
    """A cell that becomes no fact, and why."""

    cell: SourceCell
    name: str
    sentence: str


FactOrReject = Command | Reject


def read_table(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header of a CSV file and its rows with their numbers; raise ImportFileError.

    The header is the first row that says something, and names no two columns alike.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        why = f"{path}: {error}"
        raise ImportFileError("the file is no UTF-8 text", why, "save it as UTF-8") from None
    rows = _rows(path, text)
    _, header = next(rows, (0, None))
    if header is None:
        why, then = f"{path} has no header", "name a file with a table"
        raise ImportFileError("the file is empty", why, then)
    twice = [name for name, times in Counter(header).items() if name and times > 1]
    if twice:
        why = f"{path}: '{twice[0]:.80}' stands twice in its header"
        raise ImportFileError("two columns have one name", why, "name each column once")
    return header, rows


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines(keepends=True))
    try:
        for number, row in enumerate(reader, 1):
            if any(row):
                yield number, row
    except csv.Error as error:
        why = f"{path}, line {reader.line_num}: {error}"
        then = "look for a quote that is not closed"
        raise ImportFileError("the file is no table", why, then) from None


def cells_beyond_header(
    file: str, header: list[str], number: int, row: list[str]
) -> Iterator[Reject]:
    """Yield the cells of a row that stand in no column."""
    for text in row[len(header) :]:
        if text.strip():
            cell = SourceCell(file, number, "", text)
            yield Reject(cell, "no-column", "stands beyond the last column of the header")


def cells_by_name(header: list[str], row: list[str]) -> dict[str, str]:
    """Return a row's cells by the names of their columns, a short row's as empty."""
    padded = [*row, *([""] * (len(header) - len(row)))]
    return {name: text.strip() for name, text in zip(header, padded, strict=False)}


def recorder_data(**fields: Any) -> dict[str, Any]:
    """Return the data of a fact that the recorder states itself."""
    return {"asserted_by": "party/recorder", "basis": "recorder", **fields}
