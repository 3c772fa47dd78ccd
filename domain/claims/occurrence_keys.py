"""Find the key by which claims of one happening join (docs/spec/answers.md, 6 and 7)."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from domain.claims.claim import Claim
from domain.claims.periods import ENDINGS, LASTING, number_periods
from events.catalogue import FAMILIES
from events.kinds.claim_events import DistinctOccurrence
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


def joining_keys(claims: Sequence[Claim], links: Iterable[Claim] = ()) -> Mapping[int, Key]:
    """Return by its version the key of each claim that does not join by the values it states alone.

    These are the claims of later periods, those that leave out a field of their key and join the
    only value there is, and those that join with nothing for want of it.
    """
    parted = _parted(links)
    special = [claim for claim in claims if claim.type in _SPECIAL]
    if not special and not parted:
        return {}
    asked = [claim for claim in claims if claim.family.name == "once"]
    known = {claim.version: once_key(claim) for claim in asked}
    joined = _only_values([c for c in special if c.type in _JOINING], known)
    known |= joined
    periods = number_periods(asked, known, parted)
    found: dict[int, Key] = {}
    for claim in asked:
        version = claim.version
        if claim.type in _NAMED and not joins_by_key(claim):
            found[version] = claim.type, version, 0
        elif (number := periods.get(version, 0)) or version in joined:
            found[version] = claim.type, *known[version], number
    return found


def _parted(links: Iterable[Claim]) -> AbstractSet[frozenset[int]]:
    """Return the pairs of versions that, by the link recorded last, are distinct."""
    last: dict[frozenset[int], Any] = {}
    for link in links:
        body: Any = link.body
        last[frozenset(int(id_.rpartition("/")[2]) for id_ in (body.target, body.with_))] = body
    return {pair for pair, body in last.items() if isinstance(body, DistinctOccurrence)}


def key_of(part: Claim, special: Mapping[int, Key]) -> Key:
    """Return the key of a claim, or of the part of it that states one field; its period is last."""
    found = special.get(part.version) if special else None
    return found or (part.type, *once_key(part), 0)


def _only_values(claims: Sequence[Claim], known: Mapping[int, Values]) -> dict[int, Values]:
    """Return the key of each claim that leaves a field out, where one value alone can be meant."""
    found: dict[int, Values] = {}
    pools: dict[object, set[Values]] = {}
    for claim in claims:
        pools.setdefault(_pool(claim.type), set()).add(known[claim.version])
    for claim in claims:
        stated = known[claim.version]
        if "" not in stated:
            continue
        fuller = {
            key for key in pools[_pool(claim.type)] if key != stated and _extends(key, stated)
        }
        last = [key for key in fuller if not any(_extends(o, key) for o in fuller if o != key)]
        if len(last) == 1:
            found[claim.version] = last[0]
    return found


class Joined:
    """Connected components of numbers."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def root(self, n: int) -> int:
        """Return the number that stands for a component."""
        while self._above[n] != n:
            self._above[n] = self._above[self._above[n]]
            n = self._above[n]
        return n

    def join(self, a: int, b: int) -> None:
        """Put two numbers into one component."""
        a, b = self.root(a), self.root(b)
        self._above[max(a, b)] = min(a, b)

    def groups(self) -> list[list[int]]:
        """Return the components, each in order."""
        found: dict[int, list[int]] = {}
        for n in range(len(self._above)):
            found.setdefault(self.root(n), []).append(n)
        return list(found.values())


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
