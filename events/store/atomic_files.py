"""Write files atomically: a file gets its name only when it is complete and durable.

It is written under a temporary name that no reader looks for, flushed to the disk, and then
renamed: a file that has the name is complete, however the writer was stopped.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PRIVATE = 0o600


@contextmanager
def open_unnamed(folder: Path, mode: int | None = PRIVATE) -> Iterator[BinaryIO]:
    """Open a new file in a folder under a temporary name; it is removed if the writing fails.

    It gets this mode whatever the umask, or the mode of the umask if `mode` is None.
    """
    new = folder / f".{secrets.token_hex(8)}.new"
    made = 0o666 if mode is None else mode
    try:
        with open(new, "xb", opener=lambda path, flags: os.open(path, flags, made)) as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            yield file
    except BaseException:
        new.unlink(missing_ok=True)
        raise


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


def create_file(path: Path, data: bytes) -> None:
    """Write a file with this content, whole and durable, where nothing has its name.

    It gets the mode of the umask. Raises FileExistsError, also where the name is a link's.
    """
    with open_unnamed(path.parent, None) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        os.link(file.name, path)  # unlike a rename it replaces nothing
        Path(file.name).unlink()
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
