"""Who is let in to a record in PostgreSQL, and what is told to whom is not?"""

import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from eventsourcing.utils import Environment

from events.store.errors import (
    CannotWriteError,
    CrowdedError,
    LedgerExistsError,
    NoPrivilegeError,
    NotAdmittedError,
    NotALedgerError,
    RecordDamagedError,
    StandbyError,
    StartingError,
    StoreError,
    UnreachableError,
)
from events.store.factory import (
    create_record,
    library_environment,
    make_recorder_factory,
    open_reader,
    open_tree,
)
from events.store.location import Address
from events.store.postgres.schema import statements


def open_for_writing(where: Address) -> Any:
    return make_recorder_factory(Environment("", library_environment(where)), where)


SECRET = "a-wrong-word"  # noqa: S105 - of nobody


@pytest.fixture
def guarded(postgres_store: Any, postgres_server: Any, monkeypatch: pytest.MonkeyPatch) -> Address:
    """Give the address of a record where a password is asked for."""
    monkeypatch.setenv("PGPASSWORD", postgres_server.PASSWORD)
    monkeypatch.setenv("PGPASSFILE", "/nonexistent")
    found = Address.parse(postgres_server.guarded_address())
    return found.with_schema(postgres_store.where.schema)


@pytest.fixture
def mistaken(guarded: Address, changed: Any) -> Any:
    """Give a function that returns that address with something wrong in it."""
    return lambda **change: changed(guarded, **change)


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
    mistaken: Any, opener: Any, change: dict[str, str], error: type[StoreError], why: str
) -> None:
    with pytest.raises(error, match=why) as refused:
        opener(mistaken(**change))
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
    changed: Any, postgres_store: Any, postgres_server: Any, opener: Any
) -> None:
    role = f"stranger_{postgres_store.where.schema}"
    postgres_server.sql(f"CREATE ROLE {role} LOGIN")
    try:
        with pytest.raises(NoPrivilegeError, match="permission denied"):
            opener(changed(postgres_store.where, user=role))
        with pytest.raises(NoPrivilegeError, match="permission denied"):
            create_record(changed(postgres_store.where, user=role).with_schema("another"))
    finally:
        postgres_server.sql(f"DROP ROLE {role}")


def forget(server: Any, role: str) -> None:
    server.sql(f"DROP OWNED BY {role}", database="depositary")
    server.sql(f"DROP ROLE {role}")


def test_a_recorder_needs_to_insert_and_no_more(
    changed: Any, foreign: Any, postgres_store: Any, postgres_server: Any
) -> None:
    where = postgres_store.where
    role = f"recorder_{where.schema}"
    postgres_server.sql(f"CREATE ROLE {role} LOGIN")
    try:
        with foreign(where) as session:
            session.execute(f'GRANT USAGE ON SCHEMA "{where.schema}" TO {role}')
            tables = f'ALL TABLES IN SCHEMA "{where.schema}"'
            session.execute(f"GRANT SELECT, INSERT ON {tables} TO {role}")
        recorder = open_for_writing(changed(where, user=role)).application_recorder()
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
    changed: Any, postgres_store: Any, postgres_server: Any, sql: Any
) -> None:
    where, role = postgres_store.where, f"reader_{postgres_store.where.schema}"
    postgres_store.save(*[postgres_store.fact("party/sv", n) for n in (1, 2, 3)])
    postgres_server.sql(f"CREATE ROLE {role} LOGIN")
    try:
        sql(f'GRANT USAGE ON SCHEMA "{where.schema}" TO {role}')
        sql(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{where.schema}" TO {role}')
        sql("ALTER TABLE stored_events ENABLE ROW LEVEL SECURITY")
        sql("CREATE POLICY few ON stored_events USING (position < 3)")
        with pytest.raises(RecordDamagedError, match="stored_events"):
            open_reader(changed(where, user=role))
    finally:
        forget(postgres_server, role)


def test_who_reads_cannot_write(postgres_store: Any) -> None:
    with open_tree(postgres_store.where) as tree, pytest.raises(CannotWriteError):
        tree.add_checkpoint(1, b"a note")


def test_of_several_servers_the_one_that_is_written_to_is_asked(
    changed: Any, postgres_store: Any, opener: Any, postgres_server: Any
) -> None:
    where = postgres_store.where
    several = changed(where, host=f"{where.host},{where.host}", port=f"1,{where.port}")
    opener(several).close()
    postgres_server.sql("ALTER DATABASE depositary SET default_transaction_read_only = on")
    try:
        with pytest.raises(StandbyError, match="No server"):
            opener(several, lock_wait_s=0.5)
        open_reader(changed(several, target_session_attrs="any")).close()
    finally:
        postgres_server.sql("ALTER DATABASE depositary RESET default_transaction_read_only")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (a integer)",
        "CREATE VIEW more AS SELECT * FROM stored_events",
        "ALTER TABLE stored_events RENAME TO others; CREATE VIEW stored_events AS TABLE others",
        "ALTER TABLE checkpoints ADD COLUMN more text",
        "CREATE INDEX more ON stored_events (topic)",
        "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER more BEFORE INSERT ON stored_events EXECUTE FUNCTION refuse('x')",
        "CREATE RULE more AS ON INSERT TO checkpoints DO ALSO SELECT 1",
        "ALTER TABLE stored_events ALTER COLUMN topic SET DEFAULT 'x'",
        "CREATE SEQUENCE more",
    ],
)
def test_a_foreign_schema_is_refused_before_anything_is_read(
    statement: str, postgres_store: Any, opener: Any, sql: Any
) -> None:
    opener(postgres_store.where).close()
    sql(statement)
    with pytest.raises(RecordDamagedError, match="is not one that this program makes"):
        opener(postgres_store.where)


def test_a_schema_that_was_half_made_is_swept(postgres_store: Any, foreign: Any) -> None:
    where = postgres_store.where.with_schema(f"{postgres_store.where.schema}_half")
    several = list(statements(where))
    for count in (1, 2, 3, 7, len(several) - 1):
        with foreign(where) as session:
            session.execute(f'DROP SCHEMA IF EXISTS "{where.schema}" CASCADE')
            session.execute(f'CREATE SCHEMA "{where.schema}"')
            for statement in several[:count]:
                session.execute(statement)
        create_record(where)
        open_reader(where).close()
    with foreign(where) as session:
        session.execute(f'DROP TABLE "{where.schema}".checkpoints')
    with pytest.raises(LedgerExistsError):  # it is no longer empty: it has its format
        create_record(where)
    with foreign(where) as session:
        session.execute(f'DROP SCHEMA "{where.schema}" CASCADE')


def test_no_free_connection_is_not_a_lock(
    changed: Any, postgres_store: Any, postgres_server: Any, opener: Any
) -> None:
    role = f"one_{postgres_store.where.schema}"
    postgres_server.sql(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 0")
    try:
        with pytest.raises(CrowdedError, match="takes no more connections"):
            opener(changed(postgres_store.where, user=role))
    finally:
        postgres_server.sql(f"DROP ROLE {role}")


def test_a_server_that_is_starting_is_waited_for(
    changed: Any, postgres_store: Any, opener: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with starting_server() as (port, asked):
        where = changed(
            postgres_store.where, host="127.0.0.1", port=str(port), gssencmode="disable"
        )
        with pytest.raises(StartingError, match="starting up"):
            opener(where, lock_wait_s=1)
    assert len(asked) > 2
    [said] = [record.getMessage() for record in caplog.records]
    assert said.startswith("waiting 1 s at most: The server at ")


@contextmanager
def starting_server() -> Iterator[tuple[int, list[bytes]]]:
    """Give the port of what answers as a server does while it starts, and what it was sent."""
    asked: list[bytes] = []
    fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
    refusal = b"E" + (len(fields) + 4).to_bytes(4) + fields

    def answer() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    asked.append(connection.recv(8_192))
                    if asked[-1][4:8] == b"\x04\xd2\x16\x2f":  # would it speak TLS?
                        connection.sendall(b"N")
                        asked.append(connection.recv(8_192))
                    connection.sendall(refusal)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield listener.getsockname()[1], asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
