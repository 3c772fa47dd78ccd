"""Write the pages of a site into a folder, the pinned ones never over other bytes."""

import hashlib
import os
from pathlib import Path

from events.errors import TamperingError
from events.store.atomic_files import open_unnamed

SUMS = "site.sha256"
_MODE = 0o644


class PinnedChangedError(TamperingError):
    """A page whose clocks are all in its address stays as it was written."""


def write_site(files: dict[str, bytes], folder: Path) -> int:
    """Write the files of a site, the pinned ones first; return how many are new or changed.

    Before anything is written it raises PinnedChangedError for a pinned page that has other bytes:
    it was changed, or another version wrote it.
    """
    changed = [name for name in sorted(files, key=_order) if _differs(folder / name, files[name])]
    for name in changed:
        if _is_pinned(name) and (folder / name).exists():
            what = "a pinned page is there with other bytes: nothing is overwritten"
            then = "publish to another folder, or take the page away"
            by = "made by another version" if _is_as_listed(folder, name) else "changed since then"
            raise PinnedChangedError(what, f"{folder / name} was {by}", then)
    for name in changed:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_unnamed(path.parent, _MODE) as file:
            file.write(files[name])
        Path(file.name).rename(path)
    if changed:
        os.sync()  # one for all, where one each is slow
    return len(changed)


def differing_pages(files: dict[str, bytes], folder: Path) -> list[str]:
    """Return the files of a site that are missing in a folder, or are there with other bytes."""
    return [name for name in sorted(files) if _differs(folder / name, files[name])]


def _differs(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() != data
    except OSError:
        return True


def _is_as_listed(folder: Path, name: str) -> bool:
    """Say whether a file of a site is as site.sha256 says."""
    try:
        listed = (folder / SUMS).read_text("utf-8", "replace").splitlines()
        return f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" in listed
    except OSError:
        return False


def _order(name: str) -> tuple[bool, bool, str]:
    return name == SUMS, not _is_pinned(name), name


def _is_pinned(name: str) -> bool:
    return name.startswith("~as-of=") and "/~known-at=@" in name
