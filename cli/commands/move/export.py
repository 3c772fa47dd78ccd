"""Write claims out for other programs."""

import sqlite3
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, choice, kind_option, offer_words, option
from cli.clocks import (
    PRIMARY,
    AskedAt,
    AsOf,
    ClockOptions,
    KnownAt,
    PolicyName,
    PublicAt,
    read_clocks,
    read_day,
)
from cli.commands.move.export_file import PERIODS, TYPED, new_named_file, opened_file
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.errors.usage import check_choice
from cli.output.streams import write_in_parts
from projections.export.selection import Selection, selected_rows

FORMATS = ("ndjson", "csv", "sqlite", "parquet", "xlsx")
WHAT = ("claims", "panel")
_HELP = "depositary export --help"

What = Annotated[str, argument("[WHAT]", "claims, or panel: statuses at the end of each period.")]
Every = Annotated[
    str | None,
    choice("--every", "PERIOD", "panel: year, quarter, month or day; default: year.", PERIODS),
]
From = Annotated[
    str | None, option("--from", "DAY", "panel: the first day; default: of the first act.")
]
To = Annotated[str | None, option("--to", "DAY", "panel: the last day; default: --as-of.")]
Format = Annotated[
    str | None,
    option("--format", "FORMAT", "ndjson, csv, sqlite, parquet or xlsx.", offer_words(*FORMATS)),
]
Kinds = Annotated[list[str] | None, kind_option("Only subjects of this kind; may be repeated.")]
Output = Annotated[
    Path | None, option("--output -o", "FILE", "A new file; default: standard output.")
]


def export(
    context: typer.Context,
    what: What = "claims",
    format_: Format = None,
    kind: Kinds = None,
    as_of: AsOf = None,
    public_at: PublicAt = None,
    known_at: KnownAt = None,
    output: Output = None,
    every: Every = None,
    from_: From = None,
    to: To = None,
    policy: PolicyName = PRIMARY,
) -> None:
    """Write claims for other programs, or a panel of the parties' statuses.

    ndjson has the stored bytes, one event a line, as they are hashed and proved. csv has one row
    for each claim, with fixed columns for one --kind or for all; amounts are whole numbers of
    their unit (satoshis for bitcoin; price_digits says how many of a price's digits are decimals),
    lists are joined by "; ", and no cell is JSON. sqlite is a database to browse, for example in
    Datasette, with tables, foreign keys, full-text search, a view for each kind, and the tables
    standings and statuses; it needs -o. parquet and xlsx have the columns of csv with types (in
    xlsx days before 1900 are text); they need -o and depositary[tables].

    panel has a row for each party, agreement and date with the party's status at the end of every
    year, quarter, month or day, as csv, ndjson, parquet or xlsx.

    --known-at and --public-at keep the claims recorded and public at that point; --as-of excludes
    what certainly began later. In sqlite the answers are given at all three clocks. --policy is
    that of a panel, and of the answers in sqlite.

    \b
    Examples:
      depositary export --format csv --kind reserve -o reserve.csv
      depositary export panel --every year --from 2021 --to 2025 -o panel.csv
    """
    app = app_context(context)
    check_choice("export", what, WHAT, _HELP)
    chosen = _format(app, format_, panel=what == "panel")
    if chosen in ("sqlite", *TYPED) and output is None:
        name = "a database" if chosen == "sqlite" else chosen
        then = f"depositary export --format {chosen} -o F"
        usage_failure(f"{name} needs a file", "no -o is given", then)
    asked = ClockOptions(as_of, public_at, known_at, policy)
    if what == "panel":
        if kind:
            what, then = "a panel is of agreements", "omit --kind"
            usage_failure(what, "--kind cannot be combined with it", then)
        from cli.commands.move.export_tables import write_panel

        write_panel(app, asked, (every or "year", from_, to), chosen, output)
        return
    if every or from_ or to:
        what, then = "--every, --from and --to belong to a panel", "depositary export panel"
        usage_failure(what, "claims have dates of their own", then)
    if chosen != "sqlite" and policy != PRIMARY:
        why = "claims are written as they stand, whoever is believed"
        usage_failure("--policy belongs to a panel or to sqlite", why, "omit --policy")
    kinds = tuple(dict.fromkeys(kind or ()))
    with app.record() as record:
        question = read_clocks(record, asked)
    day, clocks = read_day(as_of, "--as-of") if as_of else None, question.clocks
    choice = Selection(kinds, day, clocks.public_at, clocks.known_at)
    if output is not None and chosen == "sqlite":
        _database(app, choice, question, output)
    elif chosen == "ndjson":
        _stored(app, choice, output)
    else:
        from cli.commands.move.export_tables import write_claims  # the bytes as stored need none

        write_claims(app, choice, chosen, output)


def _format(app: AppContext, given: str | None, *, panel: bool) -> str:
    """Return the form that is asked for, of a panel one with rows; exit 2 for another."""
    known, default = (("ndjson", "csv", *TYPED), "csv") if panel else (FORMATS, "ndjson")
    found = given or (app.look.format if app.look.format in known else default)
    if panel and found in FORMATS and found not in known:
        usage_failure("a panel is a table", f"'{found}' has no rows and columns", "--format csv")
    return check_choice("format for an export", found, known, _HELP)


def _stored(app: AppContext, choice: Selection, output: Path | None) -> None:
    """Write the stored bytes of events, one a line."""
    with opened_file(output) as write, app.record() as record, ExitStack() as stack:
        answers = None if choice.plain else stack.enter_context(app.answers())
        rows = selected_rows(record, answers, choice)
        write_in_parts((f"{row.text}\n" for row in rows), write)


def _database(app: AppContext, choice: Selection, question: AskedAt, output: Path) -> None:
    from projections.export.sqlite import write_database  # a third as much again

    try:
        with (
            new_named_file(output) as work,
            app.answers() as answers,
            closing(_connected(work)) as connection,
        ):
            asked = question.clocks, question.policy
            written = write_database(connection, answers, choice, *asked)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNWRITABLE:
            cannot("the file cannot be written", f"{output}: {error}", "make room on its disk")
        raise
    sys.stderr.write(f"{output}: {written:,} claims; datasette {output}\n")


_UNWRITABLE = sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")  # it is synced as a whole, and then named
    return connection
