"""List data-quality problems: what is odd about what was recorded."""

from typing import Annotated

import typer

from cli.arguments import argument, flag, offer_checks, offer_things, option
from cli.clocks import ClockOptions, asking
from cli.context import app_context
from cli.errors.exit_codes import DONE, NO, settle, usage_failure
from cli.errors.usage import check_choice
from cli.output.answer_rows import write_answer_rows
from cli.output.formats import write_rows
from cli.output.look import Column
from cli.output.rerun_command import about
from cli.subjects import known_thing
from projections.queries.findings import CHECKS, WANTED, list_findings

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
        rows = [
            {
                **one._asdict(),
                "events": list(one.events),
                "perhaps:shown": (one.perhaps and "perhaps published") or "",
            }
            for one in found
        ]
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


def _counted(counts: dict[str, int]) -> str:
    told = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return f"found: {', '.join(f'{count} {name}' for name, count in told)}"
