"""Read a case about the world, and follow a path into an answer.

A case is a Markdown page: what happened, its sources, one block of facts as `depositary append`
takes them, and a table of questions. README.md in this folder describes the form.
"""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent
NOT_YET = FOLDER / "not_yet.txt"
ABSENT = "absent"

_facts = re.compile(r"^## Facts$.*?^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_count = re.compile(r"count\((.*)\)")
_step = re.compile(r"([a-z_]+)?(?:\[([^\]]*)\])?(?:\.|$)")


class Row(NamedTuple):
    """One question of a case: its number from 1, the command, where to look and what is there."""

    number: int
    question: str
    command: list[str]
    where: str
    value: str


class Case(NamedTuple):
    """One page: its name in the folder, the sources of its table, its facts and its questions."""

    name: str
    sources: set[str]
    facts: str
    rows: list[Row]

    def cited(self) -> set[str]:
        """Return the sources that the facts cite about themselves."""
        facts = tomllib.loads(self.facts)["fact"]
        return {fact["subject"] for fact in facts if fact["type"] == "source.cited"}


def read_case(path: Path) -> Case:
    """Return the case that a page describes; raise ValueError for another form."""
    name, text = path.relative_to(FOLDER).as_posix(), path.read_text("utf-8")
    block = _facts.search(text)
    if block is None:
        raise ValueError(f"{name}: no toml block below '## Facts'")
    sources = {cells[0].strip("`") for cells in _table(text, "Sources")}
    rows = [
        Row(number, question, shlex.split(command.strip("`")), where.strip("`"), value.strip("`"))
        for number, (question, command, where, value) in enumerate(_table(text, "Answers"), 1)
    ]
    if not rows:
        raise ValueError(f"{name}: no table below '## Answers'")
    return Case(name, sources, block[1], rows)


def all_cases() -> list[Case]:
    """Return the cases of every folder, by name."""
    return [read_case(path) for path in sorted(FOLDER.glob("*/*.md"))]


def _table(text: str, heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the table below a heading, without its head."""
    _, _, below = text.partition(f"\n## {heading}\n")
    lines = re.split(r"^## ", below, maxsplit=1, flags=re.MULTILINE)[0].splitlines()
    for line in [line for line in lines if line.startswith("| ")][1:]:
        yield [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def follow(document: Any, where: str) -> Any:
    """Return what stands in a JSON document at a path; raise LookupError where no path leads.

    `a.b` goes by keys; `[key=value,key=value]` takes the first entry of a list that has these
    values, `absent` where none has; `count(...)` counts the entries that its last step matches.
    """
    counted = _count.fullmatch(where)
    found = document
    for key, wanted in _steps(counted[1] if counted else where):
        if key:
            found = _value_at(found, key, where)
        if wanted is not None:
            matches = [one for one in found if _has(one, wanted)]
            if counted:
                return len(matches)
            if not matches:
                return ABSENT
            found = matches[0]
    return len(found) if counted else found


def _steps(path: str) -> Iterator[tuple[str | None, dict[str, str] | None]]:
    at = 0
    while at < len(path):
        step = _step.match(path, at)
        if step is None or step[0] in ("", "."):
            raise LookupError(f"{path!r} is not a path, from {path[at:]!r} on")
        pairs = None if step[2] is None else dict(part.split("=", 1) for part in step[2].split(","))
        yield step[1], pairs
        at = step.end()


def _value_at(document: Any, key: str, where: str) -> Any:
    if not isinstance(document, dict) or key not in document:
        keys = ", ".join(document) if isinstance(document, dict) else type(document).__name__
        raise LookupError(f"{where}: no {key!r} among {keys}")
    return document[key]


def _has(entry: Any, wanted: dict[str, str]) -> bool:
    return all(entry.get(key) == value for key, value in wanted.items())


def agrees(found: Any, value: str) -> bool:
    """Say whether what was found is the value of a row.

    The value is JSON, the word `absent`, or `contains TEXT` or `lacks TEXT` of a text or of the
    texts of a list.
    """
    if value == ABSENT:
        return bool(found == ABSENT)
    for word, wanted in (("contains ", True), ("lacks ", False)):
        if value.startswith(word):
            text = json.loads(value.removeprefix(word))
            texts = found if isinstance(found, list) else [found]
            return found != ABSENT and any(text in one for one in texts) is wanted
    return bool(found == json.loads(value))


def not_yet() -> dict[tuple[str, str], str]:
    """Return why a row is not true yet, by the name of its case and its number (`*`: all rows)."""
    listed: dict[tuple[str, str], str] = {}
    for line in NOT_YET.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, numbers, reason = (cell.strip() for cell in line.split(" | ", 2))
            for number in numbers.split():
                if (name, number) in listed:
                    raise ValueError(f"{NOT_YET.name}: {name} {number} is listed twice")
                listed[name, number] = reason
    return listed
