"""Find claims and subjects by words."""

from typing import Annotated

import typer

from cli.arguments import argument, kind_option, option, party_option, type_option
from cli.clocks import ClockOptions, asking
from cli.errors.exit_codes import not_found, usage_failure
from cli.named_event import type_named
from cli.output.answer_rows import write_answer_rows
from cli.output.claim_words import Document, claim_cells, claim_columns
from cli.output.look import Column, for_scripts
from cli.output.rerun_command import about, excluded_in_words
from cli.subjects import known_party
from events.text import count_noun
from projections.queries.find import Wanted, find_claims, read_terms

_COLUMNS = (
    *claim_columns("subject position"),
    Column("where", "where"),
    Column("snippet", "text"),
    *claim_columns("asserted_by:4 effective:5"),
    *for_scripts("published recorded says text acted basis id type perhaps"),
)


def find(
    context: typer.Context,
    words: Annotated[list[str], argument("WORDS...", "Words in any case; a phrase in quotes.")],
    *,
    kind: Annotated[str | None, kind_option("Only claims about subjects of a kind.")] = None,
    type_: Annotated[str | None, type_option("Only claims of a type.")] = None,
    party: Annotated[
        str | None, party_option("Only claims that a party makes or is named in.")
    ] = None,
    limit: Annotated[int, option("--limit", "N", "At most so many rows.", min=1)] = 20,
    when: ClockOptions,
) -> None:
    """Find claims by words: what something is called first, then what is said of it.

    A claim is found if it holds all words, in any case and without accents, in any script; from
    three letters on a word finds those that it begins. What stands in double quotes is one phrase.
    No field names are searched; what was retracted or replaced is not found.

    \b
    Examples:
      depositary find pakistan
      depositary find '"letter of intent"' --kind agreement
      depositary find bitcoin office --party onbtc --limit 5
      depositary find memorandum --public-at 2025-07-18
    """
    text = " ".join(words)
    if not (terms := read_terms(text)):
        why = "no word stands in it: a letter or a digit"
        usage_failure("nothing to look for", why, "depositary find pakistan")
    only = type_named(type_, f"depositary find {text} --type") if type_ else None
    dated = when.as_of is not None
    with asking(context, when) as (answers, question):
        who = known_party(answers, party, question)
        wanted = Wanted(kind, only, who, limit)
        found = find_claims(answers, terms, question.clocks, wanted, dated=dated)
    if not found.total and found.complete:
        unknown = f"; {excluded_in_words(found.excluded)}" if sum(found.excluded) else ""
        why = f"{count_noun(question.position, 'event')} were searched{unknown}"
        then = "depositary find with fewer or other words"
        not_found(f"no claim has the words '{text[:60]}'", why, then)
    counted = f"{'' if found.complete else 'at least '}{count_noun(found.total, 'claim')}"
    if found.total > len(found.rows):
        counted += f", the first {len(found.rows)}: --limit {found.total} shows them"
    if not found.complete:
        counted += "; not all that hold the words were looked into"
    write_answer_rows(
        context,
        question,
        found.excluded,
        _COLUMNS,
        [_row(one) for one in found.rows],
        dated=dated,
        notes=["", counted],
        then=about(found.rows[0]["subject"]) if found.rows else "",
        more={"count": found.total, "complete": found.complete},
    )


def _row(claim: Document) -> Document:
    marked = "perhaps public: " if claim["perhaps"] else ""
    return {
        **claim,
        **claim_cells(claim),
        "effective:shown": claim["effective"],
        "where:shown": claim["where"].replace("_", " "),
        "snippet:shown": f"{marked}{claim['snippet']}",
    }
