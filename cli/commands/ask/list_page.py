"""Lay out the list of a kind."""

from collections.abc import Sequence
from typing import Any

from cli.output.formats import Column
from cli.output.formatting import Document, enumeration, value_in_words
from events.amounts import write_amount

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
    "programme": (
        Column("thing", "programme", fixed=True),
        Column("stage", "stage", drop=2),
        Column("approved", "approved", fixed=True, drop=1),
        Column("access", "access", number=True),
        Column("made_available", "made available", number=True),
        Column("known_drawn", "known drawn", number=True),
    ),
    "allocation": (
        Column("thing", "allocation", fixed=True),
        Column("stage", "stage"),
        Column("power", "power", number=True),
        Column("since", "since", fixed=True),
        Column("authority", "authority", drop=1),
        Column("purposes", "purposes", drop=2),
    ),
    "proposal": (
        Column("thing", "proposal", fixed=True),
        Column("stage", "stage", fixed=True),
        Column("to", "to", drop=2),
        Column("acted", "acted", drop=3),
        Column("terms", "terms", drop=1),
    ),
    "law": (
        Column("thing", "law", fixed=True),
        Column("form", "form", drop=1),
        Column("adopted", "adopted", fixed=True, drop=3),
        Column("in_force", "in force", fixed=True),
        Column("began", ""),
        Column("since", "since", fixed=True, drop=4),
        Column("until", "until", fixed=True, drop=2),
        Column("ceased", ""),
    ),
    "meeting": (
        Column("thing", "meeting", fixed=True),
        Column("held", "held", fixed=True),
        Column("mode", "mode", drop=1),
        Column("place", "place", drop=2),
        Column("participants", "participants"),
    ),
    "price": (
        Column("thing", "price", fixed=True),
        Column("pair", "pair", fixed=True, drop=1),
        Column("kind", "kind", fixed=True),
        Column("value", "value", number=True),
        Column("on", "at", fixed=True),
    ),
}
_ENUMERATIONS = ("form", "mode")


def list_columns(kind: str, lines: Sequence[Document]) -> tuple[Column, ...]:
    """Return the columns of a kind's list; a kind that has none of its own shows what it says."""
    if kind in _COLUMNS:
        return _COLUMNS[kind]
    names = list(dict.fromkeys(name for line in lines for name in line)) or ["thing"]
    late = len(names)
    return tuple(
        Column(name, kind if name == "thing" else name.replace("_", " "), drop=n and late - n)
        for n, name in enumerate(names)
    )


def list_row(kind: str, line: Document) -> dict[str, Any]:
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
    shown = {f"{name}:shown": _shown(name, given) for name, given in line.items()}
    if kind == "law" and line["in_force"] == "no":
        shown["in_force:shown"] = "no, ceased" if line["ceased"] else "no, lapsed"
    return {**line, **shown}


def _shown(name: str, given: Any) -> Any:
    """Return what a table shows of a value: enumerations with spaces, parties without `party/`."""
    if name in _ENUMERATIONS and given:
        return "" if given == "unstated" else enumeration(given)
    if isinstance(given, list):
        return ", ".join(enumeration(one).removeprefix("party/") for one in given)
    return value_in_words(given) if isinstance(given, dict) else given
