"""List what is contested across the ledger, and what is odd about what was recorded."""

from typing import Annotated

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
from cli.clocks import ClockOptions, position_since, read_clocks
from cli.context import app_context
from cli.errors.exit_codes import DONE, NO, settle, usage_failure
from cli.errors.usage import check_choice
from cli.output.answer import look_with_names
from cli.output.claim_words import Document, bold
from cli.output.formats import Column, for_scripts, table, write_json, write_lines, write_rows
from cli.output.rerun_command import about, answer_head, footer, with_left
from cli.output.rerun_command import about as about_subject
from cli.progress import progress_if_long
from cli.subjects import check_kind, known_party, known_thing
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
    with app.answers() as answers, progress_if_long("looking", "subjects") as progress:
        question = read_clocks(answers.record, when)
        about = known_thing(answers, thing, question) if thing else None
        asked = answers, question.clocks, question.policy
        found, excluded, counts = list_findings(
            *asked, thing=about, checks=checks, progress=progress
        )
    settle(NO if found else DONE)
    if found or counts or not app.look.for_people:
        rows = [
            {
                **one._asdict(),
                "events": list(one.events),
                "perhaps:shown": "perhaps published" if one.perhaps else "",
            }
            for one in found
        ]
        head = {**answer_head(context, question, excluded), "counts": counts}
        below = footer(head, about_subject(found[0].subject) if wanted and found else "")
        if not found and app.look.for_people:
            write_lines([_counted(counts), *below], app.look)
            return
        how = look_with_names(app, question, {one.sentence for one in found})
        write_rows(_FINDINGS, rows, how, ["", _counted(counts), *below[1:]], head)
    if found:
        raise typer.Exit(NO)


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

    app = app_context(context)
    check_kind(kind, "depositary disputes --kind reserve")
    with app.answers() as answers:
        question = read_clocks(answers.record, when)
        who = known_party(answers, party, question) if party else None
        first = position_since(answers.record, since) if since else 1
        found = list_disputes(answers, question.clocks, question.policy, kind=kind)
    rows = [
        _row(one)
        for one in found.rows
        if one["position"] >= first
        and (who is None or who in one["claimants"] or who in one["denied_by"])
    ]
    counts = [one._asdict() for one in count_claimants(rows)]
    head = answer_head(context, question, found.excluded)
    head, note = with_left(head, found.left, "--kind narrows it")
    told = ("claimants", "denied_by", "selected_of")
    parties = {party for one in rows for name in told for party in one[name]}
    how = look_with_names(app, question, parties)
    narrowed = party or kind or since
    then = about(rows[0]["subject"]) if rows else "disputes" if narrowed else "findings"
    below = [*note, *footer(head, then)]
    if app.look.format == "json":
        names = [column.name for column in _DISPUTES]
        plain = [{name: row[name] for name in names} for row in rows]
        write_json({**head, "rows": plain, "claimants": counts}, app.look)
    elif app.look.columns or not app.look.for_people:
        write_rows(_DISPUTES, rows, how, below)
    elif not rows:
        write_lines([f"no dispute{' matches' if narrowed else ''}", *below], app.look)
    else:
        lines = [count_noun(len(rows), "dispute"), "", *table(_DISPUTES, rows, how)]
        if counts:
            lines += ["", bold("Contradicted parties", how), *table(_COUNTS, counts, how)]
        write_lines([*lines, *below], how, rows)


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
