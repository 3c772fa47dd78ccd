"""Each question of each case about the world has the answer that its page gives."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path

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


def made(case: Case, folder: Path) -> tuple[Path, str]:
    """Return a ledger with the facts of a case, and why they are refused if they are."""
    ledger, facts = folder / "ledger", folder / "facts.toml"
    facts.write_text(case.facts, "utf-8")
    code, _, err = run("init", str(ledger))
    assert code == 0, err
    code, _, err = run("--ledger", str(ledger), "append", str(facts))
    return ledger, err if code else ""


def wrong(ledger: Path, row: Row) -> str:
    """Return why the answer to a question is not that of the page; "" if it is."""
    out, err = asked(str(ledger), *row.command)
    told = f"{row.number}: {row.question}\n  depositary {' '.join(row.command)} --json"
    if not out:
        return f"{told}\n{err}"
    try:
        found = follow(json.loads(out), row.where)
    except LookupError as problem:
        return f"{told}\n  {problem}\n{err}"
    return "" if agrees(found, row.value) else f"{told}\n  {row.where}: {found!r}, not {row.value}"


@cache
def asked(ledger: str, *command: str) -> tuple[str, str]:
    """Return what a question prints: several rows of a page look into one answer."""
    _, out, err = run("--ledger", ledger, *command, "--json")
    return out, err


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_answers_are_those_of_the_page(case: Case, tmp_path: Path) -> None:
    """A row that is listed as not yet true must be wrong, and no other."""
    ledger, refusal = made(case, tmp_path)
    assert not refusal or (case.name, "*") in LISTED, f"the facts are refused\n{refusal}"
    found = {row.number: refusal or wrong(ledger, row) for row in case.rows}
    listed = {number for number in found if not LISTED.keys().isdisjoint(keys(case, number))}
    unexpected = [why for number, why in found.items() if why and number not in listed]
    assert unexpected == [], "\n".join(unexpected)
    assert {number for number in listed if not found[number]} == set(), "listed, and true now"


def keys(case: Case, number: int) -> tuple[tuple[str, str], ...]:
    """Return the names under which a row may be listed: its own, and that of the whole page."""
    return (case.name, str(number)), (case.name, "*")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_source_of_a_case_is_in_its_table_and_its_facts(case: Case) -> None:
    assert case.sources == case.cited()


def test_what_is_listed_as_not_yet_true_is_there() -> None:
    known = {(case.name, str(row.number)) for case in CASES.values() for row in case.rows}
    assert set(LISTED) - known - {(name, "*") for name in CASES} == set()


def test_a_case_is_listed_as_a_whole_or_row_by_row() -> None:
    whole = {name for name, number in LISTED if number == "*"}
    assert [(name, number) for name, number in LISTED if name in whole and number != "*"] == []
