"""Give each event its recording time (docs/spec/answers.md, 11).

Recorded times never run backwards: an event is recorded now, or at the time of the last one where
the clock is a little behind it. A log that lies further ahead of the machine's clock has to be
accepted once; from then on each transaction comes the smallest step after the one before it, until
the clock has caught up.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from events.envelope import open_envelope
from events.identifiers import SELF
from events.store.errors import LogAheadError

if TYPE_CHECKING:
    from events.store.rows import Row
    from events.store.sqlite.reader import RecordReader

Clock = Callable[[], datetime]  # returns an aware moment in UTC

MAX_BEHIND = timedelta(seconds=5)
STEP = timedelta(microseconds=1)
ACCEPTED = "ledger.clock-accepted.v1"  # the topic of what accepts a log as it is

_LATEST = datetime.max.replace(tzinfo=UTC)
_instant = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?Z"
)


def utc_now() -> datetime:
    """Return the machine's time in UTC, to the microsecond."""
    return datetime.now(UTC)


def format_instant(moment: datetime) -> str:
    """Return an aware moment as the log writes it: `2025-07-16T09:30:00.000000Z`."""
    assert moment.tzinfo is not None, "a moment without a zone is none"
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


def normalize_instant(text: str) -> str:
    """Return a UTC instant with six digits of its fraction; raise ValueError for other text."""
    match = _instant.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a UTC instant such as 2025-07-16T09:30:00Z.")
    return f"{match[1]}.{(match[2] or '').ljust(6, '0')}Z"


def recording_time(now: datetime, last: str | None, name: str = "the last event") -> str:
    """Return the time for what is recorded after `last`; raise LogAheadError if that is ahead."""
    time = format_instant(now)
    if last is None or time >= last:
        return time
    if is_ahead(last, now):
        raise LogAheadError(
            f"{name} was recorded at {last}, and this machine's clock says {time}: "
            "recorded times never run backwards"
        )
    return last


def is_ahead(last: str, now: datetime) -> bool:
    """Say whether an event was recorded later than now, by more than clocks differ (5 seconds)."""
    return format_instant(min(now, _LATEST - MAX_BEHIND) + MAX_BEHIND) < last


def next_step(last: str) -> datetime:
    """Return the moment that is the smallest step after a recorded time."""
    moment = datetime.fromisoformat(last)
    if moment == _LATEST:
        raise LogAheadError(f"the last event was recorded at {last}, the latest of all times")
    return moment + STEP


def follows_accepted(last: tuple[int, str], accepted: tuple[int, str]) -> bool:
    """Say whether a log was accepted, and ran ahead no further since; each a position and a time.

    Since then each transaction, of one event at least, may have come a step after the one before.
    """
    (position, time), (at, accepted_at) = last, accepted
    steps = datetime.fromisoformat(time) - datetime.fromisoformat(accepted_at)
    return steps <= (position - at) * STEP


class LogAhead(NamedTuple):
    """The last event of a log that lies ahead, the time here, and what `accepted` it (None)."""

    position: int
    event: str
    recorded: str
    clock: str
    accepted: int | None


def log_ahead(record: "RecordReader", now: datetime) -> LogAhead | None:
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
    record: "RecordReader", instant: str, found: int, now: datetime
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


def _accepting(record: "RecordReader", until: int) -> "list[Row]":
    return [row for row in record.rows(until=until, thing=SELF) if row.topic == ACCEPTED]
