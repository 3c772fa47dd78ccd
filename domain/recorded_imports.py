"""Number the imports of a ledger, and take one back as a whole.

At its end, or where it was interrupted, an import records `ledger.imported`: the positions of the
events that it wrote. Its number is the how-many-th such event it is. What is taken back is
retracted in one transaction, all or nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

from domain.decisions.batch import AppendResult, Command
from domain.ledger import Ledger
from events.envelope import open_envelope
from events.errors import NotFoundError
from events.hidden_text import visible
from events.identifiers import SELF
from events.store.factory import open_reader
from events.store.location import Location
from events.store.rows import Row

TYPE = "ledger.imported"
_TOPIC = f"{TYPE}.v1"
_RETRACTED = "claim.retracted.v1"


class RecordedImport(NamedTuple):
    """An import as it is recorded: its number, its form and files, the positions that it wrote.

    `updates` are the numbers of the imports of earlier editions of its table.
    """

    number: int
    format: str
    files: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    updates: tuple[int, ...]


def add_span(positions: Sequence[int], spans: list[tuple[int, int]]) -> None:
    """Add positions, which follow each other, to spans, each the first and the last of a run.

    Those that were added last are not added again.
    """
    if positions and not (spans and spans[-1][1] == positions[-1]):
        first, last = positions[0], positions[-1]
        if spans and spans[-1][1] == first - 1:
            first = spans.pop()[0]
        spans.append((first, last))


def _file_name(path: Path) -> str:
    """Return the name of a file as a line of recorded text: a name may hold any bytes."""
    name = (path.name or str(path)).encode("utf-8", "backslashreplace").decode()
    return visible(normalize("NFC", name)).strip()[:300] or "-"


def recorded_imports(where: Location) -> list[RecordedImport]:
    """Return the imports of a ledger in the order of their numbers."""
    with open_reader(where) as record:
        own = [row for row in record.rows(thing=SELF) if row.topic == _TOPIC]
    return [_read(number, open_envelope(row.state).data) for number, row in enumerate(own, 1)]


def _read(number: int, data: Mapping[str, Any]) -> RecordedImport:
    spans = [(first, last or first) for first, _, last in (s.partition("-") for s in data["spans"])]
    positions = tuple((int(first), int(last)) for first, last in spans)
    updates = tuple(data.get("updates", ()))
    return RecordedImport(number, data["format"], tuple(data["files"]), positions, updates)


def file_names(files: Sequence[Path]) -> tuple[str, ...]:
    """Return the names under which the files of an import are recorded."""
    return tuple(dict.fromkeys(_file_name(path) for path in files))


def record_import(
    ledger: Ledger,
    format_: str,
    files: Sequence[Path],
    spans: Sequence[tuple[int, int]],
    updates: Sequence[int] = (),
) -> int:
    """Record which events an import wrote, and return its number."""
    told = tuple(f"{first}-{last}" if first < last else f"{first}" for first, last in spans)
    earlier = {"updates": tuple(updates)} if updates else {}
    said = {"format": format_, "files": file_names(files), "spans": told, **earlier}
    position = ledger.record_own(TYPE, **said)
    with open_reader(ledger.where) as record:
        return sum(row.topic == _TOPIC for row in record.rows(until=position, thing=SELF))


def retract_import(
    ledger: Ledger, number: int, said: Mapping[str, Any], *, dry_run: bool = False
) -> list[AppendResult]:
    """Retract each event of an import that stands, all or none; return what came of each.

    `said` is the reason, who retracts and on which basis, as JSON data. What was retracted already
    is left as it is, and so is what takes back an event of the import itself. Raises
    NotFoundError and CommandRefusedError.
    """
    known = recorded_imports(ledger.where)
    if not 0 < number <= len(known):
        there = f"there are {len(known):,}" if known else "none is recorded"
        raise NotFoundError(
            "there is no such import", f"no import {number}: {there}", "depositary log ledger"
        )
    rows: list[Row] = []
    with open_reader(ledger.where) as record:
        for first, last in known[number - 1].spans:
            rows += record.rows(first - 1, last)
    retracted: dict[str, Mapping[str, Any]] = {}
    commands: list[Command] = []
    own = {f"{row.thing}/{row.version}" for row in rows}
    for row in rows:
        if row.thing not in retracted:
            retracted[row.thing] = ledger.index(row.thing).retracted
        target = f"{row.thing}/{row.version}"
        about = open_envelope(row.state).data["target"] if row.topic == _RETRACTED else None
        if target not in retracted[row.thing] and about not in own:
            data = {**said, "target": target}
            commands.append(Command(row.thing, "claim.retracted", data, number=len(commands) + 1))
    return ledger.append(commands, dry_run=dry_run, most=None) if commands else []
