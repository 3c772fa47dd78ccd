"""The library's recorder over the record in PostgreSQL.

Its own classes, with what the record needs and they lack: a dense position in the order of commits,
the time completed under the lock, a commit whose reply was lost told from a conflict, errors as
sentences, and no table but ours.
"""

from collections.abc import Sequence
from typing import Any, cast

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.postgres import (
    PostgresApplicationRecorder,
    PostgresFactory,
    PostgresSubscription,
)
from eventsourcing.utils import Environment, EnvType, strtobool

from events.store import shared_recorder
from events.store.clock import Clock, utc_now
from events.store.errors import StoreError, UnreachableError
from events.store.location import Address
from events.store.numbering import Complete
from events.store.postgres.append import PostgresAppend, retry_lost_session
from events.store.postgres.datastore import PostgresLedgerDatastore
from events.store.postgres.errors import postgres_errors
from events.store.postgres.session import connect
from events.store.sqlite.connection import LOCK_WAIT_S

_LOOK_S, _LOOKS = 0.1, 50  # a follower looks by itself every five seconds


def postgres_environment(where: Address) -> dict[str, str]:
    """Return all settings that the library is to know, for an existing record.

    An application overrides `construct_env` to use these alone: no variable of the shell reaches
    it. Where PostgreSQL is, and who asks, libpq knows.
    """
    return {
        "PERSISTENCE_MODULE": f"{__name__}:{PostgresRecorderFactory.__name__}",
        "POSTGRES_ADDRESS": str(where),
        "ORIGINATOR_ID_TYPE": "text",
        "IS_SNAPSHOTTING_ENABLED": "no",
        "CREATE_TABLE": "no",
    }


class PostgresLedgerRecorder(shared_recorder.LedgerRecorder, PostgresApplicationRecorder):
    """Appends events to the record, and reads them in order."""

    datastore: PostgresLedgerDatastore
    mark = "%s"

    def __init__(self, datastore: PostgresLedgerDatastore, clock: Clock = utc_now) -> None:
        super().__init__(datastore)
        self.channel_name = datastore.where.channel  # what a subscription listens to
        self._clock = clock

    def create_table(self) -> None:
        """Do nothing: `create` makes the record, and nothing else makes a table in it."""

    def _append(self, complete: Complete) -> Sequence[int]:
        """Append; where the connection is lost, connect anew for as long as one waits for a lock.

        What was sent before is looked for first: its commit may have succeeded.
        """
        appending = PostgresAppend(self.datastore.where, complete, self._clock)
        try:
            return retry_lost_session(self.datastore, appending.append)
        except UnreachableError as error:
            if not appending.sent:
                raise
            may_be = "What was sent may be recorded: the same append again says whether it is."
            raise UnreachableError(f"{error} {may_be}") from error

    def max_notification_id(self) -> int | None:
        """Return the last position; None before there is any."""
        sql = "SELECT max(position) FROM stored_events"
        found = retry_lost_session(self.datastore, lambda session: session.execute(sql).fetchone())
        return found[0] if found else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "LedgerSubscription":
        """Follow the record from after a position."""
        return LedgerSubscription(self, gt, topics)

    def _fetched(self, sql: str, values: list[Any]) -> list[Any]:
        def fetched(session: Any) -> list[Any]:
            with session.cursor(binary=True) as cursor:
                found: list[Any] = cursor.execute(sql, values).fetchall()
                return found

        return retry_lost_session(self.datastore, fetched)


class LedgerSubscription(PostgresSubscription):
    """Follows what is appended: told of it, and looking by itself now and then.

    The library's waits for ever for what was appended while it was not listening yet.
    """

    def _listen(self) -> None:
        try:
            where = cast("PostgresLedgerRecorder", self._recorder).datastore.where
            with connect(where, "read") as session, postgres_errors(where, "read"):
                session.execute(f"LISTEN {self._recorder.channel_name}")
                while not self._has_been_stopped:
                    self._has_been_notified.set()
                    for _ in range(_LOOKS):  # so often whether it is to stop
                        told = list(session.notifies(timeout=_LOOK_S, stop_after=1))
                        if told or self._has_been_stopped:
                            break
        except BaseException as error:
            self._thread_error = self._thread_error or error
            self.stop()


class PostgresRecorderFactory(shared_recorder.RecordOnlyFactory, PostgresFactory):
    """Makes what an application needs, over an existing record; see `environment`.

    No setting reaches the clock: it is an argument, and so is how long a writer waits (seconds).
    """

    def __init__(
        self,
        env: Environment | EnvType | None,
        *,
        clock: Clock = utc_now,
        lock_wait_s: float = LOCK_WAIT_S,
    ) -> None:
        # Not PostgresFactory's: it would read the settings for a datastore of its own kind.
        InfrastructureFactory.__init__(self, env)
        if strtobool(self.env.get(self.POSTGRES_ENABLE_DB_FUNCTIONS) or "no"):
            raise StoreError(
                "The library's functions in the database know neither lock nor position:"
                f" {self.POSTGRES_ENABLE_DB_FUNCTIONS} is refused."
            )
        self._clock = clock
        self.datastore = PostgresLedgerDatastore(
            Address.parse(self.env["POSTGRES_ADDRESS"]), lock_wait_s
        )

    def application_recorder(self) -> PostgresLedgerRecorder:
        """Return the recorder of the record."""
        assert isinstance(self.datastore, PostgresLedgerDatastore)
        return PostgresLedgerRecorder(self.datastore, self._clock)
