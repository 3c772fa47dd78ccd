"""Is the record in PostgreSQL made, opened and guarded as a record should be?"""

import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from eventsourcing.utils import Environment

from domain.ledger import Ledger
from events.store import opening, postgres_reading
from events.store.errors import (
    CannotWriteError,
    LedgerExistsError,
    LedgerLockedError,
    NewerFormatError,
    NoPrivilegeError,
    NotAdmittedError,
    NotALedgerError,
    StandbyError,
    StoreError,
    UnreachableError,
    VersionConflictError,
)
from events.store.opening import create, environment, make_factory, open_reader, open_tree
from events.store.where import Address

OPENERS = {
    "reading": open_reader,
    "writing": lambda where: make_factory(Environment("", environment(where)), where),
    "growing": lambda where: open_tree(where, write=True),
}


@pytest.fixture(params=OPENERS)
def opener(request: pytest.FixtureRequest) -> Any:
    return OPENERS[request.param]


@pytest.fixture
def sql(postgres_store: Any, foreign: Any) -> Iterator[Any]:
    with foreign(postgres_store.where) as session:
        yield session.execute


# Making it


def test_a_record_is_not_made_where_there_is_one(postgres_store: Any) -> None:
    postgres_store.save(postgres_store.fact("party/sv", 1))
    with pytest.raises(LedgerExistsError, match="exists already"):
        create(postgres_store.where)
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
        create(address)
    with pytest.raises(NotALedgerError):
        open_reader(address)


def test_an_empty_schema_becomes_a_record(foreign: Any, address: Address) -> None:
    with foreign(address) as session:
        session.execute(f'CREATE SCHEMA "{address.schema}"')
    create(address)
    with open_reader(address) as reader:
        assert reader.last_position() == 0


@pytest.mark.parametrize("schema", ["user", "select", "public_", "t_x"])
def test_a_schema_has_any_name(address: Address, drop: Any, schema: str) -> None:
    where = address.with_schema(f"{schema}")
    try:
        create(where)
        with open_reader(where) as reader:
            assert list(reader.rows()) == []
    finally:
        drop(where)


def test_a_ledger_whose_maker_was_killed_is_taken_up_again(address: Address) -> None:
    create(address)  # and then it was killed, before the first event
    with Ledger.create(address) as ledger:
        assert ledger.recorder.max_notification_id() == 1
    with pytest.raises(LedgerExistsError):
        Ledger.create(address)


# Opening it


def test_there_is_no_record_where_none_was_made(address: Address, opener: Any) -> None:
    with pytest.raises(NotALedgerError, match="no record"):
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


@pytest.mark.parametrize(
    "damage", ["DROP TABLE stored_events", "ALTER TABLE stored_events RENAME topic TO type"]
)
def test_a_record_without_its_table_is_none(postgres_store: Any, sql: Any, damage: str) -> None:
    sql(damage)
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
            create(Address.parse(postgres_server.address(name, "postgres")))
    finally:
        postgres_server.sql(f"DROP DATABASE {name}")


def test_the_extra_is_asked_for_where_it_is_missing() -> None:
    program = """
import sys
sys.modules["psycopg"] = None
from events.store import opening
from events.store.errors import DriverMissingError
from events.store.where import Address
for opener in (opening.open_reader, opening.create, opening.environment, opening.open_tree):
    try:
        opener(Address(host="db.example"))
    except DriverMissingError as error:
        print(error)
"""
    environ = {"PYTHONPATH": str(Path(opening.__file__).parents[2])}
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert ran.stdout.count("pip install 'depositary[postgres]'") == 4


# What is refused at the door

SECRET = "a-wrong-word"  # noqa: S105 - of nobody


@pytest.fixture
def guarded(postgres_store: Any, postgres_server: Any, monkeypatch: pytest.MonkeyPatch) -> Address:
    """Give the address of a record where a password is asked for."""
    monkeypatch.setenv("PGPASSWORD", postgres_server.PASSWORD)
    monkeypatch.setenv("PGPASSFILE", "/nonexistent")
    found = Address.parse(postgres_server.guarded_address())
    return found.with_schema(postgres_store.where.schema)


def changed(where: Address, **changes: str) -> Address:
    """Return an address with other parameters."""
    main = {k: changes.pop(k, getattr(where, k)) for k in ("host", "port", "user", "dbname")}
    options = dict(where.options) | changes
    return Address(**main, options=tuple(sorted(options.items())), schema=where.schema)


@pytest.mark.parametrize(
    ("change", "error", "why"),
    [
        ({"user": "nobody_known"}, NotAdmittedError, "password"),
        ({"dbname": "nowhere"}, NotALedgerError, "no such database"),
        ({"port": "1"}, UnreachableError, "Connection refused"),
        ({"host": "no-such-host.invalid"}, UnreachableError, "No server at"),
        ({"host": "/no/such/folder"}, UnreachableError, "No such file"),
        ({"sslmode": "require"}, NotAdmittedError, "no TLS"),
        ({"sslmode": "surely"}, StoreError, "does not take"),
        ({"no_such_option": "1"}, StoreError, "does not know"),
        ({"options": "-c no_such_setting=1"}, StoreError, "no_such_setting"),
        ({"service": "no-such-service"}, StoreError, "no-such-service"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(
    guarded: Address, opener: Any, change: dict[str, str], error: type[StoreError], why: str
) -> None:
    with pytest.raises(error, match=why) as refused:
        opener(changed(guarded, **change))
    assert "\n" not in str(refused.value)


def test_a_wrong_password_is_refused_and_never_shown(
    guarded: Address, opener: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener(guarded).close()
    monkeypatch.setenv("PGPASSWORD", SECRET)
    with pytest.raises(NotAdmittedError, match="refuses the password") as refused:
        opener(guarded)
    shown = "".join(traceback.TracebackException.from_exception(refused.value).format())
    assert SECRET not in shown
    monkeypatch.delenv("PGPASSWORD")
    with pytest.raises(NotAdmittedError, match="wants a password"):
        opener(guarded)


def test_who_may_not_read_is_told_so(
    postgres_store: Any, postgres_server: Any, opener: Any
) -> None:
    role = f"stranger_{postgres_store.where.schema}"
    postgres_server.sql(f"CREATE ROLE {role} LOGIN")
    try:
        with pytest.raises(NoPrivilegeError, match="permission denied"):
            opener(changed(postgres_store.where, user=role))
        with pytest.raises(NoPrivilegeError, match="permission denied"):
            create(changed(postgres_store.where, user=role).with_schema("another"))
    finally:
        postgres_server.sql(f"DROP ROLE {role}")


def forget(server: Any, role: str) -> None:
    server.sql(f"DROP OWNED BY {role}", database="depositary")
    server.sql(f"DROP ROLE {role}")


def test_a_recorder_needs_to_insert_and_no_more(
    foreign: Any, postgres_store: Any, postgres_server: Any
) -> None:
    where = postgres_store.where
    role = f"recorder_{where.schema}"
    postgres_server.sql(f"CREATE ROLE {role} LOGIN")
    try:
        with foreign(where) as session:
            session.execute(f'GRANT USAGE ON SCHEMA "{where.schema}" TO {role}')
            tables = f'ALL TABLES IN SCHEMA "{where.schema}"'
            session.execute(f"GRANT SELECT, INSERT ON {tables} TO {role}")
        recorder = OPENERS["writing"](changed(where, user=role)).application_recorder()
        event = postgres_store.mapper.to_stored_event(postgres_store.fact("party/sv", 1))
        assert recorder.insert_events([event]) == [1]
        with pytest.raises(NoPrivilegeError), recorder.datastore.transaction(commit=True) as c:
            c.execute("DELETE FROM stored_events")
        recorder.datastore.close()
        with open_tree(changed(where, user=role), write=True) as tree:
            tree.add_checkpoint(1, b"a note")
    finally:
        forget(postgres_server, role)


def test_hidden_rows_are_an_error_and_not_a_shorter_record(
    postgres_store: Any, postgres_server: Any, sql: Any
) -> None:
    where, role = postgres_store.where, f"reader_{postgres_store.where.schema}"
    postgres_store.save(*[postgres_store.fact("party/sv", n) for n in (1, 2, 3)])
    postgres_server.sql(f"CREATE ROLE {role} LOGIN")
    try:
        sql(f'GRANT USAGE ON SCHEMA "{where.schema}" TO {role}')
        sql(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{where.schema}" TO {role}')
        sql("ALTER TABLE stored_events ENABLE ROW LEVEL SECURITY")
        sql("CREATE POLICY few ON stored_events USING (position < 3)")
        with open_reader(changed(where, user=role)) as reader, pytest.raises(StoreError):
            list(reader.rows())
    finally:
        forget(postgres_server, role)


def test_who_reads_cannot_write(postgres_store: Any) -> None:
    with open_tree(postgres_store.where) as tree, pytest.raises(CannotWriteError):
        tree.add_checkpoint(1, b"a note")


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
        "", environment(postgres_store.where) | {"POSTGRES_ENABLE_DB_FUNCTIONS": "yes"}
    )
    with pytest.raises(StoreError, match="POSTGRES_ENABLE_DB_FUNCTIONS is refused"):
        make_factory(env, postgres_store.where)


def test_the_record_has_no_other_tables_of_the_library(postgres_store: Any) -> None:
    factory = OPENERS["writing"](postgres_store.where)
    assert not factory.is_snapshotting_enabled()
    for asked in (factory.aggregate_recorder, factory.tracking_recorder, factory.process_recorder):
        with pytest.raises(StoreError):
            asked()
    factory.close()


# What is recorded stays


@pytest.mark.parametrize("table", ["stored_events", "tree_nodes", "checkpoints", "cosignatures"])
@pytest.mark.parametrize("session", ["", "SET session_replication_role = replica; "])
def test_what_is_recorded_stays_whoever_asks(
    postgres_store: Any, postgres_server: Any, table: str, session: str
) -> None:
    postgres_store.save(postgres_store.fact("party/sv", 1))
    name = f'"{postgres_store.where.schema}".{table}'
    column = {"stored_events": "position", "tree_nodes": "level"}.get(table, "size")
    for change in (
        f"DELETE FROM {name}",
        f"UPDATE {name} SET {column} = 9",
        f"TRUNCATE {name}",
        f"INSERT INTO {name} SELECT * FROM {name} ON CONFLICT ({column}) DO UPDATE SET {column} = 9"
        if table in {"stored_events", "checkpoints"}
        else f"DELETE FROM {name} WHERE false",
    ):
        with pytest.raises(Exception, match=r"append-only|only grows"):
            postgres_server.sql(f"{session}{change}", database="depositary")
    assert postgres_store.names() == ["party/sv/1"]


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER stored_events_stay ON stored_events",
        "ALTER TABLE stored_events DISABLE TRIGGER stored_events_stay",
        "ALTER TABLE stored_events ENABLE TRIGGER stored_events_stay",
        (
            "CREATE TRIGGER more BEFORE INSERT ON stored_events FOR EACH STATEMENT"
            " EXECUTE FUNCTION refuse('no')"
        ),
        (
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RETURN NEW; END'"
        ),
        "ALTER FUNCTION refuse() SET search_path = public",
        "CREATE FUNCTION max(bigint, int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE diary (entry text)",
        "CREATE VIEW diary AS SELECT * FROM stored_events",
        "CREATE SEQUENCE diary",
        "CREATE INDEX more ON stored_events (topic)",
        "ALTER TABLE stored_events DROP CONSTRAINT stored_events_pkey",
        "ALTER TABLE stored_events ADD COLUMN note text",
        "ALTER TABLE stored_events ALTER topic DROP NOT NULL",
        "ALTER TABLE stored_events ALTER topic SET DEFAULT 'x'",
        'ALTER TABLE stored_events ALTER topic TYPE text COLLATE "POSIX"',
        "ALTER TABLE stored_events ALTER position TYPE integer",
        "ALTER TABLE stored_events ADD CHECK (position < 1000)",
        "ALTER TABLE stored_events ENABLE ROW LEVEL SECURITY",
        "CREATE RULE quiet AS ON INSERT TO stored_events DO INSTEAD NOTHING",
        "ALTER TABLE cosignatures SET UNLOGGED",
        "DROP TABLE cosignatures",
        "CREATE TABLE part () INHERITS (stored_events)",
    ],
)
def test_an_audit_sees_what_was_changed_about_the_schema(
    postgres_store: Any, sql: Any, change: str
) -> None:
    asked = opening.inspection(postgres_store.where)
    assert list(asked.foreign_schema(postgres_store.where)) == []
    sql(change)
    found = list(asked.foreign_schema(postgres_store.where))
    assert found
    assert all(" is " in sentence for sentence in found)


def test_an_audit_counts_the_versions_of_a_thing(postgres_store: Any, sql: Any) -> None:
    postgres_store.save(*[postgres_store.fact("party/sv", n) for n in (1, 2)])
    asked = opening.inspection(postgres_store.where)
    assert list(asked.wrong_versions(postgres_store.where)) == []
    sql("INSERT INTO stored_events VALUES (3, 'party/sv', 7, 'party.noted.v1', 'x')")
    assert list(asked.wrong_versions(postgres_store.where)) == [
        (3, "@3 is number 3 about party/sv, and says 7")
    ]


# Reading


def test_a_stream_is_of_one_state_however_many_pages_it_has(
    postgres_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_reading, "PAGE", 7)
    postgres_store.save(*[postgres_store.fact("party/sv", n) for n in range(1, 31)])
    with postgres_store.reader() as reader:
        stream = reader.rows()
        assert next(stream).position == 1
        postgres_store.save(postgres_store.fact("party/pk", 1))
        assert [row.position for row in stream] == list(range(2, 31))
        assert [row.position for row in reader.rows(20, 29)] == list(range(21, 30))
        assert [row.version for row in reader.rows(3, thing="party/sv")] == list(range(4, 31))


def test_who_reads_slowly_keeps_nothing_open(postgres_store: Any, sql: Any) -> None:
    postgres_store.save(*[postgres_store.fact("party/sv", n) for n in range(1, 9)])
    with postgres_store.reader() as reader:
        stream = reader.rows()
        next(stream)
        waiting = sql(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
            " AND datname = current_database()"
        ).fetchone()
        assert waiting == (0,)


def test_texts_are_compared_by_their_bytes(postgres_store: Any, sql: Any) -> None:
    names = ["party/b", "party/B", "party/a-b", "party/ab", "party/a1", "party/a"]
    postgres_store.save(*[postgres_store.fact(name, 1) for name in names])
    found = sql("SELECT originator_id FROM stored_events ORDER BY originator_id").fetchall()
    assert [name for (name,) in found] == sorted(names)


def test_a_reader_survives_that_its_session_is_ended(
    postgres_store: Any, postgres_server: Any
) -> None:
    postgres_store.save(postgres_store.fact("party/sv", 1))
    with postgres_store.reader() as reader:
        assert reader.last_position() == 1
        end_sessions(postgres_server)
        assert [row.position for row in reader.rows()] == [1]


def end_sessions(server: Any) -> None:
    server.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'depositary'"
    )


# Writing


def test_a_writer_that_waits_for_ever_is_told_that_the_record_is_locked(
    postgres_store: Any,
) -> None:
    other = postgres_store.open(lock_wait_s=0.2)
    with postgres_store.recorder.datastore.transaction(commit=True) as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"depositary {postgres_store.where.schema}"],
        )
        event = postgres_store.mapper.to_stored_event(postgres_store.fact("party/sv", 1))
        with pytest.raises(LedgerLockedError, match="others are writing"):
            other.insert_events([event])
    assert list(other.insert_events([event])) == [1]
    other.datastore.close()


def test_more_threads_than_sessions_wait_for_one(postgres_store: Any) -> None:
    recorder = postgres_store.open()
    errors: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(5):
                recorder.max_notification_id()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.datastore.close()
    assert errors == []
    with pytest.raises(StoreError, match="has been closed"):
        recorder.max_notification_id()


def test_who_follows_is_told_of_what_is_appended(foreign: Any, postgres_store: Any) -> None:
    with foreign(postgres_store.where) as session:
        session.execute(f"LISTEN {postgres_store.where.channel}")
        postgres_store.save(*[postgres_store.fact("party/sv", n) for n in (1, 2, 3)])
        with pytest.raises(VersionConflictError):
            postgres_store.save(postgres_store.fact("party/sv", 3))
        heard = [n.payload for n in session.notifies(timeout=5, stop_after=1)]
        assert heard == ["3"]
        assert list(session.notifies(timeout=0.05)) == []


def test_a_subscription_of_the_library_follows(postgres_store: Any) -> None:
    postgres_store.save(postgres_store.fact("party/sv", 1))
    with postgres_store.recorder.subscribe(gt=0) as subscription:
        assert next(subscription).id == 1
        postgres_store.save(postgres_store.fact("party/sv", 2))
        assert next(subscription).id == 2


def test_a_thousand_aborted_transactions_leave_positions_dense(postgres_store: Any) -> None:
    store = postgres_store
    store.save(store.fact("party/sv", 1))
    for n in range(1_000):
        with pytest.raises(VersionConflictError):
            store.save(
                store.fact("party/pk", 1), store.fact("party/us", 1), store.fact("party/sv", 1)
            )
        if n % 100 == 0:
            store.save(store.fact("party/sv", n // 100 + 2))
    with store.reader() as reader:
        assert [row.position for row in reader.rows()] == list(range(1, 12))
    from events.transparency.tree import integrate

    with open_tree(store.where, write=True) as tree:
        assert integrate(tree)[0] == 11
        assert next(iter(tree.runs())) == (0, 0, 11 * 32)


def test_of_several_servers_the_one_that_is_written_to_is_asked(
    postgres_store: Any, opener: Any, postgres_server: Any
) -> None:
    where = postgres_store.where
    several = changed(where, host=f"{where.host},{where.host}", port=f"1,{where.port}")
    opener(several).close()
    postgres_server.sql("ALTER DATABASE depositary SET default_transaction_read_only = on")
    try:
        with pytest.raises(StandbyError, match="No server"):
            opener(several)
        open_reader(changed(several, target_session_attrs="any")).close()
    finally:
        postgres_server.sql("ALTER DATABASE depositary RESET default_transaction_read_only")
