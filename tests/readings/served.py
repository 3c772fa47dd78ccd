"""How is a history written as a record, and what is every answer, folded from all of it anew?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import uuid4

from eventsourcing.persistence import StoredEvent

from domain.claims.claim import Claim, Clocks, begun_by
from domain.claims.party_ends import ENDING_TYPES, with_parties
from domain.claims.publication import publication_at
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, fold
from events import validation
from events.body import RECORDER, Body, Event
from events.catalogue import topic, type_of
from events.envelope import envelope, open_envelope
from events.identifiers import kind_of
from events.kinds.ledger import Opened
from events.store.factory import (
    create_record,
    library_environment,
    make_recorder_factory,
    open_reader,
)
from events.store.location import Address, Location
from events.store.shared_recorder import LedgerMapper
from events.store.sqlite.reader import RecordReader
from projections.queries.document import Document
from projections.read_model.database import FoldedThing
from projections.read_model.mentions import ASSERTS, CITES, NAMES, ORIGIN
from tests.properties.histories import plain

LEDGER_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
# A disk in memory, where there is one: the record asks its disk to be sure at every commit.
MEMORY = Path("/dev/shm")  # noqa: S108 - what is put there is put into a folder of its own


class Fact(NamedTuple):
    """What is to be recorded: of which thing, of which type, and what."""

    thing: str
    type: str
    body: Body


def opened(ledger_id: str = LEDGER_ID) -> Fact:
    """Return the first fact of a record."""
    body = Opened(
        id=ledger_id, origin="example.org/x", format=1, asserted_by=RECORDER, basis="recorder"
    )
    return Fact("ledger/self", "ledger.opened", body)


def _no_body(_: object) -> Body:
    raise AssertionError("events are written here, and read elsewhere")


class Record:
    """A record that takes any fact without deciding on it, on the day that the test sets."""

    def __init__(self, where: Location, day: date, ledger_id: str = LEDGER_ID) -> None:
        create_record(where)
        self.where, self.day = where, day
        factory: Any = make_recorder_factory(library_environment(where), where, self._now)
        self._recorder = factory.application_recorder()
        self._mapper = LedgerMapper(ledger_id, validation.write_body, _no_body)
        self._versions = Counter[str]()
        self.add([opened(ledger_id)])

    def _now(self) -> datetime:
        return datetime.combine(self.day, time(12), UTC)

    def add(self, facts: Iterable[Fact]) -> None:
        """Write facts in one transaction."""
        self._recorder.insert_events([self._mapper.to_stored_event(self._next(f)) for f in facts])

    def add_raw(self, thing: str, topic_: str, data: bytes) -> None:
        """Write an event of a type that nobody here knows."""
        self._versions[thing] += 1
        version = self._versions[thing]
        state = envelope(thing, version, topic_, self._mapper.ledger_id, data)
        self._recorder.insert_events([StoredEvent(thing, version, topic_, state)])

    def _next(self, fact: Fact) -> Event:
        self._versions[fact.thing] += 1
        return Event(fact.thing, self._versions[fact.thing], topic(fact.type), fact.body)

    @property
    def path(self) -> Path:
        """Return the file of a record that is in one."""
        assert isinstance(self.where, Path)
        return self.where

    @property
    def answers(self) -> Location:
        """Return where the answers about it are kept."""
        if isinstance(self.where, Path):
            return self.where.with_name("answers.sqlite3")
        return self.where

    def reader(self) -> RecordReader:
        """Return a reader of the record."""
        return open_reader(self.where)

    def close(self) -> None:
        """Let go of it."""
        self._recorder.datastore.close()


@contextmanager
def a_record(day: date) -> Iterator[Record]:
    """Give a record, opened on a day, in a folder of its own that is gone afterwards."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        record = Record(Path(folder) / "record.sqlite3", day)
        try:
            yield record
        finally:
            record.close()


@contextmanager
def a_record_at(server: Any, day: date) -> Iterator[Record]:
    """Give a record in a schema of a PostgreSQL, which is gone afterwards."""
    where = Address.parse(f"{server.address()}&schema=t{uuid4().hex[:12]}")
    record = Record(where, day)
    try:
        yield record
    finally:
        record.close()
        server.sql(f"DROP SCHEMA IF EXISTS {where.schema} CASCADE", database=where.dbname)


_ROLES = {"asserted_by": ASSERTS, "source": CITES, "origin": ORIGIN}


def _mentioned(data: Any, role: int = NAMES) -> set[tuple[str, int]]:
    """Return the parties and sources that stand as a whole value in data, each with its role."""
    if isinstance(data, dict):
        pairs = ((_ROLES.get(key, NAMES), inner) for key, inner in data.items())
        return set().union(*(_mentioned(inner, of) for of, inner in pairs))
    if isinstance(data, list):
        return set().union(*map(_mentioned, data))
    is_id = isinstance(data, str) and data.startswith(("party/", "source/"))
    return {(data, role)} if is_id else set()


class Oracle:
    """Answers nobody keeps: every event read by the door, and folded anew for every question.

    It has the questions of `projections.read_model.database.ReadModel`, so that pages may be made
    from either.
    """

    def __init__(self, record: RecordReader) -> None:
        self._all: list[Claim] = []
        for row in record.rows():
            event, name = open_envelope(row.state), type_of(row.topic)
            body = validation.read_body(name, event.data)
            self._all.append(Claim(row.position, row.version, row.thing, name, body, event.time))
        self.position = len(self._all)

    def claims(self, thing: str, known_at: int | None = None) -> tuple[Claim, ...]:
        return tuple(c for c in self._known(known_at) if c.thing == thing)

    def view(self, thing: str, clocks: Clocks, policy: Policy) -> Resolution:
        view = fold(self.claims(thing), clocks, policy)
        if kind_of(thing) != "agreement":
            return view

        def of_party(party: str) -> Resolution | None:
            if not any(one.thing == party and one.type in ENDING_TYPES for one in self._all):
                return None  # it was never said that it ended
            return fold(self.claims(party), clocks, policy)

        return with_parties(view, of_party)

    def things(self, kind: str, known_at: int | None = None) -> list[str]:
        return sorted({c.thing for c in self._known(known_at) if kind_of(c.thing) == kind})

    def ready(self, kind: str, clocks: Clocks) -> dict[str, Document | None]:
        """Return nothing: every line is to be folded."""
        return {}

    def disputes(
        self, clocks: Clocks, kind: str | None = None, *, kept: bool = True
    ) -> tuple[dict[str, list[Document]], list[str]]:
        """Return no disputes that are ready: every thing is to be folded."""
        known_at = clocks.known_at
        return {}, self.things(kind, known_at) if kind else self.everything(known_at)

    def kept_findings(self, clocks: Clocks) -> tuple[dict[str, int], dict[str, Any]]:
        """Return none that are kept, and nothing of which any may be."""
        return {}, {}

    def statuses(
        self, party: str, clocks: Clocks, *, kept: bool = True
    ) -> tuple[dict[str, Document | None], list[str]]:
        """Return no status that is ready: every agreement is to be folded."""
        return {}, self.things("agreement", clocks.known_at)

    def mentions(
        self, name: str, role: int, clocks: Clocks, most: int | None = None
    ) -> tuple[int, int, list[Claim]]:
        """Look into every event for what it mentions."""
        found = [
            claim
            for claim in reversed(self._known(clocks.known_at))
            if kind_of(claim.thing) != "ledger"
            and (name, role) in _mentioned(plain(claim.body))
            and publication_at(claim, clocks) in ("public", "perhaps")
            and begun_by(claim, clocks) != "no"
        ]
        return len(found), len({claim.thing for claim in found}), found[:most]

    def folded(
        self, things: Iterable[str], clocks: Clocks, policy: Policy
    ) -> Iterator[FoldedThing]:
        """Fold each thing on its own."""
        return (FoldedThing(thing, self.view(thing, clocks, policy)) for thing in things)

    def folded_twice(
        self, things: Iterable[str], ends: tuple[Clocks, Clocks], policy: Policy
    ) -> Iterator[tuple[str, Resolution, Resolution]]:
        """Fold each thing at both ends, on its own."""
        before, after = ends
        for thing in things:
            yield thing, self.view(thing, before, policy), self.view(thing, after, policy)

    def everything(self, known_at: int | None = None) -> list[str]:
        return sorted({c.thing for c in self._known(known_at)})

    def plain_names(self, parties: Sequence[str], clocks: Clocks) -> dict[str, str]:
        """Return nothing: every name is to be folded."""
        return {}

    def _known(self, known_at: int | None) -> list[Claim]:
        return [c for c in self._all if known_at is None or c.position <= known_at]
