"""When has a record grown?

Who follows it waits here: in SQLite by looking often, which costs next to nothing; in PostgreSQL by
LISTEN. A notification can be lost, with a connection for one, so that no wait is for ever.
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

LOOK_S = 0.1


class AppendWatch(Protocol):
    """What tells a follower that it may have work."""

    def wait(self, at_most_s: float) -> bool:
        """Return when somebody may have appended, or after so many seconds; say which."""
        ...


@contextmanager
def watch_appends(record: RecordReader) -> Iterator[AppendWatch]:
    """Give what tells when a record grew after this; ask where it stands once inside."""
    if isinstance(record.where, Path):
        yield _Looking(record)
        return
    from events.store.postgres.session import connect

    session = connect(record.where, "read")
    try:
        yield _Listening(session, record.where)
    finally:
        session.close()


class _Looking:
    def __init__(self, record: RecordReader) -> None:
        self._record, self._seen = record, record.data_version()

    def wait(self, at_most_s: float) -> bool:
        until = time.monotonic() + at_most_s
        while (found := self._record.data_version()) == self._seen:
            if time.monotonic() >= until:
                return False
            time.sleep(min(LOOK_S, at_most_s))
        self._seen = found
        return True


class _Listening:
    def __init__(self, session: "Session", where: Address) -> None:
        from events.store.postgres.errors import postgres_errors

        self._session, self._where = session, where
        with postgres_errors(where, "read"):
            self._session.execute(f'LISTEN "{where.channel}"'.encode())

    def wait(self, at_most_s: float) -> bool:
        from events.store.postgres.errors import postgres_errors

        with postgres_errors(self._where, "read"):
            found = list(self._session.notifies(timeout=at_most_s, stop_after=1))
            # What is waiting beside the first is of the same news: one look answers all.
            found += self._session.notifies(timeout=0)
        return bool(found)
