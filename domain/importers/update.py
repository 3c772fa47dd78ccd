"""Compare a newer edition of a table with what was recorded of it, and say what to record.

A row is *the same* where a claim of its asserter says so, in its first text or as corrected since;
days of publication and the way in which a figure is written are no part of that. What is left over
on both sides is *changed* where it has one identity: the key; else of what happens once, or is
measured, that of the happening; else the type, the days and the parties. All else is *new*, or
*gone*: recorded by an import of an earlier edition and in this one no more. What people said
meanwhile is kept: a field that they corrected stays, unless the table says something new of it;
then, and where a row was retracted, the line says what to do, and nothing is recorded. What a later
edition said is kept too: an older table corrects nothing of it, and takes nothing of it away.
"""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cached_property, partial
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from domain.claims.claim import Claim
from domain.claims.effective_claims import as_corrected
from domain.decisions.batch import AppendResult, Command
from domain.decisions.stream_index import StreamIndex, places
from domain.importers.cells import FactOrReject, Recorded, Reject, RowFact, SourceCell
from domain.importers.run import names_in_ledger
from domain.ledger import Ledger
from domain.recorded_imports import recorded_imports
from events import validation
from events.body import Body
from events.catalogue import about_claims, family, repeatable, topic
from events.dates import parse_date
from events.errors import NotUnderstoodError
from events.kinds.claim_events import Corrected
from events.references import references
from events.store.factory import open_reader
from events.text import count_noun

Data = dict[str, Any]
_LAST = 2**62  # after all positions, and after all rows
_MOST = 50  # claims of one identity that are compared with a row
_bytes = msgspec.json.Encoder(order="sorted").encode


class Edition(NamedTuple):
    """A newer edition: the format and the files of the import, the day of the table (EDTF).

    `own_sources`: each row names its own, so that they do not tell one table from another.
    `retract`: what is gone is retracted, and not listed alone.
    """

    format: str
    files: tuple[str, ...]
    published: str | None = None
    own_sources: bool = False
    retract: bool = False


class Change(NamedTuple):
    """A line of an update: a row that is new, changed, gone or kept as people left it.

    `fields` are what differs, each with what it was and what it is (None: absent), or what a new
    row says; `position` is that of the claim, None of a new one.
    """

    what: str
    type: str
    subject: str
    position: int | None
    fields: tuple[tuple[str, Any, Any], ...] = ()
    sentence: str = ""
    cell: SourceCell | None = None

    def document(self) -> Data:
        """Return it as JSON data; `before` and `after` hold the fields that differ."""
        said: Data = {"what": self.what, "type": self.type, "subject": self.subject}
        said |= {"position": self.position} if self.position else {}
        said |= {"file": self.cell.file, "line": self.cell.line} if self.cell else {}
        said["before"] = {name: was for name, was, _ in self.fields if was is not None}
        said["after"] = {name: now for name, _, now in self.fields if now is not None}
        return said | ({"sentence": self.sentence} if self.sentence else {})


class Plan(NamedTuple):
    """What an update comes to: what to hand to the import, its lines, how many rows of each sort.

    `notes` are sentences on what is left alone, and `updates` the numbers of the imports of earlier
    editions. Of the rows kept, `later` are said by a later edition.
    """

    given: list[FactOrReject]
    changes: list[Change]
    counts: Counter[str]
    notes: list[str]
    updates: tuple[int, ...]

    def document(self) -> Data:
        """Return the counts, and each change as JSON data."""
        sorts = ("same", "new", "changed", "gone", "retracted", "kept")
        counts: Data = {what: self.counts[what] for what in sorts}
        return {**counts, "lines": [one.document() for one in self.changes], "notes": self.notes}

    @property
    def writes(self) -> int:
        """Return how many events the changes are to become."""
        return sum(self.counts[what] for what in ("new", "changed", "retracted"))


class _Row:
    """A fact of the table: its place among all, what it says, and how it compares."""

    def __init__(self, at: int, command: Command, body: Body) -> None:
        self.at, self.command, self.body = at, command, body
        self.same = command.type, _bytes(_plain(validation.body_data(body)))

    @property
    def data(self) -> Data:
        """Return what it says as JSON data."""
        return validation.body_data(self.body)

    @cached_property
    def plain(self) -> Data:
        """Return what it says as it is compared: of most rows nothing but `same` is asked."""
        return _plain(self.data)


class _Old:
    """A claim of the ledger: what the table said last (`base`), and what it says now (`plain`).

    `text` is the claim with its text as corrected, `last` the event that brought the text,
    `edition` the one that brought the table's last, and `told` that or the one that took it away.
    """

    def __init__(self, claim: Claim, index: StreamIndex) -> None:
        self.claim, self.used = claim, False
        self.text = as_corrected(claim, index.corrected)
        self.data = validation.body_data(self.text.body)
        self.last = self.edition = claim
        base = now = _plain(validation.body_data(claim.body))
        while (by := index.corrected.get(self.last.id)) and isinstance(by.body, Corrected):
            said = _plain(by.body.data)
            if _is_of_source(by, claim):
                names = _differing(now, said)
                base = {n: v for n, v in base.items() if n not in names}
                base |= {n: said[n] for n in names if n in said}
                self.edition = by
            self.last, now = by, said
        self.base, self.plain = base, now
        self.retracted = by = index.retracted.get(claim.id)
        taken = by is not None and _is_of_source(by, claim, "source-retracted")
        self.told = by if by is not None and taken else self.edition


def plan_update(
    ledger: Ledger,
    given: Iterable[FactOrReject],
    edition: Edition,
    bind: Callable[[Recorded], None] | None = None,
) -> Plan:
    """Return what a newer edition comes to; raise NotUnderstoodError for a change of no day."""
    if bind is not None:
        bind(partial(names_in_ledger, ledger))
    items = list(given)
    rows: dict[str, list[_Row]] = {}
    facts, introduced = set[str](), {"party.established", "source.cited"}
    for at, item in enumerate(items):
        if isinstance(item, Command):
            if item.introduces:
                introduced.add(item.type)
            elif (body := _body(item)) is not None:
                facts.add(item.type)
                rows.setdefault(item.thing, []).append(_Row(at, item, body))
    update = _Update(ledger, edition, introduced - facts)
    for thing, mine in rows.items():
        update.compare(thing, mine)
    sources = {name for each in rows.values() for row in each for name in _sources(row.body)}
    update.find_gone(sources, rejected=sum(isinstance(item, Reject) for item in items))
    update.note_days()
    changes = [change for _, change in sorted(update.changes, key=itemgetter(0))]
    counts = update.counts + Counter(change.what for change in changes)
    replaced = [update.instead.get(at, item) for at, item in enumerate(items)]
    given_now = [*update.retractions, *replaced]
    return Plan(given_now, changes, counts, update.notes, tuple(sorted(update.updates)))


class _Update:
    """Compares subject by subject, then finds what is gone."""

    def __init__(self, ledger: Ledger, edition: Edition, left_out: Set[str]) -> None:
        self._ledger, self._edition, self._left_out = ledger, edition, left_out
        every = recorded_imports(ledger.where)
        self._imports = {one.number: one for one in every if one.format == edition.format}
        self._spans = sorted((a, b, n) for n, one in self._imports.items() for a, b in one.spans)
        self._compared: set[str] = set()
        self._met: Counter[int] = Counter()  # claims that rows say, by their import
        self._left: dict[int, list[_Old]] = {}  # claims that no row says, by their import
        self.instead: dict[int, FactOrReject] = {}
        self.changes: list[tuple[int, Change]] = []
        self.retractions: list[FactOrReject] = []
        self.notes: list[str] = []
        self.updates: set[int] = set()
        self.counts: Counter[str] = Counter()  # of what has no line of its own
        self._days: dict[tuple[str, ...], str | None] = {}  # later than the table, by those said
        self._newest: dict[int, str] = {}  # the last day after the table's, by import
        self._untold: set[int] = set()  # claims that change or are gone, whose days do not tell

    def compare(self, thing: str, rows: list[_Row]) -> None:
        """Find what each row about a subject is: the same, changed or new."""
        index = self._ledger.index(thing)
        self._compared.add(thing)
        types = {row.command.type for row in rows}
        olds = [
            _Old(claim, index)
            for claim in index.claims
            if claim.family is not about_claims
            and (claim.type in types or self._import_of(claim) is not None)
        ]
        left = self._without_same(rows, olds)
        if left:
            self._pair(index, left, olds)
        for old in olds:
            number = self._import_of(old.claim)
            if number is None:
                continue
            if day := self._later_day(old):
                self._newest[number] = max(day, self._newest.get(number, ""))
            if old.used:
                self._met[number] += 1
            else:
                self._leave(number, old)

    def find_gone(self, sources: Set[str], *, rejected: int) -> None:
        """Find what earlier editions said that this one does not say."""
        for group in self._groups():
            met = sum(self._met[number] for number in group)
            files = [set(self._imports[number].files) for number in group]
            named = set(self._edition.files) in files
            if not met and (self._edition.own_sources or not named):
                continue
            self._find_unnamed(group)
            mine = [old for number in group for old in self._left.get(number, ())]
            if not self._edition.own_sources:
                mine = [old for old in mine if sources & _sources(old.claim.body)]
            if not named and met < len(mine):
                told = f"import {min(group)} shares {met:,} of its {met + len(mine):,} facts with "
                self.notes.append(f"{told}this table: it is of another table, and left alone")
                continue
            self.updates |= group
            mine = [old for old in mine if not self._is_later(old)]
            if rejected and mine and self._edition.retract:
                told = f"{count_noun(rejected, 'reject')}: what is gone may be among them, and"
                self.notes.append(f"{told} is retracted when they are read")
            for old in sorted(mine, key=lambda one: one.claim.position):
                self._gone(old, retract=self._edition.retract and not rejected)

    def note_days(self) -> None:
        """Say where the table is older than what is recorded of it, and where no day tells."""
        day = self._edition.published
        if newest := max((self._newest.get(number, "") for number in self.updates), default=""):
            told = f"this table, of {day}, is older than the edition recorded, of {newest}"
            self.notes.append(f"{told}: what later editions said is kept")
        if self._untold and day is None:
            told = "this table has no date, so all of it counts as newer"
            self.notes.append(f"{told}; with --published DAY later claims are kept")
        elif self._untold:
            told = f"{count_noun(len(self._untold), 'claim')} changed or gone without a date"
            self.notes.append(f"{told}, taken as earlier than this table")

    def _later_day(self, old: _Old) -> str | None:
        """Return the day of what a table said last, if later than this table; None: none tells."""
        sources = old.told.body.sources or ()
        days = tuple(ref.published for ref in sources if ref.published)
        if days not in self._days:
            self._days[days] = _later(self._edition.published, days)
        return self._days[days]

    def _is_later(self, old: _Old) -> bool:
        """Say whether a claim that no row says is of a later edition; then it is kept."""
        day, claim = self._later_day(old), old.claim
        if not day:
            return False
        sentence = f"@{old.told.position} is of {day}, later than this table"
        change = Change("kept", claim.type, claim.thing, claim.position, sentence=sentence)
        self.changes.append((_LAST, change))
        self.counts["later"] += 1
        return True

    def _find_unnamed(self, group: set[int]) -> None:
        """Take up what imports recorded of subjects that the table does not name."""
        spans = [span for number in group for span in self._imports[number].spans]
        with open_reader(self._ledger.where) as record:
            things = {row.thing for a, b in spans for row in record.rows(a - 1, b)}
        for thing in sorted(things - self._compared):
            index = self._ledger.index(thing)
            for claim in index.claims:
                number = self._import_of(claim)
                if number in group and claim.family is not about_claims:
                    self._leave(number, _Old(claim, index))

    def _groups(self) -> list[set[int]]:
        """Return the imports, those of editions of one table together."""
        groups: list[set[int]] = []
        for number, one in self._imports.items():
            mine = {number, *(n for n in one.updates if n in self._imports)}
            apart = [group for group in groups if group.isdisjoint(mine)]
            groups = [*apart, mine.union(*(g for g in groups if not g.isdisjoint(mine)))]
        return groups

    def _import_of(self, claim: Claim) -> int | None:
        at = bisect_right(self._spans, (claim.position, _LAST, 0)) - 1
        if at >= 0 and self._spans[at][1] >= claim.position:
            return self._spans[at][2]
        return None

    def _leave(self, number: int, old: _Old) -> None:
        if not old.retracted and old.claim.type not in self._left_out:
            self._left.setdefault(number, []).append(old)

    def _without_same(self, rows: list[_Row], olds: list[_Old]) -> list[_Row]:
        """Return the rows that no claim says; what is retracted is asked after all that stands."""
        saying: dict[object, deque[_Old]] = {}
        for old in sorted(olds, key=lambda one: one.retracted is not None):
            for said in {_bytes(old.base), _bytes(old.plain)}:
                saying.setdefault((old.claim.type, said), deque()).append(old)
        left: list[_Row] = []
        met: set[object] = set()
        for row in rows:
            found = saying.get(row.same, deque())
            while found and found[0].used:
                found.popleft()
            if found:
                self._same(row, found[0])
            elif row.same in met and not (
                family(row.command.type) is repeatable and not row.body.key
            ):
                self.counts["same"] += 1  # a row that says what another says
            else:
                left.append(row)
            met.add(row.same)
        return left

    def _pair(self, index: StreamIndex, rows: list[_Row], olds: list[_Old]) -> None:
        """Find which of the rows left are changed, by one identity after the other."""
        waiting = [old for old in olds if not (old.used or old.retracted)]
        own = {row.at: index.next_claim(row.command.type, row.body) for row in rows}
        for identity in (_by_key, _by_happening):
            known: dict[object, list[_Old]] = {}
            for old in waiting:
                for one in identity(old.text):
                    known.setdefault(one, []).append(old)
            for row in rows:
                near = [old for one in identity(own[row.at]) for old in known.get(one, ())]
                fitting = [old for old in near[:_MOST] if self._fits(row, old)]
                if fitting:
                    self._changed(row, min(fitting, key=partial(_distance, row)))
            rows = [row for row in rows if row.at not in self.instead]
        for row in rows:
            if row.at not in self.instead:
                fields = tuple((name, None, value) for name, value in row.data.items())
                self._tell("new", row, None, fields)

    def _fits(self, row: _Row, old: _Old) -> bool:
        """Say whether a claim may be what an earlier edition said in a row."""
        if old.used:
            return False
        mine, its = row.plain.get("key"), old.plain.get("key")
        if mine and its and mine != its and _distance(row, old) > 1:
            return False
        if self._import_of(old.claim) is not None:
            return True
        return old.claim.family is not repeatable and bool(
            _sources(row.body) & _sources(old.claim.body)
        )

    def _same(self, row: _Row, old: _Old) -> None:
        old.used = True
        by = old.retracted
        if by is None:
            self.counts["same"] += 1
        elif old.told is by and (day := self._later_day(old)):
            why = f"@{by.position} of {day}, later than this table, took it away"
            self._tell("kept", row, old, sentence=why)
            self.counts["later"] += 1
        elif old.told is by:
            self._ask_day(old)
            told = {**self._told(row.data), "reason": "source-corrected", "target": by.id}
            back = Command(old.claim.thing, "claim.retracted", told, row.command.where)
            self.instead[row.at] = back
            self._tell("new", row, old, sentence=f"it is back: @{by.position} took it away")
            return
        else:
            why = f"retracted in @{by.position} since; to take it up again, retract that"
            self._tell("kept", row, old, sentence=why)
        self.instead[row.at] = AppendResult(row.command, "already recorded", old.claim)

    def _changed(self, row: _Row, old: _Old) -> None:
        """Take up a row whose claim says something else: what the table changed is corrected."""
        old.used = True
        self.instead[row.at] = AppendResult(row.command, "already recorded", old.claim)
        table, people = _differing(old.base, row.plain), _differing(old.base, old.plain)
        wanted = [name for name in table if old.plain.get(name) != row.plain.get(name)]
        if not wanted:
            self.counts["same"] += 1
            return
        new = row.data
        fields = tuple((name, old.data.get(name), new.get(name)) for name in wanted)
        if day := self._later_day(old):
            why = f"@{old.edition.position} is of {day}, later than this table"
            self.counts["later"] += 1
            self._tell("kept", row, old, fields, why)
            return
        if clashing := sorted(set(people).intersection(wanted)):
            then = f"to change it: depositary correct @{old.last.position}"
            why = f"{', '.join(clashing)} was corrected in @{old.last.position} since; {then}"
            self._tell("kept", row, old, fields, why)
            return
        text = {name: value for name, value in old.data.items() if name not in wanted}
        text |= {name: new[name] for name in wanted if name in new}
        try:
            read = validation.read_body(row.command.type, text)
        except validation.BodyError as error:
            self._tell("kept", row, old, fields, f"with what was corrected since: {error}")
            return
        told = {
            **self._told(new),
            "reason": "source-corrected",
            "target": old.last.id,
            "data_type": topic(row.command.type),
            "data": validation.body_data(read),
        }
        corrected = Command(old.claim.thing, "claim.corrected", told, row.command.where)
        self.instead[row.at] = corrected
        self._ask_day(old)
        self._tell("changed", row, old, fields)

    def _gone(self, old: _Old, *, retract: bool) -> None:
        claim = old.claim
        self._ask_day(old)
        fields = tuple((name, value, None) for name, value in old.data.items())
        change = Change("gone", claim.type, claim.thing, claim.position, fields)
        self.changes.append((_LAST, change))
        if retract:
            told = {**self._told(old.data), "reason": "source-retracted", "target": claim.id}
            self.counts["retracted"] += 1
            self.retractions.append(Command(claim.thing, "claim.retracted", told, claim))

    def _ask_day(self, old: _Old) -> None:
        """Take up a claim that the table changes although no day tells which is newer."""
        if self._later_day(old) is None:
            self._untold.add(old.claim.position)

    def _told(self, data: Data) -> Data:
        """Return who says that the table changed, on which basis, from which sources of its day."""
        told = {"asserted_by": data["asserted_by"], "basis": data["basis"]}
        day = {"published": self._edition.published} if self._edition.published else {}
        if sources := [{**source, **day} for source in data.get("sources", ())]:
            if not all("published" in source for source in sources):
                why = "a change is public from the day of the newer table, which is not said"
                then = "say --published DAY, the day of the table"
                raise NotUnderstoodError("the day of the table is not known", why, then)
            told["sources"] = sources
        return told

    def _tell(
        self,
        what: str,
        row: _Row,
        old: _Old | None,
        fields: tuple[tuple[str, Any, Any], ...] = (),
        sentence: str = "",
    ) -> None:
        where = row.command.where
        cell = where.cell if isinstance(where, RowFact) else where
        position = None if old is None else old.claim.position
        thing, type_ = row.command.thing, row.command.type
        self.changes.append((row.at, Change(what, type_, thing, position, fields, sentence, cell)))


def _body(command: Command) -> Body | None:
    """Return what a fact says; None where it is refused when its turn comes."""
    try:
        assert isinstance(command.data, Mapping)
        return validation.read_body(command.type, dict(command.data))
    except (validation.BodyError, LookupError):
        return None


def _plain(data: Mapping[str, Any]) -> Data:
    """Return what a text says: without days of publication, and without the words of figures."""
    return {name: _value(name, value) for name, value in data.items()}


def _value(name: str, value: Any) -> Any:
    if name == "sources":
        sources = [{n: v for n, v in one.items() if n in ("source", "origin")} for one in value]
        return sorted(sources, key=itemgetter("source"))
    if isinstance(value, dict):
        figure = "unit" in value
        return {n: _value(n, v) for n, v in value.items() if not (figure and n == "words")}
    return value


def _sources(body: Body) -> frozenset[str]:
    return frozenset(ref.source for ref in body.sources or ())


def _is_of_source(by: Claim, claim: Claim, reason: str = "source-corrected") -> bool:
    """Say whether a claim about a claim is its own source's, as a newer edition's is."""
    body: Any = by.body
    if body.reason != reason or body.asserted_by != claim.body.asserted_by:
        return False
    mine, its = _sources(body), _sources(claim.body)
    return not mine or not its or not mine.isdisjoint(its)


def _later(table: str | None, days: tuple[str, ...]) -> str | None:
    """Return the last of some days that is after the table's, "" for none; None: no day tells."""
    if table is None or not days:
        return None
    mine, later, untold = parse_date(table), [], False
    for text in days:
        its = parse_date(text)
        if mine.latest and its.earliest and mine.latest < its.earliest:
            later.append((its.earliest, text))
        elif text != table:
            untold |= not mine.earliest or not its.latest or mine.earliest < its.latest
    return max(later)[1] if later else None if untold else ""


def _differing(one: Data, other: Data) -> list[str]:
    """Return the fields that differ, in the order in which they stand."""
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]


def _distance(row: _Row, old: _Old) -> int:
    return len(_differing(row.plain, old.plain))


def _by_key(claim: Claim) -> Iterator[object]:
    if claim.body.key is not None:
        yield claim.type, claim.body.asserted_by, claim.body.key


def _by_happening(claim: Claim) -> Iterator[object]:
    """Yield what a claim is known by beside its key: see the module."""
    body = claim.body
    if claim.family is repeatable:
        parties = references(body) - _sources(body)
        yield claim.type, body.effective, body.acted, parties
    else:
        yield from (place for place, _, _ in places(claim))
