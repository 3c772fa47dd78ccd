"""Name the exit codes, and write the three lines of an error.

What went wrong; where and why; what to run next. What other rooms raise becomes one of these in
cli/errors/exceptions.py. 4 is evidence of tampering, and nothing else is.
"""

from typing import NoReturn

DONE, NO, USAGE, NOT_FOUND, INTEGRITY, REFUSED, LOCKED, CANNOT, PARTED = range(9)
HUNG_UP, INTERRUPTED, CLOSED_PIPE, TERMINATED = 129, 130, 141, 143

EXIT_CODES = {
    DONE: "done",
    NO: "the answer is no: findings, differences, changes since a mark",
    USAGE: "the command was not understood",
    NOT_FOUND: "not found, or the ledger did not exist at that time",
    INTEGRITY: "integrity failure: evidence that something was changed; nothing else is 4",
    REFUSED: "append refused: a rule, the schema, a duplicate key, a stale version",
    LOCKED: "the ledger is locked by another writer",
    CANNOT: "cannot read, write or decide, or there is no ledger",
    PARTED: "behind or forked: an older copy of what was signed, or another log",
    HUNG_UP: "the terminal was closed (SIGHUP); as interrupted",
    INTERRUPTED: "interrupted: a change is recorded whole or not at all",
    CLOSED_PIPE: "the reader of the output closed it, and nothing else went wrong",
    TERMINATED: "terminated (SIGTERM); as interrupted",
}
_settled = DONE


def settle(code: int) -> None:
    """Say how the command ends, before it prints why: the code stays if that cannot be written."""
    global _settled  # noqa: PLW0603 - of the one command that a process runs
    _settled = code


def settled() -> int:
    """Return how the command ends as far as that is settled, DONE before."""
    return _settled


class CommandError(Exception):
    """How a command ends that went wrong: an exit code and three lines."""

    def __init__(self, exit_code: int, what: str, why: str, then: str) -> None:
        super().__init__(what)
        self.exit_code, self.what, self.why, self.then = exit_code, what, why, then

    def text(self, *, as_json: bool) -> str:
        """Return the three lines, or one JSON object."""
        if as_json:
            import json

            lines = {"what": self.what, "why": self.why, "next": self.then}
            from events.hidden_text import visible_json

            found = {"error": {"exit": self.exit_code, **lines}}
            return visible_json(json.dumps(found, ensure_ascii=False))
        from events.hidden_text import visible

        # A line break in a name must not look like a line of ours; a caret stands below a line.
        keep = "\n" if self.why.rpartition("\n")[2].strip() == "^" else ""
        same = "the same command with " if self.then.startswith("-") else ""
        what, why, then = visible(self.what), visible(self.why, keep), visible(self.then)
        then = f"{same}{then}"
        return f"error: {what}\n  {why}\n  next: {then}"


def usage_failure(what: str, why: str, then: str) -> NoReturn:
    """Say that the command was not understood (exit code 2)."""
    raise CommandError(USAGE, what, why, then)


def not_found(what: str, why: str, then: str) -> NoReturn:
    """Say that it does not exist, or did not at that time (exit code 3)."""
    raise CommandError(NOT_FOUND, what, why, then)


def cannot(what: str, why: str, then: str) -> NoReturn:
    """Say that something cannot be read, written or decided (exit code 7)."""
    raise CommandError(CANNOT, what, why, then)


def end_now(error: CommandError, *, as_json: bool) -> NoReturn:
    """End the process with the three lines of an error, from any thread in any state."""
    import os

    from cli.output.streams import write_error

    try:
        write_error(error.text(as_json=as_json), as_json=as_json)
    finally:
        os._exit(error.exit_code)


def single_line(text: str) -> str:
    """Return a text without line breaks, for the lines of an error are counted."""
    return " ".join(text.split())
