"""Notify followers of appended events.

In SQLite a follower polls often, which costs next to nothing; in PostgreSQL it uses LISTEN. A
notification can be lost, for one with its connection, so every wait has a limit.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from events.store.location import Address
from events.store.sqlite.reader import RecordReader

if TYPE_CHECKING:
    from events.store.postgres.session import Session

POLL_S = 0.1


class AppendWatch(Protocol):
    """What a follower waits on for new events."""

    def wait(self, at_most_s: float) -> bool:
        """Return when events may have been appended, or after so many seconds; say which."""
        ...


@contextmanager
def watch_appends(record: RecordReader) -> Iterator[AppendWatch]:
    """Give a watch for events appended from now on; read the last position inside."""
    if isinstance(record.where, Path):
        yield _PollingWatch(record)
        return
    from events.store.postgres.session import connect

    session = connect(record.where, "read")
    try:
        yield _ListeningWatch(session, record.where)
    finally:
        session.close()


class _PollingWatch:
    def __init__(self, record: RecordReader) -> None:
        self._record, self._seen = record, record.data_version()

    def wait(self, at_most_s: float) -> bool:
        until = time.monotonic() + at_most_s
        while (found := self._record.data_version()) == self._seen:
            if time.monotonic() >= until:
                return False
            time.sleep(min(POLL_S, at_most_s))
        self._seen = found
        return True


class _ListeningWatch:
    def __init__(self, session: "Session", where: Address) -> None:
        from events.store.postgres.errors import postgres_errors

        self._session, self._where = session, where
        with postgres_errors(where, "read"):
            self._session.execute(f'LISTEN "{where.channel}"'.encode())

    def wait(self, at_most_s: float) -> bool:
        from events.store.postgres.errors import postgres_errors

        with postgres_errors(self._where, "read"):
            found = list(self._session.notifies(timeout=at_most_s, stop_after=1))
            # Further waiting notifications are taken too: one read answers all of them.
            found += self._session.notifies(timeout=0)
        return bool(found)
