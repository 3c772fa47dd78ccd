"""What becomes of an agreement when a party ceases to exist (docs/spec/treaties.md, 9)?"""

from datetime import date

import pytest

from domain.agreement.state import Agreement, phase, standings
from domain.claims.claim import Claim, chronological
from domain.claims.interval import Interval
from domain.claims.party_ends import PartyEnd
from domain.kinds.agreement import evolve_all, initial, judge
from events.body import Body
from events.kinds import agreement as e
from tests.decisions.treaty_facts import (
    ON,
    A,
    B,
    C,
    consented,
    fact,
    in_force,
    notice,
    reserved,
    signed,
)

D = "party/dd"
EVERYBODY = [consented("1985-01-01", "accession", who) for who in (A, B)]


def day(text: str, last: str | None = None) -> Interval:
    return Interval(date.fromisoformat(text), date.fromisoformat(last or text))


def fold(
    *bodies: Body, ends: tuple[PartyEnd, ...], on: date = ON, sides: tuple[str, ...] = ()
) -> Agreement:
    claims = [Claim(n, n, "agreement/x", "", body) for n, body in enumerate(bodies, 1)]
    first = initial("agreement/x", on, "binding", frozenset(sides), ends=ends)
    return evolve_all(first, sorted(claims, key=chronological))


def statuses(state: Agreement, *, perhaps: bool = False) -> dict[str, str]:
    return {party: one.name for party, one in standings(state, perhaps=perhaps)}


GONE = PartyEnd(A, day("1988-12-31"))


@pytest.mark.parametrize(("on", "then"), [("1988-12-31", "party"), ("1989-01-01", "former")])
def test_the_day_of_dissolution_is_the_last_day(on: str, then: str) -> None:
    state = fold(*EVERYBODY, in_force(), ends=(GONE,), on=date.fromisoformat(on))
    assert statuses(state) == {A: then, B: "party"}
    (former, _) = (one for _, one in standings(state))
    assert (former.ceased, former.since) == (
        then == "former",
        on if then == "former" else "1986-01-01",
    )


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ([signed()], "none"),
        ([consented()], "none"),
        ([consented(), in_force(), notice("1987-01-01", "1988-01-01")], "former"),
        ([consented(), in_force(), notice("1987-01-01", "1991-01-01")], "former"),
    ],
)
def test_who_was_not_bound_has_no_status_afterwards(given: list[Body], then: str) -> None:
    assert statuses(fold(*given, ends=(GONE,)))[A] == then


def test_a_day_that_is_a_set_gives_what_is_perhaps_so() -> None:
    end = PartyEnd(A, day("1989-06-01", "1990-06-01"))
    state = fold(*EVERYBODY, in_force(), ends=(end,))
    assert statuses(state)[A] == "party"
    assert statuses(state, perhaps=True)[A] == "former"


@pytest.mark.parametrize("dissolved", [None, day("1987-12-26"), day("1987-12-23")])
@pytest.mark.parametrize(
    ("on", "held"),
    [("1987-12-23", A), ("1987-12-24", C), ("1987-12-25", C), ("1987-12-27", C), ("1990-01-01", C)],
)
def test_a_status_that_is_continued_is_held_once(
    on: str, held: str, dissolved: Interval | None
) -> None:
    end = PartyEnd(A, dissolved, ((C, day("1987-12-24")),))
    state = fold(*EVERYBODY, in_force(), ends=(end,), on=date.fromisoformat(on))
    assert [who for who, name in statuses(state).items() if name == "party"] == sorted([B, held])
    if held == C:
        one = dict(standings(state))
        assert (one[C].continues, one[A].continued_by, one[A].name) == ((A,), C, "former")


def test_reservations_and_territories_are_continued_too() -> None:
    given = [
        *EVERYBODY,
        in_force(),
        reserved("1985-01-01"),
        fact(e.TerritoryIncluded, "1986-01-01", party=A, territory="party/island"),
        fact(e.ReservationWithdrawn, "1989-12-01", ref="r2"),
    ]
    state = fold(*given, ends=(PartyEnd(A, None, ((C, day("1988-01-01")),)),))
    assert [one.party for one in state.reservations] == [C]
    assert [one.party for one in state.territories] == [C]


def test_a_state_that_consented_itself_keeps_its_own_status() -> None:
    given = [*EVERYBODY, in_force(), consented("1987-01-01", "accession", C)]
    state = fold(*given, ends=(PartyEnd(A, None, ((C, day("1988-01-01")),)),))
    assert statuses(state) == {A: "former", B: "party", C: "party"}
    assert dict(standings(state))[C].since == "1987-01-01"


def test_what_the_continuing_state_does_is_done_by_a_side() -> None:
    end = PartyEnd(A, day("1987-12-31"), ((C, day("1988-01-01")),))
    treaty = [signed(mode="definitive"), signed(mode="definitive", party=B)]
    state = fold(*treaty, ends=(end,), sides=(A, B))
    assert phase(state) == "in force"
    assert not judge(state, notice("1990-01-01", "1991-01-01", C))
    left = fold(*treaty, notice("1989-01-01", "1990-01-01", C), ends=(end,), sides=(A, B))
    assert statuses(left) == {A: "former", B: "former", C: "former"}
    assert phase(left) == "ended"


def test_nothing_ends_where_a_side_ceased_to_exist_and_its_successors_stand_there() -> None:
    treaty = [signed(mode="definitive"), signed(mode="definitive", party=B)]
    state = fold(*treaty, ends=(GONE,), sides=(A, B))
    assert (phase(state), statuses(state)) == ("in force", {A: "former", B: "party"})
    succeeded = [
        *treaty,
        consented("1989-01-01", "succession", C, predecessor=A),
        consented("1989-01-01", "succession", D, predecessor=A),
    ]
    state = fold(*succeeded, ends=(GONE,), sides=(A, B))
    assert statuses(state) == {A: "former", B: "party", C: "party", D: "party"}
    one_left = fold(*succeeded, notice("1989-06-01", "1989-12-01", C), ends=(GONE,), sides=(A, B))
    assert statuses(one_left) == {A: "former", B: "party", C: "former", D: "party"}
    assert phase(one_left) == "in force"
    other_left = fold(*succeeded, notice("1989-06-01", "1989-12-01", B), ends=(GONE,), sides=(A, B))
    assert statuses(other_left) == {A: "former", B: "former", C: "former", D: "former"}
    assert phase(other_left) == "ended"


def succession(who: str, **more: str) -> Body:
    body: Body = consented("1989-01-01", "succession", who, **more)
    return body


TREATY = [signed(mode="definitive"), signed(mode="definitive", party=B)]
CONTINUED = PartyEnd(A, day("1988-12-31"), ((C, day("1988-12-24")),))


@pytest.mark.parametrize(
    ("ends", "given", "said"),
    [
        ((GONE,), [succession(C)], []),  # the one side that ceased to exist is meant
        ((GONE,), [succession(C), succession(D)], []),
        ((GONE,), [succession(C, predecessor=A), succession(D, predecessor=A)], []),
        ((), [succession(C, predecessor=A), succession(D, predecessor=A)], []),
        ((CONTINUED,), [succession(D, predecessor=A)], []),
        ((CONTINUED,), [succession(D, predecessor=C)], []),
        ((), [succession(C)], ["predecessor-not-stated"]),
        ((CONTINUED,), [succession(D)], ["predecessor-not-stated"]),
        ((GONE, PartyEnd(B, day("1988-12-31"))), [succession(D)], ["predecessor-not-stated"]),
        ((GONE,), [succession(C, predecessor=D)], ["two-sides-only"]),
    ],
)
def test_what_is_said_of_a_successor_is_what_its_status_says(
    ends: tuple[PartyEnd, ...], given: list[Body], said: list[str]
) -> None:
    """A succession that has a finding moves nothing, and one that moves has none."""
    before = fold(*TREATY, *given[:-1], ends=ends, sides=(A, B))
    assert [name for name, _ in judge(before, given[-1])] == said
    found = statuses(fold(*TREATY, *given, ends=ends, sides=(A, B)))
    for body in given:
        assert isinstance(body, e.ConsentExpressed)
        assert (found.get(body.party) == "party") is (not said)


def test_a_successor_beside_the_continuing_state_leaves_alone() -> None:
    given = [*TREATY, succession(D, predecessor=A), notice("1989-06-01", "1989-12-01", D)]
    state = fold(*given, ends=(CONTINUED,), sides=(A, B))
    assert statuses(state) == {A: "former", B: "party", C: "party", D: "former"}
    assert phase(state) == "in force"
    given[-1] = notice("1989-06-01", "1989-12-01", C)
    state = fold(*given, ends=(CONTINUED,), sides=(A, B))
    assert statuses(state) == {A: "former", B: "party", C: "former", D: "party"}


def test_what_is_not_known_of_a_party_ends_nothing() -> None:
    state = fold(*EVERYBODY, in_force(), ends=(PartyEnd(D, day("1988-12-31")),))
    assert statuses(state) == {A: "party", B: "party"}
