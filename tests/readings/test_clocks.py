"""May every question be put to any of the three clocks, and does every answer say which?"""

import csv
import io
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.text import flat_text

Ask = Callable[..., Any]

PAPER = "agreement/pk-sv-bitcoin-2025"
READS = {
    "agreement list": ("agreement", "list"),
    "agreement show": ("agreement", "show", "pk-sv-bitcoin-2025"),
    "agreement history": ("agreement", "history", "pk-sv-bitcoin-2025"),
    "find": ("find", "letter"),
    "log": ("log", "--subject", PAPER),
    "timeline": ("timeline", PAPER),
    "history": ("history", PAPER),
    "history of a reserve": ("history", "reserve/sv"),
    "blame": ("blame", PAPER),
    "explain": ("explain", PAPER, "kind"),
    "query": ("query", "select subject, kind from agreements"),
    "findings": ("findings", "--subject", PAPER),
}
CLOCKS = (
    *("--as-of", "2025-08-31", "--public-at", "2025-08-30"),
    *("--known-at", "@340", "--policy", "latest"),
)
WORDS = "as of 2025-08-31, public by 2025-08-30, known at @340, policy latest v1"
LATER = """
[[fact]]
type = "agreement.described"
subject = "agreement/pk-sv-bitcoin-2025"
kind = "treaty"
effective = "2025-07-16"
asserted_by = "party/pk-mof"
basis = "official-record"
sources = [{ source = "source/geo", published = "2025-07-17" }]

[[fact]]
type = "reserve.acquired"
subject = "reserve/sv"
amount = "1 BTC"
mode = "purchase"
effective = "2025-07-16"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = [{ source = "source/geo", published = "2025-07-17" }]
"""


@pytest.mark.parametrize("words", READS.values(), ids=READS)
def test_every_read_takes_all_clocks_and_says_which(words: tuple[str, ...], counter: Ask) -> None:
    ran = counter(*words, *CLOCKS)
    assert ran.code == (1 if words[0] == "findings" else 0), ran.err
    assert WORDS in ran.out
    assert "\nexcluded: " in ran.out
    assert "\nreproduce: depositary " in ran.out


@pytest.mark.parametrize("words", READS.values(), ids=READS)
def test_the_command_below_an_answer_gives_it_again_later(
    words: tuple[str, ...], counter: Ask, the_story: Path, tmp_path: Path
) -> None:
    ledger = shutil.copytree(the_story, tmp_path / "ledger")
    before = counter(*words, ledger=ledger)
    facts = tmp_path / "later.toml"
    facts.write_text(LATER, "utf-8")
    assert counter("append", str(facts), ledger=ledger).code == 0
    (again,) = [line for line in before.out.splitlines() if line.startswith("reproduce: ")]
    repeated = counter(*shlex.split(again)[2:], ledger=ledger)
    assert repeated.out.replace(again, "") == before.out.replace(again, "")
    assert counter(*words, ledger=ledger).out != before.out


def test_the_command_keeps_the_other_words_of_the_question(counter: Ask) -> None:
    asked = ("timeline", "--party", "imf", "--contested", "--policy", "prefer:party/onbtc")
    out = counter(*asked, "--public-at", "2025").out
    assert "reproduce: depositary timeline --party imf --contested --as-of " in out
    assert "--public-at 2025-12-31 --known-at @" in out
    assert out.rstrip().endswith("--policy prefer:party/onbtc")


def test_a_list_for_scripts_is_its_rows_alone(document: Ask) -> None:
    assert isinstance(document("reserve", "list"), list)


EVENTS_LISTED = (
    ("log", "--subject", PAPER),
    ("find", "letter"),
    ("history", PAPER),
    ("history", "reserve/sv"),
    ("agreement", "history", "pk-sv-bitcoin-2025"),
    ("timeline", PAPER),
)


def test_a_document_carries_its_clocks(document: Ask) -> None:
    asked = (("blame", PAPER), ("query", "select 1 as one"), *EVENTS_LISTED)
    for words in asked:
        found = document(*words, *CLOCKS)
        assert (found["as_of"], found["public_at"]) == ("2025-08-31", "2025-08-30")
        assert (found["known_at"], found["policy"]) == (340, {"name": "latest", "version": 1})
        assert found["reproduce"].startswith("depositary ")


@pytest.mark.parametrize("words", EVENTS_LISTED, ids=" ".join)
def test_a_listed_event_has_its_clocks_and_values(
    words: tuple[str, ...], document: Ask, counter: Ask
) -> None:
    rows = document(*words)["rows"]
    assert rows
    header = counter(*words, "--csv").out.splitlines()[0].split(",")
    for row in rows:
        assert {"effective", "published", "recorded", "says", "text", "id", "type"} <= set(row)
        assert isinstance(row["says"], dict)
        assert row["text"]
        assert header == list(row)


def test_of_every_day_the_document_says_so(document: Ask) -> None:
    for words in (("log", "-n", "1"), ("agreement", "history", "pk-sv-bitcoin-2025")):
        assert document(*words)["as_of"] is None
        assert document(*words, "--as-of", "2025-07-31")["as_of"] == "2025-07-31"


def test_an_amount_is_whole_numbers_with_its_bounds_and_unit(document: Ask) -> None:
    for words in (("log", "--type", "reserve.acquired"), ("history", "reserve/sv")):
        told = [
            row["says"]["amount"] for row in document(*words)["rows"] if "amount" in row["says"]
        ]
        assert told
        assert all(type(one["lower"]) is int and one["unit"] == "sat" for one in told)
        assert all(type(one["upper"]) is int or one["upper"] is None for one in told)


def test_a_cell_of_csv_holds_what_json_holds(document: Ask, counter: Ask) -> None:
    for words in EVENTS_LISTED:
        cells = list(csv.DictReader(io.StringIO(counter(*words, "--csv").out)))
        rows = document(*words)["rows"]
        assert [cell["says"] for cell in cells] == [flat_text(row["says"]) for row in rows]
        assert not any('{"' in text or "{'" in text for cell in cells for text in cell.values())


def test_what_nobody_knows_to_be_public_is_counted(document: Ask, counter: Ask) -> None:
    left_out = "select count(*) as n from claims where published_on is null and subject = '"
    (row,) = document("query", f"{left_out}{PAPER}'")["rows"]
    found = document("timeline", PAPER, "--public-at", "2026-12-31")
    assert found["excluded"]["unknown"] == row["n"] > 0
    told = counter("history", PAPER, "--public-at", "2026-12-31").out
    assert f"excluded: {row['n']} with unknown publication date" in told


def test_an_event_recorded_later_is_not_shown(turned_away: Ask, counter: Ask) -> None:
    assert "@1 to @100" in turned_away(3, "event", "show", "@101", "--known-at", "@100")[1]
    turned_away(3, "event", "show", f"{PAPER}/5", "--public-at", "2025-07-15")
    assert counter("event", "show", f"{PAPER}/5", "--public-at", "2025-07-16").code == 0


def test_a_log_as_known_then_ends_there(document: Ask) -> None:
    rows = document("log", "-n", "2", "--known-at", "@100")["rows"]
    assert [row["position"] for row in rows] == [99, 100]


def test_nothing_later_is_suggested(turned_away: Ask) -> None:
    near = turned_away(3, "agreement", "show", "pk-sv-bitcoin-2052")
    assert f"did you mean {PAPER}?" in near[1]
    for clock in (("--known-at", "@100"), ("--public-at", "2021-01-01")):
        told = turned_away(3, "agreement", "show", "pk-sv-bitcoin-2052", *clock)
        assert PAPER not in " ".join(told)


def test_the_totals_of_a_search_are_of_its_position(turned_away: Ask) -> None:
    assert turned_away(3, "find", "xyzzy", "--known-at", "@50")[1].startswith("50 events")


def test_before_its_first_event_a_thing_brings_the_date_of_it(turned_away: Ask) -> None:
    for words in (("timeline",), ("history",), ("blame",), ("explain",)):
        what, why, then = turned_away(3, *words, PAPER, "--known-at", "@100")
        assert "was not recorded at that point" in what
        assert "its first event is @168, recorded at 20" in why
        assert then.endswith("--known-at @168")


@pytest.mark.parametrize("words", READS.values(), ids=READS)
@pytest.mark.parametrize(
    ("code", "clock"),
    [
        (2, ("--as-of", "2025-02-30")),
        (2, ("--public-at", "last year")),
        (2, ("--known-at", "@999999")),
        (2, ("--known-at", "@0")),
        (3, ("--known-at", "1999-12-31")),
        (2, ("--policy", "newest")),
        (3, ("--policy", "prefer:party/nobody-knows")),
    ],
    ids=str,
)
def test_a_clock_that_cannot_be_is_turned_away(
    words: tuple[str, ...], code: int, clock: tuple[str, ...], turned_away: Ask
) -> None:
    turned_away(code, *words, *clock)
