"""Read the rows of any table as facts, by a map of its columns.

A map (map_language) is made into readers once, when the header is known; then each row is a walk
through them. What a row says that becomes no fact is a reject with its line, its column and why.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.resources import as_file, files
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import convert
from msgspec.json import encode

from domain.decisions.batch import Command
from domain.importers.cell_dates import edtf_in_braces, edtf_of_cell
from domain.importers.cell_numbers import ColumnReadings, amount_reader
from domain.importers.cells import (
    FactOrReject,
    Notes,
    Reading,
    Reject,
    Remark,
    RowCells,
    RowFact,
    RowLayout,
    SourceCell,
    recorder_data,
)
from domain.importers.map_language import (
    NAMES,
    ColumnReading,
    Condition,
    CsvMap,
    FactMap,
    has_columns,
    of_day,
    read_map,
)
from domain.importers.register import Parties, Register
from domain.importers.row_readers import (
    BREAKS,
    Cells,
    Columns,
    CutText,
    FieldReader,
    NoColumnError,
    Reader,
    SourcesReader,
    Titles,
    fill_in,
    longest_text,
    mark_in,
    needs_reading,
    number_in,
    once_each,
    text_reader,
    unbroken,
)
from domain.importers.slugs import title_slug
from domain.importers.tables import Table, bare, count_lines, open_table, read_table
from events.amounts import Units
from events.body import SourceRef
from events.catalogue import body_class, family, repeatable
from events.dates import parse_date
from events.fields import Day, Field, fields_of
from events.intake.field_parser import read_fields, read_value
from events.validation import BodyError
from events.value import replace

_NO_NOTES: Notes = ()
MEMBERSHIP = "copyright-membership.toml"  # the map of the membership of WIPO's treaties


class RowRule(NamedTuple):
    """A fact of the map, made for one header: when there is one, and how each field is read.

    `readers` read a field each. `columns` are the numbers of all columns that it reads; `counts`
    says that the same twice is two acts; `sources` are those that it cites; `fields` says in which
    column each field stands.
    """

    one: FactMap
    when: int
    wanted: Callable[[Cells], bool]
    subject: Reader
    constants: dict[str, Any]
    readers: tuple[tuple[str, Reader], ...]
    columns: tuple[int, ...]
    counts: bool
    sources: SourcesReader | None
    days: bool
    fields: dict[str, int]


def read_by_map(paths: list[Path], map_: Path, published: str | None) -> Reading:
    """Read tables by the map in a file."""
    return _mapped(paths, read_map(map_), published)


def read_memberships(paths: list[Path], published: str | None) -> Reading:
    """Read the membership of WIPO's treaties by its map, and describe each treaty first."""
    with as_file(files("domain.importers").joinpath("data", MEMBERSHIP)) as own:
        mapping = read_map(own)
    described = [
        FactMap(
            type="agreement.described",
            subject=f"agreement/wipo-{title_slug(title)}",
            fields={**mapping.defaults, "title": title},
        )
        for title in _treaties(paths)
    ]
    made = mapping.model_copy(update={"first": [*mapping.first, *described]})
    return _mapped(paths, made, published)


def _treaties(paths: list[Path]) -> dict[str, None]:
    found: dict[str, None] = {}
    for path in paths:
        header, rows, *_ = read_table(path)
        if "Treaty" in header:
            at = header.index("Treaty")
            found |= dict.fromkeys(
                name for row in rows for name in bare(row.cells[at : at + 1]) if name
            )
    return found


def _mapped(paths: list[Path], mapping: CsvMap, published: str | None) -> Reading:
    read = of_day(mapping, published) if published else mapping
    parties = Parties(Register(read.parties.items()))
    return Reading(
        read_mapped_table(paths, read, parties),
        len(read.fact) * sum(map(count_lines, paths)),
        unknown=lambda: parties.unknown,
        bind=parties.bind,
        published=read.published,
        own_sources=any(has_columns(one.fields.get("sources")) for one in read.fact),
    )


def read_mapped_table(
    paths: Iterable[Path], mapping: CsvMap, parties: Parties
) -> Iterator[FactOrReject]:
    """Yield first facts, then each row's, all files looked through; raise ImportMapError."""
    tables = [(path, open_table(path, mapping.form)) for path in paths]
    read = [_MappedFile(path, table, mapping, parties) for path, table in tables]
    for one in mapping.first:
        data = read_fields(body_class(one.type), one.fields, NAMES)
        if one.type == "party.established":
            parties.declare(one.subject, str(one.fields.get("name", "")))
        yield Command(one.subject, one.type, data, introduces=True)
    for file in read:
        yield from file.facts()
        yield from file.odd_columns()
    yield from _met_by_no_row(read, mapping)


class _MappedFile:
    """One file and the rules of its map."""

    def __init__(self, path: Path, table: Table, mapping: CsvMap, parties: Parties) -> None:
        self._path, self._table, self._mapping, self._parties = path, table, mapping, parties
        self._columns = Columns(path, table.header)
        self._titles = Titles()
        self._sources: dict[str, str] = {}  # what they were made of, by their ids
        self._said: dict[int, int] = {}  # how often the same was said
        self._numbers: dict[int, ColumnReadings] = {}
        self.met: set[int] = set()  # the facts of the map of which there is one, by their ids
        self.rows = 0
        self._published = parse_date(mapping.published).latest if mapping.published else None
        try:
            self._rules = [rule for one in mapping.fact for rule in self._made(one)]
        except NoColumnError as error:
            first = (row.line for row in islice(table.rows, 30) if error.name in bare(row.cells))
            if line := next(first, 0):
                then = f"its header stands on line {line}: say skip = {line - 1} in the map"
                raise NoColumnError(error.name, error.why, then) from None
            raise
        mapped = {at for rule in self._rules for at in rule.columns}
        mapped |= {self._columns.number(name) for name in mapping.ignore}
        self._layout = RowLayout(path.name, table.header, frozenset(mapped), self._unknowns())

    def facts(self) -> Iterator[FactOrReject]:
        """Yield what each row becomes."""
        layout, width, rules = self._layout, len(self._table.header), self._rules
        unknown = frozenset(self._mapping.unknown)
        for number, line, given, lines in self._table.rows:
            cells = bare(given)
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            row = RowCells(layout, number, line, cells)
            if lines > 1 or not "".join(cells).isprintable():
                yield from _line_breaks(row, self._mapping.delimiter or ",")
            if (odd := _no_row(row, width)) is not None:
                yield odd
                yield row
                continue
            # What stands for unknown is said nowhere, also not in a text with columns in it.
            said = ["" if cell in unknown else cell for cell in cells] if unknown else cells
            for rule in rules:
                if said[rule.when] and rule.wanted(said):
                    self.met.add(id(rule.one))
                    fact = self._fact(rule, row, said)
                    if self._parties.met:
                        yield from self._parties.introduced()
                    if rule.sources is not None and type(fact) is Command:
                        yield from self._made_sources(rule.sources, row, said, fact)
                    if self._titles.odd:
                        yield from self._titles.told(row)
                    yield fact
            yield row
            self.rows += 1

    def odd_columns(self) -> Iterator[Remark]:
        """Yield the columns whose figures have two readings, and merged cells of a workbook."""
        header = self._layout.header
        for one in self._table.merged:
            columns = range(one.column - 1, min(one.last_column, len(header)))
            if not self._layout.mapped.isdisjoint(columns):
                rows = f"row {one.row}" + (f" to {one.last_row}" if one.last_row > one.row else "")
                sentence = f"{rows}: merged cells; the first alone has the value"
                cell = SourceCell(self._layout.file, one.row, header[columns[0]], "", (), one.row)
                yield Remark(cell, "merged-cells", sentence)
        for at, readings in self._numbers.items():
            if told := readings.finding():
                cell = SourceCell(self._layout.file, 0, header[at], "")
                yield Remark(cell, "two-readings", told)

    def _fact(self, rule: RowRule, row: RowCells, cells: Cells) -> Command | Reject:
        """Return what a rule makes of a row."""
        data, type_, name = rule.constants.copy(), rule.one.type, ""
        try:
            for name, read in rule.readers:
                if (value := read(cells)) is not None:
                    if type(value) is CutText:
                        data[value.rest] = value.whole
                        value = value.line
                    data[name] = value
            subject = rule.subject(cells)
        except BodyError as error:
            fact = RowFact(row, rule.when, rule.columns, (), rule.fields)
            return Reject(fact.blamed(error), "not-well-formed", str(error))
        except (ValueError, LookupError, TypeError) as error:
            where = RowFact(row, rule.fields.get(name, rule.when), rule.columns)
            if (at := getattr(error, "at", None)) is not None:
                where = replace(where, at=at)
            return Reject(where, getattr(error, "name", "illegible"), str(error))
        at, notes = rule.when, _NO_NOTES
        if rule.days and self._published is not None and (later := self._after_publication(data)):
            name, notes = later
            at = rule.fields[name]
        where = RowFact(row, at, rule.columns, notes, rule.fields)
        times = self._times(subject, type_, data) if rule.counts else 1
        return Command(subject, type_, data, where, None, 1, rule.one.once, None, times)

    def _times(self, subject: str, type_: str, data: dict[str, Any]) -> int:
        """Return how often the file said the same up to here, in whatever cells."""
        same = hash((subject, type_, encode(data)))
        self._said[same] = times = self._said.get(same, 0) + 1
        return times

    def _after_publication(self, data: dict[str, Any]) -> tuple[str, Notes] | None:
        last = self._published
        for name in ("effective", "acted"):
            day = data.get(name)
            first = parse_date(day).earliest if day else None
            if first is not None and last is not None and first > last:
                sentence = f"{name} {day} is later than the table, which is of {last}"
                return name, (("after-the-table", sentence),)
        return None

    def _made_sources(
        self, sources: SourcesReader, row: RowCells, cells: Cells, command: Command
    ) -> Iterator[FactOrReject]:
        """Yield the sources that a row names and that were not met before."""
        assert isinstance(command.data, dict)
        for source, cited, own in sources.cited(cells):
            said = " ".join(cells[at] for at in sorted(own))
            if (known := self._sources.get(source)) == said:
                continue
            self._sources[source] = said
            if known is None:
                by = command.data["asserted_by"]
                publisher = {} if by == "party/recorder" else {"publisher": by}
                made = recorder_data(**{**publisher, **cited})
                yield Command(source, "source.cited", made, introduces=True)
            elif known.casefold() != said.casefold():
                sentence = f"'{said}' and '{known}' are both {source} here"
                yield Remark(row.cell(min(own)), "two-titles-in-one-id", sentence)

    def _made(self, one: FactMap) -> Iterator[RowRule]:
        """Yield the rules of a fact: one, or one of each of its wide columns."""
        if not one.columns:
            yield self._rule(one, None)
            return
        for at in self._columns.several(one.columns):
            yield self._rule(one, at)

    def _rule(self, one: FactMap, at: int | None) -> RowRule:
        columns = self._columns.at(at)
        conditions = _conditions(one)
        numbers = [columns.number(each.column) for each in conditions]
        when = numbers[0]
        cls = body_class(one.type)
        wants = fields_of(cls)
        constants: dict[str, Any] = {}
        readers: list[tuple[str, Reader]] = []
        sources: SourcesReader | None = None
        used = set(numbers)
        places: dict[str, int] = {}
        for name, how in one.fields.items():
            mine: set[int] = set()
            if isinstance(how, ColumnReading):
                number = columns.number(how.column)
                mine.add(number)
                readers.append((name, self._reader(how, columns, number, wants[name], mine)))
                places[name] = number
            elif name == "sources" and has_columns(how):
                sources = SourcesReader(how, columns, self._mapping.days(), mine)
                readers.append((name, sources))
            elif has_columns(how):
                readers.append((name, self._filled(how, columns, wants[name], mine)))
            else:
                constants[name] = how
            if mine:
                places.setdefault(name, min(mine))
                used |= mine
        subject = text_reader(one.subject, columns, used, slugs=True, titles=self._titles)
        fixed = read_fields(cls, constants, NAMES)  # which the map was held against
        if "sources" in fixed:
            fixed["sources"] = convert(fixed["sources"], tuple[SourceRef, ...])
        counts = family(one.type) == repeatable and "key" not in one.fields and not one.once
        days = any(name in ("effective", "acted") for name, *_ in readers)
        return RowRule(
            one, when, _meets(conditions, numbers), subject, fixed, tuple(readers),
            tuple(sorted(used)), counts, sources, days, places,
        )  # fmt: skip

    def _reader(
        self, how: ColumnReading, columns: Columns, at: int, field: Field, used: set[int]
    ) -> Reader:
        """Return how a field is read from a row by its column."""
        unknown = frozenset((*how.unknown, *self._mapping.unknown))
        one = once_each(self._one_value(how, at, field), unknown)
        if not (how.values or how.split or how.span or how.else_) and field.member is None:
            return lambda cells: one(cells[at])
        instead = None if how.else_ is None else text_reader(how.else_, columns, used)
        read = FieldReader(how, field, once_each(one), unknown, instead)
        return lambda cells: read(cells[at], cells)

    def _one_value(self, how: ColumnReading, at: int, field: Field) -> Callable[[str], Any]:
        """Return how one text of a column is read; it raises ValueError or LookupError."""
        inner = field.member or field
        match how.as_:
            case "party":
                return partial(self._parties.named, codes=how.codes or self._mapping.codes or "")
            case "date":
                day = field.marker(Day)
                span = bool(day and day.span)
                return partial(edtf_of_cell, how=self._mapping.days(how), span=span)
            case "amount":
                marks, units = self._mapping.marks(how), field.marker(Units)
                seen = None
                if marks.decimal is None:
                    seen = self._numbers.setdefault(at, ColumnReadings()).see
                return amount_reader(how.unit, marks, units.units if units else None, seen)
            case "slug":
                return title_slug
            case "number":
                return number_in
        if (rest := how.rest) is not None:
            longest = longest_text(inner)
            return lambda text: (
                text if len(text := unbroken(text)) <= longest else CutText(text, longest, rest)
            )
        if field.is_mark:
            return mark_in
        if needs_reading(inner) and not inner.choices:
            return lambda text: read_value(inner, text, NAMES)
        return unbroken

    def _filled(self, how: Any, columns: Columns, field: Field, used: set[int]) -> Reader:
        """Return how a text, a list or a table with columns in it is filled in."""
        fill, day = fill_in(how, columns, used), field.marker(Day)
        read: Callable[[Any], Any] = partial(read_value, field, names=NAMES)
        if isinstance(how, str) and day:
            read = partial(edtf_in_braces, how=self._mapping.days(), span=day.span)
        elif isinstance(how, str) and not needs_reading(field):
            read = unbroken
        if isinstance(how, str):
            read = once_each(read)
        return lambda cells: read(value) if (value := fill(cells)) else None

    def _unknowns(self) -> tuple[frozenset[str], ...]:
        """Return what stands for unknown in each column."""
        every = set(self._mapping.unknown)
        found: dict[int, set[str]] = {}
        for one in self._mapping.fact:
            wide = self._columns.several(one.columns) if one.columns else [None]
            for how in one.fields.values():
                if isinstance(how, ColumnReading):
                    nothing = {text for text, value in (how.values or {}).items() if not value}
                    for at in wide:
                        number = self._columns.at(at).number(how.column)
                        found.setdefault(number, set()).update(how.unknown, nothing)
        names = range(len(self._table.header))
        return tuple(frozenset(every | found.get(at, set())) for at in names)


def _met_by_no_row(read: list[_MappedFile], mapping: CsvMap) -> Iterator[Remark]:
    """Yield the facts of the map that no row of any file makes: a word may be misspelt."""
    met = {one for file in read for one in file.met}
    if not any(file.rows for file in read):
        return
    for one in mapping.fact:
        if id(one) in met:
            continue
        conditions = _conditions(one)
        column = str(conditions[0].column)
        if words := [word for each in conditions for word in _in_words(each)]:
            told = f"no row meets the condition of {one.type}, that {' and '.join(words)}"
            sentence = f"{told}: no fact is made of it"
        else:
            told = f"column {column} is empty in every row: say on which one {one.type} depends"
            sentence = f"{told}, by when in its [[fact]]"
        yield Remark(SourceCell("", 0, column, ""), "met-by-no-row", sentence)


def _conditions(one: FactMap) -> list[Condition]:
    """Return the conditions of a fact: the first names the column that a report names."""
    given = one.when if isinstance(one.when, list) else [one.when]
    usual = "@cell" if one.columns else 1
    return [
        each if isinstance(each, Condition) else Condition.model_validate({"column": each or usual})
        for each in given
    ]


def _in_words(condition: Condition) -> Iterator[str]:
    if condition.is_ is not None:
        yield f"{condition.column} is {' or '.join(condition.is_)}"
    if condition.not_:
        yield f"{condition.column} is not {' or '.join(condition.not_)}"


def _meets(conditions: list[Condition], numbers: list[int]) -> Callable[[Cells], bool]:
    """Return how it is known that a row meets conditions."""
    tests: list[tuple[int, bool, frozenset[str]]] = []  # a cell, and whether it is among some texts
    for at, one in zip(numbers, conditions, strict=True):
        excluded = frozenset(one.not_)
        if one.is_ is None:
            tests.append((at, False, excluded or frozenset([""])))
        else:
            tests.append((at, True, frozenset(one.is_) - excluded))
    return lambda cells: all((cells[at] in texts) is wanted for at, wanted, texts in tests)


def _no_row(row: RowCells, width: int) -> Reject | None:
    """Return why a row is none of the table's: a delimiter too many, or the header once more."""
    cells, header = row.cells, row.layout.header
    if len(cells) > width and any(cells[width:]):
        at = next(at for at, text in enumerate(cells) if at >= width and text)
        why = "stands beyond the last column of the header: is a delimiter in a cell not quoted?"
        return Reject(RowFact(row, at, tuple(range(len(cells)))), "no-column", why)
    if cells[0] == header[0] and cells[:width] == header:
        return Reject(RowFact(row, 0, tuple(range(width))), "header-again", "the header once more")
    return None


def _line_breaks(row: RowCells, delimiter: str) -> Iterator[Remark]:
    """Yield a remark for a cell of several lines: it may hold rows, a quote closed too late."""
    enough = len(row.layout.header) - 1
    for at, text in enumerate(row.cells):
        parts = len(BREAKS.split(text))
        if parts == 1:
            continue
        name, sentence = "line-breaks", f"line breaks or tabs: its {parts} parts are one line here"
        if "\n" in text and enough and text.count(delimiter) >= enough:
            name = "rows-in-a-cell"
            told = len(text.splitlines())
            sentence = f"a cell of {told} lines has as many separators as the header: rows?"
        elif at not in row.layout.mapped:
            continue
        cell = row.cell(at)
        yield Remark(cell._replace(text=cell.text[:80]), name, sentence)
