"""Say what the facts of a file would change; nothing is written."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from cli.clocks import ClockOptions, read_clocks
from cli.commands.record.append import AsReported, Files
from cli.commands.record.recording import tell_amounts, tell_labels, with_sources
from cli.context import AppContext, app_context
from cli.errors.exit_codes import DONE, NO
from cli.errors.rejections import known_to, one_line, rejection_reason
from cli.output.answer_rows import look_with_names
from cli.output.formats import write_rows
from cli.output.look import Column, Look
from cli.output.party_names import named
from domain.decisions.batch import Command
from domain.decisions.preview import CONTRADICTS, NEW, RECORDED, REFUSED, PreviewedFact, check_all
from domain.facts import positions, read_files


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
    app = app_context(context)
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
