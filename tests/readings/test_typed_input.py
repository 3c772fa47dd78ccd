"""Is what a person types understood, echoed, and refused where it may be two things?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.output.streams import say_notes
from cli.typed_input import is_position, understand_date

Counter = Callable[..., Any]

TODAY = datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2025-7-18", "2025-07-18"),
        ("2025/7/18", "2025-07-18"),
        ("2025.07.18", "2025-07-18"),
        ("20250718", "2025-07-18"),
        ("2025-7", "2025-07"),
        ("07/2025", "2025-07"),
        ("18 July 2025", "2025-07-18"),
        ("July 18, 2025", "2025-07-18"),
        ("18th of July 2025", "2025-07-18"),
        ("18-Jul-2025", "2025-07-18"),
        ("2025 July 18", "2025-07-18"),
        ("Sept. 2025", "2025-09"),
        ("  july 2025 ", "2025-07"),
        ("18/07/2025", "2025-07-18"),
        ("07/18/2025", "2025-07-18"),
        ("07.07.2025", "2025-07-07"),
        ("2025-7-1/2025-7-3", "2025-07-01/2025-07-03"),
        ("1 July 2025 to 3 July 2025", "2025-07-01/2025-07-03"),
        ("[..18 July 2025]", "[..2025-07-18]"),
        ("today", TODAY.isoformat()),
        ("Yesterday", (TODAY - timedelta(1)).isoformat()),
        ("tomorrow", (TODAY + timedelta(1)).isoformat()),
    ],
)
def test_a_day_is_understood_and_echoed(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understand_date(typed) == meant
    say_notes()
    assert capsys.readouterr().err == f"note: {typed} is read as {meant}\n"


@pytest.mark.parametrize("written", ["2025-07-18", "2025-07", "2025-05-2X", "[..2025-07-18]"])
def test_a_date_that_is_one_is_left_alone(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understand_date(written) == written
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("typed", ["18 julio 2025", "tuesday", "the 3rd", "7/8", "2025-13-45", ""])
def test_what_is_no_day_is_handed_on_as_typed_or_as_no_day(typed: str) -> None:
    assert understand_date(typed) in (typed, "2025-13-45")


def test_a_bare_number_is_a_position_unless_it_can_be_a_year() -> None:
    opened = datetime(2024, 5, 1, tzinfo=UTC).date()
    assert is_position("413", opened, 5000)
    assert is_position("1200", opened, 5000)
    assert not is_position("2025", opened, 5000)
    assert not is_position("1200", opened, 500)
    assert not is_position("20250718", opened, 500)
    assert not is_position("४१३", opened, 500)


@pytest.mark.parametrize(
    ("arguments", "echo", "told"),
    [
        (("agreement", "show", "pk-sv"), "pk-sv-bitcoin-2025", "agreement/pk-sv-bitcoin-2025"),
        (("reserve", "show", "el-salvador"), "sv", "reserve/sv"),
        (("reserve", "show", "El Salvador"), "sv", "reserve/sv"),
        (("party", "show", "El Salvador"), "sv", "party/sv"),
        (("show", "reserve/sv"), "reserve show sv", "reserve/sv"),
        (("show", "reserve", "sv"), "reserve show sv", "reserve/sv"),
        (("list", "reserves"), "reserve list", "reserve/sv"),
        (("history", "pk-sv"), "agreement/pk-sv-bitcoin-2025", "--known-at"),
        (("log", "--subject", "pk-sv"), "agreement/pk-sv-bitcoin-2025", "@"),
        (("agreement", "list", "--party", "El Salvador"), "sv", "--party sv"),
        (("reserve", "list", "--known-at", "300"), "@300", "known at @300"),
        (("event", "show", "5"), "@5", "@5 "),
        (("reserve", "list", "--as-of", "2025-7-19"), "2025-07-19", "--as-of 2025-07-19"),
        (("reserve", "list", "--as-of", "July 2025"), "2025-07", "as of 2025-07-31"),
        (("disputes", "--since", "1 January 2025"), "2025-01-01", "--since 2025-01-01"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_a_person_types_is_answered_and_echoed(
    arguments: tuple[str, ...], echo: str, told: str, counter: Counter
) -> None:
    ran = counter(*arguments)
    assert ran.code == 0, ran.err
    first = ran.err.splitlines()[0]
    assert first.startswith("note: ")
    assert first.endswith(f" is read as {echo}")
    assert told in ran.out


def test_the_policy_takes_a_party_without_its_kind(counter: Counter) -> None:
    ran = counter("reserve", "show", "sv", "--policy", "prefer:bukele")
    assert "policy prefer:party/bukele v1" in ran.out
    assert "--policy prefer:party/bukele" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "told", "then"),
    [
        (("history", "sv"), 3, "did you mean party/sv or reserve/sv?", "find sv"),
        (("reserve", "show", "s"), 3, "did you mean reserve/us or reserve/sv?", "reserve list"),
        (("reserve", "list", "--as-of", "07/08/2025"), 2, "2025-07-08 or 2025-08-07", "2025-07-08"),
        (("reserve", "list", "--as-of", "yesterdya"), 2, "did you mean yesterday?", "help dates"),
        (("reserve", "list", "--as-of", "18 juli 2025"), 2, "did you mean July?", "help dates"),
        (("reserve", "list", "--as-of", "soon"), 2, "in English 18 July 2025", "help dates"),
        (("reserve", "list", "--as-of", "2025-02-30"), 2, "no such day", "help dates"),
        (("show", "sv"), 2, "the kind comes first", "find"),
        (("record", "agreement.signed", "agreement/x", "--date", "2025"), 2,
         "did you mean --effective?", "record agreement.signed --help"),
        (("template", "law.enacted"), 3, "did you mean law.adopted", "template law.adopted"),
        (("help", "dating"), 3, "did you mean dates", "help dates"),
        (("record", "agreement.described", "agreement/x", "--kind", "MOU", "--asserted-by", "sv",
          "--basis", "press", "--source", "article"), 5, "did you mean memorandum?",
         "record agreement.described --help"),
        (("record", "agreement.described", "agreement/x", "--kind", "memorandum of understanding",
          "--asserted-by", "sv", "--basis", "press", "--source", "article"), 5,
         "did you mean memorandum?", "record agreement.described --help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_may_be_several_things_or_none_brings_what_was_meant(
    arguments: tuple[str, ...],
    code: int,
    told: str,
    then: str,
    turned_away: Callable[..., list[str]],
) -> None:
    lines = turned_away(code, *arguments)
    assert told in lines[1]
    assert then in lines[2]


def test_a_half_filled_template_is_told_all_that_is_missing(
    tmp_path: Path, counter: Counter
) -> None:
    template = counter("template", "agreement.signed").out
    file = tmp_path / "half.toml"
    file.write_text(template.replace('party = ""', 'party = "sv"'), "utf-8")
    ran = counter("append", str(file))
    assert ran.code == 5
    assert "to fill in: subject, asserted_by, basis, sources.0.source" in ran.err
    assert ran.err.count("mode") == 1


FACT = """
[[fact]]
type = "reserve.acquired"
subject = "reserve/sv"
amount = "1 BTC"
mode = "purchase"
{days}
asserted_by = "party/onbtc"
basis = "own-publication"
sources = [{{ source = "source/onbtc", published = "2025-07-18" }}]
"""


@pytest.mark.parametrize(
    ("days", "doubt"),
    [
        ('effective = "2025-07-18"', None),
        ('effective = "2025-07"', None),
        ("", "no-day"),
        ('effective = "2035-07-18"', "day-far-ahead"),
        ('effective = "2025-07-19"', "published-before-it-happened"),
        ('effective = "[..2025-07-19]"', None),
    ],
)
def test_odd_days_are_questioned_and_no_others(
    days: str, doubt: str | None, tmp_path: Path, counter: Counter
) -> None:
    file = tmp_path / "fact.toml"
    file.write_text(FACT.format(days=days), "utf-8")
    ran = counter("append", str(file), "--dry-run")
    assert ran.code == 0, ran.err
    careful = [line for line in ran.err.splitlines() if line.startswith("careful")]
    assert bool(careful) == (doubt is not None)
    assert doubt is None or f": {doubt}: " in careful[0]


def test_an_announced_entry_into_force_is_no_doubt_and_a_slip_of_centuries_is_one(
    tmp_path: Path, counter: Counter
) -> None:
    file = tmp_path / "fact.toml"
    for day, odd in (("2028-01-01", False), ("2205-07-18", True)):
        file.write_text(
            FACT.replace("reserve.acquired", "law.in-force")
            .replace(
                'subject = "reserve/sv"\namount = "1 BTC"\nmode = "purchase"\n',
                'subject = "law/a-law"\n',
            )
            .format(days=f'effective = "{day}"'),
            "utf-8",
        )
        ran = counter("append", str(file), "--dry-run")
        assert ran.code == 0, ran.err
        assert ("day-far-ahead" in ran.err) is odd
