"""Make facts that people wrote into facts to be decided on."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from domain.decisions.batch import Command, CommandRefusedError
from events.catalogue import topic, type_of
from events.envelope import open_envelope
from events.errors import NotUnderstoodError
from events.intake.fact_file import (
    EventAt,
    WrittenFact,
    escaped,
    fact_of,
    in_new_spelling,
    name_of,
    no_positions,
    read_fact_files,
    read_tables,
    refuse,
)
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from events.text import a_or_an
from events.validation import BodyError


def draft_of(fact: WrittenFact) -> Command:
    """Return a fact to be recorded; its body is made when it is decided on."""
    return Command(fact.thing, fact.type, fact, label=fact.label, number=fact.number)


def draft(table: Any, event_at: EventAt = no_positions, *, number: int = 1) -> Command:
    """Return a fact to be recorded, of a table as people wrote it."""
    return draft_of(fact_of(table, event_at, number=number))


def drafts(tables: Iterable[Any], event_at: EventAt = no_positions) -> list[Command]:
    """Return a batch of facts to be recorded, of tables as people wrote them."""
    return [draft(table, event_at, number=number) for number, table in enumerate(tables, 1)]


def read_files(paths: Sequence[str], event_at: EventAt = no_positions) -> list[Command]:
    """Return the facts of several files as one batch; raise FactFileError and OSError."""
    return [draft_of(fact) for fact in read_fact_files(paths, event_at)]


def positions(open_record: Callable[[], AbstractContextManager[RecordReader]]) -> EventAt:
    """Return how to find the id of the event at a position; LookupError where there is none."""

    @cache
    def event_at(position: int) -> str:
        with open_record() as record:
            row = record.event(position)
            if row is None:
                last = record.last_position()
                raise LookupError(f"there is no event @{position}: the log has @1 to @{last}")
        return f"{row.thing}/{row.version}"

    return event_at


class NothingChangedError(NotUnderstoodError):
    """A correction says something else than the claim does."""


def stored_text(row: Row) -> tuple[str, dict[str, Any]]:
    """Return the type and the text of a claim; a correction's is the one that it brought."""
    data = open_envelope(row.state).data
    if type_of(row.topic) == "claim.corrected":
        return type_of(data["data_type"]), data["data"]
    return type_of(row.topic), data


def correction(
    row: Row, given: Mapping[str, Any], file: str | None, event_at: EventAt
) -> dict[str, Any]:
    """Return target, type and complete new text: the present one, or a file's, with changes.

    A field given as an empty text is taken out. Raises CommandRefusedError where a word is not
    understood, FactFileError, and NothingChangedError.
    """
    type_, present = stored_text(row)
    removed = {name for name, value in given.items() if value in ("", [""], False)}
    changed = {name: value for name, value in given.items() if name not in removed}
    own = {"type": type_, "subject": row.thing}
    text = present if file is None else _read(_of_file(file, own, event_at))
    changes = _read(fact_of({**own, **escaped(changed)}, event_at))
    new = {n: value for n, value in {**text, **changes}.items() if n not in removed}
    if json.dumps(new, sort_keys=True) == json.dumps(present, sort_keys=True):
        what, then = "nothing is changed", f"depositary correct @{row.position} --help"
        raise NothingChangedError(what, f"@{row.position} says all that already", then)
    return {"target": f"{row.thing}/{row.version}", "data_type": topic(type_), "data": new}


def _of_file(file: str, own: Mapping[str, str], event_at: EventAt) -> WrittenFact:
    """Return the one fact of a file, which need not say again what type it is of what thing."""
    tables, name = read_tables(file), name_of(file)
    if len(tables) != 1:
        refuse(f"{name} holds {len(tables)} facts", "a correction has one text", "split the file")
    content, line = tables[0]
    table = {**own, **in_new_spelling(content)} if isinstance(content, dict) else content
    fact = fact_of(table, event_at, file=name, line=line)
    if table is not content and (fact.type, fact.thing) != (own["type"], own["subject"]):
        wanted = f"{a_or_an(own['type'])} about {own['subject']}"
        why = f"it is {a_or_an(fact.type)} about {fact.thing}, not {wanted}"
        refuse(f"{name} is about something else", why, "leave type and subject out of it")
    return fact


def _read(fact: WrittenFact) -> dict[str, Any]:
    try:
        return fact.data({})
    except (BodyError, LookupError) as error:
        raise CommandRefusedError(draft_of(fact), error) from error
