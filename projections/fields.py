"""Which values has an answer, and under which names?

An answer is a document; here it is laid flat: `kind`, `booked`, `standings.party/sv.standing`.
What nobody says has no name, so that two answers differ exactly where a value differs.
"""

from collections.abc import Iterator
from typing import Any

from domain.fold import View
from projections.document import Document
from projections.summary import answer

_KEYS = ("party", "ref", "policy", "office", "pair", "act")
STATUS = "status of "


def flat(document: Document) -> dict[str, Any]:
    """Return an answer's values by name; amounts and balances stay whole, sets are lists."""
    return dict(_flat(document, ""))


def fields(thing: str, view: View) -> dict[str, Any]:
    """Return the values that a view answers about a thing, by name; nothing if it is unknown."""
    return flat(answer(thing, view)) if view.standing.claims else {}


def compared(thing: str, view: View) -> dict[str, Any]:
    """Return the values and, by occurrence and series, how far they are settled."""
    found = fields(thing, view)
    for one in view.occurrences:
        if one.holds != "no":
            verb = one.ranked[0][0].type.partition(".")[2]
            found[f"{STATUS}{verb} {one.id}"] = one.status
    for series in view.series:
        if series.status:
            scope = "".join(f" {key}" for key in series.key if key)
            found[f"{STATUS}{series.type.partition('.')[2]}{scope}"] = series.status
    return found


def _flat(given: Any, name: str) -> Iterator[tuple[str, Any]]:
    if _is_nothing(given) or (name == "certain" and given is True):
        return
    if isinstance(given, dict) and not _is_whole(given):
        for key, inner in given.items():
            yield from _flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(given, list) and given and isinstance(given[0], dict):
        seen: dict[str, int] = {}
        for one in given:
            key = _name_of(one)
            seen[key] = seen.get(key, 0) + 1
            again = f".{seen[key]}" if seen[key] > 1 else ""
            yield from _flat(_unnamed(one), f"{name}.{key}{again}")
    else:
        yield name, given


def _name_of(one: Document) -> str:
    return next((str(one[key]) for key in _KEYS if one.get(key)), "item")


def _unnamed(one: Document) -> Document:
    """Return a member without what names it, where it says something beside its name."""
    key = next((key for key in _KEYS if one.get(key)), None)
    return {k: v for k, v in one.items() if k != key} if len(one) > 1 else one


def _is_whole(given: Document) -> bool:
    return "text" in given or "unnamed" in given


def _is_nothing(given: Any) -> bool:
    return given is None or given in ([], {})
