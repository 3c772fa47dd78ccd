"""Write an answer for a person, a script or a spreadsheet.

One table or one document, in six formats.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from typer._click.globals import get_current_context

from cli.errors.exit_codes import usage_failure
from cli.output.look import AS_JSON, FOR_TERMINAL, Column, Look, no_table
from cli.output.streams import (
    Bold,
    TableLine,
    capture,
    json_text,
    say_notes,
    shown_lines,
    write_for_people,
    write_for_scripts,
)
from cli.output.table import table, wrapped
from events.hidden_text import spreadsheet_cell, visible, visible_json
from events.text import AMOUNT_PARTS, amount_parts, flat_text
from events.value import replace

LONG = 10  # rows after which a table ends with their number
_CSV_AT_ONCE = 1_000_000  # characters


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
        text = json_text(document, 2)
        write_lines(text.splitlines(), how, document)
        return
    if how.format == "ndjson":
        _write_objects(document if isinstance(document, list) else [document])
        return
    write_for_scripts(visible_json(json_text(document, 2)) + "\n")


def _write_objects(documents: Iterable[Any]) -> None:
    lines = (visible_json(json_text(one)) for one in documents)
    write_for_scripts("".join(f"{line}\n" for line in lines))


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
