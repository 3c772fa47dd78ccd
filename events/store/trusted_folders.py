"""Remember which folders may name a database, in the user's own configuration.

Who downloads a folder and works in it has typed no address: what its depositary.toml names would
be given the user's name and password. So an address that a folder names is used only after
`depositary trust DIR`, which is for this folder and this address (as safe.directory of git and
allow of direnv are), and it may say no more than FOLDER_OPTIONS.
"""

import os
import tomllib
from pathlib import Path
from shlex import quote
from typing import NamedTuple

import tomli_w

from events.errors import NotPossibleError
from events.store.location import Address
from events.store.user_config import (
    ConfigFileError,
    config_folder,
    config_lock,
    read_config,
    write_config,
)

TRUSTED = "trusted.toml"
_ABOUT = "# Folders whose depositary.toml may name a database: depositary trust --help\n"


class TrustedFolder(NamedTuple):
    """A folder, as an absolute path without links, and the address that it may name."""

    folder: str
    database: str


def trusted_folders() -> list[TrustedFolder]:
    """Return the folders that are trusted, by their paths; raise ConfigFileError."""
    text = read_config(TRUSTED)
    if text is None:
        return []
    try:
        rows = tomllib.loads(text).get("folder", [])
        return sorted(TrustedFolder(str(row["path"]), str(row["database"])) for row in rows)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        path = config_folder() / TRUSTED
        why, then = f"{path} lists no folders as this program does", f"move {path} away"
        raise ConfigFileError("a file of your configuration is not used", why, then) from None


def trust_folder(folder: Path, database: Address) -> None:
    """Let a folder name this address from now on, in place of any other."""
    with config_lock():
        others = [each for each in trusted_folders() if each.folder != _named(folder)]
        _write([*others, TrustedFolder(_named(folder), str(database))])


def distrust_folder(folder: Path) -> bool:
    """Let a folder name no address any more; say whether it could."""
    with config_lock():
        before = trusted_folders()
        after = [each for each in before if each.folder != _named(folder)]
        if after != before:
            _write(after)
    return after != before


def check_trusted(folder: Path, database: Address) -> None:
    """Raise NotPossibleError unless the user trusts the folder with this very address."""
    named = {each.folder: each.database for each in trusted_folders()}.get(_named(folder))
    if named == str(database):
        return
    before = "" if named is None else f"; it was trusted with {named}"
    why = f"{folder} names {database}, which would be given your user's name and password{before}"
    then = f"depositary trust {quote(str(folder))}, if that is your database"
    raise NotPossibleError("the folder names a database, and is not trusted", why, then)


def _named(folder: Path) -> str:
    path = os.path.realpath(folder)
    try:
        path.encode()
    except UnicodeEncodeError:
        why = f"{folder} is not UTF-8 once it is written down"
        raise ConfigFileError("the folder cannot be trusted", why, "rename it") from None
    return path


def _write(trusted: list[TrustedFolder]) -> None:
    rows = [{"path": each.folder, "database": each.database} for each in sorted(trusted)]
    write_config(TRUSTED, _ABOUT + tomli_w.dumps({"folder": rows}))
