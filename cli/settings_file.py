"""What may stand in a ledger's depositary.toml?

`format` (1), `origin`, the ledger's name, and `database`, an address of PostgreSQL, where the
record is not a file of the folder. Nothing else: a mistyped key would be a setting nobody reads.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cli.errors.exit_codes import cannot, usage

if TYPE_CHECKING:
    from events.store.location import Address

FORMAT = 1
_TEXT = """\
# A ledger of depositary. What was recorded stands in {record}, and nowhere else;
# {answers} made from it, and may be deleted. The origin names the ledger and its key.
format = 1
origin = "{origin}"
"""
_IN_FILES = {"record": "record.sqlite3", "answers": "answers.sqlite3 is"}
_IN_A_DATABASE = {"record": "the database", "answers": "the answers are"}


def settings_text(origin: str, database: "Address | None" = None) -> str:
    """Return the text of the file for a ledger of that name."""
    text = _TEXT.format(origin=origin, **(_IN_A_DATABASE if database else _IN_FILES))
    if database is None:
        return text
    import json

    # What JSON writes in ASCII is a string of TOML too.
    return f"{text}database = {json.dumps(str(database))}\n"


def parsed(path: Path, data: bytes, most: int) -> "tuple[str | None, Address | None]":
    """Return the origin and the database that a file of at most so many bytes names.

    Exits 2 for what is not understood, 7 for what is newer.
    """
    import tomllib

    if len(data) > most:
        _wrong(path, f"it has more than {most:,} bytes")
    try:
        found = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # The message of a decoder may repeat what stands there, and that may be a password.
        _wrong(path, _place_in(error))
    _check_format(path, found.pop("format", FORMAT))
    texts = {name: _text(path, found, name) for name in ("origin", "database")}
    if found:
        _wrong(path, f"{next(iter(found))!r:.60} is none of format, origin and database")
    return texts["origin"], _address(path, texts["database"])


def _place_in(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8 text"
    _, at, place = str(error).rpartition("(at ")
    return f"it is no TOML: look at {place.rstrip(')')}" if at else "it is no TOML"


def _check_format(path: Path, given: object) -> None:
    if type(given) is not int or given < 1:
        _wrong(path, f"format is {_kind(given)}, and a number from 1 is wanted")
    if given > FORMAT:
        cannot(
            "the ledger is newer",
            f"{path} has format {given}, and this version reads up to {FORMAT}",
            "install a newer depositary",
        )


def _text(path: Path, found: dict[str, object], name: str) -> str | None:
    given = found.pop(name, None)
    if given is not None and not (isinstance(given, str) and given):
        _wrong(path, f"{name} is {_kind(given)}, and a text is wanted")
    return given


def _address(path: Path, given: str | None) -> "Address | None":
    if given is None:
        return None
    from events.store.location import Address, AddressError

    why, found = "", None
    try:
        found = Address.parse(given)
    except AddressError as error:
        why = str(error)  # told outside: a trace would show what comes before it
    if found is None:
        _wrong(path, f"database: {why}")
    return found


def _kind(given: object) -> str:
    words = {bool: "true or false", int: "a number", float: "a number", str: "an empty text"}
    found = {**words, list: "a list", dict: "a table"}.get(type(given), "a date or a time")
    return str(given) if type(given) is int else found


def _wrong(path: Path, why: str) -> NoReturn:
    usage(
        "the ledger's settings are not understood",
        f"{path}: {why}",
        "depositary help ledgers, which says what may stand there",
    )
