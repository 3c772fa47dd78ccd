"""Does each rule of entry into force give the official day, or say why not?"""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.importers.rules import TreatyRule, read_rules

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]

RULES = read_rules()
SEVEN = ("4-1", "4-4", "4-8", "4-9", "4-11", "4-15", "18-10")


def standing(ask: Ask, treaty: str, **asked: str) -> Any:
    options = [word for name, value in asked.items() for word in (f"--{name}", value)]
    ran = ask("agreement", "standing", f"un-mtdsg-{treaty}", *options, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_the_table_holds_each_treaty_once_with_article_and_day() -> None:
    assert len(RULES) >= 60
    assert len({one.agreement for one in RULES}) == len(RULES)
    assert set(SEVEN) <= {one.row["treaty"] for one in RULES}
    for one in RULES:
        assert one.row["article"], one
        assert one.row["title"], one
        assert date.fromisoformat(one.row["public_by"]) >= date(1946, 1, 1)
        assert one.row["in_force"] or not one.row["why"], one


def test_it_agrees_with_the_seven_rules_of_the_data(lists: Path) -> None:
    with (lists.parent / "eif-rules.csv").open(encoding="utf-8-sig", newline="") as text:
        told = {row["mtdsg_file"]: row for row in csv.DictReader(text)}
    for one in RULES:
        if row := told.get(one.row["treaty"]):
            delay = row["delay"].partition("+")[0]
            assert (one.row["n"], one.row["delay"]) == (row["n_instruments"], delay)
            assert one.row["in_force"] == row["published_entry_into_force"]
            assert bool(one.row["why"]) == (row["reproduced_from_mtdsg_2015_data"] != "yes")


def test_the_lists_give_the_official_day_or_a_finding_says_why_not(
    ask: Ask, ledger: Path, lists: Path, recorded: Recorded
) -> None:
    here = [one for one in RULES if (lists / "treaties" / f"{one.row['treaty']}.csv").is_file()]
    files = [lists / "treaties" / f"{one.row['treaty']}.csv" for one in here]
    assert len(here) >= 60
    assert ask("import", "un-mtdsg", *files, "--as-reported").code == 0
    told = json.loads(ask("import", "rules", "--json").out)
    days = sum(bool(one.row["in_force"]) for one in here)
    assert told["facts"]["recorded"] == len(here) + days
    for one in here:
        _check(one, standing(ask, one.row["treaty"]))
    again = json.loads(ask("import", "rules", "--json").out)
    assert not again["facts"]["recorded"]
    assert again["cells"]["recorded"] == 0
    assert again["cells"]["already"] == told["cells"]["recorded"]


def _check(one: TreatyRule, found: Any) -> None:
    answer, row = found["answer"], one.row
    sentences = [finding["sentence"] for finding in found["findings"]]
    if row["why"]:
        assert len(sentences) == 1, row
        assert row["why"] in sentences[0]
        assert answer["in_force_claimed"] == row["in_force"]
    else:
        assert sentences == [], row
        days = (answer["in_force_claimed"], answer["in_force_computed"])
        computed = row["in_force"] if row["on"] != "words" else ""
        assert days == (row["in_force"] or None, computed or None), row
    assert answer["computed_by"] == "its rule"


def test_rules_of_agreements_that_are_not_in_the_ledger_are_left_out(
    ask: Ask, ledger: Path, recorded: Recorded
) -> None:
    ran = ask("import", "rules")
    assert ran.code == 0, ran.err
    assert f"rules of {len(RULES)} agreements that are not in this ledger" in ran.out
    assert not any(row.thing.startswith("agreement/") for row in recorded())


def test_a_list_may_bring_its_rules_along_and_offers_them_else(
    ask: Ask, ledger: Path, lists: Path
) -> None:
    path = lists / "treaties" / "18-10.csv"
    offered = ask("import", "un-mtdsg", path, "--as-reported")
    assert "depositary import rules" in offered.out
    ran = ask("import", "un-mtdsg", path, "--as-reported", "--rules", "--json")
    assert ran.code == 0, ran.err
    answer = standing(ask, "18-10", **{"as-of": "2002-07-01"})["answer"]
    assert (answer["in_force"], answer["in_force_computed"]) == ("yes", "2002-07-01")
    before = standing(ask, "18-10", **{"as-of": "2002-06-30"})["answer"]
    assert before["in_force"] == "no"


def test_rules_of_ones_own_are_read_from_a_file(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text(
        "treaty,title,article,words,on,n,delay,later,in_force\n"
        "agreement/pact,Pact,art. 9,30th day after the 2nd instrument,instruments,2,P30D,same,\n"
        "agreement/other,Other,art. 1,on the 1st instrument,instruments,many,,,\n"
    )
    facts = tmp_path / "facts.ndjson"
    told = {"asserted_by": "party/recorder", "basis": "recorder"}
    described = {"type": "agreement.described", **told, "title": "A pact"}
    lines = [{**described, "subject": f"agreement/{name}"} for name in ("pact", "other")]
    facts.write_text("".join(json.dumps(line) + "\n" for line in lines))
    added = ask("append", facts)
    assert added.code == 0, added.err
    told_ = json.loads(ask("import", "rules", table, "--json").out)
    assert (told_["facts"]["recorded"], told_["facts"]["rejected"]) == (1, 1)
    shown = ask("agreement", "history", "pact", "--json").out
    assert "art. 9: 30th day after the 2nd instrument" in shown


def test_each_cell_of_a_table_of_rules_is_counted_once(
    ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    table, report = tmp_path / "own.csv", tmp_path / "report.json"
    table.write_text(
        "treaty,title,article,words,on,n,delay,in_force,why,mine\n"
        'agreement/pact,Pact,art. 9,"on the 2nd, or so",instruments,2,,2001-02-03,late,x\n'
        "agreement/other,Other,art. 1,on the 1st,instruments,many,,,why,\n"
        "agreement/else,Else,art. 1,on the 1st,instruments,1,,,,,beyond\n"
        "agreement/day,Day,art. 1,on the 1st,instruments,1,,30 May,,\n"
    )
    facts = tmp_path / "facts.ndjson"
    told = {"asserted_by": "party/recorder", "basis": "recorder"}
    described = {"type": "agreement.described", **told, "title": "A pact"}
    lines = [{**described, "subject": f"agreement/{name}"} for name in ("pact", "other", "day")]
    facts.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert ask("append", facts).code == 0
    assert ask("import", "rules", table, "--report", report).code == 0
    found = json.loads(report.read_text())
    # Left out: the titles, the treaty that is not here, and a why that stands beside no day.
    assert found["cells"] == {
        "read": 30, "recorded": 12, "already": 0, "left_out": 10, "not_mapped": 1, "rejected": 7,
    }  # fmt: skip
    rejects = [one for one in found["lines"] if one["what"] == "rejected"]
    assert [(one["line"], one["column"]) for one in rejects] == [
        (3, "n"), (4, "column 11"), (5, "in_force"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("rules", "--published", "2015-03"), "--published goes with tables"),
        (("prices", "--rules"), "no such option here"),
        (("un-mtdsg",), "no file to import"),
    ],
)
def test_what_does_not_go_together_is_not_understood(
    ask: Ask, ledger: Path, words: tuple[str, ...], says: str
) -> None:
    ran = ask("import", *words)
    assert ran.code == 2, ran.out
    assert says in ran.err
