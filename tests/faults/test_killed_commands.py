"""Is a command that is killed at any system call run again with the same words, and done?

strace kills it at the nth call of one kind; a run that is not killed says how many there are. Of
each kind one is tried, and all of them with `make test-long`.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from events.store.sqlite.reader import RecordReader
from tests.conftest import COUNTER, clean_environment
from tests.counter.conftest import KNOWN

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

CALLS = (
    "pwrite64",
    "write",
    "fsync",
    "fdatasync",
    "ftruncate",
    "rename",
    "link",
    "unlink",
    "mkdir",
    "fchmod",
)

Run = Callable[..., Any]


def strace(*options: str, words: tuple[Any, ...], where: Path, home: Path) -> Any:
    """Run a command under strace, with a configuration of its own; return what it left."""
    return subprocess.run(
        ["strace", "-f", "-qq", *options, sys.executable, "-c", COUNTER, *map(str, words)],
        cwd=where,
        env=clean_environment({"XDG_CONFIG_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def counted(words: tuple[Any, ...], where: Path, home: Path) -> Counter[str]:
    """Return how many calls of each kind a run makes that is not killed."""
    log = where / "calls"
    options = ("-o", str(log), "-e", f"trace={','.join(CALLS)}")
    ran = strace(*options, words=words, where=where, home=home)
    assert ran.returncode == 0, ran.stderr
    found = Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text("utf-8", "replace"), re.M))
    log.unlink()
    return found


def places(found: Counter[str], *, every: bool) -> Iterator[tuple[str, int]]:
    """Yield where to kill: a kind of call, and which of them."""
    for call, count in sorted(found.items()):
        for number in range(1, count + 1) if every else (count // 2 + 1,):
            yield call, number


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, depositary: Run) -> Path:
    """Give a small ledger, its backup and a file of facts: to be copied, never touched."""
    folder = tmp_path_factory.mktemp("story")
    (folder / "facts.toml").write_text(KNOWN)
    assert depositary("init", "ledger", cwd=folder).returncode == 0
    ledger = ("--ledger", "ledger")
    assert depositary(*ledger, "append", "facts.toml", cwd=folder).returncode == 0
    assert depositary(*ledger, "backup", "backup.sqlite3", cwd=folder).returncode == 0
    exported = depositary(*ledger, "export", "--format", "ndjson", cwd=folder).stdout
    (folder / "facts.ndjson").write_text(exported)
    assert depositary("init", "empty", "--name", "example.org/x", cwd=folder).returncode == 0
    return folder


COMMANDS: dict[str, tuple[str, ...]] = {
    "init": ("init", "new", "--name", "example.org/x"),
    "append": ("--ledger", "empty", "append", "facts.toml"),
    "import": ("--ledger", "empty", "import", "ndjson", "facts.ndjson"),
    "backup": ("--ledger", "ledger", "backup", "new.sqlite3"),
    "copy": ("copy", "ledger", "new"),
    "restore": ("restore", "backup.sqlite3", "new"),
    "replay": ("--ledger", "ledger", "replay"),
}
ENDS_WITH = {
    "init": ("new", 1),
    "append": ("empty", 6),
    "import": ("empty", 6),
    "backup": ("ledger", 6),
    "copy": ("new", 6),
    "restore": ("new", 6),
    "replay": ("ledger", 6),
}


def killed_and_run_again(
    name: str, place: tuple[str, int], story: Path, where: Path, depositary: Run
) -> None:
    shutil.rmtree(where, ignore_errors=True)
    shutil.copytree(story, where)
    home, words = where / "config", COMMANDS[name]
    call, number = place
    inject = ("-o", os.devnull, "-e", f"trace={call}", "-e")
    ran = strace(
        *inject, f"inject={call}:signal=KILL:when={number}", words=words, where=where, home=home
    )
    env = {"XDG_CONFIG_HOME": str(home)}
    whole = where / "new.sqlite3"
    if name == "backup" and whole.exists():
        assert depositary("restore", whole, "of-it", cwd=where, env=env).returncode == 0, place
    again = depositary(*words, cwd=where, env=env)
    done_before = again.returncode == 7 and "already" in again.stderr
    assert again.returncode == 0 or done_before, (place, ran.returncode, again.stderr)
    folder, last = ENDS_WITH[name]
    audited = depositary("--ledger", folder, "audit", "--json", cwd=where, env=env)
    assert audited.returncode == 0, (place, audited.stdout, audited.stderr)
    with RecordReader(where / folder / "record.sqlite3") as reader:
        # Killed between the facts and what says that there was an import, that is not said.
        ends = {last, last + 1} if name == "import" else {last}
        assert reader.last_position() in ends, place
    if name == "backup":
        with RecordReader(whole) as reader:
            assert reader.last_position() == last, place
    left = [p.name for p in where.rglob("*") if p.name.endswith(".new")]
    if not done_before:
        assert left == [], place


@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_command_is_run_again(
    name: str, story: Path, tmp_path: Path, depositary: Run
) -> None:
    where = shutil.copytree(story, tmp_path / "counted")
    found = counted(COMMANDS[name], where, where / "config")
    assert sum(found.values()) >= 5, "it writes, and makes it durable"
    for place in places(found, every=False):
        killed_and_run_again(name, place, story, tmp_path / "killed", depositary)


@pytest.mark.long
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_killed_at_every_call_is_run_again(
    name: str, story: Path, tmp_path: Path, depositary: Run
) -> None:
    where = shutil.copytree(story, tmp_path / "counted")
    found = counted(COMMANDS[name], where, where / "config")
    for place in places(found, every=True):
        killed_and_run_again(name, place, story, tmp_path / "killed", depositary)
