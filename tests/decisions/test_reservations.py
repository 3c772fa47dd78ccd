"""What does a reservation do between a State that made it and each other (VCLT 19-23)?"""

from datetime import date
from typing import Any

import pytest

from domain.agreement.reservations import Pair
from domain.kinds.agreement import reservations_between
from events.kinds import agreement as e
from tests.decisions.treaty_facts import A, B, C, consented, fact, fold, in_force, reserved, signed

RATIFIED = [consented("1985-01-01", "accession", party) for party in (A, B)]


def objected(on: str, by: str = B, ref: str = "r1", **fields: Any) -> Any:
    return fact(e.ReservationObjected, on, by=by, ref=ref, **fields)


def pairs(*bodies: Any, on: date = date(1990, 1, 1)) -> dict[tuple[str, str], Pair]:
    """Return the pairs by reference and other State."""
    found = reservations_between(fold([*RATIFIED, *bodies], on))
    return {(pair.ref, pair.other): pair for pair in found}


def one(*bodies: Any, on: date = date(1990, 1, 1)) -> tuple[str, str | None]:
    """Return the effect of the one reservation towards B, and since when."""
    pair = pairs(*bodies, on=on)["r1", B]
    assert pair.reserving == A
    return pair.effect, pair.since


NOTIFIED = reserved("1985-01-01", notified="1985-02-10")


def test_silence_for_twelve_months_after_notice_accepts() -> None:
    assert one(NOTIFIED, on=date(1986, 2, 9)) == ("pending", "1986-02-10")
    assert one(NOTIFIED, on=date(1986, 2, 10)) == ("accepted", "1986-02-10")


def test_who_consents_later_than_that_accepts_by_consenting() -> None:
    later = consented("1988-05-01", "accession", C)
    pair = pairs(NOTIFIED, later)["r1", C]
    assert (pair.effect, pair.since) == ("accepted", "1988-05-01")


def test_without_the_day_of_notice_nobody_can_tell() -> None:
    pair = pairs(reserved("1985-01-01"))["r1", B]
    assert (pair.reserving, pair.effect, pair.since) == (A, "cannot tell", None)
    assert pair.missing == f"the day on which {B} was notified"


def test_an_unsure_day_of_notice_makes_the_acceptance_unsure_between_its_ends() -> None:
    vague = reserved("1985-01-01", notified="1985-02")
    assert one(vague, on=date(1986, 1, 31))[0] == "pending"
    assert one(vague, on=date(1986, 2, 15)) == ("cannot tell", "[1986-02-01..1986-02-28]")
    assert pairs(vague, on=date(1986, 2, 15))["r1", B].missing == "the order of the days"
    assert one(vague, on=date(1986, 2, 28))[0] == "accepted"


def test_an_objection_leaves_out_the_provisions_or_precludes_the_whole() -> None:
    assert one(NOTIFIED, objected("1985-06-01")) == ("objected", "1985-06-01")
    assert one(NOTIFIED, objected("1985-06-01", precludes=True)) == (
        "not in force between",
        "1985-06-01",
    )


def test_an_objection_on_the_last_day_is_in_time_and_after_it_too_late() -> None:
    assert one(NOTIFIED, objected("1986-02-10"))[0] == "objected"
    assert one(NOTIFIED, objected("1986-02-11"))[0] == "accepted"
    assert one(NOTIFIED, objected("1986-02"))[0] == "cannot tell"


def test_an_objection_holds_where_the_day_of_notice_is_unknown() -> None:
    assert one(reserved("1985-01-01"), objected("1989-01-01"))[0] == "objected"


def test_an_objection_concerns_its_own_pair_alone() -> None:
    third = consented("1985-01-01", "accession", C)
    found = pairs(NOTIFIED, third, objected("1985-06-01"))
    assert found["r1", B].effect == "objected"
    assert found["r1", C].effect == "accepted"


def test_a_withdrawn_objection_leaves_an_accepted_reservation() -> None:
    withdrawn = fact(e.ObjectionWithdrawn, "1987-01-01", by=B, ref="r1")
    assert one(NOTIFIED, objected("1985-06-01"), withdrawn)[0] == "accepted"


def test_a_withdrawn_reservation_is_between_nobody() -> None:
    withdrawn = fact(e.ReservationWithdrawn, "1987-01-01", ref="r1")
    assert pairs(NOTIFIED, withdrawn) == {}


def test_a_reservation_on_signature_has_no_effect_until_it_is_confirmed() -> None:
    on_signing = [signed("1983-01-01"), reserved("1983-01-01", notified="1983-02-01")]
    assert one(*on_signing) == ("unconfirmed", None)
    assert pairs(*on_signing)["r1", B].missing == "its confirmation at consent"
    confirming = reserved("1985-01-01", "r2", confirms="r1", notified="1985-03-01")
    found = pairs(*on_signing, objected("1984-01-01"), confirming)
    assert [key for key in found if key[0] == "r1"] == []
    assert found["r2", B].effect == "objected"  # an objection before needs no confirmation: 23(3)
    silent = pairs(*on_signing, confirming)["r2", B]
    assert (silent.effect, silent.since) == ("accepted", "1986-03-01")


def test_an_objection_may_name_the_reservation_that_was_confirmed() -> None:
    on_signing = [signed("1983-01-01"), reserved("1983-01-01", notified="1983-02-01")]
    confirming = reserved("1985-01-01", "r2", confirms="r1", notified="1985-03-01")
    found = pairs(*on_signing, confirming, objected("1985-06-01", ref="r1"))
    assert found["r2", B].effect == "objected"


def test_a_reservation_concerns_those_that_have_consented() -> None:
    third = signed("1984-01-01", party=C)
    assert {other for _, other in pairs(NOTIFIED, third)} == {B}
    alone = fold([consented("1985-01-01", "accession", A), NOTIFIED])
    assert reservations_between(alone) == ()


def test_a_former_party_has_no_pair() -> None:
    left = fact(e.WithdrawalNotified, "1988-01-01", acted="1987-01-01", party=B)
    assert pairs(NOTIFIED, in_force("1986-01-01"), left) == {}


@pytest.mark.parametrize("refs", [("r1", "r2"), ("r2", "r1")])
def test_pairs_are_sorted_by_state_reference_and_other(refs: tuple[str, str]) -> None:
    bodies = [reserved("1985-01-01", ref, notified="1985-02-01") for ref in refs]
    third = consented("1985-01-01", "accession", C)
    found = reservations_between(fold([*RATIFIED, third, *bodies]))
    keys = [(pair.reserving, pair.ref, pair.other) for pair in found]
    assert keys == [(A, "r1", B), (A, "r1", C), (A, "r2", B), (A, "r2", C)]
