"""What do a ledger's settings say, read with as little as possible?

Most are as this program wrote them, and need no parser: cli/settings_file.py has it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from events.store.location import Address

SETTINGS = "depositary.toml"
MAX_BYTES = 65_536


class Settings:
    """What the file says; `database` is None where the record is a file beside it."""

    __slots__ = ("database", "origin")  # and no named tuple, which costs a read 0.2 %

    def __init__(self, origin: str | None, database: "Address | None" = None) -> None:
        self.origin, self.database = origin, database


def settings_of(folder: Path) -> Settings | None:
    """Return what a folder's settings say, None where it has none.

    Exits 2 for what is not understood, and 7 for what a newer version wrote.
    """
    path = folder / SETTINGS
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    if found := _as_written(data):
        return found
    from cli.settings_file import parsed

    return Settings(*parsed(path, data, MAX_BYTES))


def _as_written(data: bytes) -> Settings | None:
    """Return what the file says if it is as this program writes it: most reads need no more."""
    lines = data.split(b"\n")
    if lines[2:3] != [b"format = 1"] or lines[4:] != [b""]:
        return None
    if not (lines[0].startswith(b"# ") and lines[1].startswith(b"# ")):
        return None
    name, is_, origin = lines[3].partition(b' = "')
    if name != b"origin" or not is_ or not origin.endswith(b'"') or not data.isascii():
        return None
    origin = origin[:-1]
    plain = b'"' not in origin and b"\\" not in origin and b"\r" not in data
    return Settings(origin.decode()) if plain and origin.isascii() else None
