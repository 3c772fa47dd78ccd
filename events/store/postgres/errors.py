"""Translate errors of PostgreSQL into errors of the store.

Once connected, a server names an error by a code (SQLSTATE); before, by a text only. A password is
in neither: it goes from its file or the environment straight to libpq.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import psycopg

from events.store.errors import (
    CannotReadError,
    CannotWriteError,
    CrowdedError,
    LedgerLockedError,
    NoPrivilegeError,
    NotAdmittedError,
    NotALedgerError,
    PromotingError,
    StandbyError,
    StartingError,
    StoreError,
    UnreachableError,
    VersionConflictError,
)
from events.store.location import Address

Doing = Literal["read", "write"]

_LOCKED = LedgerLockedError, "{where} is locked: others are writing to it."
_CROWDED = CrowdedError, "{where} takes no more connections now: {text}."
_STARTING = StartingError, "The server at {where} does not take anyone yet: {text}."
_STARTS = ("starting up", "not yet accepting connections", "in recovery mode")
_STANDBY = StandbyError, "{where} is read-only: a standby, or open for reading alone."
_LOST = UnreachableError, "The connection to {where} was lost: {text}."
_NO_RECORD = NotALedgerError, "There is no event log at {where}."
_OTHER = NotALedgerError, "{where} has no tables as depositary makes them: {text}."
_Cause = tuple[type[StoreError], str]

_CODES: dict[str, _Cause] = {
    "55P03": _LOCKED,
    "40P01": _LOCKED,
    "40001": _LOCKED,
    "53300": _CROWDED,
    "57014": (StoreError, "{where} took too long: {text}."),
    "23505": (VersionConflictError, "A version was written twice to {where}."),
    "42501": (NoPrivilegeError, "This user may not do that at {where}: {text}."),
    "25006": _STANDBY,
    "3F000": _NO_RECORD,
    "42P01": _NO_RECORD,
    "42703": _OTHER,
    "42883": _OTHER,
    "53100": (CannotWriteError, "Cannot write {where}: there is no room left."),
    "25P03": _LOST,
    "57P01": _LOST,
    "57P02": _LOST,
    "57P03": _LOST,
    "57P05": _LOST,
}

# Messages of a server that refuses a user, or of libpq when it finds no server.
_REFUSALS: tuple[tuple[str, _Cause], ...] = (
    ("too many connections for", _CROWDED),  # a role, or a database
    ("password authentication failed", (NotAdmittedError, "{where} refuses the password.")),
    ("no password supplied", (NotAdmittedError, "{where} wants a password, and none is given.")),
    ("no encryption", (NotAdmittedError, "{where} refuses this connection without TLS: {text}.")),
    ("SSL off", (NotAdmittedError, "{where} refuses this connection without TLS: {text}.")),
    ("does not support SSL", (NotAdmittedError, "{where} has no TLS, which the address wants.")),
    ("SSL error", (NotAdmittedError, "{where} and this machine found no TLS in common: {text}.")),
    ("certificate", (NotAdmittedError, "{where} has no certificate that is trusted: {text}.")),
    ("pg_hba.conf", (NotAdmittedError, "{where} does not admit this user from here: {text}.")),
    ("authentication failed", (NotAdmittedError, "{where} does not admit this user: {text}.")),
    ("permission denied for database", (NoPrivilegeError, "{where} is not for this user: {text}.")),
    ('role "', (NotAdmittedError, "{where} does not know this user: {text}.")),
    ('database "', (NotALedgerError, "There is no such database at {where}: {text}.")),
    ("session is read-only", (PromotingError, "No server at {where} takes what is written now.")),
    *((said, _STARTING) for said in _STARTS),
    ("too many clients", _CROWDED),
    ("connection slots", _CROWDED),
    (
        "invalid connection option",
        (StoreError, "The address says what libpq does not know: {text}."),
    ),
    (' value: "', (StoreError, "The address says what libpq does not take: {text}.")),
    ("invalid integer value", (StoreError, "The address says what libpq does not take: {text}.")),
)


@contextmanager
def postgres_errors(where: Address, doing: Doing) -> Iterator[None]:
    """Translate what psycopg raises on an open connection into an error of the store."""
    try:
        yield
    except psycopg.Error as error:
        raise _translated(error, where, doing) from error


@contextmanager
def connection_errors(where: Address) -> Iterator[None]:
    """Translate what psycopg raises while connecting into an error of the store."""
    try:
        yield
    except (psycopg.Error, UnicodeError, OSError) as error:
        said = str(error)
        known = (cause for part, cause in _REFUSALS if part in said)
        cause, sentence = next(known, (UnreachableError, "No server at {where}: {text}."))
        # Without its cause: the cause holds the connection, and so the password.
        raise cause(sentence.format(where=where, text=_last_words(said))) from None


def _translated(error: psycopg.Error, where: Address, doing: Doing) -> StoreError:
    code, text = error.sqlstate, _words(error.diag.message_primary or str(error))
    if code is None and isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        code = "57P01"  # libpq itself reports that the server no longer answers
    if code is not None and code.startswith("08"):
        code = "57P01"
    cannot = CannotReadError if doing == "read" else CannotWriteError
    cause, sentence = _CODES.get(code or "", (cannot, f"Cannot {doing} {{where}}: {{text}}."))
    return cause(sentence.format(where=where, text=text))


def _words(said: str) -> str:
    return " ".join(said.split()).rstrip(".")


def _last_words(said: str) -> str:
    """Return the message of the last server tried, without its name."""
    line = next((line for line in said.splitlines() if line.strip()), said)
    return _words(line.rpartition("failed: ")[2].removeprefix("FATAL: "))
