"""Write files atomically: a file gets its name only when it is complete and durable.

It is written under a temporary name that no reader looks for, flushed to the disk, and then
renamed: a file that has the name is complete, however the writer was stopped.
"""

import errno
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PRIVATE = 0o600
_NEW = ".new"
_is_unnamed = re.compile(r"\.[0-9a-f]{16}\.new").fullmatch
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # as on FAT


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error of reading or writing within say which file it was, where it does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


@contextmanager
def open_unnamed(folder: Path, mode: int | None = PRIVATE) -> Iterator[BinaryIO]:
    """Open a new file in a folder under a temporary name; it is removed if the writing fails.

    It gets this mode whatever the umask, or the mode of the umask if `mode` is None. While it is
    written it is locked: `sweep_unnamed` removes what is not.
    """
    new = folder / f".{secrets.token_hex(8)}{_NEW}"
    made = 0o666 if mode is None else mode
    try:
        with open(new, "xb", opener=lambda path, flags: os.open(path, flags, made)) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            with naming(new):
                yield file
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def sweep_unnamed(folder: Path) -> None:
    """Remove what killed runs of `open_unnamed` left in a folder."""
    for left in folder.iterdir():
        if _is_unnamed(left.name):
            _sweep(left)


def commit_file(file: BinaryIO, path: Path) -> None:
    """Make a file's content durable, then its name; a file that had the name is replaced."""
    file.flush()
    os.fsync(file.fileno())
    Path(file.name).replace(path)
    sync_folder(path.parent)


def replace_file(path: Path, data: bytes, mode: int | None = PRIVATE) -> None:
    """Write a file with this content, and replace any file that has the name."""
    with open_unnamed(path.parent, mode) as file:
        file.write(data)
        commit_file(file, path)


def write_new_file(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file with this content, whole and durable, where nothing has its name.

    It gets the mode of the umask if `mode` is None. Raises FileExistsError, also for a link's name.
    """
    with beside(path, mode) as work:
        work.write_bytes(data)
        name_file(work, path)


@contextmanager
def beside(path: Path, mode: int | None = PRIVATE) -> Iterator[Path]:
    """Give an empty file, beside the name that `name_file` gives it once it is whole.

    Its mode is this one, or that of the umask if `mode` is None.

    It is removed at the end. What killed runs left beside this name is swept first: a file that is
    still being written is locked by who writes it.
    """
    start = f".{path.name[:100]}."
    for left in [each for each in path.parent.iterdir() if each.name.startswith(start)]:
        if left.name.endswith(_NEW):
            _sweep(left)
    work = path.with_name(f"{start}{secrets.token_hex(8)}{_NEW}")
    made = 0o666 if mode is None else mode
    descriptor = os.open(work, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, made)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with naming(work):
            yield work
    finally:
        _remove(work)
        os.close(descriptor)


def name_file(work: Path, path: Path) -> None:
    """Make a file durable, and give it a name that nothing has; raise FileExistsError."""
    with work.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(work, path)  # unlike a rename it replaces nothing
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists() or path.is_symlink():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        work.rename(path)
    work.unlink(missing_ok=True)
    sync_folder(path.absolute().parent)


def _sweep(left: Path) -> None:
    try:
        descriptor = os.open(left, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pass  # it is being written
    else:
        _remove(left)
    finally:
        os.close(descriptor)


def _remove(work: Path) -> None:
    for tail in ("", "-journal", "-wal", "-shm"):
        work.with_name(work.name + tail).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
