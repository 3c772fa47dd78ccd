"""What the flows of a reserve add up to, in its two accounts, and what is unusual about a flow."""

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


def sold(text: str | None, mode: str = "sale", on: str = "2025-06-01", **own: Any) -> Any:
    return told(r.Disposed, on, amount=amount(text) if text else None, mode=mode, **own)


def moved(text: str | None, fee: str | None = None, **own: Any) -> Any:
    said = {"amount": text, "fee": fee}
    given = {name: amount(text) for name, text in said.items() if text}
    return told(r.Transferred, "2025-06-01", reason="split", **given, **own)


def lost(text: str, **own: Any) -> Any:
    return told(r.Lost, "2025-06-01", amount=amount(text), cause="a lost key", **own)


def held(one: Balance) -> tuple[float | None, float | None]:
    """Return the ends of a balance in BTC, as they add up."""
    return tuple(None if end is None else end / BTC for end in one[:2])  # type: ignore[return-value]


SEIZED = told(r.Seized, amount=amount("10 BTC"))
FORFEITED = told(r.Forfeited, "2025-03-01", amount=amount("4 BTC"), seizures=("reserve/sv/1",))
UNNAMED = told(r.Forfeited, "2025-03-01", amount=amount("4 BTC"))


@pytest.mark.parametrize("mode", ["purchase", "mining", "donation", "fee"])
def test_what_is_acquired_is_booked_whatever_the_way(mode: str) -> None:
    body = told(r.Acquired, amount=amount("5 BTC"), mode=mode)
    assert held(after(SV, body).owned) == (5, 5)


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        ((bought("5 BTC"), bought("over 2 BTC")), (7, None)),
        ((bought("5 BTC"), bought("up to 2 BTC")), (5, 7)),
        ((bought("5 BTC"), bought(None)), (5, None)),
        ((bought(None),), (0, None)),
        ((bought("about 50,000 BTC"), sold("49,858 BTC")), (-4858, 5142)),
        ((bought("about 49,860 BTC"), sold("49,858 BTC")), (-3, 7)),
        ((bought("1,000 BTC"), sold("over 100 BTC")), (None, 900)),
        ((bought("1,000 BTC"), sold("at least 100 BTC")), (None, 900)),
        ((bought("1,000 BTC"), sold("up to 100 BTC")), (900, 1000)),
        ((bought("1,000 BTC"), sold("100 BTC")), (900, 900)),
        ((bought("1,000 BTC"), sold(None)), (None, 1000)),
        ((bought("over 1,000 BTC"), sold("100 BTC")), (900, None)),
        ((bought("2 BTC"), sold("over 5 BTC")), (None, -3)),
        ((bought("5 BTC"), lost("2 BTC")), (3, 3)),
        ((bought("5 BTC"), moved("5 BTC")), (5, 5)),
        ((bought("5 BTC"), moved("5 BTC", "0.5 BTC")), (4.5, 4.5)),
    ],
)
def test_amounts_add_as_intervals_and_are_never_cut_on_the_way(
    flows: tuple[Body, ...], expected: tuple[float | None, float | None]
) -> None:
    assert held(after(SV, *flows).owned) == expected


def test_an_end_stays_open_and_flows_of_unknown_size_are_counted() -> None:
    over = after(SV, bought("5 BTC"), bought("over 2 BTC")).owned
    assert (over.lower_open, over.upper_open, over.unknown, over.flows) == (True, False, 0, 2)
    less = after(SV, bought("5 BTC"), sold("over 2 BTC"), sold(None)).owned
    assert (less.lower_open, less.upper_open, less.unknown, less.flows) == (False, True, 1, 3)


def test_what_is_shown_is_cut_at_nothing_and_the_sum_is_not() -> None:
    less = after(SV, bought("about 50,000 BTC"), sold("49,858 BTC")).owned
    assert (less.shown.lower, less.shown.upper, less.missing) == (0, 5_142 * BTC, 0)
    below = after(SV, bought("2 BTC"), sold("over 5 BTC")).owned
    assert (below.shown.lower, below.shown.upper, below.missing) == (0, 0, 3 * BTC)
    assert held(after(SV, bought("2 BTC"), sold("5 BTC"), bought("4 BTC")).owned) == (1, 1)


@pytest.mark.parametrize("mode", ["sale", "auction", "burn", "payment"])
def test_what_is_disposed_of_leaves_what_is_owned(mode: str) -> None:
    assert held(after(SV, bought("5 BTC"), sold("2 BTC", mode)).owned) == (3, 3)


def test_what_is_seized_is_in_custody_and_not_owned() -> None:
    state = after(SV, SEIZED)
    assert (state.owned.flows, held(state.custody)) == (0, (10, 10))


def test_what_is_forfeited_passes_from_custody_to_ownership_where_it_names_the_seizure() -> None:
    state = after(SV, SEIZED, FORFEITED)
    assert (held(state.owned), held(state.custody)) == ((4, 4), (6, 6))
    stays = after(SV, SEIZED, UNNAMED)
    assert (held(stays.owned), held(stays.custody)) == ((4, 4), (10, 10))
    assert findings(after(SV, SEIZED), UNNAMED).keys() == {"forfeited-without-seizure"}
    assert findings(after(SV), UNNAMED) == {}


@pytest.mark.parametrize(
    "leaves",
    [
        sold("3 BTC", "return"),
        sold("3 BTC", account="custody"),
        lost("3 BTC", account="custody"),
        moved("9 BTC", "3 BTC", account="custody"),
    ],
)
def test_what_leaves_custody_leaves_what_is_owned_alone(leaves: Any) -> None:
    state = after(SV, bought("5 BTC"), SEIZED, leaves)
    assert (held(state.owned), held(state.custody)) == ((5, 5), (7, 7))


def test_a_sale_from_custody_is_no_flow_of_what_is_owned() -> None:
    """Germany: 49,858 BTC seized, sold from custody."""
    seized = told(r.Seized, amount=amount("49,858 BTC"))
    state = after(SV, seized, sold("49,858 BTC", account="custody"))
    assert (state.owned.flows, held(state.custody)) == (0, (0, 0))


def test_a_pledge_encumbers_and_moves_nothing() -> None:
    pledged = told(r.Pledged, amount=amount("4 BTC"), to="party/bank")
    part = told(r.Released, "2025-06-01", amount=amount("1 BTC"), to="party/bank")
    rest = told(r.Released, "2025-06-02")
    state = after(SV, bought("5 BTC"), pledged, part)
    assert (held(state.owned), held(state.pledged)) == ((5, 5), (3, 3))
    assert held(after(SV, pledged, rest).pledged) == (0, 0)
    of_one = told(r.Released, "2025-06-02", to="party/bank")
    assert held(after(SV, pledged, of_one).pledged) == (None, 4)
    assert after(SV, bought("5 BTC")).pledged.flows == 0


def test_money_spent_without_an_amount_is_a_flow_of_unknown_size() -> None:
    state = after(SV, told(r.Acquired, mode="purchase", spent=amount("1,000,000 USD")))
    assert (held(state.owned), state.owned.unknown) == ((0, None), 1)


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


@pytest.mark.parametrize("leaves", [sold("6 BTC"), lost("6 BTC"), moved("9 BTC", "6 BTC")])
def test_more_leaves_than_the_ledger_balance_with_a_finding(leaves: Any) -> None:
    sentence = {"overdrawn": "6 BTC leaves, but 5 BTC is in the ledger balance"}
    assert findings(after(SV, bought("5 BTC")), leaves) == sentence
    assert findings(after(SV, bought("6 BTC")), leaves) == {}


def test_what_is_moved_does_not_leave_but_for_its_fee() -> None:
    assert findings(after(SV, bought("5 BTC")), moved("6 BTC")) == {}
    assert findings(after(SV, bought("5 BTC")), moved("6 BTC", "1 BTC")) == {}


def test_of_a_balance_without_flows_it_is_not_said_that_it_is_zero() -> None:
    owned = "3 BTC leaves, but nothing is recorded in the ledger balance"
    assert findings(after(SV), sold("3 BTC")) == {"overdrawn": owned}
    custody = "3 BTC leaves, but nothing is recorded in custody"
    assert findings(after(SV, bought("5 BTC")), sold("3 BTC", account="custody")) == {
        "overdrawn": custody
    }


def test_what_leaves_a_balance_below_nothing_is_overdrawn() -> None:
    state = after(SV, bought("2 BTC"), sold("over 5 BTC"))
    words = "3 BTC leaves, but 0 BTC is in the ledger balance"
    assert findings(state, sold("3 BTC")) == {"overdrawn": words}
    assert findings(after(SV, bought("2 BTC"), sold("over 1 BTC")), sold("3 BTC")) == {
        "overdrawn": "3 BTC leaves, but 0-1 BTC is in the ledger balance"
    }


@pytest.mark.parametrize(
    "leaves", [sold("11 BTC", "return"), sold("11 BTC", account="custody"), FORFEITED]
)
def test_more_leaves_custody_than_is_in_it_with_a_finding(leaves: Any) -> None:
    held_in = told(r.Seized, amount=amount("3 BTC"))
    found = findings(after(SV, bought("50 BTC"), held_in), leaves)["overdrawn"]
    assert found.endswith("leaves, but 3 BTC is in custody")
    enough = told(r.Seized, amount=amount("11 BTC"))
    assert findings(after(SV, bought("50 BTC"), enough), leaves) == {}


def test_where_it_cannot_be_told_what_there_is_nothing_is_overdrawn() -> None:
    assert findings(after(SV, bought(None)), sold("6 BTC")) == {}
    assert findings(after(SV, bought("over 5 BTC")), sold("6 BTC")) == {}
    assert findings(after(SV), sold(None)) == {}
    assert findings(after(SV), sold("up to 6 BTC")) == {}
    assert findings(after(SV, bought("49,858 BTC")), sold("about 50,000 BTC")) == {}


def test_coming_in_is_never_odd() -> None:
    assert [findings(after(SV), body) for body in (bought("5 BTC"), SEIZED)] == [{}] * 2
