"""Tell what happened when, on all three clocks."""

import re
from datetime import date
from typing import Annotated, Any

import typer

from cli.arguments import argument, flag, kind_option, offer_things, option, party_option
from cli.clocks import AskedAt, ClockOptions, asking, read_day, read_first_day
from cli.context import app_context
from cli.errors.exit_codes import usage_failure
from cli.output.answer_rows import write_answer_rows
from cli.output.claim_words import (
    Document,
    acted_date,
    claim_cells,
    claim_columns,
    claim_in_words,
    effective_date,
    unmet_mark,
)
from cli.output.look import Column, for_scripts
from cli.output.rerun_command import typed_command
from cli.subjects import known_party, known_thing
from events.identifiers import kind_of
from events.value import replace
from projections.queries.timeline import (
    TimelineFilter,
    build_timeline,
    things_dated_between,
    things_naming_party,
)
from projections.read_model.database import ReadModel

COLUMNS = (
    *claim_columns("mark effective published:3 recorded:1 subject:5 says asserted_by:4"),
    *claim_columns("support:6 position"),
    Column("late_days", "days late", number=True, drop=2),
    *for_scripts("id type selected begun corrected_by text acted perhaps within unmet_by"),
)

_days = re.compile(r"([0-9]{1,6})d?").fullmatch


def timeline(
    context: typer.Context,
    thing: Annotated[
        str | None, argument("[SUBJECT]", "The subject, as kind/name.", offer_things)
    ] = None,
    kind: Annotated[str | None, kind_option("Only subjects of this kind.")] = None,
    party: Annotated[
        str | None, party_option("Claims that name a party, or that it asserts.")
    ] = None,
    late: Annotated[
        str | None, option("--late", "DAYS", "Recorded that long after its day: 30d.")
    ] = None,
    future: Annotated[bool, flag("--future", "Only claims effective after the day asked.")] = False,
    contested: Annotated[bool, flag("--contested", "Only contested claims.")] = False,
    from_: Annotated[
        str | None, option("--from", "DAY", "Only claims that may be of that day or later.")
    ] = None,
    to: Annotated[
        str | None, option("--to", "DAY", "Only claims that may be of that day or earlier.")
    ] = None,
    number: Annotated[int | None, option("-n", "N", "At most N rows.", min=1)] = None,
    skip: Annotated[int, option("--skip", "N", "Skip the first N rows.", min=0)] = 0,
    *,
    when: ClockOptions,
) -> None:
    """List live claims in the order in which they took effect.

    A row is a live claim: its effective, published and recorded dates, what it says, the party
    that asserts it, and its support. A notice is listed from the day it was given (acted), and
    --from and --to mean that day too; one that was revoked, or moved, before its day took effect
    never. `?` marks a claim where the dates cannot tell whether it had begun on the day asked, or
    was between --from and --to. With these two no SUBJECT is needed; claims without a day are
    excluded.

    \b
    Examples:
      depositary timeline agreement/pk-sv-bitcoin-2025
      depositary timeline --party imf --contested
      depositary timeline --from 2025-03 --to 2025-03 -n 20
      depositary timeline reserve/sv --party bukele
    """
    first = read_first_day(from_, "--from") if from_ else None
    last = read_day(to, "--to") if to else None
    if (thing and kind) or not (thing or kind or party or first or last):
        why = "SUBJECT or --kind, --party, --from and --to"
        usage_failure("no subject and no filter is given", why, "depositary timeline --help")
    if first and last and first > last:
        why = f"{from_} comes after {to}"
        usage_failure("--from is later than --to", why, f"--from {to} --to {from_}")
    wanted = TimelineFilter(late_days(late), future, contested, first, last)
    with asking(context, when) as (answers, question):
        who = known_party(answers, party, question)
        things = _things(answers, question, thing, kind, who, wanted)
        rows, excluded = build_timeline(
            answers, things, question.clocks, question.policy, wanted, party=who
        )
    total, rows = len(rows), rows[skip:][:number]  # there may be very many
    shown = [timeline_row(one, of_a_kind=kind is not None) for one in rows]
    in_order = app_context(context).look.format in ("csv", "ndjson")
    columns = timeline_columns(
        one_thing=thing is not None,
        late=late is not None,
        acted=not in_order and any(one["acted:shown"] for one in shown),
    )
    notes, then = [], ""
    if len(rows) < total:
        listed = f"{skip + 1:,} to {skip + len(rows):,} are listed" if rows else "none is listed"
        notes.append(f"{total:,} rows: {listed}")
        if number and skip + number < total:
            then = typed_command(context, skip=skip + number)
    if last and last > question.clocks.as_of and not future:
        day = question.clocks.as_of_text
        notes.append(f"what begins after {day} is not listed: --future lists it")
    write_answer_rows(
        context, question, excluded, columns, shown, notes=notes, then=then, more={"total": total}
    )


def late_days(text: str | None) -> int | None:
    """Return a number of days written as `30d` or `30`; exit 2 for anything else."""
    if text is None:
        return None
    match = _days(text)
    if match is None:
        usage_failure("--late needs a number of days", f"'{text}' is not one", "--late 30d")
    return int(match[1])


def _things(
    answers: ReadModel,
    question: AskedAt,
    thing: str | None,
    kind: str | None,
    party: str | None,
    wanted: TimelineFilter,
) -> list[str]:
    """Return the subjects that may have a row: as few as are easily told from the others."""
    if thing is not None:
        return [known_thing(answers, thing, question)]
    position = question.position
    until = date.max if wanted.future else question.clocks.as_of
    if party is not None:
        found = things_naming_party(answers, party, position, until)
    elif wanted.first or wanted.last:
        last = min(until, wanted.last or date.max)
        found = things_dated_between(answers, position, wanted.first or date.min, last)
    else:
        found = answers.things(kind or "", position)
    return [one for one in found if kind in (None, kind_of(one))]


def timeline_columns(one_thing: bool, late: bool, *, acted: bool = False) -> tuple[Column, ...]:
    """Return the columns; for a person, of one thing its name is not repeated.

    `acted` shows the days of the acts beside those of their effect.
    """
    hidden = {"subject"} if one_thing else set()
    hidden |= set() if late else {"late_days"}
    columns = [replace(c, title="") if c.name in hidden else c for c in COLUMNS]
    if acted:
        columns = [column for column in columns if column.name != "acted"]
        columns.insert(2, Column("acted", "acted", fixed=True))
    return tuple(columns)


def timeline_row(event: Document, *, of_a_kind: bool = False) -> dict[str, Any]:
    """Return a row of a timeline: `>` marks what was selected; of a kind no kind is said."""
    mended = " (corrected)" if event["corrected_by"] else ""
    text = f"{claim_in_words(event)}{unmet_mark(event)}{mended}"
    day = "never" if event.get("unmet_by") else effective_date(event, short=True)
    doubt = "cannot tell" in (event["begun"], event.get("within"))
    return {
        "perhaps": False,
        "unmet_by": None,
        **event,
        **claim_cells(event),
        "acted:shown": acted_date(event),
        "mark": ">" if event["selected"] and event["support"] == "contested" else "",
        "effective:shown": f"{day} ?" if doubt and day != "undated" else day,
        "subject:shown": event["subject"].partition("/")[2] if of_a_kind else event["subject"],
        "says:shown": text,
        "text": text,
    }
