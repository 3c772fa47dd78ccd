"""Record what is said about an earlier claim: correct, retract, deny, resolve, same, distinct."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple, NoReturn

import typer

from cli.arguments import (
    DryRun,
    argument,
    offer_bases,
    offer_parties,
    offer_sources,
    offer_words,
    option,
    type_option,
)
from cli.context import AppContext, app_context
from cli.errors.exit_codes import usage_failure
from cli.errors.usage import check_choice
from cli.event_options import FieldsCommand, given_fields, with_ledger
from cli.typed_input import is_position
from events.body import RECORDER

REASONS = ("recording-error", "duplicate", "source-corrected", "source-retracted", "other")
SLIPS = REASONS[:2]

AssertedBy = Annotated[
    str | None, option("--asserted-by", "PARTY", "The party that asserts it.", offer_parties)
]
BasisName = Annotated[
    str | None,
    option("--basis", "WORD", "The kind of evidence: depositary help policies.", offer_bases),
]
Sources = Annotated[
    list[str] | None,
    option(
        "--source",
        "SOURCE",
        "The source: source/x,published=DAY,origin=party/y; may be repeated.",
        offer_sources,
    ),
]
Note = Annotated[str | None, option("--note", "TEXT", "A remark.")]
Reason = Annotated[
    str,
    option(
        "--reason",
        "WORD",
        "recording-error, duplicate, source-corrected, source-retracted or other. "
        "The first two are data-entry errors, asserted by the recorder; the others need "
        "--asserted-by, --basis and --source; other needs a --note.",
        offer_words(*REASONS),
    ),
]


class ClaimOptions(NamedTuple):
    """Who says it, on what basis, from which sources, with which remark: as given, or None."""

    asserted_by: AssertedBy = None
    basis: BasisName = None
    sources: Sources = None
    note: Note = None

    def fields(self) -> dict[str, Any]:
        """Return what was given, as fields of a fact."""
        return {name: value for name, value in self._asdict().items() if value}

    def by_recorder(self, command: str) -> dict[str, Any]:
        """Return the fields; the recorder says it where no other is named."""
        if self.asserted_by is None and self.basis is None:
            return self._replace(asserted_by=RECORDER, basis="recorder").fields()
        return self.by_another(command)

    def by_another(self, command: str) -> dict[str, Any]:
        """Return the fields; exit 2 unless it is said who says it, on what basis, and where."""
        missing = [] if self.asserted_by else ["--asserted-by"]
        missing += [] if self.basis else ["--basis"]
        missing += [] if self.sources or self.basis == "recorder" else ["--source"]
        if missing:
            _missing(
                f"{', '.join(missing)}: the party that asserts it, the basis and the source",
                command,
            )
        return self.fields()

    def with_reason(self, reason: str, command: str) -> dict[str, Any]:
        """Return the fields for a reason, the reason among them."""
        check_choice("reason", reason, REASONS, f"depositary {command} --help")
        if reason == "other" and not self.note:
            _missing("--note: the reason other needs a note", command)
        slip = reason in SLIPS
        said = self.by_recorder(command) if slip else self.by_another(command)
        return {"reason": reason, **said}


def _missing(why: str, command: str) -> NoReturn:
    usage_failure("something is missing", why, f"depositary {command} --help")


Target = Annotated[str, argument("@N", "The claim: @N, or its id.")]
Other = Annotated[str, argument("@M", "The other claim about the same subject.")]


class CorrectCommand(FieldsCommand):
    """`correct @N`, with the options of the type that the claim is of."""

    removable = True
    taken = ("asserted_by", "basis", "note", "reason", "sources")

    def type_named(self, ctx: typer.Context, args: Sequence[str]) -> str | None:
        """Return the type of the claim's text; exit 3 where there is no such claim."""
        from domain.facts import stored_text

        target = next((word for word in args if _names_event(word)), None) or _number_in(args)
        if target is None:
            return None
        return stored_text(_event(with_ledger(ctx.obj, args), target))[0]


def correct(
    context: typer.Context,
    target: Target,
    reason: Reason,
    file: Annotated[
        str | None, argument("[FILE]", "The complete new text as one [[fact]].")
    ] = None,
    *,
    by: ClaimOptions,
    dry_run: DryRun = False,
) -> None:
    """Replace the text of a claim; the earlier text stays in the log.

    The new text is the present one with the given fields changed; --field= removes a field. The
    options come from the claim's type: see depositary correct @N --help. Options for the
    correction itself have the short names: --asserted-by is the party that corrects,
    --new-asserted-by corrects the field of the claim.

    \b
    Examples:
      depositary correct @248 --amount "2,862 BTC" --reason recording-error
      depositary correct @173 --place= --reason source-corrected \\
          --asserted-by onbtc --basis own-publication \\
          --source onbtc,published=2025-07-20
    """
    from cli.commands.record.recording import explaining
    from domain.facts import correction, positions

    app = app_context(context)
    said = by.with_reason(reason, "correct")
    row = _event(app, target)
    with explaining(app):
        new = correction(row, given_fields(context), file, positions(app.record))
    _record(app, "claim.corrected", row.thing, {**said, **new}, dry_run=dry_run)


correct.command_class = CorrectCommand  # type: ignore[attr-defined]


def retract(
    context: typer.Context,
    reason: Reason,
    target: Annotated[str | None, argument("[@N]", "The claim: @N, or its id.")] = None,
    number: Annotated[
        int | None, option("--import", "N", "All claims that import N recorded.")
    ] = None,
    *,
    by: ClaimOptions,
    dry_run: DryRun = False,
) -> None:
    """Take back a claim, or an earlier correction or retraction.

    The event stays in the log: depositary ... show --known-at @N still answers as before. To undo
    a retraction, retract it. An import prints its number at its end.

    \b
    Examples:
      depositary retract @249 --reason recording-error
      depositary retract --import 1 --reason recording-error
    """
    app = app_context(context)
    said = by.with_reason(reason, "retract")
    if (target is None) == (number is None):
        _missing("@N, or --import N: which claim, or which import", "retract")
    if number is not None:
        _retract_import(app, number, said, dry_run=dry_run)
        return
    row = _event(app, str(target))
    _record(app, "claim.retracted", row.thing, {**said, "target": _id(row)}, dry_run=dry_run)


def _retract_import(app: AppContext, number: int, said: dict[str, Any], *, dry_run: bool) -> None:
    from cli.commands.record.recording import explaining
    from cli.output.formats import write_page
    from domain.import_numbers import retract_import
    from events.intake.fact_file import fact_of, no_positions

    # Whatever the subject is: what is said of each retraction is the same.
    told = {**said, "type": "claim.retracted", "subject": "party/recorder"}
    fields = fact_of(told, no_positions).data({})
    with explaining(app), app.ledger() as ledger:
        done = len(retract_import(ledger, number, fields, dry_run=dry_run))
    word = "would be retracted" if dry_run else "retracted"
    line = f"import {number}: {done:,} claims {word}"
    write_page([line], {"import": number, "retracted": done}, app.look)


def deny(
    context: typer.Context,
    target: Annotated[str, argument("@N|SUBJECT", "The claim; with --type the subject.")],
    ground: Annotated[str, option("--ground", "TEXT", "Why, in words.")],
    type_: Annotated[str | None, type_option("Deny that any event of this type happened.")] = None,
    span: Annotated[
        str | None, option("--span", "DATE", "With --type: the span of days, as a/b.")
    ] = None,
    *,
    by: ClaimOptions,
    dry_run: DryRun = False,
) -> None:
    """Record that a party denies a claim, or denies that a type of event happened in a span.

    The denying party, the basis and the source are needed. The ledger takes no side: a denied claim
    is shown as contested.

    \b
    Examples:
      depositary deny @187 --ground "No coins were bought." --asserted-by imf \\
          --basis other-public-body --source imf-report-2025-07
      depositary deny reserve/sv --type reserve.acquired --span 2025-02/2025-07 \\
          --ground "No purchases since February." --asserted-by imf \\
          --basis other-public-body --source imf-report-2025-07
    """
    app = app_context(context)
    fields = {**by.by_another("deny"), "ground": ground}
    if type_ is None and span is None:
        row = _event(app, target)
        thing, about = row.thing, {"target": _id(row)}
    else:
        named = {"type_": type_, "span": span}
        thing, about = target, {name: value for name, value in named.items() if value}
    _record(app, "claim.denied", thing, {**fields, **about}, dry_run=dry_run)


def resolve(
    context: typer.Context,
    winner: Annotated[str, argument("@WINNER", "The claim that is right.")],
    others: Annotated[list[str], argument("@N...", "The claims that are not.")],
    ground: Annotated[str, option("--ground", "TEXT", "Why, in words.")],
    *,
    by: ClaimOptions,
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
    app = app_context(context)
    said = by.by_another("resolve")
    first, *rest = (_event(app, text) for text in (winner, *others))
    if len({_id(row) for row in (first, *rest)}) <= len(rest):
        why = "the winner comes first, then each of the others once"
        usage_failure("a claim is named twice", why, "depositary resolve --help")
    about = {"winner": _id(first), "among": [_id(first), *map(_id, rest)], "ground": ground}
    _record(app, "claim.resolved", first.thing, {**said, **about}, dry_run=dry_run)


def same(
    context: typer.Context,
    target: Target,
    other: Other,
    part_of: Annotated[
        str | None, option("--part-of", "@N", "Which of the two claims covers the whole.")
    ] = None,
    *,
    by: ClaimOptions,
    dry_run: DryRun = False,
) -> None:
    """Record that two claims about one subject are about the same occurrence.

    \b
    Examples:
      depositary same @213 @214
      depositary same @216 @215 --part-of @215 --dry-run
    """
    said = by.by_recorder("same")
    linked = {"part_of": part_of} if part_of else {}
    _link(
        app_context(context), "claim.same-occurrence", (target, other), {**said, **linked}, dry_run
    )


def distinct(
    context: typer.Context,
    target: Target,
    other: Other,
    *,
    by: ClaimOptions,
    dry_run: DryRun = False,
) -> None:
    """Record that two claims about one subject are about two occurrences.

    \b
    Examples:
      depositary distinct @217 @218
      depositary distinct @218 @219 --note "Two purchases." --dry-run
    """
    said = by.by_recorder("distinct")
    _link(app_context(context), "claim.distinct-occurrence", (target, other), said, dry_run)


def _link(
    app: AppContext, type_: str, claims: tuple[str, str], fields: dict[str, Any], dry_run: bool
) -> None:
    one, other = (_event(app, text) for text in claims)
    about = {"target": _id(one), "with": _id(other)}
    _record(app, type_, one.thing, {**fields, **about}, dry_run=dry_run)


def _record(
    app: AppContext, type_: str, thing: str, fields: dict[str, Any], *, dry_run: bool
) -> None:
    from cli.commands.record.recording import record_all
    from domain.facts import draft, positions

    fact = draft({**fields, "type": type_, "subject": thing}, positions(app.record))
    record_all(app, [fact], dry_run=dry_run)


def _event(app: AppContext, text: str) -> Any:
    from cli.commands.record.recording import event_named

    return event_named(app, text)


def _id(row: Any) -> str:
    return f"{row.thing}/{row.version}"


def _number_in(args: Sequence[str]) -> str | None:
    """Return the first bare number that is no option's value: 413 for @413."""
    flags = ("--dry-run", "--json", "--csv", "--no-color", "-v", "--verbose")
    for before, word in zip(("", *args), args, strict=False):
        if is_position(word) and (not before.startswith("-") or before in flags):
            return f"@{word}"
    return None


def _names_event(word: str) -> bool:
    return word.startswith("@") or (word.count("/") == 2 and word.rpartition("/")[2].isdecimal())
