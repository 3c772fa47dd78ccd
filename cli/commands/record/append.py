"""Record one fact by options, or the facts of a file."""

import shlex
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from cli.arguments import DryRun, argument, flag, offer_things, offer_types
from cli.commands.record.recording import record_all, with_sources
from cli.context import app_context
from cli.errors.exit_codes import REFUSED as REFUSAL
from cli.errors.exit_codes import CommandError, usage_failure
from cli.errors.rejections import rejection
from cli.event_options import FieldsCommand, fields_by_need, given_fields, missing_options
from domain.decisions.batch import CommandRefusedError
from domain.decisions.preview import REFUSED
from domain.facts import draft, positions, read_files
from events.catalogue import UnknownTypeError, all_types
from events.intake.fact_file import KeptByLedgerError, escaped
from events.text import count_noun

Files = Annotated[
    list[str], argument("FILE...", "TOML with [[fact]] tables, or NDJSON; - for stdin.")
]
AsReported = Annotated[
    bool, flag("--as-reported", "Record what a rule would refuse, with a finding.")
]
Yes = Annotated[bool, flag("--yes", "Record facts of odd days without a question.")]


def append(
    context: typer.Context,
    files: Files,
    dry_run: DryRun = False,
    as_reported: AsReported = False,
    yes: Yes = False,
) -> None:
    """Record the facts of a file, all of them or none.

    A fact that is already recorded is skipped, so a file may be appended twice. Several files are
    one batch, in the order given.

    \b
    Examples:
      depositary append facts.toml --dry-run
      depositary append facts.toml
    """
    app = app_context(context)
    drafts = read_files(files, positions(app.record))
    try:
        record_all(app, drafts, as_reported=as_reported, dry_run=dry_run, yes=yes)
    except CommandError as error:
        if error.exit_code == REFUSAL and len(drafts) > 1:
            from cli.commands.record.check import previewed  # after a refusal alone

            every = previewed(app, with_sources(app, drafts), as_reported=as_reported)
            more = sum(one.outcome == REFUSED for one in every) - 1
            if more > 0:
                error.why += f"; {count_noun(more, 'more fact')} would be refused"
                error.then = f"depositary check {shlex.join(files)}, which names them all"
        raise


class RecordCommand(FieldsCommand):
    """`record TYPE SUBJECT`, with the options of the type."""

    def type_named(self, ctx: typer.Context, args: Sequence[str]) -> str | None:
        """Return the first word that is a type; exit 5 if the first word is none."""
        words = [word for word in args if not word.startswith("-")]
        found = next((word for word in words if word in all_types()), None)
        if words and (found is None or found.startswith("ledger.")):
            _not_for_people(ctx, found or words[0])
        return found


def record(
    context: typer.Context,
    type_: Annotated[str, argument("TYPE", "A type: depositary schema lists them.", offer_types)],
    thing: Annotated[str, argument("SUBJECT", "The subject, as kind/name.", offer_things)],
    dry_run: DryRun = False,
    as_reported: AsReported = False,
    yes: Yes = False,
) -> None:
    """Record one fact: its fields, the party that asserts it, its basis and its source.

    The options come from the type: see depositary record TYPE --help. An option for a list may be
    repeated; ids and short names may also be joined by commas. The kind may be omitted where only
    one fits (sv for party/sv). @413 names an event.

    \b
    Examples:
      depositary record reserve.acquired reserve/sv --help
      depositary record reserve.acquired reserve/sv --amount "1 BTC" \\
          --mode purchase --effective 2025-07-18 --asserted-by onbtc \\
          --basis own-publication --source onbtc,published=2025-07-18
    """
    app, fields = app_context(context), given_fields(context)
    if missing := missing_options(fields_by_need(type_), fields):
        why = f"a fact of type {type_} needs {', '.join(missing)}"
        usage_failure("something is missing", why, f"depositary record {type_} --help")
    fact = draft({**escaped(fields), "type": type_, "subject": thing}, positions(app.record))
    record_all(app, [fact], as_reported=as_reported, dry_run=dry_run, yes=yes)


record.command_class = RecordCommand  # type: ignore[attr-defined]


def _not_for_people(ctx: typer.Context, type_: str) -> NoReturn:
    unknown = UnknownTypeError(f"there is no type '{type_}'")
    why = KeptByLedgerError() if type_ in all_types() else unknown
    raise rejection(CommandRefusedError(draft({"type": type_}), why), ctx.obj)
