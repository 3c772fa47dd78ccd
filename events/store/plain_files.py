"""Open files that others may have put there: plain ones, and nothing that waits or has no end.

A FIFO keeps whoever opens it waiting, a device gives bytes for ever, and a link leads elsewhere.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

# Beside a database SQLite opens these itself: it would wait at a FIFO, and write through a link.
_BESIDE = ("-journal", "-wal", "-shm")


class NotAFileError(OSError):
    """What is read as a file is one: no FIFO, device or socket, and where it is said so no link."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(errno.EINVAL, f"it is {what}, and a file is wanted", str(path))


def open_plain(path: Path, *, follow: bool = True) -> BinaryIO:
    """Open a plain file, through a link if `follow`; raise NotAFileError at once, or OSError."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP and path.is_symlink():
            raise NotAFileError(path, "a link") from None
        if error.errno == errno.ENXIO:
            raise NotAFileError(path, "a socket") from None
        raise
    try:
        _check(path, os.fstat(descriptor))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_plain(path: Path, most: int, *, follow: bool = True) -> bytes:
    """Return the bytes of a plain file, of at most so many; raise NotAFileError and OSError."""
    with open_plain(path, follow=follow) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise NotAFileError(path, f"longer than {most:,} bytes")
    return data


def refuse_link(folder: Path) -> None:
    """Raise NotAFileError for a folder that is a link, and so stands elsewhere."""
    if folder.is_symlink():
        raise NotAFileError(folder, "a link")


def check_database(path: Path, *, follow: bool = True) -> None:
    """Raise NotAFileError where a database, or what lies beside it, is there and no plain file."""
    for beside in ("", *_BESIDE):
        each = Path(f"{path}{beside}")
        try:
            found = each.stat() if follow and not beside else each.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        _check(each, found)


def _check(path: Path, found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    kinds = {stat.S_IFIFO: "a FIFO", stat.S_IFLNK: "a link", stat.S_IFSOCK: "a socket"}
    raise NotAFileError(path, kinds.get(stat.S_IFMT(found.st_mode), "a device"))
