"""How do the facts of a file get into the record, and what would they change there?"""

from typing import Annotated

import typer

from cli.context import at_hand

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
    from cli.commands.record.recording import positions, record_all
    from cli.facts import read_files

    counter = at_hand(context)
    drafts = read_files(files, positions(counter))
    record_all(counter, drafts, as_reported=as_reported, dry_run=dry_run)


def check(context: typer.Context, files: Files, as_reported: AsReported = False) -> int:
    """Say of every fact of a file what it would change; write nothing.

    A fact is new, is recorded already, contradicts what others say, or would be refused. Exit 1
    if any is refused or contradicts somebody.

    \b
    Examples:
      depositary check facts.toml
      depositary check facts.toml --format json
    """
    from cli.commands.record.check_page import exit_code, write
    from cli.commands.record.preview import check_all
    from cli.commands.record.recording import positions
    from cli.errors.rejections import known_to, reason
    from cli.facts import read_files

    counter = at_hand(context)
    drafts, known = read_files(files, positions(counter)), known_to(counter)
    with counter.ledger() as ledger:
        checked = check_all(
            ledger, drafts, lambda draft, why: reason(draft, why, known), as_reported=as_reported
        )
    write(checked, counter.look)
    return exit_code(checked)
