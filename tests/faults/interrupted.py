"""The commands that are killed, refused and cut off, and what must hold of each afterwards.

Each begins in a folder of its own with the same story: a ledger that was signed and went on, its
backup, an empty ledger, facts. Afterwards the same words go through, and the command line finds
everything that was acknowledged; it is run in this process, where a hundred runs are affordable.
"""

import io
import os
import re
import shutil
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import msgspec

from cli.main import main
from projections.read_model import connection
from tests.counter.conftest import KNOWN
from tests.faults.syscalls import Ended

MORE = """
[[fact]]
type = "party.established"
subject = "party/pk"
name = "Pakistan"
type_ = "state"
asserted_by = "party/recorder"
basis = "recorder"
"""
STARTED = "boot_id"  # in a folder that stands for a machine that was started again
FACTS = 6  # of the empty ledger, once KNOWN is in it
LAST = 8  # of the story's ledger: its opening, five facts, a key, a fact that is not signed yet
_KEY = re.compile(r"[0-9a-f]{8}\.key$")
_DISPOSABLE = ("-wal", "-shm", "-journal", "answers.sqlite3", "lock")


class Case(NamedTuple):
    """A command, the ledger to audit afterwards, and what shows that it was done.

    `done` raises AssertionError where what the command acknowledged is not there. `twice` says
    why the same words are refused once the command was done.
    """

    words: tuple[str, ...]
    ledger: str
    done: Callable[[Path], None]
    twice: str = ""


def run_here(where: Path, *words: str) -> Ended:
    """Run a command in this process, in a folder that holds its configuration too."""
    started = where / STARTED
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with (
        patch.dict(os.environ, {"XDG_CONFIG_HOME": str(where / "config")}),
        patch.object(connection, "BOOT", started if started.exists() else connection.BOOT),
        chdir(where),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = main(words)
    return Ended(code, *(_text(each) for each in (out, err)))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode()


def well(where: Path, *words: str) -> str:
    """Run a command here that must succeed; return what it wrote."""
    ended = run_here(where, *words)
    assert ended.code == 0, (words, ended)
    return ended.out


def answer(where: Path, *words: str) -> Any:
    """Run a command here that must succeed; return its answer in JSON."""
    return msgspec.json.decode(well(where, *words, "--json"))


def make_story(folder: Path) -> Path:
    """Make the folder that each command begins in."""
    folder.mkdir(parents=True)
    (folder / "config").mkdir(0o700)
    (folder / "facts.toml").write_text(KNOWN)
    (folder / "more.toml").write_text(MORE)
    (folder / "report.txt").write_text("what was reported\n")
    well(folder, "init", "ledger", "--name", "example.org/story")
    well(folder, "--ledger", "ledger", "append", "facts.toml")
    well(folder, "--ledger", "ledger", "export", "--format", "ndjson", "-o", "facts.ndjson")
    key = answer(folder, "--ledger", "ledger", "key", "new", "--no-passphrase")
    (folder / "keeper.vkey").write_text(key["vkey"] + "\n")
    well(folder, "--ledger", "ledger", "checkpoint")
    well(folder, "--ledger", "ledger", "append", "more.toml")
    well(folder, "--ledger", "ledger", "backup", "backup.sqlite3")
    well(folder, "init", "empty", "--name", "example.org/empty")
    return folder


def last_of(where: Path, ledger: str) -> int:
    """Return the last position of a ledger, as the command line says it."""
    position = answer(where, "--ledger", ledger, "status")["position"]
    assert isinstance(position, int)
    return position


def _ends(ledger: str, *last: int) -> Callable[[Path], None]:
    def done(where: Path) -> None:
        assert last_of(where, ledger) in last

    return done


def _backed_up(where: Path) -> None:
    restored = "restored"
    assert answer(where, "restore", "new.sqlite3", restored)["position"] == LAST
    shutil.rmtree(where / restored)


def _signed(where: Path) -> None:
    again = answer(where, "--ledger", "ledger", "checkpoint")
    assert (again["size"], again["new"]) == (LAST, False)


def _published(where: Path) -> None:
    well(where, "verify", "--published", "web", "--vkey", "keeper.vkey")


def _proved(where: Path) -> None:
    well(where, "verify", "3.proof", "--vkey", "keeper.vkey")


def _exported(where: Path) -> None:
    lines = (where / "all.ndjson").read_text("utf-8").splitlines()
    assert [msgspec.json.decode(line)["type"] for line in lines][:1] == ["ledger.opened.v1"]
    assert len(lines) == LAST


def _has_key(where: Path) -> None:
    assert answer(where, "--ledger", "empty", "checkpoint")["size"] == 2


def _forked(where: Path) -> None:
    assert last_of(where, "new") >= LAST
    well(where, "--ledger", "new", "audit")


def _archived(where: Path) -> None:
    well(where, "--ledger", "empty", "audit")
    kept = [path.read_text() for path in (where / "empty" / "sources").iterdir()]
    assert kept == ["what was reported\n"]
    assert last_of(where, "empty") in (2, 3)


CASES: dict[str, Case] = {
    "init": Case(
        ("init", "new", "--name", "example.org/x"), "new", _ends("new", 1), "a ledger already"
    ),
    "append": Case(("--ledger", "empty", "append", "facts.toml"), "empty", _ends("empty", FACTS)),
    # Killed between the facts and what says that there was an import, that is not said.
    "import": Case(
        ("--ledger", "empty", "import", "ndjson", "facts.ndjson"),
        "empty",
        _ends("empty", FACTS, FACTS + 1),
    ),
    "replay": Case(("--ledger", "ledger", "replay"), "ledger", _ends("ledger", LAST)),
    "copy": Case(("copy", "ledger", "new"), "new", _ends("new", LAST), "a ledger already"),
    "backup": Case(
        ("--ledger", "ledger", "backup", "new.sqlite3"), "ledger", _backed_up, "a file already"
    ),
    "restore": Case(
        ("restore", "backup.sqlite3", "new"), "new", _ends("new", LAST), "a ledger already"
    ),
    "checkpoint": Case(("--ledger", "ledger", "checkpoint"), "ledger", _signed),
    "publish": Case(("--ledger", "ledger", "publish", "web"), "ledger", _published),
    "export": Case(
        ("--ledger", "ledger", "export", "--format", "ndjson", "-o", "all.ndjson"),
        "ledger",
        _exported,
        "a file already",
    ),
    "prove": Case(
        ("--ledger", "ledger", "prove", "@3", "-o", "3.proof"), "ledger", _proved, "a file already"
    ),
    "key": Case(
        ("--ledger", "empty", "key", "new", "--no-passphrase"), "empty", _has_key, "a key already"
    ),
    "fork": Case(
        ("fork", "ledger", "new", "--name", "example.org/fork"), "new", _forked, "a ledger already"
    ),
    "source": Case(
        ("--ledger", "empty", "source", "add", "report.txt", "--title", "A report"),
        "empty",
        _archived,
    ),
}


def goes_through(case: Case, where: Path, *, acknowledged: bool) -> None:
    """Assert that nothing acknowledged is lost, and that the same words go through and hold."""
    assert last_of(where, "ledger") == LAST
    assert last_of(where, "empty") >= 1
    if acknowledged:
        case.done(where)
    again = run_here(where, *case.words)
    done_before = again.code in (5, 7) and bool(case.twice) and case.twice in again.err
    assert again.code == 0 or done_before, again
    case.done(where)
    for ledger in {"ledger", "empty", case.ledger}:
        audited = run_here(where, "--ledger", ledger, "audit")
        assert audited.code == 0, audited


def files_in(where: Path) -> set[str]:
    """Return what lies in a folder, without what is disposable.

    Keys are named as one: that of a run that was killed is left, for a ledger may name it.
    """
    names = {path.relative_to(where).as_posix() for path in where.rglob("*")}
    return {_KEY.sub("any.key", name) for name in names if not name.endswith(_DISPOSABLE)}
