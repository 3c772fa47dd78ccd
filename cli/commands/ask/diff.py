"""Say which answers differ between two points of a clock, and why."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import argument, flag, option
from cli.clocks import AskedAt, ClockOptions, position_recorded_by, read_clocks, read_day
from cli.context import app_context
from cli.errors.exit_codes import DONE, NO, settle, usage_failure
from cli.output.claim_words import (
    Document,
    asserter_name,
    basis_in_words,
    field_titles,
    is_detail,
    position_label,
    write_fields,
)
from cli.output.formats import Column, Look, wrapped, write_json, write_lines, write_rows
from cli.output.rerun_command import clocks_document, clocks_lines, rerun_command
from cli.output.streams import Bold
from cli.subjects import not_known, thing_named

if TYPE_CHECKING:
    from events.store.sqlite.reader import RecordReader
    from projections.queries.diff import DiffRange
    from projections.read_model.database import ReadModel


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

_OPTIONS = {"as-of": "as_of", "public-at": "public_at", "known-at": "known_at"}


def diff(
    context: typer.Context,
    before: Annotated[str, argument("A", "The earlier WHEN.")],
    after: Annotated[str, argument("B", "The later WHEN.")],
    things: Annotated[
        list[str] | None, argument("[SUBJECT...]", "Only about these subjects.")
    ] = None,
    axis: Annotated[
        str,
        option("--axis", "CLOCK", "The clock that goes from A to B: as-of, public-at, known-at."),
    ] = "as-of",
    exit_code: Annotated[bool, flag("--exit-code", "Exit with 1 where anything differs.")] = False,
    *,
    when: ClockOptions,
) -> None:
    """Show which answers differ between two points of a clock, and why.

    On the axis as-of: what changed in the world. On public-at: what became public. On known-at:
    what was recorded, corrections included. The other clocks stay where the options set them.

    \b
    Examples:
      depositary diff 2024-03-13 2024-03-15 reserve/sv
      depositary diff @100 @345 --axis known-at
    """
    from projections.queries.diff import diff_answers

    app = app_context(context)
    _check_axis(axis, when, f"it goes from {before} to {after}")
    with app.answers() as answers:
        question, ends = _ends(answers.record, axis, before, after, when)
        named = [_named(answers, thing, question) for thing in things or ()]
        rows, excluded = diff_answers(answers, ends, question.policy, named or None)
    given = {"before": _point(ends.before, axis), "after": _point(ends.after, axis)}
    again = rerun_command(context, question, given=given, unpinned=[_OPTIONS[axis]])
    head = {**clocks_document(question, excluded), "axis": axis, "from": given["before"]}
    head |= {"to": given["after"], "reproduce": again}
    settle(NO if exit_code and rows else DONE)
    if app.look.format == "json":
        write_json({**head, "rows": rows}, app.look)
    elif app.look.format == "table":
        moved = f"from {given['before']} to {given['after']} on the clock {axis}"
        below = ["", moved, *clocks_lines(head), f"reproduce: {again}"]
        write_lines([*difference_lines(rows, app.look), *below])
    else:
        write_rows(COLUMNS, [difference_row(one) for one in rows], app.look)
    if exit_code and rows:
        raise typer.Exit(NO)


def _check_axis(axis: str, when: ClockOptions, moving: str) -> None:
    if axis not in _OPTIONS:
        from cli.errors.usage import near

        usage_failure(
            "no such clock", near(axis, _OPTIONS) or "as-of, public-at or known-at", "--axis as-of"
        )
    if getattr(when, _OPTIONS[axis]) is not None:
        usage_failure(
            f"--{axis} is the axis of this comparison",
            moving,
            f"omit --{axis}, or choose another axis",
        )


def _ends(
    record: "RecordReader", axis: str, before: str, after: str, when: ClockOptions
) -> tuple[AskedAt, "DiffRange"]:
    from projections.queries.diff import DiffRange

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


def _named(answers: "ReadModel", name: str, question: AskedAt) -> str:
    from projections.queries.show import NotKnownError

    thing = thing_named(answers, name, question)
    if not answers.claims(thing, question.position):
        every = answers.claims(thing)
        not_known(answers, NotKnownError(thing, every[0] if every else None), question)
    return thing


def _point(clocks: Any, axis: str) -> str:
    found = getattr(clocks, _OPTIONS[axis])
    return found.isoformat() if isinstance(found, date) else f"@{found}"


def difference_row(difference: Document) -> dict[str, Any]:
    """Return a difference as a row for a script."""
    return {
        **difference,
        "why": "; ".join(map(cause_sentence, difference["why"])),
        "events": [cause["event"] for cause in difference["why"]],
        "selected_before": [claim["id"] for claim in difference["selected_before"]],
        "selected_after": [claim["id"] for claim in difference["selected_after"]],
    }


def difference_lines(differences: list[Document], how: Look, *, details: bool = False) -> list[str]:
    """Return the lines for a person: details that only say where a value is from are hidden."""
    shown = [one for one in differences if details or not is_quiet(one)]
    found: list[str] = []
    for thing, of_thing in groupby(shown, lambda one: one["subject"]):
        found += ["", Bold(thing) if how.colour else thing]
        for _, together in groupby(of_thing, _reasons):
            found += _told(list(together), how.width or 80)
    return found[1:] if found else ["nothing differs"]


def cause_sentence(cause: Document) -> str:
    """Return a cause in words: what happened, when, which event, by whom, and its reason."""
    when = f" {cause['when']}" if cause["when"] else ""
    verb = cause["type"].partition(".")[2].replace("-", " ")
    by = cause["asserted_by"].removeprefix("party/")
    reason = f" ({cause['reason'].replace('-', ' ')})" if cause["reason"] else ""
    event = f"@{cause['position']}"
    said = f"{verb} another claim, asserted by {by}" if verb.endswith(" by") else f"{verb} by {by}"
    day = "day reached, " if cause.get("axis") == "as-of" else ""
    return f"{day}{cause['how']}{when}: {said}, {event}{reason}"


def selection_sentence(difference: Document) -> str | None:
    """Return what was selected before, what is now, and the rule; None where the same is."""
    if difference["rule"] is None:
        return None
    before, after = difference["selected_before"], difference["selected_after"]
    return f"selected before: {_claims(before)}; now: {_claims(after)}: {difference['rule']}"


def _claims(claims: list[Document]) -> str:
    first = claims[0]
    more = f" and {len(claims) - 1} more" if len(claims) > 1 else ""
    return f"{asserter_name(first)}, {basis_in_words(first)}, {position_label(first)}{more}"


def _ids(claims: list[Document]) -> list[str]:
    return [claim["id"] for claim in claims]


def _reasons(one: Document) -> tuple[list[str], list[str], list[str]]:
    events = [cause["event"] for cause in one["why"]]
    return events, _ids(one["selected_before"]), _ids(one["selected_after"])


def _told(together: list[Document], width: int) -> Iterator[str]:
    """Yield the values that changed for the same reasons, then these."""
    for one in together:
        change = f"{write_fields(one['before'])} -> {write_fields(one['after'])}"
        yield from wrapped(f"  {field_titles(one['field'])}: {change}", width, "    ")
    if selection := selection_sentence(together[0]):
        yield from wrapped(f"      {selection}", width, "        ")
    causes = together[0]["why"]
    for cause in causes[:MOST]:
        yield from wrapped(f"      {cause_sentence(cause)}", width, "        ")
    if len(causes) > MOST:
        yield f"      and {len(causes) - MOST} more: --json has all"


def is_quiet(one: Document) -> bool:
    """Say whether a difference only says where a value is from, or that a second origin agrees."""
    if one["field"].startswith("support of "):
        values = {one["before"], one["after"]} - {None}
        return values <= set(_QUIET)
    empty = is_detail(one["field"], one["before"]) and is_detail(one["field"], one["after"])
    return empty or one["field"].endswith((".claim", ".basis"))
