"""How are very many facts recorded: in batches, each validated, canonical, durable and whole?

The same record through the same recorder of the library, without what it costs an event: a body
is validated and written in one pass, what was said before is found by an index (stream_index),
and a batch is handed over as stored events. A batch is one transaction, so that whatever stops a
run leaves whole batches, and running it again records nothing twice. While one is written the next
is decided (domain/decisions/ahead.py); nothing is said of it before it is durable.
"""

import gc
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice, repeat
from typing import Any, NamedTuple, cast

from domain.decisions.ahead import Ahead
from domain.decisions.review import review
from domain.decisions.taking import Fact, Taken, Taking, Told
from domain.ledger import MAX_TRIES, Ledger
from events.identifiers import split_event_id
from events.interrupts import defer_interrupts
from events.store.clock import utc_now
from events.store.errors import StoreError, VersionConflictError
from events.store.factory import open_reader
from events.store.location import Location
from events.store.rows import Bare, enveloped

__all__ = ["BATCH", "Bulk", "Fact", "Found", "Taken"]

BATCH = 1_000
MAX_KEPT = 200_000  # claims held in memory; things not at hand are read from the record again


class Found(NamedTuple):
    """Something odd about an event that was recorded."""

    id: str
    name: str
    sentence: str


class _Decided(NamedTuple):
    """A batch as it was decided: what came of each fact, and the events that some become.

    What becomes an event has its findings in the place of what came of it.
    """

    facts: Sequence[Fact]
    taken: Sequence[Taken | Told]
    events: Sequence[Bare]


class Bulk:
    """Records facts in batches of 1,000 into an open ledger.

    `as_reported` keeps the checks of form and of self-contradiction, and leaves the rules to
    `findings`; without it every fact is judged in all worlds as `append` does, and what a rule
    forbids is refused alone. `rehearse` writes nothing. `recorded` counts what is durable.
    """

    def __init__(
        self, ledger: Ledger, *, as_reported: bool = False, rehearse: bool = False
    ) -> None:
        self._ledger, self._rehearse = ledger, rehearse
        self.recorded = 0
        self._met: list[tuple[str, int]] = []  # things and versions
        self._conflicts = 0
        self._reader = open_reader(ledger.where)
        self._taking = Taking(self._reader, ledger.ledger_id, as_reported=as_reported)

    def __enter__(self) -> "Bulk":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def record(self, facts: Iterable[Fact]) -> Generator[list[Taken], None, None]:
        """Record the facts, yielding what came of each batch once it is durable.

        When it is stopped, what is under way is still written, and counted in `recorded`.
        """
        waiting = iter(facts)
        with _no_garbage(), Ahead(self._write, self._elsewhere, self._ledger.ledger_id) as ahead:
            try:
                while batch := list(islice(waiting, BATCH)):
                    if self._taking.kept > MAX_KEPT and not self._rehearse:
                        yield from self._landed(ahead)
                        self._taking.forget()
                    decided = self._decided(batch)
                    conflicts, landed = self._conflicts, self._landed(ahead)
                    if self._conflicts > conflicts:  # what it was decided on is not what stands
                        decided = self._decided_again(batch)
                    ahead.begin(decided)
                    yield from landed
                yield from self._landed(ahead)
            finally:
                self._settle(ahead)

    def findings(self) -> Iterator[Found]:
        """Yield what the rules say of the facts so far, recorded now or before, thing by thing."""
        touched: dict[str, set[int]] = {}
        for thing, version in self._met:
            touched.setdefault(thing, set()).add(version)
        for thing, new in touched.items():
            for claim, verdict in review(thing, self._taking.of(thing).claims):
                if claim.version in new:
                    if verdict.refusal:
                        yield Found(claim.id, verdict.refusal.name, str(verdict.refusal))
                    for name, sentence in verdict.findings:
                        yield Found(claim.id, name, sentence)

    @property
    def _elsewhere(self) -> Location | None:
        """Return where a second process may write: nowhere if only this one knows the time."""
        return None if self._rehearse or self._ledger.clock is not utc_now else self._ledger.where

    def _decided(self, batch: Sequence[Fact]) -> _Decided:
        events: list[Bare] = []
        take = self._taking.take
        return _Decided(batch, [take(fact, events) for fact in batch], events)

    def _decided_again(self, batch: Sequence[Fact]) -> _Decided:
        for fact in batch:
            self._taking.unlabel(fact.label)
        return self._decided(batch)

    def _write(self, decided: _Decided) -> Sequence[int]:
        if self._rehearse or not decided.events:
            return ()
        events = enveloped(decided.events, self._ledger.ledger_id)
        return self._ledger.recorder.insert_events(cast("Any", events)) or ()

    def _landed(self, ahead: Ahead[_Decided]) -> list[list[Taken]]:
        """Return what came of the batch under way, now durable: of one, or of none."""
        decided = ahead.under_way
        if decided is None:
            return []
        with defer_interrupts():  # what is written is counted
            try:
                positions = ahead.landed()
            except VersionConflictError:
                self._conflicts += 1
                decided, positions = self._again(decided.facts)
            return [self._noted(decided, positions)]

    def _again(self, batch: Sequence[Fact]) -> tuple[_Decided, Sequence[int]]:
        """Decide a batch on what stands now, and write it; others may be faster some times."""
        for tries_left in reversed(range(MAX_TRIES - 1)):
            self._taking.forget()
            decided = self._decided_again(batch)
            try:
                return decided, self._write(decided)
            except VersionConflictError:
                if not tries_left:
                    raise
        raise AssertionError("unreachable")

    def _settle(self, ahead: Ahead[_Decided]) -> None:
        with suppress(StoreError):  # what stopped the run is said, and this was not written
            self._landed(ahead)

    def _noted(self, decided: _Decided, positions: Sequence[int]) -> list[Taken]:
        self.recorded += len(positions)
        self._met += [(thing, version) for thing, version, _, _ in decided.events]
        events = zip(decided.events, positions or repeat(None), strict=False)
        noted = []
        for fact, one in zip(decided.facts, decided.taken, strict=True):
            if type(one) is Taken:
                noted.append(one)
                if one.what == "already recorded" and one.id is not None:
                    self._met.append(split_event_id(one.id))
            else:
                (thing, version, _, _), at = next(events)
                told = (fact, "recorded", f"{thing}/{version}", at, None, one)
                noted.append(_new(Taken, told))
        return noted


_new = tuple.__new__  # a named tuple is made in half the time


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
