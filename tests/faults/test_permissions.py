"""What does a command say where this user may not read or write?

Root may, so as root the commands run without the capabilities that let it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import COUNTER, clean_environment
from tests.faults.interrupted import files_in, well

MAY_ANYTHING = "-dac_override,-dac_read_search"
AS_OTHERS = (
    ("setpriv", f"--bounding-set={MAY_ANYTHING}", f"--inh-caps={MAY_ANYTHING}")
    if os.geteuid() == 0
    else ()
)
pytestmark = pytest.mark.skipif(
    bool(AS_OTHERS) and shutil.which("setpriv") is None,
    reason="root may read and write everything, and there is no setpriv to take that away",
)

ON = ("--ledger", "ledger")
# What is shut and how, the command, its exit code, and the file that it names.
CASES = {
    "append, log": ("ledger/record.sqlite3", 0, (*ON, "append", "new.toml"), 7, "record.sqlite3"),
    "show, folder": ("ledger", 0o555, (*ON, "party", "show", "sv"), 0, ""),
    "show, log": ("ledger/record.sqlite3", 0, (*ON, "party", "show", "sv"), 7, "record.sqlite3"),
    "audit, log": ("ledger/record.sqlite3", 0, (*ON, "audit"), 7, "ledger/record.sqlite3"),
    "copy, log": ("ledger/record.sqlite3", 0, ("copy", "ledger", "new"), 7, "record.sqlite3"),
    "show, answers": ("ledger/answers.sqlite3", 0, (*ON, "party", "show", "sv"), 0, ""),
    "show, settings": ("ledger/depositary.toml", 0, (*ON, "log"), 7, "ledger/depositary.toml"),
    "checkpoint, keys": ("config", 0, (*ON, "checkpoint"), 7, "config/depositary"),
    "audit, keys": ("config", 0, (*ON, "audit"), 7, "config/depositary"),
    "append, facts": ("more.toml", 0, (*ON, "append", "more.toml"), 7, "more.toml"),
    "export, here": (".", 0o555, (*ON, "export", "--format", "ndjson", "-o", "x"), 7, "x"),
    "backup, here": (".", 0o555, (*ON, "backup", "x"), 7, "x"),
    "init, here": (".", 0o555, ("init", "x"), 7, "x"),
    "restore, backup": ("backup.sqlite3", 0, ("restore", "backup.sqlite3", "x"), 7, "backup"),
    "import, table": ("more.toml", 0, (*ON, "import", "ndjson", "more.toml"), 7, "more.toml"),
    "verify, proof": ("more.toml", 0, ("verify", "more.toml", "--vkey", "keeper.vkey"), 7, "more"),
    "add, document": ("report.txt", 0, (*ON, "source", "add", "report.txt"), 7, "report.txt"),
}


@contextmanager
def shut(path: Path, mode: int) -> Iterator[None]:
    """Let a file or folder have a mode for a moment."""
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


@pytest.fixture(scope="module")
def here(story: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a ledger, its keys and facts, which no test changes."""
    where = tmp_path_factory.mktemp("shut") / "here"
    shutil.copytree(story, where)
    (where / "new.toml").write_text(
        (where / "more.toml").read_text().replace("party/pk", "party/bt")
    )
    well(where, *ON, "party", "show", "sv")
    return where


@pytest.mark.parametrize("case", CASES)
def test_what_may_not_be_read_or_written_is_named(case: str, here: Path) -> None:
    path, mode, words, code, named = CASES[case]
    before = files_in(here)
    with shut(here / path, mode):
        ran = subprocess.run(
            [*AS_OTHERS, sys.executable, "-c", COUNTER, *words],
            cwd=here,
            env=clean_environment({"XDG_CONFIG_HOME": str(here / "config")}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.returncode == code, ran
    assert named in ran.stdout + ran.stderr
    assert files_in(here) == before
