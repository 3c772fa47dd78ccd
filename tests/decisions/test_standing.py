"""Does every cell of the table of multilateral treaties hold, refused, found or followed?

The table is written out again here, cell by cell, apart from that of the code. A cell reads: the
next standing; `=` no change; `R:name` refused, with `-> S` where a record made all the same leads;
`F:name` recorded with a finding.
"""

from datetime import date
from typing import Any

import pytest

from domain.agreement.state import phase, standing_of, standings
from domain.kinds.agreement import judge
from events.body import Body
from events.kinds import agreement as e
from tests.decisions.treaty_facts import (
    GIVEN,
    PARTY,
    STANDING,
    A,
    B,
    C,
    after,
    consented,
    fact,
    fold,
    in_force,
    name,
    names,
    notice,
    read,
    reserved,
    ruled,
    signed,
)
from tests.each import each

TWICE = "F:signs-twice"
NO_MORE = "F:signs-after-consent"
AGAIN = "F:consents-twice"
NOTHING = "F:nothing-to-confirm"
LATE = "F:late-reservation"
WITH_IT = "F:not-while-consenting"
NOT_IN_FORCE = "F:not-in-force"
NO_OBJECTOR = "F:objector-must-be-contracting"
ACCESSION = ("C", "C", "F:accedes-after-signing -> C", AGAIN, AGAIN, "F:revoke-first", "C")
CONFIRMED_FIRST = ("C", "F:confirm-first -> C", "C", AGAIN, AGAIN, "F:revoke-first", "C")

# Table 1: what happens on 1990-01-01, then the cells of none, SAR, S, C, P, W and X.
TABLE_1: list[tuple[str, Body, tuple[str, ...]]] = [
    ("initialled", signed("1990-01-01", "initialling"), ("=", "=", "=", "=", "=", "=", "=")),
    (
        "signed ad referendum",
        signed("1990-01-01", "ad-referendum"),
        ("SAR", TWICE, TWICE, NO_MORE, NO_MORE, NO_MORE, "SAR"),
    ),
    (
        "signed simple",
        signed("1990-01-01", "simple"),
        ("S", "S", TWICE, NO_MORE, NO_MORE, NO_MORE, "S"),
    ),
    (
        "signed, nobody says how",
        signed("1990-01-01", "unstated"),
        ("S", "S", TWICE, NO_MORE, NO_MORE, NO_MORE, "S"),
    ),
    (
        "signed definitive",
        signed("1990-01-01", "definitive"),
        ("C", "C", "F:definitive-after-simple -> C", AGAIN, AGAIN, AGAIN, "C"),
    ),
    (
        "signed by succession",
        signed("1990-01-01", "succession"),
        ("S", "S", TWICE, *("F:signs-after-consent",) * 3, "S"),
    ),
    (
        "confirmed simple",
        fact(e.SignatureConfirmed, party=A, effect="simple"),
        (NOTHING + " -> S", "S", NOTHING, NOTHING, NOTHING, NOTHING, NOTHING + " -> S"),
    ),
    (
        "confirmed definitive",
        fact(e.SignatureConfirmed, party=A, effect="definitive"),
        (NOTHING + " -> C", "C", NOTHING + " -> C", NOTHING, NOTHING, NOTHING, NOTHING + " -> C"),
    ),
    (
        "intention not to become a party",
        fact(e.IntentionNotToBecomeParty, party=A),
        ("F:out-of-order", "none", "none", *("F:already-consented",) * 3, "="),
    ),
    ("acceptance", consented("1990-01-01", "acceptance"), CONFIRMED_FIRST),
    ("approval", consented("1990-01-01", "approval"), CONFIRMED_FIRST),
    ("formal confirmation", consented("1990-01-01", "formal-confirmation"), CONFIRMED_FIRST),
    ("ratification", consented("1990-01-01", "ratification"), CONFIRMED_FIRST),
    ("accession", consented("1990-01-01", "accession"), ACCESSION),
    ("succession", consented("1990-01-01", "succession"), (*ACCESSION[:-1], "P")),
    ("participation", consented("1990-01-01", "participation"), ACCESSION),
    ("notification", consented("1990-01-01", "notification"), ACCESSION),
    ("simplified procedure", consented("1990-01-01", "simplified-procedure"), ACCESSION),
    (
        "consent, nobody says how",
        consented("1990-01-01", "unstated"),
        ("C", "C", "C", AGAIN, AGAIN, "F:revoke-first", "C"),
    ),
    (
        "consent withdrawn",
        fact(e.ConsentWithdrawn, party=A),
        (
            *("F:no-consent",) * 3,
            "S",
            "F:in-force-for-it -> S",
            "F:in-force-for-it -> S",
            "F:no-consent -> S",
        ),
    ),
    (
        "provisionally applied",
        fact(e.ProvisionallyApplied, party=A),
        ("=", "=", "=", "=", "F:already-in-force", "F:already-in-force", "="),
    ),
    (
        "entered into force for it",
        fact(e.EnteredIntoForceFor, party=A),
        (
            *("F:no-consent -> P",) * 3,
            "F:not-in-force-at-all -> P",
            "=",
            "F:already",
            "F:no-consent -> P",
        ),
    ),
    (
        "withdrawal notified",
        notice("1989-12-01", "1990-01-01"),
        (*("F:not-a-party -> X",) * 4, "X", "F:withdraws-twice", "F:not-a-party"),
    ),
    (
        "withdrawal revoked",
        fact(e.WithdrawalRevoked, party=A),
        (*("F:nothing-to-revoke -> P",) * 4, "F:nothing-to-revoke", "P", "F:took-effect -> P"),
    ),
    (
        "suspended for it",
        fact(e.Suspended, for_=A),
        (NOT_IN_FORCE + " -> U", *(NOT_IN_FORCE,) * 3, "=", "=", NOT_IN_FORCE),
    ),
    (
        "suspended between it and another",
        fact(e.Suspended, between=(A,)),
        (NOT_IN_FORCE + " -> U", *(NOT_IN_FORCE,) * 3, "=", "=", NOT_IN_FORCE),
    ),
    (
        "reservation formulated later",
        reserved("1990-01-01"),
        (WITH_IT + " -> U", WITH_IT, WITH_IT, LATE, LATE, LATE, WITH_IT),
    ),
    (
        "reservation objected",
        fact(e.ReservationObjected, by=A, ref="r9"),
        (NO_OBJECTOR + " -> U", NO_OBJECTOR, NO_OBJECTOR, *("=",) * 3, NO_OBJECTOR),
    ),
    ("terminated", fact(e.Terminated, ground="by consent"), (*("none",) * 4, "X", "X", "X")),
]
COLUMNS = ("none", "SAR", "S", "C", "P", "W", "X")


CELLS = [
    (act, body, before, cell)
    for act, body, cells in TABLE_1
    for before, cell in zip(COLUMNS, cells, strict=True)
]


@each(("act", "body", "before", "cell"), CELLS, lambda cell: f"{cell[0]}, {cell[2]}")
def test_a_cell_of_the_multilateral_table_holds(
    act: str, body: Body, before: str, cell: str
) -> None:
    others = [consented("1982-01-01", "accession", B), reserved("1982-01-01", "r9", B)]
    state = fold([*others, *GIVEN[before]])
    assert name(state) == STANDING[before]
    found, then = read(cell, before)
    assert names(state, body) == found
    assert name(after(state, body)) == then


# After an act that tells of one that is not recorded: what follows from each act then.
UNKNOWN = fact(e.ReservationObjected, "1989-01-01", by=A, ref="r9")
KNOWN_AGAIN = {
    "signed simple": "S",
    "signed definitive": "C",
    "ratification": "C",
    "entered into force for it": "P",
    "withdrawal notified": "X",
    "withdrawal revoked": "P",
    "intention not to become a party": "none",
    "consent withdrawn": "none",
    "reservation objected": "U",
    "provisionally applied": "U",
    "terminated": "U",
}


@pytest.mark.parametrize(("act", "then"), KNOWN_AGAIN.items())
def test_a_status_that_is_unknown_is_so_until_an_act_says_more(act: str, then: str) -> None:
    body = next(body for named, body, _ in TABLE_1 if named == act)
    others = [consented("1982-01-01", "accession", B), reserved("1982-01-01", "r9", B)]
    state = fold([*others, UNKNOWN])
    assert (name(state), standing_of(state, A).since) == ("unknown", None)
    assert name(fold(others)) == "none"
    assert name(after(state, body)) == STANDING[then]


@pytest.mark.parametrize("before", COLUMNS)
def test_a_finding_says_who_and_why_in_a_sentence(before: str) -> None:
    for _, body, _ in TABLE_1:
        for _, sentence in judge(fold(GIVEN[before]), body):
            assert "agreement/x" in sentence or A in sentence
            assert "{" not in sentence


def test_a_notice_makes_a_party_withdraw_until_its_day_comes() -> None:
    given = [*PARTY, notice("1989-06-01", "1990-06-01")]
    assert name(fold(given, date(1990, 5, 31))) == "withdrawing"
    assert name(fold(given, date(1990, 6, 1))) == "former"
    standing = standing_of(fold(given, date(1990, 6, 1)), A)
    assert (standing.since, standing.name) == ("1990-06-01", "former")


def test_a_withdrawal_of_a_party_is_accepted_with_a_later_effect() -> None:
    state = fold(PARTY)
    body = notice("1990-01-01", "1991-01-01")
    assert names(state, body) == []
    assert name(after(state, body)) == "withdrawing"


def test_a_withdrawal_takes_no_effect_before_its_notice() -> None:
    body = notice("1990-01-01", "1989-12-31")
    assert names(fold(PARTY), body) == ["effect-before-notice"]
    assert name(after(fold(PARTY), body)) == "former"


def test_a_withdrawal_of_unclear_order_is_recorded_with_a_finding() -> None:
    assert names(fold(PARTY), notice("1989-12-31", "1989")) == ["order-unclear"]


def test_a_notice_without_a_day_of_effect_stays_a_notice() -> None:
    body = fact(e.WithdrawalNotified, None, acted="1987-01-01", party=A)
    assert names(fold(PARTY), body) == []
    assert name(after(fold(PARTY), body)) == "withdrawing"


def test_a_revocation_holds_although_the_notice_is_dated_by_its_later_effect() -> None:
    given = [
        *PARTY,
        notice("1987-01-01", "1988-01-01"),
        fact(e.WithdrawalRevoked, "1987-06-01", party=A),
    ]
    assert name(fold(given)) == "party"
    assert standing_of(fold(given), A).since == "1986-01-01"


def test_a_revocation_on_the_day_of_effect_comes_too_late() -> None:
    state = fold([*PARTY, notice("1989-06-01", "1990-01-01")], date(1989, 12, 31))
    body = fact(e.WithdrawalRevoked, "1990-01-01", party=A)
    assert names(state, body) == ["took-effect"]
    unclear = fact(e.WithdrawalRevoked, "[1989-12-30..1990-01-02]", party=A)
    assert names(state, unclear) == ["order-unclear"]


def test_a_revoked_notice_may_be_given_anew() -> None:
    given = [
        *PARTY,
        notice("1987-01-01", "1988-01-01"),
        fact(e.WithdrawalRevoked, "1987-06-01", party=A),
        notice("1988-01-01", "1989-01-01"),
    ]
    assert name(fold(given)) == "former"


def test_who_is_former_by_termination_is_so_from_its_day() -> None:
    ended = fact(e.Terminated, "1989-03-01", ground="by consent of all")
    given = [*PARTY, notice("1987-01-01", "1988-01-01"), signed(party=B), consented(party=C)]
    state = fold([*given, in_force(), ended])
    since = {who: standing_of(state, who).since for who in (A, B, C)}
    assert name(state, C) == "former"
    assert since == {A: "1988-01-01", B: "1989-03-01", C: "1989-03-01"}


def test_a_former_party_accedes_again() -> None:
    given = [*PARTY, notice("1987-01-01", "1988-01-01"), consented("1989-01-01", "accession")]
    assert standing_of(fold(given), A).name == "party"
    assert standing_of(fold(given), A).since == "1989-01-01"


def test_a_notice_after_a_consent_while_withdrawing_ends_that_too() -> None:
    state = after(fold(PARTY, date(1989, 1, 1)), notice("1987-01-01", "1988-01-01"))
    again = after(state, consented("1987-06-01", "accession"))
    assert (name(state), name(again)) == ("former", "party")
    ended = after(again, notice("1987-07-01", "1988-06-01"))
    assert name(ended) == "former"
    assert standing_of(ended, A).since == "1988-06-01"


def test_a_withdrawn_consent_leaves_a_signatory_only_if_it_had_signed() -> None:
    withdrawn = fact(e.ConsentWithdrawn, party=A)
    assert name(after(fold(GIVEN["C"]), withdrawn)) == "signatory"
    assert name(after(fold([consented(mode="accession")]), withdrawn)) == "none"


def test_a_ratification_without_a_signature_is_found_only_where_others_signed() -> None:
    body = consented("1990-01-01")
    assert names(fold([signed(party=B)]), body) == ["ratifies-unsigned"]
    assert names(fold([]), body) == []
    assert names(fold([signed(party=B), signed()]), body) == []
    assert names(fold([signed(party=B)]), consented("1990-01-01", "accession")) == []


def test_a_signatory_that_means_not_to_become_a_party_is_marked_so_and_may_change_its_mind() -> (
    None
):
    given = [signed(), fact(e.IntentionNotToBecomeParty, "1981-01-01", party=A)]
    standing = standing_of(fold(given), A)
    assert (standing.name, standing.intends_not) == ("none", True)
    again = standing_of(fold([*given, consented()]), A)
    assert (again.name, again.intends_not) == ("contracting", False)


def test_the_intention_not_to_become_a_party_ends_provisional_application() -> None:
    applied = fact(e.ProvisionallyApplied, "1981-01-01", party=A)
    assert standing_of(fold([applied]), A).applies_provisionally
    body = fact(e.IntentionNotToBecomeParty, party=A)
    assert names(fold([applied]), body) == []
    assert not standing_of(after(fold([applied]), body), A).applies_provisionally
    assert not standing_of(after(fold([signed(), applied]), body), A).applies_provisionally


@pytest.mark.parametrize("before", ["none", "SAR", "S", "C", "X"])
def test_provisional_application_is_a_flag_and_no_consent(before: str) -> None:
    state = after(fold(GIVEN[before]), fact(e.ProvisionallyApplied, party=A))
    assert standing_of(state, A).applies_provisionally
    assert name(state) == STANDING[before]


def test_provisional_application_ends_for_those_who_become_parties() -> None:
    given = [*GIVEN["C"], fact(e.ProvisionallyApplied, "1985-06-01", party=A)]
    assert standing_of(fold(given), A).applies_provisionally
    ended = standing_of(fold([*given, in_force()]), A)
    assert (ended.name, ended.applies_provisionally) == ("party", False)
    left = [*given, in_force(), notice("1987-01-01", "1988-01-01")]
    assert not standing_of(fold(left), A).applies_provisionally


def test_provisional_application_lasts_as_long_as_it_is_said_to() -> None:
    applied = fact(e.ProvisionallyApplied, "1981-01-01/1982-01-01", party=A)
    assert not standing_of(fold([applied]), A).applies_provisionally
    assert standing_of(fold([applied], date(1981, 6, 1)), A).applies_provisionally


@pytest.mark.parametrize(
    ("before", "flagged"),
    [("none", False), ("SAR", False), ("S", True), ("C", True), ("P", False), ("X", False)],
)
def test_a_provisional_entry_into_force_is_applied_by_who_signed(
    before: str, flagged: bool
) -> None:
    state = fold([*GIVEN[before], in_force("1989-01-01", "provisional")])
    assert standing_of(state, A).applies_provisionally == flagged
    assert name(state) == STANDING[before]


@pytest.mark.parametrize(
    ("before", "then"), [("none", "none"), ("SAR", "SAR"), ("S", "S"), ("C", "P")]
)
def test_an_entry_into_force_makes_parties_of_contracting_states_alone(
    before: str, then: str
) -> None:
    given = [*GIVEN[before], consented("1982-01-01", "accession", B)]
    assert name(fold([*given, in_force("1989-12-01")])) == STANDING[then]


def test_who_consents_after_the_entry_into_force_is_a_party_at_once() -> None:
    given = [consented("1982-01-01", "accession", B), in_force(), consented("1989-01-01")]
    assert standing_of(fold(given), A).name == "party"
    assert standing_of(fold(given), A).since == "1989-01-01"


def test_an_entry_into_force_for_one_follows_that_of_the_agreement() -> None:
    body = fact(e.EnteredIntoForceFor, party=A)
    later = [*GIVEN["C"], in_force("1990-01-02")]
    assert names(fold(GIVEN["C"]), body) == ["not-in-force-at-all"]
    assert names(fold(later, date(1990, 1, 1)), body) == ["not-in-force-at-all"]
    untold = [*GIVEN["C"], ruled()]
    assert names(fold(untold), body) == ["order-unclear"]
    assert name(after(fold(untold), body)) == "party"


def test_a_suspension_is_a_flag_that_resuming_takes_off() -> None:
    state = after(fold(PARTY), fact(e.Suspended, for_=A))
    assert standing_of(state, A).suspended
    assert name(state) == "party"
    resumed = fact(e.Resumed)
    assert names(state, resumed) == []
    assert not standing_of(after(state, resumed), A).suspended
    assert names(fold(PARTY), resumed) == ["out-of-order"]
    assert names(fold(GIVEN["C"]), resumed) == ["not-in-force"]


def test_a_suspension_between_two_leaves_the_third_alone() -> None:
    given = [
        *(consented("1985-01-01", "accession", party) for party in (A, B, C)),
        in_force(),
        fact(e.Suspended, "1989-01-01", between=(A, B)),
    ]
    flags = {party: standing.suspended for party, standing in standings(fold(given))}
    assert flags == {A: True, B: True, C: False}


def test_a_suspension_of_all_needs_an_agreement_in_force() -> None:
    body = fact(e.Suspended)
    assert names(fold(GIVEN["C"]), body) == ["not-in-force"]
    state = after(fold(PARTY), body)
    assert standing_of(state, A).suspended
    assert phase(state) == "suspended"


@pytest.mark.parametrize(
    ("before", "moment"),
    [
        ("SAR", "1980-01-01"),
        ("S", "1980-01-01"),
        ("C", "1985-01-01"),
        ("P", "1985-01-01"),
        ("W", "1985-01-01"),
    ],
)
def test_a_reservation_goes_with_the_act_of_its_day(before: str, moment: str) -> None:
    body = reserved(moment)
    assert names(fold(GIVEN[before]), body) == []
    assert name(after(fold(GIVEN[before]), body)) == STANDING[before]


def test_a_reservation_of_unclear_day_is_recorded_with_a_finding() -> None:
    assert names(fold(GIVEN["S"]), reserved("1980")) == ["order-unclear"]


def test_a_reservation_on_signature_waits_for_its_confirmation_at_consent() -> None:
    given = [signed(), reserved("1980-01-01")]
    ratified = consented("1990-01-01")
    assert names(fold(given), ratified) == ["reservation-unconfirmed"]
    confirming = reserved("1990-01-01", "r2", confirms="r1")
    assert names(fold(given), confirming) == []
    assert names(fold([*given, confirming]), ratified) == []


def test_a_reservation_or_objection_that_nobody_made_is_not_withdrawn() -> None:
    gone = fact(e.ReservationWithdrawn, ref="r1")
    dropped = fact(e.ObjectionWithdrawn, ref="r1", by=B)
    assert names(fold(PARTY), gone) == ["unknown-reservation"]
    assert names(fold(PARTY), dropped) == ["unknown-reservation"]
    known = [*PARTY, reserved("1985-01-01"), consented("1982-01-01", "accession", B)]
    assert names(fold(known), gone) == []
    assert names(fold(known), dropped) == ["unknown-objection"]
    objected = fact(e.ReservationObjected, "1986-01-01", ref="r1", by=B)
    assert names(fold([*known, objected]), dropped) == []


def test_a_reference_names_one_reservation() -> None:
    given = [*PARTY, reserved("1985-01-01"), consented("1989-01-01", "accession", B)]
    body = reserved("1989-01-01", "r1", B)
    assert names(fold(given), body) == ["reference-taken"]


def test_an_objection_to_an_unknown_reservation_is_found() -> None:
    body = fact(e.ReservationObjected, ref="r7", by=A)
    assert names(fold(PARTY), body) == ["unknown-reservation"]


def postponed(acted: str, on: str | None, party: str = A) -> Body:
    body: Body = fact(e.WithdrawalPostponed, on, acted=acted, party=party)
    return body


# The withdrawal of the United Kingdom (article 50(3)), with days of its own.
NOTICE = notice("1988-03-29", "1990-03-29")
MOVED = (
    postponed("1990-03-22", "1990-04-12"),
    postponed("1990-04-11", "1990-10-31"),
    postponed("1990-10-28", "1991-01-31"),
)


@pytest.mark.parametrize(
    ("moved", "day", "standing"),
    [
        (0, "1990-03-28", "withdrawing"),
        (0, "1990-03-29", "former"),
        (1, "1990-03-29", "withdrawing"),
        (1, "1990-04-11", "withdrawing"),
        (1, "1990-04-12", "former"),
        (2, "1990-04-12", "withdrawing"),
        (2, "1990-10-31", "former"),
        (3, "1990-10-31", "withdrawing"),
        (3, "1991-01-30", "withdrawing"),
        (3, "1991-01-31", "former"),
    ],
)
def test_the_agreement_to_postpone_made_last_gives_the_day(
    moved: int, day: str, standing: str
) -> None:
    state = fold([*PARTY, NOTICE, *MOVED[:moved]], date.fromisoformat(day))
    assert name(state) == standing
    if standing == "former":
        assert standing_of(state, A).since == day


def test_a_postponement_that_is_agreed_earlier_and_dated_later_does_not_give_the_day() -> None:
    given = [*PARTY, NOTICE, postponed("1990-03-25", "1990-05-01"), postponed("1990-03-20", "1991")]
    assert name(fold(given, date(1990, 5, 1))) == "former"


def test_a_notice_without_a_day_is_postponed_too() -> None:
    given = [*PARTY, fact(e.WithdrawalNotified, None, acted="1988-03-29", party=A), MOVED[0]]
    assert name(fold(given, date(1990, 4, 11))) == "withdrawing"
    assert name(fold(given, date(1990, 4, 12))) == "former"


def test_a_revocation_is_in_time_until_the_day_that_was_put_off() -> None:
    revoked = fact(e.WithdrawalRevoked, "1990-09-01", acted="1990-09-01", party=A)
    for moved, found in ((0, ["took-effect"]), (1, ["took-effect"]), (2, [])):
        state = fold([*PARTY, NOTICE, *MOVED[:moved]], date(1990, 9, 1))
        assert names(state, revoked) == found
        given = [*PARTY, NOTICE, *MOVED[:moved], revoked]
        assert name(fold(given, date(1992, 1, 1))) == "party"  # its act is recorded: it was revoked


def test_only_a_notice_is_postponed() -> None:
    assert names(fold(PARTY), postponed("1989-12-01", "1990-06-01")) == ["nothing-to-postpone"]
    assert names(fold([*PARTY, NOTICE]), MOVED[0]) == []
    assert name(fold([*PARTY, MOVED[0]])) == "party"


@pytest.mark.parametrize(
    ("resumed", "still"),
    [
        ({}, []),
        ({"for_": A}, [B, C]),
        ({"for_": B}, [A, B, C]),
        ({"between": (B, C)}, [A]),
        ({"between": (A, B, C)}, [A, B, C]),
    ],
)
def test_what_is_resumed_is_what_was_suspended_for_the_same(
    resumed: dict[str, Any], still: list[str]
) -> None:
    given = [
        *(consented("1985-01-01", "accession", party) for party in (A, B, C)),
        in_force(),
        fact(e.Suspended, "1988-01-01", for_=A),
        fact(e.Suspended, "1988-01-01", between=(B, C)),
    ]
    body = fact(e.Resumed, "1989-01-01", **resumed)
    state = fold([*given, body])
    assert [party for party, one in standings(state) if one.suspended] == still
    ends_nothing = still == [A, B, C]
    assert names(fold(given), body) == (["out-of-order"] if ends_nothing else [])


def test_a_resumption_for_one_leaves_the_agreement_suspended_for_all() -> None:
    given = [*PARTY, fact(e.Suspended, "1988-01-01")]
    assert phase(fold([*given, fact(e.Resumed, "1989-01-01", for_=A)])) == "suspended"
    assert phase(fold([*given, fact(e.Resumed, "1989-01-01")])) == "in force"


def test_territories_are_those_included_and_not_excluded_since() -> None:
    def included(on: str, island: str = "party/aa-island", party: str = A) -> Body:
        body: Body = fact(e.TerritoryIncluded, on, party=party, territory=island)
        return body

    excluded = fact(e.TerritoryExcluded, "1989-01-01", party=A, territory="party/aa-island")

    def found(*given: Body) -> list[tuple[str, str, str | None]]:
        state = fold([*PARTY, *given])
        return [(one.party, one.territory, one.since) for one in state.territories]

    one = (A, "party/aa-island", "1988-01-01")
    assert found(included("1988-01-01")) == [one]
    assert found(included("1988-01-01"), included("1988-01-01", "party/aa-isle", B)) == [
        one,
        (B, "party/aa-isle", "1988-01-01"),
    ]
    assert found(included("1988-01-01"), excluded) == []
    assert found(included("1988-01-01"), excluded, included("1989-06-01")) == [
        (A, "party/aa-island", "1989-06-01")
    ]
    assert name(fold([*PARTY, included("1988-01-01")])) == "party"
