"""Compare claims about one happening, field by field (docs/spec/answers.md, 13)."""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations_with_replacement
from typing import Any, Literal

from domain.claims.claim import Claim
from events.amounts import Quantity, compatible, measure_of
from events.dates import Interned, overlap, parse_date
from events.fields import Day, Field, Sorted, fields_of

Support = Literal["corroborated", "single source", "contested", "resolved"]
Compare = Callable[[Claim, Any, Claim, Any], bool]

NOT_COMPARED = frozenset(
    ("asserted_by", "basis", "ground", "key", "note", "place", "relayed", "sources", "zone")
)
SILENT = ("unstated", "unknown")
FIGURES = ("amount", "value", "verdict")


def stated_values(claim: Claim) -> dict[str, Any]:
    """Return what a claim says, by attribute: its date, and its type's own fields if present."""
    body = claim.body
    values = ((name, _stated(body, name)) for name in _COMPARISONS[type(body)])
    return {name: value for name, value in values if value is not None}


def fields_agree(a: Claim, b: Claim, name: str) -> bool:
    """Say whether two claims agree on one field, given by its attribute."""
    mine, yours = _stated(a.body, name), _stated(b.body, name)
    if mine is None or yours is None:
        return True
    return _COMPARISONS[type(a.body)][name](a, mine, b, yours)


def figure_of(claim: Claim) -> Any:
    """Return what a measurement measured: an amount, a value or a verdict."""
    body = claim.body
    return next((v for name in FIGURES if (v := getattr(body, name, None)) is not None), None)


def figures_agree(a: Claim, b: Claim) -> bool:
    """Say whether two measurements of one series can both be right, their days left aside."""
    return all(fields_agree(a, b, name) for name in FIGURES if hasattr(a.body, name))


def compatible_claims(a: Claim, b: Claim) -> bool:
    """Say whether two claims agree in type and in every field and date."""
    return a.type == b.type and all(fields_agree(a, b, name) for name in _COMPARISONS[type(a.body)])


def may_be_of_one_day(a: Claim, b: Claim) -> bool:
    """Say whether the effective dates of two claims may mean the same day; unknown ones do not."""
    mine, yours = a.dates.effective, b.dates.effective
    if mine is None or yours is None:
        return False
    return overlap(mine, a.body.zone, yours, b.body.zone)


def alternatives_agree(a: Sequence[Claim], b: Sequence[Claim]) -> bool:
    """Say whether every claim of the one agrees with every claim of the other."""
    return all(compatible_claims(x, y) for x in a for y in b)


def field_support(alternatives: Sequence[Sequence[Claim]], name: str) -> Support:
    """Return how far sources agree on a field's value among the claims that state it.

    The claims of one alternative speak of different parts: they are not compared with each other.
    """
    stating = [[c for c in claims if _states(c, name)] for claims in alternatives]
    for i, mine in enumerate(stating):
        if any(not fields_agree(a, b, name) for yours in stating[:i] for a in mine for b in yours):
            return "contested"
    return _support_of([c for claims in stating for c in claims if _is_exact(c, name)], (name,))


def witnessed_support(claims: Iterable[Claim], names: Sequence[str] = ()) -> Support:
    """Return how far sources support what claims that agree say, in all fields or in those named.

    Each amount and date of a witness is one figure or one day.
    """
    said = tuple(claims)
    if len(origins(said)) < 2:
        return "single source"
    exact = (c for c in said if all(_is_exact(c, n) for n in names or _COMPARISONS[type(c.body)]))
    return _support_of(tuple(exact), names)


def _support_of(witnesses: Sequence[Claim], names: Sequence[str]) -> Support:
    """Return how far witnesses who agree support each other, in all fields or in those named.

    Two who give a figure in different units are no witnesses for each other.
    """
    if len(origins(witnesses)) < 2:
        return "single source"
    measures = [_measures(claim, names) for claim in witnesses]
    for (a, mine), (b, yours) in combinations_with_replacement(
        zip(witnesses, measures, strict=True), 2
    ):
        alike = all(mine[name] == yours[name] for name in mine.keys() & yours.keys())
        if alike and len(a.origins | b.origins) > 1:
            return "corroborated"
    return "single source"


def _measures(claim: Claim, names: Sequence[str]) -> dict[str, str]:
    """Return what each amount of a claim can be compared with, by attribute."""
    values = ((n, _stated(claim.body, n)) for n in names or _COMPARISONS[type(claim.body)])
    return {n: measure_of(value) for n, value in values if isinstance(value, Quantity)}


def lower_bounds(claims: Iterable[Claim], name: str) -> int:
    """Return how many claims give only a lower bound of a field: `over 6,240`."""
    values = (_stated(claim.body, name) for claim in claims)
    return sum(isinstance(v, Quantity) and v.upper is None for v in values)


def _is_exact(claim: Claim, name: str) -> bool:
    """Say whether what a claim states in a field is one figure, or one day, or no amount at all."""
    value = _stated(claim.body, name)
    if isinstance(value, Quantity):
        one = value.lower is not None and value.lower == value.upper
        return one and not (value.lower_open or value.upper_open)
    if value is None or _COMPARISONS[type(claim.body)][name] is not _same_day:
        return True
    edtf = parse_date(value)
    return edtf.earliest is not None and edtf.earliest == edtf.latest


def is_struck(claim: Claim, denial: Claim) -> bool:
    """Say whether a denial strikes a claim: its target, or one of its type whose date may match."""
    body: Any = denial.body
    if body.target is not None:
        return bool(claim.id == body.target)
    if claim.type != body.type or claim.dates.effective is None or body.span is None:
        return False
    span = parse_date(body.span)
    return overlap(claim.dates.effective, claim.body.zone, span, body.zone)


def origins(claims: Iterable[Claim]) -> frozenset[str]:
    """Return the independent witnesses among the claims: the roots of their quote chains."""
    return frozenset().union(*(c.origins for c in claims))


def _states(claim: Claim, name: str) -> bool:
    body = claim.body
    return name in _COMPARISONS[type(body)] and _stated(body, name) is not None


def _stated(body: Any, name: str) -> Any:
    value = getattr(body, name, None)
    return None if value in SILENT else value


def _compared(cls: Any) -> dict[str, Compare]:
    """Return how each field of a class is compared, by attribute."""
    named = zip(cls.__struct_fields__, fields_of(cls).items(), strict=True)
    return {attr: _comparison(field) for attr, (name, field) in named if name not in NOT_COMPARED}


def _comparison(field: Field) -> Compare:
    for marker in (*field.markers, *(field.member.markers if field.member else ())):
        if isinstance(marker, Day):
            return _same_day
        if type(marker) is Sorted:
            return _same_set if marker.by is None else _same_members(marker)
    return _same_value


def _same_day(a: Claim, mine: str, b: Claim, yours: str) -> bool:
    return overlap(parse_date(mine), a.body.zone, parse_date(yours), b.body.zone)


def _same_set(_a: Claim, mine: Any, _b: Claim, yours: Any) -> bool:
    return set(mine) <= set(yours) or set(mine) >= set(yours)


def _same_members(marker: Sorted) -> Compare:
    """Return the comparison of sets of values: what a member leaves unsaid agrees with all."""

    def compare(_a: Claim, mine: Any, _b: Claim, yours: Any) -> bool:
        left, right = ({marker.key(one): one for one in members} for members in (mine, yours))
        if not (left.keys() <= right.keys() or left.keys() >= right.keys()):
            return False
        return all(_agreeing_parts(left[key], right[key]) for key in left.keys() & right.keys())

    return compare


def _agreeing_parts(left: Any, right: Any) -> bool:
    pairs = ((getattr(left, name), getattr(right, name)) for name in left.__struct_fields__)
    return all(a is None or b is None or a == b for a, b in pairs)


def _same_value(_a: Claim, mine: Any, _b: Claim, yours: Any) -> bool:
    """Say whether values agree: amounts of two currencies, or of power and coins, always do."""
    if not isinstance(mine, Quantity):
        return bool(mine == yours)
    return measure_of(mine) != measure_of(yours) or compatible(mine, yours)


# Found by the annotations of a class when it is first met: as long as ten comparisons take.
_COMPARISONS: Interned[Any, dict[str, Compare]] = Interned(_compared)
