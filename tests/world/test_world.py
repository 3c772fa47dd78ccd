"""Each question of each case about the world has the answer that its page gives."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.world.cases import Case, Row, agrees, all_cases, follow, not_yet

CASES = {case.name: case for case in all_cases()}
LISTED = not_yet()


def run(*arguments: str) -> tuple[int, str, str]:
    """Run `depositary ARGUMENTS` in this process; return its exit code and what it wrote."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main(list(arguments))
    return code, out.getvalue(), err.getvalue()


class Ledgers:
    """Make the ledger of a case once; a case that was refused is refused again at no cost."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, tuple[Path, str]] = {}

    def of(self, case: Case) -> Path:
        """Return the folder of a case's ledger; fail where its facts are refused."""
        if case.name not in self._made:
            self._made[case.name] = self._make(case)
        ledger, refusal = self._made[case.name]
        assert not refusal, f"{case.name}: the facts are refused\n{refusal}"
        return ledger

    def _make(self, case: Case) -> tuple[Path, str]:
        ledger = self._folder / case.name.removesuffix(".md")
        ledger.parent.mkdir(exist_ok=True)
        facts = ledger.with_suffix(".toml")
        facts.write_text(case.facts, "utf-8")
        code, _, err = run("init", str(ledger))
        assert code == 0, err
        code, _, err = run("--ledger", str(ledger), "append", str(facts))
        return ledger, err if code else ""


@pytest.fixture(scope="session")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Ledgers:
    return Ledgers(tmp_path_factory.mktemp("world"))


def questions() -> list[Any]:
    """Return a parameter for each question; one that is listed must fail."""
    found = []
    for case in CASES.values():
        for row in case.rows:
            reason = LISTED.get((case.name, str(row.number)), LISTED.get((case.name, "*")))
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            name = f"{case.name.removesuffix('.md')}-{row.number}"
            found.append(pytest.param(case, row, id=name, marks=marks))
    return found


@pytest.mark.parametrize(("case", "row"), questions())
def test_the_answer_is_that_of_the_page(case: Case, row: Row, ledgers: Ledgers) -> None:
    ledger = ledgers.of(case)
    _, out, err = run("--ledger", str(ledger), *row.command, "--json")
    asked = f"{row.question}\n  depositary {' '.join(row.command)} --json"
    assert out, f"{asked}\n{err}"
    try:
        found = follow(json.loads(out), row.where)
    except LookupError as problem:
        pytest.fail(f"{asked}\n  {problem}\n{err}")
    assert agrees(found, row.value), f"{asked}\n  {row.where}: {found!r}, not {row.value}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_source_of_a_case_is_in_its_table_and_its_facts(case: Case) -> None:
    assert case.sources == case.cited()


def test_what_is_listed_as_not_yet_true_is_there() -> None:
    known = {(case.name, str(row.number)) for case in CASES.values() for row in case.rows}
    assert set(LISTED) - known - {(name, "*") for name in CASES} == set()


def test_a_case_is_listed_as_a_whole_or_row_by_row() -> None:
    whole = {name for name, number in LISTED if number == "*"}
    assert [(name, number) for name, number in LISTED if name in whole and number != "*"] == []
