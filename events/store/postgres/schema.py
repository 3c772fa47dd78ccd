"""Define the tables of a record in PostgreSQL, and make them.

Tables in a schema of its own, with the columns that SQLite's have. Texts are compared by their
bytes, as there; what is recorded is neither changed nor removed, by whoever owns it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from events.store.errors import LedgerExistsError
from events.store.location import Address
from events.store.postgres.errors import postgres_errors
from events.store.postgres.session import Session, connect
from events.store.sqlite.connection import LOCK_WAIT_S
from events.store.sqlite.schema import FORMAT


class RecordTable(NamedTuple):
    """A table of the record: its columns and their types, none of them null, and its keys.

    The first key is the primary one. `why` is the message to those who change or remove a row.
    """

    columns: dict[str, str]
    keys: tuple[tuple[str, ...], ...]
    why: str = "The tree only grows."


TABLES = {
    "formats": RecordTable({"number": "integer"}, (("number",),), "A format is not taken back."),
    "stored_events": RecordTable(
        {
            "position": "bigint",
            "originator_id": "text",
            "originator_version": "integer",
            "topic": "text",
            "state": "bytea",
        },
        (("position",), ("originator_id", "originator_version")),
        "The record is append-only.",
    ),
    "tree_nodes": RecordTable(
        {"level": "integer", "idx": "bigint", "hashes": "bytea"}, (("level", "idx"),)
    ),
    "checkpoints": RecordTable({"size": "bigint", "note": "bytea"}, (("size",),)),
    "cosignatures": RecordTable(
        {"size": "bigint", "vkey": "text", "line": "text"}, (("size", "vkey"),)
    ),
}
REFUSE = "BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END"


def statements(where: Address) -> Iterator[str]:
    """Yield what makes the tables of a record in a schema that is there."""
    schema = f'"{where.schema}"'
    yield f"CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $${REFUSE}$$"
    for name, table in TABLES.items():
        columns = [
            f"""{column} {kind} {'COLLATE "C" ' if kind == "text" else ""}NOT NULL"""
            for column, kind in table.columns.items()
        ]
        first, *others = table.keys
        keys = [f"PRIMARY KEY ({', '.join(first)})", *(f"UNIQUE ({', '.join(k)})" for k in others)]
        yield f"CREATE TABLE {schema}.{name} ({', '.join([*columns, *keys])})"
        yield (
            f"CREATE TRIGGER {name}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.{name}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse('{table.why}')"
        )
        # Also in a session that says it applies what another server did.
        yield f"ALTER TABLE {schema}.{name} ENABLE ALWAYS TRIGGER {name}_stay"
    yield f"INSERT INTO {schema}.formats VALUES ({FORMAT})"  # noqa: S608 - ours


def create_schema(where: Address, lock_wait_s: float = LOCK_WAIT_S) -> None:
    """Make an empty record, in a schema that is not there or empty, in one transaction.

    Raises LedgerExistsError where the schema holds anything, and what `connect` does. Several may
    try at once: one of them makes it.
    """
    session = connect(where, "write", lock_wait_s, made=False)
    try:
        with postgres_errors(where, "write"), session.transaction():
            take_lock(session, where)
            sweep_half_made(session, where)
            if holds_anything(session, where):
                raise LedgerExistsError(f"{where} exists already, and is left as it is.")
            make_tables(session, where)
    finally:
        session.close()


def sweep_half_made(session: Session, where: Address) -> None:
    """Remove some of our tables, and nothing else, that were made without the others.

    Only where they are empty; within a transaction that holds the lock.
    """
    from events.store.postgres.inspect import EXPECTED, things_in

    there = {thing[:2] for thing in things_in(session, where)}
    if not there or not there <= {thing[:2] for thing in EXPECTED}:
        return
    tables = [name for kind, name in there if kind == "table"]
    rows = [session.execute(f'SELECT 1 FROM "{where.schema}".{name} LIMIT 1') for name in tables]  # noqa: S608
    if all(each.fetchone() is None for each in rows):
        for name in tables:
            session.execute(f'DROP TABLE "{where.schema}".{name}')
        session.execute(f'DROP FUNCTION IF EXISTS "{where.schema}".refuse()')


def make_tables(session: Session, where: Address) -> None:
    """Make the tables; within a transaction that holds the lock."""
    there = "SELECT 1 FROM pg_namespace WHERE nspname = %s"
    if session.execute(there, [where.schema]).fetchone() is None:
        session.execute(f'CREATE SCHEMA "{where.schema}"')
    for statement in statements(where):
        session.execute(statement)


def holds_anything(session: Session, where: Address) -> bool:
    """Say whether there is a table, a view or a function in the schema, whoever made it."""
    sql = """SELECT 1 FROM pg_namespace n WHERE nspname = %s AND (
        EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = n.oid)
        OR EXISTS (SELECT 1 FROM pg_proc WHERE pronamespace = n.oid))"""
    return session.execute(sql, [where.schema]).fetchone() is not None


def lock_statement(where: Address) -> str:
    """Return the statement that takes the one lock of writers, until the transaction ends.

    It is no lock on a table, because those need more than the privilege to insert.
    """
    return f"SELECT pg_advisory_xact_lock(hashtextextended('depositary {where.schema}', 0))"


def take_lock(session: Session, where: Address) -> None:
    """Wait until no other writer is at work; within a transaction."""
    session.execute(lock_statement(where))
