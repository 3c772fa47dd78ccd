"""Which flows may be one event, and what a balance makes of them?"""

import time
from datetime import date, timedelta
from typing import Any

import pytest

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import policy
from domain.claims.resolution import Resolution, fold
from domain.kinds.registry import possible_flows, thing_states
from events.amounts import read_quantity
from events.body import Body, SourceRef
from events.kinds import claim_events as c
from events.kinds import programme as p
from events.kinds import reserve as r
from tests.properties.naive_reconcile import naive_reconcile

X = "reserve/x"
BTC = 10**8
YEAR_END = date(2025, 12, 31)
TYPES: dict[type[Body], str] = {
    r.Acquired: "reserve.acquired",
    r.Disposed: "reserve.disposed",
    r.Transferred: "reserve.transferred",
    r.Seized: "reserve.seized",
    r.Forfeited: "reserve.forfeited",
    p.Disbursed: "programme.disbursed",
    c.DistinctOccurrence: "claim.distinct-occurrence",
    c.SameOccurrence: "claim.same-occurrence",
}


def seen(*bodies: Body, thing: str = X, until: date = YEAR_END) -> Resolution:
    claims = [Claim(n, n, thing, TYPES[type(body)], body) for n, body in enumerate(bodies, 1)]
    return fold(claims, Clocks(until), policy("primary-first"))


def balance(*bodies: Body) -> tuple[float | None, float | None]:
    """Return the ledger balance in BTC as shown, on which the second opinion agrees."""
    view = seen(*bodies)
    ends = thing_states(X, view).without.owned.shown
    claims = [Claim(n, n, X, TYPES[type(body)], body) for n, body in enumerate(bodies, 1)]
    second = naive_reconcile(claims, YEAR_END, None, None, "primary-first")
    assert second is not None
    assert ends[:2] == second["ledger_balance"][:2]
    return ends.lower / BTC, None if ends.upper is None else ends.upper / BTC


def groups(*bodies: Body, thing: str = X) -> list[list[int]]:
    found = possible_flows(thing, seen(*bodies, thing=thing)).groups
    return [sorted(claim.version for claim in group) for group in found]


def flow(
    cls: Any = r.Acquired,
    text: str | None = "420 BTC",
    by: str = "onbtc",
    on: str | None = "2021-10-27",
    **own: Any,
) -> Any:
    if cls in (r.Acquired, r.Disposed):
        own.setdefault("mode", "purchase" if cls is r.Acquired else "sale")
    own.setdefault("sources", (SourceRef(source=f"source/{by}"),))
    own["amount"] = read_quantity(text) if text else None
    return cls(asserted_by=f"party/{by}", basis="press", effective=on, **own)


def link(cls: Any, a: int, b: int) -> Any:
    return cls(asserted_by="party/recorder", basis="recorder", target=f"{X}/{a}", with_=f"{X}/{b}")


TWICE = flow(), flow(by="bcr")


def test_one_purchase_by_two_agencies_adds_at_least_one_and_at_most_both() -> None:
    assert groups(*TWICE) == [[1, 2]]
    assert balance(*TWICE) == (420, 840)


@pytest.mark.parametrize(
    ("days", "pair"),
    [
        (("2021-10-27", "2021-10-28"), True),
        (("2021-10-28", "2021-10-27"), True),
        (("2021-10-27", "2021-10-29"), False),
        (("2021-10-27", "2021-10"), False),
        (("2021-10-27", "2021-10-27?"), False),
        (("2021-10-27", None), False),
        (("2021-10-27", "2021-10-27T10:00:00-06:00"), True),
    ],
)
def test_two_asserters_speak_of_days_at_most_one_apart(
    days: tuple[str, str | None], pair: bool
) -> None:
    told = flow(on=days[0]), flow(by="bcr", on=days[1])
    assert groups(*told) == ([[1, 2]] if pair else [])


@pytest.mark.parametrize(
    ("other", "pair"),
    [
        (flow(by="bcr", text="421 BTC"), False),
        (flow(by="bcr", text="about 420 BTC"), True),
        (flow(by="bcr", text="over 400 BTC"), True),
        (flow(by="bcr", text=None), False),
        (flow(by="bcr", mode="mining"), False),
        (flow(by="bcr", price=read_quantity("60,000 USD")), True),
        (flow(r.Disposed, by="bcr"), False),
    ],
)
def test_they_agree_in_every_field_that_both_state(other: Body, pair: bool) -> None:
    assert groups(flow(), other) == ([[1, 2]] if pair else [])


def test_two_prices_tell_two_purchases_apart() -> None:
    dear, cheap = (read_quantity(text) for text in ("60,000 USD", "59,000 USD"))
    assert balance(flow(price=dear), flow(by="bcr", price=cheap)) == (840, 840)


SAME = (SourceRef(source="source/one"),)
OTHER = (SourceRef(source="source/two"),)


@pytest.mark.parametrize(
    ("first", "then", "pair"),
    [
        (flow(sources=SAME), flow(sources=OTHER), True),
        (flow(sources=SAME), flow(sources=SAME), False),
        (flow(sources=SAME), flow(sources=OTHER, on="2021-10-28"), False),
        (flow(sources=SAME, key="a"), flow(sources=OTHER, key="b"), False),
        (flow(sources=SAME, key="a"), flow(sources=OTHER), True),
    ],
)
def test_one_asserter_from_two_sources_on_one_day_may_speak_of_one_event(
    first: Body, then: Body, pair: bool
) -> None:
    assert groups(first, then) == ([[1, 2]] if pair else [])
    assert balance(first, then) == ((420, 840) if pair else (840, 840))


def test_a_group_adds_at_least_the_most_that_one_asserter_states() -> None:
    three = (*TWICE, flow(by="bcr", key="second", text="over 400 BTC"))
    assert balance(*three) == (820, None)
    once = (*TWICE, flow(by="bcr", sources=OTHER))
    assert balance(*once) == (420, 1260)


def test_a_link_says_whether_they_are_one() -> None:
    assert balance(*TWICE, link(c.DistinctOccurrence, 1, 2)) == (840, 840)
    assert balance(*TWICE, link(c.SameOccurrence, 1, 2)) == (420, 420)


def test_what_leaves_twice_leaves_at_least_once() -> None:
    had = flow(text="1,000 BTC", on="2021-01-01")
    sold = flow(r.Disposed), flow(r.Disposed, by="bcr")
    assert balance(had, *sold) == (160, 580)


def test_accounts_are_told_apart() -> None:
    """A sale of what is owned is no sale from custody."""
    owned, kept = flow(r.Disposed), flow(r.Disposed, by="bcr", account="custody")
    assert groups(owned, kept) == []
    assert groups(owned, flow(r.Disposed, by="bcr", account="owned")) == [[1, 2]]


def test_a_seizure_reported_twice_is_in_custody_once_or_twice() -> None:
    view = seen(flow(r.Seized), flow(r.Seized, by="bcr"))
    state = thing_states(X, view).without
    assert state.custody.shown[:2] == (420 * BTC, 840 * BTC)
    assert state.owned.flows == 0


def test_disbursements_may_be_one_event() -> None:
    def drawn(by: str) -> p.Disbursed:
        return p.Disbursed(
            asserted_by=f"party/{by}",
            basis="press",
            effective="2025-05-09",
            amount=read_quantity("760,000,000 SDR"),
            sources=(SourceRef(source=f"source/{by}"),),
        )

    thing = "programme/x"
    view = seen(drawn("imf"), drawn("sbp"), thing=thing)
    assert groups(drawn("imf"), drawn("sbp"), thing=thing) == [[1, 2]]
    ends = thing_states(thing, view).without.drawn.shown
    assert ends[:2] == (760_000_000_00, 1_520_000_000_00)


def test_what_is_effective_later_is_in_no_group() -> None:
    told = flow(on="2025-12-31"), flow(by="bcr", on="2026-01-01")
    assert groups(*told) == []
    assert possible_flows(X, seen(*told, until=date(2026, 1, 1))).groups


def test_a_purchase_a_day_by_an_office_and_a_tracker_is_one_group_in_little_time() -> None:
    days = [date(2022, 11, 18) + timedelta(n) for n in range(1_000)]
    told = [flow(text="1 BTC", by=by, on=str(day)) for day in days for by in ("onbtc", "tracker")]
    began = time.process_time()
    view = seen(*told)
    ends = thing_states(X, view).without.owned.shown
    took_s = time.process_time() - began
    assert ends[:2] == (1_000 * BTC, 2_000 * BTC)
    (group,) = possible_flows(X, view).groups
    assert len(group) == 2_000
    assert took_s < 5, "2,000 flows are compared day by day, not each with each"
