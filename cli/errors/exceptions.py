"""Turn an error of any room into an exit code and three lines.

Families become exit codes here and nowhere else. What was not foreseen is a fault of ours.
"""

import sys

from cli.errors.exit_codes import (
    CANNOT,
    INTEGRITY,
    INTERRUPTED,
    LOCKED,
    NOT_FOUND,
    PARTED,
    REFUSED,
    USAGE,
    CommandError,
    single_line,
)
from events import errors
from events.errors import ExplainedError

_EXIT_CODES: dict[type, int] = {
    errors.NotUnderstoodError: USAGE,
    errors.NotFoundError: NOT_FOUND,
    errors.TamperingError: INTEGRITY,
    errors.PartedError: PARTED,
    errors.NotRecordableError: REFUSED,
    errors.NotPossibleError: CANNOT,
    errors.StoppedError: INTERRUPTED,
}


def message_of(error: BaseException) -> CommandError | None:
    """Return the message for an error; None for one that was not foreseen."""
    if isinstance(error, CommandError):
        return error
    if isinstance(error, ExplainedError):
        code = next(_EXIT_CODES[cls] for cls in type(error).__mro__ if cls in _EXIT_CODES)
        return CommandError(code, error.what, error.why, error.then)
    if isinstance(error, KeyboardInterrupt):
        why = "a change is recorded whole or not at all: the log is intact"
        then = "depositary log -n 3, which shows the last events"
        return CommandError(INTERRUPTED, "interrupted", why, then)
    families = (_of_the_command, _of_the_machine, _of_a_fact, _of_a_room)
    return next((known for family in families if (known := family(error))), None)


def _of_the_command(error: BaseException) -> CommandError | None:
    if "typer" not in sys.modules:
        return None
    from cli.errors.usage import usage_error

    return usage_error(error)


def _of_the_machine(error: BaseException) -> CommandError | None:
    import sqlite3

    match error:
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            why = _with_notes(error, f"{where}{error.strerror or error}.")
            return CommandError(CANNOT, "cannot read or write", why, "check the path and disk")
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


def _of_a_fact(error: BaseException) -> CommandError | None:
    from domain.decisions.errors import Refusal

    # Asked for by name: who has not written has not loaded the library, and need not now.
    batch = sys.modules.get("domain.decisions.batch")
    if batch is not None and isinstance(error, batch.CommandRefusedError):
        from cli.errors.rejections import rejection

        return rejection(error)
    intake = sys.modules.get("events.intake.fact_file")
    if isinstance(error, Refusal) or (intake and isinstance(error, intake.KeptByLedgerError)):
        then = getattr(error, "hint", "") or "depositary check FILE"
        return CommandError(
            REFUSED, f"refused: {getattr(error, 'name', '')}", single_line(str(error)), then
        )
    return None


def _of_a_room(error: BaseException) -> CommandError | None:
    for kind, exit_code, what, then in _known():
        if isinstance(error, kind):
            return CommandError(exit_code, what, _with_notes(error, str(error)), then)
    return None


def _with_notes(error: BaseException, why: str) -> str:
    return single_line(" ".join([why, *getattr(error, "__notes__", ())]))


_AGAIN = "try again in a moment"

_Known = tuple[type[BaseException] | tuple[type[BaseException], ...], int, str, str]


def _known() -> tuple[_Known, ...]:
    from domain.claims.ranking import PolicyError
    from events.amounts import QuantityError
    from events.catalogue import UnknownTypeError
    from events.dates import DateError
    from events.envelope import EnvelopeError, EventTooLargeError, NotCanonicalError
    from events.identifiers import IdError
    from events.store import errors as store
    from events.text import TextError
    from events.validation import BodyError
    from projections.read_model.rows import AnswersDamagedError, NewerVersionError

    changed, newer = "the log was changed", "the ledger is newer"
    io, install = "cannot read or write", "install a newer depositary"
    unread = "the fact is not well formed"
    return (
        ((store.RecordDamagedError, EnvelopeError), INTEGRITY, changed, "compare it with a backup"),
        (store.LedgerLockedError, LOCKED, "the ledger is locked", _AGAIN),
        *_of_a_database(),
        (store.VersionConflictError, REFUSED, "other writers were faster each time", _AGAIN),
        (store.LedgerExistsError, CANNOT, "there is a ledger already", "depositary status"),
        ((store.NewerFormatError, NewerVersionError), CANNOT, newer, install),
        (store.NotALedgerError, CANNOT, "this is not a ledger", _RESTORE),
        (AnswersDamagedError, CANNOT, "the read model is damaged", "depositary replay"),
        (store.LogAheadError, CANNOT, "the log is ahead of this machine's clock", _ACCEPT),
        (store.CannotReadError, CANNOT, io, "check the folder and disk"),
        (store.CannotWriteError, CANNOT, io, _ROOM),
        (store.StoreError, CANNOT, "the ledger cannot be used", "depositary where"),
        (PolicyError, USAGE, "no such policy", "depositary help policies"),
        (DateError, USAGE, "a date is not understood", "depositary help dates"),
        (QuantityError, USAGE, "an amount is not understood", "depositary help amounts"),
        (IdError, USAGE, "not understood", "depositary find WORDS, which finds an id"),
        (TextError, USAGE, "not understood", "depositary --help"),
        (UnknownTypeError, REFUSED, "unknown type", "depositary schema"),
        ((BodyError, EventTooLargeError, NotCanonicalError), REFUSED, unread, _FILL_IN),
    )


def _of_a_database() -> tuple[_Known, ...]:
    from events.store import errors as store

    unknown, primary = "the database refuses the connection", "the database is a standby"
    return (
        (store.CrowdedError, CANNOT, "the database accepts no more connections", _SLOTS),
        (store.StartingError, CANNOT, "the database is starting", _AGAIN),
        (store.PromotingError, CANNOT, "no server accepts writes", _PROMOTE),
        (store.UnreachableError, CANNOT, "the database cannot be reached", _REACH),
        (store.NotAdmittedError, CANNOT, unknown, _PASSWORD),
        (store.NoPrivilegeError, CANNOT, "a privilege is missing", _PRIVILEGE),
        (store.StandbyError, CANNOT, primary, "name the primary, or all hosts and " + _PRIMARY),
        (store.DriverMissingError, CANNOT, "the driver of PostgreSQL is missing", _DRIVER),
    )


_SLOTS = "try again in a moment; max_connections of the server is the limit"
_PROMOTE = "promote a standby, or name the primary: depositary help ledgers"
_ROOM = "check folder and disk, then repeat the command: it records all or nothing"
_REACH = "check host and port (depositary where), and whether the server runs"
_PASSWORD = "give the password in PGPASSWORD or ~/.pgpass: depositary help ledgers"  # noqa: S105
_PRIVILEGE = "ask the owner of the schema for it: depositary help ledgers"
_PRIMARY = "target_session_attrs=read-write"
_DRIVER = "pip install 'depositary[postgres]', or in a checkout: pip install '.[postgres]'"
_ACCEPT = "depositary clock accept --by PARTY --reason TEXT, or set the machine's clock"
_RESTORE = "depositary restore --help, or depositary init for a new one"
_FILL_IN = "depositary template TYPE"
