"""Does the timeline tell every claim that stands, on all three clocks and in order?"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import given

from domain.claims.claim import Claim, Clocks, Order, as_notice, chronological
from domain.claims.periods import unmet_notices
from domain.claims.ranking import Policy, policy
from domain.claims.resolution import Resolution, fold
from events.kinds.party import Dissolved
from events.value import replace
from projections.queries.timeline import TimelineFilter, build_timeline, days_late
from projections.read_model.database import FoldedThing
from tests.properties.histories import Question, asked_histories

Ask = Callable[..., Any]

PAPER = "agreement/pk-sv-bitcoin-2025"


class Told(NamedTuple):
    """Answers about one thing alone, whose claims are given."""

    told: tuple[Claim, ...]

    def view(self, thing: str, clocks: Clocks, chosen: Policy) -> Resolution:
        return fold(self.told, clocks, chosen)

    def folded(self, things: Iterable[str], clocks: Clocks, chosen: Policy) -> list[FoldedThing]:
        return [FoldedThing(thing, self.view(thing, clocks, chosen)) for thing in things]


def in_place(claim: Claim, *, met: bool) -> Order:
    """Return where a claim stands: at its effect, of a notice too, else where it is folded."""
    dates = claim.dates if met and claim.dates.when else as_notice(claim).dates
    return (*dates.order, claim.position) if dates.when else chronological(claim)


@given(asked_histories())
def test_every_claim_that_stands_has_one_row_in_its_place(
    asked: tuple[list[Claim], Question],
) -> None:
    claims, question = asked
    clocks = Clocks(question.day, question.public_at, question.known_at)
    answers: Any = Told(tuple(claims))
    view = answers.view(claims[0].thing, clocks, policy(question.policy))
    stand = [*view.standing.claims, *view.standing.denials, *view.standing.resolutions]
    unmet = unmet_notices(view.standing.claims, clocks)
    stand.sort(key=lambda claim: in_place(claim, met=claim.id not in unmet))
    ordered = [claim.id for claim in stand]
    found = {
        future: build_timeline(
            answers,
            [claims[0].thing],
            clocks,
            policy(question.policy),
            TimelineFilter(future=future),
        )
        for future in (False, True)
    }
    for told in found.values():  # what perhaps was public is marked, and has no place of its own
        told.rows[:] = [row for row in told.rows if not row.get("perhaps")]
    rows = [{row["id"] for row in told.rows} for told in found.values()]
    assert rows[0] | rows[1] == set(ordered)
    given = {one.id for one in stand if as_notice(one) is not one}  # its effect may be to come
    assert rows[0] & rows[1] <= given
    for told in found.values():
        ids = [row["id"] for row in told.rows]
        assert ids == [one for one in ordered if one in ids]
        assert told.excluded == view.standing.excluded
    assert all(row["begun"] == "no" or row["id"] in given for row in found[True].rows)


def test_a_row_has_its_three_clocks_and_who_says_so(document: Ask) -> None:
    rows = document("timeline", PAPER)["rows"]
    row = next(row for row in rows if row["type"] == "agreement.signed")
    assert (row["effective"], row["published"]) == ("2025-07-16", "2025-07-16")
    assert row["recorded"].startswith("20")
    assert (row["asserted_by"], row["support"], row["selected"]) == (
        "party/onbtc",
        "contested",
        True,
    )


def test_a_day_ends_the_timeline_and_the_future_begins_there(document: Ask) -> None:
    clock = ("--as-of", "2025-07-16")
    ids = {row["id"] for row in document("timeline", PAPER)["rows"]}
    by_then = {row["id"] for row in document("timeline", PAPER, *clock)["rows"]}
    later = {row["id"] for row in document("timeline", PAPER, *clock, "--future")["rows"]}
    assert by_then | later == ids
    assert by_then & later == set()
    assert by_then
    assert later


def test_only_the_contested(document: Ask) -> None:
    rows = document("timeline", "--kind", "reserve", "--contested")["rows"]
    assert {row["support"] for row in rows} == {"contested"}
    assert {row["subject"] for row in rows} >= {"reserve/pk", "reserve/sv"}


def test_late_is_counted_from_the_last_day_that_may_be_meant(document: Ask) -> None:
    rows = document("timeline", "reserve/sv", "--late", "1000d")["rows"]
    assert rows
    assert all(row["late_days"] >= 1000 for row in rows)
    assert {row["id"] for row in rows} < {
        row["id"] for row in document("timeline", "reserve/sv", "--late", "0")["rows"]
    }


def test_late_days_are_those_between_the_day_and_the_record(document: Ask) -> None:
    rows = document("timeline", "reserve/sv")["rows"]
    for row in rows:
        if row["effective"] == "2025-07-19":
            recorded = date.fromisoformat(row["recorded"][:10])
            assert row["late_days"] == (recorded - date(2025, 7, 19)).days


def test_what_has_no_day_is_late_by_nothing() -> None:
    ended = Dissolved(asserted_by="party/recorder", basis="recorder")
    undated = Claim(1, 1, "party/x", "party.dissolved", ended)
    assert days_late(replace(undated, time="2025-07-19T00:00:00.000000Z")) is None


def test_of_a_party_all_that_names_it_or_that_it_says(document: Ask) -> None:
    rows = document("timeline", "--party", "onbtc")["rows"]
    assert {"party/onbtc", PAPER, "reserve/sv"} <= {row["subject"] for row in rows}
    signed = [row for row in rows if row["type"] == "agreement.signed"]
    assert {row["asserted_by"] for row in signed} > {"party/onbtc"}


def test_formats_have_stable_names(counter: Ask) -> None:
    head = counter("timeline", PAPER, "--csv").out.splitlines()[0]
    assert head == (
        "mark,effective,published,recorded,subject,says,asserted_by,support,position,late_days,"
        "id,type,selected,begun,corrected_by,text,acted,perhaps,within,unmet_by"
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (2, ()),
        (2, (PAPER, "--kind", "law")),
        (2, ("--kind", "treaty")),
        (2, (PAPER, "--late", "soon")),
        (2, (PAPER, "--late", "-3")),
        (3, ("agreement/nobody-knows",)),
        (2, ("no-kind",)),
        (3, ("--party", "nobody-knows")),
        (3, (PAPER, "--public-at", "2020")),
    ],
    ids=str,
)
def test_what_is_no_timeline_is_turned_away(
    code: int, words: tuple[str, ...], turned_away: Ask
) -> None:
    turned_away(code, "timeline", *words)
