"""Read the rows of a table: CSV and its kin, JSON, NDJSON, and workbooks.

A library reads each format: the standard `csv`, strict, on text in which only CR and LF end rows;
`json`; and python-calamine for workbooks (the extra `depositary[tables]`). The whole file is looked
through before the first row is handed out, so that a file that is no table records nothing. What a
table does not say of itself, its encoding and what separates its columns, is never guessed: the
refusal names what it looks like, and how to say so.
"""

import csv
import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from html import unescape
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

from events.errors import NotPossibleError
from events.store.plain_files import open_plain

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_TABBED = (".tsv", ".tab")
_LINES_OF_JSON = (".ndjson", ".jsonl")
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe\0\0": "utf-32"}
_MARKS |= {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_GZIP = b"\x1f\x8b"
_OTHERS = {  # what a file is that is no text, by its first bytes; and what to do
    b"PK\x03\x04": ("a workbook or a zip", "end its name in .xlsx or .ods, or unpack it"),
    b"\xd0\xcf\x11\xe0": ("a workbook", "end its name in .xls"),
    b"BZh": ("packed by bzip2", "unpack it first"),
    b"\xfd7zXZ": ("packed by xz", "unpack it first"),
    b"\x28\xb5\x2f\xfd": ("packed by zstd", "unpack it first"),
    b"%PDF": ("a PDF", "save its table as CSV"),
    b"PAR1": ("Parquet", "save it as CSV"),
    b"SQLite format 3": ("an SQLite database", "save the table in it as CSV"),
    b"<": ("HTML or XML", "open it in a spreadsheet and save it as CSV"),
    b"[{": ("JSON", "end its name in .json"),
    b'{"': ("JSON", "end its name in .json, or in .ndjson if it has one object a line"),
}
# Blanks, and marks that show nothing: at the ends of a cell neither says anything.
_ENDS = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200e\u200f\u2060\ufeff"
MAX_CELL = 10_000_000  # characters
csv.field_size_limit(MAX_CELL)
_attribute = re.compile(r'(?:\w+:)?([\w-]+)="([^"]*)"').findall
_cells = re.compile(r"<c\s([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL).finditer
_formula = re.compile(r"<f(?:\s[^>]*?)?(?:/>|>(.*?)</f>)", re.DOTALL).search
_value = re.compile(r"<v>(.*?)</v>", re.DOTALL).search
_as_it_is = re.compile(r'"[^"]*"|\[.*?\]|\\.').sub  # in a format of numbers
_ods_parts = re.compile(
    r'<table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])((?:"[^"]*"|[^">])*)>'
).finditer
_place = re.compile(r"([A-Z]+)([0-9]+)").fullmatch
_half = re.compile("[\ud800-\udfff]").search
_text_formula = re.compile(r'\A="([^"]*)"\Z').sub
_blank: Any = re.compile(r"[ \t\n\r]*").match
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}


class ImportFileError(NotPossibleError):
    """A file to import is a table, of the form that its format names."""


class TableForm(NamedTuple):
    """What a table does not say of itself; empty: as its name and its first bytes say.

    `skip` counts the lines (of a workbook the rows) before the header; without a `header` the
    columns have no names but their numbers. `sheet` is the one of a workbook.
    """

    delimiter: str = ""
    encoding: str = ""
    skip: int = 0
    header: bool = True
    sheet: str = ""


class TableRow(NamedTuple):
    """A row that says something: its number, the line on which it begins, its cells.

    Rows count from 1, with the header and with empty ones, lines as an editor counts them; `lines`
    is how many of these it takes.
    """

    number: int
    line: int
    cells: list[str]
    lines: int = 1


class Merged(NamedTuple):
    """Cells of a workbook that are one: of the first the value is read, the others are empty.

    Rows and columns count from 1, the last included.
    """

    row: int
    column: int
    last_row: int
    last_column: int


class Table(NamedTuple):
    """The names of a table's columns, its rows, how many these are, and which cells are one."""

    header: list[str]
    rows: Iterator[TableRow]
    length: int
    merged: tuple[Merged, ...] = ()


Place = tuple[int, int]  # row and column, from 1
Special = dict[Place, str]
PLAIN = TableForm()


def read_table(path: Path) -> Table:
    """Return the table in a file, its header first; raise ImportFileError, NotPossibleError."""
    table = open_table(path)
    twice = [name for name, times in Counter(table.header).items() if name and times > 1]
    if twice:
        raise named_twice(path, twice[0])
    if table.merged:
        why = f"{path}, row {table.merged[0].row}: of merged cells the first alone has the value"
        raise ImportFileError("cells are merged", why, "unmerge them, and fill in each")
    return table


def open_table(path: Path, form: TableForm = PLAIN) -> Table:
    """Return the table in a file, in which two columns may have one name."""
    ending = Path(path.stem if path.suffix.lower() == ".gz" else path.name).suffix.lower()
    if ending in WORKBOOKS:
        found, merged = _workbook(path, form)
        return _of_rows(path, form, lambda: iter(found), merged)
    if ending in (".json", *_LINES_OF_JSON):
        return _objects(path, form, lines=ending in _LINES_OF_JSON)
    text, delimiter = _text(path, form), form.delimiter or ("\t" if ending in _TABBED else ",")
    table = _of_rows(path, form, lambda: _separated(path, text, delimiter, form.skip))
    if len(table.header) == 1 and not form.delimiter:
        _suggest_delimiter(path, text, delimiter, form.skip)
    return table


def named_twice(path: Path, name: str) -> ImportFileError:
    """Return the refusal of a table in which a name that is asked for stands over two columns."""
    why = f"{path}: '{name:.80}' stands twice in its header"
    then = "name each column once, or say its number in the map: column = 2"
    return ImportFileError("two columns have one name", why, then)


def _of_rows(
    path: Path,
    form: TableForm,
    read: Callable[[], Iterator[TableRow]],
    merged: Iterable[Merged] = (),
) -> Table:
    """Return the table of rows that can be read twice: once to look through, once to hand out."""
    header: list[str] | None = None
    count = begins = 0
    for row in read():
        if header is None and form.header:
            header = [" ".join(name.split()) for name in bare(row.cells)]
            begins = row.number
            continue
        widest = len(row.cells)
        if header is None or (not form.header and widest > len(header)):
            header = [str(number) for number in range(1, widest + 1)]
        count += 1
    if header is None:
        why, then = f"{path} has no header", "name a file with a table"
        raise ImportFileError("the file is empty", why, then)
    rows = read()
    if form.header:
        next(rows)
    return Table(header, rows, count, tuple(one for one in merged if one.last_row > begins))


def count_lines(path: Path) -> int:
    """Return how many lines a file has; 0 for what can be read once only."""
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        return sum(1 for _ in file)


def bare(cells: list[str]) -> list[str]:
    """Return cells without what shows nothing at their ends."""
    return [text.strip() if text.isascii() else text.strip(_ENDS) for text in cells]


def _separated(path: Path, text: str, delimiter: str, skip: int) -> Iterator[TableRow]:
    """Yield the rows of CSV that say something."""
    lines = StringIO(text, newline="")
    for _ in range(skip):
        lines.readline()
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t")
    begins = skip + 1
    formulas = '="' in text  # as some programs write a text that is to stay as it is
    try:
        for number, cells in enumerate(reader, skip + 1):
            after = skip + reader.line_num + 1
            if any(cells):
                said = [_text_formula(r"\1", cell) for cell in cells] if formulas else cells
                yield TableRow(number, begins, said, after - begins)
            begins = after
    except csv.Error as error:
        why, then = str(error), "look for a quote that is not closed, or not doubled within a cell"
        if "unexpected end of data" in why:
            why = "a quote is opened and not closed before the file ends"
        where = f"{path}, line {begins}: {why}"
        raise ImportFileError("the file is not a table", where, then) from None


def _text(path: Path, form: TableForm, *, json_: bool = False) -> str:
    """Return the text of a file in the encoding that is said, or that its first bytes say."""
    with open_plain(path) as file:
        given = file.read()
    if given.startswith(_GZIP):
        try:
            given = gzip.decompress(given)
        except (OSError, EOFError, zlib.error) as error:
            why = f"{path}: {error}"
            raise ImportFileError("the file is not whole", why, "fetch it again") from None
    begins = given[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, (what, then) in _OTHERS.items():
        if begins.startswith(mark) and not (json_ and mark[:1] in b"[{"):
            raise ImportFileError("the file is not such a table", f"{path} is {what}", then)
    marked = next((name for mark, name in _MARKS.items() if given.startswith(mark)), "utf-8")
    encoding = form.encoding or marked
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    try:
        text = given.decode(encoding)
    except LookupError:
        why = f"'{encoding}' is not an encoding that Python knows"
        raise ImportFileError("no such encoding", why, 'write encoding = "cp1252"') from None
    except UnicodeError as error:
        raise _other_encoding(path, given, encoding, str(error)) from None
    if "\0" in text:
        if _of_two_bytes(given):
            raise _other_encoding(path, given, encoding, "it holds zero bytes")
        line = text.count("\n", 0, text.index("\0")) + 1
        why = f"{path}, line {line}: it holds a zero byte"
        raise ImportFileError("the file is not text", why, "take the zero byte out")
    return text.rstrip("\x1a")  # with which DOS ended a file


def _of_two_bytes(given: bytes) -> str:
    """Return the encoding of two bytes a character that a text seems to have; empty: none."""
    begins = given[:4096]
    odd, even = begins[1::2].count(0), begins[::2].count(0)
    if max(odd, even) < len(begins) // 6:
        return ""
    return "utf-16-le" if odd >= even else "utf-16-be"


def _other_encoding(path: Path, given: bytes, encoding: str, why: str) -> ImportFileError:
    likely = _of_two_bytes(given) or "cp1252"
    if likely == "cp1252" and not any(0x80 <= byte <= 0x9F for byte in given[:4096]):
        likely = "latin-1"
    name = encoding.removesuffix("-sig").upper()
    return ImportFileError(
        f"the file is not {name} text",
        f"{path}: {why}; it looks like {likely}",
        f'say encoding = "{likely}" in the map if it is so, or save it as UTF-8',
    )


def _suggest_delimiter(path: Path, text: str, used: str, skip: int) -> None:
    """Refuse a header of one column that seems to hold several; never split it by a guess."""
    lines = text.removeprefix("\ufeff").splitlines()[skip:]
    header = next((line for line in lines if line.strip()), "")
    found = Counter({mark: header.count(mark) for mark in _SEPARATORS if mark != used})
    mark, times = found.most_common(1)[0]
    if times:
        shown = mark.replace("\t", "\\t")
        raise ImportFileError(
            "the columns are not told apart",
            f"{path} has one column by {_SEPARATORS[used]}, '{' '.join(header.split()):.60}', "
            f"and would have {times + 1} by {_SEPARATORS[mark]}",
            f'say delimiter = "{shown}" in the map',
        )


def _objects(path: Path, form: TableForm, *, lines: bool) -> Table:
    """Return the table of a JSON array of objects, or of one object a line."""
    text = _text(path, form, json_=True)
    found = list(_parsed(path, text, lines=lines))
    header = list(dict.fromkeys(name for _, given in found for name in given))
    if not header:
        raise ImportFileError("the file is empty", f"{path} has no row", "name a file with a table")
    rows = (
        TableRow(number, line, [given.get(name, "") for name in header])
        for number, (line, given) in enumerate(found, 1)
        if any(given.values())
    )
    return Table([" ".join(name.split()) for name in header], rows, len(found))


def _parsed(path: Path, text: str, *, lines: bool) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each object as cells, and the line on which it begins.

    Where all are lists each is a row: its columns have no names but their numbers.
    """
    first: type | None = None
    what = "one object a line" if lines else "an array of objects"
    try:
        for line, given in _of_lines(text) if lines else _of_array(text):
            one = given
            first = given if first is None else first
            if line and isinstance(first, list) and isinstance(given, list):
                one = {str(number): value for number, value in enumerate(given, 1)}
            if not isinstance(one, dict) or not line:
                place = f"{path}, line {line}" if line else f"{path}"
                within = one.items() if isinstance(one, dict) else ()
                names = [name for name, value in within if isinstance(value, list)]
                then = f"save what stands under '{names[0]}' alone" if names else ""
                why = f"{place}: {what} is read as a table"
                raise ImportFileError(
                    "the file is not a table", why, then or "write a row as an object"
                )
            cells = _flat(one)
            for name, cell in cells.items():
                if not (name + cell).isascii() and _half(name + cell):
                    raise ValueError(
                        f"line {line}: half a character (a lone surrogate) in {name!r}"
                    )
            yield line, cells
    except (ValueError, RecursionError) as error:
        then = "write one object a line" if lines else "check it"
        if "Extra data" in str(error) and not lines:
            then = "end its name in .ndjson if it has one object a line"
        raise ImportFileError("the file is not JSON", f"{path}: {error}", then) from None


def _of_lines(text: str) -> Iterator[tuple[int, Any]]:
    for line, part in enumerate(text.split("\n"), 1):
        if part.strip():
            try:
                yield line, _decoder.decode(part)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"line {line}: {error}") from None


def _of_array(text: str) -> Iterator[tuple[int, Any]]:
    """Yield the elements of an array with their lines; what is none, on line 0."""
    at, line, counted, mark = _blank(text, 0).end(), 1, 0, ","
    if text[at : at + 1] != "[" or text[_blank(text, at + 1).end() :].strip() == "]":
        found = _decoder.decode(text)
        yield from [] if found == [] else [(0, found)]
        return
    while mark == ",":
        at = _blank(text, at + 1).end()
        line, counted = line + text.count("\n", counted, at), at
        one, at = _decoder.raw_decode(text, at)
        yield line, one
        at = _blank(text, at).end()
        mark = text[at : at + 1]
    if mark != "]":
        raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    if len(text) > _blank(text, at + 1).end():
        raise json.JSONDecodeError("Extra data", text, at + 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(name for name, _ in pairs)
        raise ValueError(f"'{names.most_common(1)[0][0]}' stands twice in one object")
    return found


# Numbers as they are written; ValueError where a name stands twice.
_as_written: Any = {"parse_float": str, "parse_int": str, "parse_constant": str}
_decoder = json.JSONDecoder(object_pairs_hook=_once, **_as_written)


def _flat(given: dict[str, Any], before: str = "") -> dict[str, str]:
    """Return an object as cells: one within it as `outer.inner`, a list joined by `; `."""
    cells: dict[str, str] = {}
    for name, value in given.items():
        match value:
            case dict():
                cells |= _flat(value, f"{before}{name}.")
            case list():
                cells[before + name] = "; ".join(map(_cell, value))
            case _:
                cells[before + name] = _cell(value)
    return cells


def _workbook(path: Path, form: TableForm) -> tuple[list[TableRow], list[Merged]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        what, then = "workbooks are read by an extra", "pip install 'depositary[tables]'"
        raise NotPossibleError(what, f"{path} needs python-calamine", then) from None
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            name = form.sheet or _only_sheet(path, book)
            if name not in book.sheet_names:
                why = f"{path} has no sheet '{name}', but {', '.join(book.sheet_names)}"
                raise ImportFileError("no such sheet", why, "name one of its sheets")
            sheet = book.get_sheet_by_name(name)
            rows, ranges = sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or ()
    except (CalamineError, OSError) as error:
        then = "if it opens in a spreadsheet, save it again; if it is text, end its name in .csv"
        raise ImportFileError("the file is not a workbook", f"{path}: {error}", then) from None
    special, merged = _special_cells(path, name)
    found = []
    for number, row in enumerate(rows[form.skip :], form.skip + 1):
        cells = [_special(special.get((number, at)), value) for at, value in enumerate(row, 1)]
        if any(cells):
            found.append(TableRow(number, number, cells))
    merged += [Merged(*(at + 1 for at in (*first, *last))) for first, last in ranges]
    return found, merged


def _special(how: str | None, value: Any) -> str:
    """Return the text of a cell of a workbook: a percentage as people see it, 0.5 as 50%."""
    if how != "%" or not isinstance(value, float):
        return how if how and how != "%" else _cell(value)
    figure = format(Decimal(repr(value)) * 100, "f")
    return f"{figure.rstrip('0').rstrip('.') if '.' in figure else figure}%"


def _special_cells(path: Path, name: str) -> tuple[Special, list[Merged]]:
    """Return, by row and column, what python-calamine does not say of the cells of a sheet.

    An error such as #N/A, or a formula without a saved value: its text, of .xlsx and .xlsm
    alone; "%" for a percentage, and in .ods which cells are one.
    """
    with suppress(OSError, BadZipFile, KeyError, UnicodeError), ZipFile(path) as book:
        if "content.xml" in book.namelist():
            return _special_of_ods(book.read("content.xml").decode(), name)
        return dict(_special_of_xlsx(book, name)), []
    return {}, []


def _special_of_xlsx(book: ZipFile, name: str) -> Iterator[tuple[Place, str]]:
    sheets = {one.get("name"): one for one in _marks(book.read("xl/workbook.xml"), "sheet")}
    links = _marks(book.read("xl/_rels/workbook.xml.rels"), "Relationship")
    target = {one.get("Id"): one for one in links}[sheets[name]["id"]]["Target"]
    text = book.read(target[1:] if target.startswith("/") else f"xl/{target}")
    percent = _percent_styles(book)
    if not (percent or b't="e"' in text or b"<f" in text):
        return
    for match in _cells(text.decode()):
        said, within = dict(_attribute(match[1])), match[2] or ""
        value, formula = _value(within), _formula(within)
        special = "%" if said.get("s") in percent else ""
        if said.get("t") == "e":
            special = unescape(value[1]) if value else "#error"
        elif formula and value is None:
            special = f"={unescape(formula[1] or '')}"
        if special and (place := _place(said.get("r", ""))):
            at = reduce(lambda sum_, letter: sum_ * 26 + ord(letter) - 64, place[1], 0)
            yield (int(place[2]), at), special


def _percent_styles(book: ZipFile) -> set[str]:
    """Return the styles of cells (their numbers, as texts) that show a number as a percentage."""
    if "xl/styles.xml" not in book.namelist():
        return set()
    text = book.read("xl/styles.xml")
    own = _marks(text, "numFmt")
    shown = {one["numFmtId"] for one in own if "%" in _as_it_is("", one.get("formatCode", ""))}
    styles = _marks(text.partition(b"<cellXfs")[2].partition(b"</cellXfs")[0], "xf")
    wanted = shown | {"9", "10"}  # 0% and 0.00%, which have no code of their own
    return {str(at) for at, one in enumerate(styles) if one.get("numFmtId") in wanted}


def _special_of_ods(text: str, name: str) -> tuple[Special, list[Merged]]:
    """Return the percentages of a sheet, and its merged cells; one element may stand for many."""
    special, merged = Special(), list[Merged]()
    here, rows, at = False, range(0), 0
    for match in _ods_parts(text):
        said = dict(_attribute(match[2]))
        if match[1] == "table":
            here, rows = unescape(said.get("name", "")) == name, range(1, 1)
        elif match[1] == "table-row":
            rows = range(rows.stop, rows.stop + int(said.get("number-rows-repeated", 1)))
            at = 0
        elif here:
            times = int(said.get("number-columns-repeated", 1))
            high, wide = (int(said.get(f"number-{n}-spanned", 1)) for n in ("rows", "columns"))
            if high * wide > 1:
                row = rows.start
                merged.append(Merged(row, at + 1, row + high - 1, at + wide))
            if said.get("value-type") == "percentage":
                special |= dict.fromkeys(product(rows, range(at + 1, at + times + 1)), "%")
            at += times
    return special, merged


def _marks(text: bytes, name: str) -> list[dict[str, str]]:
    """Return the attributes of each element of a name, without their prefixes."""
    found = re.findall(rf"<(?:\w+:)?{name}\s([^>]*)>", text.decode())
    return [{key: unescape(value) for key, value in _attribute(one)} for one in found]


def _only_sheet(path: Path, book: Any) -> str:
    names = list(book.sheet_names)
    if len(names) > 1:
        why = f"{path} has the sheets {', '.join(names)}"
        raise ImportFileError("which sheet is meant?", why, f'say sheet = "{names[0]}" in the map')
    return str(names[0])


def _cell(value: Any) -> str:
    """Return a value as a cell; a number exactly, without an exponent, a day as ISO 8601."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(value).lower()
        case float():
            exact = format(Decimal(repr(value)), "f")
            return exact.removesuffix(".0")
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat()
        case dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)
