"""Keep files in the folder of this program's own settings, outside every ledger.

It is `$XDG_CONFIG_HOME/depositary`, or `~/.config/depositary`: 0700, its files 0600. What stands in
it is the reader's own word (whose key signs, which folders are trusted, private keys), and so it is
believed only where nobody else can write it.
"""

import os
import stat
from contextlib import AbstractContextManager
from pathlib import Path

from events.errors import NotPossibleError
from events.store.atomic_files import locked, make_folder, replace_file

MAX_CONFIG_BYTES = 1_000_000
_LOCK = "lock"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class ConfigFileError(NotPossibleError):
    """A file of the configuration is the user's own, and no other user may write it."""


def config_folder() -> Path:
    """Return the folder of this program's own settings and keys; it need not be there."""
    base = os.environ.get("XDG_CONFIG_HOME") or ""
    return (Path(base) if base.startswith("/") else Path.home() / ".config") / "depositary"


def make_config_folder(*below: str) -> Path:
    """Return the folder, or one below it, and make each that is missing, 0700."""
    folder = config_folder().joinpath(*below)
    make_folder(folder)
    return folder


def read_config(name: str) -> str | None:
    """Return the text of a file of the folder, None where there is none.

    Raises ConfigFileError for a file that others may write, that is no plain file, that is no UTF-8
    or that has more than 1,000,000 bytes.
    """
    path = config_folder() / name
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _refused(path, "it is not a file", f"move {path} away")
        if found.st_mode & _OTHERS_WRITE or found.st_uid not in (os.geteuid(), 0):
            why = f"its mode is {stat.S_IMODE(found.st_mode):o}, its owner {found.st_uid}"
            raise _refused(path, why, f"read it, then chmod 600 {path}")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_CONFIG_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(data) > MAX_CONFIG_BYTES:
        raise _refused(path, f"it has more than {MAX_CONFIG_BYTES:,} bytes", f"move {path} away")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _refused(path, "it is not UTF-8 text", f"move {path} away") from None


def write_config(name: str, text: str) -> Path:
    """Write a file of the folder, whole and durable, 0600; return its path.

    Whoever changes a file reads and writes it within `config_lock`.
    """
    path = make_config_folder() / name
    replace_file(path, text.encode())
    return path


def config_lock() -> AbstractContextManager[None]:
    """Let one process at a time change the files of the folder."""
    return locked(make_config_folder() / _LOCK)


def _refused(path: Path, why: str, then: str) -> ConfigFileError:
    return ConfigFileError("a file of your configuration is not used", f"{path}: {why}", then)
