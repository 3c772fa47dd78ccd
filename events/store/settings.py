"""Read and write a ledger's depositary.toml.

What may stand there is said in one place, `_model`: `format` (1), `origin`, the ledger's name, and
`database`, an address of PostgreSQL, where the record is not a file of the folder. A file that is
as this program writes it is known by that alone, and no parser is loaded for it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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


class SettingsError(NotUnderstoodError):
    """Settings are TOML with format, origin and database, and nothing else."""


class NewerSettingsError(NotPossibleError):
    """Settings are of a format that this version knows."""


class Settings(NamedTuple):
    """What the file says; `database` is None where the record is a file beside it."""

    origin: str | None
    database: "Address | None" = None


def read_settings(folder: Path) -> Settings | None:
    """Return what a folder's settings say, None where it has none.

    Raises SettingsError, NewerSettingsError and OSError.
    """
    path = folder / SETTINGS
    try:
        with open_plain(path) as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    return as_written(data) or parse_settings(path, data)


def settings_text(origin: str, database: "Address | None" = None) -> str:
    """Return the text of the file for a ledger of that name."""
    import tomli_w

    found = {"format": FORMAT, "origin": origin}
    if database is None:
        return _IN_FILES + tomli_w.dumps(found)
    return _IN_A_DATABASE + tomli_w.dumps({**found, "database": str(database)})


def as_written(data: bytes) -> Settings | None:
    """Return the settings of a file as this program writes it; None of any other.

    A text of TOML without quotes, backslashes or control characters is what stands between quotes.
    """
    if not data.isascii():
        return None  # a parser has to read it
    about, format_, rest = data.decode().partition(f"format = {FORMAT}\n")
    match rest.split('"'):
        case ["origin = ", origin, "\n"] if about == _IN_FILES and format_ and _is_plain(origin):
            return Settings(origin)
        case ["origin = ", origin, "\ndatabase = ", address, "\n"] if (
            about == _IN_A_DATABASE and format_ and _is_plain(origin) and _is_plain(address)
        ):
            database = _address_written(address)
            return Settings(origin, database) if database else None
    return None


def _is_plain(text: str) -> bool:
    return bool(text) and text.isprintable() and "\\" not in text


def _address_written(text: str) -> "Address | None":
    from events.store.location import Address, AddressError, check_folder_address

    try:
        return check_folder_address(Address.parse(text))
    except AddressError:
        return None  # what is wrong with it, the parser says


def parse_settings(path: Path, data: bytes) -> Settings:
    """Return what the bytes of a file say; raise SettingsError and NewerSettingsError."""
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
        raise NewerSettingsError(
            "the ledger is newer",
            f"{path} has format {written}, and this version reads up to {FORMAT}",
            "install a newer depositary",
        )
    try:
        read: Any = _model().model_validate(found)
    except ValidationError as error:
        raise _wrong(path, _explained(error.errors(include_url=False)[0])) from None
    return Settings(read.origin, _address(path, read.database))


def _model() -> "type[BaseModel]":
    """Return the model of the file, which a file as this program writes it needs not load."""
    from pydantic import BaseModel, ConfigDict, Field

    class SettingsFile(BaseModel):
        """What may stand in a depositary.toml: a mistyped key would be read by no one."""

        model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

        format: int = Field(default=FORMAT, ge=1, le=FORMAT)
        origin: str | None = Field(default=None, min_length=1)
        database: str | None = Field(default=None, min_length=1)

    return SettingsFile


def _explained(problem: Any) -> str:
    name, given = problem["loc"][0], problem["input"]
    if problem["type"] == "extra_forbidden":
        return f"{name!r:.60} is none of format, origin and database"
    wanted = "a number from 1" if name == "format" else "a text"
    return f"{name} is {_kind(given)}, and {wanted} is wanted"


def _kind(given: object) -> str:
    words = {bool: "true or false", int: "a number", float: "a number", str: "an empty text"}
    found = {**words, list: "a list", dict: "a table"}.get(type(given), "a date or a time")
    return str(given) if type(given) is int else found


def _place_in(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8 text"
    _, at, place = str(error).rpartition("(at ")
    return f"it is no TOML: look at {place.rstrip(')')}" if at else "it is no TOML"


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


def _wrong(path: Path, why: str) -> SettingsError:
    return SettingsError(
        "the ledger's settings are not understood",
        f"{path}: {why}",
        "depositary help ledgers, which says what may stand there",
    )
