"""Is a moment always written the same way?"""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.store.clock import (
    MAX_BEHIND,
    format_instant,
    normalize_instant,
    recording_time,
    utc_now,
)
from events.store.errors import LogAheadError

MOMENTS = st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


def test_a_moment_is_written_in_utc_with_six_digits() -> None:
    moment = datetime(2025, 7, 16, 14, 30, tzinfo=timezone(timedelta(hours=5)))
    assert format_instant(moment) == "2025-07-16T09:30:00.000000Z"
    assert utc_now().tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_moments_sort_as_their_texts_do(one: datetime, other: datetime) -> None:
    assert (one < other) == (format_instant(one) < format_instant(other))
    assert normalize_instant(format_instant(one)) == format_instant(one)


@given(MOMENTS, st.timedeltas(-timedelta(seconds=12), timedelta(seconds=12)))
def test_recording_never_goes_back_and_waits_five_seconds_at_most(
    last: datetime, ahead: timedelta
) -> None:
    if ahead < -MAX_BEHIND:
        with pytest.raises(LogAheadError, match="never run backwards"):
            recording_time(last + ahead, format_instant(last))
    else:
        assert recording_time(last + ahead, format_instant(last)) == format_instant(
            max(last, last + ahead)
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-07-16",
        "2025-07-16T09:30Z",
        "2025-07-16T09:30:00",
        "2025-07-16 09:30:00Z",
        "2025-07-16T09:30:00.Z",
        "2025-07-16T09:30:00.0000000Z",
        "2025-07-16T09:30:00+05:00",
        "2025-07-16T09:30:00Z\n",
        "२०२५-07-16T09:30:00Z",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a UTC instant"):
        normalize_instant(text)
