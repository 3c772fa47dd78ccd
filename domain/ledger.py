"""How are facts recorded: loaded, decided, saved, all or nothing?

The application in the functional style of `eventsourcing`: its repository loads a thing's history,
`decide` answers, one batch is saved in one transaction. When another writer was faster the batch
is decided again on what stands then, at most five times.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import InfrastructureFactory, Notification
from eventsourcing.utils import Environment, EnvType

from domain.decide import decide
from domain.history import NOT_YET, History, evolve
from domain.refusals import Refusal
from events import door
from events.body import RECORDER, Body
from events.build import build
from events.canonical import open_envelope
from events.catalogue import body_class, topic, type_of
from events.claims import Corrected
from events.event import Event
from events.ids import kind_of
from events.ledger import Opened
from events.references import references
from events.store.clock import Clock, utc_now
from events.store.errors import LedgerExistsError, NotALedgerError, VersionConflictError
from events.store.mapper import LedgerMapper
from events.store.opening import create, environment, make_factory, open_reader
from events.store.where import Where

SELF = "ledger/self"
FORMAT = 1
MAX_BATCH = 10_000
MAX_TRIES = 5


class Draft(NamedTuple):
    """A fact to be recorded: `body` is made when the labels of earlier facts have event ids."""

    thing: str
    type: str
    body: Callable[[Mapping[str, str]], Body]
    label: str | None = None
    number: int = 1


class Outcome(NamedTuple):
    """What came of a fact: where it stands, and whether it was there already.

    `position` is None when nothing was written (a rehearsal). `findings` are names and sentences.
    """

    id: str
    type: str
    position: int | None
    already: bool
    findings: tuple[tuple[str, str], ...] = ()


class DraftError(Exception):
    """A fact of a batch was refused: `number` counts the batch's facts from 1."""

    def __init__(self, draft: Draft, why: Exception) -> None:
        super().__init__(str(why))
        self.draft, self.why = draft, why


class UnknownReferenceError(Refusal):
    """A party or source that a fact names was recorded before: establish or cite it first."""

    name = "unknown-reference"

    def __init__(self, missing: str) -> None:
        super().__init__(f"{missing} is not in this ledger")
        self.missing = missing


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
        self, where: Where, *, clock: Clock = utc_now, ledger_id: str | None = None
    ) -> None:
        """Open a record; `clock` is for tests, `ledger_id` for a record that is still empty."""
        self.where, self.clock = where, clock
        self.ledger_id = ledger_id or identity(where)
        super().__init__()

    @classmethod
    def create(cls, where: Where, *, origin: str | None = None, clock: Clock = utc_now) -> "Ledger":
        """Make a record and write its first event; raise LedgerExistsError where there is one.

        What a killed call leaves behind holds no event, and is taken up again.
        """
        try:
            create(where)
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
        return Environment(name, environment(self.where))

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Return the store."""
        return make_factory(env, self.where, self.clock)

    def construct_mapper(self) -> LedgerMapper:
        """Return the mapper that writes bodies as canonical bytes."""
        return LedgerMapper(self.ledger_id, door.write, _stored_body)

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
            deciding = _Deciding(self, as_reported)
            outcomes = [deciding.take(draft) for draft in drafts]
            if rehearse or not deciding.events:
                return outcomes
            try:
                recordings = self.save(Batch(deciding.events))
            except VersionConflictError:
                if not tries_left:
                    raise
                continue
            where = {_id_of(r.notification): r.notification.id for r in recordings}
            return [o._replace(position=where.get(o.id, o.position)) for o in outcomes]
        raise AssertionError("unreachable")

    def history(self, thing: str) -> History:
        """Return all that was recorded about a thing; nothing, for a thing not yet known."""
        try:
            found: History = self.repository.get(thing, projector_func=evolve)
        except AggregateNotFoundError:
            return History(thing)
        return found


class _Deciding:
    """One attempt at a batch: histories grow in memory as its facts are decided."""

    def __init__(self, ledger: Ledger, as_reported: bool) -> None:
        self._ledger, self._as_reported = ledger, as_reported
        self._histories: dict[str, History] = {SELF: History(SELF)}
        self._labels: dict[str, str] = {}
        self.events: list[Event] = []

    def take(self, draft: Draft) -> Outcome:
        try:
            return self._decided(draft)
        except (Refusal, ValueError, LookupError) as why:
            raise DraftError(draft, why) from why

    def _decided(self, draft: Draft) -> Outcome:
        body = draft.body(self._labels)
        history = self._history(draft.thing)
        decision = decide(history, draft.type, body, as_reported=self._as_reported)
        self._check_references(draft.thing, body)
        if decision.already is not None:
            found = decision.already
            self._label(draft, found.id)
            position = found.position if found.position < NOT_YET else None
            return Outcome(found.id, found.type, position, True)
        event = decision.event
        assert event is not None
        self.events.append(event)
        self._histories[draft.thing] = history.after(event)
        self._label(draft, event.id)
        return Outcome(event.id, event.type, None, False, decision.findings)

    def _label(self, draft: Draft, event_id: str) -> None:
        if draft.label is not None:
            self._labels[draft.label] = event_id

    def _history(self, thing: str) -> History:
        if thing not in self._histories:
            self._histories[thing] = self._ledger.history(thing)
        return self._histories[thing]

    def _check_references(self, thing: str, body: Body) -> None:
        named_in = references(body)
        if isinstance(body, Corrected):
            named_in |= references(door.read(type_of(body.data_type), body.data))
        for named in sorted(named_in - {RECORDER, thing}):
            if kind_of(named) in ("party", "source") and not self._history(named).version:
                raise UnknownReferenceError(named)


def identity(where: Where) -> str:
    """Return the ledger's id: the UUID that its first event names."""
    with open_reader(where) as reader:
        first = reader.first()
    if first is None:
        raise NotALedgerError(f"{where} holds no event yet: run depositary init again.")
    return open_envelope(first.state).source.removeprefix("urn:uuid:")


def _stored_body(topic_: str, data: dict[str, Any]) -> Body:
    return build(body_class(type_of(topic_)), data)


def _id_of(notification: Notification) -> str:
    return f"{notification.originator_id}/{notification.originator_version}"
