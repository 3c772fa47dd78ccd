"""Which columns has the list of a kind?"""

from collections.abc import Sequence
from typing import Any

from cli.output import Column
from cli.pages.say import Document, enumeration, words
from events.quantity import write_amount

_COLUMNS = {
    "agreement": (
        Column("thing", "agreement", fixed=True),
        Column("title", "title", drop=2),
        Column("kind", "kind"),
        Column("kind_status", "status", drop=3),
        Column("signed", "signed", fixed=True),
        Column("signed_status", "status"),
        Column("parties", "parties", drop=1),
        Column("in_force", "in force", drop=4),
    ),
    "reserve": (
        Column("thing", "reserve", fixed=True),
        Column("holder", "holder", drop=1),
        Column("standing", "stage", drop=3),
        Column("reported", "reported", number=True),
        Column("reported_lower_sat", ""),
        Column("reported_upper_sat", ""),
        Column("reported_as_of", "as of", fixed=True),
        Column("reported_by", "says", drop=2),
        Column("reported_status", "status", drop=4),
        Column("booked_sat", "booked", number=True),
        Column("booked_unnamed", ""),
    ),
    "party": (
        Column("thing", "party", fixed=True),
        Column("name", "name"),
        Column("type", "type", drop=3),
        Column("state", "state", drop=2),
        Column("under", "under", drop=1),
    ),
    "source": (
        Column("thing", "source", fixed=True),
        Column("publisher", "publisher"),
        Column("title", "title", drop=2),
        Column("published", "published", drop=3, fixed=True),
        Column("copies", "copies", number=True, drop=1),
    ),
}


def columns(kind: str, lines: Sequence[Document]) -> tuple[Column, ...]:
    """Return the columns of a kind's list; a kind that has none of its own shows what it says."""
    if kind in _COLUMNS:
        return _COLUMNS[kind]
    names = list(dict.fromkeys(name for line in lines for name in line)) or ["thing"]
    late = len(names)
    return tuple(
        Column(
            name,
            kind if name == "thing" else name.replace("_", " "),
            drop=n and late - n,
            fixed=name == "thing",
        )
        for n, name in enumerate(names)
    )


def row(kind: str, line: Document) -> dict[str, Any]:
    """Return a line as a row: satoshis stay integers for scripts, and are BTC in a table."""
    if kind == "agreement":
        return {**line, "kind:shown": enumeration(line["kind"]) if line["kind"] else ""}
    if kind == "reserve":
        booked = write_amount(line["booked_sat"], "sat")
        unnamed = " +?" if line["booked_unnamed"] else ""
        return {
            **line,
            "booked_sat:shown": f"{booked}{unnamed}",
        }
    shown = {
        f"{name}:shown": words(given)
        for name, given in line.items()
        if isinstance(given, dict | list) and kind not in _COLUMNS
    }
    return {**line, **shown}
