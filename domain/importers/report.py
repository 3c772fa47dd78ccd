"""Count and tell what came of an import, so that no cell is lost without a word.

Every cell is counted as recorded, as recorded already, or as rejected, and what is rejected or odd
has a line of its own: file, row, column, what it says, the name of the matter, a sentence.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from domain.decisions.batch import AppendResult
from domain.importers.cells import Reject, SourceCell
from domain.ledger import EventFinding
from events.errors import NotPossibleError, NotUnderstoodError
from events.hidden_text import spreadsheet_cell, visible
from events.store.atomic_files import replace_file


class ReportNameError(NotUnderstoodError):
    """A report is CSV or JSON, as the end of its name says."""


class ReportFileError(NotPossibleError):
    """A report is a new file, or takes the place of a report."""


class ReportLine(NamedTuple):
    """A line of the report; `what` is rejected, finding or unknown name."""

    what: str
    name: str
    file: str
    row: int | None
    column: str
    text: str
    event: str
    sentence: str


_HEADER = ",".join(ReportLine._fields).encode() + b"\n"
_BEGINS = _HEADER, b'{\n "cells": {'  # of a report in CSV, and in JSON


class ImportReport:
    """Counts the cells of an import and keeps what is to be told of them."""

    def __init__(self) -> None:
        self.cells: Counter[str] = Counter()
        self.beside: Counter[str] = Counter()
        self.lines: list[ReportLine] = []
        self._where: dict[str, SourceCell] = {}

    @property
    def read(self) -> int:
        """Return how many cells were read."""
        return self.cells.total()

    def reject(self, given: Reject) -> None:
        """Take up a cell that the importer can make no fact of."""
        self.cells["rejected"] += 1
        self._tell("rejected", given.name, given.cell, "", given.sentence)

    def take(self, taken: AppendResult) -> None:
        """Take up what came of a fact."""
        command, cell = taken.command, taken.command.where
        what = "rejected" if taken.outcome == "refused" else taken.outcome
        counted = self.cells if isinstance(cell, SourceCell) else self.beside
        counted[what] += 1
        at = (
            cell if isinstance(cell, SourceCell) else SourceCell("", 0, command.type, command.thing)
        )
        if taken.reason is not None:
            self._tell("rejected", taken.reason[0], at, "", taken.reason[1])
        for name, sentence in (*at.notes, *taken.findings):
            self._tell("finding", name, at, taken.id, sentence)
        if taken.id and isinstance(cell, SourceCell):
            self._where.setdefault(taken.id, cell)  # the one that said it first

    def find(self, found: EventFinding) -> None:
        """Take up what the rules say of an event, whichever run recorded it."""
        cell = self._where.get(found.id, SourceCell("", 0, "", ""))
        self._tell("finding", found.name, cell, found.id, found.sentence)

    def unknown(self, names: dict[str, list[str]]) -> None:
        """Take up names that no register knows, each once, with what comes near."""
        for name, near in names.items():
            hint = f"did you mean {' or '.join(near)}?" if near else "nothing comes near"
            cell = SourceCell("", 0, "", name)
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
            then = "run it again with another --report FILE"
            raise ReportFileError("the report cannot be written", why, then) from None

    def _done(self) -> str:
        return f"{self.cells['recorded'] + self.beside['recorded']:,} facts are recorded"

    def _tell(self, what: str, name: str, cell: SourceCell, event: str, sentence: str) -> None:
        row = cell.row or None
        told = ReportLine(what, name, cell.file, row, cell.column, cell.text, event, sentence)
        self.lines.append(told)


def check_writable(path: Path) -> None:
    """Check that a report may be written there: a new file, or one that is a report.

    It is asked before anything is recorded. Raises ReportNameError and ReportFileError.
    """
    if path.suffix not in (".csv", ".json"):
        then = "end its name in .csv or .json"
        raise ReportNameError("a report is CSV or JSON", f"{path} ends in neither", then)
    if not path.absolute().parent.is_dir():
        why = f"{path.parent} is no folder"
        raise ReportFileError("the report cannot be written", why, "name another file")
    if path.exists() and not _is_report(path):
        why = f"{path} is no report, and is left as it is"
        raise ReportFileError("there is a file already", why, "name another file")


def _is_report(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_HEADER)).startswith(_BEGINS)


def _cell(value: object) -> str:
    return spreadsheet_cell(visible("" if value is None else str(value)))


def _csv(lines: Iterable[ReportLine]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ReportLine._fields)
    writer.writerows(tuple(map(_cell, line)) for line in lines)
    return text.getvalue()
