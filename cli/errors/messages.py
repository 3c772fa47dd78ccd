"""What does the counter say of an error, whichever room raised it?

Families become exit codes here and nowhere else. What nobody foresaw is a fault of ours.
"""

import sys

from cli.errors.exit_codes import (
    CANNOT,
    INTEGRITY,
    INTERRUPTED,
    LOCKED,
    REFUSED,
    USAGE,
    CounterError,
    one_line,
)


def told(error: BaseException) -> CounterError | None:
    """Return what the counter says of an error; None of one that nobody foresaw."""
    if isinstance(error, CounterError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return CounterError(
            INTERRUPTED,
            "interrupted",
            "nothing is recorded by halves: a change is in the record as a whole, or not at all",
            "depositary log -n 3, which shows what was recorded last",
        )
    families = (_of_the_command, _of_the_machine, _of_a_fact, _of_a_room)
    return next((known for family in families if (known := family(error))), None)


def _of_the_command(error: BaseException) -> CounterError | None:
    if "typer" not in sys.modules:
        return None
    from cli.errors.usage import misread

    return misread(error)


def _of_the_machine(error: BaseException) -> CounterError | None:
    import sqlite3

    match error:
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            why = f"{where}{error.strerror or error}"
            return CounterError(
                CANNOT, "cannot read or write", one_line(why), "check the path and disk"
            )
        case sqlite3.OperationalError() if "locked" in str(error):
            return CounterError(LOCKED, "the answers are locked", one_line(str(error)), _AGAIN)
        case sqlite3.Error():
            why, then = one_line(str(error)), "depositary replay, which makes them anew"
            return CounterError(CANNOT, "the answers cannot be used", why, then)
        case UnicodeDecodeError():
            why = f"this is no UTF-8 text: {error}"
            return CounterError(CANNOT, "cannot read", why, "check the file")
        case UnicodeEncodeError():
            why = f"this is no UTF-8 text: {error.object!a:.80}"
            return CounterError(USAGE, "not understood", why, "write it in UTF-8")
    return None


def _of_a_fact(error: BaseException) -> CounterError | None:
    from domain.decisions.errors import Refusal

    # Asked for by name: who has not written has not loaded the library, and need not now.
    ledger = sys.modules.get("domain.ledger")
    if ledger is not None and isinstance(error, ledger.CommandRefusedError):
        from cli.errors.rejections import told as told_of

        return told_of(error)
    if isinstance(error, Refusal):
        then = error.hint or "depositary check FILE"
        return CounterError(REFUSED, f"refused: {error.name}", one_line(str(error)), then)
    return None


def _of_a_room(error: BaseException) -> CounterError | None:
    for kind, exit_code, what, then in _known():
        if isinstance(error, kind):
            return CounterError(exit_code, what, one_line(str(error)), then)
    return None


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

    changed, newer = "the record was changed", "the ledger is newer"
    io, install = "cannot read or write", "install a newer depositary"
    unread = "the fact is not well formed"
    return (
        ((store.RecordDamagedError, EnvelopeError), INTEGRITY, changed, "compare it with a backup"),
        (store.LedgerLockedError, LOCKED, "the ledger is locked", _AGAIN),
        *_of_a_database(),
        (store.VersionConflictError, REFUSED, "others kept being faster", _AGAIN),
        (store.LedgerExistsError, CANNOT, "there is a ledger already", "depositary status"),
        ((store.NewerFormatError, NewerVersionError), CANNOT, newer, install),
        (store.NotALedgerError, CANNOT, "this is no ledger", _RESTORE),
        (AnswersDamagedError, CANNOT, "the answers are damaged", "depositary replay"),
        (store.ClockBehindError, CANNOT, "the clock is behind", "set the machine's clock"),
        ((store.CannotReadError, store.CannotWriteError), CANNOT, io, "check the folder and disk"),
        (store.StoreError, CANNOT, "the ledger cannot be used", "depositary where"),
        (PolicyError, USAGE, "no such policy", "depositary help policies"),
        (DateError, USAGE, "a date is not understood", "depositary help dates"),
        (QuantityError, USAGE, "an amount is not understood", "depositary help amounts"),
        ((IdError, TextError), USAGE, "not understood", "depositary --help"),
        (UnknownTypeError, REFUSED, "unknown type", "depositary schema"),
        ((BodyError, EventTooLargeError, NotCanonicalError), REFUSED, unread, _FILL_IN),
    )


def _of_a_database() -> tuple[_Known, ...]:
    from events.store import errors as store

    unknown, primary = "the database does not let you in", "the database is a standby"
    return (
        (store.UnreachableError, CANNOT, "the database is not reached", _REACH),
        (store.NotAdmittedError, CANNOT, unknown, _PASSWORD),
        (store.NoPrivilegeError, CANNOT, "a privilege is missing", _PRIVILEGE),
        (store.StandbyError, CANNOT, primary, "name the primary, or all hosts and " + _PRIMARY),
        (store.DriverMissingError, CANNOT, "the driver of PostgreSQL is missing", _DRIVER),
    )


_REACH = "check host and port (depositary where), and whether the server runs"
_PASSWORD = "give the password in PGPASSWORD or ~/.pgpass: depositary help ledgers"  # noqa: S105
_PRIVILEGE = "ask the owner of the schema for it: depositary help ledgers"
_PRIMARY = "target_session_attrs=read-write"
_DRIVER = "pip install 'depositary[postgres]'"
_RESTORE = "depositary restore --help, or depositary init for a new one"
_FILL_IN = "depositary template TYPE"
