"""What does the suite need of a store, and which stores does it run on?

A store of the suite has events saved through the library's recorder, a clock that the test sets,
and any number of readers. Whoever adds a store adds its class to STORES, and changes no test.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events.canonical import canonical
from events.event import Event
from events.store.mapper import LedgerMapper
from events.store.reading import RecordReader
from events.store.sqlite import Factory, LedgerRecorder, create, environment

LEDGER_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
TOPIC = "party.noted.v1"


@dataclass(frozen=True)
class Note:
    """As little of a body as will do."""

    text: str


def fact(thing: str, version: int, text: str = "a note", topic: str = TOPIC) -> Event:
    return Event(thing, version, topic, Note(text))  # type: ignore[arg-type]


def mapper() -> LedgerMapper:
    return LedgerMapper(
        LEDGER_ID,
        encode=lambda body: canonical({"text": body.text}),  # type: ignore[attr-defined]
        decode=lambda topic, data: Note(**data),  # type: ignore[arg-type, return-value]
    )


class SQLiteStore:
    """A record in a file, at half past nine on the day of the story."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2025, 7, 16, 9, 30, tzinfo=UTC)
        self.path = folder / "record.sqlite3"
        self.mapper = mapper()
        create(self.path)
        self.recorder = self.open()

    fact = staticmethod(fact)

    def open(self, lock_wait_s: float = 30) -> LedgerRecorder:
        """Return one more recorder of the same record."""
        factory = Factory(environment(self.path), clock=lambda: self.now, lock_wait_s=lock_wait_s)
        return factory.application_recorder()

    def save(self, *events: Event) -> list[int]:
        """Write events in one transaction; return their positions."""
        stored = [self.mapper.to_stored_event(event) for event in events]
        return list(self.recorder.insert_events(stored) or ())

    def reader(self) -> RecordReader:
        return RecordReader(self.path)

    def names(self) -> list[str]:
        """Return the events of the record by name, in order."""
        with self.reader() as reader:
            return [f"{row.thing}/{row.version}" for row in reader.rows()]

    def sql(self, statement: str) -> None:
        """Do what no part of the program does, over a connection of the store."""
        with self.recorder.datastore.transaction(commit=True) as cursor:
            cursor.execute(statement)

    def tables(self) -> set[str]:
        with closing(sqlite3.connect(self.path)) as foreign:
            return {n for (n,) in foreign.execute("SELECT tbl_name FROM sqlite_schema")}

    def close(self) -> None:
        self.recorder.datastore.close()


STORES: dict[str, Any] = {"sqlite": SQLiteStore}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Give an empty record, in each kind of store."""
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SQLiteStore]:
    """Give an empty record in a file."""
    made = SQLiteStore(tmp_path)
    yield made
    made.close()
