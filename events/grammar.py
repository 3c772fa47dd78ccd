"""How does a word stand in a sentence: behind `a` or `an`, one or several?"""


def an(word: str) -> str:
    """Return a word behind its article: `an agreement`, `a party`."""
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def counted(n: int, one: str, many: str | None = None) -> str:
    """Return how many there are, in words: `1 party`, `2 parties`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
