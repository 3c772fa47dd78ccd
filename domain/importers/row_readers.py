"""Read parts of a fact from the cells of a row: texts with columns in them, days, parties, sources.

A reader is made once for a header and takes the cells of each row, or one cell. What a cell cannot
say it raises as ValueError or LookupError, whose `name` is the reason and whose `at` the column,
where it is not the one that was read.
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

from msgspec import convert

from domain.importers.cell_dates import DayFormats, edtf_in_braces
from domain.importers.cells import IllegibleError, Remark, RowCells
from domain.importers.map_language import COLUMNS_IN, NAMES, Column, ColumnReading, ImportMapError
from domain.importers.slugs import SlugError, title_slug
from domain.importers.tables import named_twice
from events.body import SourceRef
from events.dates import Interned
from events.fields import Field, Text
from events.intake.field_parser import read_value

_RANGE = re.compile(r"(.+?)\s*(?:…|\.\.\.?)\s*(.+)").fullmatch
BREAKS = re.compile(r" *[\t\n\v\f\r\x85\u2028\u2029]+\s*")  # of a text, which is one line
_HIDDEN = dict.fromkeys(map(ord, "\xad\u200b\u2060\ufeff"))
_thousands = re.compile(r"(?<=[0-9])[, \u00a0\u202f'’](?=[0-9]{3})").sub
_whole = re.compile(r"([0-9]{1,15})(?:\.0+)?").fullmatch
_LINE = 300  # the longest line of text that a fact may hold

Cells = list[str]
Reader = Callable[[Cells], Any]
Sources = tuple[SourceRef, ...]


class Columns:
    """The columns of a file, by name or by number from 1; `@cell` and `@name` are a wide one's."""

    def __init__(self, path: Path, header: list[str], wide: int | None = None) -> None:
        self._path, self._header, self.wide = path, header, wide

    def at(self, wide: int | None) -> "Columns":
        """Return the same columns, of which one is the wide one at hand."""
        return Columns(self._path, self._header, wide)

    def number(self, name: Column) -> int:
        """Return the number (from 0) of a column; raise ImportMapError and ImportFileError."""
        if name == "@cell" and self.wide is not None:
            return self.wide
        if self._header.count(str(name)) > 1 and isinstance(name, str):
            raise named_twice(self._path, name)
        if name in self._header:
            return self._header.index(str(name))
        number = int(name) if str(name).isdecimal() else 0
        if not 0 < number <= len(self._header):
            raise self._missing(str(name))
        return number - 1

    def name(self, at: int) -> str:
        """Return the name of a column."""
        return self._header[at]

    def several(self, names: list[Column]) -> list[int]:
        """Return the numbers of wide columns: each by its name, or a range such as `c1…c91`."""
        found: list[int] = []
        for name in names:
            ends = _RANGE(name) if isinstance(name, str) and name not in self._header else None
            if ends is None:
                found.append(self.number(name))
            else:
                first, last = sorted((self.number(ends[1]), self.number(ends[2])))
                found += range(first, last + 1)
        return found

    def _missing(self, name: str) -> "NoColumnError":
        folded = {one.casefold(): one for one in reversed(self._header)}
        near = get_close_matches(name.casefold(), folded, 1, 0.6) if name else []
        near += [one for one in folded if name and one.startswith(name.casefold())]
        meant = f"did you mean '{folded[near[0]]}'? It has " if near else "but "
        shown = [*self._header[:20], "…"] if len(self._header) > 20 else self._header
        why = f"{self._path} has no column '{name}', {meant}{', '.join(shown)}"
        return NoColumnError(name, why, "name its columns as it does")


class NoColumnError(ImportMapError):
    """A column that a map names is one of its table's."""

    def __init__(self, name: str, why: str, then: str) -> None:
        super().__init__("the map is of another table", why, then)
        self.name = name


class SourcesReader:
    """Reads the sources of a row: tables with columns in braces; some are made on the way."""

    def __init__(self, how: Any, columns: Columns, days: DayFormats, used: set[int]) -> None:
        self._day = partial(edtf_in_braces, how=days)
        self._each: list[tuple[dict[str, Reader], set[int]]] = []
        self._known: dict[tuple[str, ...], Sources | None] = {}
        mine: set[int] = set()
        for one in how if isinstance(how, list) else [how]:
            table = one if isinstance(one, dict) else {"source": one}
            own: set[int] = set()  # the columns that name it
            text_reader(str(table.get("source", "")), columns, own)
            made = {
                name: text_reader(str(text), columns, mine, slugs=name == "source")
                for name, text in table.items()
            }
            self._each.append((made, own))
        self._columns = tuple(sorted(mine))
        used |= mine

    def __call__(self, cells: Cells) -> Sources | None:
        """Return the sources of a row, as a fact has them; None where it names none."""
        key = tuple([cells[at] for at in self._columns])
        if key not in self._known:
            if len(self._known) > 50_000:
                self._known.clear()
            self._known[key] = convert(self._read(cells), Sources) or None
        return self._known[key]

    def cited(self, cells: Cells) -> Iterator[tuple[str, dict[str, str], set[int]]]:
        """Yield the sources of a row that its columns name, what is cited of each, the columns."""
        for table, own in self._each:
            if own and all(cells[at] for at in own):
                source = _with_kind(table["source"](cells))
                title = table["title"](cells) if "title" in table else source.partition("/")[2]
                cited = {"title": title[:_LINE]}
                for name in ("locator", "publisher"):
                    if name in table and (text := table[name](cells)):
                        cited[name] = text
                yield source, cited, own

    def _read(self, cells: Cells) -> list[dict[str, str]]:
        found = []
        for table, own in self._each:
            if not all(cells[at] for at in own):
                continue  # a row that does not name it
            wanted = (name for name in table if name not in ("title", "locator", "publisher"))
            one = {name: text for name in wanted if (text := table[name](cells))}
            if one.get("source", "source/") == "source/":
                continue
            one["source"] = _with_kind(one["source"])
            found.append({n: self._day(t) if n in _DAYS else t for n, t in one.items()})
        return sorted(found, key=itemgetter("source"))


_DAYS = ("published", "retrieved")


def _with_kind(source: str) -> str:
    return source if "/" in source else f"source/{source}"


def once_each(
    read: Callable[[str], Any], unknown: frozenset[str] = frozenset()
) -> Callable[[str], Any]:
    """Return how the texts of a column are read, each once: few stand in very many rows.

    `unknown` are those that say nothing, as an empty one does.
    """
    nothing = {"", *unknown}
    return Interned[str, Any](lambda text: None if text in nothing else read(text)).__getitem__


class FieldReader:
    """Reads a field from a cell as its map says: by its values, else as `one` text is read.

    Where the cell says nothing that counts, `instead` gives the text from the cells of the row.
    """

    def __init__(
        self,
        how: ColumnReading,
        field: Field,
        one: Callable[[str], Any],
        unknown: frozenset[str],
        instead: Reader | None,
    ) -> None:
        self._how, self._field, self._one, self._unknown = how, field, one, unknown
        self._instead = instead
        # Beside days, figures and names that are read as they are, values are exceptions.
        self._whole = how.as_ == "text" or instead is not None
        self._figures = how.as_ in ("amount", "number") or field.is_mark

    def __call__(self, text: str, cells: Cells) -> Any:
        """Return the value, None for nothing; raise ValueError or LookupError."""
        how = self._how
        if not text or text in self._unknown:
            text = self._instead(cells) if self._instead is not None else ""
            if text and how.values is not None:
                return self._single(text)
        elif not how.split and self._has_value(text):
            text = self._part(text, cells) or ""
            if text and not self._figures:
                return self._single(text)
        if not text:
            return None
        if how.split:
            parts = [part for given in text.split(how.split) if (part := given.strip())]
            found = [value for part in parts if (value := self._part(part, cells))]
            return listed(self._field, found)
        if (value := self._one(text)) is None:
            return None
        if how.span is not None and not self._figures:
            value = how.span.replace("{}", value)
        return self._single(value)

    def _has_value(self, text: str) -> bool:
        values = self._how.values
        return values is not None and (self._whole or text in values)

    def _part(self, text: str, cells: Cells) -> Any:
        values = self._how.values
        if values is None or not self._has_value(text):
            return self._one(text)
        if text in values:
            return values[text] or None
        if self._instead is not None:
            return str(self._instead(cells)) or None
        why = f"'{text}' is not one of {', '.join(values)}: add it to values, or say else = \"…\""
        raise IllegibleError(why)

    def _single(self, value: Any) -> Any:
        return value if self._field.member is None else [value]


class CutText(NamedTuple):
    """A text too long for its field: its beginning there, the whole in another field."""

    whole: str
    longest: int
    rest: str

    @property
    def line(self) -> str:
        """Return the beginning, cut between two words."""
        return self.whole[: self.longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def fill_in(how: Any, columns: Columns, used: set[int]) -> Reader:
    """Return how a text, a list or a table is filled with a row's cells; empty parts fall out."""
    match how:
        case str():
            return text_reader(how, columns, used)
        case list():
            each = [fill_in(one, columns, used) for one in how]
            return lambda cells: [found for one in each if (found := one(cells))]
        case dict():
            parts = {name: fill_in(one, columns, used) for name, one in how.items()}
            return lambda cells: {n: found for n, one in parts.items() if (found := one(cells))}
    return lambda cells: how


def text_reader(
    text: str,
    columns: Columns,
    used: set[int],
    *,
    slugs: bool = False,
    titles: "Titles | None" = None,
) -> Reader:
    """Return how a text with columns in braces is filled in; `slugs`: as parts of an id."""
    parts: list[str | tuple[int, bool]] = []
    end = 0
    for match in COLUMNS_IN.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[1] == "@name" and columns.wide is not None:
            name = columns.name(columns.wide)
            parts.append(title_slug(name) if slugs or match[2] else name)
            continue
        at = columns.number(match[1])
        used.add(at)
        parts.append((at, slugs or bool(match[2])))
    parts.append(text[end:])
    pieces = [part for part in parts if part]
    if all(isinstance(part, str) for part in pieces):
        whole = "".join(map(str, pieces))
        return lambda cells: whole
    fill = _filler(pieces)
    if titles is None:
        return fill
    numbers = [part[0] for part in pieces if not isinstance(part, str)]
    said_in = itemgetter(*numbers)
    known: dict[Any, str] = {}

    def fill_an_id(cells: Cells) -> str:
        said = said_in(cells)
        found = known.get(said)
        if found is None:
            found = known[said] = fill(cells)
            titles.see(found, (said,) if isinstance(said, str) else said, numbers[0])
        return found

    return fill_an_id


def _filler(pieces: list[str | tuple[int, bool]]) -> Callable[[Cells], str]:
    """Return how texts and cells (by number; as parts of an id or not) are put together."""
    form = "".join(p.replace("%", "%%") if isinstance(p, str) else "%s" for p in pieces)
    numbers = [part for part in pieces if not isinstance(part, str)]
    if any(as_slug for _, as_slug in numbers):
        return lambda cells: (
            form
            % tuple([slug_in(cells[at], at) if as_slug else cells[at] for at, as_slug in numbers])
        )
    get = itemgetter(*[at for at, _ in numbers])
    return get if form == "%s" else lambda cells: form % get(cells)


class Titles:
    """What ids were made of, so that two titles in one id are told."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self.odd: list[tuple[int, str]] = []  # what was not told yet, by the number of the column

    def see(self, id_: str, said: tuple[str, ...], at: int) -> None:
        """Take up an id and what it was made of."""
        title = " ".join(" ".join(said).split())
        first = self._first.setdefault(id_, title)
        if first.casefold() != title.casefold():
            self.odd.append((at, f"'{title}' and '{first}' are both {id_} here"))

    def told(self, row: RowCells) -> list[Remark]:
        """Return what was not told yet, and holds of a row."""
        found, self.odd = self.odd, []
        return [Remark(row.cell(at), "two-titles-in-one-id", why) for at, why in found]


def slug_in(text: str, at: int) -> str:
    """Return a cell as part of an id; raise SlugError, which names the column."""
    try:
        return title_slug(text)
    except SlugError as error:
        error.at = at
        raise


def number_in(text: str) -> int:
    """Return the whole number in a cell; raise IllegibleError."""
    match = _whole(_thousands("", text))
    if match is None:
        raise IllegibleError(f"'{text}' is not a whole number")
    return int(match[1])


def mark_in(text: str) -> bool | None:
    """Return whether a cell says yes, None for no; raise IllegibleError."""
    if text.lower() in ("true", "yes"):
        return True
    if text.lower() in ("false", "no"):
        return None
    raise IllegibleError(f"'{text}' is neither yes nor no: say it by values")


def unbroken(text: str) -> str:
    """Return a text as one line, in composed letters (NFC).

    Line breaks, tabs and the like are blanks; what only says where a word may break falls.
    """
    if text.isascii() and text.isprintable():
        return text
    return BREAKS.sub(" ", normalize("NFC", text).translate(_HIDDEN))


def listed(field: Field, parts: list[Any]) -> Any:
    """Return the values of a cell as a field of several has them; raise ValueError."""
    if not parts:
        return None
    if field.member is None:
        raise IllegibleError("several values, but the field has room for one")
    return list(dict.fromkeys(read_value(field, parts, NAMES)))


def needs_reading(field: Field) -> bool:
    """Say whether a text of a field is more than words: an amount, an id, a list."""
    return bool(field.member or field.inner is not str or not field.marker(Text))


def longest_text(field: Field) -> int:
    """Return how many characters a field has room for."""
    found = field.marker(Text)
    return found.longest if found else _LINE
