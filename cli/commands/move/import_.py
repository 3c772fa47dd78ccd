"""Record a whole data set."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import AppContext, app_context
from cli.errors.exit_codes import REFUSED, usage_failure
from cli.output.formats import no_table, write_json, write_lines
from cli.progress import progress

if TYPE_CHECKING:
    from domain.importers.formats import Reading
    from domain.importers.report import ImportReport

Format = Annotated[
    str,
    typer.Argument(
        metavar="FORMAT", help="un-mtdsg, copyright-membership, csv, prices, rules or ndjson."
    ),
]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH...", help="Files, or a folder; rules: none for those of its own."),
]
Published = Annotated[
    str | None,
    typer.Option("--published", metavar="DAY", help="The day of the table, as of which it speaks."),
]
Rules = Annotated[
    bool,
    typer.Option("--rules", help="un-mtdsg: rules of entry into force too, with official days."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Decide on every fact, write nothing.")]
AsReported = Annotated[
    bool,
    typer.Option(
        "--as-reported", help="Record what a rule would refuse, with a finding; and much faster."
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Every reject and finding: a new .csv or .json."),
]
Map = Annotated[
    Path | None, typer.Option("--map", metavar="FILE.toml", help="csv: what its columns mean.")
]
Opening = Annotated[
    str, typer.Option("--kind", metavar="KIND", help="prices: open or close; open if left out.")
]


def import_(
    context: typer.Context,
    data: Format,
    paths: Paths = None,
    map_: Map = None,
    kind: Opening = "open",
    published: Published = None,
    rules: Rules = False,
    dry_run: DryRun = False,
    as_reported: AsReported = False,
    report: ReportFile = None,
) -> None:
    """Record a data set: each of its cells, or a line in the report that says why not.

    Anomalies are findings in the report, and refuse nothing. Names of parties are looked up in a
    register, never guessed; the report tells the unknown ones once each with what comes near.
    Facts go in by batches of 1,000, each whole and durable: stop it at any time and run it again,
    for nothing is recorded twice.

    un-mtdsg: status lists of UN treaties (index.csv, treaties/). copyright-membership: treaties of
    WIPO. csv: any table, with a map of its columns. prices: a column a pair, such as BTC_USD.
    rules: when agreements enter into force, of the project or of a table like it, for those in this
    ledger. ndjson: events that another ledger exported, as claims of this one.

    \b
    Examples:
      depositary import un-mtdsg lists/un-mtdsg --as-reported --report report.csv
      depositary import csv members.csv --map members.toml --dry-run
      depositary import prices daily.csv --kind close
      depositary import rules
    """
    from domain.importers.formats import reading_of
    from domain.importers.report import check_writable
    from domain.importers.rules import BUNDLED
    from domain.importers.run import Named, run_import

    app = app_context(context)
    no_table(app.look)
    found = reading_of(
        data,
        _present(paths or []),
        map_,
        kind,
        published=published,
        rules=rules,
        agreements=_agreements(app) if data == "rules" else (),
    )
    if report is not None:
        check_writable(report)
    with progress("importing", "facts") as shown:
        made = run_import(
            app.ledger,
            found.given,
            found.total,
            f"run depositary import {data} again",
            name=Named(data, paths or [Path(BUNDLED)]),
            as_reported=as_reported,
            dry_run=dry_run,
            unknown=found.unknown,
            bind=found.bind,
            progress=shown,
        )
    if report is not None:
        made.write(report)
    _tell(app, made, found, report, dry_run=dry_run)
    if made.all_rejected:
        raise typer.Exit(REFUSED)


def _agreements(app: AppContext) -> frozenset[str]:
    with app.answers() as answers:
        return frozenset(answers.things("agreement"))


def _present(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            usage_failure(
                "there is no such file", f"{path} is not there", "depositary import --help"
            )
    return paths


def _first_of_each(made: "ImportReport") -> list[str]:
    """Return the first reject of each sort, with its place: what to look at first."""
    first = {line.name: line for line in reversed(made.lines) if line.what == "rejected"}
    return [
        f"  {line.file}, line {line.line}, {line.column}: {line.sentence}"
        for line in reversed(first.values())
        if line.line
    ]


def _tell(
    app: AppContext, made: "ImportReport", found: "Reading", file: Path | None, *, dry_run: bool
) -> None:
    if app.look.format != "table":
        write_json(
            {name: part for name, part in made.document().items() if name != "lines"}, app.look
        )
        return
    cells, facts, beside = made.cells, made.facts, made.beside
    word = "would be recorded" if dry_run else "recorded"
    read = f"{made.read:,} {found.what} read = {cells['recorded']:,} {word} +"
    read += f" {cells['already']:,} recorded already + {cells['left_out']:,} left out"
    made_of = f"{facts['recorded']:,} facts {word}"
    there = f"beside them, to stand on: {beside['recorded']:,} {word},"
    lines = [
        f"{read} + {cells['not_mapped']:,} not mapped + {cells['rejected']:,} rejected",
        f"{made_of}, {facts['already']:,} recorded already, {facts['rejected']:,} rejected",
        f"{there} {beside['already']:,} there already, {beside['rejected']:,} rejected",
    ]
    for sort, title in (("rejected", "rejected"), ("finding", "findings")):
        if counts := made.counts(sort):
            lines.append(f"{title}: {', '.join(f'{name} {n:,}' for name, n in counts)}")
    told = ("unknown name", "not mapped", "left out")
    lines += [line.sentence for line in made.lines if line.what in told]
    lines += _first_of_each(made)
    if made.number is not None:
        back = f"depositary retract --import {made.number} --reason recording-error"
        lines.append(f"import {made.number}; to take it back: {back}")
    if found.hint:
        lines.append(found.hint)
    if file is not None:
        lines.append(f"the report: {file}")
    elif made.lines:
        lines.append(f"{len(made.lines):,} lines to read: run it with --report FILE")
    write_lines(lines)
