"""Ask one question about one thing, and write the answer in the format asked for.

A question is a function of the answers, the thing, the clocks and the policy; the document it
returns is the answer for scripts, and a page is how it is laid out for people.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from cli.clocks import ClockOptions, read_clocks
from cli.context import app_context
from cli.output.formats import Column, Look, write_json, write_lines, write_rows
from cli.output.rerun_command import rerun_command
from cli.subjects import not_known, thing_named

if TYPE_CHECKING:
    from domain.claims.claim import Clocks
    from domain.claims.ranking import Policy
    from projections.read_model.database import ReadModel

Document = dict[str, Any]
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
    if how.format == "table":
        write_lines(page(found, how))
    elif how.format == "json":
        write_json(found, how)
    else:
        write_rows(columns, rows, how)
