"""Read the status lists of the UN Treaty Collection as facts, cell by cell.

`index.csv` names the treaties of the Multilateral Treaties Deposited with the Secretary-General;
`treaties/CHAPTER-NUMBER.csv` has a row a participant and a cell an act. The UN Treaty Collection
asserts what its list says, and the list is the source.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from domain.decisions.batch import Command
from domain.importers.cells import (
    FactOrReject,
    ImportFileError,
    Reject,
    SourceCell,
    read_table,
    recorder_data,
)
from domain.importers.legend import IllegibleError, Meaning, meaning
from domain.importers.parties import Parties, no_party

ASSERTER = "party/un-treaty-collection"
PUBLISHED = "2015-03"  # the lists are those of March 2015
LONGEST = 300

_agency = re.compile(r"(?:text of )?Annex [IVXL]+ - (.*) - to the ").search
_KINDS = {
    "Agreement": "agreement",
    "Arrangement": "arrangement",
    "Convention": "convention",
    "International Convention": "convention",
    "Protocol": "protocol",
    "Statute": "statute",
    "Treaty": "treaty",
}


class Treaty(NamedTuple):
    """A list, and what the index says of its treaty."""

    name: str
    path: Path
    title: str
    locator: str | None

    @property
    def agreement(self) -> str:
        """Return the agreement's id."""
        return f"agreement/un-mtdsg-{self.name.lower()}"

    @property
    def source(self) -> str:
        """Return the id of the list as a source."""
        return f"source/un-mtdsg-{self.name.lower()}"

    @property
    def agency(self) -> str:
        """Return the agency to which an annex applies a convention; empty for any other."""
        found = _agency(self.title)
        return found[1] if found else ""

    @property
    def told(self) -> dict[str, Any]:
        """Return what every fact of the list carries."""
        sources = [{"source": self.source, "published": PUBLISHED}]
        return {"asserted_by": ASSERTER, "basis": "official-record", "sources": sources}


def read_un_lists(paths: Iterable[Path], parties: Parties) -> Iterator[FactOrReject]:
    """Yield the facts of folders with an index, or of lists within one; rejects beside them."""
    yield Command(
        ASSERTER,
        "party.established",
        recorder_data(name="United Nations Treaty Collection", type="publisher"),
        introduces=True,
    )
    for path in paths:
        for treaty in read_treaties(path):
            yield from _introduced(treaty)
            yield from _acts(treaty, parties)


def read_treaties(path: Path) -> list[Treaty]:
    """Return the lists at a path, in the order of the index; raise ImportFileError."""
    folder = path if path.is_dir() else path.parent.parent
    index = folder / "index.csv"
    if not index.is_file():
        raise ImportFileError(
            "there is no index of the treaties",
            f"{index} is not there",
            "name the folder that holds index.csv and treaties/",
        )
    with index.open(encoding="utf-8-sig", newline="") as file:
        every = [_treaty(folder, row) for row in csv.DictReader(file)]
    if path.is_dir():
        return [treaty for treaty in every if treaty.path.is_file()]
    return [treaty for treaty in every if treaty.path.name == path.name]


def _treaty(folder: Path, row: dict[str, str]) -> Treaty:
    name = f"{row['chapter_no']}-{row['treaty_no'].replace('.', '-')}"
    title = " ".join(row["treaty_name"].replace("*", "").split())
    return Treaty(name, folder / "treaties" / f"{name}.csv", title, row.get("url") or None)


def _introduced(treaty: Treaty) -> Iterator[Command]:
    title = treaty.title if len(treaty.title) <= LONGEST else f"{treaty.title[: LONGEST - 1]}…"
    cited = recorder_data(publisher=ASSERTER, title=title, published=PUBLISHED)
    if treaty.locator:
        cited["locator"] = treaty.locator
    yield Command(treaty.source, "source.cited", cited, introduces=True)
    described = {**treaty.told, "title": title}
    if kind := next((kind for word, kind in _KINDS.items() if title.startswith(word)), None):
        described["kind"] = kind
    yield Command(treaty.agreement, "agreement.described", described)


def _acts(treaty: Treaty, parties: Parties) -> Iterator[FactOrReject]:
    header, rows = read_table(treaty.path)
    alone = len(header) == 2
    for number, row in rows:
        who = row[0].strip()
        yield from parties.known(who)
        for at, text in enumerate(row[1:], 1):
            if text.strip():
                column = header[at] if at < len(header) else f"column {at + 1}"
                cell = SourceCell(treaty.path.name, number, column, text.strip())
                yield _act(treaty, cell, who, at, parties.id_of(who), alone=alone)


def _act(
    treaty: Treaty, cell: SourceCell, who: str, at: int, party: str | None, *, alone: bool
) -> FactOrReject:
    if party is None:
        return Reject(cell, *no_party(who))
    try:
        said = meaning(cell.column, cell.text, alone=alone, agency=treaty.agency)
    except IllegibleError as error:
        return Reject(cell, "illegible", str(error))
    return Command(
        treaty.agreement, said.type, _data(treaty, said, who, at, party), _noted(cell, said)
    )


def _data(treaty: Treaty, said: Meaning, who: str, at: int, party: str) -> dict[str, Any]:
    # By the participant's name, and not by its row, for a newer list has more rows.
    return {**treaty.told, **said.fields, "party": party, "key": f"{who}, column {at + 1}"}


def _noted(cell: SourceCell, said: Meaning) -> SourceCell:
    return cell._replace(notes=said.notes) if said.notes else cell
