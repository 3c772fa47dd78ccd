"""List the reported figures of a reserve, or its answer at the end of each period."""

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import Name, choice, option
from cli.clocks import ClockOptions, read_first_day
from cli.commands.ask.list import list_columns, list_row
from cli.output.answer import answer_document, answer_page, write_answer_page
from cli.output.claim_words import Document, claim_cells
from cli.output.look import Column, Look, for_scripts
from cli.output.table import table
from events.dates import parse_date
from projections.queries.holdings import reserve_series

if TYPE_CHECKING:
    pass

_FIGURES = (
    Column("effective", "as of", fixed=True),
    Column("amount", "figure", number=True, amount=True),
    Column("type", "what", drop=1),
    Column("scope", "part"),
    Column("asserted_by", "asserted by"),
    Column("basis", "basis", drop=2),
    Column("support", "support", drop=3),
    Column("mark", " ", fixed=True),
    Column("position", "event", number=True),
    Column("published", "", drop=1),
    *for_scripts("selected holds perhaps support_perhaps no_support id"),
)
_NOT_AT_ENDS = ("subject", "holder", "status")
_PERIODS = ("month", "quarter", "year")


def series(
    context: typer.Context,
    name: Name,
    every: Annotated[
        str | None,
        choice(
            "--every",
            "PERIOD",
            "month, quarter or year: what was held at the end of each.",
            _PERIODS,
        ),
    ] = None,
    from_: Annotated[
        str | None, option("--from", "DAY", "Only what may be of that day or later.")
    ] = None,
    *,
    when: ClockOptions,
) -> None:
    """List the reported figures of a reserve, or its answer at the end of each period.

    \b
    Examples:
      depositary reserve series sv
      depositary reserve series sv --every month --from 2025-01 --as-of 2025-12-31 --csv
    """
    period: Any = every
    question = partial(reserve_series, every=period)
    first = read_first_day(from_, "--from") if from_ else date.min
    found = answer_document(context, "reserve", name, when, question)
    day = "effective" if every is None else "on"
    found["rows"] = [one for one in found["rows"] if _last_day(one[day]) >= first]
    if every is None:
        columns, rows = _FIGURES, [_figure_row(one) for one in found["rows"]]
    else:
        ends = [column for column in list_columns("reserve") if column.name not in _NOT_AT_ENDS]
        columns = (Column("on", "on", fixed=True), *ends)
        rows = [list_row("reserve", one) for one in found["rows"]]

    def page(one: Document, how: Look) -> list[str]:
        nothing = (
            "no figure is reported"
            if every is None
            else "nothing is reported, and no flow is recorded"
        )
        lines = table(columns, rows, how) if rows else [nothing]
        return answer_page(one, how, [*lines, *_legend(one, every)], "reserve show")

    write_answer_page(context, found, page, columns, rows)


def _last_day(text: str | None) -> date:
    """Return the last day that a date may be, of an open one the last of all."""
    return (parse_date(text).latest if text else None) or date.max


def _legend(found: Document, every: str | None) -> list[str]:
    """Return what the marks in the rows mean."""
    rows = found["rows"]
    if every is not None:
        unsure = any(row["reported_holds"] == "cannot tell" for row in rows)
        return ["", "? cannot tell whether it is from that day or earlier"] if unsure else []
    notes = [
        ("> selected for its own day", any(row["selected"] for row in rows)),
        (
            f"? cannot tell whether it is from {found['as_of']} or earlier",
            any(row["holds"] == "cannot tell" for row in rows),
        ),
        (f"~ perhaps published by {found['public_at']}", any(row["perhaps"] for row in rows)),
    ]
    told = [words for words, met in notes if met]
    return ["", *told] if told else []


def _figure_row(one: Document) -> Document:
    mark = ">" if one["selected"] else "~" if one["perhaps"] else ""
    return {
        **one,
        **claim_cells(one),
        "amount": one["says"]["amount"],
        "type:shown": one["type"].rpartition("-")[2],
        "support:shown": _figure_support(one),
        "mark": f"{mark}{'?' if one['holds'] == 'cannot tell' else ''}",
    }


def _figure_support(one: Document) -> str:
    perhaps = one["support_perhaps"]
    if perhaps:
        return ", ".join(filter(None, (one["support"], f"perhaps {perhaps}")))
    return one["support"] or f"none: {one['no_support']}"
