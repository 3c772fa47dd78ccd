"""Lay out the history of a thing."""

from typing import Any

from cli.output.formats import Column
from cli.output.formatting import Document, basis_in_words, claim_in_words, position_label

COLUMNS = (
    Column("position", "event", number=True),
    Column("recorded", "recorded", fixed=True, drop=2),
    Column("effective", "effective", fixed=True),
    Column("published", "published", fixed=True, drop=3),
    Column("says", "says"),
    Column("asserted_by", "who says so"),
    Column("basis", "basis", drop=1),
    Column("became", "became"),
    Column("id", "id", drop=4),
    Column("type", "type", drop=5),
    Column("sources", "sources", drop=6),
)


def history_row(event: Document) -> dict[str, Any]:
    """Return an event as a row, with what became of it since."""
    about = f" ({', '.join(event['about'])})" if event["about"] else ""
    return {
        **event,
        "position:shown": position_label(event),
        "recorded:shown": event["recorded"][:10],
        "says": f"{claim_in_words(event)}{about}",
        "basis:shown": basis_in_words(event),
        "became": _became(event),
    }


def _became(event: Document) -> str:
    if event["retracted_by"]:
        return f"retracted by {event['retracted_by']}"
    return f"corrected by {event['corrected_by']}" if event["corrected_by"] else ""
