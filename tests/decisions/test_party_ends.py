"""What is read of the end of the parties that an agreement names (docs/spec/treaties.md, 9)?"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from domain.claims.claim import Claim, Clocks
from domain.claims.interval import Interval
from domain.claims.party_ends import PartyEnd, named_parties, party_ends, with_parties
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import Resolution, fold
from events import validation
from tests.decisions.batches import Told, about, told

SU, RU, SUZDAL, CS = "party/su", "party/ru", "party/suzdal", "party/cs"
ASKED = Clocks(date(1993, 6, 1))
DISSOLVED = told("party.dissolved", effective="1991-12-26")
CONTINUED = told("party.continued-by", effective="1991-12-24", party=RU)
NAMED = told("party.established", name="A State", type="state", effective="1922-12-30")
OPINION = told("party.stated", gist="It welcomes the treaty.")


def claims(thing: str, *facts: Told) -> list[Claim]:
    return [
        Claim(n, n, thing, name, validation.read_body(name, data))
        for n, (name, data) in enumerate(facts, 1)
    ]


def signed_by(*parties: str) -> list[Claim]:
    facts = [
        told("agreement.signed", party=who, mode="simple", effective="1987-12-08")
        for who in parties
    ]
    return claims("agreement/inf", *facts)


def views(
    known: dict[str, list[Claim]], clocks: Clocks = ASKED
) -> Callable[[str], Resolution | None]:
    def view_of(party: str) -> Resolution | None:
        return fold(known[party], clocks, policy(DEFAULT)) if party in known else None

    return view_of


def read(known: dict[str, list[Claim]], *parties: str, clocks: Clocks = ASKED) -> Resolution:
    view = fold(signed_by(*parties), clocks, policy(DEFAULT))
    return with_parties(view, views(known, clocks))


def on(day: str) -> Interval:
    return Interval(date.fromisoformat(day), date.fromisoformat(day))


def things(view: Resolution) -> list[str]:
    """Return of which parties something is read."""
    return [claim.thing for party in view.parties for claim in party.standing.claims[:1]]


def test_who_dissolved_and_who_continues_it_is_read() -> None:
    view = read({SU: claims(SU, NAMED, DISSOLVED, CONTINUED)}, SU, "party/us")
    assert party_ends(view) == (PartyEnd(SU, on("1991-12-26"), ((RU, on("1991-12-24")),)),)
    assert view.perhaps is None


@pytest.mark.parametrize(
    ("facts", "end"),
    [
        ([NAMED, DISSOLVED], PartyEnd(SU, on("1991-12-26"))),
        ([CONTINUED], PartyEnd(SU, None, ((RU, on("1991-12-24")),))),
        ([NAMED, OPINION], None),
        # A day to come is read too: whether it has come the agreement says.
        ([told("party.dissolved", effective="2000-01-01")], PartyEnd(SU, on("2000-01-01"))),
    ],
)
def test_either_alone_is_an_end(facts: list[Told], end: PartyEnd | None) -> None:
    assert party_ends(read({SU: claims(SU, *facts)}, SU)) == ((end,) if end else ())


def test_an_end_without_a_day_is_none_and_one_that_is_contested_hides_no_other() -> None:
    undated = {key: value for key, value in CONTINUED[1].items() if key != "effective"}
    assert party_ends(read({SU: claims(SU, (CONTINUED[0], undated))}, SU)) == ()
    others = {**DISSOLVED[1], "asserted_by": "party/un", "effective": "1991-12-08"}
    facts = claims(SU, DISSOLVED, (DISSOLVED[0], others), CONTINUED)
    view = fold(signed_by(SU), ASKED, policy("strict"))
    party = fold(facts, ASKED, policy("strict"))
    contested = with_parties(view, lambda who: party if who == SU else None)
    assert party_ends(contested) == (PartyEnd(SU, None, ((RU, on("1991-12-24")),)),)


def test_nothing_but_the_end_is_read_of_a_party() -> None:
    (party,) = read({SU: claims(SU, NAMED, OPINION, DISSOLVED)}, SU).parties
    assert [claim.type for one in party.occurrences for claim in one.claims] == ["party.dissolved"]
    assert party.series == ()


def test_a_party_of_which_no_end_was_ever_said_is_left_out() -> None:
    known = {SU: claims(SU, NAMED), CS: claims(CS, NAMED, DISSOLVED)}
    assert things(read(known, SU, CS, "party/us")) == [CS]
    assert read({SU: claims(SU, NAMED)}, SU).parties == ()


def test_an_end_that_was_retracted_is_kept_for_a_difference_to_name() -> None:
    back = about("retracted", target=f"{SU}/1", reason="recording-error")
    view = read({SU: claims(SU, DISSOLVED, NAMED, back)}, SU)
    assert [list(party.standing.retracted) for party in view.parties] == [[f"{SU}/1"]]
    assert party_ends(view) == ()


def test_who_continues_a_party_is_read_in_its_turn() -> None:
    again = told("party.continued-by", effective="1992-12-31", party=SUZDAL)
    known = {
        SU: claims(SU, CONTINUED, DISSOLVED),
        RU: claims(RU, again),
        SUZDAL: claims(SUZDAL, told("party.dissolved", effective="1993-01-01")),
        CS: claims(CS, told("party.dissolved", effective="1992-12-31")),
    }
    view = read(known, CS, SU, "party/us")
    assert things(view) == [CS, SU, RU, SUZDAL]
    assert [end.party for end in party_ends(view)] == [CS, SU, RU, SUZDAL]


def test_parties_that_continue_each_other_are_read_once() -> None:
    known = {
        SU: claims(SU, CONTINUED),
        RU: claims(RU, told("party.continued-by", effective="1992-01-01", party=SU)),
    }
    assert things(read(known, SU)) == [SU, RU]


def cited(fact: Told, published: str | None) -> Told:
    name, data = fact
    day = {"published": published} if published else {}
    return name, {**data, "sources": [{"source": "source/x", **day}]}


PUBLIC = Clocks(date(1993, 6, 1), public_at=date(1991, 12, 25))


@pytest.mark.parametrize(
    ("published", "certainly", "perhaps"),
    [("1991-12-25", [SU], None), ("1991-12", [], [SU]), ("1991-12-26", [], None)],
)
def test_what_perhaps_was_public_of_a_party_stands_beside(
    published: str, certainly: list[str], perhaps: list[str] | None
) -> None:
    known = {SU: claims(SU, cited(DISSOLVED, published))}
    acts = claims(
        "agreement/inf",
        cited(told("agreement.signed", party=SU, mode="simple", effective="1987-12-08"), "1987"),
    )
    view = with_parties(fold(acts, PUBLIC, policy(DEFAULT)), views(known, PUBLIC))
    assert [end.party for end in party_ends(view)] == certainly
    assert perhaps == (view.perhaps and [end.party for end in party_ends(view.perhaps)])


def test_what_perhaps_was_public_of_the_agreement_names_its_own_parties() -> None:
    acts = claims(
        "agreement/inf",
        *(
            cited(told("agreement.signed", party=who, mode="simple", effective="1987"), when)
            for who, when in ((SU, "1987"), (CS, "1991-12"))
        ),
    )
    known = {
        SU: claims(SU, cited(DISSOLVED, "1991-12-25")),
        CS: claims(CS, cited(DISSOLVED, "1991-12-25")),
    }
    view = with_parties(fold(acts, PUBLIC, policy(DEFAULT)), views(known, PUBLIC))
    assert [end.party for end in party_ends(view)] == [SU]
    assert view.perhaps is not None
    assert [end.party for end in party_ends(view.perhaps)] == [CS, SU]


NAMING = told("agreement.described", title="A treaty", parties=[CS, SU], asserted_by="party/un")


def correcting(type_: str, by: Told) -> Told:
    return about(
        "corrected",
        target="agreement/x/1",
        reason="recording-error",
        data_type=f"{type_}.v1",
        data=by[1],
    )


@pytest.mark.parametrize(
    ("fact", "named"),
    [
        (told("agreement.signed", party=SU, mode="simple"), {SU}),
        (told("agreement.signed", party="party/x", mode="simple", **{"for": SU}), {SU, "party/x"}),
        (told("agreement.described", parties=[CS, SU]), {CS, SU}),
        (told("agreement.suspended", between=[CS, SU]), {CS, SU}),
        (told("agreement.reservation-objected", ref="r1", by=SU), {SU}),
        (told("agreement.terminated", ground="by consent"), set()),
        (
            correcting("claim.corrected", correcting("agreement.described", NAMING)),
            {CS, SU, "party/un", "party/sv-onbtc"},
        ),
    ],
)
def test_who_is_named_by_a_claim_about_an_agreement(fact: Told, named: set[Any]) -> None:
    assert named_parties(claims("agreement/x", fact)) == named
