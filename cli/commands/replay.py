"""How are the answers made anew from the record, and are the stored ones what comes out?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.clocks import recorded_by
from cli.counter import Counter, at_hand
from cli.errors import INTEGRITY, CounterError, cannot, usage
from cli.output import write_json, write_lines
from cli.progress import progress

if TYPE_CHECKING:
    from events.store.reading import RecordReader

Until = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="@N|WHEN", help="Only events recorded by then; stores nothing."
    ),
]
Compare = Annotated[
    bool,
    typer.Option(
        "--compare", help="Hold the answers that are stored against the record; stores nothing."
    ),
]


def replay(context: typer.Context, until: Until = None, compare: Compare = False) -> None:
    """Make every answer anew from the record, and put them in the place of those stored.

    The digest is over all rows of the answers: equal records give equal digests. With --compare
    the exit code is 4 if the stored answers are not what comes out of the record.

    \b
    Examples:
      depositary replay
      depositary replay --until @100
      depositary replay --compare
    """
    counter = at_hand(context)
    if until is not None and compare:
        usage(
            "--until and --compare exclude each other",
            "stored answers are held against the record up to the position that they have reached",
            "depositary replay --compare",
        )
    with counter.record() as record:
        found = _compared(counter, record) if compare else _made(counter, record, until)
    if counter.look.format == "table":
        write_lines(_page(found))
    else:
        write_json(found, counter.look)


def _made(counter: Counter, record: "RecordReader", until: str | None) -> dict[str, Any]:
    from projections.answers import make

    wanted = None if until is None else recorded_by(record, until, "--until")
    path = None if until is not None else counter.place.answers
    with progress("replaying", "events") as shown:
        position, digest = make(record, path, until=wanted, progress=shown)
    return {"position": position, "digest": digest, "stored": path is not None}


def _compared(counter: Counter, record: "RecordReader") -> dict[str, Any]:
    from projections.answers import make
    from projections.stored import stored

    path = counter.place.answers
    found = stored(record, path)
    if found is None:
        cannot(
            "there is nothing to compare with",
            f"{counter.place.name} holds no answers",
            "depositary replay",
        )
    last = record.last_position()
    if found.position > last:
        raise CounterError(
            INTEGRITY,
            "the record lost its end",
            f"answers were made from @1 to @{found.position}, and the record ends at @{last}",
            "depositary audit, before anything else; and compare with a backup",
        )
    with progress("replaying", "events") as shown:
        position, digest = make(record, None, until=found.position, progress=shown)
    if (position, digest) != found:
        raise CounterError(
            INTEGRITY,
            "the stored answers are not what the record says",
            f"at @{position} the record gives {digest}, and those stored have {found.digest}",
            "depositary audit; if the record holds, depositary replay makes them anew",
        )
    return {"position": position, "digest": digest, "equal": True}


def _page(found: dict[str, Any]) -> list[str]:
    if found.get("equal"):
        outcome = f"the stored answers equal a replay of @1 to @{found['position']}"
    elif found["stored"]:
        outcome = f"every answer made anew from @1 to @{found['position']}"
    else:
        outcome = f"replayed @1 to @{found['position']}; what is stored is left as it is"
    return [outcome, f"digest {found['digest']}"]
