"""What comes of a batch of facts, each decided on what stands and on those before it?

Nothing is written here: what becomes an event waits in `events`, and what is known of its thing
has grown by it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from domain.decisions.errors import Refusal
from domain.decisions.stream import NOT_YET, claim_of
from domain.decisions.stream_index import Known, Stored
from events import validation
from events.body import RECORDER, Body
from events.catalogue import family, type_of
from events.envelope import envelope, stored_data
from events.event import Event
from events.identifiers import kind_of
from events.kinds.claim_events import Corrected
from events.references import other_references
from events.store.rows import Appended

SELF = "ledger/self"


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


class Deciding:
    """One attempt at a batch, on what `known` returns of a thing.

    `there_are` returns those of some things of which anything is known.
    """

    def __init__(
        self,
        known: Callable[[str], Known],
        there_are: Callable[[Sequence[str]], set[str]],
        ledger_id: str,
        *,
        as_reported: bool,
    ) -> None:
        self._load, self._there_are = known, there_are
        self._ledger_id, self._as_reported = ledger_id, as_reported
        self._known: dict[str, Known] = {}
        self._there: set[str | None] = {None, RECORDER}
        self._labels: dict[str, str] = {}
        self.events: list[Appended] = []

    def take(self, draft: Draft) -> Outcome:
        """Return what comes of the next fact.

        Raises DraftError where it is refused, which leaves the others as they were, and
        EventTooLargeError.
        """
        try:
            body = draft.body(self._labels)
            known, written = self.of(draft.thing), validation.write(body)
            decision = known.decide(draft.type, body, written, as_reported=self._as_reported)
            self._check_references(draft.thing, body)
        except (Refusal, ValueError, LookupError) as why:
            raise DraftError(draft, why) from why
        if decision.already is not None:
            found = decision.already
            self._label(draft, found.id)
            position = found.position if found.position < NOT_YET else None
            return Outcome(found.id, found.type, position, True)
        assert decision.event is not None
        self._record(known, decision.event, written)
        self._label(draft, decision.event.id)
        return Outcome(decision.event.id, draft.type, None, False, decision.findings)

    def of(self, thing: str) -> Known:
        """Return what is known of a thing, with what was decided of it."""
        known = self._known.get(thing)
        if known is None:
            # What a ledger says of itself it says by commands of its own, never in a batch.
            known = self._known[thing] = Known(SELF) if thing == SELF else self._load(thing)
        return known

    def settled(self, positions: Sequence[int]) -> Iterable[Known]:
        """Return what is known of each thing now that the events are written at their positions."""
        at: dict[str, list[Stored]] = {}
        for (thing, _, topic, state), position in zip(self.events, positions, strict=True):
            at.setdefault(thing, []).append(Stored(position, topic, stored_data(state)))
        for thing, those in at.items():
            self._known[thing].settle(those)
        return self._known.values()

    def _record(self, known: Known, event: Event, written: bytes) -> None:
        state = envelope(event.thing, event.version, event.topic, self._ledger_id, written)
        self.events.append(Appended(event.thing, event.version, event.topic, state))
        known.add(claim_of(event), written, family(event.type).name)
        self._there.add(event.thing)

    def _label(self, draft: Draft, event_id: str) -> None:
        if draft.label is not None:
            self._labels[draft.label] = event_id

    def _check_references(self, thing: str, body: Body) -> None:
        named = other_references(body, self._there)
        if isinstance(body, Corrected):
            named += other_references(
                validation.read(type_of(body.data_type), body.data), self._there
            )
        named = [one for one in named if one != thing and kind_of(one) in ("party", "source")]
        if named:
            there = self._there_are(named)
            for missing in sorted(set(named) - there):
                raise UnknownReferenceError(missing)
            self._there |= there
