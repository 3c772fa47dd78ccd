"""What becomes of an agreement when a party ceases to exist (docs/spec/treaties.md, 9)?"""

from datetime import date

import pytest

from domain.agreement.binding import Binding
from domain.agreement.state import (
    Agreement,
    Extension,
    agreement_in_force,
    phase,
    standings,
    with_ends,
)
from domain.claims.claim import Claim, chronological
from domain.claims.interval import Interval
from domain.claims.party_ends import PartyEnd
from domain.kinds.agreement import evolve_all, initial, judge, reservations_between
from events.body import Body
from events.kinds import agreement as e
from events.kinds.entry_into_force_rule import Rule, Trigger
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
    *bodies: Body,
    ends: tuple[PartyEnd, ...],
    on: date = ON,
    sides: tuple[str, ...] = (),
    gate: Binding = "binding",
) -> Agreement:
    claims = [Claim(n, n, "agreement/x", "", body) for n, body in enumerate(bodies, 1)]
    first = initial("agreement/x", on, gate, frozenset(sides), ends=ends)
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


CONTINUED_IN_1988 = PartyEnd(A, None, ((C, day("1988-01-01")),))


def test_reservations_and_territories_are_continued_too() -> None:
    given = [
        *EVERYBODY,
        in_force(),
        reserved("1985-01-01"),
        reserved("1985-01-01", "r3", B),
        fact(e.TerritoryIncluded, "1986-01-01", party=A, territory="party/island"),
        fact(e.TerritoryIncluded, "1986-02-01", party=B, territory="party/coast"),
        fact(e.ReservationWithdrawn, "1989-12-01", ref="r2"),
    ]
    state = fold(*given, ends=(CONTINUED_IN_1988,))
    assert {one.ref: one.party for one in state.reservations} == {"r1": C, "r3": B}
    assert state.territories == (
        Extension(C, "party/island", "1986-01-01"),
        Extension(B, "party/coast", "1986-02-01"),
    )


def test_what_a_party_objected_to_is_objected_by_the_state_that_continues_it() -> None:
    """So the Russian Federation continues what the Soviet Union did (letter of 1991-12-24)."""
    given = [
        *EVERYBODY,
        consented("1985-01-01", "accession", D),
        reserved("1985-01-01", "r1", B),
        fact(e.ReservationObjected, "1985-06-01", by=A, ref="r1"),
        fact(e.ReservationObjected, "1985-07-01", by=D, ref="r1", precludes=True),
    ]
    between = reservations_between(fold(*given, ends=(CONTINUED_IN_1988,)))
    assert {pair.other: (pair.effect, pair.since) for pair in between} == {
        C: ("objected", "1985-06-01"),
        D: ("not in force between", "1985-07-01"),
    }


BY_NOTIFICATIONS = Trigger(on="notifications", counted="received")
BY_SIGNATORIES = Trigger(on="consents-of", whose="signatories")


def under(when: Trigger) -> Body:
    body: Body = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(when=when))
    return body


def notified(on: str, who: str) -> Body:
    body: Body = fact(e.NotificationMade, on, party=who, purpose="entry into force, article 9")
    return body


@pytest.mark.parametrize("on", ["1987-06-01", "1989-01-01"])
def test_a_notification_made_before_is_one_of_the_state_that_continues(on: str) -> None:
    given = [under(BY_NOTIFICATIONS), notified("1987-01-01", A), notified(on, B)]
    state = fold(*given, ends=(CONTINUED_IN_1988,), sides=(A, B))
    assert agreement_in_force(with_ends(state, ON)).computed == on


def test_an_instrument_is_counted_once_where_its_party_is_continued() -> None:
    two = [under(Trigger(on="instruments", n=3)), *EVERYBODY]
    state = with_ends(fold(*two, ends=(CONTINUED_IN_1988,)), ON)
    assert agreement_in_force(state).missing == "1 more instrument"


def test_a_signatory_that_is_continued_has_consented_where_it_had() -> None:
    acts = [*(signed(party=who) for who in (A, B)), *EVERYBODY]
    state = with_ends(fold(under(BY_SIGNATORIES), *acts, ends=(CONTINUED_IN_1988,)), ON)
    assert agreement_in_force(state).computed == "1985-01-01"


@pytest.mark.parametrize(
    ("end", "then"),
    [
        (GONE, {A: ("former participant", "1989-01-01"), B: ("participant", "1980-02-01")}),
        (
            CONTINUED_IN_1988,
            {
                A: ("former participant", "1988-01-01"),
                B: ("participant", "1980-02-01"),
                C: ("participant", "1980-02-01"),
            },
        ),
    ],
)
def test_who_ceases_was_a_participant_of_a_paper(
    end: PartyEnd, then: dict[str, tuple[str, str]]
) -> None:
    signatures = [signed("1980-01-01"), signed("1980-02-01", party=B)]
    state = fold(*signatures, ends=(end,), sides=(A, B), gate="not-binding")
    assert {who: (one.name, one.since) for who, one in standings(state)} == then
    assert phase(with_ends(state, ON)) == "in operation"


def test_a_participant_that_left_before_it_ceased_is_former_since_it_left() -> None:
    given = [signed(), signed(party=B), signed(party=D), notice("1986-01-01", "1986-01-01")]
    state = fold(*given, ends=(GONE,), sides=(A, B, D), gate="not-binding")
    former = dict(standings(state))[A]
    assert (former.name, former.since) == ("former participant", "1986-01-01")


def test_who_was_bound_only_perhaps_is_former_only_perhaps() -> None:
    """In force within the month in which a party ceased: before that day, or after it."""
    end = PartyEnd(A, day("1988-12-15"))
    state = fold(*EVERYBODY, in_force("1988-12"), ends=(end,))
    assert statuses(state)[A] == "none"
    assert statuses(state, perhaps=True)[A] == "former"


@pytest.mark.parametrize(
    ("effect", "since"),
    [("1988-12-31", "1988-12-31"), ("1989-01-01", "1989-01-01"), ("1989-01-02", "1989-01-01")],
)
def test_a_notice_counts_up_to_the_last_day_of_the_party(effect: str, since: str) -> None:
    """On the last day its own notice ends its part; from the day after it is gone anyway."""
    state = fold(*EVERYBODY, in_force(), notice("1988-01-01", effect), ends=(GONE,))
    former = dict(standings(state))[A]
    assert (former.name, former.since) == ("former", since)


def test_a_state_that_consented_itself_keeps_its_own_status() -> None:
    given = [*EVERYBODY, in_force(), consented("1987-01-01", "accession", C)]
    state = fold(*given, ends=(PartyEnd(A, None, ((C, day("1988-01-01")),)),))
    assert statuses(state) == {A: "former", B: "party", C: "party"}
    own = dict(standings(state))[C]
    assert (own.since, own.continues) == ("1987-01-01", (A,))
    assert dict(standings(state))[A].continued_by == C


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
    state = fold(*EVERYBODY, in_force(), ends=(PartyEnd(D, day("1988-12-31")), GONE))
    assert statuses(state) == {A: "former", B: "party"}
