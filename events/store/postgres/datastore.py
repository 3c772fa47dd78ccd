"""The session of a process that writes to PostgreSQL: one, lent to one thread at a time.

A pool connects in threads of its own, and tells a wrong password as a timeout.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from eventsourcing.postgres import PostgresDatastore
from psycopg import Cursor
from psycopg.pq import TransactionStatus

from events.store.errors import LedgerLockedError, StandbyError, StoreError, UnreachableError
from events.store.location import Address
from events.store.postgres.errors import postgres_errors
from events.store.postgres.session import connect


class PostgresLedgerDatastore(PostgresDatastore):
    """An existing record, open for writing; raises an error of the store if it cannot be."""

    def __init__(self, where: Address, lock_wait_s: float) -> None:
        self.where, self.lock_wait_s = where, lock_wait_s
        self.schema, self.originator_id_type = where.schema, "text"
        self.lock_timeout, self.single_row_tracking, self.enable_db_functions = 0, True, False
        self.db_type_names = set()
        self._turn = Lock()
        self._closed = False
        # What is wrong with the address is said on opening, not on the first save.
        self._session = connect(where, "write", lock_wait_s)

    def register_type_adapters(self) -> None:
        """Do nothing: rows go as arrays of plain values."""

    @contextmanager
    def get_connection(self) -> Iterator[Any]:
        """Give the session within the wait, a new one where the last was lost.

        What fails in it is an error of the store.
        """
        if not self._turn.acquire(timeout=self.lock_wait_s):
            raise LedgerLockedError(f"{self.where} is locked: this process itself is writing.")
        try:
            if self._closed:
                raise StoreError(f"{self.where} has been closed.")
            if self._session.closed:
                self._session = connect(self.where, "write", self.lock_wait_s)
            session = self._session
            try:
                with postgres_errors(self.where, "write"):
                    yield session
            except (UnreachableError, StandbyError):
                session.close()
                raise
            finally:
                if self._is_closed() or session.info.transaction_status != TransactionStatus.IDLE:
                    session.close()
        finally:
            self._turn.release()

    def _is_closed(self) -> bool:
        """Say whether `close` was called, also by another thread while a session was given."""
        return self._closed

    @contextmanager
    def transaction(self, *, commit: bool = False) -> Iterator[Cursor[Any]]:
        """Give a cursor in a transaction: committed if asked for and all went well."""
        with self.get_connection() as session, session.transaction(force_rollback=not commit):
            yield session.cursor()

    def close(self) -> None:
        """Let go of the record."""
        self._closed = True
        if not self._turn.locked():  # who is at work lets go of it
            self._session.close()

    def __enter__(self) -> "PostgresLedgerDatastore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_session"):
            self.close()
