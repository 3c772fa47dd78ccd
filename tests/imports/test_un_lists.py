"""Is every cell of the UN lists recorded, or named in the report?"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]

SAMPLE = ("14-7", "14-7-a", "3-2-12a", "18-2", "19-21", "6-18", "12-1")


def cells_of(files: list[Path]) -> tuple[int, int]:
    """Return how many cells say something below the headers, and how many of them are acts."""
    cells = acts = 0
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.reader(text))
        cells += sum(bool(cell.strip()) for row in rows[1:] for cell in row)
        acts += sum(bool(cell.strip()) for row in rows[1:] for cell in row[1:])
    return cells, acts


def acts_in(rows: list[Any]) -> int:
    beside = ("agreement.described.v1", "party.established.v1", "source.cited.v1")
    return sum(row.topic not in beside for row in rows if row.thing != "ledger/self")


def test_each_cell_of_a_sample_is_an_event_or_a_named_reject(
    ask: Ask, ledger: Path, lists: Path, recorded: Recorded, tmp_path: Path
) -> None:
    files = [lists / "treaties" / f"{name}.csv" for name in SAMPLE]
    files = [path for path in files if path.is_file()]
    report = tmp_path / "report.json"
    ran = ask("import", "un-mtdsg", *files, "--as-reported", "--report", report, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    lines = json.loads(report.read_text("utf-8"))["lines"]
    rejects = [line for line in lines if line["what"] == "rejected"]
    cells, acts = cells_of(files)
    assert told["cells"]["read"] == cells > acts > 500
    assert acts_in(recorded()) + len(rejects) == acts
    assert all(line["file"] and line["row"] and line["sentence"] for line in rejects)


@pytest.mark.long
def test_each_of_all_cells_is_an_event_or_a_named_reject(
    ask: Ask, ledger: Path, lists: Path, recorded: Recorded, tmp_path: Path
) -> None:
    files = sorted((lists / "treaties").glob("*.csv"))
    report = tmp_path / "report.csv"
    ran = ask("import", "un-mtdsg", lists, "--as-reported", "--report", report, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    with report.open(encoding="utf-8", newline="") as text:
        lines = list(csv.DictReader(text))
    rejects = sum(line["what"] == "rejected" for line in lines)
    cells, acts = cells_of(files)
    assert (len(files), told["cells"]["read"], acts) == (228, cells, 20_915)
    assert acts_in(recorded()) + rejects == acts
    assert told["findings"]["ratifies-unsigned"] == 8  # docs/spec/treaties.md, 10
    again = json.loads(ask("import", "un-mtdsg", lists, "--as-reported", "--json").out)
    assert (again["facts"]["already"], again["facts"]["rejected"]) == (acts - rejects, rejects)


def test_afghanistan_signed_confirmed_and_ratified_the_statute_of_the_centre(
    ask: Ask, ledger: Path, lists: Path
) -> None:
    path = lists / "treaties" / "14-7.csv"
    assert ask("import", "un-mtdsg", path, "--as-reported").code == 0
    history = json.loads(ask("agreement", "history", "un-mtdsg-14-7", "--json").out)
    text = json.dumps(history)
    assert "1983-09-13" in text
    assert "1984-03-28" in text
    shown = json.loads(
        ask("agreement", "show", "un-mtdsg-14-7", "--as-of", "1988-07-06", "--json").out
    )
    assert '"party/af"' in json.dumps(shown["answer"])


def test_a_folder_without_an_index_is_7(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "1-1.csv").write_text("Participant,Signature\nPakistan,1 Jan 1980\n")
    assert ask("import", "un-mtdsg", tmp_path, "--published", "2015-03").code == 7


@pytest.fixture
def two_lists(tmp_path: Path) -> Path:
    """Make lists in the shape of the UN's: one with names and days that nobody knows."""
    folder = tmp_path / "lists"
    (folder / "treaties").mkdir(parents=True)
    header = "chapter_no,treaty_no,treaty_name,url,chapter_url,chapter_name\n"
    (folder / "index.csv").write_text(
        f'{header}1,1,"Convention on Examples. Geneva, 1 January 1980",,,\n'
        '1,2.a,"Protocol on Examples. Geneva, 1 January 1990",,,\n1,3,"Unlisted",,,\n'
    )
    (folder / "treaties" / "1-1.csv").write_text(
        'Participant,Signature,"Ratification, Accession(a)"\n'
        "Pakistan,1 Jan 1980,1 Jan 1981\nPakistn,1 Jan 1980,2 Jan 1981 a\nPeru,,31 Feb 1981\n"
    )
    (folder / "treaties" / "1-2-a.csv").write_text("Participant,Accession(a)\nPeru,1 Jan 1991 a\n")
    return folder


def test_what_cannot_be_read_is_named_and_keeps_nothing_back(
    ask: Ask, ledger: Path, two_lists: Path, recorded: Recorded, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"
    ran = ask("import", "un-mtdsg", two_lists, "--published", "2015-03", "--report", report)
    assert ran.code == 0, ran.err
    assert (
        "10 cells read = 5 recorded + 0 already recorded + 0 excluded + 0 not mapped + 5 rejected"
        in ran.out
    )
    assert "'Pakistn': did you mean Pakistan (party/pk)" in ran.out
    with report.open(encoding="utf-8", newline="") as text:
        lines = [line for line in csv.DictReader(text) if line["what"] == "rejected"]
    assert [(one["file"], one["row"], one["column"], one["name"]) for one in lines] == [
        ("1-1.csv", "3", "Signature", "unknown-party"),
        ("1-1.csv", "3", "Ratification, Accession(a)", "unknown-party"),
        ("1-1.csv", "4", "Ratification, Accession(a)", "illegible"),
    ]
    assert acts_in(recorded()) == 3


def test_a_rehearsal_writes_nothing_and_a_second_run_nothing_new(
    ask: Ask, ledger: Path, two_lists: Path, recorded: Recorded
) -> None:
    before = recorded()
    assert (
        "3 facts would be recorded"
        in ask("import", "un-mtdsg", two_lists, "--published", "2015-03", "--dry-run").out
    )
    assert recorded() == before
    ask("import", "un-mtdsg", two_lists, "--published", "2015-03")
    after = recorded()
    ran = ask("import", "un-mtdsg", two_lists, "--published", "2015-03", "--as-reported")
    assert "0 facts recorded, 3 already recorded" in ran.out
    assert recorded() == after


def written(folder: Path, name: str, header: str, *rows: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    return path


def test_a_list_of_another_edition_needs_its_day(
    ask: Ask, ledger: Path, lists: Path, tmp_path: Path
) -> None:
    given = (lists / "treaties" / "19-8.csv").read_text("utf-8-sig")
    copied = tmp_path / "19-8.csv"
    copied.write_bytes((lists / "treaties" / "19-8.csv").read_bytes())
    assert ask("import", "un-mtdsg", copied, "--dry-run").code == 0
    copied.write_text(given.replace("1971", "1972", 1), "utf-8")
    ran = ask("import", "un-mtdsg", copied, "--as-reported")
    assert ran.code == 2
    assert str(copied) in ran.err
    assert "--published DAY" in ran.err
    assert ask("import", "un-mtdsg", copied, "--published", "2016-03").code == 0


def test_an_act_after_the_day_of_its_list_is_rejected(
    ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    path = written(
        tmp_path,
        "4-9",
        'Participant,Signature,"Ratification, Accession(a)"',
        "France,4 Feb 1985,18 Feb 1986",
        "Chad,,31 Mar 2015 a",
        "Fiji,1 Apr 2015,14 Mar 2016",
    )
    told = json.loads(ask("import", "un-mtdsg", path, "--published", "2015-03", "--json").out)
    assert (told["facts"]["recorded"], told["rejected"]) == (3, {"after-its-day": 2})
    later = json.loads(ask("import", "un-mtdsg", path, "--published", "2016-03-14", "--json").out)
    assert "after-its-day" not in json.dumps(later)


@pytest.mark.parametrize("day", ["soon", "2015-13", "31.03.2015"])
def test_the_day_of_a_list_is_a_date(ask: Ask, ledger: Path, tmp_path: Path, day: str) -> None:
    path = written(tmp_path, "4-9", "Participant,Signature", "France,4 Feb 1985")
    ran = ask("import", "un-mtdsg", path, "--published", day)
    assert ran.code == 2
    assert "no such day" in ran.err


def test_a_column_that_names_no_act_records_none(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "1-2",
        'Participant,"Decision, Date of adoption","Registration, Date",Signature',
        "Fiji,13 Oct 1970,13 Oct 1970,4 Feb 1985",
    )
    told = json.loads(ask("import", "un-mtdsg", path, "--published", "2015-03", "--json").out)
    assert (told["facts"]["recorded"], told["rejected"]) == (1, {"no-act": 2})


def test_a_single_list_without_an_index_bears_its_number(
    ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    path = written(tmp_path, "4-9", "Participant,Signature", "France,4 Feb 1985")
    assert ask("import", "un-mtdsg", path, "--published", "2015-03").code == 0
    shown = json.loads(ask("agreement", "show", "un-mtdsg-4-9", "--json").out)
    assert "Treaty 9 of chapter 4" in shown["answer"]["title"]


def test_a_list_takes_its_title_from_an_index_beside_or_above_it(
    ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / "index.csv").write_text(
        "chapter_no,treaty_no,treaty_name,url\n4,9,A convention*. Geneva,\n", "utf-8"
    )
    path = written(tmp_path, "4-9", "Participant,Signature", "France,4 Feb 1985")
    assert ask("import", "un-mtdsg", path, "--published", "2015-03").code == 0
    shown = json.loads(ask("agreement", "show", "un-mtdsg-4-9", "--json").out)
    assert shown["answer"]["title"] == "A convention. Geneva"


def test_a_file_that_is_no_list_is_named(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "members", "Participant,Signature", "France,4 Feb 1985")
    ran = ask("import", "un-mtdsg", path, "--published", "2015-03")
    assert ran.code == 7
    assert "members.csv" in ran.err


def test_the_day_of_any_table_is_that_of_its_sources(
    ask: Ask, ledger: Path, recorded: Recorded, tmp_path: Path
) -> None:
    table = written(tmp_path, "daily", "Date,BTC_USD", "2024-01-02,45000")
    assert ask("import", "prices", table, "--published", "2024-01-03").code == 0
    price = next(row for row in recorded() if row.thing.startswith("price/"))
    assert '"published":"2024-01-03"' in bytes(price.state).decode()


def test_a_list_that_the_index_does_not_name_is_named(
    ask: Ask, ledger: Path, two_lists: Path, tmp_path: Path
) -> None:
    (two_lists / "treaties" / "9-9.csv").write_text("Participant,Accession(a)\nPeru,1 Jan 1991 a\n")
    report = tmp_path / "report.json"
    ran = ask("import", "un-mtdsg", two_lists, "--published", "2015-03", "--report", report)
    assert "not-in-the-index 1" in ran.out, ran.err
    (line,) = [
        line
        for line in json.loads(report.read_text("utf-8"))["lines"]
        if line["name"] == "not-in-the-index"
    ]
    assert (line["file"], line["what"]) == ("9-9.csv", "finding")
