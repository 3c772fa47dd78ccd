"""What does the suite need of a store, and which stores does it run on?

A store of the suite has events saved through the library's recorder, a clock that the test sets,
and any number of readers. Whoever adds a store adds it to STORES, and changes no test.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.utils import Environment

from domain.ledger import Ledger
from events.body import Event
from events.envelope import canonical
from events.store.factory import (
    create_record,
    library_environment,
    make_recorder_factory,
    open_reader,
    open_tree,
)
from events.store.location import Address, Location
from events.store.shared_recorder import LedgerMapper
from events.store.sqlite.reader import RecordReader
from tests.faults.servers import Script, Server

OPENERS: dict[str, Callable[..., Any]] = {
    "reading": lambda where, **wait: _of_postgres("reader", where, **wait) or open_reader(where),
    "writing": lambda where, **wait: make_recorder_factory(
        Environment("", library_environment(where)), where, **wait
    ),
    "growing": lambda where, **wait: (
        _of_postgres("tree", where, write=True, **wait) or open_tree(where, write=True)
    ),
}


def _of_postgres(what: str, where: Location, **how: Any) -> Any:
    """Open a database with a wait of its own; None where none is said."""
    if "lock_wait_s" not in how:
        return None
    from events.store.postgres.reader import PostgresReader
    from events.store.postgres.tree import PostgresTree

    assert isinstance(where, Address)
    return PostgresReader(where, **how) if what == "reader" else PostgresTree(where, **how)


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
        body_of=lambda event: Note(**json.loads(event.data)),  # type: ignore[arg-type, return-value]
    )


class Store:
    """A record somewhere, at half past nine on the day of the story."""

    def __init__(self, where: Location) -> None:
        self.now = datetime(2025, 7, 16, 9, 30, tzinfo=UTC)
        self.where = where
        self.mapper = mapper()
        self.create()
        self.recorder = self.open()

    fact = staticmethod(fact)

    def create(self) -> None:
        """Make the record, with no event in it."""
        create_record(self.where)

    def open(self, lock_wait_s: float = 30) -> Any:
        """Return one more recorder of the same record."""
        env = Environment("", library_environment(self.where))
        factory = make_recorder_factory(env, self.where, lambda: self.now, lock_wait_s)
        return factory.application_recorder()

    def save(self, *events: Event) -> list[int]:
        """Write events in one transaction; return their positions."""
        stored = [self.mapper.to_stored_event(event) for event in events]
        return list(self.recorder.insert_events(stored) or ())

    def reader(self) -> RecordReader:
        return open_reader(self.where)

    def names(self) -> list[str]:
        """Return the events of the record by name, in order."""
        with self.reader() as reader:
            return [f"{row.thing}/{row.version}" for row in reader.rows()]

    def sql(self, statement: str) -> None:
        """Do what no part of the program does, over a connection of the store."""
        with self.recorder.datastore.transaction(commit=True) as cursor:
            cursor.execute(statement)

    def close(self) -> None:
        self.recorder.datastore.close()


class SQLiteStore(Store):
    """A record in a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "record.sqlite3"
        super().__init__(self.path)

    def tables(self) -> set[str]:
        with closing(sqlite3.connect(self.path)) as foreign:
            return {n for (n,) in foreign.execute("SELECT tbl_name FROM sqlite_schema")}


class PostgresStore(Store):
    """A record in a schema of a database, made by what wrote down such a record."""

    def __init__(self, where: Address, script: Script) -> None:
        self.script = script
        super().__init__(where)

    def create(self) -> None:
        assert isinstance(self.where, Address)
        self.script.run(self.where.schema)

    def tables(self) -> set[str]:
        import psycopg

        assert isinstance(self.where, Address)
        parameters: dict[str, Any] = self.where.parameters()
        with psycopg.connect(**parameters) as foreign:
            sql = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
            return {n for (n,) in foreign.execute(sql, [self.where.schema])}


STORES = ["sqlite", "postgres"]


@pytest.fixture(params=STORES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """Give where a record may be made, in either store."""
    if request.param == "postgres":
        address: Location = request.getfixturevalue("address")
        return address
    return tmp_path / "record.sqlite3"


@pytest.fixture
def ledger(where: Location) -> Iterator[Ledger]:
    """Give a new ledger, in either store."""
    with Ledger.create(where) as opened:
        yield opened


@pytest.fixture(scope="session")
def script_once(postgres_server: Server) -> Script:
    """Give what makes an empty record in a schema."""
    where = Address.parse(postgres_server.address()).with_schema("empty_once")
    create_record(where)
    return postgres_server.script(where.schema)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Give an empty record, in each kind of store."""
    if request.param == "sqlite":
        made: Store = SQLiteStore(tmp_path)
    else:
        script = request.getfixturevalue("script_once")
        made = PostgresStore(request.getfixturevalue("address"), script)
    yield made
    made.close()


@pytest.fixture
def postgres_store(address: Address, script_once: Script) -> Iterator[PostgresStore]:
    """Give an empty record in a schema."""
    made = PostgresStore(address, script_once)
    yield made
    made.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SQLiteStore]:
    """Give an empty record in a file."""
    made = SQLiteStore(tmp_path)
    yield made
    made.close()


@pytest.fixture(params=OPENERS)
def opener(request: pytest.FixtureRequest) -> Any:
    """Give what opens a record: for reading, for writing, for growing its tree."""
    return OPENERS[request.param]


@pytest.fixture
def sql(postgres_store: PostgresStore, foreign: Any) -> Iterator[Any]:
    """Give a function that does what no part of the program does, in the schema of the record."""
    with foreign(postgres_store.where) as session:
        yield session.execute


@pytest.fixture(scope="session")
def changed() -> Callable[..., Address]:
    """Give a function that returns an address with other parameters."""

    def changed(where: Address, **changes: str) -> Address:
        main = {k: changes.pop(k, getattr(where, k)) for k in ("host", "port", "user", "dbname")}
        options = dict(where.options) | changes
        return Address(**main, options=tuple(sorted(options.items())), schema=where.schema)

    return changed
