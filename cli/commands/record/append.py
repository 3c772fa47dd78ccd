"""Record one fact by options or the facts of a file, or say what they would change."""

import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NoReturn

import typer

from cli.arguments import DryRun, argument, flag, offer_things, offer_types
from cli.context import AppContext, app_context
from cli.errors.exit_codes import DONE, NO, CommandError, usage_failure
from cli.errors.exit_codes import REFUSED as REFUSAL
from cli.errors.rejections import known_to, one_line, rejection, rejection_reason
from cli.event_options import FieldsCommand, fields_by_need, given_fields, missing_options
from cli.output.formats import write_rows
from cli.output.look import Column, Look
from cli.output.party_names import named
from domain.decisions.batch import Command, CommandRefusedError
from domain.decisions.preview import CONTRADICTS, NEW, RECORDED, REFUSED, PreviewedFact, check_all
from events.catalogue import UnknownTypeError, all_types
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
    from cli.commands.record.recording import record_all, with_sources
    from domain.facts import positions, read_files

    app = app_context(context)
    drafts = read_files(files, positions(app.record))
    try:
        record_all(app, drafts, as_reported=as_reported, dry_run=dry_run, yes=yes)
    except CommandError as error:
        if error.exit_code == REFUSAL and len(drafts) > 1:
            every = previewed(app, with_sources(app, drafts), as_reported=as_reported)
            more = sum(one.outcome == REFUSED for one in every) - 1
            if more > 0:
                error.why += f"; {count_noun(more, 'more fact')} would be refused"
                error.then = f"depositary check {shlex.join(files)}, which names them all"
        raise


def check(context: typer.Context, files: Files, as_reported: AsReported = False) -> int:
    """Show what each fact of a file would change; write nothing.

    A fact is new, is already recorded, contradicts other claims, or would be refused. The exit
    code is 1 if any is refused or contradicts. Compared are all claims of one happening or day;
    disputes lists what is contested on the day asked, which a newer figure may have ended.

    \b
    Examples:
      depositary check facts.toml
      depositary check facts.toml --json
    """
    from domain.facts import positions, read_files

    app = app_context(context)
    from cli.clocks import ClockOptions, read_clocks
    from cli.commands.record.recording import tell_amounts, tell_labels, with_sources
    from cli.output.answer_rows import look_with_names

    drafts = with_sources(app, read_files(files, positions(app.record)))
    tell_labels(drafts)
    tell_amounts(drafts)
    checked = previewed(app, drafts, as_reported=as_reported)
    with app.record() as record:
        question = read_clocks(record, ClockOptions())
    named_look = look_with_names(app, question, [one.says for one in checked])
    write_check(checked, app.look, named_look.names)
    return exit_code(checked)


def previewed(
    app: AppContext, drafts: Sequence[Command], *, as_reported: bool = False
) -> list[PreviewedFact]:
    """Return what each fact would change in the ledger; nothing is written."""
    known = known_to(app)

    def told(draft: Command, why: Exception) -> str:
        return rejection_reason(draft, why, known)

    with app.ledger() as ledger:
        return check_all(ledger, drafts, told, as_reported=as_reported)


_COLUMNS = (
    Column("fact", "fact", number=True),
    Column("outcome", "outcome", fixed=True),
    Column("position", "event", number=True, drop=2),
    Column("subject", "subject"),
    Column("type", "type"),
    Column("says", "why"),
)


def write_check(checked: Sequence[PreviewedFact], how: Look, names: Mapping[str, str]) -> None:
    """Write one line a fact, and how many of each kind there are to standard error.

    Parties have their names, but not in what is to be mended: there a reader needs the id.
    """
    write_rows(_COLUMNS, [_row(one, names) for one in checked], how)
    sys.stdout.flush()
    counted = Counter(one.outcome for one in checked)
    kinds = (NEW, RECORDED, CONTRADICTS, REFUSED)
    sys.stderr.write(", ".join(f"{counted[kind]} {kind}" for kind in kinds) + "\n")


def exit_code(checked: Sequence[PreviewedFact]) -> int:
    """Return 1 if any fact contradicts another party or would be refused, else 0."""
    return NO if any(one.outcome in (CONTRADICTS, REFUSED) for one in checked) else DONE


def _numbered(draft: Command) -> str:
    """Return which fact of a file it is, or that it is a party or a source in it."""
    made_on_the_way = not getattr(draft.data, "file", "")
    kind = draft.type.partition(".")[0]
    return kind if draft.introduces or made_on_the_way else str(draft.number)


def _row(one: PreviewedFact, names: Mapping[str, str]) -> dict[str, Any]:
    says = [one_line(sentence) for sentence in one.says]
    shown = "; ".join(says)
    return {
        "fact": one.draft.number,
        "fact:shown": _numbered(one.draft),
        "outcome": one.outcome,
        "position": one.position,
        "position:shown": f"@{one.position}" if one.position else "",
        "subject": one.draft.thing,
        "type": one.draft.type,
        "says": says,
        "says:shown": shown if one.outcome == REFUSED else named(shown, names),
    }


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
    if missing := missing_options(fields_by_need(type_), fields):
        why = f"a fact of type {type_} needs {', '.join(missing)}"
        usage_failure("something is missing", why, f"depositary record {type_} --help")
    fact = draft({**escaped(fields), "type": type_, "subject": thing}, positions(app.record))
    record_all(app, [fact], as_reported=as_reported, dry_run=dry_run, yes=yes)


record.command_class = RecordCommand  # type: ignore[attr-defined]


def _not_for_people(ctx: typer.Context, type_: str) -> NoReturn:
    from domain.facts import draft
    from events.intake.fact_file import KeptByLedgerError

    unknown = UnknownTypeError(f"there is no type '{type_}'")
    why = KeptByLedgerError() if type_ in all_types() else unknown
    raise rejection(CommandRefusedError(draft({"type": type_}), why), ctx.obj)
