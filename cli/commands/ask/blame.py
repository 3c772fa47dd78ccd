"""Say which event and which source set each value of an answer."""

from typing import Any

import typer

from cli.arguments import Subject
from cli.clocks import ClockOptions, read_clocks
from cli.context import app_context
from cli.output.answer import write_answer_rows
from cli.output.claim_words import (
    Document,
    basis_in_words,
    field_titles,
    is_detail,
    position_label,
    write_fields,
)
from cli.output.formats import Column, for_scripts
from cli.subjects import known_thing

COLUMNS = (
    Column("field", "value"),
    Column("value", "is"),
    Column("support", "support", drop=4),
    Column("position", "event", number=True),
    Column("asserted_by", "asserted by", drop=5),
    Column("basis", "basis", drop=2),
    Column("sources", "sources", drop=3),
    Column("changes", "changes", number=True, drop=1),
    Column("rule", "selected because", drop=1),
    Column("rival", "instead of", drop=1),
    *for_scripts("event with corrected_by"),
)
_OF_CLAIM = ("position", "asserted_by", "basis", "sources", "corrected_by")


def blame(context: typer.Context, thing: Subject, *, when: ClockOptions) -> None:
    """Show which event and which source set each value of a subject.

    For a value that several claims made in turn, such as a balance, it names the last one and
    counts them.

    \b
    Examples:
      depositary blame reserve/sv
      depositary blame agreement/pk-sv-bitcoin-2025 --as-of 2025-07-31
    """
    from projections.queries.blame import blame_values

    app = app_context(context)
    with app.answers() as answers:
        question = read_clocks(answers.record, when)
        name = known_thing(answers, thing, question)
        lines = blame_values(answers, name, question.clocks, question.policy)
        excluded = answers.view(name, question.clocks, question.policy).standing.excluded
    if app.look.for_people:
        lines = [line for line in lines if not is_detail(line["field"], line["value"])]
    write_answer_rows(context, question, excluded, COLUMNS, [blame_row(line) for line in lines])


def blame_row(line: Document) -> dict[str, Any]:
    """Return a value as a row; a default where no claim states it."""
    claim = line["claim"]
    found = {
        **line,
        "field:shown": field_titles(line["field"]),
        "value:shown": write_fields(line["value"]),
        "changes:shown": line["changes"] if line["changes"] > 1 else None,
    }
    if claim is None:
        return {**found, "asserted_by:shown": "not stated"}
    return {
        **found,
        **{name: claim[name] for name in _OF_CLAIM},
        "position:shown": position_label(claim),
        "basis:shown": basis_in_words(claim),
        "sources:shown": _short(claim["sources"]),
        "event": claim["id"],
    }


def _short(sources: list[str]) -> str:
    """Return the first source, and how many more there are."""
    if not sources:
        return ""
    more = f" +{len(sources) - 1}" if len(sources) > 1 else ""
    return f"{sources[0].removeprefix('source/')}{more}"
