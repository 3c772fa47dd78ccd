"""How does a file get its name: only when it is whole, and for good?

It is written beside, under a name that nothing looks for, made durable, and then named: whoever
finds a file of the name finds all of it, whatever stopped the writer.
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
    """Give a new file in a folder; gone if the writing fails.

    It is of this mode whatever the umask, or as the umask has it if there is none.
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
    """Make what was written to a file durable, and then its name; what had the name is gone."""
    file.flush()
    os.fsync(file.fileno())
    Path(file.name).replace(path)
    sync_folder(path.parent)


def replace_file(path: Path, data: bytes, mode: int | None = PRIVATE) -> None:
    """Put a file with this content in the place of what has the name, if anything has."""
    with open_unnamed(path.parent, mode) as file:
        file.write(data)
        commit_file(file, path)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
