"""Is what cannot be said of an earlier claim refused, in three lines and with nothing written?"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

SLIP = ("--reason", "recording-error")
WORDS = (
    *("--ground", "so it is", "--asserted-by", "onbtc"),
    *("--basis", "own-publication", "--source", "onbtc"),
)
SOLD = """
[[fact]]
type = "reserve.disposed"
subject = "reserve/sv"
amount = "1 BTC"
mode = "sale"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = ["source/onbtc"]
"""
BOUGHT, ALSO, TOO = "reserve/sv/29", "reserve/sv/30", "reserve/sv/31"


@pytest.fixture
def ledger(the_story: Path, tmp_path: Path) -> Path:
    return shutil.copytree(the_story, tmp_path / "ledger")


@pytest.fixture
def last(document: Ask, ledger: Path) -> Callable[[], int]:
    return lambda: document("log", "-n", "1", ledger=ledger)["rows"][0]["position"]


def test_what_is_corrected_already_is_corrected_in_its_correction(
    ledger: Path, counter: Ask, turned_away: Ask, last: Callable[[], int]
) -> None:
    assert counter("correct", BOUGHT, "--amount", "1 BTC", *SLIP, ledger=ledger).code == 0
    before = last()
    _, why, _ = turned_away(5, "correct", BOUGHT, "--amount", "2 BTC", *SLIP, ledger=ledger)
    assert f"{BOUGHT} is corrected already by reserve/sv/" in why
    assert last() == before


def test_a_correction_is_of_the_same_type(
    ledger: Path, tmp_path: Path, turned_away: Ask, last: Callable[[], int]
) -> None:
    before = last()
    text = tmp_path / "sold.toml"
    text.write_text(SOLD, "utf-8")
    turned_away(5, "correct", BOUGHT, str(text), *SLIP, ledger=ledger)
    assert last() == before


def test_a_retraction_says_why(ledger: Path, turned_away: Ask, last: Callable[[], int]) -> None:
    before = last()
    assert "--reason" in turned_away(2, "retract", BOUGHT, ledger=ledger)[1]
    assert last() == before


def test_what_was_retracted_cannot_be_right(
    ledger: Path, counter: Ask, turned_away: Ask, last: Callable[[], int]
) -> None:
    assert counter("retract", ALSO, *SLIP, ledger=ledger).code == 0
    before = last()
    _, why, _ = turned_away(5, "resolve", ALSO, TOO, *WORDS, ledger=ledger)
    assert "was retracted in" in why
    assert last() == before
