"""Join the claims that speak of one happening: step 5 of docs/spec/answers.md, 8."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import combinations, pairwise

from msgspec import Struct

from domain.claims.claim import Claim
from domain.claims.effective_claims import EffectiveClaims
from domain.claims.occurrence_keys import (
    SPLIT_FIELDS,
    Joined,
    Key,
    by_field,
    joining_keys,
    key_of,
    once_key,
)
from events.amounts import Quantity, QuantityError, add_bounds, compatible, widened
from events.catalogue import repeatable
from events.kinds.claim_events import DistinctOccurrence, SameOccurrence
from events.value import replace

_NO_PARTS: frozenset[str] = frozenset()
_ADDED = ("amount", "spent", "proceeds")  # what parts add up to
_OF_ACCOUNTS = ("account", "seizures")  # say which account a flow moves

Node = tuple[str, str]
Alternative = tuple[Claim, ...]


class Occurrence(Struct, frozen=True, gc=False):
    """One happening and the claims about it, in the order of their versions.

    `field` names one of a description, where each stands alone. `parts` are the ids of the claims
    that each speak of a part of the whole. `period` counts from 0 what came again after it ended.
    """

    field: str
    claims: tuple[Claim, ...]
    parts: frozenset[str] = frozenset()
    period: int = 0

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """Return what a policy may pick: one whole claim, or the parts that one asserter gives."""
        wholes = [(c,) for c in self.claims if c.id not in self.parts]
        parts: dict[str, list[Claim]] = {}
        for claim in self.claims:
            if claim.id in self.parts:
                parts.setdefault(claim.body.asserted_by, []).append(claim)
        return tuple(sorted((*wholes, *map(tuple, parts.values())), key=lambda a: a[0].version))


def occurrences(standing: EffectiveClaims) -> tuple[Occurrence, ...]:
    """Return the happenings among the claims that stand, but for series."""
    if standing.links:
        return _linked(standing)
    found: list[tuple[str, list[Claim], int]] = []
    special = joining_keys(standing.claims)
    joined: dict[Key, list[Claim]] = {}
    for claim in standing.claims:
        how = claim.family
        if how is repeatable:
            found.append(("", [claim], 0))
        elif how.name == "once":
            for field, part in by_field(claim):
                key = key_of(part, special)
                known = joined.get(key)
                if known is None:
                    known = joined[key] = [part]
                    found.append((field, known, key[-1]))
                else:
                    known.append(part)
    return tuple(
        [Occurrence(field, tuple(claims), _NO_PARTS, period) for field, claims, period in found]
    )


def _linked(standing: EffectiveClaims) -> tuple[Occurrence, ...]:
    """Return the happenings where links join or part claims."""
    nodes = _nodes(standing.claims)
    links = {pair: link for link in standing.links for pair in _pairs(link, nodes)}
    joined = [pair for pair, link in links.items() if isinstance(link.body, SameOccurrence)]
    parted = {pair for pair, link in links.items() if isinstance(link.body, DistinctOccurrence)}
    special = joining_keys(standing.claims, standing.links)
    joined += [pair for pair in _by_key(nodes, special, every=bool(parted)) if pair not in parted]
    parts = _parts(links)
    groups = _components(nodes, joined)
    return tuple(_occurrence(group, nodes, parts, special) for group in groups)


def measurement_series(standing: EffectiveClaims) -> dict[tuple[str, ...], tuple[Claim, ...]]:
    """Return the measurements that stand, by type and the values of their series' key."""
    found: dict[tuple[str, ...], list[Claim]] = {}
    for claim in standing.claims:
        if claim.family.name == "series":
            found.setdefault((claim.type, *once_key(claim)), []).append(claim)
    return {key: tuple(claims) for key, claims in found.items()}


def compared_claims(alternative: Alternative) -> Alternative:
    """Return an alternative as it is compared with others: each part bears the sums of amounts.

    Of parts that come to less than the whole they are "at least" the sums: more may be untold.
    """
    short = alternative[0].short
    if len(alternative) == 1 and not short:
        return alternative
    sums: dict[str, Quantity | None] = {}
    for name in _ADDED:
        total = _total([getattr(claim.body, name, None) for claim in alternative])
        sums[name] = _at_least(total) if short and total is not None else total

    def with_sums(claim: Claim) -> Claim:
        own = {name: total for name, total in sums.items() if hasattr(claim.body, name)}
        return replace(claim, body=replace(claim.body, **own)) if own else claim

    return tuple(map(with_sums, alternative))


def merge_alternative(alternative: Alternative) -> Claim:
    """Return an alternative as one claim: its first, parts with their amounts added up."""
    return compared_claims(alternative)[0]


def with_accounts(chosen: Alternative, claims: Alternative) -> Alternative:
    """Return claims of an occurrence as they are folded.

    Where one leaves out which account it moves, it moves that which the others say (15.2).
    """
    left_out = {}
    for name in _OF_ACCOUNTS:
        said = {getattr(claim.body, name, None) for claim in claims} - {None}
        if len(said) == 1:
            left_out[name] = said.pop()
    if not left_out:
        return chosen
    found = []
    for claim in chosen:
        own = {n: v for n, v in left_out.items() if getattr(claim.body, n, v) is None}
        found.append(replace(claim, body=replace(claim.body, **own)) if own else claim)
    return tuple(found)


def _at_least(amount: Quantity) -> Quantity:
    return Quantity(unit=amount.unit, lower=widened(amount)[0] or 0, lower_open=amount.lower_open)


def _total(amounts: Sequence[Quantity | None]) -> Quantity | None:
    known = [amount for amount in amounts if amount is not None]
    try:
        return reduce(add_bounds, known) if len(known) == len(amounts) else None
    except QuantityError:
        return None


def _nodes(claims: Iterable[Claim]) -> dict[Node, Claim]:
    found: dict[Node, Claim] = {}
    for claim in claims:
        if claim.family.name == "series":
            continue
        for field, part in by_field(claim):
            found[claim.id, field] = part
    return found


def _pairs(link: Claim, nodes: dict[Node, Claim]) -> Iterable[frozenset[Node]]:
    body = link.body
    assert isinstance(body, SameOccurrence | DistinctOccurrence)
    for field in ("", *SPLIT_FIELDS):
        a, b = (body.target, field), (body.with_, field)
        if a in nodes and b in nodes:
            yield frozenset((a, b))


def _by_key(
    nodes: dict[Node, Claim], special: Mapping[int, Key], *, every: bool
) -> Iterable[frozenset[Node]]:
    """Yield the pairs that a key joins: every one, or as many as hold the group together."""
    groups: dict[Key, list[Node]] = {}
    for node, claim in nodes.items():
        if claim.family.name == "once":
            groups.setdefault(key_of(claim, special), []).append(node)
    for group in groups.values():
        yield from map(frozenset, combinations(group, 2) if every else pairwise(group))


def _parts(links: Mapping[frozenset[Node], Claim]) -> frozenset[Node]:
    """Return what is part of a whole: of a description, only in the fields that both state."""
    return frozenset(
        node
        for pair, link in links.items()
        if isinstance(link.body, SameOccurrence) and link.body.part_of
        for node in pair
        if node[0] != link.body.part_of
    )


def _components(nodes: dict[Node, Claim], joined: Iterable[frozenset[Node]]) -> list[list[Node]]:
    named = list(nodes)
    numbers, together = {node: n for n, node in enumerate(named)}, Joined(len(named))
    for a, b in joined:
        together.join(numbers[a], numbers[b])
    return [[named[n] for n in group] for group in together.groups()]


def _occurrence(
    group: Sequence[Node],
    nodes: dict[Node, Claim],
    parts: frozenset[Node],
    special: Mapping[int, Key],
) -> Occurrence:
    ordered = sorted(group, key=lambda node: nodes[node].version)
    joined = frozenset(node[0] for node in group if node in parts)
    first = nodes[ordered[0]]
    period = key_of(first, special)[-1] if first.family.name == "once" else 0
    found = Occurrence(ordered[0][1], tuple([nodes[node] for node in ordered]), joined, period)
    short = _short_parts(found) if joined else _NO_PARTS
    if not short:
        return found
    claims = [replace(c, short=True) if c.id in short else c for c in found.claims]
    return Occurrence(found.field, tuple(claims), joined, period)


def _short_parts(found: Occurrence) -> frozenset[str]:
    """Return the ids of the parts of each asserter that do not come to a whole, but to less."""
    wholes = [getattr(c.body, "amount", None) for c in found.claims if c.id not in found.parts]
    stated = [amount for amount in wholes if amount is not None]
    short: set[str] = set()
    for alternative in found.alternatives if stated else ():
        if alternative[0].id not in found.parts:
            continue
        total = _total([getattr(claim.body, "amount", None) for claim in alternative])
        if total is not None:
            closed = total.upper is not None
            if closed and any(compatible(total, whole) for whole in stated):
                continue
            if not any(compatible(_at_least(total), whole) for whole in stated):
                continue  # they come to more than any whole
        short.update(claim.id for claim in alternative)
    return frozenset(short)
