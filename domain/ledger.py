"""How are facts recorded: loaded, decided, saved, all or nothing?

The application in the functional style of `eventsourcing`: what was said of a thing is loaded,
`decide` answers, one batch is saved in one transaction. When another writer was faster the batch
is decided again on what stands then, at most five times.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment, EnvType

from domain.decisions.at_hand import AtHand
from domain.decisions.batch import SELF, Deciding, Draft, DraftError, Outcome, UnknownReferenceError
from domain.decisions.errors import Refusal
from domain.decisions.stream import History, evolve
from domain.decisions.stream_index import Known
from events import validation
from events.body import RECORDER, Body
from events.build import build
from events.catalogue import body_class, topic, type_of
from events.envelope import open_envelope
from events.envelope_slices import Frames
from events.event import Event
from events.kinds.ledger import Opened
from events.store.clock import Clock, utc_now
from events.store.errors import (
    LedgerExistsError,
    NotALedgerError,
    RecordDamagedError,
    VersionConflictError,
)
from events.store.factory import (
    create_record,
    library_environment,
    make_recorder_factory,
    open_reader,
)
from events.store.location import Location
from events.store.mapper import LedgerMapper
from events.store.row_reader import Opener
from events.store.rows import Appended

if TYPE_CHECKING:
    from events.store.shared_recorder import ReadByColumns

__all__ = [
    "SELF",
    "Batch",
    "Draft",
    "DraftError",
    "Ledger",
    "Outcome",
    "UnknownReferenceError",
]

FORMAT = 1
MAX_BATCH = 10_000
MAX_TRIES = 5


class BatchTooLargeError(Refusal):
    """One append takes at most 10,000 facts: split the file."""

    name = "batch-too-large"

    def __init__(self, facts: int) -> None:
        super().__init__(f"{facts:,} facts, {MAX_BATCH:,} are allowed in one append: split it")


class Batch:
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
        self, where: Location, *, clock: Clock = utc_now, ledger_id: str | None = None
    ) -> None:
        """Open a record; `clock` is for tests, `ledger_id` for a record that is still empty."""
        self.where, self.clock = where, clock
        self.ledger_id = ledger_id or identity(where)
        super().__init__()
        self._reading = cast("ReadByColumns", self.recorder)
        self._opener, self._at_hand = Opener(Frames(self.ledger_id)), AtHand()

    @classmethod
    def create(
        cls, where: Location, *, origin: str | None = None, clock: Clock = utc_now
    ) -> "Ledger":
        """Make a record and write its first event; raise LedgerExistsError where there is one.

        What a killed call leaves behind holds no event, and is taken up again.
        """
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
        ledger = cls(where, clock=clock, ledger_id=ledger_id)
        try:
            ledger.save(Batch([Event(SELF, 1, topic("ledger.opened"), opened)]))
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
        return LedgerMapper(self.ledger_id, validation.write, _stored_body)

    def append(
        self, drafts: Sequence[Draft], *, as_reported: bool = False, rehearse: bool = False
    ) -> list[Outcome]:
        """Record the facts, all or none, in one transaction; return what came of each.

        `rehearse` decides and writes nothing. Raises DraftError with the fact that was refused,
        and VersionConflictError when others kept being faster.
        """
        if len(drafts) > MAX_BATCH:
            raise BatchTooLargeError(len(drafts))
        for tries_left in reversed(range(MAX_TRIES)):
            deciding = self.deciding(as_reported=as_reported)
            outcomes = [deciding.take(draft) for draft in drafts]
            if rehearse:
                return outcomes
            try:
                positions = self._written(deciding.events)
            except VersionConflictError:
                if not tries_left:
                    raise
                continue
            for known in deciding.settled(positions):
                self._at_hand.put_back(known)
            where = {_id_of(e): n for e, n in zip(deciding.events, positions, strict=True)}
            return [o._replace(position=where.get(o.id, o.position)) for o in outcomes]
        raise AssertionError("unreachable")

    def deciding(self, *, as_reported: bool = False) -> Deciding:
        """Return how facts are decided on now, one after the other, without being written."""
        there_are = self._reading.there_are
        return Deciding(self._known, there_are, self.ledger_id, as_reported=as_reported)

    def history(self, thing: str) -> History:
        """Return all that was recorded about a thing; nothing, for a thing not yet known."""
        try:
            found: History = self.repository.get(thing, projector_func=evolve)
        except AggregateNotFoundError:
            return History(thing)
        return found

    def _known(self, thing: str) -> Known:
        """Return what is known of a thing: as it was at hand, and what was recorded since."""
        known = self._at_hand.take(thing)
        if known is not None:
            rows = self._opener.opened(self._reading.rows_of(thing, first=known.seen))
            met = known.met_again(rows)
            if met is not None:
                known.read(rows[met:])
                return known
        known = Known(thing)
        known.read(self._opener.opened(self._reading.rows_of(thing)))
        return known

    def _written(self, events: Sequence[Appended]) -> Sequence[int]:
        # As the library's `save` does, but for objects that it would make of each event.
        return self.recorder.insert_events(cast("Any", events)) or () if events else ()


def identity(where: Location) -> str:
    """Return the ledger's id: the UUID that its first event names."""
    with open_reader(where) as reader:
        first = reader.first()
    if first is None:
        raise NotALedgerError(f"{where} holds no event yet: run depositary init again.")
    opened = open_envelope(first.state)
    ledger_id = opened.source.removeprefix("urn:uuid:")
    if opened.data.get("id") != ledger_id:
        raise RecordDamagedError(f"@1 is damaged: it opens another ledger than {opened.source}.")
    return ledger_id


def _stored_body(topic_: str, data: dict[str, Any]) -> Body:
    return build(body_class(type_of(topic_)), data)


def _id_of(event: Appended) -> str:
    return f"{event.originator_id}/{event.originator_version}"
