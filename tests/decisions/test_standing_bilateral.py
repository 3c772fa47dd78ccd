"""Where do two sides stand after each act (docs/spec/treaties.md, 4)?"""

from datetime import date

import pytest

from domain.agreement.state import Agreement, phase, standing_of, standings
from domain.claims.claim import dates_of
from domain.kinds.agreement import initial
from events.body import Body
from events.kinds import agreement as e
from tests.decisions.treaty_facts import (
    ON,
    A,
    B,
    C,
    after,
    both,
    consented,
    fact,
    fold,
    name,
    names,
    notice,
    reserved,
    signed,
)


def two(*bodies: Body, on: date = ON) -> Agreement:
    return fold(bodies, on, sides=(A, B))


def test_two_simple_signatures_make_signatories() -> None:
    assert both(two(signed(), signed(party=B))) == ("signatory", "signatory")


def test_two_definitive_signatures_bring_a_bilateral_agreement_into_force() -> None:
    one = signed("1980-01-01", "definitive")
    assert both(two(one)) == ("contracting", "none")
    state = two(one, signed("1981-01-01", "definitive", B))
    assert both(state) == ("party", "party")
    assert {s.since for _, s in standings(state)} == {"1981-01-01"}


def test_an_agency_signs_for_the_side_that_the_description_names() -> None:
    agency = signed(party="party/agency", for_=A)
    assert name(two(agency), A) == "signatory"
    itself = fold([agency], sides=("party/agency", B))
    assert name(itself, "party/agency") == "signatory"
    assert name(itself, A) == "none"


def test_a_first_note_is_an_offer_and_the_second_makes_both_consent() -> None:
    first = consented("1980-01-01", "exchange")
    state = two(first)
    assert (name(state), standing_of(state, A).offered) == ("none", True)
    second = consented("1981-01-01", "exchange", B)
    assert names(state, second) == []
    assert both(after(state, second)) == ("party", "party")
    assert standing_of(after(state, second), A).since == "1981-01-01"
    assert names(state, consented("1982-01-01", "exchange")) == ["consents-twice"]


def test_both_sides_consent_on_the_one_day_on_which_instruments_are_exchanged() -> None:
    exchange = consented(established_by="exchange")
    state = two(signed(), signed(party=B), exchange)
    assert both(state) == ("party", "party")
    assert names(state, consented(party=B, established_by="exchange")) == []
    again = consented("1989-01-01", party=B, established_by="exchange")
    assert names(state, again) == ["consents-twice"]


@pytest.mark.parametrize("given", [(), (signed(),)])
def test_a_notification_of_completed_procedures_is_consent(given: tuple[Body, ...]) -> None:
    body = consented("1990-01-01", "notification")
    assert names(two(*given), body) == []
    assert name(after(two(*given), body)) == "contracting"


def test_a_third_side_is_none_of_two() -> None:
    assert names(two(), consented("1990-01-01", party=C)) == ["two-sides-only"]
    assert name(after(two(), consented("1990-01-01", party=C)), C) == "none"
    for body in (
        signed("1990-01-01", "definitive", C),
        signed("1990-01-01", party=C),
        fact(e.EnteredIntoForceFor, party=C),
        fact(e.WithdrawalRevoked, party=C),
        fact(e.ProvisionallyApplied, party=C),
        notice("1989-01-01", "1990-01-01", C),
    ):
        assert names(two(), body) == ["two-sides-only"]
        assert after(two(), body) == two()


BOTH_PARTIES = (signed(mode="definitive"), signed(mode="definitive", party=B))


def test_a_reservation_between_two_is_an_offer_of_other_terms() -> None:
    assert names(two(*BOTH_PARTIES), reserved("1980-01-01")) == ["counter-offer"]


def test_a_denunciation_ends_a_bilateral_agreement_for_both() -> None:
    given = (*BOTH_PARTIES, notice("1988-01-01", "1989-01-01"))
    assert both(two(*given, on=date(1988, 12, 31))) == ("withdrawing", "party")
    assert both(two(*given, on=date(1989, 1, 1))) == ("former", "former")
    assert phase(two(*given)) == "ended"
    assert names(two(*given), reserved("1990-01-01")) == ["after-the-end"]
    revoked = fact(e.WithdrawalRevoked, "1988-06-01", party=A)
    assert both(two(*given, revoked)) == ("party", "party")


DENOUNCED = (*BOTH_PARTIES, notice("1988-01-01", "1989-01-01"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (consented("1990-01-01", "accession"), consented("1991-01-01", "accession", B)),
        (consented("1990-01-01", "accession", B), consented("1991-01-01", "accession")),
        (consented("1989-01-01", "notification"), signed("1991-01-01", "definitive", B)),
    ],
)
def test_a_text_of_two_sides_begins_again_when_both_consent_again(
    first: Body, second: Body
) -> None:
    on = date(1999, 1, 1)
    assert names(two(*DENOUNCED, on=on), first) == ["consents-after-the-end"]
    alone = after(two(*DENOUNCED, on=on), first)
    assert sorted(both(alone)) == ["contracting", "former"]
    assert phase(alone) == "ended"
    assert names(alone, second) == []
    again = after(alone, second)
    assert both(again) == ("party", "party")
    assert phase(again) == "in force"
    assert {s.since for _, s in standings(again)} == {"1991-01-01"}
    denounced = notice("1992-01-01", "1993-01-01", B)
    assert both(two(*DENOUNCED, first, second, denounced, on=on)) == ("former", "former")


def test_two_notes_after_the_end_bring_a_text_back() -> None:
    first = consented("1990-01-01", "exchange")
    state = after(two(*DENOUNCED, on=date(1990, 6, 1)), first)
    assert both(state) == ("former", "former")
    assert standing_of(state, A).offered
    assert both(after(state, consented("1990-06-01", "exchange", B))) == ("party", "party")


def test_one_exchange_of_instruments_after_the_end_brings_a_text_back() -> None:
    exchange = consented("1990-01-01", established_by="exchange")
    assert both(two(*DENOUNCED, exchange)) == ("party", "party")


@pytest.mark.parametrize(
    "body",
    [
        consented("1988-12-31", "accession", B),  # before the end
        signed("1990-01-01"),  # is no consent
        consented("1990-01-01", "succession"),
        consented("1990-01-01", "accession", C),
    ],
)
def test_what_is_no_consent_of_a_side_after_the_end_brings_nothing_back(body: Body) -> None:
    assert both(two(*DENOUNCED, body)) == ("former", "former")


def test_a_text_that_was_terminated_does_not_begin_again() -> None:
    ended = fact(e.Terminated, "1989-01-01", ground="by consent")
    acts = (consented("1990-01-01", "accession"), consented("1991-01-01", "accession", B))
    assert both(two(*BOTH_PARTIES, ended, *acts)) == ("former", "former")


def test_a_suspension_of_a_bilateral_agreement_is_one_for_both() -> None:
    state = after(two(*BOTH_PARTIES), fact(e.Suspended, for_=A))
    assert [standing.suspended for _, standing in standings(state)] == [True, True]


def test_a_termination_ends_a_bilateral_agreement() -> None:
    ended = fact(e.Terminated, ground="by consent")
    assert both(after(two(*BOTH_PARTIES), ended)) == ("former", "former")
    assert both(after(two(signed(), consented(party=B)), ended)) == ("none", "none")


def test_a_bilateral_agreement_enters_into_force_for_both() -> None:
    body = fact(e.EnteredIntoForceFor, party=A)
    assert names(two(signed(mode="definitive")), body) == ["enters-for-both"]
    assert both(after(two(signed(mode="definitive")), body)) == ("party", "none")


def test_what_is_not_bound_by_the_end_of_a_text_does_not_become_so_afterwards() -> None:
    """A denunciation took effect before the entry into force that is claimed for later."""
    later = dates_of(fact(e.EnteredIntoForce, "1980-01-01", mode="definitive"))
    state = initial(
        "agreement/x", ON, "binding", frozenset((A, B)), coming={"definitive": [(later, "yes")]}
    )
    for body in (consented("1979-06-01", "accession", B), notice("1979-07-01", "1979-12-01")):
        state = after(state, body)
    assert both(state) == ("former", "none")


def test_a_notice_is_judged_by_the_day_on_which_it_was_given() -> None:
    """The first denunciation ends the text between the second notice and its effect."""
    treaty = [signed(mode="definitive"), signed(mode="definitive", party=B)]
    given = [notice("1985-01-01", "1986-01-01"), notice("1985-06-01", "1987-01-01", B)]
    assert both(two(*treaty, *given)) == ("former", "former")
