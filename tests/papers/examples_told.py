"""How is an example told: with every field that its type has, or with no more than it needs?"""

from typing import Any, NamedTuple

from events.body import RECORDER, Body, SourceRef

ALL, LEAST = "all", "least"


class Example(NamedTuple):
    """A fact as an example of its type, and how much of the type it shows: `all`, `least`, …"""

    thing: str
    body: Body
    shows: str


def fully(thing: str, cls: type[Body], shows: str = ALL, /, **said: Any) -> Example:
    """Return an example with every common field; `said` are its type's own, and what differs."""
    common: dict[str, Any] = {
        "asserted_by": "party/onbtc",
        "basis": "own-publication",
        "effective": "2025-07-16",
        "acted": "2025-07-16T16:30:00-06:00",
        "zone": "America/El_Salvador",
        "place": "San Salvador",
        "relayed": True,
        "sources": (
            SourceRef(
                source="source/arab-news",
                published="2025-07-16",
                retrieved="2026-11-24",
                origin="party/onbtc",
            ),
            SourceRef(source="source/ing", published="[2025-07-16..2025-07-17]"),
        ),
        "note": "An example, with every field – the hour is of our own making.",
        "key": "examples.csv:7",
    }
    return Example(thing, cls(**common | said), shows)


def by_record(thing: str, cls: type[Body], shows: str = ALL, /, **said: Any) -> Example:
    """Return an example with every common field, by a depositary's own record."""
    record: dict[str, Any] = {
        "asserted_by": "party/un",
        "basis": "official-record",
        "effective": "2016-11-04",
        "acted": "2016-10-05",
        "zone": "America/New_York",
        "place": "New York",
        "sources": (
            SourceRef(
                source="source/untc-xxvii-7-d",
                published="2016-11-04~",
                retrieved="2026-11-24",
                origin="party/un",
            ),
        ),
        "note": "An example, with every field – not every day in it is of record.",
        "key": "xxvii-7-d.csv:12",
    }
    return fully(thing, cls, shows, **record | said)


def barely(thing: str, cls: type[Body], /, **said: Any) -> Example:
    """Return an example with the fields that its type needs, on the word of one source."""
    common: dict[str, Any] = {
        "asserted_by": "party/article-publisher",
        "basis": "press",
        "sources": (SourceRef(source="source/article"),),
    }
    return Example(thing, cls(**common | said), LEAST)


def by_recorder(thing: str, cls: type[Body], /, **said: Any) -> Example:
    """Return an example with the fields that its type needs, by who keeps the ledger."""
    return Example(thing, cls(asserted_by=RECORDER, basis="recorder", **said), LEAST)
