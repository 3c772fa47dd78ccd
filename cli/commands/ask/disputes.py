"""List what is contested across the ledger, since when, and between which parties."""

from typing import Annotated

import typer

from cli.arguments import kind_option, option, party_option
from cli.clocks import ClockOptions, asking, position_since
from cli.output.answer_rows import write_answer_rows
from cli.output.claim_words import Document, bold
from cli.output.look import Column, Look, for_scripts
from cli.output.rerun_command import about, with_left
from cli.output.table import table
from cli.subjects import known_party
from events.text import count_noun
from projections.queries.disputes import count_claimants, list_disputes

_DISPUTES = (
    Column("subject", "subject"),
    Column("type", "what", drop=1),
    Column("fields", "differs in"),
    Column("claimants", "contradicted"),
    Column("denied_by", "denied by"),
    Column("selected_of", "selected", drop=2),
    Column("position", "since", number=True),
    Column("recorded", "recorded", fixed=True, drop=3),
    Column("claims", "events", drop=4),
    *for_scripts("denials selected occurrence key"),
    Column("perhaps", "perhaps", drop=5),
)
_COUNTS = (
    Column("party", "party"),
    Column("disputes", "contradicted in", number=True),
    Column("selected", "selected in", number=True),
)


def disputes(
    context: typer.Context,
    party: Annotated[
        str | None, party_option("Only disputes in which this party is contradicted or denies.")
    ] = None,
    kind: Annotated[str | None, kind_option("Only disputes about subjects of a kind.")] = None,
    since: Annotated[
        str | None, option("--since", "DAY|@N", "Only disputes that arose on that day or later.")
    ] = None,
    *,
    when: ClockOptions,
) -> None:
    """List what is contested, since when, and between which parties.

    A dispute arises with the event that records the second of two incompatible texts, or a claim's
    denial: what was corrected counts from its correction. Listed is what is contested on the day
    asked: of figures that a newer one replaced ask that day (--as-of). Below the list: how often
    each party is contradicted.

    \b
    Examples:
      depositary disputes
      depositary disputes --kind reserve --party bukele
    """
    with asking(context, when) as (answers, question):
        who = known_party(answers, party, question)
        first = position_since(answers.record, since) if since else 1
        found = list_disputes(answers, question.clocks, question.policy, kind=kind)
    rows = [
        _row(one)
        for one in found.rows
        if one["position"] >= first
        and (who is None or who in one["claimants"] or who in one["denied_by"])
    ]
    counts = [one._asdict() for one in count_claimants(rows)]
    left, note = with_left({}, found.left, "--kind narrows it")
    narrowed = party or kind or since

    def below(how: Look) -> list[str]:
        told = ["", bold("Contradicted parties", how), *table(_COUNTS, counts, how)]
        return ["", count_noun(len(rows), "dispute"), *(told if counts else ()), *note]

    write_answer_rows(
        context,
        question,
        found.excluded,
        _DISPUTES,
        rows,
        notes=below if rows else note,
        then=about(rows[0]["subject"]) if rows else "disputes" if narrowed else "findings",
        nothing=f"no dispute{' matches' if narrowed else ''}",
        more={**left, "claimants": counts},
    )


def _row(one: Document) -> Document:
    return {
        **one,
        "type:shown": one["type"].partition(".")[2].replace("-", " "),
        "fields:shown": ", ".join(one["fields"]),
        "position:shown": f"@{one['position']}",
        "recorded:shown": one["recorded"][:10],
        # All are of the subject that stands in the row: their numbers are enough for a person.
        "claims:shown": " ".join(f"/{id_.rpartition('/')[2]}" for id_ in one["claims"]),
        "perhaps:shown": "perhaps published" if one["perhaps"] else "",
    }
