"""What is a record in PostgreSQL, and how is it made?

Tables in a schema of its own, with the columns that SQLite's have. Texts are compared by their
bytes, as there; what is recorded is neither changed nor removed, by whoever owns it.
"""

from collections.abc import Iterator

from events.store.errors import LedgerExistsError
from events.store.postgres_errors import postgres_errors
from events.store.postgres_session import Session, connect
from events.store.sqlite_file import FORMAT, LOCK_WAIT_S
from events.store.where import Address

TABLES = {
    "formats": "number integer PRIMARY KEY",
    "stored_events": """position bigint PRIMARY KEY,
    originator_id text COLLATE "C" NOT NULL,
    originator_version integer NOT NULL,
    topic text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    UNIQUE (originator_id, originator_version)""",
    "tree_nodes": """level integer NOT NULL,
    idx bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, idx)""",
    "checkpoints": "size bigint PRIMARY KEY, note bytea NOT NULL",
    "cosignatures": """size bigint NOT NULL,
    vkey text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL,
    PRIMARY KEY (size, vkey)""",
}
_REFUSE = """CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END$$"""


def statements(where: Address) -> Iterator[str]:
    """Yield what makes the tables of a record in a schema that is there."""
    schema = f'"{where.schema}"'
    yield _REFUSE.format(schema=schema)
    for name, columns in TABLES.items():
        yield f"CREATE TABLE {schema}.{name} (\n    {columns}\n)"
        why = "The record is append-only." if name == "stored_events" else "The tree only grows."
        yield (
            f"CREATE TRIGGER {name}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.{name}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse('{why}')"
        )
        # Also in a session that says it applies what another server did.
        yield f"ALTER TABLE {schema}.{name} ENABLE ALWAYS TRIGGER {name}_stay"
    yield f"INSERT INTO {schema}.formats VALUES ({FORMAT})"  # noqa: S608 - ours


def create(where: Address, lock_wait_s: float = LOCK_WAIT_S) -> None:
    """Make an empty record, in a schema that is not there or empty, in one transaction.

    Raises LedgerExistsError where the schema holds anything, and what `connect` does. Several may
    try at once: one of them makes it.
    """
    session = connect(where, "write", lock_wait_s, made=False)
    try:
        with postgres_errors(where, "write"), session.transaction():
            take_lock(session, where)
            if _holds_anything(session, where):
                raise LedgerExistsError(f"{where} exists already, and is left as it is.")
            if not _is_there(session, where):
                session.execute(f'CREATE SCHEMA "{where.schema}"')
            for statement in statements(where):
                session.execute(statement)
    finally:
        session.close()


def lock_statement(where: Address) -> str:
    """Return the statement that takes the one lock of writers, until the transaction ends.

    It is no lock on a table, because those need more than the privilege to insert.
    """
    return f"SELECT pg_advisory_xact_lock(hashtextextended('depositary {where.schema}', 0))"


def take_lock(session: Session, where: Address) -> None:
    """Wait until no other writer is at work; within a transaction."""
    session.execute(lock_statement(where))


def _is_there(session: Session, where: Address) -> bool:
    sql = "SELECT 1 FROM pg_namespace WHERE nspname = %s"
    return session.execute(sql, [where.schema]).fetchone() is not None


def _holds_anything(session: Session, where: Address) -> bool:
    sql = """SELECT 1 FROM pg_namespace n WHERE nspname = %s AND (
        EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = n.oid)
        OR EXISTS (SELECT 1 FROM pg_proc WHERE pronamespace = n.oid))"""
    return session.execute(sql, [where.schema]).fetchone() is not None
