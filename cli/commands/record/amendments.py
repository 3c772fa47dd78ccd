"""Record what is said about an earlier claim: correct, retract, deny, resolve, same, distinct."""

from collections.abc import Sequence
from typing import Annotated, Any, get_args

import typer

from cli.arguments import DryRun, argument, option
from cli.commands.record.recording import explaining, record_all
from cli.context import AppContext, app_context
from cli.errors.exit_codes import usage_failure
from cli.errors.usage import check_choice
from cli.event_options import (
    BY_RECORDER,
    SAID,
    SAID_OR_RECORDER,
    FieldsCommand,
    given_fields,
    missing_options,
    option_name,
    own_fields,
    takes_fields,
    with_ledger,
)
from cli.named_event import event_named
from cli.output.formats import write_page
from cli.typed_input import is_position
from domain.facts import correction, draft, positions, stored_text
from domain.recorded_imports import retract_import
from events.intake.fact_file import escaped, fact_of, no_positions
from events.kinds.claim_events import Reason
from events.store.rows import Row

REASONS: tuple[str, ...] = get_args(Reason)
SLIPS = REASONS[:2]

Target = Annotated[str, argument("@N", "The claim: @N, or its id.")]
Other = Annotated[str, argument("@M", "The other claim about the same subject.")]


def _said(
    context: typer.Context, *, by_recorder: bool = False, more: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the fields given; exit 2 unless it is said who says it, on what basis, and where.

    The recorder says it of a data-entry error, or `by_recorder`, where no other is named. `more`
    is what else is missing.
    """
    said, then = own_fields(context), f"{context.command_path} --help"
    reason = said.get("reason")
    if reason is not None:
        check_choice("reason", reason, REASONS, then)
    if (by_recorder or reason in SLIPS) and not {"asserted_by", "basis"} & said.keys():
        said |= BY_RECORDER
    command = context.command
    assert isinstance(command, FieldsCommand)
    wanted = {"reason": command.own["reason"]} if "reason" in command.own and not reason else None
    missing = missing_options(wanted or command.own, said)  # what else is needed it decides
    if reason == "other" and "note" not in said:
        missing.append("--note: the reason other needs a note")
    missing += more
    if missing:
        usage_failure("something is missing", ", ".join(missing), then)
    return said


class CorrectCommand(FieldsCommand):
    """`correct @N`, with the options of the type that the claim is of."""

    removable = True
    own_type, own_names = "claim.corrected", ("reason", *SAID_OR_RECORDER.split())

    def type_named(self, ctx: typer.Context, args: Sequence[str]) -> str | None:
        """Return the type of the claim's text; exit 3 where there is no such claim."""
        target = next((word for word in args if _names_event(word)), None) or _number_in(args)
        if target is None:
            return None
        return stored_text(_event(with_ledger(ctx.obj, args), target))[0]


def correct(
    context: typer.Context,
    target: Target,
    file: Annotated[
        str | None, argument("[FILE]", "The complete new text as one [[fact]].")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Replace the text of a claim; the earlier text stays in the log.

    The new text is the present one with the given fields changed; --field= removes a field. The
    options come from the claim's type: see depositary correct @N --help. Options for the
    correction itself have the short names: --asserted-by is the party that corrects,
    --new-asserted-by corrects the field of the claim.

    The reasons recording-error and duplicate are data-entry errors, asserted by the recorder; the
    others need --asserted-by, --basis and --source; other needs a --note.

    \b
    Examples:
      depositary correct @248 --amount "2,862 BTC" --reason recording-error
      depositary correct @173 --place= --reason source-corrected \\
          --asserted-by onbtc --basis own-publication \\
          --source onbtc,published=2025-07-20
    """
    app = app_context(context)
    said = _said(context)
    row = _event(app, target)
    then = f"depositary correct @{row.position} --help"
    with explaining(app, then):
        new = correction(row, given_fields(context), file, positions(app.record))
    _record(app, "claim.corrected", row.thing, {**said, **new}, dry_run=dry_run, then=then)


correct.command_class = CorrectCommand  # type: ignore[attr-defined]


@takes_fields("claim.retracted", f"reason {SAID_OR_RECORDER}")
def retract(
    context: typer.Context,
    target: Annotated[str | None, argument("[@N]", "The claim: @N, or its id.")] = None,
    number: Annotated[
        int | None, option("--import", "N", "All claims that import N recorded.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Take back a claim, or an earlier correction or retraction.

    The event stays in the log: depositary ... show --known-at @N still answers as before. To undo
    a retraction, retract it. An import prints its number at its end. The reasons are those of
    depositary correct.

    \b
    Examples:
      depositary retract @249 --reason recording-error
      depositary retract --import 1 --reason recording-error
    """
    app, said = app_context(context), _said(context)
    if (target is None) == (number is None):
        why = "@N, or --import N: which claim, or which import"
        usage_failure("something is missing", why, "depositary retract --help")
    if number is not None:
        _retract_import(app, number, said, dry_run=dry_run)
        return
    row = _event(app, str(target))
    _record(app, "claim.retracted", row.thing, {**said, "target": row.id}, dry_run=dry_run)


def _retract_import(app: AppContext, number: int, said: dict[str, Any], *, dry_run: bool) -> None:
    # Whatever the subject is: what is said of each retraction is the same.
    told = {**said, "type": "claim.retracted", "subject": "party/recorder"}
    fields = fact_of(told, no_positions)({})
    with explaining(app), app.ledger() as ledger:
        done = len(retract_import(ledger, number, fields, dry_run=dry_run))
    word = "would be retracted" if dry_run else "retracted"
    line = f"import {number}: {done:,} claims {word}"
    write_page([line], {"import": number, "retracted": done}, app.look)


@takes_fields("claim.denied", f"ground type span {SAID}")
def deny(
    context: typer.Context,
    target: Annotated[str, argument("@N|SUBJECT", "The claim; with --type the subject.")],
    dry_run: DryRun = False,
) -> None:
    """Record that a party denies a claim, or denies that a type of event happened in a span.

    The denying party, the basis and the source are needed. The ledger takes no side: a denied claim
    is shown as contested. With --type and --span it is denied that any event of the type happened
    in these days.

    \b
    Examples:
      depositary deny @187 --ground "No coins were bought." --asserted-by imf \\
          --basis other-public-body --source imf-report-2025-07
      depositary deny reserve/sv --type reserve.acquired --span 2025-02/2025-07 \\
          --ground "No purchases since February." --asserted-by imf \\
          --basis other-public-body --source imf-report-2025-07
    """
    spanned = ("type", "span")
    given, of_claim = own_fields(context), _names_event(target) or is_position(target)
    if of_claim and set(spanned) & given.keys():
        why = f"{target} is a claim; --type and --span are for a subject, such as reserve/sv"
        usage_failure("a claim is denied, or what happened", why, "depositary deny --help")
    missing = () if of_claim else [option_name(one) for one in spanned if one not in given]
    app, said = app_context(context), _said(context, more=missing)
    if of_claim:
        row = _event(app, target)
        target, said = row.thing, {**said, "target": row.id}
    _record(app, "claim.denied", target, said, dry_run=dry_run)


@takes_fields("claim.resolved", f"ground {SAID}")
def resolve(
    context: typer.Context,
    winner: Annotated[str, argument("@WINNER", "The claim that is right.")],
    others: Annotated[list[str], argument("@N...", "The claims that are not.")],
    dry_run: DryRun = False,
) -> None:
    """Record that a party decides which of several claims is right.

    The decision is a claim too: the winner is ranked by its own basis or by the decision's, the
    better of the two.

    \b
    Examples:
      depositary resolve @172 @168 --ground "The signed text says so." \\
          --asserted-by onbtc --basis own-publication --source onbtc
      depositary resolve @173 @170 --ground "Dated 16 July." --dry-run \\
          --asserted-by onbtc --basis own-publication --source onbtc
    """
    app, said = app_context(context), _said(context)
    rows = [_event(app, text) for text in (winner, *others)]
    ids = [row.id for row in rows]
    if len(set(ids)) < len(ids):
        why = "the winner comes first, then each of the others once"
        usage_failure("a claim is named twice", why, "depositary resolve --help")
    about = {"winner": ids[0], "among": ids}
    _record(app, "claim.resolved", rows[0].thing, {**said, **about}, dry_run=dry_run)


@takes_fields("claim.same-occurrence", f"part_of {SAID_OR_RECORDER}")
def same(context: typer.Context, target: Target, other: Other, dry_run: DryRun = False) -> None:
    """Record that two claims about one subject are about the same occurrence.

    With --part-of one of them is about the whole, the other about a part of it: one day of a sale,
    a lot of a purchase. The parts that one party gives are added up; less than the whole is no
    contradiction.

    The recorder asserts it, unless --asserted-by, --basis and --source name another.

    \b
    Examples:
      depositary same @213 @214
      depositary same @216 @215 --part-of @215 --dry-run
    """
    _link(context, "claim.same-occurrence", (target, other), dry_run)


@takes_fields("claim.distinct-occurrence", SAID_OR_RECORDER)
def distinct(context: typer.Context, target: Target, other: Other, dry_run: DryRun = False) -> None:
    """Record that two claims about one subject are about two occurrences.

    The recorder asserts it, unless --asserted-by, --basis and --source name another.

    \b
    Examples:
      depositary distinct @217 @218
      depositary distinct @218 @219 --note "Two purchases." --dry-run
    """
    _link(context, "claim.distinct-occurrence", (target, other), dry_run)


def _link(context: typer.Context, type_: str, claims: tuple[str, str], dry_run: bool) -> None:
    app, said = app_context(context), _said(context, by_recorder=True)
    one, other = (_event(app, text) for text in claims)
    about = {"target": one.id, "with": other.id}
    _record(app, type_, one.thing, {**said, **about}, dry_run=dry_run)


def _record(
    app: AppContext,
    type_: str,
    thing: str,
    fields: dict[str, Any],
    *,
    dry_run: bool,
    then: str = "",
) -> None:
    fact = draft({**escaped(fields), "type": type_, "subject": thing}, positions(app.record))
    record_all(app, [fact], dry_run=dry_run, then=then)


def _event(app: AppContext, text: str) -> Row:
    with app.record() as record:
        return event_named(record, text)


def _number_in(args: Sequence[str]) -> str | None:
    """Return the first bare number that is no option's value: 413 for @413."""
    flags = ("--dry-run", "--json", "--csv", "--no-color", "-v", "--verbose")
    for before, word in zip(("", *args), args, strict=False):
        if is_position(word) and (not before.startswith("-") or before in flags):
            return f"@{word}"
    return None


def _names_event(word: str) -> bool:
    return word.startswith("@") or (word.count("/") == 2 and word.rpartition("/")[2].isdecimal())
