"""Can owner, recorder and reader do what they are there for, and nothing else?

The roles are made by the statements of docs/scale.md, word for word.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent

from domain.ledger import identity
from events.envelope import envelope
from events.store.errors import NoPrivilegeError
from events.store.factory import library_environment, make_recorder_factory, open_reader, open_tree
from events.store.ledger_folder import existing_location
from events.store.location import Address
from events.transparency.tree import integrate
from tests.faults.servers import USER, command
from tests.faults.told import a_state

psycopg = pytest.importorskip("psycopg", exc_type=ImportError)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scale.md"
TOPIC = "party.noted.v1"
OF_THE_RECORD = {  # and a column of each
    "stored_events": "position",
    "tree_nodes": "level",
    "checkpoints": "size",
    "cosignatures": "size",
    "formats": "number",
}

As = Callable[[str], Address]
Run = Callable[..., Any]


def run_sql(server: Any, statements: str, database: str) -> None:
    to = ["-h", str(server.data.parent), "-p", str(server.port), "-U", USER, "-d", database]
    said = ["-q", "-v", "ON_ERROR_STOP=1", "-c"]
    for statement in re.split(r";\n", statements):
        if statement.strip():
            command("psql", *to, *said, statement, cwd=server.data.parent)


@pytest.fixture(scope="module")
def at(postgres_server: Any, depositary: Run) -> Iterator[As]:
    """Give the address of a ledger, made as the page says, as one of its three users."""
    before, after = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)

    def address(who: str) -> Address:
        return Address.parse(postgres_server.address("ledger", f"ledger_{who}"))

    run_sql(postgres_server, before, USER)
    made = depositary("init", str(address("owner")))
    assert made.returncode == 0, made.stderr
    run_sql(postgres_server, after, "ledger")
    yield address
    run_sql(postgres_server, "DROP DATABASE ledger", USER)
    for who in ("owner", "recorder", "reader"):
        run_sql(postgres_server, f"DROP ROLE ledger_{who}", USER)


def append(where: Address, thing: str) -> list[int]:
    state = envelope(thing, 1, TOPIC, identity(where), b"{}")
    factory: Any = make_recorder_factory(library_environment(where), where)
    try:
        event = StoredEvent(thing, 1, TOPIC, state)
        return list(factory.application_recorder().insert_events([event]) or ())
    finally:
        factory.datastore.close()


def names(where: Address) -> list[str]:
    with open_reader(where) as reader:
        return [row.thing for row in reader.rows()]


def refused(where: Address, statement: str) -> str:
    """Return how the server refuses a statement, which nothing of ours would make."""
    parameters: dict[str, Any] = where.parameters()
    with psycopg.connect(**parameters) as session:
        session.execute(f"SET search_path TO {where.schema}".encode())
        with pytest.raises(psycopg.Error) as refusal:
            session.execute(statement.encode())
    return type(refusal.value).__name__


def test_the_recorder_appends_and_reads_and_grows_the_tree(at: As) -> None:
    recorder = at("recorder")
    before = names(recorder)
    assert append(recorder, "party/sv") == [len(before) + 1]
    assert names(recorder) == [*before, "party/sv"]
    with open_tree(recorder, write=True) as tree:
        size, _ = integrate(tree)
    assert size == len(before) + 1
    with open_tree(at("reader")) as tree:
        assert tree.size() == size


def test_the_reader_reads_and_writes_nothing(at: As) -> None:
    assert names(at("reader"))[0] == "ledger/self"
    with pytest.raises(NoPrivilegeError):
        append(at("reader"), "party/bt")
    with open_tree(at("recorder"), write=True) as tree:
        integrate(tree)
    for table in OF_THE_RECORD:
        again = f"INSERT INTO {table} SELECT * FROM {table}"
        assert refused(at("reader"), again) == "InsufficientPrivilege"
    assert "party/bt" not in names(at("reader"))


@pytest.mark.parametrize("who", ["recorder", "reader"])
@pytest.mark.parametrize("table", OF_THE_RECORD)
def test_neither_recorder_nor_reader_changes_what_is_recorded(at: As, who: str, table: str) -> None:
    column = OF_THE_RECORD[table]
    for statement in (
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"DROP TABLE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TRIGGER {table}_stay ON {table}",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION refuse('no')",
        f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    ):
        assert refused(at(who), statement) == "InsufficientPrivilege", statement


@pytest.mark.parametrize("who", ["recorder", "reader"])
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE depositary.mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE OR REPLACE FUNCTION depositary.refuse() RETURNS trigger LANGUAGE sql AS ''",
        "DROP SCHEMA depositary CASCADE",
        "INSERT INTO depositary.formats VALUES (99)",
        "SET session_replication_role = replica",
        "CREATE ROLE mine",
        "SELECT pg_logical_slot_get_changes('mine', NULL, NULL)",
        "COPY depositary.stored_events TO '/dev/null'",
    ],
)
def test_neither_recorder_nor_reader_makes_anything_else(at: As, who: str, statement: str) -> None:
    assert refused(at(who), statement) == "InsufficientPrivilege"


@pytest.mark.parametrize("table", OF_THE_RECORD)
def test_not_even_the_owner_changes_what_is_recorded(at: As, table: str) -> None:
    assert refused(at("owner"), f"DELETE FROM {table}") == "RaiseException"
    assert refused(at("owner"), f"TRUNCATE {table}") == "RaiseException"


def test_the_recorder_records_at_the_counter_and_the_reader_reads_the_answers(
    at: As, depositary: Run
) -> None:
    def ask(who: str, *words: str, **options: Any) -> Any:
        return depositary("--ledger", str(at(who)), *words, **options)

    recorded = ask("recorder", "append", "-", input=a_state("bt"))
    assert recorded.returncode == 0, recorded.stderr
    for who in ("recorder", "reader"):
        made = ask(who, "replay")
        assert made.returncode == 0, made.stderr
    again = ask("recorder", "append", "-", input=a_state("kz"))
    assert again.returncode == 0, again.stderr
    listed = ask("reader", "party", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "party/bt" in listed.stdout
    assert "party/kz" in listed.stdout
    tried = ask("reader", "append", "-", input=a_state("ch"))
    assert tried.returncode == 7
    assert "party/ch" not in ask("reader", "party", "list").stdout


def test_the_reader_is_served_pages(at: As, postgres_server: Any, depositary: Run) -> None:
    """Of a ledger of its own: other tests record a type that no page knows."""
    testing = pytest.importorskip("starlette.testclient", reason="depositary[web] is missing")
    from cli.web.application import application
    from cli.web.snapshot import Snapshots

    owner, recorder, reader = (
        at(who).with_schema("pages") for who in ("owner", "recorder", "reader")
    )
    made = depositary("init", str(owner))
    assert made.returncode == 0, made.stderr
    _, after = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    run_sql(postgres_server, re.sub(r"\bdepositary\b", "pages", after), "ledger")
    told = depositary("--ledger", str(recorder), "append", "-", input=a_state("is"))
    assert told.returncode == 0, told.stderr
    with Snapshots(existing_location(reader, "here"), 60) as snapshots:
        client = testing.TestClient(application(snapshots), base_url="http://127.0.0.1")
        for path in ("/", "/party/", "/party/is/", "/log/", "/proof/", "/event/1/", "/feed.atom"):
            assert client.get(path).status_code == 200, path
        assert "party/is" in client.get("/party.json").text


def test_others_are_not_even_let_in(at: As, postgres_server: Any) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(postgres_server.address("ledger"))
