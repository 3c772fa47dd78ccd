"""Read parts of a fact from the cells of a row: texts with columns in them, days, parties, sources.

A reader is made once for a header and takes the cells of each row. It raises UnreadableError, which
names the column.
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from domain.importers.cell_dates import CellDateError, DayFormats, TwoReadingsError, edtf_of_cell
from domain.importers.map_language import COLUMNS_IN, NAMES, Column, ColumnReading, ImportMapError
from domain.importers.register import Parties
from domain.importers.slugs import SlugError, title_slug
from domain.importers.tables import named_twice
from events.dates import Interned
from events.fields import Text
from events.intake.field_parser import read_value
from events.intake.field_spec import Field

_RANGE = re.compile(r"(.+?)\s*(?:…|\.\.\.?)\s*(.+)").fullmatch
_breaks = re.compile(r"[ \t]*[\r\n]+[ \t\r\n]*").sub
_LINE = 300  # the longest line of text that a fact may hold

Cells = list[str]
Reader = Callable[[Cells], Any]
NO_CELLS: Cells = []


class UnreadableError(ValueError):
    """A cell says what its map says, or becomes no fact."""

    def __init__(self, at: int, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.at, self.name = at, name


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
        if isinstance(name, str):
            if self._header.count(name) > 1:
                raise named_twice(self._path, name)
            if name in self._header:
                return self._header.index(name)
            if not name.isdecimal():
                raise self._missing(name)
        number = int(name)
        if not 0 < number <= len(self._header):
            raise self._missing(f"{number}")
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

    def _missing(self, name: str) -> ImportMapError:
        near = get_close_matches(name, self._header, 1, 0.6)
        meant = f"did you mean '{near[0]}'? It has " if near else "but "
        why = f"{self._path} has no column '{name}', {meant}{', '.join(self._header)}"
        return ImportMapError("the map is of another table", why, "name its columns as it does")


class SourcesReader:
    """Reads the sources of a row: tables with columns in braces; some are made on the way."""

    def __init__(self, how: Any, columns: Columns, days: DayFormats, used: set[int]) -> None:
        self._days, self._at = days, 0
        self._each: list[tuple[dict[str, Reader], set[int]]] = []
        self._cache: dict[tuple[str, ...], list[dict[str, str]]] = {}
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
        self._at = min(mine, default=0)
        used |= mine

    def __call__(self, cells: Cells) -> Any:
        """Return the sources of a row, as a fact has them; None where it names none."""
        key = tuple([cells[at] for at in self._columns])
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) > 50_000:
                self._cache.clear()
            found = self._cache[key] = self._read(cells)
        return found or None

    def cited(self, cells: Cells) -> Iterator[tuple[str, dict[str, str], set[int]]]:
        """Yield the sources of a row that its columns name, what is cited of each, the columns."""
        for table, own in self._each:
            if own and all(cells[at] for at in own):
                source = with_kind(table["source"](cells), "source")
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
            one = {
                n: read(cells)
                for n, read in table.items()
                if n not in ("title", "locator", "publisher")
            }
            one = {name: text for name, text in one.items() if text}
            if one.get("source", "source/") == "source/":
                continue
            one["source"] = with_kind(one["source"], "source")
            for name in ("published", "retrieved"):
                if name in one:
                    one[name] = day_reader(self._days, self._at, span=False)(one[name])
            found.append(one)
        return sorted(found, key=itemgetter("source"))


class Texts(Interned[str, Any]):
    """What the texts of a column are read as, each read once: few stand in very many rows."""

    MOST = 5_000


class FieldReader:
    """Reads a field from a cell as its map says: by its values, else as `one` text is read.

    Where the cell says nothing that counts, `instead` gives the text from the cells of the row.
    """

    def __init__(
        self,
        how: ColumnReading,
        at: int,
        field: Field,
        *,
        one: Callable[[str], Any],
        unknown: frozenset[str],
        instead: Reader | None,
    ) -> None:
        self._how, self._at, self._field, self._one = how, at, field, one
        self._unknown, self._instead = unknown, instead
        # Beside days, figures and names that are read as they are, values are exceptions.
        self._whole = how.as_ == "text" or instead is not None
        self._figures = how.as_ in ("amount", "number") or field.is_mark
        self._several = field.member is not None
        self._plain = how.values is None and not how.split and (how.span is None or self._figures)

    def __call__(self, text: str, cells: Cells = NO_CELLS) -> Any:
        """Return the value, None for nothing; raise UnreadableError."""
        how = self._how
        if self._plain and text and text not in self._unknown:
            value = self._one(text)
            return [value] if self._several and value is not None else value
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
            return listed(self._field, found, self._at)
        if (value := self._one(text)) is None:
            return None
        if how.span is not None and not self._figures:
            value = how.span.replace("{}", value)
        return self._single(value)

    def _has_value(self, text: str) -> bool:
        values = self._how.values
        return values is not None and (self._whole or text in values)

    def _part(self, text: str, cells: Cells) -> Any:
        if (values := self._how.values) is not None and self._has_value(text):
            return valued(values, text, self._at, self._instead, cells)
        return self._one(text)

    def _single(self, value: Any) -> Any:
        return [value] if self._several else value


class CutText(NamedTuple):
    """A text too long for its field: its beginning there, the whole in another field."""

    whole: str
    longest: int
    rest: str

    @property
    def line(self) -> str:
        """Return the beginning, cut between two words."""
        return self.whole[: self.longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def with_kind(text: str, kind: str) -> str:
    """Return an id, of a name alone with its kind before it."""
    return text if "/" in text else f"{kind}/{text}"


def is_column(text: str) -> bool:
    """Say whether a text is one column in braces, and nothing else."""
    return (found := COLUMNS_IN.fullmatch(text)) is not None and not found[2]


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
        self._odd: list[tuple[int, str]] = []

    def see(self, id_: str, said: tuple[str, ...], at: int) -> None:
        """Take up an id and what it was made of."""
        title = " ".join(" ".join(said).split())
        first = self._first.setdefault(id_, title)
        if first.casefold() != title.casefold():
            self._odd.append((at, f"'{title}' and '{first}' are both {id_} here"))

    def odd(self) -> list[tuple[int, str]]:
        """Return what was not told yet, each with the number of its column."""
        if not self._odd:
            return self._odd
        found, self._odd = self._odd, []
        return found


def slug_in(text: str, at: int) -> str:
    """Return a cell as part of an id; raise UnreadableError."""
    try:
        return title_slug(text)
    except SlugError as error:
        raise UnreadableError(at, "id-loses-letters", str(error)) from None


def party_in(parties: Parties, text: str, codes: str, at: int) -> str:
    """Return the party of a cell; raise UnreadableError."""
    found = parties.id_of(text, codes)
    if found is None:
        raise UnreadableError(at, *parties.why_not(text, codes))
    return found


def number_in(text: str, at: int) -> int:
    """Return the whole number in a cell; raise UnreadableError."""
    plain = re.sub(r"(?<=[0-9])[, \u00a0\u202f'’](?=[0-9]{3})", "", text)
    plain = re.sub(r"\.0+$", "", plain)
    if not re.fullmatch(r"[0-9]{1,15}", plain):
        raise UnreadableError(at, "illegible", f"'{text}' is not a whole number")
    return int(plain)


@cache
def day_reader(how: DayFormats, at: int, *, span: bool) -> Callable[[str], str]:
    """Return how the days of a column are read."""

    def read(text: str) -> str:
        try:
            return edtf_of_cell(text, how, span=span)
        except TwoReadingsError as error:
            raise UnreadableError(at, "two-readings", str(error)) from None
        except CellDateError as error:
            raise UnreadableError(at, "illegible", str(error)) from None

    return read


def valued(
    values: dict[str, str], text: str, at: int, instead: Reader | None, cells: Cells
) -> str | None:
    """Return what the text of a cell stands for, None for nothing; raise UnreadableError."""
    found = values.get(text)
    if found is None:
        if instead is not None:
            return str(instead(cells)) or None
        shown = ", ".join(values)
        sentence = f"'{text}' is not one of {shown}: add it to values, or say else = \"…\""
        raise UnreadableError(at, "illegible", sentence)
    return found or None


def text_value(field: Field, at: int) -> Callable[[str], Any]:
    """Return how a text of a field is read that is not said to be a day, an amount or a party."""

    def mark(text: str) -> bool | None:
        if text.lower() in ("true", "yes"):
            return True
        if text.lower() in ("false", "no"):
            return None
        raise UnreadableError(at, "illegible", f"'{text}' is neither yes nor no: say it by values")

    def value(text: str) -> Any:
        try:
            return read_value(field, text, NAMES)
        except (ValueError, LookupError) as error:
            raise UnreadableError(at, "illegible", str(error)) from None

    if field.is_mark:
        return mark
    return value if needs_reading(field) and not field.choices else unbroken


def unbroken(text: str) -> str:
    """Return a text without its line breaks: a recorded text is one line."""
    return _breaks(" ", text) if "\n" in text or "\r" in text else text


def listed(field: Field, parts: list[Any], at: int) -> Any:
    """Return the values of a cell as a field of several has them; raise UnreadableError."""
    if not parts:
        return None
    if field.member is None:
        raise UnreadableError(at, "illegible", "several values, but the field has room for one")
    try:
        return list(dict.fromkeys(read_value(field, parts, NAMES)))
    except (ValueError, LookupError, TypeError) as error:
        raise UnreadableError(at, "illegible", str(error)) from None


def needs_reading(field: Field) -> bool:
    """Say whether a text of a field is more than words: an amount, an id, a list."""
    return bool(field.member or field.inner is not str or not field.marker(Text))


def longest_text(field: Field) -> int:
    """Return how many characters a field has room for."""
    found = field.marker(Text)
    return found.longest if found else _LINE
