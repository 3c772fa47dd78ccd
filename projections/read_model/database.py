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
from events.store.errors import CannotWriteError, NotALedgerError
from events.store.sqlite.reader import RecordReader
from projections.queries.document import Document
from projections.read_model.cache_folder import writable_file
from projections.read_model.catch_up import (
    Progress,
    catch_up,
    ended_parties,
    identity_of,
    position_of,
    read_claims,
    read_rows,
)
from projections.read_model.connection import (
    TEMPORARY,
    belongs_to,
    distrusted,
    forget,
    is_damage,
    is_of_its_past,
    is_plain,
    make_answer_tables,
    open_answers,
    other_format,
)
from projections.read_model.mentions import agreements_of, count_mentions, mentioning_claims
from projections.read_model.rows import READ, AnswersDamagedError, NewerVersionError, claims_from
from projections.read_model.schema import ALWAYS, EVERYTHING, INDEXES, kind_bounds

FAR = 20_000  # events
Ready = tuple[dict[str, Any], list[str]]  # what is kept by thing, and the things to be folded

if TYPE_CHECKING:
    from events.store.location import Location
    from projections.read_model.list_cache import KeptFindings


class FoldedThing(NamedTuple):
    """A thing's answer; no view of a thing of which a newer version has written."""

    thing: str
    view: Resolution | None


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
            forget(record, where)
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
            forget(record, where)
    try:
        return _in_memory(record, path, progress), other_format(path)
    except sqlite3.Error as error:
        if path is None or path in distrusted or not is_damage(error):
            raise
        distrusted.add(path)
        return _in_memory(record, path, progress), None


def _in_memory(
    record: RecordReader, path: Path | None, progress: Progress | None
) -> sqlite3.Connection:
    """Return passing answers, caught up: from those in a file that may not be written, if any."""
    identity = identity_of(record)
    with ExitStack() as unless_made:
        connection = unless_made.enter_context(closing(open_answers(TEMPORARY)))
        make_answer_tables(connection, identity)
        for index in INDEXES:
            connection.execute(index)
        if path is not None and is_plain(path):
            with suppress(sqlite3.Error):
                _copy(path, connection, record, identity)
        catch_up(connection, record, progress=progress)
        unless_made.pop_all()
    return connection


def _in_file(
    record: RecordReader, path: Path, progress: Progress | None
) -> tuple[sqlite3.Connection, int | None]:
    connection, replaced = _usable(record, path), None
    if connection is None:
        from projections.read_model.rebuild import make_answers  # most reads make nothing

        replaced = other_format(path)
        make_answers(record, path, progress=progress)
        connection = open_answers(str(path))
    try:
        if position_of(connection) < record.last_position():
            catch_up(connection, record, progress=progress)
    except BaseException:
        connection.close()
        raise
    return connection, replaced


def _usable(record: RecordReader, path: Path) -> sqlite3.Connection | None:
    """Open answers worth catching up; None where broken, another record's, or far behind."""
    if not is_plain(path):
        return None
    with ExitStack() as unless_usable:
        try:
            connection = unless_usable.enter_context(closing(open_answers(str(path))))
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


def _copy(path: Path, into: sqlite3.Connection, record: RecordReader, identity: str) -> None:
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        if belongs_to(source, identity) and is_of_its_past(source, record):
            source.backup(into)
    finally:
        source.close()
