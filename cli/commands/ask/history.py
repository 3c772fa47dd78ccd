"""Tell by which steps a thing came to what is answered about it."""

from collections.abc import Sequence

import typer

from cli.arguments import Subject
from cli.clocks import ClockOptions, read_clocks
from cli.context import app_context
from cli.output.formats import Column, write_answer
from cli.output.rerun_command import answer_head, footer
from cli.subjects import known_thing
from events.identifiers import kind_of


def history(context: typer.Context, thing: Subject, *, when: ClockOptions) -> None:
    """Tell how a thing came to be what it is.

    Of a reserve: each step that moves what is booked, with the change, the balance, the basis and
    the source; `!` marks what is contested. Of any other thing: every event about it in the order
    recorded, as `depositary KIND history` lists them.

    \b
    Examples:
      depositary history reserve/sv
      depositary history reserve/sv --as-of 2022-06-30 --csv
      depositary history agreement/pk-sv-bitcoin-2025
    """
    from cli.commands.ask import history_page
    from projections.queries.reconcile import steps_of_view
    from projections.queries.show import list_history

    app = app_context(context)
    columns: Sequence[Column] = history_page.COLUMNS
    notes: list[str] = []
    with app.answers() as answers:
        question = read_clocks(answers.record, when)
        name = known_thing(answers, thing, question)
        if kind_of(name) == "reserve":
            view = answers.view(name, question.clocks, question.policy)
            found, excluded = steps_of_view(name, view), view.standing.excluded
            rows, columns = (
                [history_page.step_row(step) for step in found],
                history_page.STEP_COLUMNS,
            )
            notes = history_page.step_notes(found)
        else:
            until = question.clocks.as_of if when.as_of else None
            found, excluded = list_history(answers, name, question.clocks, until=until)
            rows = [history_page.history_row(event) for event in found]
        columns, rows = history_page.with_recorders(columns, rows, answers.recorders(name))
    dated = when.as_of is not None or kind_of(name) == "reserve"
    below = footer(context, question, excluded, dated=dated)
    head = answer_head(context, question, excluded, dated=dated)
    write_answer(columns, rows, app.look, head, [*notes, *below])
