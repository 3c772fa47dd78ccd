"""What is answered otherwise at one point of a clock than at another, and why?"""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.clocks import Asked, When, asked, day, recorded_by
from cli.context import at_hand
from cli.errors.exit_codes import NO, usage
from cli.output.formats import write_json, write_lines, write_rows
from cli.output.rerun_command import clocks_lines, command, resolved
from cli.subjects import thing_named

if TYPE_CHECKING:
    from events.store.sqlite.reader import RecordReader
    from projections.queries.diff import DiffRange
    from projections.read_model.database import Answers

_OPTIONS = {"as-of": "as_of", "public-at": "public_at", "known-at": "known_at"}


def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier WHEN.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later WHEN.")],
    things: Annotated[
        list[str] | None, typer.Argument(metavar="[THING...]", help="Only about these things.")
    ] = None,
    axis: Annotated[
        str,
        typer.Option(
            "--axis",
            metavar="CLOCK",
            help="Which clock goes from A to B: as-of, public-at, known-at.",
        ),
    ] = "as-of",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where anything differs.")
    ] = False,
    *,
    when: When,
) -> None:
    """Say which answers differ between two points of a clock, and why.

    On the axis as-of: what changed in the world. On public-at: what became public. On known-at:
    what this ledger learnt, so that two recording dates give the report of its corrections. The
    other clocks stand still, where the options put them.

    \b
    Examples:
      depositary diff 2024-03-13 2024-03-15 reserve/sv
      depositary diff 2025-07-17 2025-07-31 --axis public-at
      depositary diff @100 @345 --axis known-at --exit-code
    """
    from cli.commands.ask import diff_page as pages
    from projections.queries.diff import diff_answers

    counter = at_hand(context)
    _check_axis(axis, when, f"it goes from {before} to {after}")
    with counter.answers() as answers:
        question, ends = _ends(answers.record, axis, before, after, when)
        named = [_named(answers, thing, question) for thing in things or ()]
        rows, left_out = diff_answers(answers, ends, question.policy, named or None)
    given = {"before": _point(ends.before, axis), "after": _point(ends.after, axis)}
    again = command(context, question, given=given, unpinned=[_OPTIONS[axis]])
    head = {**resolved(question, left_out), "axis": axis, "from": given["before"]}
    head |= {"to": given["after"], "again": again}
    if counter.look.format == "json":
        write_json({**head, "rows": rows}, counter.look)
    elif counter.look.format == "table":
        moved = f"from {given['before']} to {given['after']} on the clock {axis}"
        below = ["", moved, *clocks_lines(head), f"again: {again}"]
        write_lines([*pages.lines(rows, counter.look), *below])
    else:
        write_rows(pages.COLUMNS, [pages.row(row) for row in rows], counter.look)
    if exit_code and rows:
        raise typer.Exit(NO)


def _check_axis(axis: str, when: When, moving: str) -> None:
    if axis not in _OPTIONS:
        from cli.errors.suggestions import near

        usage(
            "no such clock", near(axis, _OPTIONS) or "as-of, public-at or known-at", "--axis as-of"
        )
    if getattr(when, _OPTIONS[axis]) is not None:
        usage(
            f"--{axis} is the clock that moves", moving, f"leave --{axis} away, or choose another"
        )


def _ends(
    record: "RecordReader", axis: str, before: str, after: str, when: When
) -> tuple[Asked, "DiffRange"]:
    from projections.queries.diff import DiffRange

    points: list[Any]
    if axis == "known-at":
        points = [recorded_by(record, text, name) for text, name in ((before, "A"), (after, "B"))]
        question = asked(record, when._replace(known_at=f"@{points[1]}"))
    else:
        points = [day(before, "A"), day(after, "B")]
        question = asked(record, when)
    if points[0] > points[1]:
        usage(
            "A is later than B",
            f"{before} comes after {after}",
            f"depositary diff {after} {before}",
        )
    clocks = [question.clocks._replace(**{_OPTIONS[axis]: point}) for point in points]
    return question._replace(clocks=clocks[1]), DiffRange(axis, *clocks)  # type: ignore[arg-type]


def _named(answers: "Answers", name: str, question: Asked) -> str:
    from cli.subjects import not_known
    from projections.queries.show import NotKnownError

    thing = thing_named(answers, name, question)
    if not answers.claims(thing, question.position):
        every = answers.claims(thing)
        not_known(answers, NotKnownError(thing, every[0] if every else None), question)
    return thing


def _point(clocks: Any, axis: str) -> str:
    found = getattr(clocks, _OPTIONS[axis])
    return found.isoformat() if isinstance(found, date) else f"@{found}"
