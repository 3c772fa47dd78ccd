"""Is a law in force on a day, and what is odd about what is said of it?"""

from datetime import date
from typing import Any

import pytest

from domain.kinds.law import law_in_force
from events.kinds import law as e
from tests.decisions.kind_facts import after, findings, told

LAW = "law/pk-ordinance"
ADOPTED = told(
    e.Adopted, "2025-07-08", form="ordinance", number="VII of 2025", amends="law/pk-older"
)


def force(until: str | None = None, on: str | None = "2025-07-09") -> Any:
    return told(e.InForce, on, until=until)


def extended(until: str, on: str = "2025-11-01") -> Any:
    return told(e.Extended, on, until=until)


CEASED = told(e.Ceased, "2025-10-01", how="disapproved")


def test_what_it_is_and_when_it_was_adopted_and_published() -> None:
    state = after(LAW, ADOPTED, told(e.Published, "2025-07-10"))
    assert (state.form, state.number, state.amends) == ("ordinance", "VII of 2025", "law/pk-older")
    assert (state.adopted, state.published) == ("2025-07-08", "2025-07-10")


def test_adopted_or_published_is_not_in_force() -> None:
    assert law_in_force(after(LAW)) == "cannot tell"
    assert law_in_force(after(LAW, ADOPTED, told(e.Published, "2025-07-10"))) == "cannot tell"


def test_a_law_in_force_without_a_last_day_stays_so() -> None:
    state = after(LAW, ADOPTED, force())
    assert (state.since, state.until, law_in_force(state)) == ("2025-07-09", None, "yes")


@pytest.mark.parametrize(
    ("day", "answer"),
    [("2025-11-04", "yes"), ("2025-11-05", "yes"), ("2025-11-06", "cannot tell"),
     ("2025-11-07", "no")],
)  # fmt: skip
def test_an_ordinance_lapses_by_itself_past_its_day(day: str, answer: str) -> None:
    until = "[2025-11-05..2025-11-06]"
    state = after(LAW, ADOPTED, force(until), on=date.fromisoformat(day))
    assert (state.until, law_in_force(state)) == (until, answer)


@pytest.mark.parametrize("until", ["[2025-11-05..]", "[..2025-11-05]"])
def test_a_last_day_with_an_open_end_cannot_tell(until: str) -> None:
    assert law_in_force(after(LAW, force(until), on=date(2025, 12, 1))) == "cannot tell"


def test_an_extension_replaces_the_last_day() -> None:
    state = after(LAW, force("2025-11-05"), extended("2026-03-05"), on=date(2025, 12, 1))
    assert (state.until, law_in_force(state)) == ("2026-03-05", "yes")


def test_coming_into_force_without_a_last_day_keeps_one_said_before() -> None:
    state = after(LAW, extended("2026-03-05", "2025-07-01"), force())
    assert state.until == "2026-03-05"


def test_a_law_that_ceased_is_not_in_force() -> None:
    state = after(LAW, force(), CEASED)
    assert (state.ceased, law_in_force(state)) == ("disapproved", "no")


@pytest.mark.parametrize("body", [force(on="2025-12-01"), extended("2026-03-05", "2025-12-01")])
def test_a_law_that_ceased_is_brought_into_force_or_extended_with_a_finding(body: Any) -> None:
    state = after(LAW, force(), CEASED)
    assert findings(state, body) == {"after-the-end": f"{LAW} ceased before: disapproved"}


def test_a_law_past_its_day_is_extended_with_a_finding() -> None:
    late = after(LAW, force("2025-11-05"), on=date(2025, 11, 6))
    assert findings(late, extended("2026-03-05", "2025-11-06")) == {
        "past-its-day": f"{LAW} had lapsed on 2025-11-05"
    }
    in_time = after(LAW, force("2025-11-05"), on=date(2025, 11, 5))
    assert findings(in_time, extended("2026-03-05", "2025-11-05")) == {}
    assert findings(after(LAW), extended("2026-03-05")) == {}


def test_nothing_else_is_odd() -> None:
    state = after(LAW, force(), CEASED)
    assert [findings(state, body) for body in (ADOPTED, CEASED)] == [{}, {}]
