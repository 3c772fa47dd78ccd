"""Do the benchmarks still run? What they measure decides nothing here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
