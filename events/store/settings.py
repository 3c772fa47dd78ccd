"""Read and write a ledger's depositary.toml.

What may stand there is said in one place, `_model`: `format` (1), `origin`, the ledger's name,
`database`, an address of PostgreSQL, where the record is not a file of the folder, `recorder`, who
records where a command does not say, and `policies`, files or tables by name. A file that is as
this program writes it, or has a line with the recorder behind that, is known by that alone, and no
parser is loaded for it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from events.errors import NotPossibleError, NotUnderstoodError
from events.store.plain_files import open_plain

if TYPE_CHECKING:
    from pydantic import BaseModel

    from events.store.location import Address

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
    database: "Address | None" = None
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
    return as_written(data) or parse_settings(path, data)


def settings_text(
    origin: str, database: "Address | None" = None, recorder: str | None = None
) -> str:
    """Return the text of the file for a ledger of that name."""
    import tomli_w

    said = {"origin": origin, "database": database and str(database), "recorder": recorder}
    return _heading(database) + tomli_w.dumps(
        {n: one for n, one in said.items() if one is not None}
    )


def _heading(database: "Address | None") -> str:
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
    if "recorder" in found and not _is_name(found["recorder"]):
        return None
    return Settings(found["origin"], address, found.get("recorder"))


_TEXTS = ("origin", "database", "recorder")  # in the order in which they are written
_is_plain = re.compile(r'([a-z]+) = "([ !#-\[\]-~]+)"\n').fullmatch


def _is_name(recorder: str) -> bool:
    from events.envelope import check_recorder
    from events.text import TextError

    try:
        return bool(check_recorder(recorder))
    except TextError:
        return False


def _address_written(text: str) -> "Address | None":
    from events.store.location import Address, AddressError, check_folder_address

    try:
        return check_folder_address(Address.parse(text))
    except AddressError:
        return None  # what is wrong with it, the parser says


def parse_settings(path: Path, data: bytes) -> Settings:
    """Return what the bytes of a file say; raise NotUnderstoodError and NotPossibleError."""
    import tomllib

    from pydantic import ValidationError

    if len(data) > MAX_BYTES:
        raise _wrong(path, f"it has more than {MAX_BYTES:,} bytes")
    try:
        found = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # The message of a decoder may repeat what stands there, and that may be a password.
        raise _wrong(path, _place_in(error)) from None
    written = found.get("format")
    if type(written) is int and written > FORMAT:
        why = f"{path} has format {written}, and this version reads up to {FORMAT}"
        raise NotPossibleError("the ledger is newer", why, "install a newer depositary")
    try:
        read: Any = _model().model_validate(found)
    except ValidationError as error:
        raise _wrong(path, _explained(error.errors(include_url=False)[0])) from None
    if read.recorder is not None and not _is_name(read.recorder):
        raise _wrong(path, "recorder is not a name of one line with 1 to 120 characters")
    return Settings(read.origin, _address(path, read.database), read.recorder, read.policies)


def _model() -> "type[BaseModel]":
    """Return the model of the file, which a file as this program writes it needs not load."""
    from pydantic import BaseModel, ConfigDict, Field

    class SettingsFile(BaseModel):
        """What may stand in a depositary.toml: a mistyped key would be read by no one."""

        model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

        format: int = Field(default=FORMAT, ge=1, le=FORMAT)
        origin: str | None = Field(default=None, min_length=1)
        database: str | None = Field(default=None, min_length=1)
        recorder: str | None = Field(default=None, min_length=1)
        policies: dict[str, str | dict[str, Any]] = {}

    return SettingsFile


def _explained(problem: Any) -> str:
    name, given = problem["loc"][0], problem["input"]
    if problem["type"] == "extra_forbidden":
        return f"{name!r:.60} is not one of format, origin, database, recorder and policies"
    if name == "policies":
        return "policies is not a table of names, each with a file or a table"
    wanted = "a number from 1" if name == "format" else "a text"
    return f"{name} is {_kind(given)}, and {wanted} is wanted"


def _kind(given: object) -> str:
    words = {bool: "true or false", int: "a number", float: "a number", str: "an empty text"}
    found = {**words, list: "a list", dict: "a table"}.get(type(given), "a date or a time")
    return str(given) if type(given) is int else found


def _place_in(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    _, at, place = str(error).rpartition("(at ")
    return f"it is not TOML: look at {place.rstrip(')')}" if at else "it is not TOML"


def _address(path: Path, given: str | None) -> "Address | None":
    if given is None:
        return None
    from events.store.location import Address, AddressError, check_folder_address

    why = ""
    try:
        return check_folder_address(Address.parse(given))
    except AddressError as error:
        why = str(error)  # raised outside: a trace would show what comes before it
    raise _wrong(path, f"database: {why}")


def _wrong(path: Path, why: str) -> NotUnderstoodError:
    then = "depositary help ledgers, which says what may stand there"
    return NotUnderstoodError("the ledger's settings are not understood", f"{path}: {why}", then)
