"""Read the status lists of the UN Treaty Collection as facts, cell by cell.

`index.csv` names the treaties of the Multilateral Treaties Deposited with the Secretary-General;
`treaties/CHAPTER-NUMBER.csv` has a row a participant and a cell an act. The UN Treaty Collection
asserts what its list says, and the list is the source.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
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
from domain.importers.register import Parties, no_party

_split = re.compile(r", (?=[A-Z])").split
_act_of = re.compile(r"(.*?) ?\(([A-Za-z]{1,2})\)").fullmatch
_cell = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4})(?: ([A-Za-z]{1,2}))?").fullmatch
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MODES = {
    "Acceptance": "acceptance",
    "Accession": "accession",
    "Approval": "approval",
    "Formal confirmation": "formal-confirmation",
    "Participation": "participation",
    "Ratification": "ratification",
    "Succession": "succession",
    "Definitive acceptance": "acceptance",
}
_PROVISIONAL = ("Provisional application", "Provisional acceptance")
_text_meant = re.compile(r" (?:to|of|in) (the (?:Convention|Agreement|Protocol)\b.*)").search


class Act(NamedTuple):
    """One act that a header names: its words, and the suffix of its cells (empty: none)."""

    words: str
    suffix: str


class Meaning(NamedTuple):
    """What a cell says: the type of event, its own fields, and what is odd about the cell."""

    type: str
    fields: dict[str, Any]
    notes: tuple[tuple[str, str], ...] = ()

    def noted(self, words: str) -> "Meaning":
        """Return it with the header's words beside it, where the type has no field for them."""
        return self._replace(fields={**self.fields, "note": words})


class IllegibleError(ValueError):
    """A cell is a day, and behind it a suffix that its header explains."""


@cache
def acts_of_cell(header: str) -> tuple[Act, ...]:
    """Return the acts that a column's header names, in their order."""
    found = []
    for words in _split(header):
        marked = _act_of(words)
        found.append(Act(marked[1], marked[2]) if marked else Act(words, ""))
    return tuple(found)


def read_cell(text: str) -> tuple[str, str]:
    """Return a cell's day in ISO 8601 and its suffix; raise IllegibleError."""
    match = _cell(text)
    if match is None or match[2] not in _MONTHS:
        raise IllegibleError(f"'{text}' is no day such as 12 Mar 1985, with a suffix or without")
    try:
        day = date(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]))
    except ValueError:
        raise IllegibleError(f"'{text}' is no day of the calendar") from None
    return day.isoformat(), match[4] or ""


def meaning(header: str, text: str, *, alone: bool, agency: str = "") -> Meaning:
    """Return what a cell under a header says; raise IllegibleError.

    `alone`: the list has no other column, so that a signature need not wait for a ratification.
    `agency`: to which the list applies a convention, for cells of a column "Application".
    """
    day, suffix = read_cell(text)
    chosen = _chosen(header, suffix)
    if not chosen:
        raise IllegibleError(f"'{text}': the header '{header}' explains no suffix '{suffix}'")
    if len(chosen) > 1:
        return _ambiguous(header, day, chosen)
    return _meaning(chosen[0].words, suffix, day, alone, agency)


@cache
def _chosen(header: str, suffix: str) -> tuple[Act, ...]:
    named = acts_of_cell(header)
    if suffix == "" and all(act.suffix for act in named) and len(named) == 1:
        return named  # the only act there is needs no suffix
    wanted = tuple(act for act in named if act.suffix == suffix)
    # One list explains (s) for two acts in two columns; each column has one of them.
    return wanted[:1] if suffix == "s" else wanted


def _ambiguous(header: str, day: str, chosen: tuple[Act, ...]) -> Meaning:
    words = " or ".join(act.words for act in chosen)
    note = ("ambiguous-act", f"the header leaves open which act it was: {words}")
    fields = {"effective": day, "acted": day, "mode": "unstated", "act_words": header[:300]}
    return Meaning("agreement.consent-expressed", fields, (note,))


def _meaning(words: str, suffix: str, day: str, alone: bool, agency: str) -> Meaning:
    if words.startswith("Succession to signature"):
        return _signed(day, "succession")
    if words.startswith("Signature"):
        if "ad referendum" in words:
            return _signed(day, "ad-referendum")
        signed = _signed(day, "unstated" if alone else "simple")
        return signed if words == "Signature" else signed.noted(words)
    if words.startswith("Definitive signature") and " or " not in words:
        return _signed(day, "definitive")
    if words.startswith("Confirmation of signature"):
        effect = "simple" if suffix == "C" else "definitive"
        return Meaning("agreement.signature-confirmed", {"effective": day, "effect": effect})
    if words.startswith("Notification under"):
        fields = {"effective": day, "purpose": f"entry into force: {words}"}
        return Meaning("agreement.notification-made", fields)
    if words.startswith(_PROVISIONAL):
        return Meaning("agreement.provisionally-applied", {"effective": day})
    if words == "Application":
        return _consent("notification", day, act_words=f"application to {agency or 'the agency'}")
    return _by_word(words, day)


def _by_word(words: str, day: str) -> Meaning:
    plain = words in _MODES and words != "Definitive acceptance"
    return _consent(_mode_of(words), day, **({} if plain else {"act_words": words[:300]}))


@cache
def _mode_of(words: str) -> str:
    if " or " in words and words.partition(" or ")[2].split()[0] not in ("3", "succession"):
        return "unstated"
    return next((m for w, m in _MODES.items() if re.match(rf"{w}\b", words)), "unstated")


def _consent(mode: str, day: str, **more: str) -> Meaning:
    fields = {"effective": day, "acted": day, "mode": mode, **more}
    if mode == "succession":
        fields["effective"] = f"[..{day}]"  # when the States succeeded, the list does not say
    if (words := more.get("act_words")) and (text := _version(words)):
        fields["version"] = text
    return Meaning("agreement.consent-expressed", fields)


def _signed(day: str, mode: str) -> Meaning:
    return Meaning("agreement.signed", {"effective": day, "mode": mode})


@cache
def _version(words: str) -> str | None:
    """Return which text is bound by, where the header says (VCLT 40(5))."""
    found = _text_meant(words)
    return found[1][:300] if found and " by virtue " not in words else None


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
    header, rows, _ = read_table(treaty.path)
    alone = len(header) == 2
    for number, line, row, _ in rows:
        who = row[0].strip()
        yield from parties.known(who)
        for at, text in enumerate(row[1:], 1):
            if text.strip():
                column = header[at] if at < len(header) else f"column {at + 1}"
                cell = SourceCell(treaty.path.name, number, column, text.strip(), (), line)
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
