"""Select the claims that the policy picked for the values that a page shows."""

from collections.abc import Iterator
from typing import Any

from domain.claims.claim import Claim
from domain.claims.resolution import Resolution, ResolvedOccurrence, ResolvedSeries


def occurrences(view: Resolution, *types: str) -> Iterator[ResolvedOccurrence]:
    """Yield the occurrences of these types whose day has come, or may have."""
    for found in view.occurrences:
        if found.holds != "no" and found.ranked[0][0].type in types:
            yield found


def descriptions(view: Resolution) -> dict[str, ResolvedOccurrence]:
    """Return what describes an agreement, by field; absent is what no claim speaks of yet."""
    found: dict[str, ResolvedOccurrence] = {}
    for one in view.occurrences:
        if one.field and one.holds != "no":  # a description alone is named by a field
            found.setdefault(one.field, one)
    return found


def described_value(told: dict[str, ResolvedOccurrence], field: str) -> Any:
    """Return what a description says under the policy, None where it gives no value."""
    found = told.get(field)
    return getattr(found.pick[0].body, field) if found and found.pick else None


def described_status(told: dict[str, ResolvedOccurrence], field: str) -> str | None:
    """Return how far a described field is settled."""
    found = told.get(field)
    return found.status if found else None


def reported(view: Resolution) -> ResolvedSeries | None:
    """Return the series of reported holdings whose pick is the newest, whatever its scope."""
    return newest(view, "reserve.holding-reported")


def newest(view: Resolution, type_: str) -> ResolvedSeries | None:
    """Return the series of a type whose pick is the newest; None where nothing is picked."""
    return min((m for m in view.series if m.type == type_ and m.pick), key=_newness, default=None)


def _newness(series: ResolvedSeries) -> tuple[int, int, int]:
    assert isinstance(series.pick, Claim)
    return series.pick.recency_key
