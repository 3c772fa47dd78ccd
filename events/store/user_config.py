"""Keep files in the folders of this program's own settings and state, outside every ledger.

They are `$XDG_CONFIG_HOME/depositary`, or `~/.config/depositary`, and `$XDG_STATE_HOME/depositary`,
or `~/.local/state/depositary`: 0700, their files 0600. What stands in them is the reader's own word
(whose key signs, which folders are trusted, private keys; up to where a log was looked at), and so
it is believed only where no other user can write it.
"""

import os
import stat
from contextlib import AbstractContextManager
from pathlib import Path

from events.errors import NotPossibleError
from events.store.atomic_files import locked, make_folder, replace_file
from events.store.plain_files import NotAFileError, open_plain

MAX_CONFIG_BYTES = 1_000_000
_LOCK = "lock"
_KEYS = "keys"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class ConfigFileError(NotPossibleError):
    """A file of the configuration is the user's own, and no other user may write it."""


def config_folder() -> Path:
    """Return the folder of this program's own settings and keys; it need not be there."""
    return _own_folder("XDG_CONFIG_HOME", ".config")


def key_folder(ledger_id: str) -> Path:
    """Return the folder of a ledger's private keys; it need not be there."""
    return config_folder() / _KEYS / ledger_id


def state_folder() -> Path:
    """Return the folder of what this program remembers for its user; it need not be there."""
    return _own_folder("XDG_STATE_HOME", ".local/state")


def _own_folder(variable: str, below_home: str) -> Path:
    base = os.environ.get(variable) or ""
    return (Path(base) if base.startswith("/") else Path.home() / below_home) / "depositary"


def make_own_folder(folder: Path) -> None:
    """Make an own folder and those above it up to the home folder, 0700.

    A home folder is not made: /nonexistent is how Debian says that a service has none. Raises
    ConfigFileError where it is not there.
    """
    home = Path.home()
    if folder.is_relative_to(home) and not home.exists():
        why = f"HOME is {home}, and there is no such folder"
        then = "set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME, to folders of yours"
        raise ConfigFileError("there is nowhere to keep it", why, then)
    make_folder(folder)


def read_config(name: str, folder: Path | None = None) -> str | None:
    """Return the text of a file of the folder, or of another own folder; None where there is none.

    Raises ConfigFileError for a file that others may write, that is no plain file, that is no UTF-8
    or that has more than 1,000,000 bytes.
    """
    path = (folder or config_folder()) / name
    try:
        with open_plain(path) as file:
            found = os.fstat(file.fileno())
            data = file.read(MAX_CONFIG_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (NotAFileError, IsADirectoryError):
        raise _refused(path, "it is not a file", f"move {path} away") from None
    if found.st_mode & _OTHERS_WRITE or found.st_uid not in (os.geteuid(), 0):
        why = f"its mode is {stat.S_IMODE(found.st_mode):o}, its owner {found.st_uid}"
        raise _refused(path, why, f"read it, then chmod 600 {path}")
    if len(data) > MAX_CONFIG_BYTES:
        raise _refused(path, f"it has more than {MAX_CONFIG_BYTES:,} bytes", f"move {path} away")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _refused(path, "it is not UTF-8 text", f"move {path} away") from None


def write_config(name: str, text: str, folder: Path | None = None) -> Path:
    """Write a file of the folder, or of another own folder, whole and durable, 0600.

    Whoever changes a file reads and writes it within `config_lock`. Returns the path; raises
    ConfigFileError for what would be too long to be read again.
    """
    data, path = text.encode(), (folder or config_folder()) / name
    if len(data) > MAX_CONFIG_BYTES:
        why = f"it would have more than {MAX_CONFIG_BYTES:,} bytes"
        raise _refused(path, why, "take out of it what is no longer needed")
    make_own_folder(path.parent)
    replace_file(path, data)
    return path


def config_lock(folder: Path | None = None) -> AbstractContextManager[None]:
    """Let one process at a time change the files of the folder, or of another own folder."""
    make_own_folder(folder or config_folder())
    return locked((folder or config_folder()) / _LOCK)


def _refused(path: Path, why: str, then: str) -> ConfigFileError:
    return ConfigFileError("a file of your configuration is not used", f"{path}: {why}", then)
