"""In which order do claims about a thing count: by effective date, then acted, then position?"""

from collections.abc import Mapping
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claims.claim import Claim, chronological
from events import validation

TYPE = "agreement.announced"
TOLD = {"asserted_by": "party/recorder", "basis": "recorder"}
DATES = [  # in their order: an open past first, what is unknown last
    "[..2025-07-18]",
    "2024-12-31",
    "2025",
    "2025-07",
    "2025-07-16",
    "[2025-07-16..]",
    None,
]


def claims(*fields: Mapping[str, str | None]) -> list[Claim]:
    """Return claims with these fields, at one position after the other."""
    said = ({**TOLD, **{k: v for k, v in one.items() if v is not None}} for one in fields)
    bodies = (validation.read_body(TYPE, data) for data in said)
    return [Claim(n, n, "agreement/a", TYPE, body) for n, body in zip(count(1), bodies)]


def in_order(*fields: Mapping[str, str | None]) -> list[int]:
    """Return the places of these, from 0, in the order in which they count."""
    return [claim.position - 1 for claim in sorted(claims(*fields), key=chronological)]


@given(st.permutations(DATES))
def test_an_open_past_comes_first_and_an_unknown_date_last(dates: list[str | None]) -> None:
    found = in_order(*({"effective": one} for one in dates))
    assert [dates[place] for place in found] == DATES


@pytest.mark.parametrize("zone", [None, "America/El_Salvador", "Asia/Karachi"])
def test_an_instant_stands_at_its_day_in_the_zone_of_the_act(zone: str | None) -> None:
    purchase = {"effective": "2025-11-17T18:01:00-05:00", "zone": zone}
    days = [{"effective": f"2025-11-{day}", "acted": "2025-11-01"} for day in (16, 17, 18)]
    before = 3 if zone == "Asia/Karachi" else 2  # of one day, those come first that say when acted
    assert in_order(*days, purchase).index(3) == before


@given(st.permutations(range(3)))
def test_of_one_day_those_count_first_that_were_acted_first(order: list[int]) -> None:
    acted = ["2025-07-14", "2025-07-15", None]
    found = in_order(*({"effective": "2025-07-16", "acted": acted[n]} for n in order))
    assert [order[place] for place in found] == [0, 1, 2]


@pytest.mark.parametrize(
    ("zone", "order"), [(None, [1, 0]), ("Asia/Karachi", [0, 1])], ids=["its offset", "its zone"]
)
def test_an_instant_acted_has_its_day_in_the_zone_of_the_act(
    zone: str | None, order: list[int]
) -> None:
    day = {"effective": "2025-07-18", "acted": "2025-07-17"}
    evening = {"effective": "2025-07-18", "acted": "2025-07-16T20:30:00-06:00", "zone": zone}
    assert in_order(day, evening) == order


def test_what_was_recorded_first_counts_first_where_all_else_is_alike() -> None:
    assert in_order(*[{"effective": "2025-07-16"}] * 5) == [0, 1, 2, 3, 4]
