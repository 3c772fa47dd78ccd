"""Accept a log that lies ahead of this machine's clock."""

from typing import Annotated, Any

import typer

from cli.app import OneByOne
from cli.arguments import offer_parties, option
from cli.context import app_context
from cli.output.formats import write_page
from domain.ledger import accept_clock
from events.body import RECORDER
from events.intake.fact_file import no_positions
from events.intake.field_parser import ShortNames, read_fields
from events.kinds.ledger import ClockAccepted


def accept(
    context: typer.Context,
    by: Annotated[
        str,
        option(
            "--by", "PARTY", "Who accepts it: recorder, or a party with --source.", offer_parties
        ),
    ],
    reason: Annotated[str, option("--reason", "TEXT", "Why the log is ahead.")],
    source: Annotated[
        list[str] | None,
        option("--source", "SOURCE", "Where the party accepts it: source/x,published=DAY."),
    ] = None,
) -> None:
    """Record that the log is ahead of this machine's clock, so that it can be appended to.

    Set the machine's clock first, if it is wrong. Then each append is recorded a microsecond after
    the one before it, until the clock has passed the log's last time. Where the log is not ahead,
    or this was accepted before, nothing is written.

    \b
    Examples:
      depositary clock accept --by recorder --reason "it was a year fast"
      depositary clock accept --by onbtc --source onbtc,published=2026-01-02 \\
          --reason "the server's clock was an hour fast"
    """
    app = app_context(context, no_csv=True)
    with app.ledger() as ledger:
        found = accept_clock(ledger, _said(by, reason, source or []))
    ahead = found.ahead
    if ahead is None:
        lines = ["the log is not ahead of this machine's clock: nothing is written"]
    elif found.already:
        lines = [f"accepted already, as @{found.position}: nothing is written"]
    else:
        lines = [
            f"accepted as @{found.position}: {ahead.event} was recorded at {ahead.recorded}",
            f"this machine's clock says {ahead.clock}",
        ]
    document = {"position": found.position, "already": found.already}
    write_page(lines, {**document, "ahead": ahead and ahead._asdict()}, app.look)


def _said(by: str, reason: str, sources: list[str]) -> dict[str, Any]:
    party = by if "/" in by else f"party/{by}"
    given = {
        "asserted_by": party,
        "basis": "recorder" if party == RECORDER else "own-publication",
        "reason": reason,
        **({"sources": sources} if sources else {}),
    }
    return read_fields(ClockAccepted, given, ShortNames({}, no_positions, typed=True))


clock = OneByOne(
    "The clock that gives recorded times: accept a log that is ahead of it.",
    {"accept": accept},
    ['depositary clock accept --by recorder --reason "the clock was wrong"'],
)
