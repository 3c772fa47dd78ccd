"""Name the exit codes, write the three lines of an error, and turn an exception into both.

What went wrong; where and why; what to run next. Families of exceptions become exit codes here and
nowhere else. 4 is evidence of tampering, and nothing else is; what was not foreseen is a fault of
ours.
"""

import os
from typing import Any, NoReturn

from cli.output.streams import json_text, write_error
from events.errors import ExplainedError
from events.hidden_text import visible, visible_json

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
            lines = {"what": self.what, "why": self.why, "next": self.then}
            found = {"error": {"exit": self.exit_code, **lines}}
            return visible_json(json_text(found))
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
    try:
        write_error(error.text(as_json=as_json), as_json=as_json)
    finally:
        os._exit(error.exit_code)


def single_line(text: str) -> str:
    """Return a text without line breaks, for the lines of an error are counted."""
    return " ".join(text.split())


_AGAIN = "try again in a moment"
_IO, _NEWER = "cannot read or write", "the ledger is newer"
_RAW = "the fact is not well formed"
_ROOM = "check folder and disk, then repeat the command: it records all or nothing"
_PRIMARY = "name the primary, or all hosts and target_session_attrs=read-write"
_DRIVER = "pip install 'depositary[postgres]', or in a checkout: pip install '.[postgres]'"
_TEMPLATE = "depositary template TYPE"

# The families of events/errors say for themselves what and why, and what to do then.
FAMILIES = {
    "NotUnderstoodError": USAGE,
    "NotFoundError": NOT_FOUND,
    "TamperingError": INTEGRITY,
    "PartedError": PARTED,
    "NotRecordableError": REFUSED,
    "NotPossibleError": CANNOT,
    "StoppedError": INTERRUPTED,
}
# Of the others the class says what it is: by its name, for whose module may not be loaded yet.
KNOWN = {
    "RecordDamagedError": (INTEGRITY, "the log was changed", "compare it with a backup"),
    "EnvelopeError": (INTEGRITY, "the log was changed", "compare it with a backup"),
    "LedgerLockedError": (LOCKED, "the ledger is locked", _AGAIN),
    "CrowdedError": (
        CANNOT,
        "the database accepts no more connections",
        f"{_AGAIN}; max_connections of the server is the limit",
    ),
    "StartingError": (CANNOT, "the database is starting", _AGAIN),
    "PromotingError": (
        CANNOT,
        "no server accepts writes",
        "promote a standby, or name the primary: depositary help ledgers",
    ),
    "UnreachableError": (
        CANNOT,
        "the database cannot be reached",
        "check host and port (depositary where), and whether the server runs",
    ),
    "NotAdmittedError": (
        CANNOT,
        "the database refuses the connection",
        "give the password in PGPASSWORD or ~/.pgpass: depositary help ledgers",
    ),
    "NoPrivilegeError": (
        CANNOT,
        "a privilege is missing",
        "ask the owner of the schema for it: depositary help ledgers",
    ),
    "StandbyError": (CANNOT, "the database is a standby", _PRIMARY),
    "DriverMissingError": (CANNOT, "the driver of PostgreSQL is missing", _DRIVER),
    "VersionConflictError": (REFUSED, "other writers were faster each time", _AGAIN),
    "LedgerExistsError": (CANNOT, "there is a ledger already", "depositary status"),
    "NewerFormatError": (CANNOT, _NEWER, "install a newer depositary"),
    "NewerVersionError": (CANNOT, _NEWER, "install a newer depositary"),
    "NotALedgerError": (
        CANNOT,
        "this is not a ledger",
        "depositary restore --help, or depositary init for a new one",
    ),
    "AnswersDamagedError": (CANNOT, "the read model is damaged", "depositary replay"),
    "LogAheadError": (
        CANNOT,
        "the log is ahead of this machine's clock",
        "depositary clock accept --by PARTY --reason TEXT, or set the machine's clock",
    ),
    "CannotReadError": (CANNOT, _IO, "check the folder and disk"),
    "CannotWriteError": (CANNOT, _IO, _ROOM),
    "StoreError": (CANNOT, "the ledger cannot be used", "depositary where"),
    "PolicyError": (USAGE, "no such policy", "depositary help policies"),
    "DateError": (USAGE, "a date is not understood", "depositary help dates"),
    "QuantityError": (USAGE, "an amount is not understood", "depositary help amounts"),
    "IdError": (USAGE, "not understood", "depositary find WORDS, which finds an id"),
    "TextError": (USAGE, "not understood", "depositary --help"),
    "UnknownTypeError": (REFUSED, "unknown type", "depositary schema"),
    "BodyError": (REFUSED, _RAW, _TEMPLATE),
    "EventTooLargeError": (REFUSED, _RAW, _TEMPLATE),
    "NotCanonicalError": (REFUSED, _RAW, _TEMPLATE),
}


def message_of(error: BaseException) -> CommandError | None:
    """Return the message for an error; None for one that was not foreseen."""
    if isinstance(error, CommandError):
        return error
    classes = [one.__name__ for one in type(error).__mro__]
    if isinstance(error, ExplainedError):
        code = next(FAMILIES[name] for name in classes if name in FAMILIES)
        return CommandError(code, error.what, error.why, error.then)
    if isinstance(error, KeyboardInterrupt):
        why = "a change is recorded whole or not at all: the log is intact"
        then = "depositary log -n 3, which shows the last events"
        return CommandError(INTERRUPTED, "interrupted", why, then)
    if {"Abort", "ClickException"} & set(classes):
        from cli.errors.usage import usage_error  # after a mistake alone: difflib and its words

        return usage_error(error)
    if {"Refusal", "KeptByLedgerError", "CommandRefusedError"} & set(classes):
        return _of_a_fact(error)
    if found := next((KNOWN[name] for name in classes if name in KNOWN), None):
        code, what, then = found
        return CommandError(code, what, _with_notes(error, str(error)), then)
    return _of_the_machine(error)


def _of_a_fact(error: Any) -> CommandError:
    if type(error).__name__ == "CommandRefusedError":
        from cli.errors.rejections import rejection  # where facts are written alone

        return rejection(error)
    what, then = f"refused: {error.name}", getattr(error, "hint", "")
    return CommandError(REFUSED, what, single_line(str(error)), then or "depositary check FILE")


def _of_the_machine(error: BaseException) -> CommandError | None:
    import sqlite3

    match error:
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            why = _with_notes(error, f"{where}{error.strerror or error}.")
            return CommandError(CANNOT, _IO, why, "check the path and disk")
        case sqlite3.OperationalError() if "locked" in str(error):
            return CommandError(LOCKED, "the read model is locked", single_line(str(error)), _AGAIN)
        case sqlite3.Error():
            why, then = single_line(str(error)), "depositary replay, which rebuilds it"
            return CommandError(CANNOT, "the read model cannot be used", why, then)
        case UnicodeDecodeError():
            why = f"this is not UTF-8 text: {error}"
            return CommandError(CANNOT, "cannot read", why, "check the file")
        case UnicodeEncodeError():
            why = f"this is not UTF-8 text: {error.object!a:.80}"
            return CommandError(USAGE, "not understood", why, "write it in UTF-8")
    return None


def _with_notes(error: BaseException, why: str) -> str:
    return single_line(" ".join([why, *getattr(error, "__notes__", ())]))
