"""Count and tell what came of an import, so that no cell is lost without a word.

Every cell that says something is counted once: as recorded, recorded already, left out by the map,
not mapped, or rejected; the sum is what was read. What is rejected or odd has a line of its own:
file, row, line, column, what it says, the name of the matter, a sentence.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from domain.claims.claim import Claim
from domain.decisions.batch import AppendResult
from domain.importers.cells import Reject, Remark, RowCells, RowFact, SourceCell
from domain.kinds.registry import is_judged
from domain.ledger import EventFinding
from events.errors import NotPossibleError, NotUnderstoodError
from events.hidden_text import spreadsheet_cell, visible
from events.store.atomic_files import replace_file
from events.text import count_noun


class ReportLine(NamedTuple):
    """A line of the report; `what` is rejected, finding, unknown name, left out or not mapped."""

    what: str
    name: str
    file: str
    row: int | None
    line: int | None
    column: str
    text: str
    event: str
    sentence: str


_EXCLUDED = {
    "stands-for-unknown": ("excluded", "time", "'{text}' stands for unknown {times}"),
    "in-no-fact": (
        *("excluded", "cell"),
        "excluded from {column}: {times}, ignored, or in rows that give no fact",
    ),
    "not-mapped": ("not mapped", "cell", "the map has no field for {column}: {times}"),
}
OUTCOMES = ("recorded", "already", "left_out", "not_mapped", "rejected")
_HEADER = ",".join(ReportLine._fields).encode() + b"\n"
_BEGINS = _HEADER, b'{\n "cells": {'  # of a report in CSV, and in JSON


class ImportReport:
    """Counts the cells of an import and keeps what is to be told of them.

    `cells` counts cells, `facts` what was made of them, `beside` what they need to stand on,
    `retracted` the claims that a newer edition takes back.
    """

    def __init__(self) -> None:
        self.cells: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()
        self.beside: Counter[str] = Counter()
        self.retracted: Counter[str] = Counter()
        self.lines: list[ReportLine] = []
        self.number: int | None = None  # of the import; None: it recorded nothing
        self._where: dict[str, dict[int, SourceCell]] = {}  # by thing and version, of acts judged
        self.read = 0  # how many cells; each becomes one of OUTCOMES
        self._rows: list[RowCells] = []
        self._introduced: set[str] = set()  # ids of what this import made known
        self._excluded: Counter[tuple[str, str, str, str]] = Counter()

    @property
    def all_rejected(self) -> bool:
        """Say whether rows were read, and none of them became a fact, now or before."""
        facts = self.facts
        return bool(facts["rejected"]) and not facts["recorded"] + facts["already"]

    def row(self, given: RowCells) -> None:
        """Take up a row whose facts are all handed out."""
        self._rows.append(given)
        self.read += len(given.cells) - given.cells.count("")

    def reject(self, given: Reject) -> None:
        """Take up a cell, or a row's fact, that the importer can make no fact of."""
        self.facts["rejected"] += 1
        if isinstance(given.cell, RowFact):
            given.cell.row.count("rejected", given.cell.columns)
        else:
            self.cells["rejected"] += 1
            self.read += 1
        self._tell("rejected", given.name, given.cell, "", given.sentence)

    def remark(self, given: Remark) -> None:
        """Take up what is odd about a cell, a column or a file."""
        self._tell("finding", given.name, given.cell, "", given.sentence)

    def take(self, taken: AppendResult) -> None:
        """Take up what came of a fact."""
        command = taken.command
        cell = command.where
        what = _OUTCOMES[taken.outcome]
        if command.introduces and self._is_told(taken):
            return
        if type(cell) is RowFact:
            self.facts[what] += 1
            cell.row.count(what, cell.columns)
        elif isinstance(cell, SourceCell):
            self.facts[what] += 1
            self.cells[what] += 1
            self.read += 1
        else:
            (self.retracted if isinstance(cell, Claim) else self.beside)[what] += 1
            cell = SourceCell("", 0, command.type, command.thing)
        if taken.reason is not None:
            place = cell.blamed(taken.error) if isinstance(cell, RowFact) else cell
            self._tell("rejected", taken.reason[0], place, "", _with_hint(*taken.reason))
        if cell.notes or taken.findings:
            for name, sentence in (*cell.notes, *taken.findings):
                self._tell("finding", name, cell, taken.id, sentence)
        claim = taken.claim
        if command.where is cell and claim is not None and is_judged(claim):
            places = self._where.setdefault(claim.thing, {})
            if claim.version not in places:  # the one that said it first
                places[claim.version] = cell.cell if isinstance(cell, RowFact) else cell

    def _is_told(self, taken: AppendResult) -> bool:
        """Say whether this import itself made a thing known before, and count the cells again.

        A row before it said so: its cells are recorded, and there is no second fact.
        """
        if not taken.already:
            self._introduced.add(taken.id)
        elif taken.id in self._introduced:
            if isinstance(cell := taken.command.where, RowFact):
                cell.row.count("recorded", cell.columns)
            return True
        return False

    def settle(self) -> None:
        """Count the cells of the rows taken up, whose facts are decided on."""
        for row in self._rows:
            for outcome, at in row.outcomes():
                self.cells[outcome] += 1
                if outcome in ("recorded", "already", "rejected"):
                    continue
                column = row.layout.header[at] or f"column {at + 1}"
                name, text = ("not-mapped" if outcome == "not_mapped" else "in-no-fact"), ""
                if outcome == "left_out" and row.cells[at] in row.layout.unknown[at]:
                    name, text = "stands-for-unknown", row.cells[at]
                self._excluded[name, row.layout.file, column, text] += 1
        self._rows.clear()

    def end(self) -> None:
        """Count what is left, and tell what was excluded or not mapped, once each."""
        self.settle()
        assert self.read == self.cells.total(), "a cell is lost, or counted twice"
        for name, (what, noun, form) in _EXCLUDED.items():
            for (met, file, column, text), times in self._excluded.items():
                if met == name:
                    told = form.format(text=text, column=column, times=count_noun(times, noun))
                    self._tell(what, name, SourceCell(file, 0, column, text), "", told)

    def find(self, found: EventFinding) -> None:
        """Take up what the rules say of an event, whichever run recorded it."""
        thing, _, version = found.id.rpartition("/")
        cell = self._where.get(thing, {}).get(int(version), SourceCell("", 0, "", ""))
        self._tell("finding", found.name, cell, found.id, found.sentence)

    def unknown(self, names: dict[str, list[str]]) -> None:
        """Take up names that no register knows, each once, with what comes near."""
        for name, near in names.items():
            hint = f"did you mean {' or '.join(near)}?" if near else "no name is similar"
            cell = SourceCell("", 0, "", name)
            self._tell("unknown name", "unknown-party", cell, "", f"'{name}': {hint}")

    def counts(self, what: str) -> list[tuple[str, int]]:
        """Return how often each name stands in lines of a sort, the most frequent first."""
        return Counter(line.name for line in self.lines if line.what == what).most_common()

    def document(self) -> dict[str, Any]:
        """Return the whole report as one JSON document."""
        return {
            "cells": {"read": self.read, **{name: self.cells[name] for name in OUTCOMES}},
            "facts": _counted(self.facts),
            "beside": _counted(self.beside),
            "import": self.number,
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
            recorded = self.facts["recorded"] + self.beside["recorded"]
            done = count_noun(recorded, "fact is recorded", "facts are recorded")
            why = f"{path}: {error.strerror}; all else is done: {done}"
            then = "run it again with another --report FILE"
            raise NotPossibleError("the report cannot be written", why, then) from None

    def _tell(
        self, what: str, name: str, where: SourceCell | RowFact, event: str, sentence: str
    ) -> None:
        cell = where.cell if isinstance(where, RowFact) else where
        place = cell.file, cell.row or None, cell.line or None, cell.column, cell.text
        self.lines.append(ReportLine(what, name, *place, event, sentence))


_OUTCOMES = {"recorded": "recorded", "already recorded": "already", "refused": "rejected"}


def _counted(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in ("recorded", "already", "rejected")}


def _with_hint(name: str, sentence: str) -> str:
    """Return why a row is refused, with what a map may do about it."""
    if name == "contradicts-itself":
        return f"{sentence}; where two coders say so, name them by key in the map"
    if name == "key-taken":
        return f"{sentence}; or add to the key in the map what tells the two apart"
    return sentence


def check_writable(path: Path) -> None:
    """Check that a report may be written there: a new file, or one that is a report.

    It is asked before anything is recorded. Raises NotUnderstoodError and NotPossibleError.
    """
    if path.suffix not in (".csv", ".json"):
        then = "end its name in .csv or .json"
        raise NotUnderstoodError("a report is CSV or JSON", f"{path} ends in neither", then)
    if not path.absolute().parent.is_dir():
        why = f"{path.parent} is not a folder"
        raise NotPossibleError("the report cannot be written", why, "name another file")
    if path.exists() and not _is_report(path):
        why = f"{path} is not a report, and is not changed"
        raise NotPossibleError("there is a file already", why, "name another file")


def _is_report(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_HEADER)).startswith(_BEGINS)


def _csv(lines: Iterable[ReportLine]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ReportLine._fields)
    for line in lines:
        cells = ("" if value is None else str(value) for value in line)
        writer.writerow([spreadsheet_cell(visible(cell)) for cell in cells])
    return text.getvalue()
