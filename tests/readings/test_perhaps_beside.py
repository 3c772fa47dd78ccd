"""What only perhaps was public: does it stand beside the answer, marked, in every command?"""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

SOURCED = """
[[fact]]
type = "{type}"
subject = "{subject}"
effective = "{day}"
asserted_by = "party/{by}"
basis = "{basis}"
sources = [{{ source = "source/{by}", published = "{published}" }}]
"""
BASES = {"fr": "official-record", "us": "own-publication"}
SURE, PERHAPS = "2025-01-02", "[2025-01-05..2025-02-05]"
CLOCKS = ("--as-of", "2025-01-10", "--public-at", "2025-01-10")


def _held(amount: str, by: str, published: str, subject: str = "reserve/x") -> str:
    known = SOURCED.format(
        type="reserve.holding-reported",
        subject=subject,
        day="2025-01-01",
        by=by,
        basis=BASES[by],
        published=published,
    )
    return f'{known}amount = "{amount}"\n'


def _act(kind: str, by: str, published: str, more: str = "") -> str:
    known = SOURCED.format(
        type=f"agreement.{kind}",
        subject="agreement/x",
        day="2025-01-01",
        by=by,
        basis=BASES[by],
        published=published,
    )
    return f"{known}{more}\n"


@pytest.fixture
def doubtful(tmp_path: Path, counter: Ask) -> Path:
    """Give a ledger in which a figure and an end perhaps were public on 2025-01-10."""
    ledger = tmp_path / "ledger"
    assert counter("init", str(ledger), ledger=ledger).code == 0
    facts = tmp_path / "facts.toml"
    parties = "".join(
        f'[[fact]]\ntype = "party.established"\nsubject = "party/{name}"\nname = "{name}"\n'
        f'type_ = "state"\nasserted_by = "party/recorder"\nbasis = "recorder"\n'
        f'[[fact]]\ntype = "source.cited"\nsubject = "source/{name}"\npublisher = "party/{name}"\n'
        f'asserted_by = "party/recorder"\nbasis = "recorder"\n'
        for name in ("fr", "us")
    )
    facts.write_text(
        parties
        + _held("100 BTC", "fr", SURE)
        + _held("200 BTC", "us", PERHAPS)
        + _held("300 BTC", "us", PERHAPS, "reserve/y")
        + _act("entered-into-force", "fr", SURE, 'mode = "definitive"')
        + _act("consent-expressed", "fr", SURE, 'mode = "ratification"\nparty = "party/fr"')
        + _act("terminated", "us", PERHAPS, 'ground = "agreed"'),
        "utf-8",
    )
    ran = counter("append", str(facts), ledger=ledger)
    assert ran.code == 0, ran.err
    return ledger


def test_a_row_of_a_list_has_the_differing_values(
    doubtful: Path, document: Ask, counter: Ask
) -> None:
    (row,) = document("reserve", "list", *CLOCKS, ledger=doubtful)
    assert row["perhaps"] == {"reported_support": "contested"}
    (row,) = document("agreement", "list", *CLOCKS, ledger=doubtful)
    assert row["perhaps"]["status"] == "ended"
    assert row["perhaps"]["in_force"] == "no"
    text = counter("agreement", "list", *CLOCKS, "--csv", ledger=doubtful).out
    (cells,) = csv.DictReader(io.StringIO(text))
    assert "status: ended" in cells["perhaps"]
    assert list(cells) == list(row)
    assert "status: ended" in counter("agreement", "list", *CLOCKS, ledger=doubtful).out


def test_an_end_that_perhaps_was_public_is_beside_the_answer_of_every_command(
    doubtful: Path, document: Ask, counter: Ask
) -> None:
    """Doubt about days is "cannot tell", doubt about publication stands beside."""
    for command in ("show", "standing"):
        found = document("agreement", command, "x", *CLOCKS, ledger=doubtful)
        answer, perhaps = found["answer"], found["perhaps"]
        assert (answer["phase"], answer["in_force"]) == ("in force", "yes")
        assert (perhaps["phase"], perhaps["in_force"]) == ("ended", "no")
        page = counter("agreement", command, "x", *CLOCKS, ledger=doubtful).out
        assert "phase: ended" in page
    (row,) = document("agreement", "list", *CLOCKS, ledger=doubtful)
    assert (row["status"], row["in_force"]) == ("in force", "yes")
    asked = ("query", "SELECT status, in_force FROM statuses", *CLOCKS)
    assert document(*asked, ledger=doubtful)["rows"] == [{"status": "in force", "in_force": "yes"}]
    standing = document("agreement", "standing", "x", *CLOCKS, ledger=doubtful)
    assert standing["perhaps"]["counts"]["parties"] == 0
    (party,) = standing["answer"]["statuses"]
    assert (party["status"], party["perhaps"]["status"]) == ("party", "former")


def test_an_end_on_an_unknown_day_cannot_be_told_by_any_command(
    doubtful: Path, tmp_path: Path, document: Ask, counter: Ask
) -> None:
    facts = tmp_path / "more.toml"
    ended = _act("terminated", "us", SURE, 'ground = "agreed"').replace(
        'effective = "2025-01-01"\n', ""
    )
    facts.write_text(
        _act("entered-into-force", "fr", SURE, 'mode = "definitive"').replace("/x", "/z")
        + ended.replace("agreement/x", "agreement/z"),
        "utf-8",
    )
    assert counter("append", str(facts), ledger=doubtful).code == 0
    told = []
    for command in ("show", "standing"):
        answer = document("agreement", command, "z", *CLOCKS, ledger=doubtful)["answer"]
        told.append((answer["phase"], answer["in_force"]))
    row = document("agreement", "list", *CLOCKS, ledger=doubtful)[1]
    told.append((row["status"], row["in_force"]))
    assert told == [("cannot tell", "cannot tell")] * 3


def test_a_row_of_a_list_of_which_nothing_differs_says_null(document: Ask) -> None:
    for kind in ("agreement", "reserve", "party", "law", "price", "meeting"):
        assert {row["perhaps"] for row in document(kind, "list")} == {None}


def test_a_row_says_what_differs_with_an_act_of_no_known_day(document: Ask) -> None:
    rows = {row["subject"]: row for row in document("proposal", "list")}
    row = rows.pop("proposal/pk-power-package-2024")
    assert (row["status"], row["perhaps"]) == ("submitted", {"status": "endorsed in part"})
    assert {other["perhaps"] for other in rows.values()} == {None}
    shown = document("proposal", "show", "pk-power-package-2024")
    assert (shown["answer"]["status"], shown["answer"]["certain"]) == ("submitted", False)
    assert shown["perhaps"]["status"] == "endorsed in part"


@pytest.mark.parametrize("words", [("timeline", "reserve/x"), ("reserve", "history", "x")])
def test_a_row_of_time_or_history_is_marked(
    words: tuple[str, ...], doubtful: Path, document: Ask, counter: Ask
) -> None:
    rows = document(*words, *CLOCKS, ledger=doubtful)["rows"]
    assert [row["perhaps"] for row in rows] == [False, True]
    text = counter(*words, *CLOCKS, "--csv", ledger=doubtful).out
    assert [cells["perhaps"] for cells in csv.DictReader(io.StringIO(text))] == ["no", "yes"]
    assert "perhaps by 2025-02-05" in counter(*words, *CLOCKS, ledger=doubtful).out


def test_an_explanation_tells_what_would_differ_and_by_whom(doubtful: Path, document: Ask) -> None:
    found = document("explain", "reserve/x", "reported.amount", *CLOCKS, ledger=doubtful)
    told = [(one["field"], one["support"], one["perhaps"]) for one in found["values"]]
    assert told == [
        ("reported.amount", "single source", False),
        ("reported.amount", "contested", True),
    ]
    assert [reason["perhaps"] for reason in found["reasons"]] == [False, True]
    assert "reserve/x/2" not in json.dumps(found["reasons"][0])
    assert "reserve/x/2" in json.dumps(found["reasons"][1])
    found = document("explain", "reserve/y", "reported.amount", *CLOCKS, ledger=doubtful)
    assert [one["perhaps"] for one in found["values"]] == [True]


def test_a_difference_is_of_what_is_certainly_public(doubtful: Path, document: Ask) -> None:
    asked = ("reserve/x", "--axis", "public-at")
    assert document("diff", "2025-01-03", "2025-01-10", *asked, ledger=doubtful)["rows"] == []
    rows = document("diff", "2025-01-03", "2025-02-05", *asked, ledger=doubtful)["rows"]
    told = {row["field"]: row["after"] for row in rows}
    assert told == {"reported.support": "contested", "support of holding-reported": "contested"}


def test_a_page_puts_what_perhaps_is_in_words(doubtful: Path, counter: Ask) -> None:
    page = counter("reserve", "show", "x", *CLOCKS, ledger=doubtful).out
    assert "reported others: 200 BTC as of 2025-01-01, asserted by us (own publication)" in page
    page = counter("agreement", "show", "x", *CLOCKS, ledger=doubtful).out
    assert "perhaps  statuses: fr: " in page
    assert "flags" not in page


def test_what_a_rule_waits_for_is_never_none(doubtful: Path, tmp_path: Path, counter: Ask) -> None:
    """Under strict the outcomes may wait for different things: the page has no value to print."""
    facts = tmp_path / "more.toml"
    consent = 'mode = "ratification"\nparty = "party/fr"'
    both = _act("consent-expressed", "fr", SURE, consent) + _act(
        "consent-expressed", "us", SURE, consent
    ).replace("2025-01-01", "2025-01-04")
    facts.write_text(both.replace("agreement/x", "agreement/y"), "utf-8")
    assert counter("append", str(facts), ledger=doubtful).code == 0
    asked = ("--as-of", "2025-01-02", "--public-at", "2025-01-04", "--policy", "strict")
    page = counter("agreement", "standing", "y", *asked, ledger=doubtful).out
    assert "contested in force waits for: " in page
    assert "None" not in page
