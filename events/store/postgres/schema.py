"""Define the tables of a record in PostgreSQL, make them, and compare those of a schema with them.

Tables in a schema of its own, with the columns that SQLite's have. Texts are compared by their
bytes, as there; what is recorded is neither changed nor removed, by whoever owns it. Pages and
indexes the server checks itself, and keeps every value of its column's type.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

from events.store.errors import LedgerExistsError, RecordDamagedError
from events.store.location import Address
from events.store.postgres.errors import postgres_errors
from events.store.postgres.session import Session, connect
from events.store.sqlite.connection import WRONG_VERSION, Inspection, misplaced
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


def create_schema(where: Address) -> None:
    """Make an empty record, in a schema that is not there or empty, in one transaction.

    Raises LedgerExistsError where the schema holds anything, and what `connect` does. Several may
    try at once: one of them makes it.
    """
    session = connect(where, "write", made=False)
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


# Each yields a kind, a name and its properties, from the server's catalogue.
_FOUND = (
    """SELECT 'table', relname::text, concat_ws(' ', relkind::text, relpersistence::text,
        CASE WHEN relrowsecurity OR relforcerowsecurity THEN 'with policies' END,
        CASE WHEN relhasrules THEN 'with rules' END,
        CASE WHEN relhassubclass OR relispartition THEN 'in parts' END)
    FROM pg_class WHERE relnamespace = %s AND relkind NOT IN ('i', 'I')""",
    """SELECT 'column', c.relname || '.' || a.attname, concat_ws(' ',
        format_type(a.atttypid, a.atttypmod), l.collname, CASE WHEN NOT attnotnull THEN 'null' END,
        CASE WHEN atthasdef OR attidentity <> '' OR attgenerated <> '' THEN 'default' END)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation AND l.collname <> 'default'
    WHERE c.relnamespace = %s AND c.relkind NOT IN ('i', 'I') AND a.attnum > 0
    AND NOT a.attisdropped""",
    """SELECT 'index', c.relname || ' (' || (
        SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = i.indexrelid) || ')', concat_ws(' ',
        CASE WHEN indisprimary THEN 'primary' WHEN indisunique THEN 'unique' ELSE 'plain' END,
        CASE WHEN NOT indisvalid THEN 'invalid' END,
        CASE WHEN indpred IS NOT NULL OR indexprs IS NOT NULL THEN 'in part' END)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = %s""",
    """SELECT 'constraint', c.relname || '.' || conname, contype::text
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE c.relnamespace = %s AND contype NOT IN ('p', 'u', 'n')""",
    """SELECT 'trigger', c.relname || '.' || tgname, concat_ws(' ', tgenabled::text, tgtype::text,
        p.proname, encode(tgargs, 'escape'), tgqual::text)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE c.relnamespace = %s AND NOT tgisinternal""",
    """SELECT 'function', proname::text, concat_ws(' ', l.lanname, prosrc, proconfig::text)
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE pronamespace = %s""",
)
# BEFORE, of statements: 2; UPDATE, DELETE and TRUNCATE: 16, 8 and 32 (catalog/pg_trigger.h).
_STAYS = 2 | 16 | 8 | 32

Thing = tuple[str, str, str]  # kind, name, properties


def _foreign_schema(where: Address) -> Iterator[str]:
    """Yield each table, index, trigger or function that is not ours, and each that is missing."""
    with closing(connect(where, "read", made=False)) as session, postgres_errors(where, "read"):
        found = things_in(session, where)
    expected = EXPECTED
    for kind, name, _ in sorted(found - expected):
        yield f"the {kind} {name} is not one that this program makes"
    for kind, name, _ in sorted(expected - found):
        yield f"the {kind} {name} is missing, or was changed"


def _wrong_versions(where: Address) -> Iterator[tuple[int, str]]:
    """Yield position and sentence of each event that is not its thing's next, or is at none."""
    with closing(connect(where, "read")) as session, postgres_errors(where, "read"):
        for position, thing, version, n in session.execute(WRONG_VERSION).fetchall():
            yield position, misplaced(position, thing, version, n)


INSPECTION = Inspection(
    (
        ("file", None, "pages and indexes are the server's to check: data checksums, pg_amcheck"),
        ("schema", _foreign_schema, "the tables and triggers are ours, and no others"),
        ("kinds", None, "the server keeps every value of its column's kind"),
    ),
    _wrong_versions,
)


def things_in(session: Session, where: Address) -> set[Thing]:
    """Return what is in a schema: tables, columns, indexes, triggers, functions; in one query."""
    schema = "(SELECT oid FROM pg_namespace WHERE nspname = %(schema)s)"
    sql = " UNION ALL ".join(each.replace("%s", schema) for each in _FOUND)
    return set(session.execute(sql, {"schema": where.schema}).fetchall())


def check_record_schema(session: Session, where: Address) -> None:
    """Raise RecordDamagedError for anything in a schema that this program does not make.

    What is missing `audit` says.
    """
    for kind, name, _ in sorted(things_in(session, where) - EXPECTED):
        raise RecordDamagedError(
            f"{where} is damaged: its {kind} {name!a:.80} is not one that this program makes."
        )


def _expected() -> set[Thing]:
    found = {("function", "refuse", f"plpgsql {REFUSE}")}
    for name, table in TABLES.items():
        found.add(("table", name, "r p"))
        for column, kind in table.columns.items():
            found.add(("column", f"{name}.{column}", f"{kind} C" if kind == "text" else kind))
        for n, key in enumerate(table.keys):
            how = "unique" if n else "primary"
            found.add(("index", f"{name} ({', '.join(key)})", how))
        stays = f"A {_STAYS} refuse {table.why}\\000"
        found.add(("trigger", f"{name}.{name}_stay", stays))
    return found


EXPECTED = _expected()
