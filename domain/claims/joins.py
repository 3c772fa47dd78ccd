"""Find the key by which claims of one happening join (docs/spec/answers.md, 6 and 7)."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from domain.claims.claim import Claim
from domain.claims.periods import ENDINGS, LASTING, number_periods
from events.catalogue import FAMILIES
from events.value import replace

Key = tuple[Any, ...]
Values = tuple[str, ...]

FIELDS: dict[str, tuple[str, ...]] = {
    "agreement.described": ("title", "kind", "binding", "parties", "topics"),
    "source.cited": ("publisher", "title", "locator", "published", "via"),
}
WHOLE = (None, "unstated", "total")  # the scopes that speak of the whole, one series
SPLIT_FIELDS = tuple(dict.fromkeys(name for names in FIELDS.values() for name in names))

_PARTY = ("party",)
_NAMED = frozenset(name for name, how in FAMILIES.items() if how.named)
_JOINING = frozenset(name for name, how in FAMILIES.items() if how.joining)
_SPECIAL = _NAMED | _JOINING | ENDINGS | LASTING


def by_field(claim: Claim) -> Iterable[tuple[str, Claim]]:
    """Return a description or citation once for each field it states, any other once, under ""."""
    names = FIELDS.get(claim.type)
    return (("", claim),) if names is None else _split(claim, names)


def _split(claim: Claim, names: tuple[str, ...]) -> Iterable[tuple[str, Claim]]:
    body: Any = claim.body
    present = [name for name in names if getattr(body, name) is not None]
    if len(present) < 2:
        yield (present[0] if present else ""), claim
        return
    for field in present:
        absent = {other: None for other in present if other != field}
        yield field, replace(claim, body=replace(body, **absent))


def once_key(claim: Claim) -> Values:
    """Return the values that claims of one occurrence or series share; an absent one is ""."""
    parts = claim.family.key
    if parts == _PARTY:  # as of most claims about agreements
        return (getattr(claim.body, "party", ""),)
    return tuple([_key_part(claim, part) for part in parts])


def joins_by_key(claim: Claim) -> bool:
    """Say whether a claim of a *once* or *series* type joins others: not without its name."""
    return not claim.family.named or any(once_key(claim))


def joining_keys(claims: Sequence[Claim], parted: AbstractSet[frozenset[str]]) -> Mapping[str, Key]:
    """Return by its id the key of each claim that does not join by the values it states alone.

    These are the claims of later periods, those that leave out a field of their key and join the
    only value there is, and those that join with nothing for want of it. `parted` holds the pairs
    of ids that a link declares distinct.
    """
    types = {claim.type for claim in claims}
    if types.isdisjoint(_SPECIAL) and not parted:
        return {}
    known = {c.id: once_key(c) for c in claims if c.family.name == "once"}
    joined: dict[str, Values] = {}
    if not types.isdisjoint(_JOINING):
        joined = _only_values([c for c in claims if c.type in _JOINING], known)
        known |= joined
    periods = number_periods(claims, known, parted)
    found: dict[str, Key] = {}
    for claim in claims:
        id_ = claim.id
        if claim.type in _NAMED and not joins_by_key(claim):
            found[id_] = claim.type, id_, 0
        elif (number := periods.get(id_, 0)) or id_ in joined:
            found[id_] = claim.type, *known[id_], number
    return found


def key_of(part: Claim, special: Mapping[str, Key]) -> Key:
    """Return the key of a claim, or of the part of it that states one field; its period is last."""
    found = special.get(part.id) if special else None
    return found or (part.type, *once_key(part), 0)


def _only_values(claims: Sequence[Claim], known: Mapping[str, Values]) -> dict[str, Values]:
    """Return the key of each claim that leaves a field out, where one value alone can be meant."""
    found: dict[str, Values] = {}
    pools: dict[object, set[Values]] = {}
    for claim in claims:
        pools.setdefault(_pool(claim.type), set()).add(known[claim.id])
    for claim in claims:
        stated = known[claim.id]
        if "" not in stated:
            continue
        fuller = {
            key for key in pools[_pool(claim.type)] if key != stated and _extends(key, stated)
        }
        last = [key for key in fuller if not any(_extends(o, key) for o in fuller if o != key)]
        if len(last) == 1:
            found[claim.id] = last[0]
    return found


def _pool(type_: str) -> str:
    return _TOGETHER.get(type_, type_)


_TOGETHER = {"party.office-ended": "party.appointed", "proposal.returned": "proposal.taken-up"}


def _extends(fuller: Values, stated: Values) -> bool:
    return all(b in ("", a) for a, b in zip(fuller, stated, strict=True))


def _key_part(claim: Claim, part: str) -> str:
    body: Any = claim.body
    if part == "side":
        return str(body.for_ or body.party)
    if part == "signing":
        return str(body.mode) if body.mode in ("initialling", "succession") else ""
    if part == "scope":
        return body.scope if body.scope not in WHOLE else ""
    if part == "field":
        names = FIELDS[claim.type]
        return next((name for name in names if getattr(body, name) is not None), "")
    value = getattr(body, part, None)
    return "" if value is None else value if type(value) is str else str(value)
