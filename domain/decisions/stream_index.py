"""What was recorded about one thing, indexed for the decision on the next fact.

Each earlier claim that a rule may ask for is found in one step: by its type and bytes, by its
asserter and key, and by the place where an asserter could contradict itself. A thing with thousands
of observations takes as long a fact as a new one. What claims about claims change (which claims
stand, and with which text) is worked out anew after each of these, and not otherwise.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from domain.claims.claim import Claim, days
from domain.claims.effective_claims import EffectiveClaims, effective_claims
from domain.claims.occurrences import by_field, once_key
from domain.decisions.state_cache import StateCache
from domain.decisions.stream import NOT_YET
from events.body import Body
from events.catalogue import about_claims, family, type_of, types_for
from events.identifiers import kind_of
from events.serialization import StoredEvent

Place = tuple[object, ...]

COMPARED = ("once", "series")  # how types of claims join that an asserter makes once
_NOTHING_REVISED = effective_claims(())


class StreamIndex:
    """A thing's claims in their order, and what is found among them without looking through all.

    `recordable` are the types that may be recorded about it, `types` those that are. `amended` says
    whether there are claims about claims, `claims` the events about it.
    """

    def __init__(self, thing: str, events: Iterable[StoredEvent] = ()) -> None:
        self.thing = thing
        self.recordable = _recordable(kind_of(thing))
        self.version = 0
        self.amended = False
        self.types: set[str] = set()
        self.claims: list[Claim] = []
        self._equal: dict[tuple[str, bytes], int] = {}  # the number of the first, from 0
        self._equal_again: dict[tuple[str, bytes], list[int]] = {}
        self._keys: dict[tuple[str, str], Claim] = {}  # the first
        self._keys_again: dict[tuple[str, str], list[Claim]] = {}
        self._keyed = 0  # claims that are in it
        self._places: dict[Place, list[Claim]] = {}
        self._placed = 0
        self._revised = _NOTHING_REVISED  # what stood after the last claim about a claim
        self._live: list[Claim] = []
        self._read_live = 0
        self._states = StateCache(thing)
        self._stated = 0
        for event in events:
            self._read(event)

    def add(self, claim: Claim, written: bytes) -> None:
        """Take up the thing's next claim; `written` is its body as it will be stored."""
        self.claims.append(claim)
        if self._keyed == self.version:
            self._key(claim)
        self._enter(claim.type, written)

    def next_claim(self, type_: str, body: Body) -> Claim:
        """Return the claim that a fact would become: the thing's next, and the record's last."""
        number = self.version + 1
        return Claim(NOT_YET + number, number, self.thing, type_, body)

    def equal(self, type_: str, written: bytes) -> Sequence[Claim]:
        """Return the claims of a type that say, byte for byte, the same."""
        same = (type_, written)
        first = self._equal.get(same)
        if first is None:
            return ()
        return [self.claims[number] for number in (first, *self._equal_again.get(same, ()))]

    def keyed(self, asserted_by: str, key: str) -> Sequence[Claim]:
        """Return the claims of an asserter that bear a key."""
        if self._keyed < self.version:
            for claim in self.claims[self._keyed :]:
                self._key(claim)
        same = (asserted_by, key)
        first = self._keys.get(same)
        return () if first is None else (first, *self._keys_again.get(same, ()))

    def comparable(self, claim: Claim) -> Iterator[tuple[str | None, Claim, Claim]]:
        """Yield what its asserter may not contradict: a field, the claim's part, an earlier part.

        The field is named of what is described field by field. The earlier claims are those that
        stand, with their texts as corrected.
        """
        live = self._standing_claims()
        for earlier in live[self._placed :]:
            for place, part in _places(earlier):
                self._places.setdefault(place, []).append(part)
        self._placed = len(live)
        for place, part in _places(claim):
            for earlier in self._places.get(place, ()):
                yield place[2], part, earlier  # type: ignore[misc] # the third is the field

    def claim(self, event_id: str) -> Claim | None:
        """Return the event of an id, None if it is none of this thing."""
        thing, _, number = event_id.rpartition("/")
        if thing != self.thing or not number.isdecimal() or not 0 < int(number) <= self.version:
            return None
        found = self.claims[int(number) - 1]
        return found if found.id == event_id else None

    @property
    def retracted(self) -> dict[str, Claim]:
        """Return what took back each claim that was retracted, by its id."""
        return self._current().retracted

    @property
    def standing(self) -> EffectiveClaims:
        """Return what stands of all that was recorded."""
        return self._current()._replace(claims=tuple(self._standing_claims()))

    def state_before(self, claim: Claim) -> Any:
        """Return the one state in which a fact is judged, None where there may be several.

        There is one where no claim about the thing is in doubt; see StateCache.
        """
        for earlier in self.claims[self._stated :]:
            self._states.add(earlier)
        self._stated = self.version
        return self._states.before(claim)

    def _read(self, event: StoredEvent) -> None:
        if event.body is None:
            type_of(event.topic)  # raises UnknownTypeError, which says what it is
        assert event.body is not None
        position, version, type_ = event.position, event.version, event.type
        self.claims.append(Claim(position, version, self.thing, type_, event.body, event.time))
        self._enter(type_, event.data)

    def _enter(self, type_: str, written: bytes) -> None:
        self.types.add(type_)
        same = (type_, written)
        number = self.version
        if self._equal.setdefault(same, number) != number:
            self._equal_again.setdefault(same, []).append(number)
        self.version = number + 1
        if family(type_) is about_claims:
            self.amended = True
            self._read_live = 0  # what stands may have become another

    def _key(self, claim: Claim) -> None:
        body = claim.body
        if body.key is not None:
            same = (body.asserted_by, body.key)
            if self._keys.setdefault(same, claim) is not claim:
                self._keys_again.setdefault(same, []).append(claim)
        self._keyed += 1

    def _current(self) -> EffectiveClaims:
        self._standing_claims()
        return self._revised

    def _standing_claims(self) -> Sequence[Claim]:
        """Return the claims that stand, each with its text as corrected."""
        if not self.amended:
            return self.claims
        if not self._read_live:
            self._revised = effective_claims(self.claims)
            self._live = list(self._revised.claims)
            self._places, self._placed = {}, 0
        else:
            self._live += self.claims[self._read_live :]  # none of them about another
        self._read_live = self.version
        return self._live


@cache
def _recordable(kind: str) -> frozenset[str]:
    # What a ledger says of itself it says by commands of its own.
    return frozenset() if kind == "ledger" else frozenset(types_for(kind))


def _places(claim: Claim) -> Iterator[tuple[Place, Claim]]:
    """Yield where a claim may meet another of the same asserter that it must agree with."""
    how = family(claim.type).name
    if how not in COMPARED:
        return
    day = days(claim) if how == "series" else ()
    for field, part in by_field(claim):
        yield (claim.type, claim.body.asserted_by, field, once_key(part), day), part
