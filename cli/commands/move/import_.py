"""Record a whole data set."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import DryRun, argument, flag, offer_parties, option
from cli.clocks import ClockOptions, read_clocks
from cli.commands.record.recording import agrees, can_ask
from cli.context import AppContext, app_context
from cli.errors.exit_codes import REFUSED, usage_failure
from cli.ledger_location import command_for
from cli.output.claim_words import claim_in_words, value_in_words
from cli.output.formats import write_json, write_lines
from cli.output.rerun_command import typed_command
from cli.progress import progress
from cli.subjects import known_party
from domain.importers.cells import Reading
from domain.importers.formats import reading_of
from domain.importers.report import ImportReport, check_writable
from domain.importers.rules import BUNDLED
from domain.importers.run import Named, run_import
from events.text import count_noun

if TYPE_CHECKING:
    from domain.importers.update import Change, Plan

_SHOWN = 20  # lines of a sort; the report has them all
Format = Annotated[
    str, argument("FORMAT", "un-mtdsg, copyright-membership, csv, prices, rules or ndjson.")
]
Paths = Annotated[
    list[Path] | None,
    argument("PATH...", "Files, or a folder; rules: without files, the bundled ones."),
]
Published = Annotated[
    str | None, option("--published", "DAY", "The table's date: the day for which its rows hold.")
]
Rules = Annotated[
    bool, flag("--rules", "un-mtdsg: rules of entry into force too, with official days.")
]
AsReported = Annotated[
    bool, flag("--as-reported", "Record what a rule would refuse, with a finding; much faster.")
]
ReportFile = Annotated[
    Path | None, option("--report", "FILE", "Every reject and finding: a new .csv or .json.")
]
Map = Annotated[Path | None, option("--map", "FILE.toml", "csv: what its columns mean.")]
Opening = Annotated[str, option("--kind", "KIND", "prices: open or close.")]
AssertedBy = Annotated[
    str | None, option("--asserted-by", "PARTY", "prices: who asserts them.", offer_parties)
]
Update = Annotated[bool, flag("--update", "A newer edition: show what changed, then record it.")]
Gone = Annotated[str, option("--gone", "WORD", "--update: rows that are gone: list or retract.")]
Yes = Annotated[bool, flag("--yes", "--update: record without a question.")]


def import_(
    context: typer.Context,
    data: Format,
    paths: Paths = None,
    map_: Map = None,
    kind: Opening = "open",
    asserted_by: AssertedBy = None,
    published: Published = None,
    rules: Rules = False,
    dry_run: DryRun = False,
    as_reported: AsReported = False,
    report: ReportFile = None,
    update: Update = False,
    gone: Gone = "list",
    yes: Yes = False,
) -> None:
    """Record a data set: every cell becomes a fact or a line of the report with the reason.

    Anomalies are findings in the report and refuse nothing. Names of parties are looked up in a
    register; the report lists each unknown name once, with similar names. Facts are recorded in
    batches of 1,000, each whole and durable: an import can be stopped and run again at any time,
    and nothing is recorded twice.

    un-mtdsg: status lists of UN treaties (index.csv, treaties/). copyright-membership: treaties of
    WIPO. csv: any table, with a map of its columns. prices: a column for each pair, such as
    BTC_USD, asserted by a publisher of the file's name unless another party is named. rules: when
    agreements of this ledger enter into force, bundled or from a table of the
    same form. ndjson: events exported by another ledger, as claims of this one.

    --update compares a newer edition of a table with what its earlier editions recorded: what is
    the same, new, changed or gone. A change is recorded as a correction of the source, dated by
    the table.

    \b
    Examples:
      depositary import csv members.csv --map members.toml
      depositary import prices daily.csv --kind close --dry-run
    """
    app = app_context(context, no_csv=True)
    _check_update(app, data, gone, update=update, asks=not (yes or dry_run))
    found = reading_of(
        data,
        _present(paths or []),
        map_,
        kind,
        published=published,
        rules=rules,
        asserted_by=_teller(app, asserted_by) if data == "prices" else asserted_by,
        agreements=_agreements(app) if data == "rules" else (),
    )
    if report is not None:
        check_writable(report)
    name, plan = Named(data, paths or [Path(BUNDLED)]), None
    if update:
        found, plan = _planned(app, name, found, retract=gone == "retract")
        name = name._replace(updates=plan.updates)
        if app.look.for_people:
            write_lines([*map(_line, plan.changes), _counted(plan), *plan.notes], app.look)
        asks = plan.writes and not (yes or dry_run) and can_ask()
        if asks and not agrees("record this?"):
            write_lines(["nothing is recorded"], app.look)
            return
    with progress("importing", "facts") as shown:
        made = run_import(
            app.ledger,
            found.given,
            found.total,
            f"run depositary import {data} again",
            name=name,
            as_reported=as_reported,
            dry_run=dry_run,
            unknown=found.unknown,
            bind=found.bind,
            progress=shown,
        )
    if report is not None:
        made.write(report)
    again = ""
    if report is None and made.lines:
        again = f"{_program(app)} {_report_words(context, made, as_reported=as_reported)}"
    _tell(app, made, found, report, plan, dry_run=dry_run, again=again)
    if made.all_rejected:
        raise typer.Exit(REFUSED)


def _check_update(app: AppContext, format_: str, gone: str, *, update: bool, asks: bool) -> None:
    """Exit 2 where the options of an update do not go together."""
    why = ""
    if gone not in ("list", "retract"):
        why = f"--gone is list or retract, and not '{gone}'"
    elif not update and (gone != "list"):
        why = "--gone needs --update"
    elif update and format_ in ("rules", "ndjson"):
        why = f"--update is for tables, and {format_} is not one: import it again"
    elif update and asks and not app.look.for_people and can_ask():
        why = "the output is one document: add --yes or --dry-run"
    if why:
        usage_failure("these options cannot be combined", why, "depositary import --help")


def _planned(
    app: AppContext, name: Any, found: Reading, *, retract: bool
) -> "tuple[Reading, Plan]":
    from domain.importers.update import Edition, plan_update
    from domain.recorded_imports import file_names

    files = file_names(name.files)
    edition = Edition(name.format, files, found.published, found.own_sources, retract)
    with app.ledger() as ledger:
        plan = plan_update(ledger, found.given, edition, found.bind)
    return found._replace(given=iter(plan.given), bind=None, total=len(plan.given)), plan


def _line(change: "Change") -> str:
    """Return a change in one line: what differs of a claim, or all that a row says."""
    at = "" if change.position is None else f" @{change.position}"
    where = f" ({change.cell.file}, line {change.cell.line})" if change.cell else ""
    if change.what in ("new", "gone") and change.fields:
        own = {name: was if now is None else now for name, was, now in change.fields}
        day = own.get("effective", own.get("acted", "undated"))
        hidden = ("asserted_by", "basis", "sources", "effective", "acted", "key")
        said = {name: value for name, value in own.items() if name not in hidden}
        told = f"{day} {claim_in_words({'type': change.type, 'says': said})}"
    else:
        differs = [
            f"{name} {'absent' if was is None else value_in_words(was)} → "
            f"{'absent' if now is None else value_in_words(now)}"
            for name, was, now in change.fields
        ]
        told = "; ".join([*differs, *filter(None, [change.sentence])])
    return f"{change.what}{at} {change.subject} {change.type}: {told}{where}"


def _counted(plan: "Plan") -> str:
    counts = [f"{plan.counts[what]:,} {what}" for what in ("same", "new", "changed", "gone")]
    if plan.counts["gone"]:
        retracted = plan.counts["retracted"]
        counts[-1] += " (retracted)" if retracted else " (listed; --gone retract retracts them)"
    later = plan.counts["later"]
    if people := plan.counts["kept"] - later:
        counts.append(f"{people:,} kept: corrected or retracted since")
    if later:
        counts.append(f"{later:,} kept: later than this table")
    return f"update: {', '.join(counts)}"


def _agreements(app: AppContext) -> frozenset[str]:
    with app.answers() as answers:
        return frozenset(answers.things("agreement"))


def _teller(app: AppContext, name: str | None) -> str | None:
    """Return the id of the party that asserts a table of prices, where one is named; or exit 3."""
    with app.answers() as answers:
        return known_party(answers, name, read_clocks(answers.record, ClockOptions()))


def _present(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            usage_failure(
                "there is no such file", f"{path} does not exist", "depositary import --help"
            )
    return paths


def _what_was_odd(made: ImportReport) -> Iterator[str]:
    """Yield how often what is odd, then its lines: of the rejects the first of each sort."""
    for sort, title in (("rejected", "rejected"), ("finding", "findings")):
        if counts := made.counts(sort):
            yield f"{title}: {', '.join(f'{name} {n:,}' for name, n in counts)}"
    for sort in ("unknown name", "not mapped", "excluded"):
        said = [line.sentence for line in made.lines if line.what == sort]
        yield from said[:_SHOWN]
        if len(said) > _SHOWN:
            yield f"and {len(said) - _SHOWN:,} more: {sort}"
    first = {line.name: line for line in reversed(made.lines) if line.what == "rejected"}
    for line in reversed(first.values()):
        place = f"{line.file}, line {line.line}, {line.column}" if line.line else line.text
        yield f"  {place}: {line.sentence}"


def _program(app: AppContext) -> str:
    """Return the words that begin a command on this ledger, as it was named."""
    return "depositary" if app.ledger_option is None else command_for(app.ledger_option)


def _report_words(context: typer.Context, made: ImportReport, *, as_reported: bool) -> str:
    """Return the command, after `depositary`, that writes the report now, and records nothing.

    With --as-reported it also lists what the rules find in facts that are recorded already.
    """
    judged = as_reported or any(line.event for line in made.lines)
    given = {"dry_run": True, "as_reported": judged, "yes": False, "report": "FILE"}
    return typed_command(context, **given)


def _tell(
    app: AppContext,
    made: ImportReport,
    found: Reading,
    file: Path | None,
    plan: "Plan | None",
    *,
    dry_run: bool,
    again: str,
) -> None:
    if not app.look.for_people:
        document: dict[str, Any] = {
            name: part for name, part in made.document().items() if name != "lines"
        }
        if plan is not None:
            document["update"] = plan.document()
        write_json(document, app.look)
        return
    cells, facts, beside = made.cells, made.facts, made.beside
    word = "would be recorded" if dry_run else "recorded"
    what = found.what if made.read != 1 else found.what.removesuffix("s")
    read = f"{made.read:,} {what} read = {cells['recorded']:,} {word} +"
    read += f" {cells['already']:,} already recorded + {cells['left_out']:,} excluded"
    made_of = f"{count_noun(facts['recorded'], 'fact')} {word}"
    there = f"plus supporting records (parties, sources): {beside['recorded']:,} {word},"
    if plan is not None and plan.counts["retracted"]:
        there = f"claims retracted, {word}: {made.retracted['recorded']:,}; {there}"
    lines = [
        f"{read} + {cells['not_mapped']:,} not mapped + {cells['rejected']:,} rejected",
        f"{made_of}, {facts['already']:,} already recorded, {facts['rejected']:,} rejected",
        f"{there} {beside['already']:,} already recorded, {beside['rejected']:,} rejected",
    ]
    lines += _what_was_odd(made)
    if made.number is not None:
        back = f"{_program(app)} retract --import {made.number} --reason recording-error"
        lines.append(f"import {made.number}; to retract it: {back}")
    if found.hint:
        lines.append(found.hint)
    if file is not None:
        lines.append(f"the report: {file}")
    elif again:
        lines.append(f"{count_noun(len(made.lines), 'line')} to read: {again}")
    write_lines(lines, app.look)
