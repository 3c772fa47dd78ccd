"""Errors that say what went wrong, why, and what to do next.

A family says of which kind the trouble is; the modules that meet it have classes of their own in
these families. What a caller makes of a family (an exit code, a page) is the caller's.
"""


class ExplainedError(Exception):
    """Three sentences: `what` went wrong, `why` and where, and what to do `then`."""

    def __init__(self, what: str, why: str, then: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why, self.then = what, why, then


class NotUnderstoodError(ExplainedError):
    """What was handed in, a name, a map or settings, is written as this program reads it."""


class NotFoundError(ExplainedError):
    """What is asked for is in the ledger."""


class NotRecordableError(ExplainedError):
    """A file of facts holds facts and nothing else."""


class TamperingError(ExplainedError):
    """What is kept is what was signed or published: anything else is evidence of a change."""


class PartedError(ExplainedError):
    """A ledger goes on from what was signed last: an older copy is behind, another way is a fork.

    Neither is evidence of a change: a backup that was restored is the one, and a copy that others
    appended to is the other.
    """


class NotPossibleError(ExplainedError):
    """What is needed is there, and can be read and written."""


class StoppedError(ExplainedError):
    """A long run was interrupted; what it had done is done."""
