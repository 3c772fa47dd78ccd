"""Record the facts of a file, or say what they would change."""

from typing import Annotated

import typer

from cli.context import app_context

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="TOML with [[fact]] tables, or NDJSON; - for stdin."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Decide on every fact, write nothing.")]
AsReported = Annotated[
    bool,
    typer.Option("--as-reported", help="Record what a rule would refuse, with a finding."),
]


def append(
    context: typer.Context,
    files: Files,
    dry_run: DryRun = False,
    as_reported: AsReported = False,
) -> None:
    """Record the facts of a file, all of them or none.

    A fact that is in the record already is left alone, so that a file may be appended twice. Of
    several files one batch is made, in the order given.

    \b
    Examples:
      depositary append facts.toml
      depositary append facts.toml --dry-run
      depositary append - < facts.ndjson
    """
    from cli.commands.record.recording import record_all
    from domain.facts import positions, read_files

    app = app_context(context)
    drafts = read_files(files, positions(app.record))
    record_all(app, drafts, as_reported=as_reported, dry_run=dry_run)


def check(context: typer.Context, files: Files, as_reported: AsReported = False) -> int:
    """Say of every fact of a file what it would change; write nothing.

    A fact is new, is recorded already, contradicts what others say, or would be refused. Exit 1
    if any is refused or contradicts somebody.

    \b
    Examples:
      depositary check facts.toml
      depositary check facts.toml --format json
    """
    from cli.commands.record.check_page import exit_code, write_check
    from cli.errors.rejections import known_to, rejection_reason
    from domain.decisions.preview import check_all
    from domain.facts import positions, read_files

    app = app_context(context)
    drafts, known = read_files(files, positions(app.record)), known_to(app)
    with app.ledger() as ledger:
        checked = check_all(
            ledger,
            drafts,
            lambda draft, why: rejection_reason(draft, why, known),
            as_reported=as_reported,
        )
    write_check(checked, app.look)
    return exit_code(checked)
