"""Do the benchmarks still run? What they measure decides nothing here."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_start_up_benchmark_prints_a_ratio(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "tests" / "benchmarks" / "startup.py", "--rounds", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"^ratio +\d+\.\d\d ", ran.stdout, re.MULTILINE)
