"""A disk whose power can be cut: what a run asked of it, and what may be left of that.

The model is what POSIX promises and no more. What was written to a file is safe once the file was
synced; a name that was made, moved or removed is safe once its folder was synced. Of what is not
safe any part may be on the disk, in any order: no write is before another until a sync says so.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from tests.faults.syscalls import SYNCS, Call

Change = TypeVar("Change")
Keep = Literal["none", "all", "mixed"]
SECTOR_BYTES = 512  # what a disk writes as a whole
_CHANGE_NOTHING = ("openat", "lseek", "close", "fchmod", "chmod", "fchmodat")
_REBUILT = "-shm"  # written through shared memory, which is no disk: SQLite makes it anew


class _File:
    """The bytes that are safe, and the changes that are not: an offset and bytes, or a length."""

    def __init__(self, data: bytes = b"", mode: int = 0o600) -> None:
        self.data, self.mode = data, mode
        self.pending: list[tuple[int, bytes | None]] = []

    def sync(self) -> None:
        self.data, self.pending = _changed(self.data, self.pending), []

    def length(self) -> int:
        return len(_changed(self.data, self.pending))


class _Folder:
    """The names that are safe, those that are seen, and the changes that are not safe."""

    def __init__(self) -> None:
        self.safe: dict[str, _Node] = {}
        self.seen: dict[str, _Node] = {}
        self.pending: list[dict[str, _Node | None]] = []
        self.mode = 0o700

    def change(self, **names: "_Node | None") -> None:
        self.pending.append(names)
        self.seen = _renamed(self.seen, [names])

    def sync(self) -> None:
        self.safe, self.pending = dict(self.seen), []


_Node = _File | _Folder


def _changed(data: bytes, changes: Iterable[tuple[int, bytes | None]]) -> bytes:
    found = bytearray(data)
    for at, new in changes:
        length = at if new is None else max(len(found), at + len(new))
        found = found[:length].ljust(length, b"\0")
        if new is not None:
            found[at : at + len(new)] = new
    return bytes(found)


def _renamed(
    names: dict[str, _Node], changes: Iterable[dict[str, _Node | None]]
) -> dict[str, _Node]:
    found: dict[str, _Node | None] = dict(names)
    for change in changes:
        found |= change
    return {name: node for name, node in found.items() if node is not None}


class Disk:
    """A folder as it was before a run, all of it safe, and what the run asks of it since.

    `lies` makes a disk that acknowledges each sync and does nothing.
    """

    def __init__(self, folder: Path, *, lies: bool = False) -> None:
        self._root, self._where, self._lies = _Folder(), folder, lies
        self._offsets: dict[Path, int] = {}
        for path in sorted(folder.rglob("*")):
            node: _Node = _Folder() if path.is_dir() else _File(path.read_bytes())
            node.mode = path.stat().st_mode & 0o777
            self._put(path, node)
        for each in self._nodes():
            each.sync()

    def hears(self, call: Call) -> bool:
        """Say whether a system call changes or syncs anything here."""
        if call.name == "sync":
            return True
        if not call.paths[-1].is_relative_to(self._where):
            return False
        return call.name not in _CHANGE_NOTHING or "O_CREAT" in call.flags or "_TRUNC" in call.flags

    def take(self, call: Call) -> None:
        """Do what a system call asks for."""
        path = call.paths[-1]
        if call.name == "sync":
            for each in [] if self._lies else list(self._nodes()):
                each.sync()
        elif not path.is_relative_to(self._where):
            return
        elif call.name in SYNCS:
            self._sync(path)
        elif call.name == "openat":
            self._open(path, call)
        elif call.name in ("write", "pwrite64"):
            self._write(path, call)
        elif call.name == "ftruncate":
            self._file(path).pending.append((call.numbers[-1], None))
        elif call.name.startswith(("rename", "link", "unlink", "mkdir", "rmdir")):
            self._name(call)
        else:
            assert call.name in _CHANGE_NOTHING, f"{call.name}: what it writes is not seen"

    def cut(self, target: Path, keep: Keep, chosen: random.Random) -> None:
        """Write what the disk holds after the power was cut, to a folder that is not there yet.

        Of what is not safe nothing is kept, everything, or some of it: a write may be torn.
        """
        self._cut(self._root, target, keep, chosen)

    def _cut(self, folder: _Folder, target: Path, keep: Keep, chosen: random.Random) -> None:
        target.mkdir()
        for name, node in _renamed(folder.safe, _kept(folder.pending, keep, chosen)).items():
            if isinstance(node, _Folder):
                self._cut(node, target / name, keep, chosen)
            elif not name.endswith(_REBUILT):
                kept = [_torn(each, keep, chosen) for each in _kept(node.pending, keep, chosen)]
                (target / name).write_bytes(_changed(node.data, kept))
                (target / name).chmod(node.mode)
        target.chmod(folder.mode)

    def _nodes(self, folder: _Folder | None = None) -> Iterator[_Node]:
        folder = folder or self._root
        yield folder
        for node in list(folder.seen.values()):
            if isinstance(node, _Folder):
                yield from self._nodes(node)
            else:
                yield node

    def _folder(self, path: Path) -> _Folder:
        found = self._root
        for name in path.relative_to(self._where).parts:
            node = found.seen[name]
            assert isinstance(node, _Folder), path
            found = node
        return found

    def _put(self, path: Path, node: _Node | None) -> None:
        self._folder(path.parent).change(**{path.name: node})

    def _node(self, path: Path) -> _Node | None:
        return self._root if path == self._where else self._folder(path.parent).seen.get(path.name)

    def _file(self, path: Path) -> _File:
        found = self._node(path)
        # A file that has no name any more is no part of what is left.
        return found if isinstance(found, _File) else _File()

    def _sync(self, path: Path) -> None:
        found = self._node(path)
        if found is not None and not self._lies:
            found.sync()

    def _open(self, path: Path, call: Call) -> None:
        flags = call.flags.split()[0].split("|")
        found = self._node(path)
        self._offsets[path] = 0
        if found is None and "O_CREAT" in flags:
            self._put(path, _File(mode=int(call.flags.split()[-1], 8)))
        if isinstance(found, _File) and "O_APPEND" in flags:
            self._offsets[path] = found.length()
        if isinstance(found, _File) and "O_TRUNC" in flags:
            found.pending.append((0, None))

    def _write(self, path: Path, call: Call) -> None:
        if call.name == "pwrite64":
            at = call.numbers[-1]
        else:
            at = self._offsets[path]
            self._offsets[path] = at + call.result
        self._file(path).pending.append((at, call.data[: call.result]))

    def _name(self, call: Call) -> None:
        old, new = call.paths[0], call.paths[-1]
        node = self._node(old)
        if call.name.startswith("mkdir"):
            self._put(old, _Folder())
        elif call.name.startswith(("unlink", "rmdir")):
            self._put(old, None)
        elif call.name.startswith("link"):
            self._put(new, node)
        elif old.parent == new.parent:  # one step for the disk, too
            self._folder(old.parent).change(**{old.name: None, new.name: node})
        else:
            self._put(new, node)
            self._put(old, None)


def _kept(changes: Sequence[Change], keep: Keep, chosen: random.Random) -> list[Change]:
    if keep == "mixed":
        return [each for each in changes if chosen.random() < 0.5]
    return list(changes) if keep == "all" else []


def _torn(
    change: tuple[int, bytes | None], keep: Keep, chosen: random.Random
) -> tuple[int, bytes | None]:
    at, data = change
    if keep != "mixed" or data is None or len(data) <= SECTOR_BYTES or chosen.random() < 0.5:
        return change
    return at, data[: chosen.randrange(1, len(data) // SECTOR_BYTES + 1) * SECTOR_BYTES]
