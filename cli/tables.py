"""Which tables does a file hold, and in which line does each begin?

TOML with [[fact]] tables, or one JSON object a line; which of the two, the first character says.
Nothing is guessed and nothing lost: numbers with a point, null and names that stand twice are
handed on as what nobody can record, so that the field can be named that holds them.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cli.errors.exit_codes import REFUSED, CounterError
from events.intake.field_parser import UnreadableValue, refuse_fraction

STANDARD_INPUT = "-"
MAX_FILE_BYTES = 64 * 2**20
MAX_LINE_BYTES = 2**20  # sixteen times what the largest event takes

_FILL_IN = "depositary template TYPE, for a fact to fill in"
_place = re.compile(r"(.*) \(at line (\d+), column (\d+)\)").fullmatch
_header = re.compile(r"[ \t]*\[\[[ \t]*(?:fact|\"fact\"|'fact')[ \t]*\]\]").match


class Table(NamedTuple):
    """A table as parsed, with the line where it begins; None where nobody can say."""

    content: Any
    line: int | None


def read_tables(path: str) -> list[Table]:
    """Return the tables of a file, `-` for standard input.

    Raises CounterError (exit 5) for what is no file of facts, OSError for what cannot be read.
    """
    name = name_of(path)
    text = _text(_bytes_of(path, name), name)
    tables = list(_of_json(text)) if text.lstrip()[:1] == "{" else _of_toml(text, name)
    if not tables:
        why = "a fact is a table [[fact]], or a JSON object in one line"
        refuse(f"there is no fact in {name}", why, _FILL_IN)
    return tables


def name_of(path: str) -> str:
    """Return what a file is called in messages."""
    return "standard input" if path == STANDARD_INPUT else path


def refuse(what: str, why: str, then: str) -> NoReturn:
    """Say that nothing of a file is recorded (exit code 5)."""
    raise CounterError(REFUSED, what, why, then)


def _bytes_of(path: str, name: str) -> bytes:
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    else:
        with Path(path).open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        refuse(f"{name} is too large", f"more than {MAX_FILE_BYTES:,} bytes", "split the file")
    for number, line in enumerate(data.split(b"\n"), 1):
        if len(line) > MAX_LINE_BYTES:
            why = f"line {number} has {len(line):,} bytes, {MAX_LINE_BYTES:,} are allowed"
            refuse(f"{name} has a line that is too long", why, "depositary source add --help")
    return data


def _text(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        refuse(f"{name} is no UTF-8 text", f"line {line}: {error.reason}", "save it as UTF-8")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        refuse(f"{name} is no text", f"line {line} holds NUL", "save it as UTF-8 text")
    return text


def _of_json(text: str) -> Iterator[Table]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield Table(_json(line), number)


def _json(line: str) -> Any:
    try:
        found = json.loads(
            line,
            object_pairs_hook=_object,
            parse_float=refuse_fraction,
            parse_constant=refuse_fraction,
        )
    except (ValueError, RecursionError) as error:
        return UnreadableValue(f"the line is no JSON: {error}")
    if isinstance(found, dict) and {"event", "position"} <= found.keys():
        return UnreadableValue(
            "the line is a stored event of a record, and not a fact to be recorded"
        )
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            found[key] = UnreadableValue("stands twice in one object")
        else:
            found[key] = (
                UnreadableValue("is null: leave an unknown field out") if value is None else value
            )
    return found


def _of_toml(text: str, name: str) -> list[Table]:
    try:
        document = tomllib.loads(text, parse_float=refuse_fraction)
    except tomllib.TOMLDecodeError as error:
        _no_toml(text, name, str(error))
    except RecursionError:
        refuse(f"{name} is no TOML", "its tables are nested too deeply", _FILL_IN)
    except ValueError as error:  # a whole number of thousands of digits
        refuse(f"{name} is no TOML", str(error), _FILL_IN)
    facts = document.pop("fact", [])
    if document or not isinstance(facts, list):
        other = next(iter(document), "fact")
        why = f"'{other[:40]}' stands outside the tables [[fact]], where nothing is read"
        refuse(f"{name} holds more than facts", why, _FILL_IN)
    return [Table(fact, line) for fact, line in zip(facts, _lines(text, facts), strict=True)]


def _lines(text: str, facts: Sequence[Any]) -> Sequence[int | None]:
    # The parser does not say where a table begins. A header inside a longer text would be counted
    # too, and then no line is named.
    headers = [n for n, line in enumerate(text.split("\n"), 1) if _header(line)]
    return headers if len(headers) == len(facts) else [None] * len(facts)


def _no_toml(text: str, name: str, message: str) -> NoReturn:
    lines = text.split("\n")
    if found := _place(message):
        why, line, column = found[1], int(found[2]), int(found[3])
    else:
        why = message.removesuffix(" (at end of document)")
        line, column = len(lines), len(lines[-1]) + 1
    start = max(0, column - 60)
    written = "".join(c if c.isprintable() else " " for c in lines[line - 1])
    caret = " " * (column - 1 - start) + "^"
    shown = f"{written[start : start + 76].rstrip()}\n  {caret}"
    refuse(f"{name}:{line}:{column} is no TOML: {why}", shown, _FILL_IN)
