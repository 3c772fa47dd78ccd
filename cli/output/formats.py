"""Write an answer for a person, a script or a spreadsheet.

One table or one document, in six formats. A terminal may have colour, a pipe has none; nothing
is cut off in a pipe, unless COLUMNS says how wide it is. Numbers are never wrapped; on a narrow
terminal a table first wraps its text and then hides the columns that say least, in the order in
which they are marked, and says which.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from cli.output.streams import (
    Bold,
    TableLine,
    capture,
    shown_lines,
    write_for_people,
    write_for_scripts,
)
from events.hidden_text import spreadsheet_cell, visible, visible_json
from events.text import AMOUNT_PARTS, amount_parts, flat_text

FORMATS = ("table", "json", "ndjson", "csv", "md", "html")
FOR_PEOPLE = ("table", "md", "html")
LONG = 10  # rows after which a table ends with their number
_PAPER = 100_000  # columns of a page that no terminal breaks
MIN_TEXT = 12
_CSV_AT_ONCE = 1_000_000  # characters


class Column(NamedTuple):
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


class Look(NamedTuple):
    """How to write: format, colour, width in columns (None: as wide as need be).

    `raw_csv` leaves formulas in CSV; `columns` are those that are asked for, by name or title.
    `policy` stands in each row where no head says it (NDJSON, CSV): that of a file, else none.
    """

    format: str = "table"
    colour: bool = False
    width: int | None = None
    raw_csv: bool = False
    policy: str = ""
    columns: tuple[str, ...] = ()

    @property
    def for_people(self) -> bool:
        """Say whether a page is written, and no document for scripts."""
        return self.format in FOR_PEOPLE

    @property
    def on_paper(self) -> bool:
        """Say whether a page is written that is pasted elsewhere: Markdown or HTML."""
        return self.format in ("md", "html")

    def in_format(self, chosen: str) -> "Look":
        """Return the same in another format."""
        return self._replace(
            format=chosen, width=_PAPER if chosen in ("md", "html") else self.width
        )


AS_JSON = Look("json")
FOR_TERMINAL = Look()


def look(chosen: str, *, no_color: bool, wide: bool = False) -> Look:
    """Return how to write to standard output as it is."""
    terminal = sys.stdout.isatty()
    plain = no_color or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    told = terminal or os.environ.get("COLUMNS", "").isdecimal()
    width = shutil.get_terminal_size().columns if told and not wide else None
    return Look("table", terminal and not plain, width).in_format(chosen)


def write_lines(lines: Sequence[str], how: Look = FOR_TERMINAL, found: Any = None) -> None:
    """Write lines to standard output; to a terminal that is too small for them, in a pager.

    As Markdown and HTML they end with the sources of what was `found`.
    """
    if how.on_paper:
        from typer._click.globals import get_current_context

        from cli.output.paper import paper, source_lines

        context = get_current_context(silent=True)
        sources = source_lines(context.obj, found) if context and found is not None else []
        write_for_scripts(f"{paper([*lines, *sources], how.format)}\n")
        return
    if how.width is not None:
        lines = [part for line in lines for part in _within(line, how.width)]
    if sys.stdout.isatty() and paged(lines):
        return
    write_for_people(shown_lines(lines))


_WHOLE = ("reproduce:", "next:", "depositary ", "at https:", "at http:")


def _within(line: str, width: int) -> Sequence[str]:
    """Return a line in lines that fit, its value indented; commands and addresses stay whole."""
    whole = isinstance(line, Bold | TableLine) or line.lstrip().startswith(_WHOLE)
    if len(line) <= width or whole:
        return (line,)
    value = re.match(r" *\S.*? {2,}(?=\S)", line)
    if value and value.end() < width // 2:
        return wrapped(line[value.end() :], width, " " * value.end(), value[0])
    return wrapped(line, width, "  ")


def write_json(document: Any, how: Look = AS_JSON) -> None:
    """Write one document: as JSON, or as NDJSON an object a line; exit 2 if CSV is asked for."""
    import json

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
    import json

    lines = (visible_json(json.dumps(one, ensure_ascii=False)) for one in documents)
    write_for_scripts("".join(f"{line}\n" for line in lines))


def no_table(how: Look) -> None:
    """Exit 2 if CSV is asked for, of a command that writes one document and no rows."""
    if how.format == "csv":
        from cli.errors.exit_codes import usage_failure

        usage_failure(
            "this answer has no CSV form", "it is one document, and CSV has rows", "--json instead"
        )


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
        if (kept := capture()) and kept.values:
            kept.columns, kept.rows = columns, rows
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
    known = {column.title: column for column in reversed(columns) if column.title.strip()}
    known |= {column.name: column for column in columns}
    found = []
    for asked in how.columns:
        column = known.get(asked) or known.get(asked.replace("-", "_").replace(" ", "_"))
        if column is None:
            from cli.errors.exit_codes import usage_failure
            from cli.errors.usage import did_you_mean, meant_by

            names = [column.name for column in columns]
            meant = did_you_mean(meant_by(asked, known)) or ": there are"
            why = f"'{asked}' is none{meant} {', '.join(names)}"
            usage_failure("no such column", why, f"--columns {','.join(names[:2])}")
        title = column.title.strip() or column.name.replace("_", " ")
        found.append(column._replace(title=title, drop=0))
    return found


def no_columns(how: Look) -> None:
    """Exit 2 if columns are asked for, of a command that writes one document and no rows."""
    if how.columns:
        from cli.errors.exit_codes import usage_failure

        why = "a page has no columns to choose from"
        usage_failure("--columns is of a table", why, "depositary reserve list --columns subject")


def write_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    how: Look,
    write: Callable[[str], object] = write_for_scripts,
) -> None:
    """Write a table for a spreadsheet: hidden characters are seen, and no cell is a formula."""
    import csv
    from io import StringIO

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
    """Write a page for a person, or the document that it shows; exit 2 if CSV is asked for."""
    no_columns(how)
    if how.for_people:
        write_lines(lines, how, document)
    else:
        write_json(document, how)


def wrapped(text: str, width: int, indent: str, first: str = "") -> list[str]:
    """Return text broken at white space into lines of at most `width`, the later ones indented.

    The `first` line begins with what is given, which is not broken.
    """
    import textwrap

    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def table(columns: Sequence[Column], rows: Sequence[dict[str, Any]], how: Look) -> list[str]:
    """Return the lines of a table: titles, then rows; a column without values is left out.

    Where columns are hidden for want of room, the last line says which.
    """
    columns = [c for c in columns if c.title and (any(_shown(row, c) for row in rows) or not rows)]
    cells = [[_shown(row, column) for column in columns] for row in rows]
    if how.on_paper:
        from cli.output.paper import Grid

        return [Grid.of([c.title for c in columns], cells, [c.number for c in columns])]
    kept = list(range(len(columns)))
    natural = [
        max([len(columns[i].title), *(len(row[i]) for row in cells)]) for i in range(len(columns))
    ]
    if how.width is not None:
        kept = _fitting(columns, natural, how.width)
    widths = _widths(columns, natural, kept, how.width)
    lines = _wrapped([columns[i].title for i in kept], kept, columns, widths, how, title=True)
    for row in cells:
        lines += _wrapped([row[i] for i in kept], kept, columns, widths, how)
    if hidden := [c.title for i, c in enumerate(columns) if i not in kept]:
        noun = "column" if len(hidden) == 1 else "columns"
        note = f"{len(hidden)} {noun} hidden: {', '.join(hidden)} (--wide, --columns)"
        lines += wrapped(note, how.width or len(note), "  ")
    return lines


def _fitting(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    kept = list(range(len(columns)))
    while sum(_least(columns[i], natural[i]) + 2 for i in kept) - 2 > width:
        droppable = [i for i in kept if columns[i].drop]
        if not droppable:
            break
        kept.remove(min(droppable, key=lambda i: columns[i].drop))
    return kept


def _least(column: Column, natural: int) -> int:
    return natural if column.number or column.fixed else min(natural, MIN_TEXT)


def _widths(
    columns: Sequence[Column], natural: Sequence[int], kept: Sequence[int], width: int | None
) -> dict[int, int]:
    widths = {i: natural[i] for i in kept}
    while width is not None and sum(widths.values()) + 2 * (len(kept) - 1) > width:
        soft = [i for i in kept if widths[i] > _least(columns[i], natural[i])]
        if not soft:
            break
        widths[max(soft, key=lambda i: widths[i])] -= 1
    return widths


def _wrapped(
    cells: Sequence[str],
    kept: Sequence[int],
    columns: Sequence[Column],
    widths: dict[int, int],
    how: Look,
    *,
    title: bool = False,
) -> list[str]:
    if all(len(cell) <= widths[i] for cell, i in zip(cells, kept, strict=True)):
        return [_line(cells, kept, columns, widths, how, title=title)]
    parts = [
        _broken(cell, widths[i]) if len(cell) > widths[i] else [cell]
        for cell, i in zip(cells, kept, strict=True)
    ]
    height = max(map(len, parts), default=1)
    return [
        _line([p[n] if n < len(p) else "" for p in parts], kept, columns, widths, how, title=title)
        for n in range(height)
    ]


def _broken(cell: str, width: int) -> list[str]:
    """Return the lines of a cell: broken at white space, hyphens and slashes, else anywhere."""
    import textwrap

    lines = textwrap.wrap(cell.replace("/", "/\0 "), width)
    return [line.replace("\0 ", "").rstrip("\0") for line in lines] or [""]


def _line(
    cells: Sequence[str],
    kept: Sequence[int],
    columns: Sequence[Column],
    widths: dict[int, int],
    how: Look,
    *,
    title: bool = False,
) -> str:
    padded = [
        cell.rjust(widths[i]) if columns[i].number else cell.ljust(widths[i])
        for cell, i in zip(cells, kept, strict=True)
    ]
    line = "  ".join(padded).rstrip()
    return Bold(line) if title and how.colour else TableLine(line)


def _shown(row: dict[str, Any], column: Column) -> str:
    value = row.get(f"{column.name}:shown", row.get(column.name))
    return _cell(value)


def _flat_names(column: Column) -> list[str]:
    parts = [f"{column.name}_{part}" for part in AMOUNT_PARTS] if column.amount else []
    return [column.name, *parts]


def _flat_cells(column: Column, row: dict[str, Any]) -> Iterator[Any]:
    value = row.get(column.name)
    if column.amount:
        yield from amount_parts(column.name, value).values()
    else:
        yield value


def _cell(value: Any) -> str:
    if isinstance(value, str):  # as nearly all are
        return visible(value)
    if isinstance(value, (list, tuple)) and not any(isinstance(one, dict) for one in value):
        return visible(" ".join(map(str, value)))
    return visible(flat_text(value))


def _plain(columns: Sequence[Column], row: dict[str, Any]) -> dict[str, Any]:
    return {column.name: row.get(column.name) for column in columns}


_PLAIN = ("", "cat")


def paged(lines: Sequence[str]) -> bool:
    """Show lines in the pager if they are longer than the screen; say whether they were shown."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return False
    if len(lines) < shutil.get_terminal_size().lines:
        return False
    return _is_shown(shown_lines(lines))


def _is_shown(text: str) -> bool:
    words = _pager()
    if not words or shutil.which(words[0]) is None:
        return False
    sys.stdout.flush()
    kind = {"LESS": "FRX", **os.environ, "LESSCHARSET": "utf-8"}
    try:
        subprocess.run(words, input=text.encode(), env=kind, check=False)  # noqa: S603 - the user's own
    except OSError:
        return False
    return True


def _pager() -> list[str]:
    wanted = os.environ.get("PAGER", "less")
    try:
        return [] if wanted.strip() in _PLAIN else shlex.split(wanted)
    except ValueError:  # a quotation that does not end
        return []
