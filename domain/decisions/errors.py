"""The refusals: why a fact is not recorded.

One class is one rule: its docstring says how to satisfy it, its message brings the values, and
`name` is what findings call the same irregularity with `--as-reported`.
"""


class Refusal(Exception):
    """A fact is recorded only if no rule certainly forbids it."""

    name = "refused"
    hint = ""


class ContradictsItselfError(Refusal):
    """An asserter says one thing once: correct the earlier claim instead."""

    name = "contradicts-itself"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class KeyTakenError(Refusal):
    """A key is unique for a thing and asserter: choose another, or correct the earlier claim."""

    name = "key-taken"


class SaidTwiceError(Refusal):
    """What can happen again is said once in a file: two acts alike have a key each."""

    name = "said-twice"
    hint = "leave one out, or give each a key"


class RetractedBeforeError(Refusal):
    """A retracted claim is revived by retracting its retraction, not by repeating it."""

    name = "retracted-before"


class TargetError(Refusal):
    """A claim about a claim names an earlier event of the same thing, of a fitting type."""

    name = "no-such-target"


class UnknownReferenceError(Refusal):
    """A party or source that a fact names was recorded before: establish or cite it first."""

    name = "unknown-reference"

    def __init__(self, missing: str) -> None:
        super().__init__(f"{missing} is not in this ledger")
        self.missing = missing


class BatchTooLargeError(Refusal):
    """One append takes at most 10,000 facts: split the file."""

    name = "batch-too-large"

    def __init__(self, facts: int, most: int) -> None:
        super().__init__(f"{facts:,} facts, {most:,} are allowed in one append: split it")


class RuleError(Refusal):
    """A rule of the kind forbids the fact; the name says which."""

    def __init__(self, name: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.name, self.hint = name, hint


Findings = tuple[tuple[str, str], ...]
"""What a kind says of a new fact: names and sentences. It refuses nothing."""
