"""Check that a log's schema in PostgreSQL is as this program makes it.

These are the checks of `events.store.sqlite.inspect`, as far as they apply: the server checks pages
and indexes itself, and keeps every value of its column's type.
"""

from collections.abc import Iterator
from contextlib import closing

from events.store.errors import RecordDamagedError
from events.store.location import Address
from events.store.postgres.errors import postgres_errors
from events.store.postgres.schema import REFUSE, TABLES
from events.store.postgres.session import Session, connect
from events.store.sqlite.inspect import WRONG_VERSION, Inspection, misplaced

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
