"""Where does a proposal stand, and what is odd about an act on it?"""

from typing import Any

import pytest

from events.body import Body
from events.kinds import proposal as p
from tests.decisions.kind_facts import after, findings, told

TARIFF = "proposal/pk-tariff"
SUBMITTED = told(p.Submitted, "2024-11-01", to="party/imf", terms="22-23 PKR/kWh.")
ACTS = [
    (told(p.TakenUp, by="party/world-bank"), "taken up", "party/world-bank"),
    (told(p.Endorsed, by="party/pk"), "endorsed", "party/pk"),
    (told(p.Endorsed, by="party/pk", in_part=True), "endorsed in part", "party/pk"),
    (told(p.Rejected, by="party/imf"), "rejected", "party/imf"),
    (told(p.Returned), "returned", None),
    (told(p.Withdrawn), "withdrawn", None),
    (told(p.Enacted, law="law/pk-tariff"), "enacted", None),
]


def test_a_proposal_is_put_to_a_party_on_terms() -> None:
    state = after(TARIFF, SUBMITTED)
    assert (state.stage, state.to, state.terms) == ("submitted", "party/imf", "22-23 PKR/kWh.")
    assert state.acts == (("submitted", "party/imf", f"{TARIFF}/1"),)


@pytest.mark.parametrize(("body", "act", "by"), ACTS, ids=lambda value: str(value)[:20])
def test_its_stage_is_the_last_act(body: Body, act: str, by: str | None) -> None:
    state = after(TARIFF, SUBMITTED, body)
    assert state.stage == act
    assert state.acts[-1] == (act, by, f"{TARIFF}/2")


def test_the_law_that_it_became_is_named() -> None:
    assert after(TARIFF, SUBMITTED, ACTS[-1][0]).law == "law/pk-tariff"


def test_acts_stand_in_the_order_of_their_days() -> None:
    early = told(p.TakenUp, "2024-12-01", by="party/imf")
    late = told(p.Rejected, "2025-07-01", by="party/imf")
    state = after(TARIFF, late, SUBMITTED, early)
    assert [act for act, _, _ in state.acts] == ["submitted", "taken up", "rejected"]


def test_a_submission_without_a_day_undoes_no_act_before_it() -> None:
    undated = told(p.Submitted, None, to="party/imf")
    state = after(TARIFF, told(p.Rejected, by="party/imf"), undated)
    assert (state.stage, state.to) == ("rejected", "party/imf")


@pytest.mark.parametrize("last", [told(p.Withdrawn), told(p.Enacted)])
def test_what_was_withdrawn_or_enacted_is_acted_on_with_a_finding(last: Any) -> None:
    state = after(TARIFF, SUBMITTED, last)
    assert findings(state, told(p.Rejected, "2025-07-01")) == {
        "after-the-end": f"{TARIFF} was {state.stage} before"
    }
    assert findings(state, told(p.Submitted, "2025-08-01")) == {}


def test_who_rejected_may_take_up_again() -> None:
    state = after(TARIFF, SUBMITTED, told(p.Rejected))
    assert findings(state, told(p.TakenUp, "2025-07-01")) == {}
