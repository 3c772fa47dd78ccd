"""A text that a correction gave leads to the correction, wherever its claim is named."""

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]
Do = Callable[..., int]
FACTS = """
[[fact]]
type = "source.cited"
subject = "source/notice-1"
title = "First notice"
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "source.cited"
subject = "source/notice-2"
title = "Second notice"
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "reserve.holding-reported"
subject = "reserve/examplia"
amount = "100 BTC"
scope = "total"
asserted_by = "party/sv"
basis = "own-publication"
effective = "2025-06-01"
sources = [{ source = "source/notice-1", published = "2025-06-02" }]
"""
BY_SOURCE = shlex.split(
    "--reason source-corrected --asserted-by party/sv --basis own-publication"
    " --source source/notice-2,published=2025-07-01"
)
BY_RECORDER = ["--reason", "recording-error"]


@pytest.fixture
def ledger(the_story: Path, tmp_path: Path, counter: Ask) -> Path:
    """Return a copy of the story with a figure of its own."""
    place = shutil.copytree(the_story, tmp_path / "ledger")
    (tmp_path / "facts.toml").write_text(FACTS, "utf-8")
    ran = counter("append", str(tmp_path / "facts.toml"), ledger=place)
    assert ran.code == 0, ran.err
    return place


@pytest.fixture
def do(counter: Ask, document: Ask, ledger: Path) -> Do:
    """Run a command that records about the figure; return the position of its event."""

    def run(*words: str) -> int:
        ran = counter(*words, ledger=ledger)
        assert ran.code == 0, ran.err
        return int(document("log", "-n", "1", ledger=ledger)["known_at"])

    return run


def position_of(document: Ask, ledger: Path) -> int:
    return int(
        document("log", "--subject", "reserve/examplia", ledger=ledger)["rows"][0]["position"]
    )


@pytest.mark.parametrize("reason", [BY_SOURCE, BY_RECORDER])
def test_a_corrected_figure_is_cited_with_its_correction(
    reason: list[str], do: Do, ledger: Path, counter: Ask, document: Ask
) -> None:
    first = position_of(document, ledger)
    before = counter("event", "show", f"@{first}", ledger=ledger).out
    by = do("correct", f"@{first}", "--amount", "101 BTC", *reason)
    words = {
        "show": ("reserve", "show", "examplia"),
        "event": ("event", "show", f"@{first}"),
        "blame": ("blame", "reserve/examplia"),
        "explain": ("explain", "reserve/examplia", "reported"),
    }
    for name, asked in words.items():
        told = " ".join(counter(*asked, ledger=ledger).out.split())
        assert f"corrected by @{by}" in told, name
    cited = " ".join(counter("cite", f"@{first}", ledger=ledger).out.split())
    assert f"Corrected by @{by}" in cited
    assert document("cite", f"@{first}", ledger=ledger)[0]["custom"]["corrected_by"].endswith("/2")
    then = ("event", "show", f"@{first}", "--known-at", f"@{by - 1}")
    assert counter(*then, ledger=ledger).out == before
    assert "corrected" not in counter("event", "show", f"@{by}", ledger=ledger).out.split("\n")[2]


def test_what_was_taken_back_says_so_and_a_correction_of_a_correction_is_the_last(
    do: Do, ledger: Path, counter: Ask, document: Ask
) -> None:
    first = position_of(document, ledger)
    once = do("correct", f"@{first}", "--amount", "101 BTC", *BY_SOURCE)
    twice = do("correct", f"@{once}", "--amount", "102 BTC", *BY_RECORDER)
    told = counter("event", "show", f"@{first}", ledger=ledger).out
    assert f"corrected by @{twice}" in told
    asked = ("explain", "reserve/examplia", "reported.amount")
    sources = document(*asked, ledger=ledger)["reasons"][0]["sources"]
    assert [s["source"] for s in sources] == ["source/notice-2", "source/notice-1"]
    back = do("retract", f"@{twice}", "--reason", "recording-error")
    assert f"corrected by @{once}" in counter("event", "show", f"@{first}", ledger=ledger).out
    assert f"retracted by @{back}" in counter("event", "show", f"@{twice}", ledger=ledger).out
    gone = do("retract", f"@{first}", "--reason", "recording-error")
    found = counter("cite", f"@{first}", ledger=ledger).out
    assert f"Retracted by @{gone}" in " ".join(found.split())


def test_a_corrected_value_has_the_source_of_its_correction_before_the_old(
    do: Do, ledger: Path, counter: Ask, document: Ask
) -> None:
    first = position_of(document, ledger)
    asked = ("explain", "reserve/examplia", "reported.amount")
    (old,) = document(*asked, ledger=ledger)["reasons"][0]["sources"]
    assert (old["source"], old["corrects"]) == ("source/notice-1", False)
    by = do("correct", f"@{first}", "--amount", "101 BTC", *BY_SOURCE)
    sources = document(*asked, ledger=ledger)["reasons"][0]["sources"]
    assert [(s["source"], s["corrects"]) for s in sources] == [
        ("source/notice-2", True),
        ("source/notice-1", False),
    ]
    assert sources[0]["published"] == "2025-07-01"
    assert f"correction @{by}: “Second notice”" in counter(*asked, ledger=ledger).out
    rows = document("blame", "reserve/examplia", ledger=ledger)["rows"]
    (row,) = (one for one in rows if one["field"] == "reported.amount")
    assert row["sources"] == ["source/notice-2", "source/notice-1"]
