"""Record one fact from the command line."""

from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

from cli.arguments import DryRun, argument, offer_things, offer_types
from cli.commands.record.append import AsReported, Yes
from cli.context import app_context
from cli.errors.exit_codes import usage_failure
from cli.event_options import FieldsCommand, fields_by_need, given_fields, option_name
from events.catalogue import UnknownTypeError, all_types


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
    from cli.commands.record.recording import record_all
    from domain.facts import draft, positions
    from events.intake.fact_file import escaped

    app, fields = app_context(context), given_fields(context)
    _check_missing(type_, fields)
    fact = draft({**escaped(fields), "type": type_, "subject": thing}, positions(app.record))
    record_all(app, [fact], as_reported=as_reported, dry_run=dry_run, yes=yes)


record.command_class = RecordCommand  # type: ignore[attr-defined]


def _check_missing(type_: str, fields: dict[str, Any]) -> None:
    wanted = fields_by_need(type_)
    missing = [n for n, f in wanted.items() if f.required and n not in fields]
    if "sources" not in fields and fields.get("basis") != "recorder":
        missing.append("source")
    if missing:
        why = f"a fact of type {type_} needs {', '.join(map(option_name, missing))}"
        usage_failure("something is missing", why, f"depositary record {type_} --help")


def _not_for_people(ctx: typer.Context, type_: str) -> NoReturn:
    from cli.errors.rejections import rejection
    from domain.decisions.batch import CommandRefusedError
    from domain.facts import draft
    from events.intake.fact_file import KeptByLedgerError

    why = (
        KeptByLedgerError()
        if type_ in all_types()
        else UnknownTypeError(f"there is no type '{type_}'")
    )
    raise rejection(CommandRefusedError(draft({"type": type_}), why), ctx.obj)
