"""Do the worked maps of docs/imports.md read their tables as the page says?"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "imports.md"
_case = re.compile(
    r"^## (?P<title>.+?)$.*?```csv\n(?P<table>.*?)```.*?```toml\n(?P<map>.*?)```"
    r"\n\nResult: (?P<result>.*?)\.$",
    re.MULTILINE | re.DOTALL,
)
CASES = {case["title"]: case for case in _case.finditer(PAGE.read_text("utf-8"))}


def test_there_are_five_maps() -> None:
    assert len(CASES) == 5


@pytest.mark.parametrize("title", CASES)
def test_a_worked_map_reads_its_table(
    title: str, ask: Callable[..., Any], ledger: Path, tmp_path: Path
) -> None:
    case = CASES[title]
    (tmp_path / "table.csv").write_text(case["table"], "utf-8")
    (tmp_path / "map.toml").write_text(case["map"], "utf-8")
    ran = ask("import", "csv", tmp_path / "table.csv", "--map", tmp_path / "map.toml")
    assert ran.code == 0, ran.err
    facts, _, reject = case["result"].partition(", and one reject: ")
    assert facts in ran.out
    assert f"{int(bool(reject))} rejected\n" in ran.out
    assert reject in ran.out
