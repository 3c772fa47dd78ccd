"""Say which answers differ between two points of a clock or under two policies, and why."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Annotated, Any

import typer

from cli.arguments import argument, choice, flag
from cli.clocks import PRIMARY, AskedAt, ClockOptions, position_recorded_by, read_clocks, read_day
from cli.context import app_context
from cli.errors.exit_codes import DONE, NO, settle, usage_failure
from cli.output.answer_rows import look_with_names
from cli.output.claim_words import (
    Document,
    bold,
    cause_sentence,
    claims_in_words,
    field_titles,
    is_detail,
    selection_sentence,
    write_fields,
)
from cli.output.formats import write_json, write_lines, write_rows
from cli.output.look import Column, Look
from cli.output.party_names import named
from cli.output.rerun_command import clocks_document, clocks_lines, rerun_command
from cli.subjects import recorded_thing
from events.store.sqlite.reader import RecordReader
from events.value import replace
from projections.queries.diff import DiffRange, diff_answers, diff_policies, recorded_beside

COLUMNS = (
    Column("subject", "subject"),
    Column("field", "value"),
    Column("before", "before"),
    Column("after", "after"),
    Column("why", "why"),
    Column("events", "events"),
    Column("selected_before", "selected before"),
    Column("selected_after", "selected after"),
    Column("rule", "rule"),
)
MOST = 3
_QUIET = ("single source", "corroborated")

_OF_POLICIES = (*COLUMNS[:4], *COLUMNS[6:8], Column("rule_before", "rule before"), COLUMNS[8])
_OPTIONS = {"as-of": "as_of", "public-at": "public_at", "known-at": "known_at", "policy": "policy"}


def diff(
    context: typer.Context,
    before: Annotated[str, argument("A", "The earlier WHEN, or a policy.")],
    after: Annotated[str, argument("B", "The later WHEN, or another policy.")],
    things: Annotated[
        list[str] | None, argument("[SUBJECT...]", "Only about these subjects.")
    ] = None,
    axis: Annotated[
        str,
        choice(
            "--axis", "AXIS", "What goes from A to B: as-of, public-at, known-at, policy.", _OPTIONS
        ),
    ] = "as-of",
    exit_code: Annotated[bool, flag("--exit-code", "Exit with 1 where anything differs.")] = False,
    *,
    when: ClockOptions,
) -> None:
    """Show which answers differ between two points of a clock, or two policies, and why.

    On the axis as-of: what changed in the world. On public-at: what became public. On known-at:
    what was recorded, corrections included. On policy: what depends on whom and what one trusts,
    with the claim that each selects and the rule. The other clocks stay where the options set them.

    \b
    Examples:
      depositary diff 2024-03-13 2024-03-15 reserve/sv
      depositary diff @100 @345 --axis known-at
      depositary diff primary-first latest --axis policy
    """
    app = app_context(context)
    _check_axis(axis, when, f"it goes from {before} to {after}")
    if axis == "policy":
        _between_policies(context, (before, after), things or (), when, exit_code=exit_code)
        return
    with app.answers() as answers:
        question, ends = _ends(answers.record, axis, before, after, when)
        named = [recorded_thing(answers, thing, question) for thing in things or ()]
        rows, excluded = diff_answers(answers, ends, question.policy, named or None)
        beside = recorded_beside(answers, ends, rows, named or None) if axis == "known-at" else None
    given = {"before": _point(ends.before, axis), "after": _point(ends.after, axis)}
    again = rerun_command(context, question, given=given, unpinned=[_OPTIONS[axis]])
    head = {**clocks_document(question, excluded), "axis": axis, "from": given["before"]}
    head |= {"to": given["after"], "reproduce": again}
    if beside is not None:
        head["without_difference"] = beside
    settle(NO if exit_code and rows else DONE)
    moved = f"from {given['before']} to {given['after']} on the clock {axis}"
    how = look_with_names(app, question, rows)
    lines = [*difference_lines(rows, how), "", *beside_lines(beside or ()), moved]
    write_differences(how, head, rows, lines)
    if exit_code and rows:
        raise typer.Exit(NO)


def beside_lines(positions: Sequence[int]) -> list[str]:
    """Return the line of what was recorded between and changed no value; none without any."""
    if not positions:
        return []
    several = ", ".join(f"@{one}" for one in positions[:MOST])
    more = f" and {len(positions) - MOST} more" if len(positions) > MOST else ""
    also = f"recorded between, without a change of a value: {several}{more}"
    return [f"{also}: depositary log --since @{positions[0]}"]


def write_differences(
    how: Look,
    head: Document,
    rows: list[Document],
    lines: Sequence[str],
    columns: Sequence[Column] | None = None,
    then: Sequence[str] = (),
) -> None:
    """Write differences: the lines over their clocks for a person, else the document or its rows.

    `head` has the clocks and the command that gives the same again, `then` is what to run next.
    """
    if how.format == "json":
        write_json({**head, "rows": rows}, how)
    elif how.for_people and not how.columns:
        below = [*clocks_lines(head), f"reproduce: {head['reproduce']}", *then]
        write_lines([*lines, *below], how.prose, rows)
    else:
        write_rows(columns or COLUMNS, [difference_row(one) for one in rows], how)


def _between_policies(
    context: typer.Context,
    named: tuple[str, str],
    things: Sequence[str],
    when: ClockOptions,
    *,
    exit_code: bool,
) -> None:
    from cli.policies import check_parties, chosen_policy  # hashes: five milliseconds

    app = app_context(context)
    first, second = (chosen_policy(app, name) for name in named)
    with app.answers() as answers:
        check_parties(answers.record, first)
        question = read_clocks(answers.record, when._replace(policy=second))
        about = [recorded_thing(answers, thing, question) for thing in things]
        found = diff_policies(answers, question.clocks, (first, second), about or None)
    given = {"before": str(first), "after": str(second)}
    again = rerun_command(context, question, given=given, unpinned=["policy"])
    head = {**clocks_document(question, found.excluded), "axis": "policy", "reproduce": again}
    head |= {"from": first.document, "to": second.document, "counts": found.counts}
    settle(NO if exit_code and found.rows else DONE)
    both = f"{first} to {second}" if first.digest or second.digest else ""
    how = replace(look_with_names(app, question, found.rows), policy=both)
    lines = difference_lines(found.rows, how, policies=(first.name, second.name))
    lines += ["", *_counted(found.counts)]
    write_differences(how, head, found.rows, lines, _OF_POLICIES)
    if exit_code and found.rows:
        raise typer.Exit(NO)


def _counted(counts: Document) -> list[str]:
    subjects = f"{counts['differ']} of {counts['subjects']}"
    head = f"subjects that differ: {subjects}; values that differ: {counts['values']}"
    return [head, *(f"  {count:>5}  {rule}" for rule, count in counts["by_rule"].items())]


def _check_axis(axis: str, when: ClockOptions, moving: str) -> None:
    if getattr(when, _OPTIONS[axis]) not in (None, PRIMARY):
        usage_failure(
            f"--{axis} is the axis of this comparison",
            moving,
            f"omit --{axis}, or choose another axis",
        )


def _ends(
    record: RecordReader, axis: str, before: str, after: str, when: ClockOptions
) -> tuple[AskedAt, DiffRange]:
    points: list[Any]
    if axis == "known-at":
        points = [
            position_recorded_by(record, text, name) for text, name in ((before, "A"), (after, "B"))
        ]
        question = read_clocks(record, when._replace(known_at=f"@{points[1]}"))
    else:
        points = [read_day(before, "A"), read_day(after, "B")]
        question = read_clocks(record, when)
    if points[0] > points[1]:
        why = f"{before} comes after {after}"
        usage_failure("A is later than B", why, f"depositary diff {after} {before}")
    clocks = [question.clocks._replace(**{_OPTIONS[axis]: point}) for point in points]
    return question._replace(clocks=clocks[1]), DiffRange(axis, *clocks)  # type: ignore[arg-type]


def _point(clocks: Any, axis: str) -> str:
    found = getattr(clocks, _OPTIONS[axis])
    return found.isoformat() if isinstance(found, date) else f"@{found}"


def difference_row(difference: Document) -> dict[str, Any]:
    """Return a difference as a row for a script."""
    causes = difference.get("why", ())
    return {
        **difference,
        "why": "; ".join(map(cause_sentence, causes)),
        "events": [cause["event"] for cause in causes],
        "selected_before": [claim["id"] for claim in difference["selected_before"]],
        "selected_after": [claim["id"] for claim in difference["selected_after"]],
    }


def difference_lines(
    differences: list[Document],
    how: Look,
    *,
    details: bool = False,
    policies: tuple[str, str] | None = None,
) -> list[str]:
    """Return the lines for a person: details that only say where a value is from are hidden.

    Of two policies there is what each selects, in the place of the causes.
    """
    shown = [one for one in differences if details or not is_quiet(one)]
    found: list[str] = []
    for thing, of_thing in groupby(shown, lambda one: one["subject"]):
        found += ["", bold(thing, how)]
        for _, together in groupby(of_thing, _reasons):
            found += [named(text, how.names) for text in _told(list(together), policies)]
    return found[1:] if found else ["nothing differs"]


def _ids(claims: list[Document]) -> list[str]:
    return [claim["id"] for claim in claims]


def _reasons(one: Document) -> tuple[list[str], list[str], list[str]]:
    events = [cause["event"] for cause in one.get("why", ())]
    return events, _ids(one["selected_before"]), _ids(one["selected_after"])


def _told(together: list[Document], policies: tuple[str, str] | None) -> Iterator[str]:
    """Yield the values that changed for the same reasons, then these."""
    first = together[0]
    for one in together:
        change = f"{write_fields(one['before'])} -> {write_fields(one['after'])}"
        yield f"  {field_titles(one['field'])}: {change}"
    if policies is not None:
        sides = (("selected_before", "rule_before"), ("selected_after", "rule"))
        for name, (selected, rule) in zip(policies, sides, strict=True):
            claims = claims_in_words(first[selected]) if first[selected] else ""
            if said := ": ".join(filter(None, (claims, first[rule]))):
                yield f"      {name}: {said}"
        return
    if selection := selection_sentence(first):
        yield f"      {selection}"
    for cause in first["why"][:MOST]:
        yield f"      {cause_sentence(cause)}"
    if len(first["why"]) > MOST:
        yield f"      and {len(first['why']) - MOST} more: --json has all"


def is_quiet(one: Document) -> bool:
    """Say whether a difference only says where a value is from, or that a second origin agrees."""
    if one["field"].startswith("support of "):
        values = {one["before"], one["after"]} - {None}
        return values <= set(_QUIET)
    empty = is_detail(one["field"], one["before"]) and is_detail(one["field"], one["after"])
    return empty or one["field"].endswith((".claim", ".basis"))
