"""How are the answers of a record in PostgreSQL made anew, while others read them?

One at a time, in a schema that nobody reads yet and that then takes the other's name.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from events.store.errors import NotALedgerError
from events.store.location import Address
from events.store.postgres.errors import postgres_errors
from events.store.postgres.session import Session, connect
from events.store.sqlite.reader import RecordReader
from events.value import replace
from projections.read_model.catch_up import Progress, identity_of, reach
from projections.read_model.postgres import answers_at, speaking, tables
from projections.read_model.schema import FORMAT, INDEXES, SCHEMA

_TABLES = ("state", "claims", "things", "lines")
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_ALONE = "SELECT pg_advisory_lock(hashtextextended(%s, 0))"
_FOREIGN = """SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = %s AND relkind <> 'i' AND relname <> ALL(%s)
UNION ALL SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = %s
LIMIT 1"""
_WHO = "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END"
_OF_SCHEMA = f"""SELECT privilege_type, {_WHO} FROM pg_namespace, aclexplode(nspacl)
WHERE nspname = %s AND grantee <> nspowner"""  # noqa: S608 - ours
_OF_TABLES = f"""SELECT relname, privilege_type, {_WHO} FROM pg_class, aclexplode(relacl)
WHERE relnamespace = to_regnamespace(%s) AND grantee <> relowner
AND relname IN ('state', 'claims', 'things', 'lines')"""  # noqa: S608 - ours


def make(
    record: RecordReader,
    progress: Progress | None = None,
    *,
    unless: Callable[[], bool] | None = None,
) -> tuple[int, str]:
    """Make the answers anew, return the position and the digest; readers always find whole ones.

    Nothing is done where `unless`, asked once nobody else is at it, says so. They are made in a
    schema that takes the other's place; who may create none makes them in the one there is.
    """
    at, identity = answers_at(record), identity_of(record)
    building = replace(at, schema=f"{at.schema}_new")
    session = connect(at, "write", made=False)
    try:
        with postgres_errors(at, "write"):
            session.execute(_ALONE, [f"depositary {at.schema} made anew"])
            session.execute("SET statement_timeout = 0")  # an index takes the time it takes
            if unless is not None and unless():
                return 0, ""
            _refuse_foreign(session, at, building)
            if not _may_create(session):
                return _filled_in_place(session, record, identity, at, progress)
            session.execute(f'DROP SCHEMA IF EXISTS "{building.schema}" CASCADE')
            session.execute(f'CREATE SCHEMA "{building.schema}"')
            with _speaking_to(session, building) as connection:
                session.execute(tables(SCHEMA))
                found = _filled(connection, record, identity, progress)
                session.execute(tables(INDEXES))
                session.execute("ANALYZE claims, things, lines")
            with session.transaction():
                _swap(session, at, building)
            return found
    finally:
        session.close()


def _filled(
    connection: sqlite3.Connection,
    record: RecordReader,
    identity: str,
    progress: Progress | None,
) -> tuple[int, str]:
    from projections.read_model.digest import whole
    from projections.read_model.rebuild import Making, rebuild

    last = record.last_position()
    connection.executemany(
        "INSERT INTO state VALUES (?, ?)", [("ledger", identity), ("format", str(FORMAT))]
    )
    digests = rebuild(Making(record, last, None), connection, progress)
    reach(connection, last)
    return last, whole(digests)


def _filled_in_place(
    session: Session,
    record: RecordReader,
    identity: str,
    at: Address,
    progress: Progress | None,
) -> tuple[int, str]:
    # Emptied and filled in one transaction: who reads meanwhile sees the old rows until its end.
    with session.transaction(), _speaking_to(session, at) as connection:
        session.execute(_LOCK, [_lock_of(at)])
        if _of_this_format(session, at):
            for table in _TABLES:
                session.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - ours
        else:
            grants = list(_grants(session, at, at))
            session.execute(f"DROP TABLE IF EXISTS {', '.join(_TABLES)}".encode())
            session.execute(tables(SCHEMA + INDEXES))
            for grant in grants:
                session.execute(grant.encode())
        return _filled(connection, record, identity, progress)


def _of_this_format(session: Session, at: Address) -> bool:
    sql = "SELECT to_regclass(%s) IS NOT NULL AND to_regclass(%s) IS NOT NULL"
    names = [f'"{at.schema}".state', f'"{at.schema}".lines']
    if session.execute(sql, names).fetchone() != (True,):
        return False
    found = session.execute("SELECT value FROM state WHERE name = 'format'").fetchone()
    return found == (str(FORMAT),)


def _refuse_foreign(session: Session, *several: Address) -> None:
    """Raise NotALedgerError where a schema holds anything that no answers have."""
    for at in several:
        found = session.execute(_FOREIGN, [at.schema, list(_TABLES), at.schema]).fetchone()
        if found is not None:
            raise NotALedgerError(
                f"{at} holds {found[0]}, which is none of the answers' tables: it is left as it is."
            )


def _may_create(session: Session) -> bool:
    found = session.execute("SELECT has_database_privilege(current_database(), 'CREATE')")
    return found.fetchone() == (True,)


@contextmanager
def _speaking_to(session: Session, at: Address) -> Iterator[sqlite3.Connection]:
    session.execute(
        "SELECT set_config('search_path', %s, false)", [f'"{at.schema}", pg_catalog, pg_temp']
    )
    yield speaking(session, at)


def _swap(session: Session, at: Address, building: Address) -> None:
    session.execute(_LOCK, [_lock_of(at)])
    for grant in _grants(session, at, building):
        session.execute(grant.encode())
    session.execute(f'DROP SCHEMA IF EXISTS "{at.schema}" CASCADE')
    session.execute(f'ALTER SCHEMA "{building.schema}" RENAME TO "{at.schema}"')


def _grants(session: Session, at: Address, building: Address) -> Iterator[str]:
    """Yield what gives the new schema's readers what they had in the old one."""
    for privilege, who in session.execute(_OF_SCHEMA, [at.schema]).fetchall():
        yield f'GRANT {privilege} ON SCHEMA "{building.schema}" TO {who}'
    for table, privilege, who in session.execute(_OF_TABLES, [at.schema]).fetchall():
        yield f'GRANT {privilege} ON "{building.schema}"."{table}" TO {who}'


def _lock_of(at: Address) -> str:
    return f"depositary {at.schema}"
