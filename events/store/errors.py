"""Errors of the store.

Each class is one cause, and its message a sentence with the place and the values. An error of the
library or the database never leaves the store unchanged.
"""


class StoreError(Exception):
    """The store could not do what was asked."""


class ReadingPreventedError(StoreError):
    """What prevents reading is no evidence of tampering."""


class LedgerLockedError(ReadingPreventedError):
    """Others held the write lock for longer than the limit; try again later."""


class VersionConflictError(StoreError):
    """Another writer has written this version of the thing: load it and decide again."""


class LogAheadError(StoreError):
    """A log that lies more than five seconds ahead of the machine's clock has to be accepted."""


class CannotReadError(ReadingPreventedError):
    """The log can be opened only where its file and its folder may be read."""


class CannotWriteError(StoreError):
    """Appending needs free space and the permission to write."""


class NotALedgerError(StoreError):
    """Only a whole file that this program made is opened as a ledger."""


class LedgerExistsError(StoreError):
    """A ledger is created only where there is none yet."""


class NewerFormatError(ReadingPreventedError):
    """A log written by a newer version of this program is read by that version."""


class RecordDamagedError(StoreError):
    """The log is not as it was written: evidence that it was changed."""


class UnreachableError(ReadingPreventedError):
    """No server answers at the address: check its host and port, and whether it runs."""


class StartingError(UnreachableError):
    """A server that is starting, or being promoted, is waited for; this one took too long."""


class CrowdedError(UnreachableError):
    """A server has a free connection for each who comes: max_connections, or a pool before it."""


class NotAdmittedError(ReadingPreventedError):
    """The server admits a user with the right password, over TLS where it requires it."""


class NoPrivilegeError(ReadingPreventedError):
    """The user needs a privilege that the owner of the ledger's schema grants."""


class StandbyError(CannotWriteError):
    """Writing, and building a tree, need the primary: a standby may be behind."""


class PromotingError(StandbyError):
    """A standby without a primary is waited for, as it may be promoted; this one was not."""


class DriverMissingError(StoreError):
    """A ledger in PostgreSQL needs the extra: pip install 'depositary[postgres]'."""
