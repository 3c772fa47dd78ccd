"""Say how many claims the clocks excluded from an answer."""


def excluded_document(unknown: int) -> dict[str, int]:
    """Return how many claims were excluded: publication date unknown, and perhaps public by P.

    `perhaps` is 0 while a claim whose publication is known by bounds is public or not.
    """
    return {"unknown": unknown, "perhaps": 0}
