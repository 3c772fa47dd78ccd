"""How many examples is a property tried on? A profile of Hypothesis says the effort."""

from hypothesis import settings


def examples(usual: int) -> int:
    """Return the number of examples: `usual` in `make test`, a fifth of it in `make quick`.

    `make test-long` tries ten times as many. The profiles stand in tests/conftest.py; a profile is
    chosen with `--hypothesis-profile` before a module with properties is read.
    """
    effort: int = settings().max_examples
    return max(1, usual * effort // 100)
