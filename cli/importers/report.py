"""What came of an import, so that no cell is lost without a word?

Every cell is counted as recorded, as recorded already, or as rejected, and what is rejected or odd
is told in a line of its own: file, row, column, what it says, the name of the matter, a sentence.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from cli.errors.exit_codes import cannot, usage
from cli.importers.cells import Cell, Reject
from domain.decisions.bulk import Found, Taken
from events.store.atomic_files import replace_file


class Line(NamedTuple):
    """A line of the report; `what` is rejected, finding or unknown name."""

    what: str
    name: str
    file: str
    row: int | None
    column: str
    text: str
    event: str
    sentence: str


_HEADER = ",".join(Line._fields).encode() + b"\n"
_BEGINS = _HEADER, b'{\n "cells": {'  # of a report in CSV, and in JSON


class Report:
    """Counts the cells of an import and keeps what is to be told of them."""

    def __init__(self) -> None:
        self.cells: Counter[str] = Counter()
        self.beside: Counter[str] = Counter()
        self.lines: list[Line] = []
        self._where: dict[str, Cell] = {}

    @property
    def read(self) -> int:
        """Return how many cells were read."""
        return self.cells.total()

    def reject(self, given: Reject) -> None:
        """Take up a cell that the importer can make no fact of."""
        self.cells["rejected"] += 1
        self._tell("rejected", given.name, given.cell, "", given.sentence)

    def take(self, taken: Taken) -> None:
        """Take up what came of a fact."""
        cell = taken.fact.where
        what = "rejected" if taken.what == "refused" else taken.what
        counted = self.cells if isinstance(cell, Cell) else self.beside
        counted[what] += 1
        at = cell if isinstance(cell, Cell) else Cell("", 0, taken.fact.type, taken.fact.thing)
        if taken.why is not None:
            self._tell("rejected", taken.why[0], at, "", taken.why[1])
        for name, sentence in (*at.notes, *taken.findings):
            self._tell("finding", name, at, taken.id or "", sentence)
        if taken.id is not None and isinstance(cell, Cell):
            self._where.setdefault(taken.id, cell)  # the one that said it first

    def find(self, found: Found) -> None:
        """Take up what the rules say of an event, whichever run recorded it."""
        cell = self._where.get(found.id, Cell("", 0, "", ""))
        self._tell("finding", found.name, cell, found.id, found.sentence)

    def unknown(self, names: dict[str, list[str]]) -> None:
        """Take up names that no register knows, each once, with what comes near."""
        for name, near in names.items():
            hint = f"did you mean {' or '.join(near)}?" if near else "nothing comes near"
            cell = Cell("", 0, "", name)
            self._tell("unknown name", "unknown-party", cell, "", f"'{name}': {hint}")

    def counts(self, what: str) -> list[tuple[str, int]]:
        """Return how often each name stands in lines of a sort, the most frequent first."""
        return Counter(line.name for line in self.lines if line.what == what).most_common()

    def document(self) -> dict[str, Any]:
        """Return the whole report as one JSON document."""
        return {
            "cells": {"read": self.read, **dict(sorted(self.cells.items()))},
            "beside": dict(sorted(self.beside.items())),
            "rejected": dict(self.counts("rejected")),
            "findings": dict(self.counts("finding")),
            "lines": [line._asdict() for line in self.lines],
        }

    def write(self, path: Path) -> None:
        """Write the report to a file, whole or not at all: JSON or CSV, as its name ends."""
        if path.suffix == ".json":
            text = json.dumps(self.document(), ensure_ascii=False, indent=1) + "\n"
        else:
            text = _csv(self.lines)
        try:
            replace_file(path.resolve(), text.encode(), mode=None)
        except OSError as error:
            why = f"{path}: {error.strerror}; all else is done: {self._done()}"
            cannot("the report cannot be written", why, "run it again with another --report FILE")

    def _done(self) -> str:
        return f"{self.cells['recorded'] + self.beside['recorded']:,} facts are recorded"

    def _tell(self, what: str, name: str, cell: Cell, event: str, sentence: str) -> None:
        row = cell.row or None
        told = Line(what, name, cell.file, row, cell.column, cell.text, event, sentence)
        self.lines.append(told)


def check_writable(path: Path) -> None:
    """Exit 2 or 7 unless a report may be written there: a new file, or one that is a report.

    It is asked before anything is recorded.
    """
    if path.suffix not in (".csv", ".json"):
        usage("a report is CSV or JSON", f"{path} ends in neither", "end its name in .csv or .json")
    if not path.absolute().parent.is_dir():
        cannot("the report cannot be written", f"{path.parent} is no folder", "name another file")
    if path.exists() and not _is_report(path):
        why = f"{path} is no report, and is left as it is"
        cannot("there is a file already", why, "name another file")


def _is_report(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_HEADER)).startswith(_BEGINS)


def _csv(lines: Iterable[Line]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Line._fields)
    writer.writerows(lines)
    return text.getvalue()
