"""Nothing unknown is printed as 0: what no claim says is null in JSON and SQL, and empty in CSV."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

# Keys whose 0 is a count of what was recorded, or the lower bound of a sum that has no upper one.
COUNTS = frozenset(("made_available_lower", "known_drawn_lower")) | frozenset(
    (
        *("unknown", "perhaps", "unknown_flows", "ledger_balance_unknown_flows"),
        *("custody_unknown_flows", "balance_unknown_flows", "copies", "statements", "changes"),
        *(
            "ledger_balance_lower_sat",
            "lower",
            "lower_sat",
            "change_lower_sat",
            "balance_lower_sat",
        ),
        *("late_days", "began", "excluded", "position", "known_at", "version"),
    )
)
FACTS = """
[[fact]]
type = "reserve.established"
subject = "reserve/empty"
holder = "party/sv"
{common}

[[fact]]
type = "reserve.acquired"
subject = "reserve/unnamed"
mode = "purchase"
effective = "2025-01-01"
{common}

[[fact]]
type = "programme.approved"
subject = "programme/unnamed"
effective = "2025-01-01"
{common}

[[fact]]
type = "allocation.allocated"
subject = "allocation/unnamed"
purposes = ["mining"]
effective = "2025-01-01"
{common}

[[fact]]
type = "proposal.submitted"
subject = "proposal/unnamed"
effective = "2025-01-01"
{common}

[[fact]]
type = "law.adopted"
subject = "law/undated"
form = "act"
{common}

[[fact]]
type = "agreement.described"
subject = "agreement/of-nobody"
kind = "treaty"
{common}
"""
COMMON = """asserted_by = "party/onbtc"
basis = "press"
sources = [{ source = "source/onbtc", published = "2025-01-02" }]"""
NEW = {
    "reserve": ("empty", "unnamed"),
    "programme": ("unnamed",),
    "allocation": ("unnamed",),
    "proposal": ("unnamed",),
    "law": ("undated",),
    "agreement": ("of-nobody",),
}
VIEWS = ("reserves", "programmes", "allocations", "proposals", "laws", "agreements")


@pytest.fixture
def unknown(the_story: Path, tmp_path: Path, counter: Ask) -> Path:
    """Give a ledger in which a subject of each kind is known and nothing is said of its size."""
    ledger = tmp_path / "ledger"
    facts = tmp_path / "facts.toml"
    facts.write_text(FACTS.format(common=COMMON), "utf-8")
    assert counter("init", ledger=ledger).code == 0
    known = tmp_path / "known.toml"
    known.write_text(
        "".join(
            f'[[fact]]\ntype = "party.established"\nsubject = "party/{name}"\nname = "{name}"\n'
            'type_ = "agency"\nasserted_by = "party/recorder"\nbasis = "recorder"\n'
            for name in ("onbtc", "sv")
        )
        + '[[fact]]\ntype = "source.cited"\nsubject = "source/onbtc"\npublisher = "party/onbtc"\n'
        'asserted_by = "party/recorder"\nbasis = "recorder"\n',
        "utf-8",
    )
    for file in (known, facts):
        ran = counter("append", str(file), ledger=ledger)
        assert ran.code == 0, ran.err
    return ledger


def zeros(given: Any, name: str = "") -> Iterator[str]:
    """Yield the names of the numbers that are 0."""
    if isinstance(given, dict):
        for key, value in given.items():
            yield from zeros(value, key)
    elif isinstance(given, list):
        for one in given:
            yield from zeros(one, name)
    elif type(given) in (int, float) and given == 0:
        yield name


def test_no_page_and_no_list_says_0_of_what_is_unknown(unknown: Path, document: Ask) -> None:
    for kind, names in NEW.items():
        rows = document(kind, "list", ledger=unknown)
        assert {row["subject"] for row in rows} == {f"{kind}/{name}" for name in names}
        assert set(zeros(rows)) <= COUNTS, kind
        for name in names:
            for words in (
                (kind, "show", name),
                (kind, "history", name),
                ("blame", f"{kind}/{name}"),
            ):
                assert set(zeros(document(*words, ledger=unknown))) <= COUNTS, words


def test_no_view_says_0_of_what_is_unknown(unknown: Path, document: Ask) -> None:
    for view in VIEWS:
        rows = document("query", f"select * from {view}", ledger=unknown)["rows"]
        assert rows
        assert set(zeros(rows)) <= COUNTS, view


def test_no_cell_of_csv_says_0_of_what_is_unknown(unknown: Path, counter: Ask) -> None:
    for kind in NEW:
        text = counter(kind, "list", "--csv", ledger=unknown).out
        for row in csv.DictReader(io.StringIO(text)):
            assert {name for name, cell in row.items() if cell == "0"} <= COUNTS, row


def test_a_reserve_without_flows_has_no_balance(unknown: Path, document: Ask, counter: Ask) -> None:
    by_name = {row["subject"]: row for row in document("reserve", "list", ledger=unknown)}
    assert by_name["reserve/empty"]["ledger_balance_lower_sat"] is None
    assert document("reserve", "show", "empty", ledger=unknown)["answer"]["ledger_balance"] is None
    assert "0 BTC" not in counter("reserve", "show", "empty", ledger=unknown).out
    bought = document("reserve", "show", "unnamed", ledger=unknown)["answer"]["ledger_balance"]
    assert (bought["upper_sat"], bought["unknown_flows"]) == (None, 1)
    assert not bought["text"].startswith("0 BTC")
    assert by_name["reserve/unnamed"]["ledger_balance_upper_sat"] is None
