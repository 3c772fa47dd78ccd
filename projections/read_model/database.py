"""What does the read side hold, and is it up to date?

A file beside the record, made from it at will. A read that finds it behind catches up first: in
the file if it may be written, else in memory.
"""

import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import Policy
from domain.claims.resolution import View, fold
from events.store.sqlite.reader import RecordReader
from projections.queries.document import Document
from projections.read_model.catch_up import (
    ALWAYS,
    Progress,
    catch_up,
    claims_of,
    identity_of,
    in_sqlite,
    position_of,
    reach,
)
from projections.read_model.schema import FORMAT, INDEXES, SCHEMA, UNSAFE, of_kind

APPLICATION_ID = 0x44504F41  # "DPOA"
LOCK_WAIT_S = 5.0
FAR = 20_000  # events
ABANDONED_S = 3_600

if TYPE_CHECKING:
    from events.store.location import Location
    from projections.read_model.batch_fold import Folded
    from projections.read_model.rebuild import Making


class Answers:
    """The answers as of a position of the record; open them with `Answers.open`."""

    def __init__(
        self, connection: sqlite3.Connection, record: RecordReader, path: Path | None = None
    ) -> None:
        self.connection, self.record, self.path = connection, record, path
        self.position = position_of(connection)

    @classmethod
    @contextmanager
    def open(cls, record: RecordReader, where: "Location | None") -> Iterator["Answers"]:
        """Open the answers, caught up with the record: in a file, in memory without one.

        `where` may be the address of the record: its answers are beside it, in the database.
        """
        connection = opened(record, where)
        try:
            yield cls(connection, record, _file_of(connection))
        finally:
            connection.close()

    def claims(self, thing: str, known_at: int | None = None) -> tuple[Claim, ...]:
        """Return the claims about a thing that were recorded by a position, in their order."""
        return claims_of(self.connection, thing, known_at)

    def view(self, thing: str, clocks: Clocks, policy: Policy) -> View:
        """Return the answer about one thing: its own claims, folded."""
        return fold(self.claims(thing, clocks.known_at), clocks, policy)

    def things(self, kind: str, known_at: int | None = None) -> list[str]:
        """Return the things of a kind that were spoken of by a position, sorted."""
        rows = self.connection.execute(
            "SELECT thing FROM things WHERE thing >= ? AND thing < ? AND first_position <= ?"
            " ORDER BY thing",
            (*of_kind(kind), ALWAYS if known_at is None else known_at),
        )
        return [thing for (thing,) in rows]

    def everything(self, known_at: int | None = None) -> list[str]:
        """Return all things that were spoken of by a position, sorted."""
        rows = self.connection.execute(
            "SELECT thing FROM things WHERE first_position <= ? ORDER BY thing",
            (ALWAYS if known_at is None else known_at,),
        )
        return [thing for (thing,) in rows]

    def folded_twice(
        self, things: Iterable[str], ends: tuple[Clocks, Clocks], policy: Policy
    ) -> Iterator[tuple[str, View, View]]:
        """Yield what each of some things answers at two ends of a clock."""
        from projections.read_model.batch_fold import folded_twice

        return folded_twice(self.connection, things, ends, policy)

    def holding(self, words: Sequence[str], known_at: int | None = None) -> list[str]:
        """Return the things with a claim that holds every word, in ASCII letters of any case."""
        likes = " AND ".join("(thing || ' ' || data) LIKE ? ESCAPE '!'" for _ in words)
        patterns = [f"%{_escaped(word)}%" for word in words]
        rows = self.connection.execute(
            "SELECT DISTINCT thing FROM claims WHERE position <= ?"  # noqa: S608 - marks alone
            + (f" AND {likes}" if likes else " AND 1 = 0"),
            (ALWAYS if known_at is None else known_at, *patterns),
        )
        return [thing for (thing,) in rows]

    def ready(self, kind: str, clocks: Clocks) -> dict[str, Document | None]:
        """Return the lines of a kind's list that hold at these clocks, under the default policy.

        They are ready, or made so now. None stands for a thing of which nothing stands any more.
        """
        known_at = self.position if clocks.known_at is None else clocks.known_at
        from projections.read_model import list_cache  # a read of one thing needs none

        return list_cache.ready(self.connection, kind, clocks._replace(known_at=known_at))

    def folded(self, things: Iterable[str], clocks: Clocks, policy: Policy) -> Iterator["Folded"]:
        """Yield what each of some things answers by its own claims, folded."""
        known_at = self.position if clocks.known_at is None else clocks.known_at
        from projections.read_model.batch_fold import folded

        return folded(self.connection, things, clocks._replace(known_at=known_at), policy)

    def plain_names(self, parties: Sequence[str], clocks: Clocks) -> dict[str, str]:
        """Return the names of parties that need no fold: one claim of the recorder is all there is.

        All are read in one go, for the answers may be far away.
        """
        marks = ", ".join("?" * len(parties))
        rows = self.connection.execute(
            f"SELECT thing, topic, data FROM claims WHERE thing IN ({marks}) AND position <= ?"  # noqa: S608
            " AND topic NOT LIKE 'party.stated.%' AND topic NOT LIKE 'party.appointed.%'",
            (*parties, ALWAYS if clocks.known_at is None else clocks.known_at),
        ).fetchall()
        several = Counter(thing for thing, _, _ in rows)
        found = {}
        for thing, topic, text in rows:
            if several[thing] == 1 and topic == "party.established.v1":
                data = json.loads(text)
                # A name with a day may not have come yet.
                if data["basis"] == "recorder" and "effective" not in data:
                    found[thing] = str(data["name"])
        return found

    def digest(self) -> str:
        """Return SHA-256 over all rows, in hexadecimal: equal after any rebuild."""
        from projections.read_model.digest import digest

        return digest(self.connection)


def _file_of(connection: sqlite3.Connection) -> Path | None:
    if not in_sqlite(connection):
        return None  # it stands in for one, and speaks to a database elsewhere
    (_, _, name), *_ = connection.execute("PRAGMA database_list")
    return Path(name) if name else None


def opened(record: RecordReader, where: "Location | None") -> sqlite3.Connection:
    """Return the answers' database, caught up; in memory where it may not be written."""
    path = where if isinstance(where, Path) else None
    if where is not None and path is None:
        from projections.read_model.postgres_answers import opened as beside

        if found := beside(record):
            return found
    identity = identity_of(record)
    if path is not None:
        with suppress(sqlite3.Error, OSError):
            return _in_file(record, path, identity)
    connection = _connect(":memory:")
    _prepare(connection, identity)
    connection.executescript(INDEXES)
    if path is not None and path.is_file():
        with suppress(sqlite3.Error):
            _copy(path, connection, record, identity)
    elif where is not None and path is None:
        from projections.read_model.postgres_answers import copy_into

        copy_into(connection, record)
    catch_up(connection, record)
    return connection


def make(
    record: RecordReader,
    where: "Location | None",
    *,
    until: int | None = None,
    progress: Progress | None = None,
) -> tuple[int, str]:
    """Make the answers anew from the record; return the position reached and the digest.

    A new file, or a new schema of the database, is written and then takes the old one's place, so
    that a reader always finds whole answers; without a place they are made and forgotten.
    """
    from projections.read_model.digest import whole
    from projections.read_model.rebuild import Making, rebuild

    last = record.last_position() if until is None else min(until, record.last_position())
    if where is None:
        return last, whole(rebuild(Making(record, last, None), None, progress))
    if not isinstance(where, Path):
        from projections.read_model.postgres_making import make as beside

        return beside(record, progress)
    path = where
    _sweep(path)
    building = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with closing(_created(building)) as connection:
            found = _build(connection, Making(record, last, building), progress)
    except BaseException:
        building.unlink(missing_ok=True)
        raise
    _drop_log(path)
    building.replace(path)
    return last, found


def _sweep(path: Path) -> None:
    """Remove what runs that were killed left half made: what nobody has written to for an hour."""
    for left in path.parent.glob(f"{path.name}.*.new*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > ABANDONED_S:
                left.unlink()


def _build(connection: sqlite3.Connection, making: "Making", progress: Progress | None) -> str:
    from projections.read_model.digest import whole
    from projections.read_model.rebuild import rebuild

    connection.executescript(UNSAFE)
    _prepare(connection, identity_of(making.record))
    connection.execute("BEGIN")
    found = whole(rebuild(making, connection, progress))
    connection.execute(INDEXES)
    reach(connection, making.last)
    connection.execute("COMMIT")
    return found


def _in_file(record: RecordReader, path: Path, identity: str) -> sqlite3.Connection:
    if not _usable(record, path, identity):
        make(record, path)
    connection = _connect(str(path))
    try:
        position, last = position_of(connection), record.last_position()
        if last - position > max(position, FAR):  # all anew is less work than what is missing
            connection.close()
            make(record, path)
            connection = _connect(str(path))
        elif position < last:
            catch_up(connection, record)
    except BaseException:
        connection.close()
        raise
    return connection


def _usable(record: RecordReader, path: Path, identity: str) -> bool:
    """Say whether the file holds answers about this record; what is broken is made anew."""
    if not path.exists():
        return False
    connection = _connect(str(path))
    try:
        return is_of(connection, identity) and of_its_past(connection, record)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # locked, or not to be opened
            raise
        return False  # it lacks a table
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def is_of(connection: sqlite3.Connection, identity: str) -> bool:
    """Say whether a database holds answers of this format about the record of an identity."""
    if not in_sqlite(connection):
        from projections.read_model.postgres_answers import is_of as beside

        return beside(connection, identity)
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        return False
    if connection.execute("PRAGMA user_version").fetchone() != (FORMAT,):
        return False
    found = connection.execute("SELECT value FROM state WHERE name = 'ledger'").fetchone()
    return bool(found == (identity,))


def of_its_past(connection: sqlite3.Connection, record: RecordReader) -> bool:
    """Say whether the last event answered about is one of the record: not after a restore."""
    position = position_of(connection)
    row = record.event(position)
    if row is None:
        return position == 0
    found = connection.execute(
        "SELECT version, topic, time FROM claims WHERE thing = ? AND position = ?",
        (row.thing, position),
    )
    return bool(found.fetchone() == (row.version, row.topic, row.time))


def _prepare(connection: sqlite3.Connection, identity: str) -> None:
    connection.execute("PRAGMA synchronous = OFF")  # disposable: what is lost is made again
    connection.executescript(SCHEMA)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("INSERT INTO state VALUES ('ledger', ?)", (identity,))


def _copy(path: Path, into: sqlite3.Connection, record: RecordReader, identity: str) -> None:
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        if is_of(source, identity) and of_its_past(source, record):
            source.backup(into)
    finally:
        source.close()


def _connect(database: str) -> sqlite3.Connection:
    return sqlite3.connect(database, timeout=LOCK_WAIT_S, isolation_level=None)


def _created(path: Path) -> sqlite3.Connection:
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return _connect(str(path))


def _drop_log(path: Path) -> None:
    for tail in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def _escaped(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
