"""What does the story answer on power, the split, the programmes, and what changed?

Questions 3, 5, 6 and 7 of those that every release must answer; 1, 2 and 4 stand in
test_scenarios.py, and all are sessions in docs/story.md.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]


@pytest.fixture
def ask(depositary: Any, demo_once: Path) -> Ask:
    """Ask as a script, and give the document; nothing is written."""

    def asked(*words: str) -> Any:
        answered = depositary("--ledger", demo_once, "--json", *words)
        assert (answered.returncode, answered.stderr) == (0, "")
        return json.loads(answered.stdout)

    return asked


def test_the_power_stands_and_its_withdrawal_is_denied(ask: Ask) -> None:
    found = ask("allocation", "show", "pk-2000mw", "--as-of", "2025-07-31")
    assert found["answer"]["status"] == "allocated"
    assert found["answer"]["power"]["lower"] == found["answer"]["power"]["upper"] == 2_000_000_000
    assert [d["says"]["type"] for d in found["denials"]] == ["allocation.withdrawn"]


def test_the_tariff_was_refused_and_not_withdrawn(ask: Ask) -> None:
    found = ask("proposal", "show", "pk-marginal-tariff", "--as-of", "2025-07-31")
    acts = {(act["act"], act["by"]) for act in found["answer"]["acts"]}
    assert {("rejected", "party/imf"), ("taken up", "party/world-bank")} <= acts
    assert "withdrawn" not in {act for act, _ in acts}


def test_the_split_leaves_what_is_booked(ask: Ask) -> None:
    before, after = (
        ask("reserve", "show", "sv", "--as-of", day)["answer"]["ledger_balance"]
        for day in ("2025-08-28", "2025-08-30")
    )
    assert before == after
    assert before["lower_sat"] == 238_100_000_000


@pytest.mark.parametrize(
    ("programme", "day", "available", "drawn"),
    [
        ("pk-eff-2024", "2025-05-31", 152_000_000_000, 76_000_000_000),
        ("sv-eff-2025", "2025-06-30", 17_232_000_000, None),
    ],
)
def test_what_was_made_available_is_not_what_was_drawn(
    ask: Ask, programme: str, day: str, available: int, drawn: int | None
) -> None:
    answer = ask("programme", "show", programme, "--as-of", day)["answer"]
    assert answer["made_available"]["lower"] == answer["made_available"]["upper"] == available
    assert (answer["known_drawn"] or {}).get("lower") == drawn


def test_what_changed_between_two_dates_of_publication_says_why(ask: Ask) -> None:
    words = ("2024-03-13", "2024-03-15", "--axis", "public-at", "reserve/sv")
    found = ask("diff", *words, "--as-of", "2024-03-15")
    told = json.dumps(found)
    assert "2,861 BTC" in told
    assert "5,689.68 BTC" in told
    assert "disclosed" in told
