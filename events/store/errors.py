"""What can go wrong between the ledger and the place where it is written?

Each class is one cause, and its message a sentence with the place and the values. Nothing that the
library or the database raises passes the store as it is.
"""


class StoreError(Exception):
    """The store could not do what it was asked to do."""


class LedgerLockedError(StoreError):
    """Others held the write lock for as long as this one may wait; try again later."""


class VersionConflictError(StoreError):
    """Another has written this version of the thing: load it again, and decide again."""


class ClockBehindError(StoreError):
    """The clock may be at most five seconds behind the record: set the machine's clock."""


class CannotReadError(StoreError):
    """The record can be opened only where its file and its folder may be read."""


class CannotWriteError(StoreError):
    """The record grows only where there is room, and leave to write."""


class NotALedgerError(StoreError):
    """Only a whole file that this program made is opened as a record."""


class LedgerExistsError(StoreError):
    """A record is made where there is none yet."""


class NewerFormatError(StoreError):
    """A record written by a newer version of this program is read by that version."""


class RecordDamagedError(StoreError):
    """What the record holds is not as it was written: evidence that somebody changed it."""


class UnreachableError(StoreError):
    """A server answers at the address: look at its host and port, and whether it runs."""


class NotAdmittedError(StoreError):
    """The server admits the user: with the right password, over TLS where it wants so."""


class NoPrivilegeError(StoreError):
    """The user may do what was asked: the owner of the ledger's schema grants it."""


class StandbyError(CannotWriteError):
    """What writes, or builds a tree, asks the primary: a standby follows, and may be behind."""


class DriverMissingError(StoreError):
    """A ledger in PostgreSQL needs the extra: pip install 'depositary[postgres]'."""
