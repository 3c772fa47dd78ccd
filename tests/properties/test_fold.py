"""Does the fold answer as a patient reader of docs/spec/answers.md would?

Two opinions, written apart: `domain.claims.resolution` and tests/properties/naive.py. They must
agree on every history, at every day, publication day and position, under every policy.
"""

from copy import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import policy
from domain.claims.resolution import Resolution, fold
from domain.kinds.registry import States, thing_states
from events.amounts import Quantity
from events.body import Body, SourceRef
from events.catalogue import body_class, types_for
from events.kinds.claim_events import Corrected, Resolved, Retracted, SameOccurrence
from events.kinds.reserve import Acquired, HoldingReported
from events.validation import read_body
from tests.effort import examples
from tests.properties.histories import Question, asked_histories, histories, plain, questions
from tests.properties.naive import naive_view

EXAMPLES = examples(100)
EXAMPLES_LONG = 20_000


def as_plain(view: Resolution) -> dict[str, Any]:
    """Return a view in the shape in which the second opinion gives its own."""
    return {
        "live": {claim.id: (claim.type, claim.body) for claim in view.standing.claims},
        "excluded": view.standing.excluded,
        "perhaps": as_plain(view.perhaps) if view.perhaps else None,
        "occurrences": {
            one.id: {
                "claims": {claim.id for claim in one.claims},
                "ranked": [[claim.id for claim in alternative] for alternative in one.ranked],
                "pick": [claim.id for claim in one.pick],
                "instead": [claim.id for claim in one.instead],
                "support": one.support,
                "fields": one.fields,
                "denials": {denial.id for denial in one.denials},
                "holds": one.holds,
                "shown": one.shown,
            }
            for one in view.occurrences
        },
        "series": {
            (series.type, *series.key): {
                "certain": {claim.id for claim in series.certain},
                "maybe": {claim.id for claim in series.maybe},
                "pick": series.pick.id if series.pick else None,
                "support": series.support,
                "near": series.alike,
                "denials": {denial.id for denial in series.denials},
            }
            for series in view.series
        },
        "lapsed": {resolution.id for resolution in view.lapsed},
    }


def folded(claims: list[Claim], question: Question) -> dict[str, Any]:
    return as_plain(viewed(claims, question))


def viewed(claims: list[Claim], question: Question) -> Resolution:
    clocks = Clocks(question.day, question.public_at, question.known_at)
    return fold(claims, clocks, policy(question.policy))


def stated(claims: list[Claim], question: Question) -> tuple[dict[str, Any], States]:
    view = viewed(claims, question)
    return as_plain(view), thing_states(claims[0].thing, view)


@settings(max_examples=EXAMPLES)
@given(asked_histories())
def test_the_fold_answers_as_the_second_opinion(asked: tuple[list[Claim], Question]) -> None:
    claims, question = asked
    assert folded(claims, question) == naive_view(claims, *question)


@pytest.mark.long
@settings(max_examples=EXAMPLES_LONG)
@given(asked_histories())
def test_the_fold_answers_as_the_second_opinion_at_length(
    asked: tuple[list[Claim], Question],
) -> None:
    claims, question = asked
    assert folded(claims, question) == naive_view(claims, *question)


@given(asked_histories(), st.data())
def test_a_claim_asked_before_answers_as_one_never_asked(
    asked: tuple[list[Claim], Question], draw: st.DataObject
) -> None:
    """What a claim remembers is its own: no day, clock or policy of another question."""
    claims, question = asked
    fresh = [copy(claim) for claim in claims]
    for _ in range(2):
        stated(claims, draw.draw(questions(claims[-1].position)))
    assert stated(claims, question) == stated(fresh, question)


@given(histories())
def test_the_histories_hold_only_what_the_door_lets_in(claims: list[Claim]) -> None:
    for claim in claims:
        assert read_body(claim.type, plain(claim.body)) == claim.body


# What the two opinions once disagreed about.


def told(*bodies: Body) -> list[Claim]:
    """Return a history of reserve/x in which these bodies were recorded one after the other."""
    names = {body_class(name): name for name in types_for("reserve")}
    return [Claim(n, n, "reserve/x", names[type(body)], body) for n, body in enumerate(bodies, 1)]


def answer(claims: list[Claim], of: str, chosen: str = "primary-first") -> dict[str, Any]:
    """Return the answer about one occurrence, on which both opinions must agree."""
    question = Question(date(2026, 1, 1), None, None, chosen)
    assert folded(claims, question) == naive_view(claims, *question)
    found: dict[str, Any] = folded(claims, question)["occurrences"][of]
    return found


def bought(by: str, basis: Any = "own-publication", **words: Any) -> Acquired:
    words.setdefault("sources", (SourceRef(source="source/post"),))
    return Acquired(asserted_by=f"party/{by}", basis=basis, mode="purchase", **words)


def part(of: int, what: int) -> SameOccurrence:
    whole = f"reserve/x/{of}"
    return SameOccurrence(**SLIP, target=f"reserve/x/{what}", with_=whole, part_of=whole)


def btc(figure: int) -> Quantity:
    return Quantity(unit="sat", lower=figure * 10**8, upper=figure * 10**8)


SLIP: dict[str, Any] = {"asserted_by": "party/recorder", "basis": "recorder"}
WRONG: dict[str, Any] = {**SLIP, "reason": "recording-error"}


def test_a_corrected_retraction_takes_back_what_it_names_now() -> None:
    first, second = bought("pcc"), bought("onbtc")
    wrong = Retracted(**WRONG, target="reserve/x/1")
    right = Retracted(**WRONG, target="reserve/x/2")
    mended = Corrected(
        **WRONG, target="reserve/x/3", data_type="claim.retracted.v1", data=plain(right)
    )
    claims = told(first, second, wrong, mended)
    assert answer(claims, "reserve/x/1")["claims"] == {"reserve/x/1"}
    view = folded(claims, Question(date(2026, 1, 1), None, None, "primary-first"))
    assert view["live"].keys() == {"reserve/x/1"}


def test_parts_agree_with_their_whole_where_one_of_them_names_no_amount() -> None:
    whole, lot, other = bought("pcc", amount=btc(400)), bought("sv", amount=btc(200)), bought("sv")
    found = answer(told(whole, lot, other, part(1, 2), part(1, 3)), "reserve/x/1")
    assert found["fields"]["amount"] == "single source"


def test_parts_speak_by_all_their_claims_and_not_only_by_the_first() -> None:
    seen = (SourceRef(source="source/post", origin="party/pk"),)
    lots = bought("sv"), bought("sv", effective="2025-07-18", sources=seen)
    found = answer(told(bought("sv"), *lots, part(1, 2), part(1, 3)), "reserve/x/1")
    assert found["support"] == "corroborated"
    assert found["fields"]["effective"] == "single source"


def test_parts_are_as_newly_published_as_the_newest_of_them() -> None:
    first, then, last = (
        (SourceRef(source="source/post", published=f"2025-07-0{day}"),) for day in (1, 5, 9)
    )
    lots = bought("sv", sources=first), bought("sv", sources=last)
    whole = bought("pcc", sources=then)
    claims = told(whole, *lots, part(1, 2), part(1, 3))
    assert answer(claims, "reserve/x/1", "latest")["pick"] == ["reserve/x/2", "reserve/x/3"]


def test_parts_were_recorded_when_the_first_of_them_was() -> None:
    """All else being equal, what was recorded first is picked."""
    lots = bought("sv", amount=btc(200)), bought("sv", amount=btc(200))
    rival = SameOccurrence(**SLIP, target="reserve/x/1", with_="reserve/x/3")
    weak, alike = bought("pcc", "press", amount=btc(400)), bought("onbtc", amount=btc(400))
    claims = told(weak, lots[0], alike, lots[1], part(1, 2), part(1, 4), rival)
    assert answer(claims, "reserve/x/1")["pick"] == ["reserve/x/2", "reserve/x/4"]


def test_parts_are_as_strong_as_the_weakest_of_them() -> None:
    lots = bought("sv", "signed-statement"), bought("sv", "press")
    found = answer(told(bought("pcc"), *lots, part(1, 2), part(1, 3)), "reserve/x/1")
    assert found["pick"] == ["reserve/x/1"]


def test_a_resolution_is_ranked_in_the_list_of_what_it_resolves() -> None:
    """Of what is held an audit goes before an official record; of all else it is the reverse."""
    among = ("reserve/x/1", "reserve/x/2")
    post = (SourceRef(source="source/post"),)
    resolved = Resolved(
        asserted_by="party/pk",
        basis="official-record",
        sources=post,
        winner="reserve/x/1",
        among=among,
        ground="the register says so",
    )
    held: dict[str, Any] = {
        "effective": "2025-07-18",
        "sources": post,
        "amount": btc(200),
        "scope": "total",
    }
    tracked = HoldingReported(asserted_by="party/pcc", basis="tracker", **held)
    audited = HoldingReported(asserted_by="party/sv", basis="audit", **held)
    claims = told(tracked, audited, resolved)
    question = Question(date(2026, 1, 1), None, None, "primary-first")
    assert folded(claims, question) == naive_view(claims, *question)
    (series,) = folded(claims, question)["series"].values()
    assert series["pick"] == "reserve/x/2"


def test_a_correction_whose_publication_nobody_knows_counts_as_the_oldest() -> None:
    early, late = (
        (SourceRef(source="source/post", published=day),) for day in ("2025-07-01", "2025-07-09")
    )
    corrected = Corrected(
        asserted_by="party/pcc",
        basis="press",
        sources=(SourceRef(source="source/post"),),
        target="reserve/x/1",
        reason="other",
        data_type="reserve.acquired.v1",
        data=plain(bought("pcc", sources=late)),
    )
    same = SameOccurrence(**SLIP, target="reserve/x/1", with_="reserve/x/2")
    claims = told(bought("pcc", sources=late), bought("sv", sources=early), same, corrected)
    assert answer(claims, "reserve/x/1", "latest")["pick"] == ["reserve/x/2"]


def test_measurements_of_different_days_do_not_contest_each_other() -> None:
    post = (SourceRef(source="source/post"),)

    def holds(by: str, day: str, amount: Quantity) -> HoldingReported:
        return HoldingReported(
            asserted_by=f"party/{by}",
            basis="tracker",
            effective=day,
            sources=post,
            amount=amount,
            scope="all",
        )

    month = holds("sv", "2025-07", Quantity(unit="sat", lower=btc(2_000).lower))
    claims = told(
        holds("pcc", "2025-07-01", btc(2_861)), holds("onbtc", "2025-07-20", btc(5_689)), month
    )
    question = Question(date(2026, 1, 1), None, None, "prefer:party/sv")
    assert folded(claims, question) == naive_view(claims, *question)
    (series,) = folded(claims, question)["series"].values()
    assert (series["pick"], series["support"]) == ("reserve/x/3", "corroborated")
