"""Write answers in the format asked for: rows under their clocks, or what is asked of one thing.

A question is a function of the answers, the thing, the clocks and the policy; the document it
returns is the answer for scripts, and a page is how it is laid out for people.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from cli.clocks import AskedAt, ClockOptions, read_clocks
from cli.context import app_context
from cli.output.claim_words import Document, bold
from cli.output.formats import Column, Look, wrapped, write_json, write_lines, write_rows
from cli.output.rerun_command import CLOCKS, answer_head, clocks_lines, footer, rerun_command
from cli.subjects import not_known, thing_named
from domain.claims.publication import Excluded

if TYPE_CHECKING:
    from domain.claims.claim import Clocks
    from domain.claims.ranking import Policy
    from projections.read_model.database import ReadModel

Question = Callable[["ReadModel", str, "Clocks", "Policy"], Document]


def answer_document(
    context: typer.Context, kind: str, name: str, when: ClockOptions, question: Question
) -> Document:
    """Return the document that answers a question about a thing, or exit 3."""
    from projections.queries.show import NotKnownError

    with app_context(context).answers() as answers:
        clocks = read_clocks(answers.record, when)
        thing = thing_named(answers, name, clocks, kind)
        try:
            found = question(answers, thing, clocks.clocks, clocks.policy)
        except NotKnownError as error:
            not_known(answers, error, clocks)
    return {**found, "reproduce": rerun_command(context, clocks)}


def write_answer_page(
    context: typer.Context,
    found: Document,
    page: Callable[[Document, Look], list[str]],
    columns: Sequence[Column],
    rows: Sequence[Document],
) -> None:
    """Write the answer: a page, the whole document as JSON, or its rows as NDJSON and CSV."""
    how = app_context(context).look
    if how.columns:
        head = {name: found[name] for name in (*CLOCKS, "reproduce") if name in found}
        write_rows(columns, rows, how, footer(head), head)
    elif how.for_people:
        write_lines(page(found, how), how, found)
    elif how.format == "json":
        write_json(found, how)
    else:
        write_rows(columns, rows, how)


def answer_page(
    found: Document, how: Look, lines: Sequence[str], then: str, title: Any = None
) -> list[str]:
    """Return a page: the subject, its title and clocks, then the lines, then what to run next."""
    head = f"{found['subject']}: {title}" if title else str(found["subject"])
    slug = found["subject"].partition("/")[2]
    below = ["", f"reproduce: {found['reproduce']}", f"next: depositary {then} {slug}"]
    return [bold(head, how), *clocks_lines(found), "", *lines, *below]


def aligned(values: Iterable[tuple[str, str]], width: int, how: Look) -> list[str]:
    """Return named values, one below the other; the names take `width` columns.

    A value begins beside its name, also a path that is longer than a line.
    """
    columns, indent = how.width or 1000, " " * width
    return [
        line
        for name, text in values
        for line in wrapped(text, columns, indent, name.ljust(width)) or [name]
    ]


def write_answer_rows(
    context: typer.Context,
    asked: AskedAt,
    excluded: Excluded,
    columns: Sequence[Column],
    rows: Sequence[Document],
    *,
    dated: bool = True,
    notes: Sequence[str] = (),
) -> None:
    """Write the rows of an answer, in JSON with its clocks at the head, in a table below it.

    An answer that is not `dated` tells of every day. The notes stand between table and clocks.
    """
    head = answer_head(context, asked, excluded, dated=dated)
    write_rows(columns, rows, app_context(context).look, [*notes, *footer(head)], head)
