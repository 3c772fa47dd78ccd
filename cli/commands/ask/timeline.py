"""What happened when, on all three clocks?"""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from cli.clocks import Asked, When, asked
from cli.context import at_hand
from cli.errors.exit_codes import usage
from cli.output.formats import write_answer
from cli.output.rerun_command import answered, footer
from cli.subjects import known_party, known_thing
from events.identifiers import KINDS

if TYPE_CHECKING:
    from projections.read_model.database import Answers

_days = re.compile(r"([0-9]{1,6})d?").fullmatch


def timeline(
    context: typer.Context,
    thing: Annotated[
        str | None, typer.Argument(metavar="[THING]", help="The thing, as kind/name.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="All things of a kind.")
    ] = None,
    party: Annotated[
        str | None,
        typer.Option("--party", metavar="PARTY", help="What names a party, or what it says."),
    ] = None,
    late: Annotated[
        str | None,
        typer.Option("--late", metavar="DAYS", help="Recorded so long after its day: 30d."),
    ] = None,
    future: Annotated[
        bool, typer.Option("--future", help="Only what takes effect after the day asked for.")
    ] = False,
    contested: Annotated[
        bool, typer.Option("--contested", help="Only what others say otherwise, or deny.")
    ] = False,
    *,
    when: When,
) -> None:
    """Tell what happened in the order in which it took effect.

    A row is a claim that stands: when it was in effect, when it was published, when it was
    recorded, what it says, who says so, and whether others say otherwise. `?` stands where the
    day asked for cannot tell whether it had begun.

    \b
    Examples:
      depositary timeline agreement/pk-sv-bitcoin-2025
      depositary timeline --kind law --as-of 2025-12-31
      depositary timeline --party imf --contested
      depositary timeline reserve/sv --late 30d --csv
    """
    from cli.commands.ask import timeline_page as pages
    from projections.queries.timeline import TimelineFilter, build_timeline

    counter = at_hand(context)
    if [thing, kind, party].count(None) != 2:
        usage("of what?", "one of THING, --kind and --party", "depositary timeline --help")
    wanted = TimelineFilter(late_days(late), future, contested)
    with counter.answers() as answers:
        question = asked(answers.record, when)
        who = known_party(answers, party, question) if party else None
        things = _things(answers, question, thing, kind, who)
        rows, left_out = build_timeline(
            answers, things, question.clocks, question.policy, wanted, party=who
        )
    rows = [pages.row(row, of_a_kind=kind is not None) for row in rows]  # there may be very many
    write_answer(
        pages.columns(one_thing=thing is not None, late=late is not None),
        rows,
        counter.look,
        answered(context, question, left_out),
        footer(context, question, left_out),
    )


def late_days(text: str | None) -> int | None:
    """Return a number of days written as `30d` or `30`; exit 2 for anything else."""
    if text is None:
        return None
    match = _days(text)
    if match is None:
        usage("--late needs a number of days", f"'{text}' is none", "write --late 30d")
    return int(match[1])


def _things(
    answers: "Answers", question: Asked, thing: str | None, kind: str | None, party: str | None
) -> list[str]:
    if thing is not None:
        return [known_thing(answers, thing, question)]
    if party is not None:
        from projections.queries.timeline import things_naming_party

        return things_naming_party(answers, party, question.position)
    assert kind is not None
    if kind not in KINDS:
        from cli.errors.suggestions import near

        usage("no such kind", near(kind, KINDS) or f"one of {', '.join(KINDS)}", "--kind reserve")
    return answers.things(kind, question.position)
