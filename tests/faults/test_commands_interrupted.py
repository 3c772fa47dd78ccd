"""Does every command that writes go on after a kill, an error of the disk, or a power cut?

Of each command its system calls are recorded once. Then it is run again and killed before one of
them, or one of them fails; and its writes are laid on a disk whose power is cut between two. One
place of each kind is tried, and every place with `make test-long`.
"""

import errno
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.disk_model import Disk, Keep
from tests.faults.interrupted import CASES, MORE, STARTED, files_in, goes_through, last_of, well
from tests.faults.syscalls import READS, SYNCS, Call, needs_strace, run_injected, run_traced

pytestmark = needs_strace

KILL = "signal=KILL"
ERRORS = ("EIO", "ENOSPC")
# What the kernel says of each, and what SQLite makes of it.
_CAUSE = re.compile(
    f"{os.strerror(errno.EIO)}|{os.strerror(errno.ENOSPC)}|disk I/O error|no room left"
    "|unable to open database file|readonly database"
)
_LOG_HOLDS = re.compile(r"The log holds @1 to @(\d+)\.")
KEEPS: tuple[Keep, ...] = ("none", "mixed")
_TELL = ("append", "import", "checkpoint")  # how much is recorded


class Recorded:
    """A command of the suite, the calls that it makes, and the files that it leaves."""

    def __init__(self, name: str, story: Path, folder: Path) -> None:
        self.name, self.case, self._story = name, CASES[name], story
        self.where = folder / name
        self.begin()
        ended, calls = run_traced(self.case.words, self.where)
        assert ended.code == 0, ended
        self.calls = calls
        goes_through(self.case, self.where, acknowledged=True)
        self.files = files_in(self.where)

    def begin(self) -> None:
        """Be in the story again, before the command."""
        shutil.rmtree(self.where, ignore_errors=True)
        shutil.copytree(self._story, self.where)

    def places(self) -> list[Call]:
        """Return the calls that change something, or make it durable."""
        return [each for each in self.calls if self._changes(each)]

    def _changes(self, call: Call) -> bool:
        if call.answers or call.name == "sync":
            return True
        path = call.paths[-1]
        if not path.is_relative_to(self.where) or path.name.endswith("-shm"):
            return False
        return "O_CREAT" in call.flags or call.name != "openat"


@pytest.fixture(params=CASES)
def name(request: pytest.FixtureRequest) -> str:
    """Give the name of each command of the suite."""
    return str(request.param)


@pytest.fixture
def recorded(story: Path, tmp_path: Path) -> Callable[[str], Recorded]:
    """Give a function that records one command of the suite."""
    return lambda name: Recorded(name, story, tmp_path)


def killed(recorded: Recorded, place: Call) -> None:
    recorded.begin()
    ended = run_injected(recorded.case.words, recorded.where, place, KILL)
    assert ended.code == -9, (place, ended)
    goes_through(recorded.case, recorded.where, acknowledged=bool(ended.out))
    assert files_in(recorded.where) == recorded.files, place


def refused(recorded: Recorded, place: Call, error: str) -> None:
    recorded.begin()
    where = recorded.where
    ended = run_injected(recorded.case.words, where, place, f"error={error}")
    assert ended.code in (0, 7), (place, ended)
    if ended.code == 7:
        names = {path.rpartition("/")[2] for path in recorded.files} | {where.name}
        said = re.split(r"[\s:\"/]+", ended.err)
        assert not names.isdisjoint(each.rstrip(".,") for each in said), (place, ended)
        assert _CAUSE.search(ended.err), (place, ended)
        held = _LOG_HOLDS.search(ended.err)
        assert held is not None or recorded.name not in _TELL, (place, ended)
        if held is not None:
            assert int(held[1]) == last_of(where, recorded.case.ledger), (place, ended)
        if not place.name.startswith(("unlink", "rmdir")):  # it may not be taken away
            assert files_in(where) <= recorded.files, (place, ended)
    goes_through(recorded.case, where, acknowledged=ended.code == 0)
    assert files_in(where) == recorded.files, place


def cut(recorded: Recorded, keep: Keep, *, every: bool, lies: bool = False) -> int:
    """Cut the power after each call that the disk hears of, or after three; return how often."""
    recorded.begin()
    disk, acknowledged = Disk(recorded.where, lies=lies), False
    heard = [n for n, call in enumerate(recorded.calls) if disk.hears(call)]
    chosen = set(heard if every else heard[:: len(heard) // 3])
    for number, call in enumerate(recorded.calls):
        acknowledged |= call.answers
        disk.take(call)
        if number in chosen:
            look(recorded, disk, keep, number, acknowledged=acknowledged)
    at_the_end: tuple[Keep, ...] = (keep,) if every else (keep, "none")
    for each in at_the_end:
        look(recorded, disk, each, len(recorded.calls), acknowledged=True)
    return len(chosen) + 1


def look(recorded: Recorded, disk: Disk, keep: Keep, number: int, *, acknowledged: bool) -> None:
    """Cut the power now, and see whether the command goes through on what is left."""
    where = recorded.where.with_name("cut")
    shutil.rmtree(where, ignore_errors=True)
    disk.cut(where, keep, random.Random(number))  # noqa: S311 - the same each time
    (where / STARTED).write_text("after the power came back")
    try:
        goes_through(recorded.case, where, acknowledged=acknowledged)
    except (AssertionError, OSError) as error:
        raise AssertionError((recorded.name, number, keep, acknowledged)) from error


def test_a_command_withstands_a_kill_an_error_and_a_power_cut(
    name: str, recorded: Callable[[str], Recorded]
) -> None:
    command = recorded(name)
    places = command.places()
    assert len(places) >= 8, "it writes, and makes it durable"
    killed(command, places[len(places) // 2])
    syncs = [each for each in places if each.name in ("fsync", "fdatasync")]
    if list(CASES).index(name) % 2 and syncs:  # replay has none: what it makes is disposable
        refused(command, syncs[len(syncs) // 2], "EIO")
    else:
        refused(command, next(each for each in places if each.data), "ENOSPC")
    cut(command, "mixed", every=False)


def test_a_backup_is_on_the_disk_before_it_is_read_through(
    recorded: Callable[[str], Recorded],
) -> None:
    # What is read from memory says nothing of a page that the disk refuses later.
    calls = [each for each in recorded("backup").calls if each.paths[-1].name.endswith(".new")]
    reading = next(n for n, each in enumerate(calls) if each.flags.startswith("O_RDONLY"))
    heard = [each.name for each in calls[:reading] if each.name in ("pwrite64", *SYNCS)]
    assert heard.count("pwrite64") > 1
    assert heard[-1] in SYNCS


def test_a_fork_that_cannot_be_written_to_its_end_is_none(
    recorded: Callable[[str], Recorded],
) -> None:
    # The last pages are written as the file is closed, which SQLite says nothing of.
    fork = recorded("fork")
    pages = [
        each
        for each in fork.places()
        if each.name == "pwrite64" and each.paths[-1].name == "record.sqlite3.new"
    ]
    refused(fork, pages[-1], "EIO")


@pytest.mark.long
@pytest.mark.parametrize("name", ["copy", "backup"])
def test_where_a_read_fails_source_and_copy_are_named(
    name: str, story: Path, tmp_path: Path
) -> None:
    where, words = tmp_path / "here", CASES[name].words
    shutil.copytree(story, where)
    long = MORE.replace("party/pk", "party/p-{n}") + 'note = "{note}"\n'
    more_than_a_cache = (long.format(n=n, note=1_900 * "x") for n in range(1200))
    (where / "long.toml").write_text("".join(more_than_a_cache))
    well(where, "--ledger", "ledger", "append", "long.toml")
    shutil.copytree(where, tmp_path / "begin")
    _, calls = run_traced(words, where, ("openat", *READS))
    copying = next(n for n, call in enumerate(calls) if "O_EXCL" in call.flags)
    record = where / "ledger" / "record.sqlite3"
    read = next(each for each in calls[copying:] if each[:2] == ("pread64", (record,)))
    shutil.rmtree(where)
    shutil.copytree(tmp_path / "begin", where)
    ended = run_injected(words, where, read, "error=EIO")
    assert ended.code == 7, ended
    assert re.search(r"Cannot copy ledger/record\.sqlite3 to new.*: d", ended.err), ended


@pytest.mark.long
def test_a_command_killed_before_any_call_goes_through(
    name: str, recorded: Callable[[str], Recorded], measured: Callable[[str], None]
) -> None:
    command = recorded(name)
    for place in command.places():
        killed(command, place)
    measured(f"{len(command.places())} kills")


@pytest.mark.long
@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_the_disk_at_any_call_is_told_and_leaves_no_half(
    name: str, error: str, recorded: Callable[[str], Recorded], measured: Callable[[str], None]
) -> None:
    command = recorded(name)
    places = [each for each in command.places() if not each.answers and each.name != "sync"]
    for place in places:
        refused(command, place, error)
    measured(f"{len(places)} errors")


@pytest.mark.long
def test_a_power_cut_after_any_call_loses_nothing_acknowledged(
    name: str, recorded: Callable[[str], Recorded], measured: Callable[[str], None]
) -> None:
    command = recorded(name)
    images = sum(cut(command, keep, every=True) for keep in KEEPS)
    measured(f"{images} power cuts")


def test_a_disk_that_syncs_nothing_is_found_out(recorded: Callable[[str], Recorded]) -> None:
    # Without this the other tests could pass by looking at nothing.
    with pytest.raises(AssertionError):
        cut(recorded("append"), "none", every=False, lies=True)
