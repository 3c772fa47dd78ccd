"""Write the rows of an answer under the clocks at which it was asked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer

from cli.clocks import AskedAt
from cli.context import AppContext, app_context
from cli.output.claim_words import Document
from cli.output.formats import write_rows
from cli.output.look import Column, Look
from cli.output.party_names import named, parties_mentioned
from cli.output.rerun_command import answer_head, footer
from domain.claims.publication import Excluded
from events.value import replace


def write_answer_rows(
    context: typer.Context,
    asked: AskedAt,
    excluded: Excluded,
    columns: Sequence[Column],
    rows: Sequence[Document],
    *,
    dated: bool = True,
    notes: Sequence[str] | Callable[[Look], Sequence[str]] = (),
    then: str = "",
    nothing: str = "",
    more: Mapping[str, Any] | None = None,
) -> None:
    """Write the rows of an answer, in JSON with its clocks at the head, in a table below it.

    An answer that is not `dated` covers every day. The notes stand between table and clocks,
    `then` is the command to run next; `nothing` stands for a table without rows, and JSON has
    `more` in its head.
    """
    head = {**answer_head(context, asked, excluded, dated=dated), **(more or {})}
    how = look_with_names(app_context(context), asked, [rows, nothing])
    below = [*(notes(how) if callable(notes) else notes), *footer(head, then)]
    write_rows(columns, rows, how, below, head, named(nothing, how.names))


def look_with_names(app: AppContext, asked: AskedAt, found: Any) -> Look:
    """Return how to write to a person what has ids of parties: with their names at the clocks."""
    if not app.look.for_people:
        return app.look
    from projections.queries.show import party_names  # a third of `log` for a script

    with app.answers() as answers:
        return replace(app.look, names=party_names(answers, parties_mentioned(found), asked.clocks))
