"""Say whether a log lies ahead of the machine's clock (docs/spec/answers.md, 11).

A log lies ahead when its last event was recorded later than now: a clock was wrong, now or then.
"""

from datetime import datetime
from typing import NamedTuple

from events.envelope import open_envelope
from events.store.clock import ACCEPTED, follows_accepted, format_instant, is_ahead
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader

SELF = "ledger/self"


class LogAhead(NamedTuple):
    """The last event of a log that lies ahead, the time here, and what `accepted` it (None)."""

    position: int
    event: str
    recorded: str
    clock: str
    accepted: int | None


def log_ahead(record: RecordReader, now: datetime) -> LogAhead | None:
    """Return how a log lies ahead of the machine's clock; None where it does not."""
    last = record.event(record.last_position())
    if last is None or not is_ahead(last.time, now):
        return None
    accepted = None
    for row in _accepting(record, last.position):
        if follows_accepted((last.position, last.time), (row.position, row.time)):
            accepted = row.position
    name = f"{last.thing}/{last.version}"
    return LogAhead(last.position, name, last.time, format_instant(now), accepted)


def last_recorded_before(
    record: RecordReader, instant: str, found: int, now: datetime
) -> int | None:
    """Return the last position that was in the log by an instant, though it says it came later.

    `found` is the last position whose recorded time is not later. Known by what accepted a log that
    lay ahead, which names the machine's time then, and by the machine's time now. None: there is
    none behind `found`.
    """
    last = record.last_position()
    known = [
        row.position
        for row in _accepting(record, last)
        if str(open_envelope(row.state).data.get("clock")) <= instant
    ]
    if format_instant(now) <= instant:
        known.append(last)
    ahead = max(known, default=0)
    return ahead if ahead > found else None


def _accepting(record: RecordReader, until: int) -> list[Row]:
    return [row for row in record.rows(until=until, thing=SELF) if row.topic == ACCEPTED]
