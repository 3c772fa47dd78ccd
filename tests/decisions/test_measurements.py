"""Which measurement is selected, and which are contested?"""

from datetime import date
from typing import Any

import pytest

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import policy
from domain.claims.resolution import fold
from domain.claims.series import ResolvedSeries
from domain.decisions.decide import Decision, Fact, decide
from domain.decisions.errors import ContradictsItselfError
from domain.decisions.stream_index import StreamIndex
from events.amounts import read_quantity
from events.body import Body, SourceRef
from events.kinds import claim_events as c
from events.kinds import price as p
from events.kinds import reserve as r
from events.validation import write_body
from tests.properties.histories import Question
from tests.properties.naive import naive_view
from tests.properties.naive_decide import opened

X = "reserve/x"
YEAR_END = date(2025, 12, 31)


def held(
    amount: str, on: str | None, by: str = "cc", basis: Any = "tracker", **own: Any
) -> r.HoldingReported:
    """Return a report of a holding; the whole, where no scope is given."""
    own.setdefault("scope", "unstated")
    own.setdefault("sources", (SourceRef(source=f"source/{by}", published="2025-12-30"),))
    figure = read_quantity(amount)
    return r.HoldingReported(
        asserted_by=f"party/{by}", basis=basis, effective=on, amount=figure, **own
    )


def recorded(*bodies: Body, thing: str = X) -> list[Claim]:
    """Return the claims that these bodies become, recorded one after the other."""
    names: dict[type[Body], str] = {
        r.HoldingReported: "reserve.holding-reported",
        r.HoldingObserved: "reserve.holding-observed",
        r.AddressDisclosed: "reserve.address-disclosed",
        r.Valued: "reserve.valued",
        p.Observed: "price.observed",
        c.Denied: "claim.denied",
        c.Resolved: "claim.resolved",
    }
    return [Claim(n, n, thing, names[type(body)], body) for n, body in enumerate(bodies, 1)]


def measured(
    *bodies: Body, chosen: str = "primary-first", thing: str = X
) -> dict[tuple[str, ...], ResolvedSeries]:
    """Return the series by key, on which the second opinion agrees."""
    claims = recorded(*bodies, thing=thing)
    view = fold(claims, Clocks(YEAR_END), policy(chosen))
    second = naive_view(claims, *Question(YEAR_END, None, None, chosen))["series"]
    found = {(one.type, *one.key): one for one in view.series}
    picks = {key: one.pick and one.pick.id for key, one in found.items()}
    assert picks == {key: one["pick"] for key, one in second.items()}
    assert {k: one.support for k, one in found.items()} == {
        k: one["support"] for k, one in second.items()
    }
    return {one.key: one for one in view.series if one.type != "reserve.address-disclosed"}


def selected(*bodies: Body, chosen: str = "primary-first", thing: str = X) -> tuple[int, str]:
    """Return the number of the selected measurement (0: none), and the support of the series."""
    (one,) = measured(*bodies, chosen=chosen, thing=thing).values()
    return one.pick.version if one.pick else 0, str(one.support)


# Scope: the whole and its parts.


@pytest.mark.parametrize("scopes", [("unstated", "total"), ("total", "unstated")])
def test_unstated_and_total_are_one_series_the_whole(scopes: tuple[str, str]) -> None:
    first, then = scopes
    told = (
        held("1 BTC", "2025-03-07", "aa", scope=first),
        held("2 BTC", "2025-07-15", "bb", scope=then),
    )
    assert measured(*told).keys() == {("",)}
    assert selected(*told) == (2, "single source")


def test_a_part_is_a_series_of_its_own_though_it_is_newer() -> None:
    """The United States: a State's whole in March, the part of one agency in July."""
    whole = held("198,109 BTC", "2025-03-07", "arkham")
    part = held("28,988 BTC", "2025-07-15", "usms", "official-record", scope="marshals-service")
    found = measured(whole, part)
    picks = {key: one.pick and one.pick.version for key, one in found.items()}
    assert picks == {("",): 1, ("marshals-service",): 2}


# The window.


def test_a_better_basis_of_the_days_before_goes_before_the_newest() -> None:
    filing = held("601,550 BTC", "2025-07-13", "strategy", "official-record")
    tracker = held("601,550 BTC", "2025-07-14")
    assert selected(filing, tracker) == (1, "corroborated")
    assert selected(tracker, filing) == (2, "corroborated")
    assert selected(filing, tracker, chosen="latest") == (2, "corroborated")
    assert selected(filing, tracker, chosen="prefer:party/cc") == (2, "corroborated")


@pytest.mark.parametrize(
    ("official_on", "official", "expected"),
    [
        ("2025-07-05", "50 BTC", 1),  # seven days before: whether compatible or not
        ("2025-07-04", "50 BTC", 2),  # eight days: not compatible
        ("2025-07-04", "over 40 BTC", 2),  # an open figure gives way to the closed one
        ("2025-07-04", "41 BTC", 1),
        ("2025-06-11", "41 BTC", 1),  # 31 days before
        ("2025-06-10", "41 BTC", 2),  # 32 days
        ("2025-05/2025-06-11", "41 BTC", 1),  # a span counts by its last day for the window
        ("2025-05/2025-06-10", "41 BTC", 2),
        ("2025-06", "41 BTC", 1),
    ],
)
def test_the_window_has_31_days_for_what_agrees_and_7_for_what_does_not(
    official_on: str, official: str, expected: int
) -> None:
    record = held(official, official_on, "aa", "official-record")
    tracker = held("41 BTC", "2025-07-12")
    assert selected(record, tracker)[0] == expected


def test_an_older_official_figure_does_not_outlive_a_sale() -> None:
    """Germany, 2024: what the police held in June, and nothing three weeks later."""
    official = held("49,858 BTC", "2024-06-19", "bka", "official-record")
    tracker = held("0 BTC", "2024-07-12", "arkham")
    assert selected(official, tracker) == (2, "single source")


def test_an_open_figure_gives_way_to_a_closed_one_that_it_agrees_with() -> None:
    """El Salvador, July 2025."""
    over = held("over 6,240 BTC", "2025-07-17", "aa")
    exact = held("6,242 BTC", "2025-07-19", "bb", "press")
    assert selected(over, exact)[0] == 2
    assert selected(exact, over)[0] == 1
    too_low = held("6,240 BTC", "2025-07-19", "bb", "press")
    assert selected(over, too_low)[0] == 1


@pytest.mark.parametrize("figure", ["over 40 BTC", "at least 40 BTC", "up to 42 BTC"])
def test_every_open_figure_gives_way(figure: str) -> None:
    opened = held(figure, "2025-07-12", "aa", "audit")
    assert selected(opened, held("41 BTC", "2025-07-10", "bb", "press"))[0] == 2
    assert selected(opened)[0] == 1


def test_a_range_gives_way_to_nothing() -> None:
    between = held("40-42 BTC", "2025-07-12", "aa", "audit")
    assert selected(between, held("41 BTC", "2025-07-12", "bb", "press"))[0] == 1


def test_of_several_of_the_newest_day_the_best_basis_says_what_is_compatible() -> None:
    """The official figure of the newest day decides which older figures are looked at."""
    audit = held("40 BTC", "2025-06-20", "aa", "audit")
    press = held("41 BTC", "2025-07-12", "bb", "press")
    record = held("40 BTC", "2025-07-12", "dd", "official-record")
    assert selected(audit, press, record)[0] == 1
    assert selected(audit, press)[0] == 2


def test_what_may_be_of_the_day_is_selected_only_where_nothing_certain_is() -> None:
    perhaps = held("40 BTC", "[2025-12-30..2026-01-02]", "aa", "audit")
    undated = held("40 BTC", None, "bb", "audit")
    certain = held("41 BTC", "2025-07-12")
    assert selected(perhaps, undated, certain)[0] == 3
    assert selected(perhaps, undated)[0] == 1
    assert selected(undated)[0] == 1


# Ranks.


def test_holdings_rank_by_their_own_list_of_bases() -> None:
    bases = (
        "audit",
        "official-record",
        "signed-statement",
        "own-publication",
        "other-public-body",
        "tracker",
        "press",
        "on-chain",
    )
    told = [held("40 BTC", "2025-07-12", f"a{n}", basis) for n, basis in enumerate(bases)]
    (series,) = measured(*reversed(told)).values()
    assert [claim.body.basis for claim in series.certain] == list(bases)


def test_an_observation_at_disclosed_addresses_goes_before_an_own_publication() -> None:
    a, b = "1" * 30, "2" * 30
    by_chain: dict[str, Any] = {
        "asserted_by": "party/aa",
        "basis": "on-chain",
        "effective": "2025-07-12",
        "amount": read_quantity("40 BTC"),
        "sources": (SourceRef(source="source/aa"),),
    }
    disclosed = r.AddressDisclosed(
        asserted_by="party/cc",
        basis="press",
        addresses=(a,),
        to="public",
        sources=(SourceRef(source="source/cc"),),
    )
    own = r.HoldingObserved(
        **{**by_chain, "asserted_by": "party/bb", "basis": "own-publication"}, addresses=(a,)
    )
    assert selected(disclosed, own, r.HoldingObserved(**by_chain, addresses=(a,)))[0] == 3
    assert selected(disclosed, own, r.HoldingObserved(**by_chain, addresses=(a, b)))[0] == 2
    assert selected(disclosed, own, r.HoldingObserved(**by_chain))[0] == 2


def test_valuations_and_prices_take_the_newest_then_the_best_basis() -> None:
    def valued(on: str, by: str, basis: Any) -> r.Valued:
        return r.Valued(
            asserted_by=f"party/{by}",
            basis=basis,
            effective=on,
            value=read_quantity("9 USD"),
            method="quoted",
            sources=(SourceRef(source=f"source/{by}"),),
        )

    def priced(on: str, by: str, basis: Any) -> p.Observed:
        return p.Observed(
            asserted_by=f"party/{by}",
            basis=basis,
            effective=on,
            value=read_quantity("9 USD"),
            pair="btc-usd",
            kind="spot",
            sources=(SourceRef(source=f"source/{by}"),),
        )

    assert (
        selected(valued("2025-07-11", "aa", "audit"), valued("2025-07-12", "bb", "press"))[0] == 2
    )
    assert (
        selected(valued("2025-07-12", "aa", "audit"), valued("2025-07-12", "bb", "press"))[0] == 1
    )
    of = {"thing": "price/x"}
    old, new = priced("2025-07-11", "aa", "audit"), priced("2025-07-12", "bb", "press")
    assert selected(old, new, **of)[0] == 2
    morning = priced("2025-07-12T06:00:00Z", "aa", "audit")
    evening = priced("2025-07-12T18:00:00Z", "bb", "press")
    assert selected(evening, morning, **of)[0] == 1


# Newest.


def test_instants_are_ordered_as_instants_whatever_their_offsets() -> None:
    """The later moment is on the earlier calendar day; a bare day between them makes no circle."""
    late = held("3 BTC", "2025-07-18T23:00:00-06:00", "aa")
    early = held("1 BTC", "2025-07-19T01:00:00+05:00", "bb")
    day = held("2 BTC", "2025-07-19", "dd")
    (series,) = measured(early, late, day, chosen="latest").values()
    assert [claim.version for claim in series.certain] == [2, 3, 1]
    assert selected(late, early, chosen="latest")[0] == 1


def test_of_one_asserter_the_latest_published_of_one_day_counts() -> None:
    first, then = (
        held(
            amount,
            "2025-07-18",
            key=amount[0],
            sources=(SourceRef(source="source/x", published=on),),
        )
        for amount, on in (("1 BTC", "2025-07-20"), ("2 BTC", "2025-07-19"))
    )
    assert selected(first, then) == (1, "single source")
    assert selected(then, first) == (2, "single source")


# Contested.


@pytest.mark.parametrize(
    ("days", "support"),
    [
        (("2025-07-12", "2025-07-12"), "contested"),
        (("2025-07-11", "2025-07-12"), "contested"),
        (("2025-07-12", "2025-07-11"), "contested"),
        (("2025-07-10", "2025-07-12"), "single source"),
        (("2025-07", "2025-07-12"), "contested"),
        (("2025-06", "2025-07-01"), "contested"),
        (("2025-07-12T02:00:00Z", "2025-07-12T20:00:00Z"), "contested"),
    ],
)
def test_incompatible_figures_whose_days_meet_or_are_one_apart_are_contested(
    days: tuple[str, str], support: str
) -> None:
    told = held("1 BTC", days[0], "aa"), held("2 BTC", days[1], "bb")
    assert selected(*told)[1] == support
    assert selected(*told, chosen="strict")[0] == (0 if support == "contested" else 2)


def test_observations_of_two_blocks_are_not_contested_for_their_heights() -> None:
    def observed(on: str, by: str, height: int) -> r.HoldingObserved:
        return r.HoldingObserved(
            asserted_by=f"party/{by}",
            basis="on-chain",
            effective=on,
            amount=read_quantity("4 BTC"),
            height=height,
            sources=(SourceRef(source=f"source/{by}"),),
        )

    told = observed("2025-07-11", "aa", 904_900), observed("2025-07-12", "bb", 905_044)
    assert selected(*told) == (2, "corroborated")


def denial(**own: Any) -> c.Denied:
    sources = (SourceRef(source="source/bg", published="2025-12-30"),)
    words: dict[str, Any] = {
        "asserted_by": "party/bg",
        "basis": "official-record",
        "sources": sources,
    }
    return c.Denied(**words, ground="The State holds none.", **own)


@pytest.mark.parametrize(
    "own",
    [{"target": f"{X}/1"}, {"type": "reserve.holding-reported", "span": "2025-07-01/2025-07-31"}],
)
def test_a_denied_figure_stays_and_is_contested(own: dict[str, str]) -> None:
    """Bulgaria: 213,519 BTC reported, denied by the State."""
    told = held("213,519 BTC", "2025-07-12", "aa", "press"), denial(**own)
    assert selected(*told) == (1, "contested")
    assert selected(*told, chosen="strict") == (0, "contested")
    (series,) = measured(*told).values()
    assert [one.id for one in series.denials] == [f"{X}/2"]


def test_a_denial_of_other_days_or_of_an_older_figure_strikes_nothing_else() -> None:
    figure = held("213,519 BTC", "2025-07-12", "aa", "press")
    other_days = denial(type="reserve.holding-reported", span="2025-06-01/2025-06-30")
    assert selected(figure, other_days) == (1, "single source")
    newer = held("5 BTC", "2025-09-01", "bb", "press")
    assert selected(figure, denial(target=f"{X}/1"), newer) == (3, "single source")


# What one asserter may say of one day.


def decided_after(first: Body, then: Body) -> Decision:
    index = StreamIndex(X, map(opened, recorded(first)))
    return decide(index, Fact("reserve.holding-reported", then, write_body(then)))


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (held("1 BTC", "2025-07-12"), held("2 BTC", "2025-07-12", key="evening")),
        (held("1 BTC", "2025-07-12", key="morning"), held("2 BTC", "2025-07-12", key="evening")),
        (held("1 BTC", "2025-07-12T02:00:00Z"), held("2 BTC", "2025-07-12T20:00:00Z")),
    ],
)
def test_an_asserter_states_two_figures_of_one_day_told_apart(first: Body, then: Body) -> None:
    assert not decided_after(first, then).repeats


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (held("1 BTC", "2025-07-12"), held("2 BTC", "2025-07-12")),
        (held("1 BTC", "2025-07-12", scope="total"), held("2 BTC", "2025-07-12")),
        (held("1 BTC", "2025-07-12T02:00:00Z"), held("2 BTC", "2025-07-12T02:00:00Z")),
        (held("1 BTC", "2025-07-12T02:00:00Z"), held("2 BTC", "2025-07-12")),
    ],
)
def test_two_figures_of_one_day_not_told_apart_are_refused_and_the_refusal_names_key(
    first: Body, then: Body
) -> None:
    with pytest.raises(ContradictsItselfError, match=r"give this one a `key`"):
        decided_after(first, then)
