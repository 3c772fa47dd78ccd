"""Which columns has a timeline, and in which words does it tell a row?"""

from typing import Any

from cli.output.formats import Column
from cli.output.formatting import Document, says, where, who

COLUMNS = (
    Column("mark", " "),
    Column("effective", "in effect", fixed=True),
    Column("published", "published", fixed=True, drop=3),
    Column("recorded", "recorded", fixed=True, drop=1),
    Column("thing", "thing", drop=5),
    Column("says", "what"),
    Column("asserted_by", "who says so", drop=4),
    Column("status", "status", drop=6),
    Column("position", "event", number=True),
    Column("late_days", "days late", number=True, drop=2),
    Column("id", ""),
    Column("type", ""),
    Column("picked", ""),
    Column("begun", ""),
    Column("corrected_by", ""),
)


def columns(one_thing: bool, late: bool) -> tuple[Column, ...]:
    """Return the columns; for a person, of one thing its name is not repeated."""
    hidden = {"thing"} if one_thing else set()
    hidden |= set() if late else {"late_days"}
    return tuple(c._replace(title="") if c.name in hidden else c for c in COLUMNS)


def row(event: Document, *, of_a_kind: bool = False) -> dict[str, Any]:
    """Return a row of a timeline; what the policy picked among rivals is marked `>`.

    Of one kind, a person reads the names of things without it.
    """
    mended = " (corrected)" if event["corrected_by"] else ""
    return {
        **event,
        "mark": ">" if event["picked"] and event["status"] == "contested" else "",
        "effective:shown": _day(event),
        "thing:shown": event["thing"].partition("/")[2] if of_a_kind else event["thing"],
        "recorded:shown": event["recorded"][:10],
        "says": f"{says(event)}{mended}",
        "asserted_by:shown": who(event),
        "position:shown": where(event),
    }


def _day(event: Document) -> str:
    if event["effective"] is None:
        return "undated"
    return f"{event['effective']}{' ?' if event['begun'] == 'cannot tell' else ''}"
