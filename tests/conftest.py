"""What do tests of several kinds start from?

A way to run the command as a user would, and a ledger with the bundled story to run it on.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# No test is decided by a clock: a slow machine is not a wrong program.
settings.register_profile("depositary", deadline=None, print_blob=True)
settings.load_profile("depositary")

Run = Callable[..., subprocess.CompletedProcess[str]]

COUNTER = "import sys; from cli.main import main; sys.exit(main())"


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return an environment that says nothing of the machine, its user or their settings."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "80",
        **extra,
    }


@pytest.fixture(scope="session")
def depositary() -> Run:
    """Run `depositary ARGUMENTS` in a process of its own; give what it printed and its exit code.

    `cwd`, `input` and `env` (added to a clean environment) are as for `subprocess.run`.
    """

    def run(
        *arguments: str | Path,
        cwd: Path | None = None,
        input: str | None = None,  # noqa: A002 - named as in subprocess.run
        env: Mapping[str, str] | None = None,
        code: str = COUNTER,
        timeout_s: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=cwd,
            input=input if input is not None else "",
            env=clean_environment(env or {}),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def demo_once(depositary: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the demo ledger, once a session: to be copied, never to be touched."""
    ledger = tmp_path_factory.mktemp("demo") / "ledger"
    made = depositary("demo", ledger)
    assert made.returncode == 0, made.stderr
    return ledger


@pytest.fixture
def demo_ledger(demo_once: Path, tmp_path: Path) -> Path:
    """Give a ledger with the bundled story, for one test alone."""
    return shutil.copytree(demo_once, tmp_path / "ledger")
