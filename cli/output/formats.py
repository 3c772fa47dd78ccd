"""Write an answer for a person, a script or a spreadsheet.

One table or one document, in six formats. A terminal may have colour, a pipe has none; nothing
is cut off in a pipe, unless COLUMNS says how wide it is. Numbers are never wrapped; on a narrow
terminal a table first wraps its text and then hides the columns that say least, in the order in
which they are marked, and says which.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from io import StringIO
from itertools import zip_longest
from operator import le
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from typer._click.globals import get_current_context

from cli.errors.exit_codes import usage_failure
from cli.output.streams import (
    Bold,
    TableLine,
    capture,
    say_notes,
    shown_lines,
    write_for_people,
    write_for_scripts,
)
from events.hidden_text import spreadsheet_cell, visible, visible_json
from events.text import AMOUNT_PARTS, amount_parts, count_noun, flat_text
from events.value import replace

FORMATS = ("table", "json", "ndjson", "csv", "md", "html")
FOR_PEOPLE = ("table", "md", "html")
LONG = 10  # rows after which a table ends with their number
_PAPER = 100_000  # columns of a page that no terminal breaks
MIN_TEXT, MAX_WORD = 12, 16  # of a column of text: it is never narrower, and for no word wider
MIN_AT_ALL = 6  # where nothing more can be hidden or go below
MOST_HIDDEN = 3  # the drop of columns that are hidden so that another has fewer lines
MOST_LINES = 4  # of a cell beside others: a longer one stands below its row
_CSV_AT_ONCE = 1_000_000  # characters


class Column(Struct, frozen=True):
    """A column: its name in JSON and CSV, its title, and how it behaves when room is short.

    `number` is set to the right and never wrapped; `drop` says when the column is left out on a
    narrow terminal (0: never; 1: first); `fixed` text is never wrapped; an `amount` is in CSV
    four columns: its words, and its unit and bounds. A column without a title is for scripts
    alone.
    """

    name: str
    title: str
    number: bool = False
    drop: int = 0
    fixed: bool = False
    amount: bool = False


def for_scripts(names: str) -> tuple[Column, ...]:
    """Return columns that no table shows; their names stand in one text."""
    return tuple(Column(name, "") for name in names.split())


class Look(Struct, frozen=True):
    """How to write: format, colour, width in columns (None: as wide as need be).

    `raw_csv` leaves formulas in CSV; `columns` are those that are asked for, by name or title.
    `policy` stands in each row where no head says it (NDJSON, CSV): that of a file, else none.
    `names` are those of parties, by id: a person reads them in the place of the ids.
    """

    format: str = "table"
    colour: bool = False
    width: int | None = None
    raw_csv: bool = False
    policy: str = ""
    columns: tuple[str, ...] = ()
    names: Mapping[str, str] = MappingProxyType({})

    @property
    def for_people(self) -> bool:
        """Say whether a page is written, and no document for scripts."""
        return self.format in FOR_PEOPLE

    @property
    def room(self) -> int:
        """Return how many characters a line may have."""
        return self.width or _PAPER

    @property
    def on_paper(self) -> bool:
        """Say whether a page is written that is pasted elsewhere: Markdown or HTML."""
        return self.format in ("md", "html")

    @property
    def prose(self) -> "Look":
        """Return the same for sentences, which a pipe has in lines of 80 characters too."""
        return replace(self, width=self.width or 80)

    def in_format(self, chosen: str) -> "Look":
        """Return the same in another format."""
        return replace(
            self, format=chosen, width=_PAPER if chosen in ("md", "html") else self.width
        )


AS_JSON = Look("json")
FOR_TERMINAL = Look()


def look() -> Look:
    """Return how to write to standard output as it is."""
    terminal = sys.stdout.isatty()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    told = terminal or os.environ.get("COLUMNS", "").isdecimal()
    width = shutil.get_terminal_size().columns if told else None
    return Look(colour=terminal and not plain, width=width)


def write_lines(lines: Sequence[str], how: Look = FOR_TERMINAL, found: Any = None) -> None:
    """Write lines to standard output; to a terminal that is too small for them, in a pager.

    As Markdown and HTML they end with the sources of what was `found`.
    """
    if how.on_paper:
        from cli.output.markdown_html import paper, source_lines

        lines = [line for line in lines if not line.startswith("next: ")]  # for who asked
        context = get_current_context(silent=True)
        sources = source_lines(context.obj, found) if context and found is not None else []
        write_for_scripts(f"{paper([*lines, *sources], how.format)}\n")
        return
    if how.width is not None:
        lines = [part for line in lines for part in _within(line, how.width)]
    if paged(lines):
        return
    write_for_people(shown_lines(lines))


_WHOLE = ("reproduce:", "next:", "depositary ", "at https:", "at http:")


def _within(line: str, width: int) -> Sequence[str]:
    """Return a line in lines that fit, its value indented; commands and addresses stay whole."""
    if len(line) <= width:
        return (line,)
    if isinstance(line, Bold | TableLine) or line.lstrip().startswith(_WHOLE):
        return (line,)
    value = re.match(r" *\S.*? {2,}(?=\S)", line)
    if value and value.end() < width // 2:
        return wrapped(line[value.end() :], width, " " * value.end(), value[0])
    lead = len(line) - len(line.lstrip(" ").removeprefix("> "))
    return wrapped(line, width, " " * (lead + 2))


def write_json(document: Any, how: Look = AS_JSON) -> None:
    """Write one document: as JSON, or as NDJSON an object a line; exit 2 if CSV is asked for."""
    no_table(how)
    if (kept := capture()) and kept.values:
        kept.document = document
        return
    if how.on_paper:
        text = json.dumps(document, ensure_ascii=False, indent=2)
        write_lines(text.splitlines(), how, document)
        return
    if how.format == "ndjson":
        _write_objects(document if isinstance(document, list) else [document])
        return
    write_for_scripts(visible_json(json.dumps(document, ensure_ascii=False, indent=2)) + "\n")


def _write_objects(documents: Iterable[Any]) -> None:
    lines = (visible_json(json.dumps(one, ensure_ascii=False)) for one in documents)
    write_for_scripts("".join(f"{line}\n" for line in lines))


def no_table(how: Look, instead: str = "--json instead") -> None:
    """Exit 2 if CSV is asked for, of a command that writes one document and no rows."""
    if how.format == "csv":
        why = "it is one document, and CSV has rows"
        usage_failure("this answer has no CSV form", why, instead)


def keep_table(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> None:
    """Keep the table of an answer beside its document, where the answer is kept and not printed."""
    if (kept := capture()) and kept.values:
        kept.columns, kept.rows = columns, rows


def write_rows(
    columns: Sequence[Column],
    rows: Sequence[dict[str, Any]],
    how: Look,
    footer: Sequence[str] = (),
    head: dict[str, Any] | None = None,
    nothing: str = "",
) -> None:
    """Write rows in the format asked for; each row maps a column's name to its value.

    A row may hold `name:shown` beside `name`: what a table shows where a script gets the value.
    The footer stands below a table; the head is the beginning of a document in JSON. Without one
    JSON is, as NDJSON and CSV are, the rows and nothing else. A table without rows says `nothing`.
    Only the columns asked for are written, if any are.
    """
    columns = chosen_columns(columns, how)
    if how.policy and (how.format in ("ndjson", "csv") or (how.format == "json" and head is None)):
        name = "policy" if all(column.name != "policy" for column in columns) else "policy_2"
        columns, rows = (*columns, Column(name, name)), [{**row, name: how.policy} for row in rows]
    if how.format == "json":
        keep_table(columns, rows)
        plain = [_plain(columns, row) for row in rows]
        write_json(plain if head is None else {**head, "rows": plain}, how)
    elif how.format == "ndjson":
        _write_objects(_plain(columns, row) for row in rows)
    elif how.format == "csv":
        write_csv(
            [name for column in columns for name in _flat_names(column)],
            ([cell for c in columns for cell in _flat_cells(c, row)] for row in rows),
            how,
        )
    else:
        lines = [nothing] if nothing and not rows else table(columns, rows, how)
        many = [f"{len(rows):,} rows"] if len(rows) > LONG else []
        write_lines([*lines, *many, *footer], how, rows)


def chosen_columns(columns: Sequence[Column], how: Look) -> Sequence[Column]:
    """Return the columns asked for, by their names in JSON or their titles; exit 2 for others."""
    if not how.columns:
        return columns
    known = {_plain_name(column.title): column for column in reversed(columns)}
    known |= {_plain_name(column.name): column for column in columns}
    found = []
    for asked in how.columns:
        column = known.get(_plain_name(asked))
        if column is None:
            from cli.errors.usage import did_you_mean, meant_by

            names = [column.name for column in columns]
            near = meant_by(_plain_name(asked), filter(None, known))
            meant = did_you_mean(near) or "there are"
            why = f"'{asked}' is none: {meant} {', '.join(names)}"
            usage_failure("no such column", why, f"--columns {','.join(names[:2])}")
        title = column.title.strip() or column.name.replace("_", " ")
        found.append(replace(column, title=title, drop=0))
    return found


def _plain_name(text: str) -> str:
    """Return a column's name or title in one spelling: `asserted by` and `Asserted-by` are one."""
    return "_".join(text.lower().replace("-", " ").replace("_", " ").split())


def no_columns(how: Look) -> None:
    """Exit 2 if columns are asked for, of a command that writes one document and no rows."""
    if how.columns:
        why = "a page has no columns to choose from"
        usage_failure("only a table has columns", why, "depositary reserve list --columns subject")


def write_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    how: Look,
    write: Callable[[str], object] = write_for_scripts,
) -> None:
    """Write a table for a spreadsheet: hidden characters are seen, and no cell is a formula."""
    import csv

    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([csv_cell(name, how) for name in header])
    for row in rows:
        writer.writerow([csv_cell(value, how) for value in row])
        if text.tell() > _CSV_AT_ONCE:
            write(text.getvalue())
            text.seek(0)
            text.truncate()
    write(text.getvalue())


def csv_cell(value: Any, how: Look) -> str:
    """Return the text of a cell of CSV."""
    text = visible(flat_text(value))
    if how.raw_csv or isinstance(value, int | float | bool):
        return text
    return spreadsheet_cell(text)


def write_page(lines: Sequence[str], document: Any, how: Look) -> None:
    """Write a page for a person, or the document that it shows."""
    if how.for_people:
        write_lines(lines, how, document)
    else:
        write_json(document, how)


def wrapped(text: str, width: int, indent: str, first: str = "") -> list[str]:
    """Return text broken at white space into lines of at most `width`, the later ones indented.

    The `first` line begins with what is given, which is not broken.
    """
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


_party = re.compile(r"(?<![(\w/])party/[a-z0-9-]+(?![\w/])")


def parties_mentioned(found: Any) -> set[str]:
    """Return the ids of parties that stand in the texts of a document or of rows."""
    met = set[str]()
    waiting: list[Iterable[Any]] = [[found]]
    while waiting:
        for one in waiting.pop():
            if isinstance(one, str):
                if one not in met and "party/" in one:
                    met.update(_party.findall(one))
            elif isinstance(one, dict):
                waiting.append(one.values())
            elif isinstance(one, (list, tuple, set, frozenset)):
                waiting.append(one)
    return met


def named(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the names of parties in the place of their ids.

    An id in brackets stays, for it stands beside its name; so does one without a name.
    """
    if not names or "party/" not in text:
        return text
    return _party.sub(lambda match: names.get(match[0], match[0]), text)


def table(columns: Sequence[Column], rows: Sequence[dict[str, Any]], how: Look) -> list[str]:
    """Return the lines of a table: titles, then rows; a column without values is left out.

    Where columns are hidden for want of room, the last line says which. A text that would be a
    narrow tower of words stands below its row instead, behind its title.
    """
    told = [(column, _shown(rows, column, how)) for column in columns if column.title]
    told = [(column, texts) for column, texts in told if any(texts) or not rows]
    columns, titles = [column for column, _ in told], [column.title for column, _ in told]
    cells = list(zip(*(texts for _, texts in told), strict=True))
    if how.on_paper:
        from cli.output.markdown_html import Grid

        return [Grid.of(titles, cells, [c.number for c in columns])]
    widths, below = _laid_out(columns, list(zip(titles, *cells, strict=True)), how.room)
    fitted = [columns[i] for i in widths]
    beside = ([row[i] for i in widths] for row in (titles, *cells))
    head, *body = _wrapped(beside, fitted, list(widths.values()))
    lines: list[str] = [Bold(line) if how.colour else TableLine(line) for line in head]
    for row, several in zip(cells, body, strict=True):
        lines += map(TableLine, several)
        for i in below:
            text = f"{titles[i]}: {row[i]}" if row[i] and titles[i].strip() else row[i]
            lines += map(TableLine, wrapped(text, how.room, "    ", "  "))
    if hidden := [c.title for i, c in enumerate(columns) if i not in (*widths, *below)]:
        many = count_noun(len(hidden), "column")
        note = f"{many} hidden: {', '.join(hidden)} (--wide, --columns)"
        lines += wrapped(note, how.width or len(note), "  ")
    return lines


def _laid_out(
    columns: Sequence[Column], texts: Sequence[tuple[str, ...]], room: int
) -> tuple[dict[int, int], list[int]]:
    """Return how wide each column is that stands beside others, and which stand below their rows.

    They are first narrowed, then some are hidden, and what is too long even so goes below: then
    those that were hidden in vain are shown again.
    """
    natural = [max(map(len, column)) for column in texts]
    if _total(natural) <= room:
        return dict(enumerate(natural)), []
    least = [_least(*column) for column in zip(columns, natural, texts, strict=True)]
    below: list[int] = []
    while True:
        kept = _fitting(columns, least, room, below)
        while True:
            narrowed = _narrowed([natural[i] for i in kept], [least[i] for i in kept], room)
            widths = dict(zip(kept, narrowed, strict=True))
            soft = {i: _most_lines(texts[i], widths[i]) for i in kept[1:] if _is_soft(columns[i])}
            longest = max(soft, key=soft.__getitem__, default=0)
            if not longest or (soft[longest] <= MOST_LINES and _total(narrowed) <= room):
                tight = [min(least[i], MIN_AT_ALL) if _is_soft(columns[i]) else 0 for i in kept]
                return dict(zip(kept, _narrowed(narrowed, tight, room), strict=True)), sorted(below)
            hideable = [i for i in kept if 0 < columns[i].drop <= MOST_HIDDEN and i != longest]
            if not hideable or soft[longest] > 2 * MOST_LINES:
                break
            kept.remove(min(hideable, key=lambda i: columns[i].drop))
        below.append(longest)


def _most_lines(texts: Sequence[str], width: int) -> int:
    """Return how many lines the longest cell of a column needs, its title aside."""
    return max((len(_broken(text, width)) for text in texts[1:]), default=0)


def _total(widths: Iterable[int]) -> int:
    return sum(width + 2 for width in widths) - 2


def _fitting(
    columns: Sequence[Column], least: Sequence[int], room: int, below: Sequence[int]
) -> list[int]:
    """Return which columns are shown: those that say least are dropped until the others fit."""
    kept = [i for i in range(len(columns)) if i not in below]
    while _total(least[i] for i in kept) > room:
        droppable = [i for i in kept if columns[i].drop]
        if not droppable:
            break
        kept.remove(min(droppable, key=lambda i: columns[i].drop))
    return kept


def _least(column: Column, natural: int, texts: Sequence[str]) -> int:
    """Return how narrow a column may be: of text as wide as its longest word, within limits."""
    if natural <= MIN_TEXT or not _is_soft(column):
        return natural
    word = max((len(part) for text in set(texts) for part in _parts(text)), default=0)
    return min(natural, max(MIN_TEXT, min(word, MAX_WORD)))


def _is_soft(column: Column) -> bool:
    return not (column.number or column.fixed)


def _narrowed(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return widths that fit, or come near: in turns the widest that may be narrower is made so."""
    widths = list(widths)
    while _total(widths) > room:
        soft = [i for i, width in enumerate(widths) if width > least[i]]
        if not soft:
            break
        widths[max(soft, key=widths.__getitem__)] -= 1
    return widths


def _wrapped(
    rows: Iterable[Sequence[str]], columns: Sequence[Column], widths: Sequence[int]
) -> Iterator[list[str]]:
    """Yield the lines of each row, each cell wrapped to the width of its column."""
    sides = [">" if column.number else "<" for column in columns]
    line = "  ".join(f"{{:{side}{n}}}" for side, n in zip(sides, widths, strict=True)).format
    for cells in rows:
        if all(map(le, map(len, cells), widths)):
            yield [line(*cells).rstrip()]
            continue
        parts = [
            _broken(cell, width) if len(cell) > width else [cell]
            for cell, width in zip(cells, widths, strict=True)
        ]
        yield [line(*several).rstrip() for several in zip_longest(*parts, fillvalue="")]


_IDS = ("subject", "id")  # columns of what a command takes
_parts = re.compile(r"[^\s/-]+[/-]?").findall
_breaks = re.compile(r"/|(?<=[a-z])\.(?=[a-z])")


@lru_cache(10_000)
def _broken(cell: str, width: int) -> Sequence[str]:
    """Return the lines of a cell: broken at spaces, hyphens, slashes, inner dots, or anywhere."""
    text = _breaks.sub(lambda found: f"{found[0]}\0 ", cell)
    words = text.split(" ")
    if "-" in text or not all(word.strip() and len(word) <= width for word in words):
        lines = textwrap.wrap(text, width)
    else:  # the same for words that stay whole, and a tenth of the time
        lines = words[:1]
        for word in words[1:]:
            if len(lines[-1]) + 1 + len(word) <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
    return [line.replace("\0 ", "").rstrip("\0") for line in lines] or [""]


def _shown(rows: Iterable[dict[str, Any]], column: Column, how: Look) -> list[str]:
    """Return what a table shows of rows in a column; of a list words, or names with commas."""
    names = {} if column.name in _IDS else how.names
    own, other = f"{column.name}:shown", column.name
    known: dict[str | tuple[str, ...], str] = {}  # many rows say the same

    def written(value: Any) -> str:
        if not isinstance(value, (list, tuple)) or any(isinstance(one, dict) for one in value):
            return visible(named(flat_text(value), names))
        texts = [named(str(one), names) for one in value]
        named_ones = any(" " in one or one.startswith("party/") for one in texts)
        return visible((", " if named_ones else " ").join(texts))

    found = []
    for row in rows:
        value = row[own] if own in row else row.get(other)
        key: str | tuple[str, ...] | None = value if type(value) is str else None
        if type(value) is list and value and type(value[0]) is str:
            key = tuple(value)
        if key is None:
            found.append(written(value))
        elif key in known:
            found.append(known[key])
        else:
            found.append(known.setdefault(key, written(value)))
    return found


def _flat_names(column: Column) -> list[str]:
    parts = [f"{column.name}_{part}" for part in AMOUNT_PARTS] if column.amount else []
    return [column.name, *parts]


def _flat_cells(column: Column, row: dict[str, Any]) -> Iterator[Any]:
    value = row.get(column.name)
    if column.amount:
        yield from amount_parts(column.name, value).values()
    else:
        yield value


def _plain(columns: Sequence[Column], row: dict[str, Any]) -> dict[str, Any]:
    return {column.name: row.get(column.name) for column in columns}


def paged(lines: Sequence[str]) -> bool:
    """Show lines in the pager if they are longer than the screen; say whether they were shown."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return False
    try:
        words = shlex.split(os.environ.get("PAGER", "less"))
    except ValueError:  # a quotation that does not end
        return False
    fits = len(lines) < shutil.get_terminal_size().lines
    if fits or words in ([], ["cat"]) or shutil.which(words[0]) is None:
        return False
    say_notes()
    sys.stdout.flush()
    kind = {"LESS": "FRX", **os.environ, "LESSCHARSET": "utf-8"}
    try:
        subprocess.run(words, input=shown_lines(lines).encode(), env=kind, check=False)  # noqa: S603 - the user's own
    except OSError:
        return False
    return True
