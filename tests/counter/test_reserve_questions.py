"""Do `reserve reconcile` and `reserve value` compare figures without ever mixing them?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.each import each

BTC = 10**8
HEAD = 'asserted_by = "party/onbtc"\nbasis = "own-publication"\nsources = ["source/onbtc"]\n'
Read = Callable[..., Any]


def fact(type_: str, on: str, own: str, thing: str = "reserve/sv", head: str = HEAD) -> str:
    """Return a fact of the reserve in TOML; without a day it is undated."""
    day = f'effective = "{on}"\n' if on else ""
    return f'[[fact]]\ntype = "{type_}"\nsubject = "{thing}"\n{day}{head}{own}\n\n'


def bought(amount: str, on: str = "2025-01-01") -> str:
    return fact("reserve.acquired", on, f'amount = "{amount}"\nmode = "purchase"')


def reported(amount: str, on: str = "2025-02-01") -> str:
    return fact("reserve.holding-reported", on, f'amount = "{amount}"\nscope = "unstated"')


def price(value: str, on: str, kind: str = "open", head: str = HEAD) -> str:
    own = f'pair = "btc-usd"\nvalue = "{value}"\nkind = "{kind}"'
    return fact("price.observed", on, own, "price/btc-usd", head)


@pytest.fixture
def read(ask: Any, ledger: Path) -> Read:
    """Record facts, and ask a question about the reserve as a script."""

    def asked(facts: str, *question: str) -> Any:
        ran = ask("append", "-", stdin=facts)
        assert ran.code == 0, ran.err
        ran = ask("--json", "reserve", *question)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    return asked


def reconciled(read: Read, *facts: str, as_of: str = "2025-12-31") -> Any:
    return read("".join(facts), "reconcile", "sv", "--as-of", as_of)


def difference(found: Any, of: str = "reported", less: str = "ledger_balance") -> tuple[Any, Any]:
    (one,) = [d for d in found["answer"]["differences"] if (d["of"], d["less"]) == (of, less)]
    return one["lower_sat"], one["upper_sat"]


def reasons(found: Any) -> dict[str, list[str]]:
    return {one["occurrence"]: one["reasons"] for one in found["explained_by"]}


def test_what_is_booked_and_reported_alike_agrees(read: Read) -> None:
    found = reconciled(read, bought("7 BTC"), reported("over 6 BTC"))
    assert found["answer"]["agree"] == "yes"
    assert difference(found) == (-1 * BTC, None)
    assert found["explained_by"] == []


def test_a_difference_is_what_is_reported_less_what_is_booked(read: Read) -> None:
    found = reconciled(read, bought("5 BTC"), reported("7 BTC"))
    assert (found["answer"]["agree"], difference(found)) == ("no", (2 * BTC, 2 * BTC))


def test_an_approximate_report_reaches_half_a_unit_of_its_last_digit(read: Read) -> None:
    found = reconciled(read, bought("12 BTC"), reported("about 10 BTC"))
    assert (found["answer"]["agree"], difference(found)) == ("yes", (-7 * BTC, 3 * BTC))


def test_a_flow_whose_amount_nobody_names_may_explain_any_difference(read: Read) -> None:
    unnamed = fact("reserve.acquired", "2025-01-02", 'mode = "purchase"')
    found = reconciled(read, bought("5 BTC"), unnamed, reported("7 BTC"))
    assert found["answer"]["agree"] == "cannot tell"
    assert reasons(found) == {"reserve/sv/3": ["amount unknown"]}


def test_what_was_booked_after_the_report_may_explain_it(read: Read) -> None:
    found = reconciled(read, bought("5 BTC"), reported("5 BTC"), bought("2 BTC", "2025-03-01"))
    assert reasons(found) == {"reserve/sv/4": ["after the report"]}
    assert found["explained_by"][0]["ledger_balance_lower_sat"] == 2 * BTC


def test_a_flow_of_which_the_day_cannot_tell_is_booked_perhaps(read: Read) -> None:
    found = reconciled(read, bought("5 BTC"), bought("2 BTC", "2025"), as_of="2025-06-30")
    assert found["answer"]["ledger_balance"]["lower_sat"] == 5 * BTC
    assert found["answer"]["ledger_balance_perhaps"]["lower_sat"] == 7 * BTC
    assert reasons(found) == {"reserve/sv/3": ["day cannot tell"]}


def test_moving_costs_the_fee_alone(read: Read) -> None:
    moved = fact(
        "reserve.transferred", "2025-01-05", 'amount = "4 BTC"\nfee = "0.1 BTC"\nreason = "split"'
    )
    found = reconciled(read, bought("5 BTC"), moved)
    assert found["answer"]["ledger_balance"]["lower_sat"] == 5 * BTC - BTC // 10
    assert reasons(found) == {"reserve/sv/3": ["moved, not gained or lost"]}
    assert found["explained_by"][0]["ledger_balance_lower_sat"] == -BTC // 10


def test_bought_or_moved_is_a_contested_type(read: Read) -> None:
    moved = fact("reserve.transferred", "2025-01-01", 'amount = "5 BTC"\nreason = "split"')
    same = (
        '[[fact]]\ntype = "claim.same-occurrence"\nsubject = "reserve/sv"\nbasis = "recorder"\n'
        'asserted_by = "party/recorder"\ntarget = "reserve/sv/2"\nwith = "reserve/sv/3"\n'
    )
    found = reconciled(read, bought("5 BTC"), moved, same)
    assert "type contested" in reasons(found)["reserve/sv/2"]
    assert found["explained_by"][0]["claims"] == ["reserve/sv/2", "reserve/sv/3"]


def test_an_explanation_on_record_is_quoted(read: Read) -> None:
    own = 'expected = "5 BTC"\nobserved = "7 BTC"\nexplanation = "two were donated"'
    found = reconciled(read, bought("5 BTC"), fact("reserve.reconciled", "2025-02-01", own))
    (one,) = found["explained_by"]
    assert (one["reasons"], one["words"]) == (["reconciled"], "two were donated")


def test_what_is_observed_stands_beside_both(read: Read) -> None:
    own = 'amount = "6 BTC"\naddresses = ["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"]'
    observed = fact("reserve.holding-observed", "2025-02-01", own)
    found = reconciled(read, bought("5 BTC"), reported("7 BTC"), observed)
    assert difference(found, "observed") == (1 * BTC, 1 * BTC)
    assert difference(found, "reported", "observed") == (1 * BTC, 1 * BTC)


def test_a_reserve_of_which_nothing_is_reported_has_no_difference(read: Read, ask: Any) -> None:
    found = reconciled(read, bought("5 BTC"))
    assert (found["answer"]["reported"], found["answer"]["differences"]) == (None, [])
    page = ask("reserve", "reconcile", "sv", "--as-of", "2025-12-31").out
    assert "reported        none recorded" in page
    assert ask("--csv", "reserve", "reconcile", "sv").out.startswith("on,type,amounts,")


def test_the_split_of_august_2025_leaves_the_total_as_it_was(ask: Any, demo_ledger: Path) -> None:
    def asked(day: str) -> Any:
        ran = ask("--json", "--ledger", demo_ledger, "reserve", "reconcile", "sv", "--as-of", day)
        return json.loads(ran.out)

    before, after = asked("2025-08-28"), asked("2025-08-29")
    assert before["answer"]["ledger_balance"] == after["answer"]["ledger_balance"]
    new = [one for one in after["explained_by"] if one not in before["explained_by"]]
    (split,) = [one for one in new if one["type"] == "reserve.transferred"]
    assert (split["on"], split["words"]) == ("2025-08-29", "split")
    assert (
        split["ledger_balance_lower_sat"],
        split["ledger_balance_upper_sat"],
        split["unknown_flows"],
    ) == (0, 0, 0)
    assert split["reasons"] == ["moved, not gained or lost"]


HELD = reported("10 BTC", "2025-07-17") + price("100 USD", "2025-07-17T00:00:00Z")


def valued(read: Read, *facts: str, by: str = "price/btc-usd", as_of: str = "2025-07-31") -> Any:
    return read("".join(facts), "value", "sv", "--price", by, "--as-of", as_of)


def test_a_value_names_its_amount_its_price_with_kind_and_instant_and_its_rounding(
    read: Read, ask: Any
) -> None:
    answer = valued(read, HELD)["answer"]
    assert answer["value"] == {
        "unit": "usd-minor",
        "lower": 100_000,
        "upper": 100_000,
        "text": "1,000 USD",
    }
    assert (answer["price"]["kind"], answer["price"]["as_of"]) == ("open", "2025-07-17T00:00:00Z")
    assert answer["price"]["claim"] == "price/btc-usd/1"
    assert (answer["amount"]["claim"], answer["of_one_day"]) == ("reserve/sv/2", True)
    page = ask("reserve", "value", "sv", "--price", "btc-usd", "--as-of", "2025-07-31").out
    assert "100 USD, open at 2025-07-17T00:00:00Z" in page
    assert "1,000 USD, rounded to the nearest 0.01 USD, halves up" in page


def test_an_approximate_valuation_stays_beside_the_computed_one_and_is_compared(
    read: Read, ask: Any
) -> None:
    others = {"party/onbtc": "about 1,000 USD", "party/imf": "1,001 USD", "party/sv": "9 EUR"}
    facts = [
        fact("reserve.valued", "2025-07-17", f'value = "{worth}"\nmethod = "quoted"', head=head)
        for who, worth in others.items()
        for head in [HEAD.replace("party/onbtc", who)]
    ]
    found = valued(read, HELD, *facts)
    compared = {one["asserted_by"]: one["compared"] for one in found["beside"]}
    assert compared == {
        "party/onbtc": "compatible",
        "party/imf": "not compatible",
        "party/sv": "other currency",
    }
    assert found["answer"]["value"]["text"] == "1,000 USD"
    (shown,) = [one for one in found["beside"] if one["asserted_by"] == "party/onbtc"]
    assert shown["says"]["value"]["text"] == "about 1,000 USD"
    csv = ask("--csv", "reserve", "value", "sv", "--price", "btc-usd", "--as-of", "2025-07-31")
    assert len(csv.out.splitlines()) == 4


def test_a_valuation_of_other_days_is_not_held_against_it(read: Read) -> None:
    old = fact("reserve.valued", "2024-01-01", 'value = "5 USD"\nmethod = "quoted"')
    assert [one["compared"] for one in valued(read, HELD, old)["beside"]] == ["other days"]


def test_the_newest_price_by_the_day_asked_counts(read: Read) -> None:
    later = price("200 USD", "2025-07-18", "close") + price("300 USD", "2025-08-15")
    answer = valued(read, HELD, later)["answer"]
    assert (answer["price"]["kind"], answer["value"]["text"]) == ("close", "2,000 USD")
    assert answer["of_one_day"] is False


def test_a_source_names_the_prices_that_rest_on_it(read: Read, turned_away: Any) -> None:
    other = price("200 USD", "2025-07-18", head=HEAD.replace("source/onbtc", "source/other"))
    cited = fact(
        "source.cited", "", 'publisher = "party/imf"', "source/other",
        'asserted_by = "party/recorder"\nbasis = "recorder"\n',
    )  # fmt: skip
    assert valued(read, cited, HELD, other, by="source/onbtc")["answer"]["value"]["text"] == (
        "1,000 USD"
    )
    ran = turned_away("reserve", "value", "sv", "--price", "source/nothing")
    assert ran.code == 3


def test_what_cannot_be_valued_is_said(read: Read, turned_away: Any, ask: Any) -> None:
    assert ask("append", "-", stdin=HELD).code == 0
    asked = ("reserve", "value", "sv", "--price")
    assert turned_away(*asked, "btc-usd", "--as-of", "2025-07-16").code == 3  # nothing held by then
    assert turned_away(*asked, "btc-eur").code == 3
    assert turned_away(*asked, "party/imf").code == 2
    assert turned_away(*asked, "Bitcoin!").code == 2
    assert turned_away("reserve", "value", "sv").code == 2


def test_at_most_so_much_at_more_than_a_price_has_no_value(ask: Any, turned_away: Any) -> None:
    facts = reported("up to 300 BTC") + price("over 100,000 USD", "2025-02-01T00:00:00Z")
    assert ask("append", "-", stdin=facts).code == 0
    ran = turned_away("reserve", "value", "sv", "--price", "btc-usd")
    assert ran.code == 7
    assert "up to 300 BTC at over 100,000 USD has neither a least value nor a most" in ran.err


TWICE = (
    bought("420 BTC", "2021-10-27"),
    bought("420 BTC", "2021-10-28").replace(
        'asserted_by = "party/onbtc"', 'asserted_by = "party/imf"'
    ),
)
HINT = "looks like @7: depositary same @7 @8, or depositary distinct @7 @8"


def test_one_sale_told_by_two_in_two_currencies_is_one_perhaps(ask: Any, ledger: Path) -> None:
    """Saxony gave euros and Arkham dollars, and the days of the sale are known as a span."""
    days = "[2024-06-19..2024-07-12]"
    sold = 'amount = "49,858 BTC"\nmode = "sale"\nproceeds = "{}"'
    told = [fact("reserve.disposed", days, sold.format(money)) for money in ("2 EUR", "3 USD")]
    told[1] = told[1].replace('asserted_by = "party/onbtc"', 'asserted_by = "party/imf"')
    assert "looks like" not in ask("append", "-", "--as-reported", stdin=told[0]).err
    assert f"@8 {HINT}" in ask("append", "-", "--as-reported", stdin=told[1]).err
    found = json.loads(ask("--json", "findings").out)["rows"]
    checks = sorted(one["check"] for one in found)
    assert checks == ["overdrawn", "overdrawn", "possible-duplicate"]  # none under order too


def test_a_flow_that_may_be_another_is_named_with_the_commands_that_decide(
    ask: Any, ledger: Path
) -> None:
    assert "looks like" not in ask("append", "-", stdin=TWICE[0]).err
    told = ask("check", "-", stdin=TWICE[1])
    hint = "looks like @7: `same @7 reserve/sv/3` or `distinct @7 reserve/sv/3`"
    assert (told.code, hint in told.out) == (0, True)
    assert f"@8 {HINT}" in ask("append", "-", stdin=TWICE[1]).err

    shown = json.loads(ask("--json", "reserve", "show", "sv").out)["answer"]
    assert shown["ledger_balance"]["lower_sat"] == 420 * BTC
    assert shown["ledger_balance"]["upper_sat"] == 840 * BTC
    (group,) = shown["possible_duplicates"]
    assert group == {"type": "reserve.acquired", "claims": ["reserve/sv/2", "reserve/sv/3"]}
    page = ask("reserve", "show", "sv").out
    assert "420 BTC to 840 BTC" in page
    assert "2 claims of acquired" in page

    recorder = ("--asserted-by", "recorder", "--basis", "recorder")
    assert ask("distinct", "@7", "@8", *recorder).code == 0
    shown = json.loads(ask("--json", "reserve", "show", "sv").out)["answer"]
    assert (shown["ledger_balance"]["text"], shown["possible_duplicates"]) == ("840 BTC", [])


def test_a_list_has_a_column_for_what_is_owned_and_one_for_what_is_in_custody(
    ask: Any, ledger: Path
) -> None:
    seized = fact("reserve.seized", "2024-01-16", 'amount = "49,858 BTC"')
    sold = 'amount = "49,858 BTC"\nmode = "sale"\naccount = "custody"'
    assert ask("append", "-", stdin=seized).code == 0
    columns = "ledger_balance_lower_sat, custody_lower_sat, custody_upper_sat"
    (row,) = json.loads(ask("--json", "query", f"select {columns} from reserves").out)["rows"]
    assert list(row.values()) == [None, 49_858 * BTC, 49_858 * BTC]
    assert ask("append", "-", stdin=fact("reserve.disposed", "2024-07-12", sold)).code == 0
    (line,) = json.loads(ask("--json", "reserve", "list").out)
    assert (line["ledger_balance"], line["custody"]) == (None, "0 BTC")
    assert (line["ledger_balance_unknown_flows"], line["custody_upper_sat"]) == (None, 0)
    assert "custody_lower_sat" in ask("--csv", "reserve", "list").out.splitlines()[0]
    for words in (("show", "sv"), ("reconcile", "sv")):
        assert "no flows of its own recorded" in ask("reserve", *words).out
    narrow = ask("reserve", "list").out  # the column of custody is hidden
    assert "custody only" in narrow
    assert "no flows" not in narrow


def test_a_sale_in_tranches_is_its_parts_or_their_sum(ask: Any, ledger: Path) -> None:
    """As docs/how-to.md, "Record a sale in tranches", has it."""

    def sold(amount: str, on: str) -> str:
        own = f'amount = "{amount}"\nmode = "sale"\naccount = "custody"'
        return fact("reserve.disposed", on, own)

    seized = fact("reserve.seized", "2024-01-16", 'amount = "50,000 BTC"')
    whole = sold("12,000 BTC", "[2024-06-19..2024-07-12]")
    parts = sold("3,500 BTC", "2024-06-25") + sold("8,500 BTC", "2024-07-08")

    def custody(day: str) -> tuple[Any, Any]:
        (line,) = json.loads(ask("--json", "reserve", "list", "--as-of", day).out)
        return line["custody_lower_sat"], line["custody_upper_sat"]

    assert ask("append", "-", stdin=seized + whole).code == 0
    told = ask("reserve", "show", "sv", "--as-of", "2024-06-28").out
    assert "or              38,000 BTC: cannot tell which held on 2024-06-28" in told
    assert custody("2024-07-12") == (38_000 * BTC, 38_000 * BTC)
    assert ask("append", "-", stdin=parts).code == 0
    assert custody("2024-07-12")[0] == 26_000 * BTC  # they are added
    for tranche in ("reserve/sv/4", "reserve/sv/5"):
        assert ask("same", tranche, "reserve/sv/3", "--part-of", "reserve/sv/3").code == 0
    assert custody("2024-07-12") == (38_000 * BTC, 38_000 * BTC)


def test_about_so_much_in_custody_stands_as_it_was_stated(ask: Any, ledger: Path) -> None:
    """The bounds are those between which "about" is added up."""
    assert (
        ask(
            "append", "-", stdin=fact("reserve.seized", "2018-10", 'amount = "about 61,000 BTC"')
        ).code
        == 0
    )
    told = ask("reserve", "show", "sv").out
    assert "60,500 BTC to 61,500 BTC, stated as about 61,000 BTC" in told
    assert "no flows of its own recorded" in told
    assert ask("append", "-", stdin=fact("reserve.seized", "2021-07", 'amount = "5 BTC"')).code == 0
    assert "stated as" not in ask("reserve", "show", "sv").out


@pytest.mark.parametrize(
    ("type_", "fields", "status"),
    [
        ("reserve.seized", 'amount = "5 BTC"', "flows recorded"),
        ("reserve.holding-reported", 'amount = "5 BTC"', "figure reported"),
        ("reserve.policy-set", 'policy = "no-sale"\nwords = "No sale."', "mentioned only"),
    ],
)
def test_a_reserve_of_which_something_is_recorded_is_not_only_mentioned(
    type_: str, fields: str, status: str, ask: Any, ledger: Path
) -> None:
    given = fact(type_, "2024-01-16", fields).replace("reserve/sv", "reserve/other")
    assert ask("append", "-", stdin=given).code == 0
    rows = json.loads(ask("--json", "reserve", "list").out)
    assert {row["subject"]: row["status"] for row in rows}["reserve/other"] == status
    asked = "select status from reserves where subject = 'reserve/other'"
    (row,) = json.loads(ask("--json", "query", asked).out)["rows"]
    assert row["status"] == status


@each("price", ["90,000 USD", "90000 USD", "price/90,000 USD", "agreement/a-paper", ""])
def test_a_figure_in_the_place_of_a_price_brings_how_to_record_one(price: str, ask: Any) -> None:
    ran = ask("reserve", "value", "sv", "--price", price)
    assert (ran.code, ran.out) == (2, "")
    assert "--price names a recorded price" in ran.err
    assert "depositary template price.observed" in ran.err
