"""The application: facts are loaded, decided on, and saved, one batch or very many.

The application of `eventsourcing` in its functional style. One append is one batch, all or nothing,
in one transaction. Very many facts are appended in batches of 1,000, each a transaction of its own,
so that whatever stops a run leaves whole batches, and running it again records nothing twice. When
another writer was faster a batch is decided on again on what stands then, at most five times.
"""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import uuid4

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment, EnvType
from msgspec import Struct

from domain.decisions.batch import AppendResult, Batch, Command, CommandRefusedError
from domain.decisions.decide import Rules, judge_in_one_pass
from domain.decisions.errors import BatchTooLargeError, UnknownReferenceError
from domain.decisions.stream_index import StreamIndex
from events import validation
from events.body import RECORDER, Body, Event
from events.catalogue import topic, type_of
from events.identifiers import SELF
from events.kinds.ledger import Opened
from events.references import references
from events.serialization import StoredEvent, opened_as, read_event
from events.store.clock import Clock, LogAhead, format_instant, log_ahead, utc_now
from events.store.errors import LedgerExistsError, NotALedgerError, VersionConflictError
from events.store.factory import (
    create_record,
    library_environment,
    make_recorder_factory,
    open_reader,
)
from events.store.location import Location
from events.store.shared_recorder import LedgerMapper
from events.text import check_recorder

if TYPE_CHECKING:
    from events.store.shared_recorder import LedgerRecorder

T = TypeVar("T")

_INTERRUPTS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@contextmanager
def defer_interrupts() -> Iterator[None]:
    """Deliver an interrupt when the work within is done; deliver a second one at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in _INTERRUPTS}
    before = {number: handler for number, handler in handlers.items() if callable(handler)}
    came: list[tuple[Any, ...]] = []

    def note(number: int, *arguments: Any) -> None:
        came.append((number, *arguments))
        if len(came) > 1:
            before[signal.Signals(number)](number, *arguments)

    for number in before:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if len(came) == 1:
            before[signal.Signals(came[0][0])](*came[0])


__all__ = ["AppendResult", "BulkAppend", "Command", "CommandRefusedError", "EventFinding"]
__all__ += ["Ledger", "UnknownReferenceError"]

FORMAT = 1
MAX_BATCH = 10_000  # facts in one append
MAX_TRIES = 5
BULK_BATCH = 1_000  # facts in one transaction of many
MAX_HELD = 60_000  # claims in memory: of more, half are let go, those met longest ago


def tried_again(attempt: Callable[[], T]) -> T:
    """Return what an attempt returns, made at most five times while others were faster."""
    for _ in range(MAX_TRIES - 1):
        with suppress(VersionConflictError):
            return attempt()
    return attempt()


class EventFinding(Struct, frozen=True):
    """Something odd about an event that was recorded: the name of a rule, and a sentence."""

    id: str
    name: str
    sentence: str


class Events:
    """Events to save at once: one object, because the library looks at each object's protocols."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.id, self.version, self._events = events[-1].thing, events[-1].version, events

    def collect_events(self) -> Sequence[Event]:
        """Hand over the events."""
        return self._events


class Ledger(Application[str]):
    """A ledger open for recording; use it as a context manager."""

    name = "depositary"

    def __init__(
        self,
        where: Location,
        *,
        clock: Clock = utc_now,
        ledger_id: str | None = None,
        recordedby: str | None = None,
    ) -> None:
        """Open a record, `ledger_id` of an empty one; `recordedby` records. Raise TextError."""
        self.where, self.clock = where, clock
        self.recordedby = None if recordedby is None else check_recorder(recordedby)
        self.ledger_id = ledger_id or identity(where)
        super().__init__()
        self._rows = cast("LedgerRecorder", self.recorder)

    @classmethod
    def create(
        cls,
        where: Location,
        *,
        origin: str | None = None,
        clock: Clock = utc_now,
        recordedby: str | None = None,
    ) -> "Ledger":
        """Make a record and its first event, or take up a killed one; raise LedgerExistsError."""
        try:
            create_record(where)
        except LedgerExistsError:
            with open_reader(where) as reader:
                if reader.last_position():
                    raise
        ledger_id = str(uuid4())
        opened = Opened(
            id=ledger_id,
            origin=origin or f"localhost/{ledger_id}",
            format=FORMAT,
            asserted_by=RECORDER,
            basis="recorder",
        )
        ledger = cls(where, clock=clock, ledger_id=ledger_id, recordedby=recordedby)
        try:
            ledger.save(Events([Event(SELF, 1, topic("ledger.opened"), opened)]))
        except VersionConflictError:
            ledger.close()
            raise LedgerExistsError(f"{where} was made by another just now.") from None
        return ledger

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Return the settings of this record alone: no variable of the shell reaches it."""
        del env
        return Environment(name, library_environment(self.where))

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Return the store."""
        return make_recorder_factory(env, self.where, self.clock)

    def construct_mapper(self) -> LedgerMapper:
        """Return the mapper that writes bodies as canonical bytes."""
        return LedgerMapper(self.ledger_id, validation.write_body, _stored_body, self.recordedby)

    def append(
        self,
        commands: Sequence[Command],
        *,
        as_reported: bool = False,
        dry_run: bool = False,
        most: int | None = MAX_BATCH,
    ) -> list[AppendResult]:
        """Record the facts, all or none, in one transaction; return what came of each.

        `as_reported` records with a finding what a rule would refuse; `dry_run` writes nothing;
        `most` facts are taken, None: any number. Raises CommandRefusedError with the command that
        was refused, and VersionConflictError when others kept being faster.
        """
        if most is not None and len(commands) > most:
            raise BatchTooLargeError(len(commands), most)

        def attempt() -> list[AppendResult]:
            batch = self.batch(rules="report" if as_reported else "refuse")
            batch.prepare(commands)
            results = []
            for command in commands:
                results.append(result := batch.take(command))
                if result.error is not None:
                    raise CommandRefusedError(command, result.error) from result.error
            batch.judge_together(results)
            if batch.claims and not dry_run:
                batch.settle(self._save(batch))
            return results

        return tried_again(attempt)

    def append_in_batches(
        self,
        commands: Iterable[Command],
        *,
        as_reported: bool = False,
        dry_run: bool = False,
        batch_size: int = BULK_BATCH,
    ) -> "BulkAppend":
        """Return an iterator that records very many facts; see BulkAppend."""
        return BulkAppend(self, commands, as_reported, dry_run, batch_size)

    def batch(self, *, rules: Rules = "refuse", rerun: bool = False) -> Batch:
        """Return how commands are decided on now, one after the other, without being written."""
        exist = self._rows.existing
        return Batch(
            self.index, exist, self.ledger_id, rules=rules, rerun=rerun, recordedby=self.recordedby
        )

    def index(self, thing: str) -> StreamIndex:
        """Return what is recorded about a thing, as it is decided on."""
        rows = self._rows.rows_of(thing)
        return StreamIndex(thing, [read_event(row, self.ledger_id) for row in rows])

    def record_own(self, type_: str, **fields: Any) -> int:
        """Record what the ledger says of itself, as `write_own`, again while others are faster."""
        return tried_again(lambda: self.write_own(type_, **fields))

    def write_own(self, type_: str, *, accepting: bool = False, **fields: Any) -> int:
        """Write an event about the ledger itself and return its position.

        The recorder says it, where the fields name no other asserter. `accepting` says that it
        accepts a log which lies ahead of the clock. Raises BodyError, UnknownReferenceError for a
        party or source of which nothing is recorded, and VersionConflictError.
        """
        said = {"asserted_by": RECORDER, "basis": "recorder", **fields}
        body, written = validation.admit(type_, said)
        named = sorted(references(body) - {RECORDER})
        for missing in sorted(set(named) - self._rows.existing(named)):
            raise UnknownReferenceError(missing)
        row = (SELF, len(self._rows.rows_of(SELF)) + 1, topic(type_), written)
        (position,) = self._rows.insert_rows(
            [row], self.ledger_id, recorders=[self.recordedby], accepting=accepting
        )
        return position

    def write(self, batch: Batch) -> Sequence[int]:
        """Write what a batch decided, all or nothing, in one go; raise VersionConflictError."""
        recorders: list[str | None] = []
        if batch.recorders or self.recordedby is not None:
            known = batch.recorders
            recorders = [known.get(n, self.recordedby) for n in range(len(batch.rows))]
        return self._rows.insert_rows(batch.rows, self.ledger_id, recorders=recorders)

    def _save(self, batch: Batch) -> Sequence[int]:
        if batch.recorders:  # each event says who recorded it, and the library's way knows but one
            return self.write(batch)
        events = [
            Event(thing, version, topic, claim.body)
            for claim, (thing, version, topic, _) in zip(batch.claims, batch.rows, strict=True)
        ]
        return [one.notification.id for one in self.save(Events(events))]


class BulkAppend:
    """Records very many facts in batches, yielding the results of each once it is durable.

    A fact that is refused is refused alone. What is unusual is told by `findings` at the end;
    `as_reported` leaves to it also the acts against their asserter's own end, notice or
    description. `dry_run` writes nothing. `recorded` counts what is durable, `positions` are those
    of the batch yielded last.
    """

    def __init__(
        self,
        ledger: Ledger,
        commands: Iterable[Command],
        as_reported: bool,
        dry_run: bool,
        batch_size: int,
    ) -> None:
        self.recorded = 0
        self.positions: Sequence[int] = ()
        self._ledger, self._dry_run = ledger, dry_run
        self._waiting, self._size = iter(commands), batch_size
        self._batch = ledger.batch(rules="leave" if as_reported else "judge later", rerun=True)
        self._every = as_reported  # whether also those recorded before are judged at the end
        self._met: dict[str, list[int]] = {}  # by thing, the versions to judge
        self._judged: dict[str, list[EventFinding]] = {}  # of things that were let go

    def __iter__(self) -> Iterator[list[AppendResult]]:
        return self

    def __next__(self) -> list[AppendResult]:
        """Decide on the next batch, write it, and return what came of each of its facts."""
        commands = list(islice(self._waiting, self._size))
        if not commands:
            raise StopIteration
        if self._batch.held > MAX_HELD and not self._dry_run:
            for index in self._batch.forget_oldest(MAX_HELD // 2):
                if index.thing in self._met:
                    self._judged[index.thing] = list(self._findings(index))
        results = self._recorded(commands)
        told = ("recorded", "already recorded") if self._every else ("recorded",)
        for result in results:
            claim = result.claim
            if claim is not None and result.outcome in told:
                self._met.setdefault(claim.thing, []).append(claim.version)
        return results

    def findings(self) -> Iterator[EventFinding]:
        """Yield what the rules say of the facts so far, thing by thing.

        Of those recorded now, `as_reported` of those recorded before as well. A thing is judged in
        one pass, at the end or when it was let go of: in which order its rows came does not matter.
        """
        for thing in self._met:
            if thing in self._judged and not self._batch.holds(thing):
                yield from self._judged[thing]
            else:
                yield from self._findings(self._batch.index(thing))

    def _findings(self, index: StreamIndex) -> Iterator[EventFinding]:
        versions = set(self._met[index.thing])
        for claim, findings in judge_in_one_pass(index.thing, index.claims):
            if claim.version in versions:
                yield from (EventFinding(claim.id, *found) for found in findings)

    def _recorded(self, commands: Sequence[Command]) -> list[AppendResult]:
        batch = self._batch

        def attempt() -> list[AppendResult]:
            batch.prepare(commands)
            self.positions = ()
            results = [batch.take(command) for command in commands]
            if self._dry_run or not batch.claims:
                batch.let_go()
                return results
            try:
                with defer_interrupts():  # what is written is counted
                    self.positions = self._ledger.write(batch)
                    self.recorded += len(self.positions)
            except VersionConflictError:
                batch.forget()  # what it was decided on is not what stands
                self._judged.clear()
                for command in commands:
                    batch.forget_label(command)
                raise
            batch.settle(self.positions)
            return results

        return tried_again(attempt)


def identity(where: Location) -> str:
    """Return the ledger's id: the UUID that its first event names."""
    with open_reader(where) as reader:
        first = reader.first()
    if first is None:
        raise NotALedgerError(f"{where} holds no event yet: run depositary init again.")
    return opened_as(first)[0]


def _stored_body(event: StoredEvent) -> Body:
    if event.body is None:
        type_of(event.topic)  # raises UnknownTypeError, which says what it is
    assert event.body is not None
    return event.body


class AcceptedClock(Struct, frozen=True):
    """How the log lay ahead (None: it does not), what accepted it, and whether `already`."""

    ahead: LogAhead | None
    position: int | None = None
    already: bool = False


def accept_clock(ledger: Ledger, said: Mapping[str, Any]) -> AcceptedClock:
    """Record that a log which lies ahead is accepted; write nothing where none does.

    `said` is who accepts it, on which basis, with which sources, and the reason, as JSON data.
    Raises BodyError, UnknownReferenceError, and VersionConflictError when others kept being faster.
    """

    def attempt() -> AcceptedClock:
        now = ledger.clock()
        with open_reader(ledger.where) as record:
            ahead = log_ahead(record, now)
        if ahead is None or ahead.accepted is not None:
            at = ahead.accepted if ahead else None
            return AcceptedClock(ahead, at, already=at is not None)
        fields = {**said, "clock": format_instant(now)}
        position = ledger.write_own("ledger.clock-accepted", accepting=True, **fields)
        return AcceptedClock(ahead, position)

    return tried_again(attempt)
