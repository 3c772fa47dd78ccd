"""What counts as said before once a claim was corrected or taken back?"""

from typing import Any

import pytest

from tests.decisions.batches import Told, about, bought, btc, recorded, take, told

FIRST = "reserve/sv/1"


def held(whole: int, on: str = "2025-07-01", **more: Any) -> Told:
    return told("reserve.holding-reported", amount=btc(whole), effective=on, **more)


def corrected(target: str, whole: int) -> Told:
    type_, data = held(whole)
    what = {"data_type": f"{type_}.v1", "data": data}
    return about("corrected", target=target, reason="recording-error", **what)


def retracted(target: str) -> Told:
    return about("retracted", target=target, reason="recording-error")


# Facts that are compared with those before, so that these have their places before they change.
LOOKED_AT = [held(6_000), held(6_100, "2025-07-02"), held(6_200, "2025-07-03")]


@pytest.mark.parametrize(
    ("revisions", "said", "against"),
    [
        ([], held(6_001), FIRST),
        ([], held(6_101, "2025-07-02"), "reserve/sv/2"),
        ([retracted(FIRST)], held(6_001), None),
        ([retracted(FIRST)], held(6_101, "2025-07-02"), "reserve/sv/2"),
        ([retracted(FIRST), retracted("reserve/sv/4")], held(6_001), FIRST),
        ([corrected(FIRST, 6_001)], held(6_001, note="seen"), None),
        ([corrected(FIRST, 6_001)], held(6_000, note="seen"), FIRST),
        ([corrected(FIRST, 6_001)], held(6_101, "2025-07-02"), "reserve/sv/2"),
        ([corrected(FIRST, 6_001), retracted("reserve/sv/4")], held(6_001), FIRST),
        ([corrected(FIRST, 6_001), retracted("reserve/sv/4")], held(6_000, note="seen"), None),
        ([corrected(FIRST, 6_001), corrected("reserve/sv/4", 6_002)], held(6_002, note="x"), None),
        ([corrected(FIRST, 6_001), corrected("reserve/sv/4", 6_002)], held(6_001), FIRST),
        ([corrected(FIRST, 6_001), retracted(FIRST)], held(6_001), None),
    ],
)
def test_a_new_claim_is_compared_with_what_stands(
    revisions: list[Told], said: Told, against: str | None
) -> None:
    (result,) = take(recorded(*LOOKED_AT, *revisions), [said])
    if against is None:
        assert result.outcome == "recorded", result.reason
    else:
        sentence = f"party/sv-onbtc said something else of amount in {against}: "
        assert result.reason is not None
        assert result.reason[0] == "contradicts-itself"
        assert result.reason[1].startswith(sentence)


def test_of_two_that_stand_the_earlier_is_named() -> None:
    """Of two keys, the first corrected since: it is still the first."""
    keyed = [held(6_000, key="a"), held(6_001, key="b"), bought(1)]
    into = recorded(*keyed, held(6_100, "2025-07-02"), corrected("reserve/sv/1", 6_002))
    (result,) = take(into, [held(6_003)])
    assert result.reason is not None
    assert "of amount in reserve/sv/1: " in result.reason[1]


def test_what_is_described_is_compared_field_by_field() -> None:
    described = told("agreement.described", title="A treaty")
    into = recorded(described, thing="agreement/x")
    other = told("agreement.described", title="Another treaty")
    (result,) = take(into, [other], "agreement/x")
    assert result.reason is not None
    assert "said something else of title in agreement/x/1" in result.reason[1]
