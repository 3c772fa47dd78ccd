"""Which event and which source set each value of an answer?"""

from typing import Annotated

import typer

from cli.clocks import When, asked
from cli.context import at_hand
from cli.output.formats import write_answer
from cli.output.rerun_command import answered, footer
from cli.subjects import known_thing


def blame(
    context: typer.Context,
    thing: Annotated[str, typer.Argument(metavar="THING", help="The thing, as kind/name.")],
    *,
    when: When,
) -> None:
    """Say which event and which source set each value of a thing.

    A value that several claims made in turn, such as a balance, names the last and counts them.

    \b
    Examples:
      depositary blame reserve/sv
      depositary blame agreement/pk-sv-bitcoin-2025 --as-of 2025-07-31
    """
    from cli.commands.ask import blame_page as pages
    from cli.output.fields import is_detail
    from projections.queries.blame import blame_values

    counter = at_hand(context)
    with counter.answers() as answers:
        question = asked(answers.record, when)
        name = known_thing(answers, thing, question)
        lines = blame_values(answers, name, question.clocks, question.policy)
        left_out = answers.view(name, question.clocks, question.policy).standing.unknown
    if counter.look.format == "table":
        lines = [line for line in lines if not is_detail(line["field"], line["value"])]
    write_answer(
        pages.COLUMNS,
        [pages.row(line) for line in lines],
        counter.look,
        answered(context, question, left_out),
        footer(context, question, left_out),
    )
