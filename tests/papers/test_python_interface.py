"""The examples of docs/python.md run, one after the other, without the command line."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs/python.md").read_text("utf-8"), re.S)


def test_the_examples_run_and_need_no_module_of_the_command_line(tmp_path: Path) -> None:
    ends = "import sys\nassert 'cli' not in sys.modules"
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join((*EXAMPLES, ends))],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(EXAMPLES) >= 4
