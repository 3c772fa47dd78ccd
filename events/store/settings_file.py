"""Parse a depositary.toml that was written by hand, and say what is wrong with it.

A file as this program writes it is known without it (`events.store.settings`), for tomllib and
pydantic take longer to load than a read takes.
"""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from events.errors import NotPossibleError, NotUnderstoodError
from events.store.location import Address, AddressError
from events.store.settings import FORMAT, MAX_BYTES, Settings, folder_address, is_recorder


class SettingsFile(BaseModel):
    """What may stand in a depositary.toml: a mistyped key would be read by no one."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    format: int = Field(default=FORMAT, ge=1, le=FORMAT)
    origin: str | None = Field(default=None, min_length=1)
    database: str | None = Field(default=None, min_length=1)
    recorder: str | None = Field(default=None, min_length=1)
    policies: dict[str, str | dict[str, Any]] = {}


def parse_settings(path: Path, data: bytes) -> Settings:
    """Return what the bytes of a file say; raise NotUnderstoodError and NotPossibleError."""
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
        read: Any = SettingsFile.model_validate(found)
    except ValidationError as error:
        raise _wrong(path, _explained(error.errors(include_url=False)[0])) from None
    if read.recorder is not None and not is_recorder(read.recorder):
        raise _wrong(path, "recorder is not a name of one line with 1 to 120 characters")
    return Settings(read.origin, _address(path, read.database), read.recorder, read.policies)


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


def _address(path: Path, given: str | None) -> Address | None:
    if given is None:
        return None
    why = ""
    try:
        return folder_address(given)
    except AddressError as error:
        why = str(error)  # raised outside: a trace would show what comes before it
    raise _wrong(path, f"database: {why}")


def _wrong(path: Path, why: str) -> NotUnderstoodError:
    then = "depositary help ledgers, which says what may stand there"
    return NotUnderstoodError("the ledger's settings are not understood", f"{path}: {why}", then)
