"""Does the disk whose power is cut keep what was synced, and nothing else for certain?"""

import random
from pathlib import Path

import pytest

from tests.faults.disk_model import Disk, Keep
from tests.faults.syscalls import Call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a file in it, which is safe."""
    made = tmp_path / "folder"
    made.mkdir()
    (made / "old").write_bytes(b"before")
    return made


def call(name: str, *paths: Path, data: bytes = b"", at: int = 0, flags: str = "") -> Call:
    return Call(name, paths, data, (len(data), at), flags, len(data), 1)


def written(path: Path, data: bytes, at: int = 0) -> Call:
    return call("pwrite64", path, data=data, at=at)


def made(path: Path) -> Call:
    return call("openat", path, flags="O_RDWR|O_CREAT 0600")


def left(folder: Path, *calls: Call, keep: Keep = "none", seed: int = 0) -> dict[str, bytes]:
    """Return the files that a folder holds after some calls and a power cut."""
    disk = Disk(folder)
    for each in calls:
        disk.take(each)
    after = folder.with_name(f"after-{seed}-{keep}")
    disk.cut(after, keep, random.Random(seed))  # noqa: S311 - the same each time
    return {path.name: path.read_bytes() for path in after.iterdir()}


def test_a_write_is_safe_once_its_file_was_synced(folder: Path) -> None:
    old = folder / "old"
    write = written(old, b"AFTER")
    assert left(folder, write) == {"old": b"before"}
    assert left(folder, write, call("fdatasync", old), seed=1) == {"old": b"AFTERe"}
    assert left(folder, write, keep="all") == {"old": b"AFTERe"}


def test_a_name_is_safe_once_its_folder_was_synced(folder: Path) -> None:
    new = folder / "new"
    making = [made(new), written(new, b"x"), call("fsync", new)]
    assert left(folder, *making) == {"old": b"before"}
    assert left(folder, *making, call("fsync", folder), seed=1) == {"old": b"before", "new": b"x"}


def test_a_named_file_that_was_not_synced_may_be_empty(folder: Path) -> None:
    new, work = folder / "new", folder / "work"
    calls = [made(work), written(work, b"x"), call("rename", work, new), call("fsync", folder)]
    assert left(folder, *calls) == {"old": b"before", "new": b""}


def test_a_rename_happens_or_not_and_never_by_half(folder: Path) -> None:
    work, old = folder / "work", folder / "old"
    calls = [made(work), written(work, b"x"), call("fsync", work), call("fsync", folder)]
    rename = call("rename", work, old)
    found = [left(folder, *calls, rename, keep="mixed", seed=seed) for seed in range(20)]
    assert {tuple(sorted(each.items())) for each in found} == {
        (("old", b"x"),),
        (("old", b"before"), ("work", b"x")),
    }


def test_of_two_writes_the_later_may_be_the_only_one(folder: Path) -> None:
    old = folder / "old"
    calls = [written(old, b"B"), written(old, b"E", 1)]
    found = {left(folder, *calls, keep="mixed", seed=seed)["old"] for seed in range(40)}
    assert found == {b"before", b"Before", b"bEfore", b"BEfore"}


def test_a_long_write_may_be_torn(folder: Path) -> None:
    old = folder / "old"
    write = written(old, b"x" * 1024)
    lengths = {len(left(folder, write, keep="mixed", seed=n)["old"]) for n in range(40)}
    assert lengths == {len(b"before"), 512, 1024}


def test_a_file_is_cut_and_removed_for_certain_only_after_a_sync(folder: Path) -> None:
    old = folder / "old"
    cut = Call("ftruncate", (old,), b"", (2,), "2", 0, 1)
    assert left(folder, cut) == {"old": b"before"}
    assert left(folder, cut, call("fsync", old), seed=1) == {"old": b"be"}
    assert left(folder, call("unlink", old), seed=2) == {"old": b"before"}
    assert left(folder, call("unlink", old), call("fsync", folder), seed=3) == {}
