"""Name every value of an answer, and compare answers value by value.

An answer is a document; here it is flattened: `kind`, `ledger_balance`, `statuses.party/sv.status`.
A value that no claim states has no name, so that two answers differ exactly where a value differs.
"""

from collections.abc import Iterator
from typing import Any

from domain.claims.resolution import Resolution
from domain.claims.series import ResolvedSeries
from projections.kinds.registry import answer
from projections.queries.alternative_answers import MEMBER_KEYS
from projections.queries.document import Document

_BESIDE = "reported_others"  # figures that are not selected: no values of the answer
_WHOLE_MEMBERS = "possible_duplicates."
SUPPORT = "support of "


def flatten_answer(document: Document) -> dict[str, Any]:
    """Return an answer's values by name; amounts and balances stay whole, sets are lists.

    A value that is contested and has no word of its own is `contested`.
    """
    values = {name: value for name, value in document.items() if name != "contested"}
    found = dict(_flat(values, ""))
    for one in document.get("contested", ()):
        found.setdefault(one["field"], "contested")
    return found


def answer_values(thing: str, view: Resolution) -> dict[str, Any]:
    """Return the values that a view answers about a thing, by name; none if it is unknown.

    They are those of what certainly was public: what perhaps was has values of its own, which are
    those of `view.perhaps` (docs/spec/answers.md, 10).
    """
    if not view.standing.claims:
        return {}
    return flatten_answer(answer(thing, view.certainly_public))


def values_and_support(thing: str, view: Resolution) -> dict[str, Any]:
    """Return the values and, for each occurrence and series, its support."""
    found = answer_values(thing, view)
    for one in view.occurrences:
        if one.holds != "no":
            verb = one.ranked[0][0].type.partition(".")[2]
            found[f"{SUPPORT}{verb} {one.id}"] = one.support
    for series in view.series:
        if series.support:
            found[support_of_series(series)] = series.support
    return found


def support_of_series(series: ResolvedSeries) -> str:
    """Return the name under which the support of a series is compared."""
    scope = "".join(f" {key}" for key in series.key if key)
    return f"{SUPPORT}{series.type.partition('.')[2]}{scope}"


def changed_fields(one: Any, other: Any, name: str = "") -> Iterator[str]:
    """Yield the names of the values in which two answers, or parts of them, differ.

    The names are those of `flatten_answer`, but parts that are equal are never flattened.
    """
    if one == other:
        return
    mine, theirs = _parts(one, name), _parts(other, name)
    if mine is None or theirs is None:
        before, after = dict(_flat(one, name)), dict(_flat(other, name))
        yield from (key for key in {**before, **after} if before.get(key) != after.get(key))
        return
    for key, new in theirs.items():
        old = mine.get(key)
        if old is not new and old != new:
            yield from changed_fields(_of(one, old), _of(other, new), _within(name, key))
    for key in mine.keys() - theirs.keys():
        yield from changed_fields(_of(one, mine[key]), None, _within(name, key))


def _flat(given: Any, name: str) -> Iterator[tuple[str, Any]]:
    parts = _parts(given, name)
    if parts is None:
        yield name, given
    else:
        for key, part in parts.items():
            yield from _flat(_of(given, part), _within(name, key))


def _within(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _parts(given: Any, name: str) -> dict[str, Any] | None:
    """Return the parts of a value that have names of their own; None for what stays whole."""
    if (
        given is None
        or given in ([], {})
        or name == _BESIDE
        or (name == "certain" and given is True)
    ):
        return {}
    if isinstance(given, dict) and not name.startswith(_WHOLE_MEMBERS):
        is_whole = "text" in given or "unknown_flows" in given
        return None if is_whole else given
    # Of the outcomes of what is contested one may be nothing: such a list stays whole.
    if isinstance(given, list) and all(isinstance(one, dict) for one in given):
        return _members(given)
    return None


def _members(given: list[Document]) -> dict[str, Document]:
    """Return the members of a list by their names; the second of one name is `name.2`."""
    names = list(map(_name_of, given))
    found = dict(zip(names, given, strict=True))
    if len(found) == len(given):
        return found
    seen: dict[str, int] = {}
    for place, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names[place] = f"{name}.{seen[name]}"
    return dict(zip(names, given, strict=True))


def _of(given: Any, part: Any) -> Any:
    """Return a part of a value: a member of a list without the field that names it."""
    return _unnamed(part) if isinstance(given, list) and part is not None else part


def _name_of(one: Document) -> str:
    for key in MEMBER_KEYS:
        if named := one.get(key):
            return str(named)
    return "item"


def _unnamed(one: Document) -> Document:
    """Return a member without the field that names it, if it has other fields."""
    key = next((key for key in MEMBER_KEYS if one.get(key)), None)
    return {k: v for k, v in one.items() if k != key} if len(one) > 1 else one
