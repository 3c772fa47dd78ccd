"""Is a law in force on a day, and what is odd about what is said of it?"""

from datetime import date
from typing import Any

import pytest

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import policy
from domain.claims.resolution import fold
from domain.kinds.law import law_in_force
from domain.kinds.registry import public_states
from events.body import Body, SourceRef
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
    assert (state.ceased, state.ceased_on, law_in_force(state)) == (
        "disapproved",
        "2025-10-01",
        "no",
    )


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


# The law of the Central African Republic on crypto: adopted on the 22nd, in force from the 27th.
CAR = (told(e.Adopted, "2022-04-22", form="law"), force(on="2022-04-27"))


@pytest.mark.parametrize(
    ("bodies", "on", "answer"),
    [
        (CAR, "2022-04-21", "no"),
        (CAR, "2022-04-25", "no"),
        (CAR, "2022-04-27", "yes"),
        (CAR[:1], "2022-04-21", "no"),
        (CAR[:1], "2022-04-22", "cannot tell"),  # no claim says whether it came into force
        ((force(on="[2022-04-20..2022-04-30]"),), "2022-04-19", "no"),
        ((force(on="[2022-04-20..2022-04-30]"),), "2022-04-25", "cannot tell"),
        ((force(on="2022-01-01"), CAR[0]), "2022-03-01", "yes"),  # in force before it was adopted
        ((force(on=None), CAR[0]), "2022-03-01", "cannot tell"),
        ((told(e.Ceased, "2023-03-23", how="repealed"),), "2022-04-25", "cannot tell"),
        ((told(e.Ceased, "2023-03-23", how="repealed"),), "2023-04-25", "no"),
    ],
)
def test_a_law_is_not_in_force_before_the_day_that_a_claim_gives(
    bodies: tuple[Body, ...], on: str, answer: str
) -> None:
    assert asked(bodies, on) == answer


def test_what_was_not_public_says_nothing_of_the_day_to_come() -> None:
    source = SourceRef(source="source/x", published="2022-06-01")
    later = told(e.InForce, "2022-04-27", sources=(source,))
    adopted = told(
        e.Adopted,
        "2022-04-22",
        form="law",
        sources=(SourceRef(source="source/x", published="2022-04-22"),),
    )
    assert asked((adopted, later), "2022-04-25", date(2022, 5, 1)) == "cannot tell"
    assert asked((adopted, later), "2022-04-25", date(2022, 6, 1)) == "no"


def asked(bodies: tuple[Body, ...], on: str, public_at: date | None = None) -> str:
    """Return whether the law that claims tell of is in force, as every command answers it."""
    types = {e.Adopted: "law.adopted", e.InForce: "law.in-force", e.Ceased: "law.ceased"}
    claims = [Claim(n, n, LAW, types[type(body)], body) for n, body in enumerate(bodies, 1)]
    clocks = Clocks(date.fromisoformat(on), public_at=public_at)
    found = public_states(LAW, fold(claims, clocks, policy("primary-first")))
    answers = {law_in_force(found.without), law_in_force(found.including)}
    return answers.pop() if len(answers) == 1 else "cannot tell"


def test_nothing_else_is_odd() -> None:
    state = after(LAW, force(), CEASED)
    assert [findings(state, body) for body in (ADOPTED, CEASED)] == [{}, {}]
