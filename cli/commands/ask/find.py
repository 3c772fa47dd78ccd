"""Find subjects by words."""

from typing import Annotated

import typer

from cli.arguments import argument
from cli.clocks import ClockOptions, read_clocks
from cli.context import app_context
from cli.errors.exit_codes import not_found, usage_failure
from cli.output.answer import write_answer_rows
from cli.output.claim_words import Document, claim_in_words
from cli.output.formats import Column, for_scripts
from cli.output.rerun_command import excluded_in_words
from events.text import count_noun

_COLUMNS = (
    Column("subject", "subject"),
    Column("position", "event", number=True),
    Column("says", "claim"),
    Column("asserted_by", "asserted by", drop=1),
    *for_scripts("effective published recorded text acted basis id type"),
)


def find(
    context: typer.Context,
    text: Annotated[str, argument("TEXT", "Words; upper and lower case are alike.")],
    *,
    when: ClockOptions,
) -> None:
    """Find subjects by the words of their claims: names, titles, gists, ids.

    \b
    Examples:
      depositary find "bitcoin office"
      depositary find memorandum --known-at @345
    """
    from projections.queries.lists import find_claims

    app = app_context(context)
    if not text.split():
        usage_failure("nothing to look for", "TEXT has no word", "depositary find --help")
    with app.answers() as answers:
        question = read_clocks(answers.record, when)
        claims, excluded = find_claims(answers, text, question.clocks, question.policy)
    if not claims:
        unknown = f"; {excluded_in_words(excluded)}" if sum(excluded) else ""
        why = f"{count_noun(question.position, 'event')} were searched{unknown}"
        then = "depositary find with fewer or other words"
        not_found(f"no claim has the words '{text[:60]}'", why, then)
    write_answer_rows(context, question, excluded, _COLUMNS, [_row(claim) for claim in claims])


def _row(claim: Document) -> Document:
    thing = str(claim["id"]).rpartition("/")[0]
    position, text = f"@{claim['position']}", claim_in_words(claim)
    return {**claim, "subject": thing, "says:shown": text, "text": text, "position:shown": position}
