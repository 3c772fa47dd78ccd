"""What does the library hear that asks a store for more than the record of events?

The same in SQLite and in PostgreSQL: no snapshots, no tables for other purposes, no places of
followers. What is read back is a notification, for each event has its position.
"""

from typing import Any, NoReturn

from eventsourcing.persistence import Notification

from events.store.errors import StoreError
from events.store.rows import Row


class RecordAlone:
    """The part of a factory that refuses everything but the recorder of the record."""

    def is_snapshotting_enabled(self) -> bool:
        """Say no: answers are kept beside the record, never in it."""
        return False

    def aggregate_recorder(self, purpose: str = "events") -> NoReturn:
        """Refuse: the record holds events, and nothing else."""
        raise StoreError(f"The record has no table for {purpose} apart.")

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> NoReturn:  # noqa: ARG002
        """Refuse: who follows the record keeps its place elsewhere."""
        raise StoreError("The record does not keep the place of who follows it.")

    def process_recorder(self) -> NoReturn:
        """Refuse: who follows the record keeps its place elsewhere."""
        raise StoreError("The record does not keep the place of who follows it.")


def notification(row: Row) -> Notification:
    """Return a row of the record as the library hands events on."""
    return Notification(
        originator_id=row.thing,
        originator_version=row.version,
        topic=row.topic,
        state=row.state,
        id=row.position,
    )
