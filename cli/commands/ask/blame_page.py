"""Which columns has the table that says which event set which value?"""

from typing import Any

from cli.output.fields import titled, written
from cli.output.formats import Column
from cli.output.formatting import Document, basis, who

COLUMNS = (
    Column("field", "value"),
    Column("value", "is"),
    Column("status", "status", drop=4),
    Column("position", "event", number=True),
    Column("asserted_by", "who says so", drop=5),
    Column("basis", "basis", drop=2),
    Column("sources", "sources", drop=3),
    Column("changes", "changes", number=True, drop=1),
    Column("event", ""),
    Column("with", ""),
    Column("corrected_by", ""),
)


def row(line: Document) -> dict[str, Any]:
    """Return a value as a row; one that no claim states follows from what nobody says."""
    claim = line["claim"]
    found = {
        **line,
        "field:shown": titled(line["field"]),
        "value:shown": written(line["value"]),
        "changes:shown": line["changes"] if line["changes"] > 1 else None,
    }
    if claim is None:
        return {**found, "asserted_by:shown": "nobody"}
    return {
        **found,
        "position": claim["position"],
        "position:shown": f"@{claim['position']}",
        "asserted_by": claim["asserted_by"],
        "asserted_by:shown": who(claim),
        "basis": claim["basis"],
        "basis:shown": basis(claim),
        "sources": claim["sources"],
        "sources:shown": _short(claim["sources"]),
        "event": claim["id"],
        "corrected_by": claim["corrected_by"],
    }


def _short(sources: list[str]) -> str:
    """Return the first source, and how many more there are."""
    if not sources:
        return ""
    more = f" +{len(sources) - 1}" if len(sources) > 1 else ""
    return f"{sources[0].removeprefix('source/')}{more}"
