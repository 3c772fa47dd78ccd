"""Has an import a number, and is all of it taken back as one act?"""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from domain.decisions.decide import Fact, decide
from domain.decisions.stream_index import StreamIndex
from events.validation import admit

Ask = Callable[..., Any]
Bring = Callable[..., Any]
Recorded = Callable[[], list[Any]]
Data = Callable[[str], list[dict[str, Any]]]

MAP = """\
[[fact]]
type = "reserve.acquired"
subject = "reserve/{Who}"
fields = { mode = "mining", amount = { column = "Coins", as = "amount", unit = "BTC" } }
"""
WHY = ("--reason", "recording-error")


def test_an_import_is_taken_back_as_one_act(
    bring: Bring, ask: Ask, recorded: Recorded, data: Data
) -> None:
    first = bring("Who,Coins\na,1\nb,2\n", MAP)
    assert "import 1; to retract it: depositary retract --import 1" in first.out
    second = bring("Who,Coins\na,1\na,4\nb,5\nb,5\n", MAP)
    assert (second.report["import"], second.report["facts"]["recorded"]) == (2, 3)
    assert data("ledger.imported") == [
        {"asserted_by": "party/recorder", "basis": "recorder", "format": "csv",
         "files": ["table.csv"], "spans": spans}
        for spans in (["2-3"], ["5-7"])
    ]  # fmt: skip
    rehearsed = ask("retract", "--import", "2", *WHY, "--dry-run")
    assert "import 2: 3 claims would be retracted" in rehearsed.out
    ran = ask("retract", "--import", "2", *WHY)
    assert "import 2: 3 claims retracted" in ran.out, ran.err
    events = [json.loads(row.state) for row in recorded()[-3:]]
    assert {event["time"] for event in events} == {events[0]["time"]}  # one transaction
    assert [event["data"]["target"] for event in events] == [
        "reserve/a/2", "reserve/b/2", "reserve/b/3",
    ]  # fmt: skip
    again = ask("retract", "--import", "2", *WHY, "--json")
    assert json.loads(again.out) == {"import": 2, "retracted": 0}
    assert bring("Who,Coins\na,4\n", MAP).report["facts"]["already"] == 1


def test_an_import_that_records_nothing_has_no_number(bring: Bring, data: Data) -> None:
    bring("Who,Coins\na,1\n", MAP)
    assert bring("Who,Coins\na,1\n", MAP).report["import"] is None
    assert bring("Who,Coins\na,2\n", MAP, "--dry-run").report["import"] is None
    assert len(data("ledger.imported")) == 1


@pytest.mark.parametrize("number", ["0", "2", "-1"])
def test_there_is_no_other_import(number: str, bring: Bring, ask: Ask) -> None:
    bring("Who,Coins\na,1\n", MAP)
    ran = ask("retract", "--import", number, *WHY)
    assert ran.code == 3
    assert "there are 1" in ran.err


@pytest.mark.usefixtures("ledger")
def test_a_claim_or_an_import_is_named(ask: Ask) -> None:
    assert ask("retract", *WHY).code == 2
    assert ask("retract", "@1", "--import", "1", *WHY).code == 2
    assert ask("retract", "--import", "1", *WHY).code == 3


def test_an_import_is_retracted_for_a_reason_with_its_sources(
    bring: Bring, ask: Ask, data: Data
) -> None:
    bring("Who,Coins\na,1\n", MAP)
    ran = ask("retract", "--import", "1", "--reason", "source-retracted")
    assert ran.code == 2
    assert "--asserted-by" in ran.err
    ran = ask(
        "retract", "--import", "1", "--reason", "other", "--asserted-by", "recorder",
        "--basis", "recorder", "--note", "Tried out.",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    (found,) = data("claim.retracted")
    assert (found["note"], found["asserted_by"]) == ("Tried out.", "party/recorder")


def steps_of(count: int) -> int:
    """Return how many functions are called to retract so many claims about one subject."""
    index = StreamIndex("reserve/x")
    own = {"asserted_by": "party/recorder", "basis": "recorder"}

    def record(type_: str, **data: Any) -> None:
        body, written = admit(type_, {**own, **data})
        index.add(decide(index, Fact(type_, body, written)).claim, written)

    for number in range(count):
        record("reserve.acquired", mode="mining", note=f"lot {number}")
    calls = 0

    def called(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        for version in range(1, count + 1):
            target = f"reserve/x/{version}"
            record("claim.retracted", reason="recording-error", target=target)
    finally:
        sys.setprofile(None)
    assert not index.standing.claims
    return calls


def test_a_retraction_takes_as_long_however_many_there_were() -> None:
    assert steps_of(400) < 3 * steps_of(200)
