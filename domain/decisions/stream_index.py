"""What was recorded about one thing, indexed for the decision on the next fact.

Each earlier claim that a rule may ask for is found in one step: by what it says, by its asserter
and key, and by the place where an asserter could contradict itself. A thing with thousands
of observations takes as long a fact as a new one. What claims about claims change (which claims
stand, and with which text) is kept up chain by chain.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from domain.claims.claim import Claim, Clocks, as_notice, chronological, days
from domain.claims.effective_claims import EffectiveClaims, Revisions, as_corrected, standing_claims
from domain.claims.occurrence_keys import FIELDS, by_field, joins_by_key, once_key
from domain.claims.periods import REPEATED
from domain.claims.ranking import DEFAULT, eligible, policy
from domain.claims.resolution import fold
from domain.kinds.registry import CONSENT, evolve_claims, fold_claims, on_day, period_numbers
from events.body import Body, SourceRef
from events.catalogue import about_claims, family, type_of, types_for
from events.dates import Interned
from events.fields import Getter, getter
from events.identifiers import kind_of
from events.serialization import StoredEvent
from events.value import replace

_Order = tuple[date, date, date, int]
_version = attrgetter("version")


class StateCache:
    """A thing after its last act, for as long as nothing about it is in doubt.

    It takes every claim about the thing, in the order of their positions. An act that comes before
    one that was taken up is judged by folding those before it.
    """

    def __init__(self, thing: str) -> None:
        self._thing = thing
        self._acts: list[tuple[_Order, Claim]] = []  # in the order of their days
        self._described: list[Claim] = []  # and the first consent, which tells of its binding
        self._consented = False
        self._occurrences: set[tuple[str, ...]] = set()
        self._certain = True
        self._state: Any = None  # after the last act; None: to be made anew

    def add(self, claim: Claim) -> None:
        """Take up the thing's next claim."""
        how = family(claim.type)
        if not self._certain or how.name == "series":
            return  # measurements change no state
        if how is about_claims:
            self._certain = False
            return
        if how.name == "once":
            keys = _keys(claim)
            # A key that is not stated may be another claim's.
            self._certain = self._occurrences.isdisjoint(keys) and not how.joining
            self._occurrences.update(keys)
        first_consent = claim.type == CONSENT and not self._consented
        if claim.type == "agreement.described" or first_consent:
            self._described.append(claim)
            self._state = None  # what it binds, and whom, may have become another
        self._consented = self._consented or first_consent
        if as_notice(claim) is claim and claim.dates.when is None and claim.order[0] != date.min:
            return  # it comes after every act that has a day
        day = _only_day(claim)
        if day is None:
            self._certain = False
        elif eligible(claim):
            self._follow(claim, day)

    def before(self, claim: Claim) -> Any:
        """Return the state in which a dated act is judged, None where there may be several."""
        day = _only_day(claim)
        if not self._certain or day is None or not self._occurrences.isdisjoint(_keys(claim)):
            return None
        return self._before(chronological(claim), day)

    def _before(self, order: _Order, day: date) -> Any:
        """Return the state on a day, after all acts up to a place in their order."""
        count = bisect_right(self._acts, order, key=_order)
        if count < len(self._acts):
            return self._made(day, count)
        if self._state is None:
            self._state = self._made(day, count)
        return on_day(self._state, day)

    def _made(self, day: date, count: int) -> Any:
        # Of a view, the state at first asks what describes an agreement, and no more.
        view = fold(self._described, Clocks(day), policy(DEFAULT))
        return fold_claims(self._thing, view, tuple(claim for _, claim in self._acts[:count]))

    def _follow(self, claim: Claim, day: date) -> None:
        order = chronological(claim)
        place = bisect_right(self._acts, order, key=_order)
        if place < len(self._acts):
            self._state = None
        elif self._state is not None:
            self._state = evolve_claims(on_day(self._state, day), claim)
        self._acts.insert(place, (order, claim))


def _order(act: tuple[_Order, Claim]) -> _Order:
    return act[0]


def _only_day(claim: Claim) -> date | None:
    """Return the day of an act that is certainly of one day, else None."""
    if as_notice(claim) is not claim:
        return None
    return date.min if claim.dates.when is None else claim.dates.day


def _keys(claim: Claim) -> list[tuple[str, ...]]:
    if claim.family.name != "once" or not joins_by_key(claim):
        return []
    if claim.type not in FIELDS:
        return [(claim.type, *once_key(claim))]
    return [(claim.type, *once_key(part)) for _, part in by_field(claim)]


NOT_YET = 2**60  # a position after all that are recorded


Place = tuple[object, ...]

COMPARED = ("once", "series")  # how types of claims join that an asserter makes once


class StreamIndex:
    """A thing's claims in their order, and what is found among them without looking through all.

    `recordable` are the types that may be recorded about it, `types` those that are. `amended` says
    whether there are claims about claims, `claims` the events about it.
    """

    def __init__(self, thing: str, events: Iterable[StoredEvent] = ()) -> None:
        self.thing = thing
        self.recordable = _RECORDABLE[kind_of(thing)]
        self.version = 0
        self.amended = False
        self.types: set[str] = set()
        self.claims: list[Claim] = []
        # By a hash of what they say but for days of publication: most often one.
        self._alike: dict[int, list[Claim]] = {}
        self._keyed: dict[tuple[str, str], list[Claim]] = {}
        self._places: dict[Place, list[Claim]] = {}
        self._placed = 0
        self._revisions = Revisions()
        self._about: list[Claim] = []  # claims about claims
        self._live: dict[str, Claim] = {}  # the facts that stand, once there are any of these
        self._in_order: list[Claim] | None = None  # the same; None: to be made anew
        self._states = StateCache(thing)
        self._stated = 0
        for event in events:
            self._read(event)

    def add(self, claim: Claim, written: bytes) -> None:
        """Take up the thing's next claim; `written` is its body as it will be stored."""
        type_ = claim.type
        self.version += 1
        self.claims.append(claim)
        self.types.add(type_)
        self._alike.setdefault(self._hash(type_, claim.body, written), []).append(claim)
        if claim.body.key is not None:
            self._keyed.setdefault((claim.body.asserted_by, claim.body.key), []).append(claim)
        if claim.family is about_claims:
            self._take_up(claim)
        elif self.amended:
            self._live[claim.id] = claim
            if self._in_order is not None:
                self._in_order.append(claim)

    def next_claim(self, type_: str, body: Body) -> Claim:
        """Return the claim that a fact would become: the thing's next, and the record's last."""
        number = self.version + 1
        return Claim(NOT_YET + number, number, self.thing, type_, body)

    def alike(
        self, type_: str, body: Body, written: bytes
    ) -> tuple[Sequence[Claim], Sequence[Claim]]:
        """Return the claims of a type that say the same, and those with other days of publication.

        Both in their order; of claims about claims none of the second. `written` is the body as
        stored.
        """
        known = self._alike.get(self._hash(type_, body, written))
        if known is None:
            return (), ()
        found = [claim for claim in known if claim.type == type_]
        same = [claim for claim in found if claim.body == body]
        if len(same) == len(found) or family(type_) is about_claims:
            return same, ()
        bare = without_publication(body)
        others = (claim for claim in found if claim.body != body)
        return same, [claim for claim in others if without_publication(claim.body) == bare]

    def keyed(self, asserted_by: str, key: str) -> Sequence[Claim]:
        """Return the claims of an asserter that bear a key."""
        return self._keyed.get((asserted_by, key), ())

    def comparable(self, claim: Claim) -> Iterator[tuple[str | None, Claim, Claim]]:
        """Yield what its asserter may not contradict: a field, the claim's part, an earlier part.

        The field is named of what is described field by field. The earlier claims are those that
        stand, with their texts as corrected.
        """
        for earlier in self.claims[self._placed :]:
            text = self._live.get(earlier.id) if self.amended else earlier
            for place, part in places(text) if text is not None else ():
                self._places.setdefault(place, []).append(part)
        self._placed = self.version
        for place, part in places(claim):
            for earlier in self._places.get(place, ()):
                yield place[2], part, earlier  # type: ignore[misc] # the third is the field

    def of_other_periods(
        self, claim: Claim, earlier: Claim, coming: Callable[[], Iterable[Claim]]
    ) -> bool:
        """Say whether two claims of what can come again are of two periods, given `coming`."""
        if claim.type not in REPEATED:
            return False
        known = (*self._standing_claims(), claim, *coming())
        period = period_numbers(known, self.standing.links)
        return period(claim) != period(earlier)

    def said_by(self, asserter: str, type_: str) -> Iterator[Claim]:
        """Yield the claims of a type that an asserter makes and that stand."""
        for claim in self._standing_claims():
            if claim.type == type_ and claim.body.asserted_by == asserter:
                yield claim

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
        return self._revisions.retracted

    @property
    def corrected(self) -> dict[str, Claim]:
        """Return what replaced the text of each claim that was corrected, by its id."""
        return self._revisions.corrected

    @property
    def standing(self) -> EffectiveClaims:
        """Return what stands of all that was recorded."""
        return standing_claims(self._standing_claims(), self._about, self._revisions)

    def state_before(self, claim: Claim) -> Any:
        """Return the one state in which a fact is judged; None where one is in doubt."""
        for earlier in self.claims[self._stated :]:
            self._states.add(earlier)
        self._stated = self.version
        return self._states.before(claim)

    def _hash(self, type_: str, body: Body, written: bytes) -> int:
        """Return a number that is the same of what is the same but for days of publication."""
        if body.nests:
            return hash((type_, written))
        return hash((type_, _BARE[body.sources], _SAID[type(body)](body)))

    def _read(self, event: StoredEvent) -> None:
        if event.body is None:
            type_of(event.topic)  # raises UnknownTypeError, which says what it is
        assert event.body is not None
        position, version, type_ = event.position, event.version, event.type
        claim = Claim(position, version, self.thing, type_, event.body, event.time)
        self.add(claim, event.data)

    def _take_up(self, claim: Claim) -> None:
        """Take up a claim about claims: what it revises stands with another text, or no more."""
        if not self.amended:
            self.amended = True
            self._live = {one.id: one for one in self.claims if one is not claim}
        self._about.append(claim)
        root = self._revisions.add(claim)
        target = None if root is None else self.claim(root)
        if target is None or target.family is about_claims:
            return
        old = self._live.pop(target.id, None)
        new = None
        if target.id not in self.retracted:
            new = self._live[target.id] = as_corrected(target, self.corrected)
        self._in_order = None
        if target.version > self._placed:
            return
        for place, part in places(old) if old else ():
            self._places[place] = [one for one in self._places[place] if one.id != part.id]
        for place, part in places(new) if new else ():
            self._places.setdefault(place, []).append(part)
            self._places[place].sort(key=_version)

    def _standing_claims(self) -> Sequence[Claim]:
        """Return the claims that stand, each with its text as corrected."""
        if not self.amended:
            return self.claims
        if self._in_order is None:
            self._in_order = sorted(self._live.values(), key=_version)
        return self._in_order


def without_publication(body: Body) -> Body:
    """Return a body as if its sources named no day of publication, nor when they were read."""
    bare = _BARE[body.sources]
    return body if bare is body.sources else replace(body, sources=bare)


Sources = tuple[SourceRef, ...] | None


def _bare(sources: Sources) -> Sources:
    if not any(ref.published or ref.retrieved for ref in sources or ()):
        return sources
    return tuple(replace(ref, published=None, retrieved=None) for ref in sources or ())


_BARE = Interned(_bare)  # the sources of facts that come together are the same


# How to get what a body says but for its sources.
_SAID: Interned[type[Body], Getter] = Interned(
    lambda cls: getter(name for name in cls.__struct_fields__ if name != "sources")
)
# What a ledger says of itself it says by commands of its own.
_RECORDABLE: Interned[str, frozenset[str]] = Interned(
    lambda kind: frozenset(() if kind == "ledger" else types_for(kind))
)


def places(claim: Claim) -> Sequence[tuple[Place, Claim]]:
    """Return where a claim may meet another of its asserter that it must agree with, by parts."""
    how = claim.family.name
    if how not in COMPARED or not joins_by_key(claim):
        return ()
    day = days(claim) if how == "series" else ()
    type_, by = claim.type, claim.body.asserted_by
    return [((type_, by, field, once_key(part), day), part) for field, part in by_field(claim)]
