"""Read and write a ledger's depositary.toml.

What may stand there is said in one place, `SettingsFile`: `format` (1), `origin`, its name,
`database`, an address of PostgreSQL, where the record is not a file of the folder, `recorder`, who
records where a command does not say, and `policies`, files or tables by name. A file that is as
this program writes it, or has a line with the recorder behind that, is known by that alone, and no
parser is loaded for it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from events.store.location import Address, AddressError, check_folder_address
from events.store.plain_files import open_plain
from events.text import TextError, check_recorder

SETTINGS = "depositary.toml"
MAX_BYTES = 65_536
FORMAT = 1

_ABOUT = """\
# A ledger of depositary. What was recorded stands in {record}, and nowhere else;
# {answers} made from it, and may be deleted. The origin names the ledger and its key.
"""
_IN_FILES = _ABOUT.format(record="record.sqlite3", answers="answers.sqlite3 is")
_IN_A_DATABASE = _ABOUT.format(record="the database", answers="the answers are")


class Settings(Struct, frozen=True):
    """What the file says; `database` is None where the ledger is a file beside it.

    Each of the `policies` is the name of a file of the folder, or the policy itself.
    """

    origin: str | None
    database: Address | None = None
    recorder: str | None = None
    policies: "Mapping[str, str | dict[str, Any]]" = MappingProxyType({})


def read_settings(folder: Path) -> Settings | None:
    """Return a folder's settings, None for none; raise NotUnderstoodError, NotPossibleError."""
    path = folder / SETTINGS
    try:
        with open_plain(path) as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    if found := as_written(data):
        return found
    from events.store.settings_file import parse_settings  # tomllib and pydantic

    return parse_settings(path, data)


def settings_text(origin: str, database: Address | None = None, recorder: str | None = None) -> str:
    """Return the text of the file for a ledger of that name."""
    import tomli_w

    said = {"origin": origin, "database": database and str(database), "recorder": recorder}
    return _heading(database) + tomli_w.dumps(
        {n: one for n, one in said.items() if one is not None}
    )


def _heading(database: Address | None) -> str:
    about = _IN_FILES if database is None else _IN_A_DATABASE
    return f"{about}format = {FORMAT}\n"


def as_written(data: bytes) -> Settings | None:
    """Return the settings of a file as this program writes it; None of any other.

    A text of TOML without quotes, backslashes or control characters is what stands between quotes.
    """
    if not data.isascii():
        return None  # a parser has to read it
    lines = data.decode().splitlines(keepends=True)
    found = {each[1]: each[2] for each in map(_is_plain, lines) if each}
    address = _address_written(found["database"]) if "database" in found else None
    told = [f'{name} = "{found[name]}"\n' for name in _TEXTS if name in found]
    if "origin" not in found or _heading(address) + "".join(told) != "".join(lines):
        return None
    if "recorder" in found and not is_recorder(found["recorder"]):
        return None
    return Settings(found["origin"], address, found.get("recorder"))


_TEXTS = ("origin", "database", "recorder")  # in the order in which they are written
_is_plain = re.compile(r'([a-z]+) = "([ !#-\[\]-~]+)"\n').fullmatch


def is_recorder(text: str) -> bool:
    """Say whether a text may be the name of who records."""
    try:
        return bool(check_recorder(text))
    except TextError:
        return False


def folder_address(text: str) -> Address:
    """Return the address that a folder may name; raise AddressError."""
    return check_folder_address(Address.parse(text))


def _address_written(text: str) -> Address | None:
    try:
        return folder_address(text)
    except AddressError:
        return None  # what is wrong with it, the parser says
