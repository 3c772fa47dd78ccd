"""Does a newer edition of a table record what changed, and nothing else?"""

import json
import os
import pty
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.decisions.batch import Command
from domain.importers.formats import reading_of
from domain.importers.update import Edition, plan_update
from domain.ledger import Ledger
from events.validation import body_data

ROOT = Path(__file__).resolve().parents[2]
Ask = Callable[..., Any]
Bring = Callable[..., Any]
Recorded = Callable[[], list[Any]]
Data = Callable[[str], list[dict[str, Any]]]

PURCHASES = """\
[[first]]
type = "party.established"
subject = "party/corp"
fields = { name = "Corp", type = "company", asserted_by = "party/recorder", basis = "recorder" }

[[first]]
type = "source.cited"
subject = "source/list"
fields = { title = "List", asserted_by = "party/recorder", basis = "recorder" }

[[fact]]
type = "reserve.acquired"
subject = "reserve/corp"

[fact.fields]
asserted_by = "party/corp"
basis = "own-publication"
sources = ["source/list"]
effective = "{Date}"
amount = { column = "BTC", as = "amount", unit = "BTC" }
price = { column = "Price", as = "amount", unit = "USD" }
mode = "purchase"
"""
FIRST = "Date,BTC,Price\n2020-08-11,21,11\n2020-09-14,16,10\n2020-09-14,16,10\n2020-12-21,29,21\n"
SIGNED = """\
[[first]]
type = "party.established"
subject = "party/coders"
fields = { name = "C", type = "organisation", asserted_by = "party/recorder", basis = "recorder" }

[[first]]
type = "source.cited"
subject = "source/actions"
fields = { title = "Actions", asserted_by = "party/recorder", basis = "recorder" }

[[fact]]
type = "agreement.signed"
subject = "agreement/{Treaty}"

[fact.fields]
asserted_by = "party/coders"
basis = "tracker"
sources = ["source/actions"]
party = { column = "State", as = "party" }
effective = "{Date}"
mode = "simple"
"""
ACTS = "Treaty,State,Date\na,France,1990\na,Germany,1991\nb,France,1992\n"


@pytest.fixture
def update(bring: Bring, recorded: Recorded) -> Callable[..., dict[str, Any]]:
    """Update from a table, and return its counts and lines; a second run records nothing."""

    def run(table: str, map_: str, *words: str, again: bool = True, **how: Any) -> dict[str, Any]:
        options = ("--update", "--published", "2025-02-01", "--json", *words)
        ran = bring(table, map_, *options, **how)
        assert ran.code == 0, ran.err
        found: dict[str, Any] = json.loads(ran.out)["update"]
        if again and "--dry-run" not in words:
            events = len(recorded())
            second = json.loads(bring(table, map_, *options, **how).out)["update"]
            assert len(recorded()) == events
            assert second["new"] == second["changed"] == second["retracted"] == 0
            kept = found["same"] + found["new"] + found["changed"] + found["kept"]
            assert second["same"] + second["kept"] == kept
        return found

    return run


Update = Callable[..., dict[str, Any]]


def counts(found: dict[str, Any]) -> tuple[int, ...]:
    """Return how many rows are the same, new, changed, gone, and kept."""
    return tuple(found[what] for what in ("same", "new", "changed", "gone", "kept"))


def test_the_same_table_is_all_the_same(bring: Bring, update: Update, recorded: Recorded) -> None:
    bring(FIRST, PURCHASES, "--published", "2025-01-01")
    events = len(recorded())
    assert counts(update(FIRST, PURCHASES)) == (4, 0, 0, 0, 0)
    assert len(recorded()) == events


def test_a_row_that_changed_corrects_its_claim_with_the_day_of_the_table(
    bring: Bring, update: Update, data: Data
) -> None:
    bring(FIRST, PURCHASES, "--published", "2025-01-01")
    found = update(FIRST.replace("29,21", "30,21") + "2021-01-22,3,32\n", PURCHASES)
    assert counts(found) == (3, 1, 1, 0, 0)
    changed = next(one for one in found["lines"] if one["what"] == "changed")
    assert changed["before"]["amount"]["words"] == "29 BTC"
    assert changed["after"]["amount"]["words"] == "30 BTC"
    assert (changed["file"], changed["line"]) == ("table.csv", 5)
    (correction,) = data("claim.corrected")
    assert correction["reason"] == "source-corrected"
    assert correction["asserted_by"] == "party/corp"
    assert correction["sources"] == [{"source": "source/list", "published": "2025-02-01"}]
    assert correction["data"]["sources"][0]["published"] == "2025-01-01"
    assert correction["data"]["amount"]["words"] == "30 BTC"


def test_what_is_gone_is_listed_and_retracted_if_it_is_said(
    bring: Bring, update: Update, recorded: Recorded, data: Data
) -> None:
    bring(FIRST, PURCHASES, "--published", "2025-01-01")
    less = FIRST.replace("2020-12-21,29,21\n", "")
    events = len(recorded())
    assert counts(update(less, PURCHASES)) == (3, 0, 0, 1, 0)
    assert len(recorded()) == events
    assert counts(update(less, PURCHASES, "--gone", "retract"))[3] == 1
    (retraction,) = data("claim.retracted")
    assert retraction["reason"] == "source-retracted"
    assert retraction["sources"] == [{"source": "source/list", "published": "2025-02-01"}]
    assert counts(update(less, PURCHASES)) == (3, 0, 0, 0, 0)


def test_what_is_back_is_taken_up_again(bring: Bring, update: Update, data: Data) -> None:
    bring(FIRST, PURCHASES, "--published", "2025-01-01")
    update(FIRST.replace("2020-12-21,29,21\n", ""), PURCHASES, "--gone", "retract")
    found = update(FIRST, PURCHASES)
    assert counts(found) == (3, 1, 0, 0, 0)
    assert "it is back" in found["lines"][0]["sentence"]
    assert data("claim.retracted")[1]["target"] == "reserve/corp/5"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (FIRST.replace("2020-09-14,16,10\n", "", 1), (3, 0, 0, 1, 0)),
        (FIRST + "2020-09-14,16,10\n", (4, 1, 0, 0, 0)),
        (FIRST.replace("16,10\n", "17,10\n", 1), (3, 0, 1, 0, 0)),
        (FIRST.replace("16,10\n", "17,12\n"), (2, 0, 2, 0, 0)),
        (FIRST.replace("2020-12-21", "2020-12-22"), (3, 1, 0, 1, 0)),  # another day, another act
        (FIRST.replace("16,10\n", "16.0,10.00\n"), (4, 0, 0, 0, 0)),  # written otherwise
    ],
)
def test_identical_rows_are_as_many_acts(
    table: str, expected: tuple[int, ...], bring: Bring, update: Update
) -> None:
    bring(FIRST, PURCHASES, "--published", "2025-01-01")
    assert counts(update(table, PURCHASES)) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (ACTS.replace("1990", "1990-03"), (2, 0, 1, 0, 0)),
        (ACTS.replace("France,1990", "Spain,1990"), (2, 1, 0, 1, 0)),
        (ACTS.replace("b,France", "c,France"), (2, 1, 0, 1, 0)),
        (ACTS + "b,Spain,1993\n", (3, 1, 0, 0, 0)),
        (ACTS + "b,France,1992\n", (4, 0, 0, 0, 0)),  # one act, said twice
    ],
)
def test_an_act_is_known_by_its_party_and_a_change_is_of_its_day(
    table: str, expected: tuple[int, ...], bring: Bring, update: Update
) -> None:
    bring(ACTS, SIGNED, "--published", "2025-01-01")
    assert counts(update(table, SIGNED)) == expected


KEYED = PURCHASES + 'key = "{No}"\n'
NUMBERED = "No,Date,BTC,Price\n1,2020-08-11,21,11\n2,2020-09-14,16,10\n3,2020-09-14,16,10\n"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (NUMBERED.replace("1,2020-08-11,21", "1,2020-08-12,22"), (2, 0, 1, 0, 0)),
        (NUMBERED.replace("\n3,", "\n4,"), (2, 0, 1, 0, 0)),  # the key alone changed
        (NUMBERED.replace("3,2020-09-14,16", "4,2020-09-14,18"), (2, 1, 0, 1, 0)),
        (NUMBERED.replace("\n2,", "\n5,").replace("\n3,", "\n2,"), (2, 0, 1, 0, 0)),
    ],
)
def test_a_key_says_which_act_a_row_is(
    table: str, expected: tuple[int, ...], bring: Bring, update: Update
) -> None:
    bring(NUMBERED, KEYED, "--published", "2025-01-01")
    assert counts(update(table, KEYED)) == expected


def test_three_editions_follow_each_other(bring: Bring, update: Update, data: Data) -> None:
    bring(ACTS, SIGNED, "--published", "2025-01-01")
    for year, name in (("1989", "b.csv"), ("1988", "c.csv"), ("1990", "d.csv")):
        table = ACTS.replace("1990", year) + "c,Spain,1999\n"
        assert counts(update(table, SIGNED, name=name))[2] == 1
    assert [one["data"]["effective"] for one in data("claim.corrected")] == ["1989", "1988", "1990"]
    assert data("ledger.imported")[-1]["updates"] == [1, 2, 3]
    found = update(ACTS, SIGNED, name="e.csv")
    assert counts(found) == (3, 0, 0, 1, 0)  # the row that an update brought


def test_an_older_edition_changes_nothing(bring: Bring, update: Update) -> None:
    bring(ACTS, SIGNED, "--published", "2025-01-01")
    update(ACTS.replace("1990", "1989"), SIGNED)
    found = update(ACTS, SIGNED, "--published", "2025-01-15")
    assert counts(found) == (2, 0, 0, 0, 1)
    assert "later than this table" in found["lines"][0]["sentence"]


NEWER = ACTS.replace("1990", "1989").replace("a,Germany,1991\n", "") + "c,Spain,1999\n"


def test_an_older_table_takes_nothing_of_a_newer_one_away(
    bring: Bring, update: Update, data: Data, recorded: Recorded
) -> None:
    bring(NEWER, SIGNED, "--published", "2024-04-01")
    older = ("--published", "2023-05-01", "--gone", "retract")
    found = update(ACTS, SIGNED, *older)
    # Of Germany's act the newer table says nothing, and an act that was said is a claim.
    assert counts(found) == (1, 1, 0, 0, 2)
    kept = [one for one in found["lines"] if one["what"] == "kept"]
    assert all("is of 2024-04-01, later than this table" in one["sentence"] for one in kept)
    told = "this table, of 2023-05-01, is older than the edition recorded, of 2024-04-01"
    assert found["notes"] == [f"{told}: what later editions said is kept"]
    assert data("claim.corrected") == data("claim.retracted") == []


def test_the_newer_table_after_the_older_one_changes_it(
    bring: Bring, update: Update, data: Data
) -> None:
    bring(ACTS, SIGNED, "--published", "2023-05-01")
    newer = ("--published", "2024-04-01", "--gone", "retract")
    found = update(NEWER, SIGNED, *newer)
    assert counts(found) == (1, 1, 1, 1, 0)
    assert found["notes"] == []
    events = len(data("claim.corrected")), len(data("claim.retracted"))
    # And the older one once more: what was corrected stays so, and what was taken away.
    found = update(ACTS, SIGNED, "--published", "2023-05-01", "--gone", "retract")
    assert counts(found) == (1, 0, 0, 0, 3)
    assert any("later than this table, took it away" in one["sentence"] for one in found["lines"])
    assert (len(data("claim.corrected")), len(data("claim.retracted"))) == events == (1, 1)


@pytest.mark.parametrize(
    ("days", "expected", "said"),
    [
        (("2024-04-01", "2024-04-01"), (1, 1, 1, 1, 0), None),
        (("2024-04", "2024-04"), (1, 1, 1, 1, 0), None),
        (("2024-03", "2024-04-01"), (1, 1, 1, 1, 0), None),
        (("2024-04-01", "2024-03"), (1, 1, 0, 0, 2), "is older than the edition recorded"),
        (("2024-04-02", "2024-04"), (1, 1, 1, 1, 0), "2 claims changed or gone without a date"),
        (("2024", "2024-04-01"), (1, 1, 1, 1, 0), "2 claims changed or gone without a date"),
        ((None, "2024-04-01"), (1, 1, 1, 1, 0), "2 claims changed or gone without a date"),
    ],
)
def test_equal_days_change_and_days_that_do_not_tell_are_said(
    days: tuple[str | None, str], expected: tuple[int, ...], said: str | None,
    bring: Bring, update: Update,
) -> None:  # fmt: skip
    first, second = days
    bring(NEWER, SIGNED, *(("--published", first) if first else ()))
    found = update(ACTS, SIGNED, "--published", second, again=False)
    assert counts(found) == expected
    assert len(found["notes"]) == (said is not None)
    assert said is None or said in found["notes"][0]


def test_a_table_of_no_day_counts_as_newer_and_says_so(bring: Bring) -> None:
    bring(NEWER, SIGNED, "--published", "2024-04-01")
    less = ACTS.replace("a,France,1990\n", "")
    ran = bring(less, SIGNED, "--update", "--dry-run")
    assert "update: 1 same, 1 new, 0 changed, 2 gone" in ran.out, ran.err
    assert "this table has no date, so all of it counts as newer" in ran.out


def test_rows_that_name_their_own_sources_have_their_days(
    bring: Bring, update: Update, data: Data
) -> None:
    filed = PURCHASES.replace(
        'sources = ["source/list"]',
        'sources = [{ source = "source/filing-{Filing}", published = "{Filed}" }]',
    )
    header = "Date,BTC,Price,Filing,Filed\n"
    old, late = "2020-08-11,21,11,a,2020-08-12\n", "2020-09-14,16,10,b,2023-12-01\n"
    bring(header + old + late, filed)
    older = ("--published", "2023-05-01", "--gone", "retract")
    found = update(header + old, filed, *older)
    assert counts(found) == (1, 0, 0, 0, 1)
    found = update(header + late.replace("16,10", "17,10"), filed, *older)
    assert counts(found) == (0, 0, 0, 1, 1)
    (retraction,) = data("claim.retracted")
    assert retraction["target"] == "reserve/corp/1"
    assert data("claim.corrected") == []


def test_an_older_table_of_prices_undoes_nothing(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    prices, words = tmp_path / "prices.csv", ("--update", "--gone", "retract", "--json")
    prices.write_text("Date,BTC_USD\n2020-07-16,118000\n2020-07-17,119000\n")
    ran = ask("import", "prices", prices, "--published", "2024-04-01")
    assert ran.code == 0, ran.err
    prices.write_text("Date,BTC_USD\n2020-07-16,117000\n")
    ran = ask("import", "prices", prices, *words, "--published", "2023-05-01")
    assert counts(json.loads(ran.out)["update"]) == (0, 0, 0, 0, 2), ran.err


def test_rows_that_are_later_are_counted_apart(bring: Bring) -> None:
    bring(NEWER, SIGNED, "--published", "2024-04-01")
    ran = bring(ACTS, SIGNED, "--update", "--published", "2023-05-01", "--dry-run")
    assert "0 gone, 2 kept: later than this table" in ran.out
    assert "corrected or retracted since" not in ran.out


def test_amounts_are_written_in_one_way_wherever_they_stand(bring: Bring, ask: Ask) -> None:
    dear = FIRST.replace("29,21\n", "29,21000\n")
    bring(dear, PURCHASES, "--published", "2025-01-01")
    table = dear.replace("29,21000\n", "29,40000\n") + "2021-01-22,3,50000\n"
    shown = bring(table, PURCHASES, "--update", "--published", "2025-02-01", "--dry-run").out
    assert "price 21,000 USD → 40,000 USD" in shown
    assert "at 50,000 USD" in shown
    bring(table, PURCHASES, "--update", "--published", "2025-02-01")
    history = ("reserve", "history", "corp")
    for words in (history, (*history, "--csv"), ("log", "--csv")):
        told = ask(*words)
        assert told.code == 0, told.err
        assert "40,000 USD" in told.out, words
        assert "40000 USD" not in told.out, words


# What people said meanwhile


def correct(ask: Ask, *words: str) -> None:
    ran = ask("correct", *words, "--reason", "recording-error")
    assert ran.code == 0, ran.err


def test_what_was_corrected_by_hand_stays_unless_the_table_changes_it(
    bring: Bring, ask: Ask, update: Update, data: Data
) -> None:
    bring(FIRST, PURCHASES, "--published", "2025-01-01")
    correct(ask, "reserve/corp/1", "--amount", "22 BTC")
    assert counts(update(FIRST, PURCHASES)) == (4, 0, 0, 0, 0)
    # Another field: both changes stand, and the third edition says nothing of the hand's.
    other = FIRST.replace("21,11", "21,12")
    assert counts(update(other, PURCHASES)) == (3, 0, 1, 0, 0)
    text = data("claim.corrected")[-1]["data"]
    assert (text["amount"]["words"], text["price"]["words"]) == ("22 BTC", "12 USD")
    # The same field, otherwise: it is said, and left.
    found = update(other.replace("11,21,12", "11,23,12"), PURCHASES)
    assert counts(found) == (3, 0, 0, 0, 1)
    assert "amount was corrected in @10 since" in found["lines"][0]["sentence"]
    # The same field, as the hand has it.
    assert counts(update(other.replace("11,21,12", "11,22,12"), PURCHASES)) == (4, 0, 0, 0, 0)


def test_what_was_retracted_by_hand_stays_retracted(
    bring: Bring, ask: Ask, update: Update, recorded: Recorded
) -> None:
    bring(FIRST, PURCHASES, "--published", "2025-01-01")
    assert ask("retract", "reserve/corp/1", "--reason", "recording-error").code == 0
    events = len(recorded())
    found = update(FIRST, PURCHASES)
    assert counts(found) == (3, 0, 0, 0, 1)
    assert "retracted in @9 since" in found["lines"][0]["sentence"]
    assert len(recorded()) == events
    assert ask("retract", "--import", "1", "--reason", "recording-error").code == 0
    assert counts(update(FIRST, PURCHASES)) == (0, 0, 0, 0, 4)


def test_what_was_recorded_by_hand_is_known_by_its_source(
    bring: Bring, ask: Ask, update: Update
) -> None:
    said = ("--asserted-by", "coders", "--basis", "tracker", "--party", "fr", "--mode", "simple")
    bring(ACTS, SIGNED, "--published", "2025-01-01")
    for treaty, day in (("x", "1995"), ("y", "1996"), ("z", "1997")):
        source = ("--source", "actions")
        ran = ask("record", "agreement.signed", treaty, *said, *source, "--effective", day)
        assert ran.code == 0, ran.err
    found = update(f"{ACTS}x,France,1995\ny,France,1996-02\n", SIGNED)
    assert counts(found) == (4, 0, 1, 0, 0)  # and what stands in no import is not gone


def test_another_table_by_the_same_map_is_left_alone(bring: Bring, update: Update) -> None:
    bring(ACTS, SIGNED, "--published", "2025-01-01", name="a.csv")
    other = "Treaty,State,Date\nm,Spain,1990\nn,Spain,1991\nb,France,1992\n"
    bring(other, SIGNED, "--published", "2025-01-01", name="b.csv")
    found = update(ACTS.replace("a,Germany,1991\n", ""), SIGNED, name="a-2.csv")
    assert counts(found) == (2, 0, 0, 1, 0)
    assert found["notes"] == []
    few = "Treaty,State,Date\nn,Spain,1991\nq,Spain,1991\n"
    bring("Treaty,State,Date\nn,Spain,1991\no,Spain,1\np,Spain,1\n", SIGNED, name="c.csv")
    found = update(few, SIGNED, name="d.csv")
    assert counts(found) == (1, 1, 0, 1, 0)


def test_rejects_keep_what_is_gone_from_being_retracted(
    bring: Bring, update: Update, data: Data
) -> None:
    bring(ACTS, SIGNED, "--published", "2025-01-01")
    table = ACTS.replace("Germany,1991", "Germany,1991?!")
    found = update(table, SIGNED, "--gone", "retract")
    assert (found["gone"], found["retracted"]) == (1, 0)
    assert "1 reject: what is gone may be among them" in found["notes"][0]
    assert data("claim.retracted") == []


# Whatever changes

TABLES = {"lots": PURCHASES, "keyed": KEYED, "acts": SIGNED}
HEADERS = {"lots": "Date,BTC,Price\n", "keyed": NUMBERED[:18], "acts": "Treaty,State,Date\n"}


def some_rows(kind: str, rng: random.Random) -> list[str]:
    def lot() -> str:
        return f"2020-01-0{rng.randint(1, 3)},{rng.randint(1, 4)},{rng.randint(1, 3)}"

    size = rng.randint(1, 8)
    if kind == "lots":
        return [lot() for _ in range(size)]
    if kind == "keyed":
        return [f"{number},{lot()}" for number in rng.sample(range(20), size)]
    acts = [
        f"{treaty},{state}" for treaty in "ab" for state in ("France", "Spain", "Italy", "Peru")
    ]
    return [f"{act},{rng.randint(1990, 1994)}" for act in rng.sample(acts, size)]


def next_edition(kind: str, rows: list[str], rng: random.Random) -> list[str]:
    """Return a table of which some rows are gone, some are others, and some are new."""
    identity = {"lots": 0, "keyed": 1, "acts": 2}[kind]
    left = [row for row in rows if rng.random() < 0.7]
    for row in some_rows(kind, rng)[:4]:
        same = [
            one
            for one in left
            if identity and one.split(",")[:identity] == row.split(",")[:identity]
        ]
        left = [one for one in left if one not in same] + [row]
    rng.shuffle(left)
    return left


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 40))]
)
def test_an_update_leaves_what_an_import_of_the_newer_table_records(
    seed: int, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    kind = list(TABLES)[seed % 3]
    rows = some_rows(kind, rng)
    (tmp_path / "map.toml").write_text(TABLES[kind])

    def brought(ledger: str, *words: str) -> Any:
        monkeypatch.setenv("DEPOSITARY_LEDGER", str(tmp_path / ledger))
        if not (tmp_path / ledger).exists():
            assert ask("init", tmp_path / ledger).code == 0
        (tmp_path / "t.csv").write_text(HEADERS[kind] + "".join(f"{row}\n" for row in rows))
        map_ = ("--map", tmp_path / "map.toml")
        ran = ask("import", "csv", tmp_path / "t.csv", *map_, "--json", "--published", *words)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    def standing(ledger: str) -> list[tuple[str, dict[str, Any]]]:
        found = []
        with Ledger(tmp_path / ledger / "record.sqlite3") as opened:
            for subject in ("reserve/corp", "agreement/a", "agreement/b"):
                for claim in opened.index(subject).standing.claims:
                    text = body_data(claim.body)
                    text["sources"] = [one["source"] for one in text["sources"]]
                    found.append((subject, text))
        return sorted(found, key=str)

    brought("kept", "2025-01")
    for month in (2, 3):
        rows = next_edition(kind, rows, rng)
        words = (f"2025-0{month}", "--update", "--gone", "retract")
        brought("kept", *words)
        assert brought("kept", *words)["update"]["same"] == len(rows)
        brought(f"fresh-{month}", "2025-01")
        assert standing("kept") == standing(f"fresh-{month}")


# The counter


def test_it_is_shown_line_by_line(bring: Bring, recorded: Recorded) -> None:
    bring(FIRST, PURCHASES, "--published", "2025-01-01")
    events = len(recorded())
    table = FIRST.replace("29,21", "30,21").replace("21,11", "21,12") + "2021-01-22,3,32\n"
    table = table.replace("2020-09-14,16,10\n", "", 1)
    ran = bring(table, PURCHASES, "--update", "--published", "2025-02-01", "--dry-run")
    new = "new reserve/corp reserve.acquired: 2021-01-22 acquired: 3 BTC; purchase; at 32 USD"
    assert ran.out.splitlines()[:5] == [
        "changed @4 reserve/corp reserve.acquired: price 11 USD → 12 USD (table.csv, line 2)",
        "changed @7 reserve/corp reserve.acquired: amount 29 BTC → 30 BTC (table.csv, line 4)",
        f"{new} (table.csv, line 5)",
        "gone @6 reserve/corp reserve.acquired: 2020-09-14 acquired: 16 BTC; purchase; at 10 USD",
        "update: 1 same, 1 new, 2 changed, 1 gone (listed; --gone retract retracts them)",
    ]
    assert len(recorded()) == events


def test_a_change_needs_the_day_of_the_table(bring: Bring, recorded: Recorded) -> None:
    bring(FIRST, PURCHASES)
    events = len(recorded())
    assert bring(FIRST, PURCHASES, "--update").code == 0
    ran = bring(FIRST.replace("29", "30"), PURCHASES, "--update")
    assert (ran.code, ran.out) == (2, "")
    assert "--published DAY" in ran.err
    assert len(recorded()) == events


@pytest.mark.parametrize(
    ("format_", "words"),
    [
        ("csv", ("--gone", "retract")),
        ("csv", ("--update", "--gone", "x")),
        ("rules", ("--update",)),
    ],
)
@pytest.mark.usefixtures("ledger")
def test_options_that_do_not_go_together(
    format_: str, words: tuple[str, ...], ask: Ask, tmp_path: Path
) -> None:
    assert ask("import", format_, *words).code == 2


@pytest.mark.parametrize(("answer", "recorded_"), [("y", 2), ("n", 0)])
def test_a_terminal_is_asked_first(
    answer: str, recorded_: int, bring: Bring, recorded: Recorded, tmp_path: Path
) -> None:
    bring(ACTS, SIGNED, "--published", "2025-01-01")
    events = len(recorded())
    (tmp_path / "table.csv").write_text(ACTS.replace("1990", "1989"))
    master, slave = pty.openpty()
    words = (
        "import",
        "csv",
        "table.csv",
        "--map",
        "map.toml",
        "--update",
        "--published",
        "2025-02",
    )
    with subprocess.Popen(
        (sys.executable, "-c", "from cli.main import run; run()", *words),
        stdin=slave, stderr=slave, stdout=subprocess.PIPE, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as ran:  # fmt: skip
        os.write(master, f"{answer}\n".encode())
        out = ran.communicate()[0].decode()
    os.close(slave)
    os.close(master)
    assert ran.returncode == 0
    assert "update: 2 same, 0 new, 1 changed, 0 gone" in out
    assert ("nothing is recorded" in out) == (answer == "n")
    assert len(recorded()) == events + recorded_  # with the event that says there was an import


def test_an_update_of_which_a_part_is_recorded_goes_on(
    bring: Bring, update: Update, ledger: Path, tmp_path: Path, recorded: Recorded
) -> None:
    bring(ACTS, SIGNED, "--published", "2025-01-01")
    table = ACTS.replace("1990", "1989").replace("1992", "1993") + "c,Spain,1994\n"
    (tmp_path / "newer.csv").write_text(table)
    reading = reading_of(
        "csv", [tmp_path / "newer.csv"], tmp_path / "map.toml", published="2025-02-01"
    )
    with Ledger(ledger / "record.sqlite3") as opened:
        plan = plan_update(opened, reading.given, Edition("csv", ("newer.csv",), "2025-02-01"))
        commands = [one for one in plan.given if isinstance(one, Command) and not one.introduces]
        assert len(commands) == 3
        opened.append(commands[:1])
    assert counts(update(table, SIGNED)) == (2, 1, 1, 0, 0)


# Other tables


@pytest.mark.parametrize("name", ["t.json", "t.ndjson"])
def test_json_is_updated(name: str, bring: Bring, update: Update) -> None:
    rows = [dict(zip(("Treaty", "State", "Date"), line.split(","), strict=True))
            for line in ACTS.splitlines()[1:]]  # fmt: skip

    def written() -> str:
        if name == "t.json":
            return json.dumps(rows)
        return "\n".join(map(json.dumps, rows))

    bring(written(), SIGNED, "--published", "2025-01-01", name=name)
    rows[0]["Date"] = "1989"
    del rows[1]
    assert counts(update(written(), SIGNED, name=name)) == (1, 0, 1, 1, 0)


def test_un_lists_are_updated(ask: Ask, ledger: Path, tmp_path: Path, data: Data) -> None:
    place = tmp_path / "4-9.csv"
    header = "Participant,Signature,Ratification"
    place.write_text(f"{header}\nFrance,1 Jan 2001,2 Jan 2002\nSpain,1 Feb 2001,\n")
    assert ask("import", "un-mtdsg", place, "--published", "2003").code == 0
    # A column more, so that the keys change; a State is gone, another there.
    header = "Participant,Definitive signature(s),Signature,Ratification"
    place.write_text(f"{header}\nFrance,,1 Jan 2001,2 Jan 2002\nItaly,,,1 Jan 2004\n")
    words = ("import", "un-mtdsg", place, "--update", "--json", "--published")
    assert ask(*words[:-1]).code == 2  # another edition needs its day
    ran = ask(*words, "2003-06")
    assert json.loads(ran.out)["rejected"] == {"after-its-day": 1}
    assert len(data("claim.corrected")) == 2
    place.write_text(place.read_text().replace("2 Jan 2002", "3 Jan 2002"))
    ran = ask(*words, "2005", "--gone", "retract")
    assert counts(json.loads(ran.out)["update"]) == (2, 1, 1, 1, 0)
    (gone,) = data("claim.retracted")
    assert gone["sources"] == [{"source": "source/un-mtdsg-4-9", "published": "2005"}]
    assert counts(json.loads(ask(*words, "2005").out)["update"]) == (4, 0, 0, 0, 0)


def test_prices_and_members_are_updated(ask: Ask, ledger: Path, tmp_path: Path, data: Data) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("Date,BTC_USD\n2025-07-16,118000\n2025-07-17,119000\n")
    assert ask("import", "prices", prices).code == 0
    prices.write_text("Date,BTC_USD\n2025-07-16,118000.0\n2025-07-17,119500\n2025-07-18,1\n")
    ran = ask("import", "prices", prices, "--update", "--published", "2025-08", "--json")
    assert counts(json.loads(ran.out)["update"]) == (1, 1, 1, 0, 0), ran.err
    assert data("claim.corrected")[0]["data"]["value"]["words"] == "119500"
    columns = "Contracting Party,Treaty,Signature Date,Instrument Type,Instrument Date"
    members = tmp_path / "members.csv"
    members.write_text(f"{columns},Entry Into Force Date\nAlgeria,Beijing,2013-01-01,,,\n")
    assert ask("import", "copyright-membership", members).code == 0
    members.write_text(f"{columns},Entry Into Force Date\nAlgeria,Beijing,2013-01-02,,,\n")
    words = ("--update", "--published", "2025-08", "--json")
    ran = ask("import", "copyright-membership", members, *words)
    assert counts(json.loads(ran.out)["update"]) == (0, 0, 1, 0, 0), ran.err  # its one row


def test_an_update_is_taken_back_with_what_it_retracted(
    bring: Bring, update: Update, ask: Ask
) -> None:
    bring(FIRST, PURCHASES, "--published", "2025-01-01")
    less = "Date,BTC,Price\n2020-08-11,22,11\n2020-09-14,16,10\n2020-09-14,16,10\n"
    assert counts(update(less, PURCHASES, "--gone", "retract")) == (2, 0, 1, 1, 0)
    ran = ask("retract", "--import", "2", "--reason", "recording-error")
    assert (ran.code, ran.out) == (0, "import 2: 2 claims retracted\n"), ran.err
    assert counts(update(FIRST, PURCHASES, "--dry-run")) == (4, 0, 0, 0, 0)
    again = ask("retract", "--import", "2", "--reason", "recording-error")
    assert again.code == 0, again.err
    assert counts(update(FIRST, PURCHASES, "--dry-run")) == (4, 0, 0, 0, 0)
