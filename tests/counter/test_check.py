"""What would a file of facts change, and whom would it contradict?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.counter.held_and_signed import HELD, SIGNED

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]


def test_check_tells_new_from_recorded_and_writes_nothing(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    ask("append", "-", stdin=HELD)
    before = recorded()
    ran = ask("check", "-", "--json", stdin=HELD + SIGNED)
    assert ran.code == 0, ran.err
    assert [(one["outcome"], one["position"]) for one in json.loads(ran.out)] == [
        ("recorded already", 7),
        ("new", None),
        ("new", None),
    ]
    assert recorded() == before


def test_check_names_whom_a_fact_contradicts(ledger: Path, ask: Ask) -> None:
    ask("append", "-", stdin=HELD)
    other = HELD.replace('asserted_by = "onbtc"', 'asserted_by = "imf"')
    ran = ask("check", "-", stdin=other.replace("over 6,240", "6,102"))
    assert ran.code == 1
    assert "The Bitcoin Office of El Salvador says amount over 6,240 BTC in reserve/sv/2" in ran.out
    assert ask("check", "-", stdin=other.replace("over 6,240", "6,242")).code == 0


def test_check_names_whom_another_day_contradicts(ledger: Path, ask: Ask) -> None:
    announced = """
        [[fact]]
        type = "reserve.announced"
        subject = "reserve/sv"
        effective = "2021-09-07"
        asserted_by = "imf"
        basis = "other-public-body"
        sources = "onbtc"
    """
    ran = ask("check", "-", "--json", stdin=announced)
    assert ran.code == 1
    assert json.loads(ran.out)[0]["says"] == [
        "party/onbtc says effective 2021-09-06 in reserve/sv/1"
    ]
    assert ask("check", "-", stdin=announced.replace("2021-09-07", "2021-09")).code == 0


def test_check_goes_on_after_a_fact_that_would_be_refused(ledger: Path, ask: Ask) -> None:
    bad = HELD.replace("over 6,240 BTC", "6,240 USD")
    ran = ask("check", "-", "--json", stdin=bad + HELD)
    told = json.loads(ran.out)
    assert (ran.code, [one["outcome"] for one in told]) == (1, ["refused", "new"])
    assert "amount = \"6,240 USD\": '6,240 USD' is in USD" in told[0]["says"][0]


def test_check_finds_a_denial(ledger: Path, ask: Ask) -> None:
    ask("append", "-", stdin=SIGNED.partition("\n\n[[fact]]")[0])
    denied = """
        [[fact]]
        type = "claim.denied"
        subject = "agreement/a-paper"
        target = "@7"
        ground = "Nothing was signed."
        asserted_by = "imf"
        basis = "other-public-body"
        sources = "onbtc"
    """
    ran = ask("check", "-", stdin=denied)
    assert ran.code == 1
    assert "The Bitcoin Office of El Salvador says it in agreement/a-paper/1" in ran.out
