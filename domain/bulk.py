"""How are very many facts recorded: in batches, each validated, canonical, durable and whole?

The same record through the same recorder of the library, without what it costs an event: a body
is validated and written in one pass, what was said before is found by an index (domain/known.py),
and a batch is handed over as stored events. A batch is one transaction, so that whatever stops a
run leaves whole batches, and running it again records nothing twice.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any, Literal, NamedTuple

from eventsourcing.persistence import StoredEvent

from domain.claim import Claim
from domain.decide import decide, judged
from domain.history import NOT_YET
from domain.known import Known
from domain.ledger import MAX_TRIES, SELF, Ledger, UnknownReferenceError
from domain.refusals import Refusal, RuleError
from domain.review import review
from events import door
from events.body import RECORDER, Body
from events.build import build
from events.canonical import EventTooLargeError, envelope, open_envelope, stored_data
from events.catalogue import UnknownTypeError, body_class, topic, type_of, types_for
from events.ids import check_thing, kind_of
from events.references import references
from events.store.errors import VersionConflictError
from events.store.opening import open_reader

BATCH = 1_000
MAX_KEPT = 200_000  # claims held in memory; things not at hand are read from the record again

Data = Mapping[str, Any] | Callable[[Mapping[str, str]], Mapping[str, Any]]
What = Literal["recorded", "already recorded", "refused"]


class Fact(NamedTuple):
    """A fact to be recorded: JSON data, or how to make it once earlier labels have event ids.

    `where` says where it comes from, in whatever way who hands it in likes. `introduces`: it is
    of no use where anything is known of the thing already.
    """

    thing: str
    type: str
    data: Data
    where: Any = None
    label: str | None = None
    introduces: bool = False


class Taken(NamedTuple):
    """What came of a fact: `id` and `position` where it stands, `why` (name, sentence) if not."""

    fact: Fact
    what: What
    id: str | None = None
    position: int | None = None
    why: tuple[str, str] | None = None
    findings: tuple[tuple[str, str], ...] = ()


class Found(NamedTuple):
    """Something odd about an event that was recorded."""

    id: str
    name: str
    sentence: str


class Bulk:
    """Records facts in batches of 1,000 into an open ledger.

    `as_reported` keeps the checks of form and of self-contradiction, and leaves the rules to
    `findings`; without it every fact is judged in all worlds as `append` does, and what a rule
    forbids is refused alone. `rehearse` writes nothing.
    """

    def __init__(
        self, ledger: Ledger, *, as_reported: bool = False, rehearse: bool = False
    ) -> None:
        self._ledger, self._as_reported, self._rehearse = ledger, as_reported, rehearse
        self._known: dict[str, Known] = {}
        self._there: set[str] = {SELF, RECORDER}
        self._labels: dict[str, str] = {}
        self._kept = 0
        self._touched: dict[str, list[int]] = {}
        self._reader = open_reader(ledger.where)

    def __enter__(self) -> "Bulk":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def record(self, facts: Iterable[Fact]) -> Iterator[list[Taken]]:
        """Record the facts, yielding what came of each batch once it is durable."""
        waiting = iter(facts)
        with _no_garbage():
            while batch := list(islice(waiting, BATCH)):
                yield self._save(batch)

    def findings(self) -> Iterator[Found]:
        """Yield what the rules say of the events recorded so far, thing by thing."""
        for thing, versions in self._touched.items():
            new = frozenset(versions)
            for claim, verdict in review(thing, self._of(thing).claims):
                if claim.version in new:
                    if verdict.refusal:
                        yield Found(claim.id, verdict.refusal.name, str(verdict.refusal))
                    for name, sentence in verdict.findings:
                        yield Found(claim.id, name, sentence)

    def _save(self, batch: Sequence[Fact]) -> list[Taken]:
        for tries_left in reversed(range(MAX_TRIES)):
            if self._kept > MAX_KEPT and not self._rehearse:
                self._forget()
            stored: list[StoredEvent] = []
            taken = [self._take(fact, stored) for fact in batch]
            if self._rehearse or not stored:
                return taken
            try:
                positions = iter(self._ledger.recorder.insert_events(stored) or ())
            except VersionConflictError:
                self._forget()
                if not tries_left:
                    raise
                continue
            self._note(taken)
            return [
                one._replace(position=next(positions)) if one.what == "recorded" else one
                for one in taken
            ]
        raise AssertionError("unreachable")

    def _take(self, fact: Fact, stored: list[StoredEvent]) -> Taken:
        try:
            if fact.introduces and self._of(fact.thing).version:
                return Taken(fact, "already recorded", f"{fact.thing}/1")
            data = fact.data if isinstance(fact.data, dict) else self._made(fact.data)
            way = _way(fact.type, kind_of(fact.thing))
            body, written = way.admit(data)
            return self._decided(fact, way, body, written, stored)
        except (Refusal, ValueError, LookupError) as why:
            return Taken(fact, "refused", why=(_name(why), str(why)))

    def _made(self, data: Data) -> dict[str, Any]:
        return dict(data(self._labels) if callable(data) else data)

    def _decided(
        self, fact: Fact, way: "_Way", body: Body, written: bytes, stored: list[StoredEvent]
    ) -> Taken:
        thing, type_, _, _, label, _ = fact
        known = self._known.get(thing) or self._of(thing)
        number = len(known.claims) + 1
        claim = Claim(NOT_YET + number, number, thing, type_, body)
        state = envelope(thing, number, way.topic, self._ledger.ledger_id, written)
        already, findings = self._checked(known, claim, written)
        if already is not None:
            self._label(label, already)
            position = already.position if already.position < NOT_YET else None
            return Taken(fact, "already recorded", already.id, position)
        self._check_references(thing, body)
        stored.append(StoredEvent(thing, number, way.topic, state))
        known.add(claim, written)
        self._there.add(thing)
        self._kept += 1
        self._label(label, claim)
        return Taken(fact, "recorded", f"{thing}/{number}", None, None, findings)

    def _checked(
        self, known: Known, claim: Claim, written: bytes
    ) -> tuple[Claim | None, tuple[tuple[str, str], ...]]:
        """Return the claim that says the same already, or what is odd; raise a Refusal."""
        if repeated := known.repeated(claim.type, written):
            return repeated, ()  # retracted or not: a second run is no second thought
        if not known.plain or claim.type.startswith("claim."):
            history = known.history()
            decision = decide(history, claim.type, claim.body, as_reported=self._as_reported)
            return decision.already, () if self._as_reported else decision.findings
        known.check(claim)
        if self._as_reported:
            return None, ()
        verdict = judged(known.history(), claim)
        if verdict.refusal is not None:
            raise verdict.refusal
        return None, verdict.findings

    def _check_references(self, thing: str, body: Body) -> None:
        for named in references(body):
            if named not in self._there and named != thing and kind_of(named) in _MUST_BE_THERE:
                if not self._of(named).version:
                    raise UnknownReferenceError(named)
                self._there.add(named)

    def _of(self, thing: str) -> Known:
        found = self._known.get(thing)
        if found is None:
            found = self._known[check_thing(thing)] = self._loaded(thing)
            self._kept += found.version
        return found

    def _loaded(self, thing: str) -> Known:
        known = Known(thing)
        for row in self._reader.rows(thing=thing):
            type_ = type_of(row.topic)
            opened = open_envelope(row.state)
            body = build(body_class(type_), opened.data)
            claim = Claim(row.position, row.version, thing, type_, body, opened.time)
            known.add(claim, stored_data(row.state))
        return known

    def _label(self, label: str | None, claim: Claim) -> None:
        if label is not None:
            self._labels[label] = claim.id

    def _note(self, taken: Iterable[Taken]) -> None:
        for one in taken:
            if one.what == "recorded" and one.id is not None:
                thing, _, version = one.id.rpartition("/")
                self._touched.setdefault(thing, []).append(int(version))

    def _forget(self) -> None:
        self._known.clear()
        self._there = {SELF, RECORDER}
        self._kept = 0


_MUST_BE_THERE = frozenset(("party", "source"))


class _Way(NamedTuple):
    """How facts of a type about things of a kind come in."""

    admit: door.Admission
    topic: str


@cache
def _way(type_: str, kind: str) -> _Way:
    if kind == "ledger" or type_ not in types_for(kind):
        raise RuleError("type-of-another-kind", f"{type_} is not recorded about a {kind}")
    return _Way(door.admission(type_), topic(type_))


def _name(why: Exception) -> str:
    if isinstance(why, Refusal):
        return why.name
    if isinstance(why, EventTooLargeError):
        return "too-large"
    missing = isinstance(why, LookupError) and not isinstance(why, UnknownTypeError)
    return "no-such-target" if missing else "not-well-formed"


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Keep the collector away: among many live objects it took twice as long as the work."""
    was_on = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()
