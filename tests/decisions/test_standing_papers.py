"""What happens to a paper that is not shown to bind (docs/spec/treaties.md, 5)?"""

from datetime import date
from itertools import product

import pytest

from domain.agreement.binding import Binding
from domain.agreement.state import phase, standings
from events.body import Body
from events.kinds import agreement as e
from tests.decisions.treaty_facts import (
    GIVEN,
    STANDING,
    A,
    B,
    C,
    after,
    both,
    consented,
    fact,
    fold,
    in_force,
    name,
    names,
    notice,
    read,
    reserved,
    signed,
)
from tests.each import each

PAPERS: list[Binding] = ["not-binding", "presumed-not-binding"]
PAPER_GIVEN: dict[str, list[Body]] = {
    "none": [],
    "S": [signed()],
    "PT": [signed(), signed(party=B), signed(party=C)],
    "FP": [signed(), signed(party=B), signed(party=C), notice("1989-01-01", "1989-01-01")],
}
SIDES = (A, B, C)
TWO = [signed(), signed(party=B)]
ODD = "F:out-of-order"
TABLE_3: list[tuple[str, Body, tuple[str, ...]]] = [
    *(
        (f"signed, {mode}", signed("1990-01-01", mode), ("S", ODD, ODD, "PT"))
        for mode in ("simple", "definitive", "ad-referendum", "initialling", "unstated")
    ),
    (
        "intention not to become a party",
        fact(e.IntentionNotToBecomeParty, party=A),
        (ODD, "none", ODD, ODD),
    ),
    (
        "signature confirmed",
        fact(e.SignatureConfirmed, party=A, effect="simple"),
        (ODD, ODD, ODD, ODD),
    ),
    ("withdrawal notified", notice("1990-01-01", "1990-01-01"), (ODD, ODD, "FP", ODD)),
    ("withdrawal revoked", fact(e.WithdrawalRevoked, party=A), (ODD, ODD, ODD, ODD)),
    ("terminated", fact(e.Terminated, ground="by consent"), ("none", "FP", "FP", "FP")),
    ("entered into operation", in_force("1990-01-01", "operation"), ("U", "PT", "=", "=")),
    ("suspended", fact(e.Suspended), (ODD, ODD, ODD, ODD)),
    ("resumed", fact(e.Resumed), (ODD, ODD, ODD, ODD)),
]
PAPER_CELLS = [
    (act, body, before, cell)
    for act, body, cells in TABLE_3
    for before, cell in zip(PAPER_GIVEN, cells, strict=True)
]


@pytest.mark.parametrize("gate", PAPERS)
@each(("act", "body", "before", "cell"), PAPER_CELLS, lambda cell: f"{cell[0]}, {cell[2]}")
def test_a_cell_of_the_table_of_papers_holds(
    act: str, body: Body, before: str, cell: str, gate: Binding
) -> None:
    state = fold(PAPER_GIVEN[before], gate=gate, sides=SIDES)
    assert name(state) == STANDING[before]
    found, then = read(cell, before)
    assert names(state, body) == found
    assert name(after(state, body)) == then


TREATY_ONLY: list[Body] = [
    in_force("1990-01-01", "definitive"),
    in_force("1990-01-01", "provisional"),
    fact(e.EnteredIntoForceFor, party=A),
    consented("1990-01-01"),
    fact(e.ConsentWithdrawn, party=A),
    fact(e.ProvisionallyApplied, party=A),
    reserved("1990-01-01"),
    fact(e.ReservationObjected, ref="r1", by=A),
    fact(e.ReservationWithdrawn, ref="r1"),
    fact(e.ObjectionWithdrawn, ref="r1", by=A),
    fact(e.Registered, with_="party/un", number="1"),
]


@pytest.mark.parametrize("gate", PAPERS)
@each(("body", "before"), product(TREATY_ONLY, PAPER_GIVEN))
def test_what_treaties_know_does_not_happen_to_a_paper(
    body: Body, before: str, gate: Binding
) -> None:
    state = fold(PAPER_GIVEN[before], gate=gate, sides=SIDES)
    assert names(state, body) == ["not-binding"]
    assert after(state, body) == state


def test_a_paper_has_participants_once_all_sides_have_signed() -> None:
    given = [signed("1980-01-01"), signed("1981-01-01", party=B)]
    state = fold(given, gate="presumed-not-binding", sides=(A, B))
    assert [(s.name, s.since) for _, s in standings(state)] == [("participant", "1981-01-01")] * 2
    assert phase(state) == "in operation"
    assert name(fold(given, gate="not-binding")) == "signatory"  # which sides? nobody says


def test_a_participant_leaves_a_paper_without_notice() -> None:
    left = fact(e.WithdrawalNotified, None, acted="1985-01-01", party=A)
    state = after(fold(PAPER_GIVEN["PT"], gate="not-binding", sides=SIDES), left)
    assert both(state) == ("former participant", "participant")
    assert phase(state) == "in operation"


def test_a_paper_of_two_sides_ends_when_one_leaves_it() -> None:
    left = fact(e.WithdrawalNotified, None, acted="1985-01-01", party=A)
    state = after(fold(TWO, gate="not-binding", sides=(A, B)), left)
    assert both(state) == ("former participant", "former participant")
    assert phase(state) == "ended"
    assert names(state, reserved("1990-01-01")) == ["after-the-end"]
    one = signed("1990-01-01")
    assert names(state, one) == ["consents-after-the-end"]
    assert both(after(state, one)) == ("signatory", "former participant")
    again = after(after(state, one), signed("1990-01-01", party=B))
    assert both(again) == ("participant", "participant")
    assert phase(again) == "in operation"


def test_a_participant_that_left_and_signs_again_is_one_from_that_day() -> None:
    left = notice("1985-01-01", "1985-01-01")
    state = fold([*PAPER_GIVEN["PT"], left, signed("1989-01-01")], gate="not-binding", sides=SIDES)
    assert {one.name for _, one in standings(state)} == {"participant"}
    assert [one.since for who, one in standings(state)] == [
        "1989-01-01",
        "1980-01-01",
        "1980-01-01",
    ]


def test_a_participant_that_means_to_leave_stays_until_the_day_and_may_change_its_mind() -> None:
    given = [*PAPER_GIVEN["PT"], notice("1988-01-01", "1991-01-01")]
    assert both(fold(given, gate="not-binding", sides=SIDES)) == ("participant", "participant")
    on = date(1991, 1, 1)
    assert name(fold(given, on, gate="not-binding", sides=SIDES)) == "former participant"
    revoked = [*given, fact(e.WithdrawalRevoked, "1989-01-01", party=A)]
    assert name(fold(revoked, on, gate="not-binding", sides=SIDES)) == "participant"


@pytest.mark.parametrize("gate", ["binding", "open", "presumed-binding"])
def test_a_binding_text_enters_into_force_rather_than_into_operation(gate: Binding) -> None:
    state = fold(GIVEN["C"], gate=gate)
    body = in_force("1990-01-01", "operation")
    assert names(state, body) == ["operation-of-a-binding-text"]
    assert name(after(state, body)) == "contracting"
