"""How much power is set aside, and what is odd about an allocation?"""

import pytest

from events.body import Body
from events.kinds import allocation as a
from tests.decisions.kind_facts import after, amount, findings, told

POWER = "allocation/pk-2000mw"
ALLOCATED = told(
    a.Allocated,
    "2025-05-25",
    power=amount("2,000 MW"),
    purposes=("ai-development", "bitcoin-mining"),
    phase="first",
    authority="party/pk-mof",
)
AMENDED = told(a.Amended, "2025-06-01", power=amount("1,500 MW"))
ENERGISED = told(a.Energised, "2025-07-01", power=amount("100 MW"))
WITHDRAWN = told(a.Withdrawn, "2025-08-01")


def test_power_is_set_aside_for_purposes_by_an_authority_from_a_day() -> None:
    state = after(POWER, ALLOCATED)
    assert (state.stage, state.since, state.power) == (
        "allocated",
        "2025-05-25",
        amount("2,000 MW"),
    )
    assert state.purposes == ("ai-development", "bitcoin-mining")
    assert (state.phase, state.authority, state.flowing) == ("first", "party/pk-mof", None)


def test_an_amendment_changes_the_power_that_it_names_and_no_other() -> None:
    assert after(POWER, ALLOCATED, AMENDED).power == amount("1,500 MW")
    assert after(POWER, ALLOCATED, told(a.Amended, "2025-06-01")).power == amount("2,000 MW")


def test_power_that_flows_is_not_what_is_set_aside() -> None:
    state = after(POWER, ALLOCATED, ENERGISED)
    assert (state.stage, state.power, state.flowing) == (
        "energised",
        amount("2,000 MW"),
        amount("100 MW"),
    )


def test_withdrawn_is_its_last_stage() -> None:
    state = after(POWER, ALLOCATED, WITHDRAWN)
    assert (state.stage, state.withdrawn) == ("withdrawn", "2025-08-01")


@pytest.mark.parametrize("body", [AMENDED, ENERGISED, WITHDRAWN])
def test_what_nobody_allocated_is_changed_with_a_finding(body: Body) -> None:
    assert findings(after(POWER), body) == {
        "not-allocated": "no claim says that allocation/pk-2000mw was made"
    }
    assert findings(after(POWER, ALLOCATED), body) == {}


@pytest.mark.parametrize("body", [AMENDED, ENERGISED])
def test_what_was_withdrawn_is_changed_with_a_finding(body: Body) -> None:
    state = after(POWER, ALLOCATED, WITHDRAWN)
    assert findings(state, body) == {"after-the-end": f"{POWER} was withdrawn before"}


def test_allocating_anew_is_not_odd() -> None:
    state = after(POWER, ALLOCATED, WITHDRAWN)
    assert findings(state, ALLOCATED) == {}
    assert findings(after(POWER), ALLOCATED) == {}


def test_power_flows_phase_by_phase() -> None:
    def energised(phase: str | None, power: str | None) -> Body:
        given = amount(power) if power else None
        body: Body = told(a.Energised, "2025-07-01", phase=phase, power=given)
        return body

    def flowing(*given: Body) -> tuple[int | None, int | None] | None:
        found = after(POWER, *given).flowing
        return found and (found.lower, found.upper)

    first, second = energised("first", "100 MW"), energised("second", "50 MW")
    assert flowing(first, second) == (150_000_000, 150_000_000)
    assert flowing(first, energised("first", "120 MW")) == (120_000_000, 120_000_000)
    assert flowing(first, energised("second", None)) == (100_000_000, None)
    assert flowing(energised("first", None)) is None
    assert flowing(energised(None, "70 MW"), energised(None, "80 MW")) == (80_000_000, 80_000_000)
    approximate = energised("second", "about 50 MW")
    assert flowing(first, approximate) == (145_000_000, 155_000_000)
