"""Read files of facts: TOML with [[fact]] tables, or one JSON object a line.

In TOML parties and sources may stand beside them, as [[party]] and [[source]]: each is introduced
where nothing is known of it, and the facts name it by its id, its name or its address.

Which of the two, the first character says. Nothing is guessed and nothing lost: numbers with a
point, null and names that stand twice are handed on as what cannot be recorded, so that the field
can be named that holds them.

A fact's own keys are `type`, `subject` and `label`; all others are fields of its type, and one that
has such a name is written with an underscore behind it: `type_`, `label_`. Files of before v0.1 say
`thing` for `subject`, and are read too. A fact's body is made when it is decided on, for only then
have the labels of the facts before it their event ids.
"""

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from msgspec import Struct

from events.catalogue import all_types, body_class
from events.errors import NotRecordableError
from events.identifiers import IdError, check_thing, kind_of
from events.intake.field_parser import (
    ShortNames,
    UnreadableValue,
    is_document_address,
    read_fields,
    refuse_fraction,
    strip_underscores,
)
from events.store.plain_files import open_plain
from events.validation import BodyError, Problem, problems
from events.value import replace

OWN_KEYS = ("type", "subject", "label")
OLD_SPELLING = {"thing": "subject"}  # of files written before v0.1
STANDARD_INPUT = "-"
MAX_FILE_BYTES = 64 * 2**20
MAX_LINE_BYTES = 2**20  # sixteen times what the largest event takes

_FILL_IN = "depositary template TYPE, for a fact to fill in"
_place = re.compile(r"(.*) \(at line (\d+), column (\d+)\)").fullmatch
_header = re.compile(r"[ \t]*\[\[[ \t]*([\"']?)(fact|party|source)\1[ \t]*\]\]").match
_INLINE = {"party": "party.established", "source": "source.cited"}


EventAt = Callable[[int], str]


class FactFileError(NotRecordableError):
    """A file of facts is TOML or NDJSON in UTF-8, with facts in it and nothing else."""


class KeptByLedgerError(ValueError):
    """What is said of the ledger itself, it says itself: no fact from outside does."""

    name = "kept-by-the-ledger"

    def __init__(self) -> None:
        super().__init__("events about the ledger itself are recorded by depositary alone")


class WrittenFact(Struct, frozen=True):
    """One fact as people wrote it: where it stands, its own keys and its fields.

    `number` counts the facts of its file from 1, `file` is empty for a fact from the command line,
    `line` None where it is unknown. `introduces`: it is of use only where nothing is known of the
    subject, which has no id yet where the file gives none.
    """

    type: str
    thing: str
    own: Mapping[str, Any]
    fields: Mapping[str, Any]
    event_at: EventAt
    label: str | None = None
    number: int = 1
    file: str = ""
    line: int | None = None
    introduces: bool = False

    def __call__(self, labels: Mapping[str, str]) -> dict[str, Any]:
        """Return the fields as JSON data, with the labels of earlier facts resolved.

        They are not compared yet with what the type needs. Raises BodyError with all that is wrong,
        with what is missing too, UnknownTypeError and KeptByLedgerError.
        """
        wrong = [Problem(*problem) for problem in self._of_own_keys()]
        if wrong and self.type not in all_types():
            raise BodyError(wrong)
        cls = body_class(self.type)
        if "ledger" in (kind_of(self.thing), kind_of_type(self.type)):
            raise KeptByLedgerError
        names = ShortNames(labels, self.event_at, typed=not self.file)
        try:
            data = read_fields(cls, self.fields, names)
        except BodyError as error:
            raise BodyError((*wrong, *self._wrong_fields(cls, names, error))) from None
        if wrong:
            raise BodyError((*wrong, *self._wrong_fields(cls, names, BodyError(()))))
        return data

    def _wrong_fields(self, cls: Any, names: ShortNames, found: BodyError) -> Iterator[Problem]:
        """Yield what was found wrong, and what is wrong or missing in the other fields."""
        yield from found.problems
        wrong = {problem.field.partition(".")[0] for problem in found.problems}
        others = {name: given for name, given in self.fields.items() if name not in wrong}
        for problem in problems(cls, read_fields(cls, others, names)):
            if problem.field.partition(".")[0] not in wrong:
                yield problem

    def _of_own_keys(self) -> Iterable[tuple[str, str]]:
        if isinstance(broken := self.own.get(""), UnreadableValue):
            yield "", broken.sentence
            return
        for key in OWN_KEYS:
            given = self.own.get(key)
            if isinstance(given, UnreadableValue):
                yield key, given.sentence
            elif given is not None and not isinstance(given, str):
                yield key, f"{str(given)[:40]} is not text"
            elif not given and key != "label":
                yield key, "is missing"
        if self.thing and isinstance(self.own.get("subject"), str):
            try:
                check_thing(self.thing)
            except IdError as error:
                yield "subject", str(error)


class WrittenTable(NamedTuple):
    """A table as parsed, with the line where it begins, None where it is unknown.

    `introduces`: it is a [[party]] or a [[source]].
    """

    content: Any
    line: int | None
    introduces: bool = False


def read_tables(path: str) -> list[WrittenTable]:
    """Return the tables of a file, `-` for standard input; raise FactFileError or OSError."""
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
    """Raise FactFileError: nothing of a file is recorded."""
    raise FactFileError(what, why, then)


def no_positions(position: int) -> str:
    """Raise LookupError: without a ledger no event stands at a position."""
    raise LookupError(f"@{position} is a position, and no ledger is open")


def read_fact_files(paths: Sequence[str], event_at: EventAt = no_positions) -> list[WrittenFact]:
    """Return the facts of several files as one batch, in order; they share their labels.

    A path `-` is standard input; `event_at` gives the event at @N. Raises FactFileError for what is
    no file of facts, OSError for what cannot be read. A fact that is wrong in itself is refused
    when it is decided on, with its number and fields.
    """
    facts = [
        replace(
            fact_of(table.content, event_at, number=number, file=name_of(path), line=table.line),
            introduces=table.introduces,
        )
        for path in paths
        for tables in [read_tables(path)]
        for introduces in (True, False)  # each is counted by itself
        for number, table in enumerate((t for t in tables if t.introduces is introduces), 1)
    ]
    _check_labels(facts)
    return facts


def fact_of(
    table: Any, event_at: EventAt, *, number: int = 1, file: str = "", line: int | None = None
) -> WrittenFact:
    """Return the fact that a table as people wrote it is."""
    if not isinstance(table, dict):
        sentence = (
            table.sentence if isinstance(table, UnreadableValue) else "a fact is a table of fields"
        )
        own = {"": UnreadableValue(sentence)}
        return WrittenFact("", "", own, {}, event_at, None, number, file, line)
    table = in_new_spelling(table)
    own = {key: table[key] for key in OWN_KEYS if key in table}
    fields = strip_underscores({k: v for k, v in table.items() if k not in OWN_KEYS})
    type_, thing, label = (_str(own.get(key)) for key in OWN_KEYS)
    if thing and "/" not in thing and type_ in all_types() and not type_.startswith("claim."):
        thing = f"{kind_of_type(type_)}/{thing}"
    return WrittenFact(type_, thing, own, fields, event_at, label or None, number, file, line)


def in_new_spelling(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with its own keys as they are spelled now: `subject`, where it has `thing`."""
    found: dict[str, Any] = {}
    for key, given in table.items():
        name = OLD_SPELLING.get(key, key)
        twice = UnreadableValue(f"stands twice, as {name} and in its old spelling")
        found[name] = twice if name in found else given
    return found


def kind_of_type(type_: str) -> str:
    """Return the kind of things that a type is recorded about: `reserve` of `reserve.acquired`."""
    return type_.partition(".")[0]


def escaped(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields under the names that no key of a fact's own has."""
    return {f"{name}_": value for name, value in fields.items()}


def _str(given: Any) -> str:
    return given if isinstance(given, str) else ""


def _check_labels(facts: Iterable[WrittenFact]) -> None:
    seen: dict[str, str] = {}
    for each in facts:
        if each.label is None:
            continue
        here = f"fact {each.number} of {each.file}"
        if each.label in seen:
            why = f"'{each.label[:80]}' is {seen[each.label]} and {here}"
            refuse("a label stands twice", why, "give each fact a label of its own")
        seen[each.label] = here


def _bytes_of(path: str, name: str) -> bytes:
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    else:
        with open_plain(Path(path)) as file:
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
        refuse(f"{name} is not UTF-8 text", f"line {line}: {error.reason}", "save it as UTF-8")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        refuse(f"{name} is not text", f"line {line} holds NUL", "save it as UTF-8 text")
    return text


def _of_json(text: str) -> Iterator[WrittenTable]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield WrittenTable(_json(line), number)


def _json(line: str) -> Any:
    try:
        found = json.loads(
            line,
            object_pairs_hook=_object,
            parse_float=refuse_fraction,
            parse_constant=refuse_fraction,
        )
    except (ValueError, RecursionError) as error:
        return UnreadableValue(f"the line is not JSON: {error}")
    if isinstance(found, dict) and {"event", "position"} <= found.keys():
        return UnreadableValue("the line is a stored event of a log, not a fact to be recorded")
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


def _of_toml(text: str, name: str) -> list[WrittenTable]:
    try:
        document = tomllib.loads(text, parse_float=refuse_fraction)
    except tomllib.TOMLDecodeError as error:
        _no_toml(text, name, str(error))
    except RecursionError:
        refuse(f"{name} is not TOML", "its tables are nested too deeply", _FILL_IN)
    except ValueError as error:  # a whole number of thousands of digits
        refuse(f"{name} is not TOML", str(error), _FILL_IN)
    several = {kind: document.pop(kind, []) for kind in (*_INLINE, "fact")}
    if document or not all(isinstance(tables, list) for tables in several.values()):
        other = next(iter(document), "fact")
        why = f"'{other[:40]}' stands outside the tables [[fact]], where nothing is read"
        meant = {"parties": "[[party]]", "sources": "[[source]]", "facts": "[[fact]]"}.get(other)
        refuse(f"{name} holds more than facts", why, f"write {meant}" if meant else _FILL_IN)
    return [
        WrittenTable(_introduced(kind, one) if kind in _INLINE else one, line, kind in _INLINE)
        for kind, tables in several.items()
        for one, line in zip(tables, _lines(text, kind, tables), strict=True)
    ]


def _introduced(kind: str, table: Any) -> Any:
    """Return a [[party]] or [[source]] as the fact by which the recorder introduces it."""
    if not isinstance(table, dict):
        return table
    if isinstance(url := table.get("url"), str) and url and not is_document_address(url):
        why = f"url = '{url[:60]}': https, http or doi is needed, or no url"
        refuse("that is not the address of a document", why, 'url = "https://example.org/post"')
    own = {"type": _INLINE[kind], "subject": table.get("id", "")}
    by = {"asserted_by": "party/recorder", "basis": "recorder"}
    short = {"url": "locator"}
    given = {short.get(str(key), str(key)): table[key] for key in table if key != "id"}
    return {**own, **by, **escaped(strip_underscores(given))}


def _lines(text: str, kind: str, tables: Sequence[Any]) -> Sequence[int | None]:
    # The parser does not say where a table begins. A header inside a longer text would be counted
    # too, and then no line is named.
    lines = enumerate(text.split("\n"), 1)
    headers = [n for n, line in lines if (found := _header(line)) and found[2] == kind]
    return headers if len(headers) == len(tables) else [None] * len(tables)


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
    refuse(f"{name}:{line}:{column} is not TOML: {why}", shown, _FILL_IN)
