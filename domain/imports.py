"""Number the imports of a ledger, and take one back as a whole.

At its end, or where it was interrupted, an import records `ledger.imported`: the positions of the
events that it wrote. Its number is the how-many-th such event it is. What is taken back is
retracted in one transaction, all or nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

from domain.decisions.batch import AppendResult, Command
from domain.ledger import SELF, Ledger, tried_again
from events.body import RECORDER
from events.envelope import open_envelope
from events.errors import NotFoundError
from events.hidden_text import visible
from events.kinds.ledger import Imported
from events.store.factory import open_reader
from events.store.rows import Row

TYPE = "ledger.imported"
_TOPIC = f"{TYPE}.v1"
_RETRACTED = ("claim.retracted.v1",)


class NoSuchImportError(NotFoundError):
    """An import is named by its number, from 1."""


def spans_of(positions: Sequence[int], spans: list[tuple[int, int]]) -> None:
    """Add positions in their order to spans, each the first and the last of a run."""
    for position in positions:
        if spans and spans[-1][1] == position - 1:
            spans[-1] = spans[-1][0], position
        else:
            spans.append((position, position))


def _file_name(path: Path) -> str:
    """Return the name of a file as a line of recorded text: a name may hold any bytes."""
    name = (path.name or str(path)).encode("utf-8", "backslashreplace").decode()
    return visible(normalize("NFC", name)).strip()[:300] or "-"


def record_import(
    ledger: Ledger, format_: str, files: Sequence[Path], spans: Sequence[tuple[int, int]]
) -> int:
    """Record which events an import wrote, and return its number."""
    told = tuple(f"{first}-{last}" if first < last else f"{first}" for first, last in spans)
    names = tuple(dict.fromkeys(_file_name(path) for path in files))
    body = Imported(asserted_by=RECORDER, basis="recorder", format=format_, files=names, spans=told)
    position = tried_again(lambda: ledger.write_own(TYPE, body))
    with open_reader(ledger.where) as record:
        return sum(row.topic == _TOPIC for row in record.rows(until=position, thing=SELF))


def retract_import(
    ledger: Ledger, number: int, said: Mapping[str, Any], *, dry_run: bool = False
) -> list[AppendResult]:
    """Retract each event of an import that stands, all or none; return what came of each.

    `said` is the reason, who retracts and on which basis, as JSON data. What was retracted already
    is left as it is. Raises NoSuchImportError and CommandRefusedError.
    """
    with open_reader(ledger.where) as record:
        own = [row for row in record.rows(thing=SELF) if row.topic == _TOPIC]
        if not 0 < number <= len(own):
            known = f"there are {len(own):,}" if own else "none is recorded"
            raise NoSuchImportError(
                "there is no such import", f"no import {number}: {known}", "depositary log ledger"
            )
        rows: list[Row] = []
        for span in open_envelope(own[number - 1].state).data["spans"]:
            first, _, last = span.partition("-")
            rows += record.rows(int(first) - 1, int(last or first))
    retracted: dict[str, Mapping[str, Any]] = {}
    commands: list[Command] = []
    for row in rows:
        if row.thing not in retracted:
            retracted[row.thing] = ledger.index(row.thing).retracted
        target = f"{row.thing}/{row.version}"
        if target not in retracted[row.thing] and row.topic not in _RETRACTED:
            data = {**said, "target": target}
            commands.append(Command(row.thing, "claim.retracted", data, number=len(commands) + 1))
    return ledger.append(commands, dry_run=dry_run, most=None) if commands else []
