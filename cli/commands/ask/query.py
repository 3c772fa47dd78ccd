"""Ask the answers in SQL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Annotated, Any

import typer

from cli.arguments import argument, flag
from cli.clocks import AskedAt, ClockOptions, asking
from cli.context import app_context
from cli.errors.exit_codes import CANNOT, CommandError, cannot, end_now, usage_failure
from cli.errors.usage import near, with_hint
from cli.output.answer_rows import write_answer_rows
from cli.output.formats import write_rows
from cli.output.look import Column, Look
from events.text import flat_text
from projections.queries.sql import MAX_SECONDS, VIEWS, QueryError, Result, TooManyRowsError
from projections.queries.sql import run_query as asked_of
from projections.read_model.database import ReadModel

_LATE_S = 1.0
_LESS = "depositary query with a LIMIT"
_VIEWS = (Column("view", "view", fixed=True), Column("column", "column"), Column("means", "means"))


def query(
    context: typer.Context,
    sql: Annotated[str | None, argument("[SQL]", "One SELECT over the views.")] = None,
    views: Annotated[
        bool, flag("--views", "List the views and their columns, and run no query.")
    ] = False,
    *,
    when: ClockOptions,
) -> None:
    """Run an SQL query (SQLite) on the read model; it can only read.

    The views are claims, subjects, citations, and the list of each kind: agreements, reserves,
    parties and so on, answered at the clocks asked. A query may run ten seconds and return
    100,000 rows. For a ledger in PostgreSQL up to a million claims are first copied into a
    temporary SQLite database.

    \b
    Examples:
      depositary query --views
      depositary query "select type, count(*) as n from claims group by 1" --csv
    """
    app = app_context(context)
    if views:
        named = [(view, *column) for view, columns in VIEWS.items() for column in columns]
        rows = [dict(zip(("view", "column", "means"), one, strict=True)) for one in named]
        write_rows(_VIEWS, rows, app.look)
        return
    if sql is None:
        usage_failure("no query is given", "one SELECT is needed", "depositary query --views")
    with asking(context, when) as (answers, question), _stopped_in_time(app.look):
        found = _found(answers, sql, question)
    shown = found.rows or [{}]
    columns = [
        Column(name, name, number=all(isinstance(row.get(name), int | float) for row in shown))
        for name in found.columns
    ]
    rows = found.rows
    if app.look.format == "csv":
        rows = [{name: _in_words(cell) for name, cell in row.items()} for row in rows]
    write_answer_rows(context, question, found.excluded, columns, rows)


def _in_words(cell: Any) -> Any:
    """Return a cell of CSV; what is kept as an object of JSON, such as `data`, is its words."""
    if not isinstance(cell, str) or cell[:1] != "{":
        return cell
    try:
        return flat_text(json.loads(cell))
    except ValueError:
        return cell


@contextmanager
def _stopped_in_time(how: Look) -> Iterator[None]:
    """End the process, with exit code 7, where SQLite is too long within one instruction.

    Between two instructions `run_query` looks at the clock itself. Within one, such as a LIKE with
    many %, SQLite heeds no interrupt; but nothing was written, so that ending is enough.
    """

    def stop() -> None:
        why = f"it ran for more than {MAX_SECONDS:.0f} seconds: ask for less"
        error = CommandError(CANNOT, "the query asks for too much", why, _LESS)
        end_now(error, as_json=how.format in ("json", "ndjson"))

    timer = Timer(MAX_SECONDS + _LATE_S, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _found(answers: ReadModel, sql: str, question: AskedAt) -> Result:
    try:
        return asked_of(answers, sql, question.clocks, question.policy)
    except QueryError as error:
        why = with_hint(str(error), near(error.wrong, error.known) if error.wrong else "")
        usage_failure("the query is not understood", why, "depositary query --views")
    except TooManyRowsError as error:
        cannot("the query asks for too much", str(error), _LESS)
