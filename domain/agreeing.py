"""Do two claims about one happening agree, field by field?

Fields absent on one side agree, and `unstated` and `unknown` agree with all; dates when their
spans overlap, quantities when their widened bounds do, sets when one contains the other, all else
when equal (domain.md, "The naive fold", step 6).
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from domain.claim import Claim
from events.dates import overlap, parse
from events.fields import Day, Sorted
from events.quantity import Quantity, compatible
from events.remember import per_class
from events.strict import json_name

Status = Literal["settled", "single source", "contested"]
Compare = Callable[[Claim, Any, Claim, Any], bool]

NOT_COMPARED = frozenset(
    ("asserted_by", "basis", "ground", "key", "note", "place", "relayed", "sources", "zone")
)
SILENT = ("unstated", "unknown")


def said(claim: Claim) -> dict[str, Any]:
    """Return what a claim says, by attribute: its date, and its type's own fields if present."""
    body = claim.body
    return {
        name: value
        for name in _compared(type(body))
        if (value := getattr(body, name)) is not None and value not in SILENT
    }


def agree(a: Claim, b: Claim, name: str) -> bool:
    """Say whether two claims agree on one field, given by its attribute."""
    mine, yours = said(a).get(name), said(b).get(name)
    if mine is None or yours is None or (mine == yours and name not in ("effective", "acted")):
        return True
    return _compared(type(a.body))[name](a, mine, b, yours)


def compatible_claims(a: Claim, b: Claim) -> bool:
    """Say whether two claims agree in type and in every field and date."""
    return a.type == b.type and all(agree(a, b, name) for name in _compared(type(a.body)))


def status(claims: Sequence[Claim], name: str) -> Status:
    """Return how far a field's value is settled among the claims that state it."""
    stating = [c for c in claims if name in said(c)] or list(claims)
    if any(not agree(a, b, name) for i, a in enumerate(stating) for b in stating[:i]):
        return "contested"
    return "settled" if len(origins(stating)) > 1 else "single source"


def origins(claims: Sequence[Claim]) -> frozenset[str]:
    """Return the independent witnesses among the claims: the roots of their quote chains."""
    return frozenset().union(*(c.origins for c in claims))


@per_class
def _compared(cls: Any) -> dict[str, Compare]:
    hints = get_type_hints(cls, include_extras=True)
    return {
        field.name: _comparison(hints[field.name])
        for field in fields(cls)
        if json_name(field.name) not in NOT_COMPARED
    }


def _comparison(hint: Any) -> Compare:
    markers = _markers(hint)
    if any(isinstance(marker, Day) for marker in markers):
        return lambda a, mine, b, yours: overlap(
            parse(mine), a.body.zone, parse(yours), b.body.zone
        )
    if any(type(marker) is Sorted for marker in markers):
        return lambda a, mine, b, yours: set(mine) <= set(yours) or set(mine) >= set(yours)
    return lambda a, mine, b, yours: (
        compatible(mine, yours) if isinstance(mine, Quantity) else bool(mine == yours)
    )


def _markers(hint: Any) -> list[Any]:
    if get_origin(hint) is Annotated:
        return [*get_args(hint)[1:]]
    return [marker for part in get_args(hint) for marker in _markers(part)]
