"""Where in a file does a fact come from, and what is said of what becomes none?

Every importer hands out facts and rejects. A fact of the file bears its cell in `where`; what the
facts need to stand on (parties, sources, titles) bears none.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cli.errors import cannot
from domain.bulk import Fact

Told = tuple[tuple[str, str], ...]


class Cell(NamedTuple):
    """One cell that says something: rows count from 1, the header's; `notes` are oddities."""

    file: str
    row: int
    column: str
    text: str
    notes: Told = ()


class Reject(NamedTuple):
    """A cell that becomes no fact, and why."""

    cell: Cell
    name: str
    sentence: str


Given = Fact | Reject


def table(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header of a CSV file and its rows with their numbers; exit 7 for no table."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        cannot("the file is no UTF-8 text", f"{path}: {error}", "save it as UTF-8")
    rows = iter(csv.reader(text.splitlines(keepends=True)))
    header = next(rows, None)
    if header is None:
        cannot("the file is empty", f"{path} has no header", "name a file with a table")
    return header, ((number, row) for number, row in enumerate(rows, 2) if any(row))


def by_name(header: list[str], row: list[str]) -> dict[str, str]:
    """Return a row's cells by the names of their columns, a short row's as empty."""
    padded = [*row, *([""] * (len(header) - len(row)))]
    return {name: text.strip() for name, text in zip(header, padded, strict=False)}


def by_recorder(**fields: Any) -> dict[str, Any]:
    """Return the data of a fact that the recorder states itself."""
    return {"asserted_by": "party/recorder", "basis": "recorder", **fields}
