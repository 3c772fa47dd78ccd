"""Begin a session with PostgreSQL.

With settings that the record needs, whatever the role, the database or the shell has set: what is
committed is durable, every wait has an end, no rows are hidden, and only our schema is meant.
"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg

from events.store.errors import (
    NewerFormatError,
    NotALedgerError,
    PromotingError,
    StandbyError,
    StartingError,
    StoreError,
)
from events.store.location import TLS_MODES, Address, beyond_loopback
from events.store.postgres.errors import Doing, connection_errors, postgres_errors
from events.store.sqlite.connection import LOCK_WAIT_S, OpenLog
from events.store.sqlite.schema import FORMAT

Session = psycopg.Connection[tuple[Any, ...]]

OLDEST = 130_000  # PostgreSQL 13
_REQUIRE_AUTH = 160_000
# A writer that was stopped in the middle loses the lock before the others lose patience; a reader
# keeps no other waiting, and an audit asks what takes its time (0: no end).
_STATEMENT_S = {"write": 300, "read": 0}
_IDLE_S = {"write": 5, "read": 3_600}

# The settings of libpq unless the address says otherwise: a server that is gone is noticed.
_DEFAULTS = {
    "fallback_application_name": "depositary",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_CONNECT_WAIT_S = "10"
_AGAIN_S = 0.25
_log = logging.getLogger("depositary")  # to standard error, unless a program says otherwise
# By its full name: a schema that this user may not use would only be passed over.
_FORMAT = '(SELECT max(number) FROM "{schema}".formats)'


def connect(
    where: Address, doing: Doing, lock_wait_s: float = LOCK_WAIT_S, *, made: bool = True
) -> Session:
    """Return a session in autocommit mode; transactions are begun by the caller.

    Unless `made` is false there must be a record, with our tables and nothing else. A server that
    is starting or may be promoted is waited for as long as for a lock, and that is logged. Raises
    UnreachableError, NotAdmittedError, NoPrivilegeError, NotALedgerError, NewerFormatError,
    RecordDamagedError, and StandbyError when it is to write.
    """
    until, told = time.monotonic() + lock_wait_s, False
    while True:
        try:
            return _connected(where, doing, lock_wait_s, made=made)
        except (StartingError, PromotingError) as error:
            if time.monotonic() > until:
                raise
            if not told:
                told = True
                _log.warning("waiting %d s at most: %s", round(lock_wait_s), error)
            time.sleep(_AGAIN_S)


class OpenPostgresLog(OpenLog):
    """A log in PostgreSQL that is open."""

    where: Address

    def _stream(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        with self._errors("read"), self._connection.cursor(binary=True) as cursor:
            found = cursor.execute(sql.replace("?", "%s"), values).fetchall()
        yield from found

    def _errors(self, doing: Doing) -> AbstractContextManager[None]:
        return postgres_errors(self.where, doing)


def _connected(where: Address, doing: Doing, lock_wait_s: float, *, made: bool) -> Session:
    from events.store.postgres.schema import check_record_schema

    given = {**_DEFAULTS, **_secured(where), **where.parameters(), "client_encoding": "utf8"}
    if not {"connect_timeout", "service"} & given.keys() and "PGCONNECT_TIMEOUT" not in os.environ:
        given["connect_timeout"] = _CONNECT_WAIT_S
    if "," in given.get("host", ""):
        # Not the first that answers: a standby may be behind what was just acknowledged.
        given.setdefault("target_session_attrs", "read-write")
    with connection_errors(where):
        session = psycopg.connect(autocommit=True, **given)  # type: ignore[arg-type]
    try:
        with postgres_errors(where, doing):
            _look(session, where)
            number = _settle(session, where, doing, lock_wait_s, _FORMAT if made else "NULL")
            if made:
                _check(number, where)
                check_record_schema(session, where)
    except BaseException:
        session.close()
        raise
    return session


def _secured(where: Address) -> dict[str, str]:
    """Return what is asked for beyond this machine, unless the address says otherwise.

    TLS, and no password in clear text, whatever the shell has set; `require_auth` is of libpq 16.
    """
    said = dict(where.options)
    reached = said.get("hostaddr") or os.environ.get("PGHOSTADDR")
    hosts = reached or where.host or os.environ.get("PGHOST")
    of_a_service = not hosts and ("service" in said or "PGSERVICE" in os.environ)
    if of_a_service or not beyond_loopback(hosts):
        return {}
    secured = {} if os.environ.get("PGSSLMODE") in TLS_MODES else {"sslmode": TLS_MODES[0]}
    if "PGREQUIREAUTH" not in os.environ and "require_auth" not in said:
        if psycopg.pq.version() < _REQUIRE_AUTH:
            raise StoreError(f"libpq 16 or newer is needed to reach {where} without risk.")
        secured["require_auth"] = "!password"
    return secured


def _look(session: Session, where: Address) -> None:
    if session.info.server_version < OLDEST:
        raise StoreError(f"PostgreSQL 13 or newer is needed, and {where} is older.")
    if (encoding := session.info.parameter_status("server_encoding")) != "UTF8":
        raise StoreError(f"The database at {where} is in {encoding}, and a record in UTF8.")


def _settle(session: Session, where: Address, doing: Doing, lock_wait_s: float, ask: str) -> Any:
    """Set what is to be set, and return what is asked: in one round trip."""
    settings = {
        "search_path": f'pg_catalog, "{where.schema}", pg_temp',
        "row_security": "off",  # hidden rows are an error, not a shorter record
        "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "on" if doing == "read" else "off",
        "lock_timeout": f"{max(1, round(lock_wait_s * 1_000))}ms",
        "statement_timeout": f"{_STATEMENT_S[doing]}s",
        "idle_in_transaction_session_timeout": f"{_IDLE_S[doing]}s",
    }
    names = "".join(f"set_config('{name}', %s, false), " for name in settings)
    found = session.execute(
        f"SELECT {names}"  # noqa: S608 - ours
        " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
        " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),"
        " pg_is_in_recovery(), EXISTS (SELECT FROM pg_stat_wal_receiver),"
        f" {ask.format(schema=where.schema)}",
        list(settings.values()),
    ).fetchone()
    *_, recovering, follows, asked = found or (False, False, None)
    if doing == "write" and recovering:
        raise (StandbyError if follows else PromotingError)(
            f"{where} is a standby, and only the primary is written to."
        )
    return asked


def check_session(session: Session, where: Address) -> None:
    """Raise NotALedgerError or NewerFormatError unless the schema has a record of this format."""
    found = session.execute(f"SELECT {_FORMAT.format(schema=where.schema)}").fetchone()
    _check(found and found[0], where)


def _check(number: Any, where: Address) -> None:
    if not number:
        raise NotALedgerError(f"{where} has no record that depositary made.")
    if number > FORMAT:
        raise NewerFormatError(
            f"{where} has format {number}, and this version reads up to {FORMAT}: "
            "install a newer depositary."
        )
