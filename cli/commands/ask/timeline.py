"""Tell what happened when, on all three clocks."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import argument, flag, offer_kinds, offer_parties, offer_things, option
from cli.clocks import AskedAt, ClockOptions, read_clocks
from cli.context import app_context
from cli.errors.exit_codes import usage_failure
from cli.output.answer import write_answer_rows
from cli.output.claim_words import (
    Document,
    asserter_name,
    claim_in_words,
    effective_date,
    position_label,
    published_in_words,
)
from cli.output.formats import Column, for_scripts
from cli.subjects import known_party, known_thing
from events.identifiers import KINDS

if TYPE_CHECKING:
    from projections.read_model.database import ReadModel


COLUMNS = (
    Column("mark", " "),
    Column("effective", "effective", fixed=True),
    Column("published", "published", fixed=True, drop=3),
    Column("recorded", "recorded", fixed=True, drop=1),
    Column("subject", "subject", drop=5),
    Column("says", "claim"),
    Column("asserted_by", "asserted by", drop=4),
    Column("support", "support", drop=6),
    Column("position", "event", number=True),
    Column("late_days", "days late", number=True, drop=2),
    *for_scripts("id type selected begun corrected_by text acted perhaps"),
)

_days = re.compile(r"([0-9]{1,6})d?").fullmatch


def timeline(
    context: typer.Context,
    thing: Annotated[
        str | None, argument("[SUBJECT]", "The subject, as kind/name.", offer_things)
    ] = None,
    kind: Annotated[
        str | None, option("--kind", "KIND", "All subjects of a kind.", offer_kinds)
    ] = None,
    party: Annotated[
        str | None,
        option("--party", "PARTY", "Claims that name a party, or that it asserts.", offer_parties),
    ] = None,
    late: Annotated[
        str | None, option("--late", "DAYS", "Recorded that long after its day: 30d.")
    ] = None,
    future: Annotated[bool, flag("--future", "Only claims effective after the day asked.")] = False,
    contested: Annotated[bool, flag("--contested", "Only contested claims.")] = False,
    *,
    when: ClockOptions,
) -> None:
    """List live claims in the order in which they took effect.

    A row is a live claim: its effective, published and recorded dates, what it says, the party
    that asserts it, and its support. `?` marks a claim where the dates cannot tell whether it had
    begun on the day asked.

    \b
    Examples:
      depositary timeline agreement/pk-sv-bitcoin-2025
      depositary timeline --party imf --contested
    """
    from projections.queries.timeline import TimelineFilter, build_timeline

    app = app_context(context)
    if [thing, kind, party].count(None) != 2:
        usage_failure(
            "the timeline of what?",
            "one of SUBJECT, --kind and --party is needed",
            "depositary timeline --help",
        )
    wanted = TimelineFilter(late_days(late), future, contested)
    with app.answers() as answers:
        question = read_clocks(answers.record, when)
        who = known_party(answers, party, question) if party else None
        things = _things(answers, question, thing, kind, who)
        rows, excluded = build_timeline(
            answers, things, question.clocks, question.policy, wanted, party=who
        )
    rows = [timeline_row(one, of_a_kind=kind is not None) for one in rows]  # there may be very many
    columns = timeline_columns(one_thing=thing is not None, late=late is not None)
    write_answer_rows(context, question, excluded, columns, rows)


def late_days(text: str | None) -> int | None:
    """Return a number of days written as `30d` or `30`; exit 2 for anything else."""
    if text is None:
        return None
    match = _days(text)
    if match is None:
        usage_failure("--late needs a number of days", f"'{text}' is not one", "write --late 30d")
    return int(match[1])


def _things(
    answers: "ReadModel", question: AskedAt, thing: str | None, kind: str | None, party: str | None
) -> list[str]:
    if thing is not None:
        return [known_thing(answers, thing, question)]
    if party is not None:
        from projections.queries.timeline import things_naming_party

        return things_naming_party(answers, party, question.position)
    assert kind is not None
    if kind not in KINDS:
        from cli.errors.usage import near

        usage_failure(
            "no such kind", near(kind, KINDS) or f"one of {', '.join(KINDS)}", "--kind reserve"
        )
    return answers.things(kind, question.position)


def timeline_columns(one_thing: bool, late: bool) -> tuple[Column, ...]:
    """Return the columns; for a person, of one thing its name is not repeated."""
    hidden = {"subject"} if one_thing else set()
    hidden |= set() if late else {"late_days"}
    return tuple(c._replace(title="") if c.name in hidden else c for c in COLUMNS)


def timeline_row(event: Document, *, of_a_kind: bool = False) -> dict[str, Any]:
    """Return a row of a timeline: `>` marks what was selected; of a kind no kind is said."""
    mended = " (corrected)" if event["corrected_by"] else ""
    text = f"{claim_in_words(event)}{mended}"
    return {
        "perhaps": False,
        **event,
        "mark": ">" if event["selected"] and event["support"] == "contested" else "",
        "effective:shown": _day(event),
        "subject:shown": event["subject"].partition("/")[2] if of_a_kind else event["subject"],
        "recorded:shown": event["recorded"][:10],
        "published:shown": _published(event),
        "says:shown": text,
        "text": text,
        "asserted_by:shown": asserter_name(event),
        "position:shown": position_label(event),
    }


def _published(event: Document) -> str:
    day = published_in_words(event["published"])
    return f"perhaps {day}" if event.get("perhaps") else day


def _day(event: Document) -> str:
    day = effective_date(event, short=True)
    return f"{day} ?" if event["begun"] == "cannot tell" and day != "undated" else day
