"""Say how many claims the clocks excluded from an answer."""

from domain.claims.publication import NONE_EXCLUDED, Excluded

__all__ = ["NONE_EXCLUDED", "Excluded", "excluded_document"]


def excluded_document(excluded: Excluded) -> dict[str, int]:
    """Return how many claims were excluded: publication date unknown, and perhaps public by P."""
    return {"unknown": excluded.unknown, "perhaps": excluded.perhaps}
