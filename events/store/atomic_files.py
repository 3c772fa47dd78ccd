"""Write files atomically: a file gets its name only when it is complete and durable.

It is written under a temporary name that no reader looks for, flushed to the disk, and then
renamed: a file that has the name is complete, however the writer was stopped.
"""

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PRIVATE = 0o600
_NEW = ".new"
_is_unnamed = re.compile(r"\.[0-9a-f]{16}\.new").fullmatch
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # as on FAT


def _unlike() -> str:
    return os.urandom(8).hex()  # as `secrets`, which loads a library of ciphers


@contextmanager
def open_unnamed(folder: Path, mode: int | None = PRIVATE) -> Iterator[BinaryIO]:
    """Open a new file in a folder under a temporary name; it is removed if the writing fails.

    It gets this mode whatever the umask, or the mode of the umask if `mode` is None. While it is
    written it is locked: `sweep_unnamed` removes what is not.
    """
    new = folder / f".{_unlike()}{_NEW}"
    made = 0o666 if mode is None else mode
    try:
        with (
            naming(folder),
            open(new, "xb", opener=lambda path, flags: os.open(path, flags, made)) as file,
        ):
            fcntl.flock(file, fcntl.LOCK_EX)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
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
    with naming(path):
        file.flush()
        os.fsync(file.fileno())
        Path(file.name).replace(path)
    sync_folder(path.parent)


def replace_file(path: Path, data: bytes, mode: int | None = PRIVATE) -> None:
    """Write a file with this content, and replace any file that has the name."""
    sweep_unnamed(path.parent)
    with naming(path), open_unnamed(path.parent, mode) as file:
        file.write(data)
        commit_file(file, path)


def write_new_file(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file with this content, whole and durable, where nothing has its name.

    It gets the mode of the umask if `mode` is None. Raises FileExistsError, also for a link's name.
    """
    with new_file(path, mode) as work:
        work.write_bytes(data)


@contextmanager
def new_file(path: Path, mode: int | None = None) -> Iterator[Path]:
    """Give an empty file, which gets a name that nothing has once it is whole and durable.

    Raises FileExistsError, also for a link's name, before anything is written and after.
    """
    if is_taken(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    with beside(path, mode) as work:
        yield work
        name_file(work, path)


def is_taken(path: Path) -> bool:
    """Say whether something has a name; what killed runs left beside it is swept."""
    sweep_beside(path)
    return path.exists() or path.is_symlink()


def sweep_beside(path: Path) -> None:
    """Remove what killed runs of `beside` left: what is still being written is locked."""
    begins = f".{path.name[:100]}."
    with suppress(OSError):
        for left in os.listdir(path.parent):
            if left.startswith(begins) and left.endswith(_NEW):
                _sweep(path.parent / left)


@contextmanager
def beside(path: Path, mode: int | None = PRIVATE) -> Iterator[Path]:
    """Give an empty file, beside the name that `name_file` gives it once it is whole.

    Its mode is this one, or that of the umask if `mode` is None. It is removed at the end.
    """
    sweep_beside(path)
    work = path.with_name(f".{path.name[:100]}.{_unlike()}{_NEW}")
    made = 0o666 if mode is None else mode
    with naming(path):
        descriptor = os.open(work, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, made)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield work
        finally:
            remove_database(work)
            os.close(descriptor)


def name_file(work: Path, path: Path) -> None:
    """Make a file durable, and give it a name that nothing has; raise FileExistsError.

    Where the name cannot be made durable it is taken away again.
    """
    sync_file(work)
    try:
        os.link(work, path)  # unlike a rename it replaces nothing
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists() or path.is_symlink():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        work.rename(path)
    try:
        work.unlink(missing_ok=True)
        sync_folder(path.absolute().parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error of the disk name this file, where it names none, or one under another name."""
    try:
        yield
    except OSError as error:
        if error.filename is None or str(error.filename).endswith(_NEW):
            error.filename, error.filename2 = str(path), None
        raise


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
        remove_database(left)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time work within: by a lock file, made if it is missing, or a folder."""
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    descriptor = os.open(path, flags | os.O_CLOEXEC, PRIVATE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def remove_database(path: Path) -> None:
    """Remove a file of SQLite, and what lies beside it while it is used."""
    for tail in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def make_folder(folder: Path) -> list[Path]:
    """Make a folder and those above it that are missing, 0700, durably; return those made."""
    folder = folder.absolute()
    missing = [each for each in reversed((folder, *folder.parents)) if not each.exists()]
    made: list[Path] = []
    try:
        for each in missing:
            each.mkdir(0o700, exist_ok=True)  # another may be faster
            made.append(each)
            sync_name(each)
    except BaseException:
        for each in reversed(made):
            remove_empty(each)
        raise
    return made


def remove_empty(folder: Path) -> None:
    """Remove a folder, unless anything is in it."""
    with suppress(OSError):
        folder.rmdir()


def sync_name(path: Path) -> None:
    """Make the name of a file or folder durable, unless the folder that it is in is unreadable."""
    with suppress(PermissionError):
        sync_folder(path.absolute().parent)


def sync_file(path: Path) -> None:
    """Make what a file holds durable."""
    with naming(path), path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    with naming(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
