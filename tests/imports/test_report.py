"""Is the same told of the same cells, in a file that was free, however often an import runs?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.importers import report as report_

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]

COLUMNS = (
    "Contracting Party,Treaty,Signature Date,Instrument Type,Instrument Date,Entry Into Force Date"
)
MEMBERS = f"""\
{COLUMNS}
Algeria,Beijing,2013-01-01,Ratification,2017-07-25,2020-04-28
Austria,Beijing,2013-06-19,Accession,2019-06-19,2012-06-19
Nowhere Land,Beijing,2013-06-19,,,
"""
PRICES = "Date,BTC_USD\n2025-07-16,118000\n"


def refused(ran: Any, code: int) -> list[str]:
    """Return the three lines of a refusal."""
    assert (ran.code, ran.out) == (code, ""), ran.err
    lines: list[str] = ran.err.splitlines()
    assert len(lines) == 3
    return lines


@pytest.fixture
def members(tmp_path: Path) -> Path:
    path = tmp_path / "members.csv"
    path.write_text(MEMBERS)
    return path


@pytest.fixture
def run(ask: Ask, ledger: Path, members: Path, tmp_path: Path) -> Callable[..., Any]:
    """Import the members with a report, and give its lines without the ids of events."""

    def run(*words: str) -> Any:
        report = tmp_path / "report.json"
        ran = ask("import", "copyright-membership", members, "--report", report, *words)
        assert ran.code == 0, ran.err
        return json.loads(report.read_text("utf-8"))

    return run


def test_what_the_rules_say_is_told_by_every_run(run: Callable[..., Any]) -> None:
    rehearsed = run("--as-reported", "--dry-run")
    first, again = run("--as-reported"), run("--as-reported")
    assert sum(first["findings"].values()) > 0
    assert rehearsed["lines"] == first["lines"] == again["lines"]
    assert (first["facts"]["recorded"], again["facts"]["already"]) == (6, 6)


@pytest.mark.parametrize("what", ["members.csv", "notes.csv", "ledger"])
@pytest.mark.usefixtures("ledger")
def test_a_report_takes_the_place_of_nothing_else(
    what: str, ask: Ask, recorded: Recorded, members: Path
) -> None:
    (members.parent / "notes.csv").write_text("what,name,else\n")
    (members.parent / "ledger.csv").mkdir()
    place = members.parent / (what if what.endswith(".csv") else "ledger.csv")
    before = place.read_bytes() if place.is_file() else None
    ran = ask("import", "copyright-membership", members, "--report", place, "--as-reported")
    lines = refused(ran, 7)
    assert "is not changed" in lines[1]
    assert before is None or place.read_bytes() == before
    assert len(recorded()) == 1


def test_a_report_is_csv_or_json(ask: Ask, ledger: Path, recorded: Recorded, members: Path) -> None:
    ran = ask("import", "copyright-membership", members, "--report", members.parent / "r.txt")
    assert "ends in neither" in refused(ran, 2)[1]
    assert len(recorded()) == 1


def test_where_a_report_cannot_be_written_it_is_said_what_is_recorded(
    ask: Ask, ledger: Path, members: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report_, "replace_file", full)
    report = members.parent / "r.csv"
    ran = ask("import", "copyright-membership", members, "--report", report, "--as-reported")
    lines = refused(ran, 7)
    assert "r.csv: No space left on device" in lines[1]
    assert "11 facts are recorded" in lines[1]
    assert {path.name for path in members.parent.glob("r.csv*")} == set()


# Tables


def test_a_cell_beyond_the_last_column_is_a_line_of_the_report(
    run: Callable[..., Any], members: Path
) -> None:
    rows = "Algeria,Beijing,2013-01-01,,,,lost,,too\nFiji,Beijing,2013-01-01,,,\n"
    members.write_text(f"{COLUMNS}\n{rows}")
    told = run("--as-reported")
    lines = [(one["name"], one["row"], one["text"]) for one in told["lines"]]
    assert ("no-column", 2, "lost") in lines
    assert (told["cells"]["rejected"], told["cells"]["recorded"]) == (5, 3)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Date,BTC_USD,BTC_USD\n2025-07-16,1,2\n", "'BTC_USD' stands twice"),
        ('Date,BTC_USD\n2025-07-16,"1\n' + 140_000 * "x", "line 2: a quote is opened and not"),
        ("\n\n", "has no header"),
    ],
)
@pytest.mark.usefixtures("ledger")
def test_what_is_no_table_is_told_and_nothing_is_recorded(
    text: str, why: str, ask: Ask, recorded: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "prices.csv").write_text(text)
    assert why in refused(ask("import", "prices", tmp_path / "prices.csv"), 7)[1]
    assert len(recorded()) == 1


def test_a_header_may_come_after_empty_lines(
    ask: Ask, ledger: Path, recorded: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "prices.csv").write_text(f"\n\n{PRICES}")
    ran = ask("import", "prices", tmp_path / "prices.csv")
    assert "2 cells read = 2 recorded" in ran.out, ran.err
    assert len(recorded()) == 5  # one of them says that there was an import


def lines_of(path: Path) -> set[tuple[Any, ...]]:
    """Return which cells a report tells of, and why."""
    keys = ("name", "file", "line", "column", "text")
    return {tuple(line[key] for key in keys) for line in json.loads(path.read_text())["lines"]}


def test_the_command_for_the_report_works_when_all_is_recorded(
    ask: Ask, ledger: Path, recorded: Recorded, members: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first.json"
    assert ask("import", "copyright-membership", members, "--dry-run", "--report", first).code == 0
    told = ask("import", "copyright-membership", members).out.splitlines()[-1]
    count, _, command = told.partition(" lines to read: ")
    assert int(count) == len(json.loads(first.read_text())["lines"]) > 1
    events, again = len(recorded()), tmp_path / "again.json"
    program, *words = command.replace("FILE", str(again)).split()
    assert (program, words[0]) == ("depositary", "import")
    assert ask(*words).code == 0
    assert len(recorded()) == events
    assert lines_of(first) <= lines_of(again)


def test_the_commands_named_are_of_the_ledger_that_was_named(
    ask: Ask, members: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEPOSITARY_LEDGER", raising=False)
    here = ("--ledger", tmp_path / "other")
    assert ask("init", tmp_path / "other").code == 0
    out = ask(*here, "import", "copyright-membership", members).out
    named = [line.partition(": depositary ")[2] for line in out.splitlines()[-2:]]
    assert [command.split()[:3] for command in named] == [
        ["--ledger", str(tmp_path / "other"), word] for word in ("retract", "import")
    ]
    assert ask(*named[1].replace("FILE", str(tmp_path / "r.csv")).split()).code == 0
    assert ask(*named[0].split()).code == 0


def test_one_line_is_a_line_and_one_fact_a_fact(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    table = tmp_path / "p.csv"
    table.write_text("Date,BTC_USD,Note\n2025-07-16,118000,x\n")
    out = ask("import", "prices", table).out
    assert "\n1 fact recorded, " in out
    assert "the map has no field for Note: 1 cell\n" in out
    assert f"\n1 line to read: depositary import prices {table} --dry-run --report FILE" in out
