"""Does the benchmark of proofs still run? What it measures decides nothing here."""

import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).resolve().parents[1] / "benchmarks" / "proof.py"


def test_the_benchmark_prints_what_it_measured_beside_the_goals() -> None:
    ran = subprocess.run(
        [sys.executable, BENCHMARK, "--events", "600"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert len(lines) == 7
    assert [line for line in lines if "goal:" not in line] == []
