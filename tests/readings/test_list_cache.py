"""The cached rows of a list hold from the day on which no date of theirs can change them."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.claims.claim import Clocks
from events.body import RECORDER
from events.kinds.reserve import Announced
from projections.read_model.database import ReadModel
from tests.readings.served import Fact, Record, a_record

ANNOUNCED = date(2025, 7, 16)
SETTLED = ANNOUNCED + timedelta(days=2)  # wherever on earth it was that day


@pytest.fixture
def record() -> Iterator[Record]:
    """Give a record in which a reserve was announced on a day."""
    said = Announced(
        asserted_by=RECORDER, basis="recorder", effective=ANNOUNCED.isoformat(), label="a reserve"
    )
    with a_record(date(2026, 1, 1)) as made:
        made.add([Fact("reserve/x", "reserve.announced", said)])
        yield made


def held(answers: ReadModel, day: date) -> list[str]:
    """Return the things of which a row is ready on a day."""
    return [*answers.ready("reserve", Clocks(day))]


def test_a_kept_row_holds_from_its_first_day_on(record: Record, tmp_path: Path) -> None:
    with record.reader() as reader, ReadModel.open(reader, tmp_path / "answers.sqlite3") as answers:
        assert held(answers, SETTLED - timedelta(days=1)) == []
        assert held(answers, SETTLED) == ["reserve/x"]
        assert held(answers, SETTLED + timedelta(days=1)) == ["reserve/x"]


def test_a_row_that_cannot_be_kept_holds_from_the_same_day(record: Record, tmp_path: Path) -> None:
    with record.reader() as reader, ReadModel.open(reader, tmp_path / "answers.sqlite3") as answers:
        answers.connection.execute("DELETE FROM lines")
        answers.connection.execute("PRAGMA query_only = ON")  # as of a file one may only read
        assert held(answers, SETTLED - timedelta(days=1)) == []
        assert held(answers, SETTLED) == ["reserve/x"]
        assert held(answers, SETTLED + timedelta(days=1)) == ["reserve/x"]
