"""Tell by which steps a thing came to what is answered about it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

import typer

from cli.app import Command
from cli.arguments import Name, Subject
from cli.clocks import AskedAt, ClockOptions, asking
from cli.commands.ask.kinds import EXAMPLES
from cli.output.answer_rows import write_answer_rows
from cli.output.claim_words import (
    Document,
    balance_cell,
    claim_cells,
    claim_columns,
    claim_in_words,
    position_label,
)
from cli.output.look import Column, for_scripts
from cli.subjects import known_thing, not_known, thing_named
from domain.claims.publication import Excluded
from events.amounts import write_amount
from events.identifiers import kind_of
from projections.queries.reconcile import steps_of_view
from projections.queries.show import NotKnownError, list_history
from projections.queries.statements import citing_events
from projections.read_model.database import ReadModel


class HistoryRows(NamedTuple):
    """The rows of a history; one that is not `dated` tells of every day."""

    columns: Sequence[Column]
    rows: list[Document]
    excluded: Excluded
    dated: bool
    notes: list[str]


def history(context: typer.Context, thing: Subject, *, when: ClockOptions) -> None:
    """Show the steps by which a subject came to its present answer.

    For a reserve: each flow that changes the ledger balance, with the change, the balance, the
    basis and the source; `!` marks what is contested. For any other subject: every event about it
    in the order recorded, as `depositary KIND history` lists them.

    \b
    Examples:
      depositary history reserve/sv
      depositary history agreement/pk-sv-bitcoin-2025
    """
    with asking(context, when) as (answers, question):
        name = known_thing(answers, thing, question)
        if kind_of(name) == "reserve":
            found = _steps_of(answers, name, question)
        else:
            found = events_of(answers, name, question, dated=when.as_of is not None)
    write_history(context, question, found)


def _of_kind(kind: str) -> Command:
    def of_kind(context: typer.Context, name: Name, *, when: ClockOptions) -> None:
        with asking(context, when) as (answers, question):
            thing = thing_named(answers, name, question, kind)
            dated, citing = when.as_of is not None, kind == "source"
            found = events_of(answers, thing, question, dated=dated, citing=citing)
        write_history(context, question, found)

    more = "\n\nEvents that cite it are included." if kind == "source" else ""
    of_kind.__doc__ = _HISTORY.format(kind=kind, example=EXAMPLES[kind], more=more)
    return of_kind


def __getattr__(kind: str) -> Command:
    """Return the command of a kind, built when it is asked for."""
    if kind not in EXAMPLES:
        raise AttributeError(kind)
    return _of_kind(kind)


_HISTORY = """List every event about one {kind} in the order recorded, retracted ones too.{more}

\b
Examples:
  depositary {kind} history {example}
  depositary {kind} history {example} --known-at @345
"""


def write_history(context: typer.Context, question: AskedAt, found: HistoryRows) -> None:
    """Write a history under its clocks."""
    columns, rows, excluded, dated, notes = found
    write_answer_rows(context, question, excluded, columns, rows, dated=dated, notes=notes)


def events_of(
    answers: ReadModel, thing: str, question: AskedAt, *, dated: bool, citing: bool = False
) -> HistoryRows:
    """Return every event about a thing, or exit 3; `dated` leaves out what begins later.

    `citing`: those that cite it stand among them.
    """
    until = question.clocks.as_of if dated else None
    try:
        events, excluded = list_history(answers, thing, question.clocks, until=until)
        if citing:
            every_day = question.clocks._replace(as_of=date.max, moment=None)
            cited = citing_events(answers, thing, question.clocks if dated else every_day)
            events = sorted((*events, *cited), key=itemgetter("position"))
    except NotKnownError as error:
        not_known(answers, error, question)
    labels = {event["id"]: position_label(event) for event in events}
    rows = (_event_row(event, labels) for event in events)
    columns, found = _with_recorders(_COLUMNS, rows, answers.recorders(thing))
    return HistoryRows(columns, found, excluded, dated, [])


def _steps_of(answers: ReadModel, thing: str, question: AskedAt) -> HistoryRows:
    view = answers.view(thing, question.clocks, question.policy)
    steps = steps_of_view(thing, view)
    rows = map(_step_row, steps)
    columns, found = _with_recorders(_STEP_COLUMNS, rows, answers.recorders(thing))
    return HistoryRows(columns, found, view.standing.excluded, True, _step_notes(steps))


_COLUMNS = (
    *claim_columns("position recorded:5 effective published:6 says asserted_by basis:4"),
    Column("became", "became"),
    *claim_columns("id:1 type:2 sources:3"),
    *for_scripts("text acted about retracted_by corrected_by recordedby perhaps"),
)


def _with_recorders(
    columns: Sequence[Column], rows: Iterable[dict[str, Any]], recorders: Mapping[int, str]
) -> tuple[Sequence[Column], list[dict[str, Any]]]:
    """Return columns and rows with who recorded each event, shown where any event says it."""
    found = [{**row, "recordedby": recorders.get(row["position"])} for row in rows]
    if any(row["recordedby"] for row in found):
        shown = Column("recordedby", "recorded by", drop=3)
        columns = [shown if column.name == shown.name else column for column in columns]
    return columns, found


def _with_labels(text: str, labels: Mapping[str, str]) -> str:
    """Return a text with the positions, as in the next column, of the events that are listed."""
    return re.sub(r"(?<![\w/-])[a-z]+/[a-z0-9-]+/[0-9]+", lambda m: labels.get(m[0], m[0]), text)


def _event_row(event: Document, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return an event as a row, with what became of it since.

    `labels` are the positions of events as people type them, by id.
    """
    said = claim_in_words(event)
    about = f" ({', '.join(event['about'])})" if event["about"] else ""
    unsaid = [id_ for id_ in event["about"] if id_ not in said]
    shown = f"{said} ({', '.join(unsaid)})" if unsaid else said
    text = f"{said}{about}"
    became = (("retracted", event["retracted_by"]), ("corrected", event["corrected_by"]))
    return {
        "perhaps": False,
        **event,
        **claim_cells(event),
        **(
            {} if event["effective"] or event.get("effective_by_act") else {"effective:shown": None}
        ),
        "says:shown": _with_labels(shown, labels),
        "text": text,
        "became": next((f"{verb} by {by}" for verb, by in became if by), ""),
        "became:shown": next((f"{verb} by {labels.get(by, by)}" for verb, by in became if by), ""),
    }


_STEP_COLUMNS = (
    *claim_columns("effective"),
    Column("says", "step", drop=2),
    Column("change", "change", number=True),
    Column("balance", "balance", number=True),
    Column("custody_change", "custody change", number=True, drop=6),
    Column("custody", "in custody", number=True, drop=5),
    *claim_columns("basis:4 sources:1 asserted_by:3 mark position"),
    *for_scripts(
        "change_lower_sat change_upper_sat balance_lower_sat balance_upper_sat "
        "balance_unknown_flows custody_change_lower_sat custody_change_upper_sat custody_lower_sat "
        "custody_upper_sat custody_unknown_flows support holds against id type text acted "
        "published recorded corrected_by recordedby"
    ),
)


def _step_row(step: Document) -> dict[str, Any]:
    """Return a step as a row; `!` marks what is contested, `?` what the day asked cannot tell.

    A step that may not have come changes nothing, and has no balance after it.
    """
    row = {
        **step,
        **claim_cells(step),
        "mark": ("!" if step["contested"] else "") + ("?" if step["holds"] != "yes" else ""),
    }
    for name in ("change", "balance", "custody_change", "custody"):
        moved = step[name] if step["holds"] == "yes" else None
        row[name] = moved and (
            _signed(moved) if name.endswith("change") else balance_cell(moved["text"])
        )
        for end in ("lower_sat", "upper_sat", "unknown_flows"):
            row[f"{name}_{end}"] = moved and moved[end]
    return row


def _step_notes(steps: list[Document]) -> list[str]:
    """Return what the marks of these steps mean."""
    found = []
    if any(step["contested"] for step in steps):
        found.append("! contested: other claims differ, or deny it")
    if any(step["holds"] != "yes" for step in steps):
        found.append("? cannot tell whether it had happened: changes nothing here")
    if any(step["balance"] and step["balance"]["unknown_flows"] for step in steps):
        found.append("+? and flows of unknown size")
    return ["", *found] if found else []


def _signed(change: Document) -> str:
    lower, upper = change["lower_sat"], change["upper_sat"]
    if change["unknown_flows"] or lower is upper is None:
        return "unknown"
    if lower is None or upper is None:  # of an open end, the sign is that of the flow
        known = upper if lower is None else lower
        return f"{'-' if lower is None else '+'}{write_amount(abs(known), 'sat')} or more"
    ends = ["+" * (sat > 0) + write_amount(sat, "sat") for sat in (lower, upper)]
    return " to ".join(dict.fromkeys(ends))
