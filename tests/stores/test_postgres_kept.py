"""Does what is recorded in PostgreSQL stay, and does an audit see who would change that?"""

from typing import Any

import pytest

from events.store import factory


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
    checks = factory.record_inspection(postgres_store.where).checks
    foreign_schema = next(check for name, check, _ in checks if name == "schema")
    assert foreign_schema is not None
    assert list(foreign_schema(postgres_store.where)) == []
    sql(change)
    found = list(foreign_schema(postgres_store.where))
    assert found
    assert all(" is " in sentence for sentence in found)


def test_an_audit_counts_the_versions_of_a_thing(postgres_store: Any, sql: Any) -> None:
    postgres_store.save(*[postgres_store.fact("party/sv", n) for n in (1, 2)])
    inspection = factory.record_inspection(postgres_store.where)
    assert list(inspection.wrong_versions(postgres_store.where)) == []
    sql("INSERT INTO stored_events VALUES (3, 'party/sv', 7, 'party.noted.v1', 'x')")
    assert list(inspection.wrong_versions(postgres_store.where)) == [
        (3, "@3 is number 3 about party/sv, and says 7")
    ]
