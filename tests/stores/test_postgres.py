"""Is the record in PostgreSQL made and opened as a record should be, whatever the shell says?"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.utils import Environment

from domain.ledger import Ledger
from events.store import factory
from events.store.errors import LedgerExistsError, NewerFormatError, NotALedgerError, StoreError
from events.store.factory import (
    create_record,
    library_environment,
    make_recorder_factory,
    open_reader,
)
from events.store.location import Address

# Making it


def test_a_record_is_not_made_where_there_is_one(postgres_store: Any) -> None:
    postgres_store.save(postgres_store.fact("party/sv", 1))
    with pytest.raises(LedgerExistsError, match="exists already"):
        create_record(postgres_store.where)
    assert postgres_store.names() == ["party/sv/1"]


@pytest.mark.parametrize(
    "what",
    [
        "CREATE TABLE diary (entry text)",
        "CREATE VIEW diary AS SELECT 1",
        "CREATE FUNCTION diary() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_a_record_is_not_made_among_other_things(foreign: Any, address: Address, what: str) -> None:
    with foreign(address) as session:
        session.execute(f'CREATE SCHEMA "{address.schema}"')
        session.execute(what)
    with pytest.raises(LedgerExistsError):
        create_record(address)
    with pytest.raises(NotALedgerError):
        open_reader(address)


def test_an_empty_schema_becomes_a_record(foreign: Any, address: Address) -> None:
    with foreign(address) as session:
        session.execute(f'CREATE SCHEMA "{address.schema}"')
    create_record(address)
    with open_reader(address) as reader:
        assert reader.last_position() == 0


@pytest.mark.parametrize("schema", ["user", "select", "public_", "t_x"])
def test_a_schema_has_any_name(address: Address, drop: Any, schema: str) -> None:
    where = address.with_schema(f"{schema}")
    try:
        create_record(where)
        with open_reader(where) as reader:
            assert list(reader.rows()) == []
    finally:
        drop(where)


def test_a_ledger_whose_maker_was_killed_is_taken_up_again(address: Address) -> None:
    create_record(address)  # and then it was killed, before the first event
    with Ledger.create(address) as ledger:
        assert ledger.recorder.max_notification_id() == 1
    with pytest.raises(LedgerExistsError):
        Ledger.create(address)


# Opening it


def test_there_is_no_record_where_none_was_made(address: Address, opener: Any) -> None:
    with pytest.raises(NotALedgerError, match="no event log"):
        opener(address)


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        ("INSERT INTO formats VALUES (2)", NewerFormatError),
        ("DROP TABLE formats", NotALedgerError),
        ("ALTER TABLE formats RENAME number TO format", NotALedgerError),
        ("ALTER TABLE formats DISABLE TRIGGER ALL; DELETE FROM formats", NotALedgerError),
    ],
)
def test_what_is_no_record_of_this_version_is_not_opened(
    postgres_store: Any, sql: Any, opener: Any, damage: str, error: type[StoreError]
) -> None:
    sql(damage)
    with pytest.raises(error):
        opener(postgres_store.where)


def test_a_record_without_its_table_is_none(postgres_store: Any, sql: Any) -> None:
    sql("DROP TABLE stored_events")
    with open_reader(postgres_store.where) as reader, pytest.raises(NotALedgerError):
        reader.event(1)
    with pytest.raises(NotALedgerError):
        postgres_store.save(postgres_store.fact("party/sv", 1))


def test_a_database_in_another_encoding_is_refused(address: Address, postgres_server: Any) -> None:
    name = "latin" + address.schema
    postgres_server.sql(
        f"CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
        " LOCALE_PROVIDER libc TEMPLATE template0"
    )
    try:
        with pytest.raises(StoreError, match="is in LATIN1, and a record in UTF8"):
            create_record(Address.parse(postgres_server.address(name, "postgres")))
    finally:
        postgres_server.sql(f"DROP DATABASE {name}")


def test_the_extra_is_asked_for_where_it_is_missing() -> None:
    program = """
import sys
sys.modules["psycopg"] = None
from events.store import factory
from events.store.errors import DriverMissingError
from events.store.location import Address
for opener in (
    factory.open_reader, factory.create_record, factory.library_environment, factory.open_tree
):
    try:
        opener(Address(host="db.example"))
    except DriverMissingError as error:
        print(error)
"""
    environ = {"PYTHONPATH": str(Path(factory.__file__).parents[2])}
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert ran.stdout.count("pip install 'depositary[postgres]'") == 4


def open_for_writing(where: Address) -> Any:
    return make_recorder_factory(Environment("", library_environment(where)), where)


# Settings of the shell, the role and the library


@pytest.mark.parametrize("asked", ["on", "off", "local", "remote_write", "remote_apply"])
def test_a_commit_is_durable_whatever_the_shell_says(
    postgres_store: Any, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setenv("PGOPTIONS", f"-c synchronous_commit={asked} -c lock_timeout=0")
    recorder = postgres_store.open(lock_wait_s=7)
    with recorder.datastore.transaction(commit=False) as cursor:
        found = [
            cursor.execute(f"SHOW {name}").fetchone()[0]
            for name in ("synchronous_commit", "lock_timeout", "transaction_isolation")
        ]
    recorder.datastore.close()
    assert found == ["remote_apply" if asked == "remote_apply" else "on", "7s", "read committed"]


def test_no_setting_of_the_shell_makes_a_table(
    foreign: Any, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "IS_SNAPSHOTTING_ENABLED": "y",
        "CREATE_TABLE": "yes",
        "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
        "POSTGRES_DBNAME": "elsewhere",
        "PERSISTENCE_MODULE": "eventsourcing.popo",
        "COMPRESSOR_TOPIC": "zlib",
    }.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(f"DEPOSITARY_{name}", value)
    with Ledger.create(address):
        pass
    with foreign(address) as session:
        found = session.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE nspname = %s AND relkind = 'r' ORDER BY 1",
            [address.schema],
        ).fetchall()
    assert [name for (name,) in found] == [
        "checkpoints", "cosignatures", "formats", "stored_events", "tree_nodes",
    ]  # fmt: skip


def test_functions_of_the_library_in_the_database_are_refused(postgres_store: Any) -> None:
    env = Environment(
        "", library_environment(postgres_store.where) | {"POSTGRES_ENABLE_DB_FUNCTIONS": "yes"}
    )
    with pytest.raises(StoreError, match="POSTGRES_ENABLE_DB_FUNCTIONS is refused"):
        make_recorder_factory(env, postgres_store.where)
