"""How many examples is a property tried on? A profile of Hypothesis says the effort."""

from hypothesis import settings


def examples(usual: int) -> int:
    """Return the number of examples: half of `usual` in `make test`, a fifth in `make quick`.

    `make test-long` tries ten times `usual`. Each run tries others, so what half of them miss today
    the next run may find. The profiles stand in tests/conftest.py; a profile is chosen with
    `--hypothesis-profile` before a module with properties is read.
    """
    effort: int = settings().max_examples
    return max(1, usual * effort // 100)
