"""Why is this the answer, and where does it come from?"""

from typing import Annotated, NoReturn

import typer

from cli.clocks import When, asked
from cli.context import at_hand
from cli.errors.exit_codes import not_found, usage
from cli.output.formats import write_json, write_lines
from cli.output.rerun_command import answered, clocks_lines
from cli.subjects import known_thing, not_known


def explain(
    context: typer.Context,
    thing: Annotated[str, typer.Argument(metavar="THING", help="The thing, as kind/name.")],
    field: Annotated[
        str | None,
        typer.Argument(metavar="[FIELD]", help="The value: kind, booked, reported, signed."),
    ] = None,
    *,
    when: When,
) -> None:
    """Say why a value is what it is: which claim, before which others, from which source.

    From the value through the policy and the ranking to the events, their sources with what they
    quote, the origin, and the digest of the copy that was kept. Without a FIELD: all values.

    \b
    Examples:
      depositary explain agreement/pk-sv-bitcoin-2025 kind
      depositary explain reserve/sv reported --as-of 2025-07-19
      depositary explain reserve/sv --policy latest --json
    """
    from cli.commands.ask.explain_page import page
    from projections.queries.explain import NoSuchFieldError, explain_values
    from projections.queries.show import NotKnownError

    counter = at_hand(context)
    if counter.look.format == "csv":
        usage("a page is no table", "csv holds rows", f"depositary blame {thing} --csv")
    with counter.answers() as answers:
        question = asked(answers.record, when)
        name = known_thing(answers, thing, question)
        try:
            found = explain_values(answers, name, question.clocks, question.policy, field)
        except NoSuchFieldError as error:
            if not error.known:
                not_known(answers, NotKnownError(name, None), question)
            _no_such_value(name, error.field, error.known)
        left_out = answers.view(name, question.clocks, question.policy).standing.unknown
    head = answered(context, question, left_out)
    if counter.look.format == "table":
        lines = [name, *clocks_lines(head), "", *page(found, counter.look)]
        write_lines([*lines, "", f"again: {head['again']}"])
    else:
        write_json({**head, **found}, counter.look)


def _no_such_value(name: str, field: str, known: list[str]) -> NoReturn:
    from cli.errors.suggestions import near

    first = dict.fromkeys(one.partition(".")[0] for one in known)
    not_found(
        f"{name} has no value named {field}",
        near(field, known) or f"it has {', '.join(first)}",
        f"depositary explain {name}",
    )
