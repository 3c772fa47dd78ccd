"""Read the status lists of the UN Treaty Collection as facts, cell by cell.

`index.csv` names the treaties of the Multilateral Treaties Deposited with the Secretary-General;
`treaties/CHAPTER-NUMBER.csv` has a row a participant and a cell an act. The UN Treaty Collection
asserts what its list says, and the list is the source. A list does not say of which day it is: the
lists of one edition are known by their digests, and of any other the day is given.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from domain.claims.interval import interval
from domain.decisions.batch import Command
from domain.importers.cells import (
    FactOrReject,
    IllegibleError,
    Reject,
    Remark,
    RowFact,
    RowLayout,
    SourceCell,
    beyond_header,
    recorder_data,
    row_of,
)
from domain.importers.register import NoPartyError, Parties
from domain.importers.tables import ImportFileError, read_table
from events.errors import NotUnderstoodError
from events.value import replace

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
_names_act = re.compile(
    r"(?:act of |definitive |formal |provisional )*(?:acceptance|accession|application|approval|"
    r"confirmation|consent|notification|participation|ratification|signature|"
    r"simplified procedure|succession)\b",
    re.IGNORECASE,
).match
_text_meant = re.compile(r" (?:to|of|in) (the (?:Convention|Agreement|Protocol)\b.*)").search


class Act(NamedTuple):
    """One act that a header names: its words, and the suffix of its cells (empty: none).

    As a consent it has a mode; `version` is the text by which it binds, None where none is named.
    """

    words: str
    suffix: str
    mode: str
    version: str | None


class Meaning(NamedTuple):
    """What a cell says: the type of event, its own fields, and what is odd about the cell."""

    type: str
    fields: dict[str, Any]
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def day(self) -> str:
        """Return the day of the cell in ISO 8601."""
        return str(self.fields.get("acted") or self.fields["effective"])


class NoActError(IllegibleError):
    """A column whose cells are acts names an act of a participant, such as Ratification."""

    name = "no-act"


def acts_of_header(header: str) -> tuple[Act, ...]:
    """Return the acts that a column's header names, in their order."""
    found = []
    for named in _split(header):
        marked = _act_of(named)
        words, suffix = marked.groups() if marked else (named, "")
        found.append(Act(words, suffix, _mode_of(words), _version(words)))
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


class ActColumn:
    """A column of a list, by its header.

    `alone`: the list has no other column, so that a signature need not wait for a ratification.
    `agency`: to which the list applies a convention, for cells of a column "Application".
    """

    def __init__(self, header: str, *, alone: bool = False, agency: str = "") -> None:
        self._header, self._alone, self._agency = header, alone, agency
        self._acts = acts_of_header(header)

    def meaning(self, text: str) -> Meaning:
        """Return what a cell says; raise IllegibleError."""
        day, suffix = read_cell(text)
        chosen, header = self._chosen(suffix), self._header
        if not chosen:
            raise IllegibleError(f"'{text}': the header '{header}' explains no suffix '{suffix}'")
        if not any(_names_act(act.words) for act in chosen):
            raise NoActError(f"the header '{header}' names no act of a participant")
        if len(chosen) > 1:
            words = " or ".join(act.words for act in chosen)
            note = ("ambiguous-act", f"the header leaves open which act it was: {words}")
            fields = _consent(day, "unstated", header)
            return Meaning("agreement.consent-expressed", fields, (note,))
        return _meaning(chosen[0], suffix, day, self._alone, self._agency)

    def _chosen(self, suffix: str) -> tuple[Act, ...]:
        if suffix == "" and len(self._acts) == 1:
            return self._acts  # the only act there is needs no suffix
        wanted = tuple(act for act in self._acts if act.suffix == suffix)
        # One list explains (s) for two acts in two columns; each column has one of them.
        return wanted[:1] if suffix == "s" else wanted


def _meaning(act: Act, suffix: str, day: str, alone: bool, agency: str) -> Meaning:
    words = act.words
    if mode := _mode_of_signature(words, alone=alone):
        fields = {"effective": day, "mode": mode}
        if mode in ("simple", "unstated") and words != "Signature":
            fields["note"] = words
        return Meaning("agreement.signed", fields)
    if words.startswith("Confirmation of signature"):
        effect = "simple" if suffix == "C" else "definitive"
        return Meaning("agreement.signature-confirmed", {"effective": day, "effect": effect})
    if words.startswith("Notification under"):
        fields = {"effective": day, "purpose": f"entry into force: {words}"}
        return Meaning("agreement.notification-made", fields)
    if words.startswith(_PROVISIONAL):
        return Meaning("agreement.provisionally-applied", {"effective": day})
    if words == "Application":
        fields = _consent(day, "notification", f"application to {agency or 'the agency'}")
        return Meaning("agreement.consent-expressed", fields)
    plain = words in _MODES and words != "Definitive acceptance"
    fields = _consent(day, act.mode, "" if plain else words)
    if not plain and act.version:
        fields["version"] = act.version
    return Meaning("agreement.consent-expressed", fields)


def _mode_of_signature(words: str, *, alone: bool) -> str:
    """Return how a treaty is signed; empty for any other act."""
    if words.startswith("Succession to signature"):
        return "succession"
    if words.startswith("Signature"):
        usual = "unstated" if alone else "simple"
        return "ad-referendum" if "ad referendum" in words else usual
    return "definitive" if words.startswith("Definitive signature") and " or " not in words else ""


def _mode_of(words: str) -> str:
    if " or " in words and words.partition(" or ")[2].split()[0] not in ("3", "succession"):
        return "unstated"
    return next((m for w, m in _MODES.items() if re.match(rf"{w}\b", words)), "unstated")


def _consent(day: str, mode: str, words: str) -> dict[str, Any]:
    # When a State succeeded, the list does not say: on the day of its notification at the latest.
    effective = f"[..{day}]" if mode == "succession" else day
    fields = {"effective": effective, "acted": day, "mode": mode}
    return {**fields, "act_words": words[:LONGEST]} if words else fields


def _version(words: str) -> str | None:
    """Return which text is bound by, where the header says (VCLT 40(5))."""
    found = _text_meant(words)
    return found[1][:LONGEST] if found and " by virtue " not in words else None


ASSERTER = "party/un-treaty-collection"
EDITION = "2015-03"  # the lists of March 2015 are known by their digests
_DIGESTS = f"un-mtdsg-{EDITION}.csv"
_is_list = re.compile(r"[0-9]{1,2}-[0-9]+[a-z]?(?:-[0-9]*[a-z]*)*").fullmatch
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
    """A list, its treaty's title in the index ("" for none), and the list's day (EDTF)."""

    name: str
    path: Path
    title: str
    locator: str | None
    published: str = EDITION

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
        sources = [{"source": self.source, "published": self.published}]
        return {"asserted_by": ASSERTER, "basis": "official-record", "sources": sources}


def read_un_lists(lists: Iterable[Treaty], parties: Parties) -> Iterator[FactOrReject]:
    """Yield the facts of lists, and rejects beside them."""
    yield Command(
        ASSERTER,
        "party.established",
        recorder_data(name="United Nations Treaty Collection", type="publisher"),
        introduces=True,
    )
    for treaty in lists:
        if not treaty.title:
            sentence = f"no index names {treaty.path.name}: it bears its number for a title"
            yield Remark(SourceCell(treaty.path.name, 0, "", ""), "not-in-the-index", sentence)
        yield from _introduced(treaty)
        yield from _acts(treaty, parties)


def read_treaties(path: Path, published: str | None = None) -> list[Treaty]:
    """Return the lists at a path, a folder or its index.csv or one list, in the order of the index.

    `published` is the day of the lists (EDTF); None: it is known by the digest of each list.
    Raises ImportFileError for what is no list, NotUnderstoodError for a list of no known day.
    """
    path = path.parent if path.name == "index.csv" else path
    if path.is_dir():
        indexed = _indexed(path / "index.csv")
        lists = sorted((path / "treaties").glob("*.csv"))
        named = [treaty for treaty in indexed if treaty.path in lists]
        known = {treaty.path for treaty in named}
        found = [*named, *(_unnamed(file) for file in lists if file not in known)]
        if not (indexed and found):
            why = f"{path / 'index.csv'} is not there, or names no list in {path / 'treaties'}"
            then = "name the folder that holds index.csv and treaties/, or single lists"
            raise ImportFileError("there is no index of the treaties", why, then)
    else:
        places = (path.parent.parent / "index.csv", path.parent / "index.csv")
        named = [one for index in places for one in _indexed(index) if one.name == path.stem]
        found = [named[0]._replace(path=path) if named else _unnamed(path)]
    digests = {} if published else _known_digests()
    return [one._replace(published=published or _edition(one, digests)) for one in found]


def _indexed(index: Path) -> list[Treaty]:
    if not index.is_file():
        return []
    found = []
    with index.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                name = f"{row['chapter_no']}-{row['treaty_no'].replace('.', '-')}"
                title = " ".join(row["treaty_name"].replace("*", "").split())
            except (KeyError, AttributeError):
                why = f"{index} needs the columns chapter_no, treaty_no and treaty_name"
                what, then = "this is not an index of treaties", "name the lists in its place"
                raise ImportFileError(what, why, then) from None
            path = index.parent / "treaties" / f"{name}.csv"
            found.append(Treaty(name, path, title, row.get("url") or None))
    return found


def _unnamed(path: Path) -> Treaty:
    if not _is_list(path.stem):
        why = f"{path} has no name such as 4-9.csv: chapter and number of the treaty"
        then = "depositary import csv FILE --map FILE.toml, for any other table"
        raise ImportFileError("this is not a list of a UN treaty", why, then)
    return Treaty(path.stem, path, "", None)


def _edition(treaty: Treaty, known: dict[str, str]) -> str:
    digest = hashlib.sha256(treaty.path.read_bytes()).hexdigest()
    if known.get(treaty.name) == digest:
        return EDITION
    why = f"{treaty.path} is not the list {treaty.name} of {EDITION}, and does not say its own day"
    then = "add --published DAY, the day of the list"
    raise NotUnderstoodError("the day of a list is not known", why, then)


def _known_digests() -> dict[str, str]:
    text = files("domain.importers").joinpath("data", _DIGESTS).read_text("utf-8")
    return {row["list"]: row["sha256"] for row in csv.DictReader(text.splitlines())}


def _introduced(treaty: Treaty) -> Iterator[Command]:
    chapter, _, number = treaty.name.partition("-")
    place = f"Treaty {number} of chapter {chapter} of the Multilateral Treaties Deposited with the"
    title = treaty.title or f"{place} Secretary-General"
    title = title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
    cited = recorder_data(publisher=ASSERTER, title=title, published=treaty.published)
    if treaty.locator:
        cited["locator"] = treaty.locator
    yield Command(treaty.source, "source.cited", cited, introduces=True)
    # The index gives the title: without it the list's own number is the recorder's name for it.
    described = {**(treaty.told if treaty.title else recorder_data()), "title": title}
    kinds = (kind for word, kind in _KINDS.items() if treaty.title.startswith(word))
    if kind := next(kinds, None):
        described["kind"] = kind
    yield Command(treaty.agreement, "agreement.described", described)


def _acts(treaty: Treaty, parties: Parties) -> Iterator[FactOrReject]:
    last = interval(treaty.published).last.isoformat()
    header, rows, *_ = read_table(treaty.path)
    names = range(len(header))
    alone, agency = len(header) == 2, treaty.agency
    columns = [ActColumn(name, alone=alone, agency=agency) for name in header]
    layout = RowLayout(treaty.path.name, header, names)
    for given in rows:
        row = row_of(layout, given)
        yield from beyond_header(row)
        for at in names[1:]:
            if row.cells[at]:
                act = _act(treaty, row.fact(at, 0), parties, columns[at], last)
                yield from parties.introduced()
                yield act
        yield row


def _act(
    treaty: Treaty, cell: RowFact, parties: Parties, column: ActColumn, last: str
) -> FactOrReject:
    row, at = cell.row, cell.at
    who, text = row.cells[0], row.cells[at]
    try:
        party = parties.named(who)
        said = column.meaning(text)
    except (IllegibleError, NoPartyError) as error:
        return Reject(cell, error.name, str(error))
    if said.day > last:
        why = f"{text} is after the day of the list, {treaty.published}"
        return Reject(cell, "after-its-day", f"{why}: give its day with --published")
    where = replace(cell, notes=said.notes) if said.notes else cell
    # By the participant's name, and not by its row, for a newer list has more rows.
    key = f"{who}, column {at + 1}"
    data = {**treaty.told, **said.fields, "party": party, "key": key}
    return Command(treaty.agreement, said.type, data, where)
