"""Give each event its recording time.

Recorded times never run backwards: an event is recorded now, or at the time of the last one.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from events.store.errors import ClockBehindError

Clock = Callable[[], datetime]  # returns an aware moment in UTC

MAX_BEHIND = timedelta(seconds=5)

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
        raise ValueError(f"'{text}' is no UTC instant such as 2025-07-16T09:30:00Z.")
    return f"{match[1]}.{(match[2] or '').ljust(6, '0')}Z"


def recording_time(now: datetime, last: str | None) -> str:
    """Return the time for what is recorded now, after an event recorded at `last`.

    Raises ClockBehindError when `now` is more than five seconds before `last`.
    """
    time = format_instant(now)
    if last is None or time >= last:
        return time
    if format_instant(now + MAX_BEHIND) < last:
        raise ClockBehindError(
            f"The clock says {time}, but the last event was recorded at {last}: "
            "it must not be more than 5 seconds behind."
        )
    return last
