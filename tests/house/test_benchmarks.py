"""Do the benchmarks still run? What they measure decides nothing here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from events.store.sqlite.reader import RecordReader
from projections.read_model.rebuild import make_answers
from tests.benchmarks import clocks

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def test_the_start_up_benchmark_prints_ratios(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "startup.py", "--rounds", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(re.findall(r" \d+\.\d\d   goal: at most ", ran.stdout)) == 4


def test_the_benchmark_of_the_clocks_fills_a_ledger_and_catches_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = clocks.fill(tmp_path, 1000)
    with RecordReader(large / "record.sqlite3") as record:
        position, _ = make_answers(record, large / "answers.sqlite3")
    assert position >= 1000
    for spread in (False, True):
        clocks.catching_up(large, 1000, spread=spread)
    assert len(re.findall(r"goal: at most", capsys.readouterr().out)) == 2


@pytest.mark.long
def test_the_benchmark_of_the_clocks_prints_its_figures(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "clocks.py", "--events", "1000", "--rounds", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(re.findall(r"goal: at most", ran.stdout)) >= 8


@pytest.mark.long
def test_the_benchmark_of_postgresql_prints_its_figures(
    tmp_path: Path, postgres_binaries: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "postgres.py", "--events", "500", "--rounds", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(re.findall(r"^PostgreSQL: ", ran.stdout, re.MULTILINE)) >= 6


@pytest.mark.long
def test_the_benchmark_across_a_ledger_prints_its_figures(tmp_path: Path) -> None:
    small = ("--events", "1000", "--acts", "2000", "--rounds", "1")
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "across.py", *small],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(re.findall(r" times   goal: at most ", ran.stdout)) >= 16


@pytest.mark.long
def test_the_whole_benchmark_runs_and_writes_its_page(tmp_path: Path) -> None:
    small = ("--events", "500", "--large", "1000", "--rounds", "1")
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "run.py", *small, "--write", "page.md"],
        cwd=tmp_path,
        env={"PATH": "", "PYTHONUTF8": "1"},  # without peers
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    page = (tmp_path / "page.md").read_text("utf-8")
    assert "absent peers: ledger, hledger" in page
    assert page.count("| yes |") + page.count("| no |") >= 8
