"""The read model: a file beside the log, made from it at will, and caught up when it is read.

For a ledger in a folder the file is in the folder; for one in PostgreSQL, in the cache folder of
who reads. Where it may not be written, a passing one is made for the one read.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import DecodeError, json

from domain.claims.claim import Claim, Clocks
from domain.claims.party_ends import with_parties
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, fold
from events.identifiers import kind_of
from events.store.errors import CannotWriteError, NotALedgerError, StoreError
from events.store.plain_files import check_database
from events.store.sqlite.reader import RecordReader
from projections.queries.document import Document
from projections.read_model.cache_folder import answers_file, writable_file
from projections.read_model.catch_up import (
    Progress,
    catch_up,
    ended_parties,
    identity_of,
    position_of,
    read_claims,
    read_rows,
    set_position,
)
from projections.read_model.mentions import agreements_of, count_mentions, mentioning_claims
from projections.read_model.rows import READ, AnswersDamagedError, NewerVersionError, claims_from
from projections.read_model.schema import (
    ALWAYS,
    EVERYTHING,
    FORMAT,
    INDEXES,
    MADE,
    SCHEMA,
    TEXTS,
    UNFINISHED,
    kind_bounds,
)

APPLICATION_ID = 0x44504F41  # "DPOA"
LOCK_WAIT_S = 5.0
FAR = 20_000  # events
BOOT = Path("/proc/sys/kernel/random/boot_id")  # another whenever the machine starts
Ready = tuple[dict[str, Any], list[str]]  # what is kept by thing, and the things to be folded
TEMPORARY = ""  # what SQLite keeps in memory, and in a file without a name once it is large

if TYPE_CHECKING:
    from events.store.location import Location
    from projections.read_model.list_cache import KeptFindings


class FoldedThing(NamedTuple):
    """A thing's answer; no view of a thing of which a newer version has written."""

    thing: str
    view: Resolution | None


class StoredAnswers(NamedTuple):
    """The position that the stored answers have reached, and the digest over all their rows."""

    position: int
    digest: str


class ReadModel:
    """The answers as of a position of the record; open them with `ReadModel.open`.

    `replaced` is the number of the format in which the stored answers were, where another version
    had made them and they were made anew; else None.
    """

    def __init__(
        self, connection: sqlite3.Connection, record: RecordReader, replaced: int | None = None
    ) -> None:
        self.connection, self.record, self.replaced = connection, record, replaced
        self.position = position_of(connection)
        self._ended: frozenset[str] | None = None  # not asked yet

    @classmethod
    @contextmanager
    def open(
        cls, record: RecordReader, where: "Location | None", progress: Progress | None = None
    ) -> Iterator["ReadModel"]:
        """Open the answers, caught up with the record: in a file, or a passing one without.

        `where` is the file; or the record's address, for the file in the cache folder. Where a file
        turns out to be damaged as it is read it is removed, to be made anew by the next to open it,
        and AnswersDamagedError is raised.
        """
        connection, replaced = _opened(record, where, progress)
        try:
            with closing(connection):
                yield cls(connection, record, replaced)
        except (sqlite3.Error, AnswersDamagedError, UnicodeDecodeError, DecodeError) as error:
            if not is_damage(error):
                raise
            _forget(record, where)
            raise AnswersDamagedError(str(error)) from error

    def claims(self, thing: str, known_at: int | None = None) -> tuple[Claim, ...]:
        """Return the claims about a thing that were recorded by a position, in their order."""
        return read_claims(self.connection, thing, known_at)

    def read(self, rows: Sequence[Sequence[Any]]) -> list[Claim]:
        """Return rows of the table of claims as claims; raise NewerVersionError."""
        return claims_from(rows)

    def view(self, thing: str, clocks: Clocks, policy: Policy) -> Resolution:
        """Return the answer about one thing; an agreement's has the ends of its parties."""
        return self._with_ends(thing, fold(self.claims(thing, clocks.known_at), clocks, policy))

    def _with_ends(self, thing: str, view: Resolution) -> Resolution:
        if kind_of(thing) != "agreement" or not (ended := self.ended_parties()):
            return view

        def view_of(party: str) -> Resolution | None:
            if party not in ended:
                return None
            return fold(self.claims(party, view.clocks.known_at), view.clocks, view.policy)

        return with_parties(view, view_of)

    def ended_parties(self) -> frozenset[str]:
        """Return the parties of which it was ever said that they end or that others continue."""
        if self._ended is None:
            self._ended = ended_parties(self.connection)
        return self._ended

    def agreements_of_ended(self, known_at: int | None = None) -> list[str]:
        """Return the agreements that name such a party; other texts may name it too."""
        found = (agreements_of(self.connection, one, (), known_at) for one in self.ended_parties())
        return sorted(set[str]().union(*found))

    def things(self, kind: str, known_at: int | None = None) -> list[str]:
        """Return the things of a kind that were spoken of by a position, sorted."""
        return self._things(kind_bounds(kind), known_at)

    def everything(self, known_at: int | None = None) -> list[str]:
        """Return all things that were spoken of by a position, sorted."""
        return self._things(EVERYTHING, known_at)

    def _things(self, bounds: tuple[str, str], known_at: int | None) -> list[str]:
        rows = self.connection.execute(
            "SELECT thing FROM things WHERE thing >= ? AND thing < ? AND first_position <= ?"
            " ORDER BY thing",
            (*bounds, ALWAYS if known_at is None else known_at),
        )
        return [thing for (thing,) in rows]

    def folded_twice(
        self, things: Iterable[str], ends: tuple[Clocks, Clocks], policy: Policy
    ) -> Iterator[tuple[str, Resolution, Resolution]]:
        """Yield what things answer at two ends of a clock; raise NewerVersionError."""
        before, after = ends
        for thing, rows in self._rows_of(things, after):
            claims = claims_from(rows)
            views = [self._with_ends(thing, fold(claims, end, policy)) for end in (before, after)]
            yield thing, views[0], views[1]

    def ready(self, kind: str, clocks: Clocks) -> dict[str, Document | None]:
        """Return the lines of a kind's list that hold at these clocks, under the default policy.

        They are ready, or made so now. None stands for a thing of which nothing stands any more.
        """
        from projections.read_model import list_cache  # a read of one thing needs none

        return list_cache.cached_lines(self.connection, kind, self._known(clocks))

    def disputes(self, clocks: Clocks, kind: str | None = None, *, kept: bool = True) -> Ready:
        """Return by thing the disputes that are ready, where they are kept, and what is to fold."""
        clocks, bounds = self._known(clocks), kind_bounds(kind) if kind else EVERYTHING
        if not kept:
            return {}, self._things(bounds, clocks.known_at)
        from projections.read_model import list_cache

        return list_cache.cached_disputes(self.connection, bounds, clocks)

    def kept_findings(self, clocks: Clocks) -> "tuple[dict[str, int], dict[str, KeptFindings]]":
        """Return of which things findings hold where their line does, and those that are kept."""
        from projections.read_model import list_cache

        last = self.record.event(self.position)
        return list_cache.cached_findings(self.connection, self._known(clocks), last)

    def statuses(self, party: str, clocks: Clocks, *, kept: bool = True) -> Ready:
        """Return by agreement the status of a party that is ready at these clocks.

        Beside them stand the other agreements that name it, or a party that it continues.
        """
        from projections.read_model import list_cache

        clocks, ended = self._known(clocks), self.ended_parties()
        things = agreements_of(self.connection, party, ended, clocks.known_at)
        several = things if kept else []
        found = list_cache.cached_statuses(self.connection, party, several, clocks)
        return found, [thing for thing in things if thing not in found]

    def mentions(
        self, name: str, role: int, clocks: Clocks, most: int | None = None
    ) -> tuple[int, int, list[Claim]]:
        """Return how many events mention a name, of how many things, and the `most` newest."""
        clocks = self._known(clocks)
        newest = islice(mentioning_claims(self.connection, name, role, clocks, self.read), most)
        return *count_mentions(self.connection, name, role, clocks, self.read), list(newest)

    def _known(self, clocks: Clocks) -> Clocks:
        known_at = self.position if clocks.known_at is None else clocks.known_at
        return clocks._replace(known_at=known_at)

    def folded(
        self, things: Iterable[str], clocks: Clocks, policy: Policy
    ) -> Iterator[FoldedThing]:
        """Yield what each of some things answers by its own claims, folded.

        A query a thing: reading all claims of a kind in one go was hardly faster, and kept the
        file from who writes.
        """
        clocks = self._known(clocks)
        for thing, rows in self._rows_of(things, clocks):
            try:
                view = fold(claims_from(rows), clocks, policy)
            except NewerVersionError:
                yield FoldedThing(thing, None)
            else:
                yield FoldedThing(thing, self._with_ends(thing, view))

    def plain_names(self, parties: Sequence[str], clocks: Clocks) -> dict[str, str]:
        """Return the names of parties that one claim of the recorder says, all in one go."""
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
                data = json.decode(text)
                # A name with a day may not have come yet.
                if data["basis"] == "recorder" and "effective" not in data:
                    found[thing] = str(data["name"])
        return found

    def recorders(self, thing: str) -> dict[int, str]:
        """Return who recorded the events about a thing, by position, where that was given."""
        found = read_rows(self.connection, "position, recordedby", thing)
        return {position: by for position, by in found if by is not None}

    def digest(self) -> str:
        """Return SHA-256 over all rows, in hexadecimal: equal after any rebuild."""
        from projections.read_model.digest import digest

        return digest(self.connection)

    def _rows_of(
        self, things: Iterable[str], clocks: Clocks
    ) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        for thing in things:
            if rows := read_rows(self.connection, READ, thing, clocks.known_at):
                yield thing, rows


_DAMAGED = (
    *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH),
)
_distrusted: set[Path] = set()  # by this process: a damaged file that it cannot remove


def is_damage(error: Exception) -> bool:
    """Say whether what was raised as answers were read means that their file is damaged."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return (code or 0) & 0xFF in _DAMAGED or str(error).startswith("Could not decode")
    return True


def _forget(record: RecordReader, where: "Location | None") -> None:
    from events.store.atomic_files import remove_database

    with suppress(StoreError, OSError):
        if (path := answers_file(record, where)) is not None:
            _distrusted.add(path)
            _make_room(path)
            remove_database(path)
            _distrusted.discard(path)


def make_answers(
    record: RecordReader,
    where: "Location | None",
    *,
    until: int | None = None,
    progress: Progress | None = None,
) -> tuple[int, str]:
    """Make the answers anew from the record; return the position reached and the digest.

    A new file is written and then takes the old one's place, so that a reader always finds whole
    answers; without a place they are made and forgotten.
    """
    last = record.last_position() if until is None else min(until, record.last_position())
    path = writable_file(record, where)
    if path is None:
        with closing(_connect(TEMPORARY)) as connection:
            return last, _build(connection, record, last, progress, texts_alone=True)
    from events.store.atomic_files import beside, remove_database  # most reads make nothing
    from events.store.sqlite.connection import sqlite_errors

    with beside(path) as building, sqlite_errors(building, "write", path):
        with closing(_connect(str(building))) as connection:
            found = _build(connection, record, last, progress)
        _make_room(path)
        remove_database(path)  # first the file: without its journal it may be a half
        building.replace(path)
    return last, found


def stored_position(record: RecordReader, where: "Location") -> int | None:
    """Return the position that the stored answers have reached; None where there are none."""
    try:
        with closing(_opened_as_stored(record, where)) as connection:
            return position_of(connection) if belongs_to(connection, identity_of(record)) else None
    except (sqlite3.Error, StoreError):
        return None


def stored_answers(record: RecordReader, where: "Location") -> StoredAnswers | None:
    """Return what the stored answers of this record hold; None where there are none.

    Raises AnswersDamagedError where the file is broken.
    """
    from projections.queries.findings import find_wrong
    from projections.read_model.digest import digest
    from projections.read_model.list_cache import find_wrong_line

    try:
        with closing(_opened_as_stored(record, where)) as connection:
            connection.execute("BEGIN")  # others may be catching up meanwhile
            if not belongs_to(connection, identity_of(record)):
                return None
            last = connection.execute("SELECT max(position) FROM claims").fetchone()[0] or 0
            if (position := position_of(connection)) != last:
                raise AnswersDamagedError(f"they say @{position}, and their last row is @{last}")
            if wrong := find_wrong(ReadModel(connection, record)) or find_wrong_line(connection):
                return StoredAnswers(position, f"other findings, or a line, of {wrong}")
            return StoredAnswers(position, digest(connection))
    except sqlite3.Error as error:
        busy = sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in busy:
            raise
        raise AnswersDamagedError(str(error)) from error


def broken_part(record: RecordReader, where: "Location") -> str:
    """Return what shows that stored answers were not changed but damaged, empty if nothing does."""
    try:
        with closing(_opened_as_stored(record, where)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                return str(found)
            for position, data in connection.execute("SELECT position, data FROM claims"):
                try:
                    json.decode(data)
                except ValueError as error:
                    return f"the row of @{position}: {error}"
    except sqlite3.Error as error:
        return str(error)
    return ""


def _opened_as_stored(record: RecordReader, where: "Location") -> sqlite3.Connection:
    path = answers_file(record, where)
    if path is None or not _is_plain(path):
        return sqlite3.connect(TEMPORARY)
    # What a killed run left half written is undone, and that writes.
    mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT_S)


def _opened(
    record: RecordReader, where: "Location | None", progress: Progress | None
) -> tuple[sqlite3.Connection, int | None]:
    """Return the answers' database, caught up, and the format replaced, if it was another's."""
    path = None
    with suppress(CannotWriteError, NotALedgerError):
        path = writable_file(record, where)
    for _ in range(2 if path is not None else 0):
        try:
            return _in_file(record, path or Path(), progress)
        except (sqlite3.Error, OSError, CannotWriteError) as error:
            if not isinstance(error, sqlite3.Error) or not is_damage(error):
                break
            _forget(record, where)
    try:
        return _in_memory(record, path, progress), other_format(path)
    except sqlite3.Error as error:
        if path is None or path in _distrusted or not is_damage(error):
            raise
        _distrusted.add(path)
        return _in_memory(record, path, progress), None


def _in_memory(
    record: RecordReader, path: Path | None, progress: Progress | None
) -> sqlite3.Connection:
    """Return passing answers, caught up: from those in a file that may not be written, if any."""
    identity = identity_of(record)
    with ExitStack() as unless_made:
        connection = unless_made.enter_context(closing(_connect(TEMPORARY)))
        _prepare(connection, identity)
        for index in INDEXES:
            connection.execute(index)
        if path is not None and _is_plain(path):
            with suppress(sqlite3.Error):
                _copy(path, connection, record, identity)
        catch_up(connection, record, progress=progress)
        unless_made.pop_all()
    return connection


def other_format(path: Path | None) -> int | None:
    """Return the format of stored answers that another version made; None of ours, and of none."""
    if path is None or not path.is_file():
        return None
    with suppress(sqlite3.Error):
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT_S)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (found,) = connection.execute("PRAGMA user_version").fetchone()
        return int(found) if application == APPLICATION_ID and found != FORMAT else None
    return None


def _in_file(
    record: RecordReader, path: Path, progress: Progress | None
) -> tuple[sqlite3.Connection, int | None]:
    connection, replaced = _usable(record, path), None
    if connection is None:
        replaced = other_format(path)
        make_answers(record, path, progress=progress)
        connection = _connect(str(path))
    try:
        if position_of(connection) < record.last_position():
            catch_up(connection, record, progress=progress)
    except BaseException:
        connection.close()
        raise
    return connection, replaced


def _usable(record: RecordReader, path: Path) -> sqlite3.Connection | None:
    """Open answers worth catching up; None where broken, another record's, or far behind."""
    if not _is_plain(path):
        return None
    with ExitStack() as unless_usable:
        try:
            connection = unless_usable.enter_context(closing(_connect(str(path))))
            if belongs_to(connection, identity_of(record)) and is_of_its_past(connection, record):
                position = position_of(connection)
                if record.last_position() - position <= max(position, FAR):
                    unless_usable.pop_all()
                    return connection
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # locked, or not to be opened
                raise
        except sqlite3.DatabaseError:
            pass
    return None


def _is_plain(path: Path) -> bool:
    """Say whether there is a file of answers; a link, or anything else, is made anew."""
    if path in _distrusted:
        return False
    try:
        check_database(path, follow=False)
    except OSError:
        return False
    return path.exists()


def _build(
    connection: sqlite3.Connection,
    record: RecordReader,
    last: int,
    progress: Progress | None,
    *,
    texts_alone: bool = False,
) -> str:
    from projections.read_model.digest import digest_things
    from projections.read_model.rebuild import rebuild
    from projections.read_model.texts import texts_digest

    connection.execute(UNFINISHED)
    _prepare(connection, identity_of(record))
    connection.execute("BEGIN")
    things = rebuild(record, last, connection, progress, texts_alone=texts_alone)
    for index in INDEXES:
        connection.execute(index)
    if newest := record.event(last):
        set_position(connection, newest)
    connection.execute("COMMIT")
    return digest_things((*things, texts_digest(connection)))


def belongs_to(connection: sqlite3.Connection, identity: str) -> bool:
    """Say whether a database holds answers of this format about the record of an identity."""
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        return False
    if connection.execute("PRAGMA user_version").fetchone() != (FORMAT,):
        return False
    ours = connection.execute(MADE)
    if {text for (text,) in ours} != TEXTS:
        return False  # another's tables, or with a trigger that would run as we write
    found = connection.execute("SELECT value FROM state WHERE name = 'ledger'").fetchone()
    return bool(found == (_since_start(identity),))


def _since_start(identity: str) -> str:
    """Return whose answers a file holds: those of a record, made since this machine started.

    Of what was written before, any part may be missing where the power was cut (ADR 0023).
    """
    try:
        return f"{identity} {BOOT.read_bytes().decode().strip()}"
    except OSError:
        return identity  # a system that does not say


def is_of_its_past(connection: sqlite3.Connection, record: RecordReader) -> bool:
    """Say whether the last event answered about is one of the record, and the last of the rows.

    It is not after a restore, in a copy that went another way, or where the machine stopped before
    all of a file was on its disk.
    """
    position = position_of(connection)
    row = record.event(position)
    if row is None:
        return position == 0 and connection.execute("SELECT 1 FROM claims").fetchone() is None
    found = connection.execute(
        "SELECT state.value, version, topic, time FROM claims, state"
        " WHERE thing = ? AND position = ? AND position = (SELECT max(position) FROM claims)"
        " AND state.name = 'last'",
        (row.thing, position),
    )
    return bool(found.fetchone() == (row.text, row.version, row.topic, row.time))


def _prepare(connection: sqlite3.Connection, identity: str) -> None:
    connection.executescript(SCHEMA)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("INSERT INTO state VALUES ('ledger', ?)", (_since_start(identity),))


def _copy(path: Path, into: sqlite3.Connection, record: RecordReader, identity: str) -> None:
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        if belongs_to(source, identity) and is_of_its_past(source, record):
            source.backup(into)
    finally:
        source.close()


def _connect(database: str) -> sqlite3.Connection:
    connection = sqlite3.connect(database, timeout=LOCK_WAIT_S, isolation_level=None)
    try:
        # Disposable: what a machine that stops has not yet on its disk is made again (ADR 0023).
        connection.execute("PRAGMA synchronous = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_room(path: Path) -> None:
    """Remove folders in the place of a file of answers, and of what lies beside it, if empty."""
    for tail in ("", "-wal", "-shm", "-journal"):
        each = path.with_name(path.name + tail)
        if each.is_dir() and not each.is_symlink():
            each.rmdir()
