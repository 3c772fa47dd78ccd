"""List what is contested across the ledger, and what is odd about what was recorded."""

from typing import Annotated, Any

import typer

from cli.arguments import (
    argument,
    flag,
    kind_option,
    offer_checks,
    offer_things,
    option,
    party_option,
)
from cli.clocks import ClockOptions, asking, position_since
from cli.context import app_context
from cli.errors.exit_codes import DONE, NO, settle, usage_failure
from cli.errors.usage import check_choice
from cli.output.answer_rows import write_answer_rows
from cli.output.claim_words import Document, bold
from cli.output.formats import write_rows
from cli.output.look import Column, Look, for_scripts
from cli.output.rerun_command import about, with_left
from cli.output.table import table
from cli.subjects import known_party, known_thing
from events.text import count_noun

_FINDINGS = (
    Column("check", "check", fixed=True),
    Column("subject", "subject"),
    Column("sentence", "finding"),
    Column("events", "events", drop=1),
    Column("perhaps", "perhaps", drop=2),
)
_LIST = (Column("check", "check", fixed=True), Column("what", "what it finds"))


def findings(
    context: typer.Context,
    subject: Annotated[
        str | None, argument("[SUBJECT]", "Only about this subject.", offer_things)
    ] = None,
    thing: Annotated[
        str | None, option("--subject --thing", "SUBJECT", "The same.", offer_things)
    ] = None,
    check: Annotated[
        list[str] | None,
        option("--check", "NAME", "Only this check; may be repeated.", offer_checks),
    ] = None,
    wanted: Annotated[
        bool, flag("--wanted", "What would improve the answers: dates, sources …")
    ] = False,
    list_: Annotated[bool, flag("--list", "Explain each check, and run none.")] = False,
    *,
    when: ClockOptions,
) -> None:
    """List data-quality problems; without any, print nothing (exit code 0, else 1).

    A row is a problem that a person should look at; the others are counted, and listed with
    --check.

    \b
    Examples:
      depositary findings --list
      depositary findings reserve/sv --as-of 2025-07-19
    """
    from projections.queries.findings import CHECKS, WANTED, list_findings

    app = app_context(context)
    if list_:
        every = (CHECKS | WANTED).items()
        explained = [{"check": name, "what": check.what} for name, check in every]
        write_rows(_LIST, explained, app.look)
        return
    if wanted and check:
        why = "--wanted has its own checks"
        then = "depositary findings --wanted"
        usage_failure("--wanted and --check exclude each other", why, then)
    known = CHECKS | WANTED
    checks = (
        tuple(WANTED)
        if wanted
        else tuple(
            check_choice("check", name, known, "depositary findings --list") for name in check or ()
        )
    )
    thing = subject or thing
    with asking(context, when) as (answers, question):
        only = known_thing(answers, thing, question) if thing else None
        found, excluded, counts = list_findings(
            answers, question.clocks, question.policy, thing=only, checks=checks
        )
    settle(NO if found else DONE)
    if found or counts or not app.look.for_people:
        rows = [{**one._asdict(), "events": list(one.events), **_perhaps(one)} for one in found]
        counted = _counted(counts)
        then = about(found[0].subject) if wanted and found else ""
        write_answer_rows(
            context,
            question,
            excluded,
            _FINDINGS,
            rows,
            notes=["", counted] if found else (),
            then=then,
            nothing=counted,
            more={"counts": counts},
        )
    if found:
        raise typer.Exit(NO)


def _perhaps(one: Any) -> Document:
    return {"perhaps:shown": "perhaps published" if one.perhaps else ""}


def _counted(counts: dict[str, int]) -> str:
    told = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return f"found: {', '.join(f'{count} {name}' for name, count in told)}"


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
    from projections.queries.disputes import count_claimants, list_disputes

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
