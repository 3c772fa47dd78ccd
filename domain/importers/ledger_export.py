"""Read the claims of another ledger as claims of this one.

Each is recorded anew with its own body, its key if it has one, and who recorded it. What speaks of
an earlier claim speaks of that claim as it is recorded here. A claim that stands here already is
not recorded again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.decisions.batch import Command
from domain.importers.cells import FactOrReject, Reject, SourceCell
from events.catalogue import UnknownTypeError, family, repeatable, type_of
from events.envelope import EnvelopeError, canonical, open_envelope
from events.identifiers import kind_of

_SPEAKS_OF = ("target", "winner", "with", "part_of")
_SPEAKS_OF_SEVERAL = ("among", "seizures")


def read_export(paths: Iterable[Path]) -> Iterator[FactOrReject]:
    """Yield a fact for each event of NDJSON files, as `export` and `log` write them."""
    said: dict[int, int] = {}
    for path in paths:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    cell = SourceCell(path.name, number, "event", "", (), number)
                    yield _given(line.strip(), cell, said)


def _given(line: bytes, cell: SourceCell, said: dict[int, int]) -> FactOrReject:
    try:
        opened = open_envelope(_event(line))
        type_ = type_of(opened.type)
    except EnvelopeError as error:
        return Reject(cell, "not-well-formed", str(error))
    except UnknownTypeError as error:
        return Reject(cell._replace(text=str(error)), "newer-version", str(error))
    cell = cell._replace(text=opened.id)
    if kind_of(opened.subject) == "ledger":
        return Reject(cell, "kept-by-the-ledger", "each ledger says itself what is said of it")
    data = opened.data
    speaks = type_.startswith("claim.") or "seizures" in data
    made = _speaking(data, opened.source) if speaks else data
    label = f"{opened.source}#{opened.id}"
    return Command(
        opened.subject,
        type_,
        made,
        cell,
        label=label,
        recordedby=opened.recordedby,
        repetition=1 if speaks else _times(opened.subject, type_, data, said),
        carried=True,
    )


def _times(subject: str, type_: str, data: Mapping[str, Any], said: dict[int, int]) -> int:
    """Return how often a ledger has said the same: of what is repeatable, each is another act."""
    if family(type_) != repeatable or "key" in data:
        return 1
    same = hash((subject, type_, canonical(data)))
    said[same] = times = said.get(same, 0) + 1
    return times


def _event(line: bytes) -> bytes:
    """Return the event's own bytes of a line; one of `log` has its position around it."""
    before, found, event = line.partition(b',"event":')
    return event[:-1] if found and before.startswith(b'{"position":') else line


def _speaking(
    data: dict[str, Any], source: str
) -> Callable[[Mapping[str, str]], Mapping[str, Any]]:
    """Return how to make a claim that names events, when those have their ids here."""

    def here(labels: Mapping[str, str], there: str) -> str:
        found = labels.get(f"{source}#{there}")
        if found is None:
            raise LookupError(f"it is about {there}, which was not imported from that ledger")
        return found

    def several(text: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
        named = (name for name in _SPEAKS_OF_SEVERAL if name in text)
        return {name: sorted(here(labels, one) for one in text[name]) for name in named}

    def made(labels: Mapping[str, str]) -> Mapping[str, Any]:
        changed = several(data, labels)
        changed |= {n: here(labels, data[n]) for n in _SPEAKS_OF if n in data}
        if "data" in data:  # the new text of a correction
            changed["data"] = {**data["data"], **several(data["data"], labels)}
        return {**data, **changed}

    return made
