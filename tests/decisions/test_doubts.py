"""What is odd about the days of a fact that is recorded today?"""

from datetime import date
from typing import Any

import pytest

from domain.claims.claim import Claim
from domain.decisions.doubts import MOST_MONTHS_AHEAD, doubts, far_ahead
from events import validation
from tests.decisions.batches import Told, about, bought, told

TODAY = date(2025, 7, 16)
NO_DAY = ("no-day", "no day is stated: no answer can tell whether it has happened")


def of(fact: Told, thing: str = "reserve/sv") -> list[tuple[str, str]]:
    return list(doubts(claim(fact, thing), TODAY))


def claim(fact: Told, thing: str = "reserve/sv") -> Claim:
    name, data = fact
    return Claim(1, 1, thing, name, validation.read_body(name, data))


def dayless(fact: Told) -> Told:
    name, data = fact
    return name, {field: value for field, value in data.items() if field != "effective"}


@pytest.mark.parametrize(
    ("thing", "fact", "odd"),
    [
        ("reserve/sv", dayless(bought(1)), [NO_DAY]),
        ("agreement/x", dayless(told("agreement.announced")), [NO_DAY]),
        ("agreement/x", dayless(told("agreement.described", title="A treaty")), []),
        ("party/x", dayless(told("party.established", name="X", type="company")), []),
        ("reserve/sv", about("retracted", target="reserve/sv/1", reason="duplicate"), []),
        ("source/x", dayless(told("source.cited", title="X", publisher="party/un")), []),
        ("reserve/sv", dayless(bought(1, acted="2025-07-01")), []),
    ],
)
def test_a_fact_has_a_day_but_where_none_is_needed(
    thing: str, fact: Told, odd: list[tuple[str, str]]
) -> None:
    assert of(fact, thing) == odd


def ahead(act: str, on: str) -> list[tuple[str, str]]:
    return [("day-far-ahead", f"{act}: dated {on}, recorded on 2025-07-16")]


EFFECT = "agreement.entered-into-force"


@pytest.mark.parametrize(
    ("thing", "fact", "odd"),
    [
        # What is done has been done: today, or tomorrow where the day is begun already.
        ("reserve/sv", bought(1, "2025-07-16"), []),
        ("reserve/sv", bought(1, "2025-07-17"), []),
        ("reserve/sv", bought(1, "2025-07-18"), ahead("acquired", "2025-07-18")),
        ("reserve/sv", bought(1, "2025-07"), []),
        ("reserve/sv", bought(1, "2025-08"), ahead("acquired", "2025-08-01")),
        # The day of the act counts, not that of its effect.
        ("reserve/sv", bought(1, "2026-07-01", acted="2025-07-01"), []),
        (
            "reserve/sv",
            bought(1, "2025-07-01", acted="2025-07-18"),
            ahead("acquired", "2025-07-18"),
        ),
        # A policy may be set for a day to come.
        (
            "reserve/sv",
            told(
                "reserve.policy-set",
                effective="2035-07-16",
                policy="no-sale",
                words="It is not sold.",
            ),
            [],
        ),
        # An effect may lie ten years ahead.
        ("agreement/x", told(EFFECT, mode="definitive", effective="2035-07-16"), []),
        (
            "agreement/x",
            told(EFFECT, mode="definitive", effective="2035-07-17"),
            ahead("entered into force", "2035-07-17"),
        ),
        (
            "agreement/x",
            told(EFFECT, mode="definitive", effective="2026-01-01", acted="2025-08-01"),
            ahead("entered into force", "2025-08-01"),
        ),
    ],
)
def test_what_is_done_is_not_done_in_the_future(
    thing: str, fact: Told, odd: list[tuple[str, str]]
) -> None:
    name, data = fact
    assert of((name, {**data, "sources": [{"source": "source/x"}]}), thing) == odd


def test_how_far_an_effect_may_lie_ahead_is_asked_for() -> None:
    one = claim(told(EFFECT, mode="definitive", effective="2026-01-01"), "agreement/x")
    assert far_ahead(one, TODAY) is None
    assert far_ahead(one, TODAY, 6) is None
    assert (
        far_ahead(one, TODAY, 5) == "entered into force: dated 2026-01-01, recorded on 2025-07-16"
    )
    assert far_ahead(one, date(9999, 12, 1), MOST_MONTHS_AHEAD) is None  # the calendar ends


def early(published: str, before: str) -> list[tuple[str, str]]:
    sentence = f"source/onbtc was published {published}, before {before}"
    return [("published-before-it-happened", sentence)]


def cite(published: str | None) -> dict[str, Any]:
    one = {"source": "source/onbtc"} | ({"published": published} if published else {})
    return {"sources": [one, {"source": "source/x", "published": "2025-07-16"}]}


@pytest.mark.parametrize(
    ("thing", "fact", "odd"),
    [
        ("reserve/sv", bought(1, **cite("2025-06-30")), early("2025-06-30", "2025-07-01")),
        ("reserve/sv", bought(1, **cite("2025-06")), early("2025-06", "2025-07-01")),
        ("reserve/sv", bought(1, **cite("2025-07-01")), []),
        ("reserve/sv", bought(1, **cite("2025-07")), []),
        ("reserve/sv", bought(1, **cite(None)), []),
        ("reserve/sv", bought(1, "2025", **cite("2025-06-30")), []),
        ("agreement/x", told(EFFECT, mode="definitive", **cite("2025-06-30")), []),
    ],
)
def test_of_what_happened_no_source_tells_before(
    thing: str, fact: Told, odd: list[tuple[str, str]]
) -> None:
    assert of(fact, thing) == odd
