"""Make facts that people wrote into facts to be decided on."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from domain.decisions.batch import Command
from events.intake.fact_file import (
    EventAt,
    WrittenFact,
    fact_of,
    no_positions,
    read_fact_files,
)
from events.store.sqlite.reader import RecordReader


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
                raise LookupError(f"there is no event @{position}: the record has @1 to @{last}")
        return f"{row.thing}/{row.version}"

    return event_at
