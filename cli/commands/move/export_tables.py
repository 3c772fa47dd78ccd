"""Write claims, or the statuses of parties over time, as a table."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cli.clocks import ClockOptions, read_clocks, read_day, read_first_day
from cli.commands.move.export_file import PERIODS, TYPED, new_named_file, opened_file
from cli.context import AppContext
from cli.errors.exit_codes import usage_failure
from cli.output.formats import write_csv
from projections.export.panel import panel_rows
from projections.export.selection import Selection, flatten_claim, selected_claim_rows
from projections.export.typed_tables import (
    PANEL,
    TypedColumn,
    typed_columns,
    write_parquet,
    write_workbook,
)


def write_claims(app: AppContext, choice: Selection, chosen: str, output: Path | None) -> None:
    """Write a row for each claim, with the columns of one kind or of all."""
    of = choice.kinds[0] if len(choice.kinds) == 1 else None
    with app.answers() as answers:
        rows = (flatten_claim(one, of) for one in selected_claim_rows(answers, choice))
        _table(app, typed_columns(of), rows, chosen, output)


def write_panel(
    app: AppContext,
    asked: ClockOptions,
    period: tuple[str, str | None, str | None],
    chosen: str,
    output: Path | None,
) -> None:
    """Write the statuses of parties at the end of each period, given by its name and its ends."""
    given, first, last = period
    every = next(one for one in PERIODS if one == given)
    begin = read_first_day(first, "--from") if first else None
    end = read_day(last, "--to") if last else None
    if begin and end and begin > end:
        usage_failure("--from is later than --to", f"{begin} comes after {end}", "exchange them")
    with app.answers() as answers:
        question = read_clocks(answers.record, asked)
        rows: Iterable[tuple[Any, ...]] = panel_rows(
            answers, every, question.clocks, question.policy, first=begin, last=end
        )
        columns = PANEL
        if question.policy.digest:  # a table has no head to say it
            columns = [*PANEL, TypedColumn("policy", "VARCHAR")]
            rows = ((*row, str(question.policy)) for row in rows)
        _table(app, columns, rows, chosen, output)


def _table(
    app: AppContext,
    columns: Sequence[TypedColumn],
    rows: Iterable[tuple[Any, ...]],
    chosen: str,
    output: Path | None,
) -> None:
    """Write rows as CSV, as an object a line, or in a form with types."""
    names = [column.name for column in columns]
    if output is not None and chosen in TYPED:
        with new_named_file(output) as work:
            (write_parquet if chosen == "parquet" else write_workbook)(work, columns, rows)
        return
    with opened_file(output) as write:
        if chosen == "csv":
            plain = (["true" if value is True else value for value in row] for row in rows)
            write_csv(names, plain, app.look, write)
            return
        for row in rows:
            write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")
