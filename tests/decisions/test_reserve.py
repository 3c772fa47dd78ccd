"""What is booked for a reserve, and what is odd about a flow?"""

from typing import Any

import pytest

from domain.kinds.balance import Balance
from events.body import Body
from events.kinds import reserve as r
from tests.decisions.kind_facts import after, amount, findings, told

SV = "reserve/sv"
BTC = 10**8


def bought(text: str | None) -> Any:
    return told(r.Acquired, amount=amount(text) if text else None, mode="purchase")


def sold(text: str | None, mode: str = "sale", on: str = "2025-06-01") -> Any:
    return told(r.Disposed, on, amount=amount(text) if text else None, mode=mode)


def moved(text: str | None, fee: str | None = None) -> Any:
    said = {"amount": text, "fee": fee}
    given = {name: amount(text) for name, text in said.items() if text}
    return told(r.Transferred, "2025-06-01", reason="split", **given)


def lost(text: str) -> Any:
    return told(r.Lost, "2025-06-01", amount=amount(text), cause="a lost key")


def held(lower: float, upper: float | None, unnamed: int = 0) -> Balance:
    return Balance(int(lower * BTC), None if upper is None else int(upper * BTC), unnamed)


SEIZED = told(r.Seized, amount=amount("10 BTC"))
FORFEITED = told(r.Forfeited, "2025-03-01", amount=amount("4 BTC"))


@pytest.mark.parametrize("mode", ["purchase", "mining", "donation", "fee"])
def test_what_is_acquired_is_booked_whatever_the_way(mode: str) -> None:
    body = told(r.Acquired, amount=amount("5 BTC"), mode=mode)
    assert after(SV, body).owned == held(5, 5)


def test_bounds_are_booked_as_bounds_and_unnamed_amounts_are_counted() -> None:
    assert after(SV, bought("5 BTC"), bought("over 2 BTC")).owned == held(7, None)
    assert after(SV, bought("5 BTC"), bought(None)).owned == held(5, 5, 1)


@pytest.mark.parametrize("mode", ["sale", "auction", "burn", "payment"])
def test_what_is_disposed_of_is_booked_out(mode: str) -> None:
    assert after(SV, bought("5 BTC"), sold("2 BTC", mode)).owned == held(3, 3)


def test_what_is_lost_is_booked_out() -> None:
    assert after(SV, bought("5 BTC"), lost("2 BTC")).owned == held(3, 3)


def test_a_transfer_costs_its_fee_and_nothing_else() -> None:
    assert after(SV, bought("5 BTC"), moved("5 BTC")).owned == held(5, 5)
    assert after(SV, bought("5 BTC"), moved("5 BTC", "0.5 BTC")).owned == held(4.5, 4.5)


def test_what_is_seized_is_in_custody_and_not_owned() -> None:
    state = after(SV, SEIZED)
    assert (state.owned, state.custody) == (held(0, 0), held(10, 10))


def test_what_is_forfeited_passes_from_custody_to_ownership() -> None:
    state = after(SV, SEIZED, FORFEITED)
    assert (state.owned, state.custody) == (held(4, 4), held(6, 6))
    unseized = after(SV, FORFEITED)
    assert (unseized.owned, unseized.custody) == (held(4, 4), held(0, 0))


def test_what_is_returned_leaves_custody_alone() -> None:
    state = after(SV, bought("5 BTC"), SEIZED, sold("3 BTC", "return"))
    assert (state.owned, state.custody) == (held(5, 5), held(7, 7))


def test_an_announcement_and_an_establishment_say_whose_it_is_and_name_their_claims() -> None:
    announced = told(r.Announced, label="Strategic Bitcoin Reserve", holder="party/pk")
    established = told(r.Established, "2025-06-01", legal_basis="law/pk-ordinance")
    state = after(SV, announced, established)
    assert (state.label, state.holder) == ("Strategic Bitcoin Reserve", "party/pk")
    assert (state.announced, state.established) == (f"{SV}/1", f"{SV}/2")
    assert state.legal_basis == "law/pk-ordinance"
    renamed = after(SV, announced, told(r.Established, "2025-06-01", label="Bitcoin Reserve"))
    assert renamed.label == "Bitcoin Reserve"


def test_a_policy_replaces_the_one_of_its_name() -> None:
    said = [
        told(r.PolicySet, f"2025-0{n}-01", policy=policy, words="As said.")
        for n, policy in enumerate(("hold", "buy-daily", "hold"), 1)
    ]
    assert after(SV, *said).policies == (("buy-daily", f"{SV}/2"), ("hold", f"{SV}/3"))


def test_addresses_gather_and_the_last_custodian_counts() -> None:
    a, b = "1" * 30, "2" * 30
    state = after(
        SV,
        told(r.AddressDisclosed, addresses=(a,), to="public"),
        told(r.AddressDisclosed, addresses=(b,), to="party/imf"),
        told(r.AddressDisclosed, to="party/imf"),
        told(r.CustodianChanged, to="party/first"),
        told(r.CustodianChanged, "2025-06-01", to="party/second"),
    )
    assert (state.addresses, state.custodian) == ({a, b}, "party/second")


@pytest.mark.parametrize(
    "body",
    [
        told(r.HoldingReported, amount=amount("7 BTC"), scope="unstated"),
        told(r.HoldingObserved, amount=amount("7 BTC")),
        told(r.Valued, value=amount("9 USD"), method="quoted"),
        told(
            r.Reconciled,
            expected=amount("5 BTC"),
            observed=amount("7 BTC"),
            explanation="Two were donated.",
        ),
    ],
    ids=lambda body: type(body).__name__,
)
def test_what_is_said_of_a_reserve_moves_nothing_and_is_never_odd(body: Body) -> None:
    assert after(SV, bought("5 BTC"), body) == after(SV, bought("5 BTC"))
    assert findings(after(SV), body) == {}


@pytest.mark.parametrize("leaves", [sold("6 BTC"), lost("6 BTC"), moved("6 BTC")])
def test_more_leaves_or_moves_than_is_booked_with_a_finding(leaves: Any) -> None:
    sentence = {"overdrawn": "6 BTC leaves, but 5 BTC is booked"}
    assert findings(after(SV, bought("5 BTC")), leaves) == sentence
    assert findings(after(SV, bought("6 BTC")), leaves) == {}


def test_what_left_without_an_upper_bound_leaves_no_lower_above_the_upper() -> None:
    state = after(SV, bought("2 BTC"), sold("over 5 BTC"))
    assert state.owned == held(-3, -3)
    assert findings(state, sold("3 BTC")) == {"overdrawn": "3 BTC leaves, but 0 BTC is booked"}
    assert findings(after(SV, bought("2 BTC"), sold("over 1 BTC")), sold("3 BTC")) == {
        "overdrawn": "3 BTC leaves, but 0-1 BTC is booked"
    }


def test_more_is_returned_than_is_in_custody_with_a_finding() -> None:
    state = after(SV, bought("50 BTC"), SEIZED)
    assert findings(state, sold("11 BTC", "return")) == {
        "overdrawn": "11 BTC leaves, but 10 BTC is in custody"
    }
    assert findings(state, sold("10 BTC", "return")) == {}


def test_where_it_cannot_be_told_what_is_booked_nothing_is_overdrawn() -> None:
    assert findings(after(SV, bought(None)), sold("6 BTC")) == {}
    assert findings(after(SV, bought("over 5 BTC")), sold("6 BTC")) == {}
    assert findings(after(SV), sold(None)) == {}
    assert findings(after(SV), sold("up to 6 BTC")) == {}


def test_coming_in_is_never_odd() -> None:
    assert [findings(after(SV), body) for body in (bought("5 BTC"), SEIZED, FORFEITED)] == [{}] * 3
