"""Decide on a batch of commands, each on what is recorded and on those before it.

Nothing is written here: what becomes an event waits in `events` until the ledger writes it, and the
index of its thing has grown by it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from domain.claims.claim import Claim
from domain.decisions.decide import Fact, Rules, decide, refuse_foreign_type
from domain.decisions.errors import Refusal, UnknownReferenceError
from domain.decisions.stream_index import NOT_YET, StreamIndex
from events import validation
from events.body import RECORDER, Body
from events.catalogue import UnknownTypeError, topic, type_of
from events.envelope import EventTooLargeError, envelope
from events.identifiers import check_thing, kind_of
from events.kinds.claim_events import Corrected
from events.references import other_references

Data = Mapping[str, Any] | Body
Outcome = Literal["recorded", "already recorded", "refused"]

NewEvent = tuple[Claim, bytes]
"""A claim that was decided on, to be written, and its body in canonical form."""

SELF = "ledger/self"

_SURELY_FITS_BYTES = 32_768  # in any envelope of an event
_EXISTING = frozenset(("party", "source"))


class Command(NamedTuple):
    """A fact to be recorded: JSON data, a body, or how to make one of these from earlier labels.

    `data` as a function gets the event ids of the labels before it. `where` says where the fact
    comes from, in whatever way suits who hands it in, `number` which of a file's it is.
    `introduces`: it is of no use where anything is known of the thing already. `recordedby`: who
    recorded it elsewhere (absent: who records it here).
    """

    thing: str
    type: str
    data: Data | Callable[[Mapping[str, str]], Data]
    where: Any = None
    label: str | None = None
    number: int = 1
    introduces: bool = False
    recordedby: str | None = None


class AppendResult(Struct):
    """What came of a command: `id` and `position` where its fact stands, `error` if it is refused.

    `position` is None until it is written. `findings` are pairs of a name and a sentence.
    """

    command: Command
    outcome: Outcome
    id: str = ""
    position: int | None = None
    findings: tuple[tuple[str, str], ...] = ()
    error: Exception | None = None

    @property
    def type(self) -> str:
        """Return the type of the fact."""
        return self.command.type

    @property
    def already(self) -> bool:
        """Say whether the fact was recorded before."""
        return self.outcome == "already recorded"

    @property
    def reason(self) -> tuple[str, str] | None:
        """Return why it is refused: the name of the rule, and a sentence."""
        return None if self.error is None else (_rule(self.error), str(self.error))


class CommandRefusedError(Exception):
    """A command of a batch is refused, and the batch with it."""

    def __init__(self, command: Command, why: Exception) -> None:
        super().__init__(str(why))
        self.command, self.why = command, why


class Batch:
    """Decides on commands one after the other; what it decided counts as recorded.

    `load` returns the index of a thing as it is recorded, `exist` those of some things of which
    anything is. `rules` and `rerun` are those of `decide`. `recorders` says who recorded the events
    that are carried over from elsewhere, by their ids; `recordedby` who records all others.
    """

    def __init__(
        self,
        load: Callable[[str], StreamIndex],
        exist: Callable[[Sequence[str]], set[str]],
        ledger_id: str,
        *,
        rules: Rules = "refuse",
        rerun: bool = False,
        recordedby: str | None = None,
    ) -> None:
        self._recordedby = recordedby
        self._load, self._exist, self._ledger_id = load, exist, ledger_id
        self._rules: Rules = rules
        self._rerun = rerun
        self._labels: dict[str, str] = {}
        self.forget()

    def forget(self) -> None:
        """Let go of what is known of things and of what was not written: each is loaded again."""
        self._indexes: dict[str, StreamIndex] = {}
        self._existing: set[str | None] = {None, SELF, RECORDER}
        self.events: list[NewEvent] = []
        self.recorders: dict[str, str] = {}
        self.held = 0  # claims in memory

    def forget_label(self, command: Command) -> None:
        """Forget which event bears a label, for its command is decided on again."""
        if command.label is not None:
            self._labels.pop(command.label, None)

    def take(self, command: Command) -> AppendResult:
        """Return what comes of the next command; one that is refused leaves the others alone."""
        try:
            return self._taken(command)
        except (Refusal, ValueError, LookupError) as error:
            return AppendResult(command, "refused", error=error)

    def settle(self, results: Sequence[AppendResult], positions: Sequence[int]) -> None:
        """Give results the positions at which the events were written."""
        written, at = iter(positions), dict[str, int]()
        for result in results:
            if result.outcome == "recorded":
                result.position = at[result.id] = next(written)
            elif result.position is None:  # it may repeat one before it
                result.position = at.get(result.id)
        self.events.clear()
        self.recorders.clear()

    def index(self, thing: str) -> StreamIndex:
        """Return what is known of a thing, with what was decided of it."""
        found = self._indexes.get(thing)
        if found is None:
            found = self._indexes[check_thing(thing)] = self._load(thing)
            self.held += found.version
        return found

    def _taken(self, command: Command) -> AppendResult:
        thing = command.thing
        if command.introduces and self.index(thing).version:
            return AppendResult(command, "already recorded", f"{thing}/1")
        # The fact before the index: a refusal shows the fields that the file gave.
        fact, index = self._validated(command), self.index(thing)
        decision = decide(index, fact, rules=self._rules, rerun=self._rerun)
        claim = decision.claim
        if decision.repeats:
            position = claim.position if claim.position < NOT_YET else None
            result = AppendResult(command, "already recorded", claim.id, position)
        else:
            if len(fact.written) > _SURELY_FITS_BYTES:
                self._refuse_too_large(claim, fact, command.recordedby)
            self._refuse_unknown_reference(thing, fact.body)
            index.add(claim, fact.written)
            self.events.append((claim, fact.written))
            if claim.version == 1:
                self._existing.add(thing)
            self.held += 1
            id_ = f"{thing}/{claim.version}"
            if command.recordedby is not None:
                self.recorders[id_] = command.recordedby
            result = AppendResult(command, "recorded", id_, None, decision.findings)
        if command.label is not None:
            self._labels[command.label] = result.id
        return result

    def _validated(self, command: Command) -> Fact:
        data: Any = command.data
        if callable(data):
            data = data(self._labels)
        if isinstance(data, Body):
            return Fact(command.type, data, validation.write_body(data))
        refuse_foreign_type(self.index(command.thing), command.type)
        if type(data) is not dict:
            data = dict(data)
        body, written = validation.admission(command.type)(data)
        return Fact(command.type, body, written)

    def _refuse_too_large(self, claim: Claim, fact: Fact, recordedby: str | None) -> None:
        stored, by = topic(claim.type), recordedby or self._recordedby
        envelope(claim.thing, claim.version, stored, self._ledger_id, fact.written, recordedby=by)

    def _refuse_unknown_reference(self, thing: str, body: Body) -> None:
        """Raise UnknownReferenceError where a fact names a party or source of which none knows."""
        named = other_references(body, self._existing)
        if type(body) is Corrected:
            named += other_references(
                validation.read_body(type_of(body.data_type), body.data), self._existing
            )
        elif not named:
            return
        named = [one for one in named if one != thing and kind_of(one) in _EXISTING]
        found = self._exist(named)
        for missing in sorted(set(named) - found):
            raise UnknownReferenceError(missing)
        self._existing |= found


def _rule(error: Exception) -> str:
    if isinstance(error, Refusal):
        return error.name
    if isinstance(error, EventTooLargeError):
        return "too-large"
    missing = isinstance(error, LookupError) and not isinstance(error, UnknownTypeError)
    return "no-such-target" if missing else "not-well-formed"
