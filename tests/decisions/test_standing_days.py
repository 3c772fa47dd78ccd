"""Since when is a party what it is, and what of that is presumed, computed or perhaps so?"""

from datetime import date, datetime

import pytest

from domain.agreement.state import (
    Agreement,
    agreement_in_force,
    ceased_sides,
    own_day_differs,
    standing_of,
    standings,
    statuses,
)
from domain.claims.claim import Claim
from domain.claims.interval import Interval
from domain.claims.party_ends import PartyEnd
from domain.kinds.agreement import evolve_all, initial
from events.body import Body
from events.kinds import agreement as e
from events.kinds.entry_into_force_rule import Later, Rule, Trigger
from tests.decisions.treaty_facts import (
    GIVEN,
    PARTY,
    A,
    B,
    after,
    consented,
    fact,
    fold,
    in_force,
    notice,
    signed,
)

FIRST = Trigger(on="instruments", n=1)


def rule(later: Later | None = None) -> Body:
    body: Body = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(when=FIRST, later=later))
    return body


@pytest.mark.parametrize(
    ("before", "since"),
    [
        ("SAR", "1980-01-01"),
        ("S", "1980-01-01"),
        ("C", "1985-01-01"),
        ("P", "1986-01-01"),
        ("W", "1989-06-01"),
        ("X", "1988-01-01"),
    ],
)
def test_each_status_has_the_day_since_when_it_is_so(before: str, since: str) -> None:
    assert standing_of(fold(GIVEN[before]), A).since == since


def test_the_names_of_all_are_those_of_their_standings() -> None:
    for before, given in GIVEN.items():
        state = fold([*given, signed(party=B)], sides=(A, B, "party/dd"))
        expected = tuple((who, one.name) for who, one in standings(state))
        assert statuses(state) == expected, before


@pytest.mark.parametrize(
    ("given", "since"), [("1988-06-01", "1989-01-01"), ("1989-06-01", "1989-06-01")]
)
def test_who_consents_again_is_contracting_from_the_end_of_its_notice_on(
    given: str, since: str
) -> None:
    leaving = fold([rule(Later(delay="P10Y")), *PARTY])
    for body in (notice("1988-01-01", "1989-01-01"), consented(given, "accession")):
        leaving = after(leaving, body)
    again = standing_of(leaving, A)
    assert (again.name, again.since) == ("contracting", since)


def test_a_text_of_two_sides_is_over_for_both_from_the_day_of_the_notice() -> None:
    treaty = [signed(mode="definitive"), signed(mode="definitive", party=B)]
    state = fold([*treaty, notice("1988-01-01", "1989-01-01")], sides=(A, B))
    assert [(one.name, one.since) for _, one in standings(state)] == [("former", "1989-01-01")] * 2


def test_what_is_presumed_is_presumed_of_a_party_alone() -> None:
    """Who consents after the entry into force is bound at once, if no rule says otherwise."""
    later = consented("1987-01-01", "accession", B)
    party = standing_of(fold([*PARTY, later]), B)
    assert (party.name, party.presumed) == ("party", True)
    assert not standing_of(fold([*PARTY, later]), A).presumed
    waiting = standing_of(fold([*PARTY, consented("1995-01-01", "accession", B)]), B)
    assert not waiting.presumed


OWN_DAY = fact(e.EnteredIntoForceFor, "1988-03-01", party=B)


@pytest.mark.parametrize(
    ("own", "computed"), [("1988-03-01", "1988-01-01"), ("1988-01-01", None), ("1988", None)]
)
def test_an_own_day_that_is_not_the_computed_one_shows_both(own: str, computed: str | None) -> None:
    ratified = consented("1987-01-01", "accession", B)
    day = fact(e.EnteredIntoForceFor, own, party=B)
    on = date(1990, 1, 1)
    state = fold([rule(Later(delay="P1Y")), consented("1985-01-01"), ratified, day], on)
    assert (standing_of(state, B).name, standing_of(state, B).computed) == ("party", computed)
    assert own_day_differs(state, B) == computed
    assert own_day_differs(state, A) is None
    without_rule = fold([*PARTY, ratified, day], on)
    assert standing_of(without_rule, B).computed is None


def test_before_the_own_day_no_other_is_shown() -> None:
    acts = [consented("1985-01-01"), consented("1987-01-01", "accession", B)]
    state = fold([rule(Later(delay="P1Y")), *acts], date(1987, 6, 1))
    assert (standing_of(state, B).name, standing_of(state, B).computed) == ("contracting", None)


@pytest.mark.parametrize(
    ("effect", "perhaps"),
    [
        ("1989-12", "party"),
        ("[1989-12-31..1990-01-02]", "former"),
        ("[..1990-02-01]", "withdrawing"),
    ],
)
def test_a_day_without_a_first_one_is_not_perhaps_come(effect: str, perhaps: str) -> None:
    state = fold([*PARTY, notice("1988-01-01", effect)])
    known = dict(standings(state, perhaps=True))[A].name
    assert known == ("former" if effect == "1989-12" else perhaps)


@pytest.mark.parametrize(
    ("gate", "mode"), [("binding", "definitive"), ("not-binding", "operation")]
)
def test_a_treaty_is_in_force_and_a_paper_in_operation(gate: str, mode: str) -> None:
    given = [signed(), signed(party=B)]
    state = fold(given, gate=gate, sides=(A, B))  # type: ignore[arg-type] # a parameter of pytest
    assert agreement_in_force(state).mode == mode


def asked(moment: str, effect: str, zone: str) -> str:
    """Return the status of who gave a notice, at an instant."""
    at = datetime.fromisoformat(moment)
    left = fact(e.WithdrawalNotified, effect, acted="1988-01-01", party=A, zone=zone)
    first = initial("agreement/x", at.date(), "binding", frozenset(), moment=at)
    claims = [Claim(n, n, "agreement/x", "", body) for n, body in enumerate([*PARTY, left], 1)]
    return standing_of(evolve_all(first, claims), A).name


@pytest.mark.parametrize(
    ("moment", "zone", "then"),
    [
        ("1990-01-01T00:00:00+00:00", "UTC", "former"),
        ("1990-01-01T05:59:59+00:00", "America/El_Salvador", "withdrawing"),
        ("1990-01-01T06:00:00+00:00", "America/El_Salvador", "former"),
    ],
)
def test_a_notice_takes_effect_at_the_first_moment_of_its_day(
    moment: str, zone: str, then: str
) -> None:
    assert asked(moment, "1990-01-01", zone) == then


def ends(*found: PartyEnd, acts: list[Body]) -> Agreement:
    first = initial("agreement/x", date(1990, 1, 1), "binding", frozenset(), ends=found)
    return evolve_all(
        first, [Claim(n, n, "agreement/x", "", body) for n, body in enumerate(acts, 1)]
    )


def on(day: str) -> Interval:
    return Interval(date.fromisoformat(day), date.fromisoformat(day))


def test_who_ceased_and_is_continued_by_none_is_told() -> None:
    state = ends(
        PartyEnd(A, on("1988-12-31")),
        PartyEnd(B, on("1988-12-31"), (("party/cc", on("1989-01-01")),)),
        acts=[consented(), consented(party=B, mode="accession"), in_force()],
    )
    assert ceased_sides(state) == (A,)
    assert standing_of(state, A).name == "former"


CC, DD = "party/cc", "party/dd"
BOTH: list[Body] = [consented(), consented(party=B, mode="accession"), in_force()]
ACT = fact(e.Registered, "1988-06-01", with_="party/un", number="1")


@pytest.mark.parametrize("acts", [BOTH, [*BOTH, ACT]])
@pytest.mark.parametrize("turned", [False, True])
def test_who_continues_a_party_is_continued_in_its_turn(acts: list[Body], turned: bool) -> None:
    """Yugoslavia took the name Serbia and Montenegro in 2003, which Serbia continues since 2006.

    Whatever was recorded of the agreement between, or nothing.
    """
    chain = [
        PartyEnd(A, None, ((CC, on("1988-01-01")),)),
        PartyEnd(CC, None, ((DD, on("1989-01-01")),)),
    ]
    state = ends(*(chain[::-1] if turned else chain), acts=acts)
    assert dict(statuses(state)) == {A: "former", B: "party", CC: "former", DD: "party"}
    assert [dict(standings(state))[who].continued_by for who in (A, CC)] == [CC, DD]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("last_day", ["1988-12-31", "1989-06-30"])
@pytest.mark.parametrize("known", [[], [signed("1980-01-01", party=CC)]])
def test_who_continues_a_party_may_be_dissolved(
    known: list[Body], last_day: str, turned: bool
) -> None:
    """Though it was gone the evening before it would have continued the other."""
    found = [PartyEnd(CC, on(last_day)), PartyEnd(A, None, ((CC, on("1989-01-01")),))]
    state = ends(*(found[::-1] if turned else found), acts=[*known, *BOTH])
    assert dict(statuses(state)) == {A: "former", B: "party", CC: "former"}


def test_two_that_continue_each_other_end() -> None:
    turns = [
        PartyEnd(A, None, ((CC, on("1988-01-01")),)),
        PartyEnd(CC, None, ((A, on("1989-01-01")),)),
    ]
    assert dict(statuses(ends(*turns, acts=BOTH)))[A] == "party"
