"""How is told what differs between two points of a clock, and why?

Thing by thing: each value before and after, and below it what came between.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from cli.output.fields import is_detail, titled, written
from cli.output.formats import Column, Look, wrapped
from cli.output.formatting import Document

COLUMNS = (
    Column("thing", "thing"),
    Column("field", "value"),
    Column("before", "before"),
    Column("after", "after"),
    Column("why", "why"),
    Column("events", "events"),
)
MOST = 3
_QUIET = ("single source", "settled")


def row(difference: Document) -> dict[str, Any]:
    """Return a difference as a row for a script."""
    return {
        **difference,
        "why": "; ".join(map(sentence, difference["why"])),
        "events": [cause["event"] for cause in difference["why"]],
    }


def lines(differences: list[Document], how: Look, *, details: bool = False) -> list[str]:
    """Return the lines for a person: details that only say where a value is from are left out."""
    shown = [one for one in differences if details or not _is_quiet(one)]
    found: list[str] = []
    for thing, of_thing in groupby(shown, lambda one: one["thing"]):
        found += ["", f"\x1b[1m{thing}\x1b[0m" if how.colour else thing]
        for _, together in groupby(of_thing, lambda one: [c["event"] for c in one["why"]]):
            found += _told(list(together), how.width or 80)
    return found[1:] if found else ["nothing differs"]


def sentence(cause: Document) -> str:
    """Return a cause in words: what happened, when, which event, by whom, and its reason."""
    when = f" {cause['when']}" if cause["when"] else ""
    verb = cause["type"].partition(".")[2].replace("-", " ")
    by = cause["asserted_by"].removeprefix("party/")
    reason = f" ({cause['reason'].replace('-', ' ')})" if cause["reason"] else ""
    event = f"@{cause['position']}"
    return f"{cause['how']}{when}: {verb} by {by}, {event}{reason}"


def _told(together: list[Document], width: int) -> Iterator[str]:
    """Yield the values that changed for the same reasons, then these."""
    for one in together:
        change = f"{written(one['before'])} -> {written(one['after'])}"
        yield from wrapped(f"  {titled(one['field'])}: {change}", width, "    ")
    causes = together[0]["why"]
    for cause in causes[:MOST]:
        yield from wrapped(f"      {sentence(cause)}", width, "        ")
    if len(causes) > MOST:
        yield f"      and {len(causes) - MOST} more: --json has all"


def _is_quiet(one: Document) -> bool:
    if one["field"].startswith("status of "):
        values = {one["before"], one["after"]} - {None}
        return values <= set(_QUIET)
    empty = is_detail(one["field"], one["before"]) and is_detail(one["field"], one["after"])
    return empty or one["field"].endswith((".claim", ".basis"))
