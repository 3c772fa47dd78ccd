"""What is made available under a programme, what is drawn, and what is odd about it?"""

from typing import Any

import pytest

from events.kinds import programme as p
from projections.queries.document import balance_in_words
from tests.decisions.kind_facts import after, amount, findings, told

EFF = "programme/sv-eff"
APPROVED = told(
    p.Approved,
    "2025-02-26",
    facility="EFF",
    months=40,
    access=amount("1,000 SDR"),
    access_usd=amount("about 1,400 USD"),
    available=amount("100 SDR"),
)


def reviewed(n: int = 1, on: str = "2025-06-27", available: str | None = "80 SDR") -> Any:
    released = amount(available) if available else None
    return told(p.ReviewCompleted, on, n=n, available=released)


def drawn(text: str, on: str = "2025-07-01") -> Any:
    return told(p.Disbursed, on, amount=amount(text))


def condition(ref: str = "no-purchases", on: str = "2025-02-26") -> Any:
    return told(p.ConditionSet, on, ref=ref, kind="performance-criterion", words="None bought.")


def assessed(verdict: str, on: str = "2025-07-01", ref: str = "no-purchases") -> Any:
    return told(p.ConditionAssessed, on, ref=ref, verdict=verdict)


def test_an_agreement_of_staff_is_no_approval() -> None:
    staff = told(p.StaffLevelAgreementReached, "2024-12-18")
    assert after(EFF).stage == "mentioned only"
    assert after(EFF, staff).stage == "agreed by staff"
    later = told(p.StaffLevelAgreementReached, "2025-05-27", review=1)
    assert after(EFF, staff, APPROVED, later).stage == "approved"


def test_approval_grants_access_and_makes_a_first_part_available() -> None:
    state = after(EFF, APPROVED)
    assert (state.stage, state.approved, state.facility) == ("approved", "2025-02-26", "EFF")
    assert (state.months, state.access, state.access_usd) == (
        40,
        amount("1,000 SDR"),
        amount("about 1,400 USD"),
    )
    assert (state.available.lower, state.drawn.lower) == (10_000, 0)


def test_a_second_approval_keeps_what_it_does_not_say() -> None:
    state = after(EFF, APPROVED, told(p.Approved, "2025-03-01", months=48))
    assert (state.months, state.facility, state.access) == (48, "EFF", amount("1,000 SDR"))


def test_a_review_makes_more_available_and_draws_nothing() -> None:
    state = after(EFF, APPROVED, reviewed(2, "2025-12-01"), reviewed(1))
    assert state.reviews == (1, 2)
    assert (state.available.lower, state.drawn.lower) == (26_000, 0)


def test_a_review_that_released_nothing_named_leaves_what_is_available() -> None:
    assert after(EFF, APPROVED, reviewed(available=None)).available.lower == 10_000


def test_a_disbursement_is_drawn_and_makes_nothing_available() -> None:
    state = after(EFF, APPROVED, drawn("60 SDR"))
    assert (state.available.lower, state.drawn.lower) == (10_000, 6_000)


def test_a_change_leaves_what_it_does_not_name() -> None:
    more = after(EFF, APPROVED, told(p.Modified, "2025-08-01", access=amount("1,200 SDR")))
    assert (more.access, more.months) == (amount("1,200 SDR"), 40)
    longer = after(EFF, APPROVED, told(p.Modified, "2025-08-01", months=52))
    assert (longer.access, longer.months) == (amount("1,000 SDR"), 52)


@pytest.mark.parametrize(("cls", "stage"), [(p.Cancelled, "cancelled"), (p.Expired, "expired")])
def test_a_programme_ends_and_nothing_happens_under_it_after(cls: Any, stage: str) -> None:
    state = after(EFF, APPROVED, told(cls, "2025-09-01"))
    assert (state.stage, state.ended) == (stage, "2025-09-01")
    sentence = {"after-the-end": f"{EFF} was {stage} before"}
    assert findings(state, reviewed(on="2025-10-01")) == sentence
    assert findings(state, drawn("1 SDR", "2025-10-01")) == sentence
    both = findings(state, drawn("1,001 SDR", "2025-10-01"))
    assert set(both) == {"after-the-end", "overdrawn"}


def test_a_condition_has_the_verdict_given_last() -> None:
    state = after(EFF, condition(), assessed("not-met", "2025-05-01"), assessed("met"))
    assert state.conditions == (("no-purchases", f"{EFF}/1", "met"),)


def test_a_condition_set_after_it_was_assessed_keeps_its_verdict() -> None:
    state = after(EFF, condition(on="2025-08-01"), assessed("waived"))
    assert state.conditions == (("no-purchases", f"{EFF}/2", "waived"),)


def test_a_condition_that_nobody_set_is_assessed_with_a_finding() -> None:
    state = after(EFF, condition())
    assert findings(state, assessed("met")) == {}
    assert findings(state, assessed("met", ref="other")) == {
        "unknown-condition": "no claim sets the condition other"
    }
    assert after(EFF, assessed("met")).conditions == (("no-purchases", f"{EFF}/1", "met"),)


def test_more_is_drawn_than_access_with_a_finding() -> None:
    state = after(EFF, APPROVED, drawn("940 SDR"))
    assert findings(state, drawn("60 SDR")) == {}
    assert findings(state, drawn("60.01 SDR")) == {
        "overdrawn": "1,000.01 SDR drawn in all, but access is 1,000 SDR"
    }


def test_access_without_a_bound_or_unsaid_is_never_overdrawn() -> None:
    open_ended = told(p.Approved, access=amount("over 1,000 SDR"))
    assert findings(after(EFF, open_ended), drawn("9,000 SDR")) == {}
    assert findings(after(EFF), drawn("9,000 SDR")) == {}


def test_nothing_else_is_odd() -> None:
    state = after(EFF, APPROVED)
    assert [findings(state, body) for body in (reviewed(), condition(), APPROVED)] == [{}, {}, {}]


def test_an_instalment_without_an_amount_is_unknown_and_the_sum_is_at_least() -> None:
    state = after(EFF, APPROVED, reviewed(available=None))
    assert (state.available.lower, state.available.upper) == (10_000, None)
    assert balance_in_words(state.available, "xdr-minor") == (
        "at least 100 SDR; 1 flow of unknown size"
    )
    assert after(EFF).available.flows == 0
