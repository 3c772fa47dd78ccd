"""What was recorded about one thing, indexed for the decision on the next fact.

Each earlier claim that a rule may ask for is found in one step: by what it says, by its asserter
and key, and by the place where an asserter could contradict itself. A thing with thousands
of observations takes as long a fact as a new one. What claims about claims change (which claims
stand, and with which text) is kept up chain by chain.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, TypeVar

from domain.claims.claim import Claim, Clocks, as_notice, chronological, days
from domain.claims.effective_claims import EffectiveClaims, Revisions, as_corrected, standing_claims
from domain.claims.occurrence_keys import FIELDS, by_field, joins_by_key, once_key
from domain.claims.periods import REPEATED
from domain.claims.ranking import DEFAULT, eligible, policy
from domain.claims.resolution import fold
from domain.kinds.registry import CONSENT, evolve_claims, fold_claims, on_day, period_numbers
from events.body import Body
from events.catalogue import about_claims, family, type_of, types_for
from events.identifiers import KINDS, SELF, kind_of
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


Placed = tuple[str, str, Claim]
"""Where a claim may meet another, the field that it describes ("" of no description), its part."""

By = TypeVar("By")


class ClaimsBy(dict[By, Claim | tuple[Claim, ...]]):
    """Claims by what they are found by: most often one, which takes no list of its own."""

    def put(self, by: By, claim: Claim) -> None:
        """Add a claim to those of a key."""
        before = self.setdefault(by, claim)
        if before is not claim:
            self[by] = (*before, claim) if isinstance(before, tuple) else (before, claim)

    def all(self, by: By) -> tuple[Claim, ...]:
        """Return the claims of a key, in the order in which they were added."""
        found = self.get(by, ())
        return found if isinstance(found, tuple) else (found,)


COMPARED = ("once", "series")  # how types of claims join that an asserter makes once


class StreamIndex:
    """A thing's claims in their order, and what is found among them without looking through all.

    `recordable` are the types that may be recorded about it, `types` those that are. `amended` says
    whether there are claims about claims, `claims` the events about it.
    """

    def __init__(self, thing: str, events: Iterable[StoredEvent] = ()) -> None:
        self.thing = thing
        self.recordable = _RECORDABLE.get(kind_of(thing), frozenset())
        self.version = 0
        self.amended = False
        self.types: set[str] = set()
        self.claims: list[Claim] = []
        self._alike: ClaimsBy[int] = ClaimsBy()  # a hash of what they say but for their sources
        self._keyed: defaultdict[str, ClaimsBy[str]] = defaultdict(ClaimsBy)  # of an asserter
        self._places: ClaimsBy[str] = ClaimsBy()
        self._placed = 0
        self._asked: tuple[Claim | None, Sequence[Placed]] = None, ()  # its places, kept for `add`
        self._revisions = Revisions()
        self._about: list[Claim] = []  # claims about claims
        self._live: dict[str, Claim] = {}  # the facts that stand, once there are any of these
        self._in_order: list[Claim] | None = None  # the same; None: to be made anew
        self._states: StateCache | None = None
        self._stated = 0
        for event in events:
            self._read(event)

    def add(self, claim: Claim, written: bytes) -> None:
        """Take up the thing's next claim; `written` is its body as it will be stored."""
        body = claim.body
        self.version += 1
        self.claims.append(claim)
        self.types.add(claim.type)
        self._alike.put(_but_for_sources(body, written), claim)
        if body.key is not None:
            self._keyed[body.asserted_by].put(body.key, claim)
        asked, its_places = self._asked
        if claim is asked and self._placed == claim.version - 1:
            for place, _, part in its_places:
                self._places.put(place, part)
            self._placed = claim.version
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
        said = _but_for_sources(body, written)
        if said not in self._alike:
            return _NONE_ALIKE
        known = self._alike.all(said)
        found = [claim for claim in known if claim.type == type_]
        same = [claim for claim in found if claim.body == body]
        if len(same) == len(found) or family(type_) is about_claims:
            return same, ()
        bare = without_publication(body)
        others = (claim for claim in found if claim.body != body)
        return same, [claim for claim in others if without_publication(claim.body) == bare]

    def keyed(self, asserted_by: str, key: str) -> Sequence[Claim]:
        """Return the claims of an asserter that bear a key."""
        known = self._keyed[asserted_by]
        return known.all(key) if key in known else ()

    def comparable(self, claim: Claim) -> Sequence[tuple[str, Claim, Claim]]:
        """Return what its asserter may not contradict: a field, the claim's part, an earlier part.

        The field is named of what is described field by field. The earlier claims are those that
        stand, with their texts as corrected.
        """
        if self._placed < self.version:
            self._place()
        mine = places(claim)
        self._asked = claim, mine
        met: list[tuple[str, Claim, Claim]] = []
        for place, field, part in mine:
            if place in self._places:
                met.extend((field, part, earlier) for earlier in self._places.all(place))
        return met

    def _place(self) -> None:
        """Give their places to the claims that were added without having been asked about."""
        for claim in self.claims[self._placed :]:
            text = self._live.get(claim.id) if self.amended else claim
            for place, _, part in places(text) if text is not None else ():
                self._places.put(place, part)
        self._placed = self.version

    def of_other_periods(
        self, claim: Claim, earlier: Claim, coming: Callable[["StreamIndex"], Iterable[Claim]]
    ) -> bool:
        """Say whether two claims of what can come again are of two periods, given `coming`."""
        if claim.type not in REPEATED:
            return False
        known = (*self._standing_claims(), claim, *coming(self))
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
        if self._states is None:
            self._states = StateCache(self.thing)
        for earlier in self.claims[self._stated :]:
            self._states.add(earlier)
        self._stated = self.version
        return self._states.before(claim)

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
        known = self._places
        for place, _, part in places(old) if old else ():
            known[place] = tuple(one for one in known.all(place) if one.id != part.id)
        for place, _, part in places(new) if new else ():
            known[place] = tuple(sorted((*known.all(place), part), key=_version))

    def _standing_claims(self) -> Sequence[Claim]:
        """Return the claims that stand, each with its text as corrected."""
        if not self.amended:
            return self.claims
        if self._in_order is None:
            self._in_order = sorted(self._live.values(), key=_version)
        return self._in_order


def without_publication(body: Body) -> Body:
    """Return a body as if its sources named no day of publication, nor when they were read."""
    sources = body.sources or ()
    if not any(ref.published or ref.retrieved for ref in sources):
        return body
    return replace(
        body, sources=tuple(replace(ref, published=None, retrieved=None) for ref in sources)
    )


def _but_for_sources(body: Body, written: bytes) -> int:
    """Return a hash of a body's bytes without its sources.

    In canonical form what may be nested stands before them, and no text in them holds a quotation
    mark: they end with the last id.
    """
    if not body.sources:
        return hash(written)
    start = written.rindex(_SOURCES)
    return hash(written[:start] + written[written.index(_LAST_SOURCE, start) :])


_SOURCES, _LAST_SOURCE = b'"sources":[{', b'"}]'
_NONE_ALIKE: tuple[Sequence[Claim], Sequence[Claim]] = (), ()
# What a ledger says of itself it says by commands of its own.
_RECORDABLE = {kind: frozenset(types_for(kind)) for kind in KINDS if kind != kind_of(SELF)}


def places(claim: Claim) -> Sequence[Placed]:
    """Return where a claim may meet another of its asserter that it must agree with, by parts.

    A place is a text of the type, the asserter and what those who meet there share.
    """
    how, type_, by = claim.family, claim.type, claim.body.asserted_by
    name = how.name
    if name not in COMPARED or (how.named and not joins_by_key(claim)):
        return ()
    if type_ in FIELDS:
        return [(f"{type_}\n{by}\n{field}", field, part) for field, part in by_field(claim)]
    shared = "\n".join(once_key(claim))  # no text that is recorded has a second line
    if name == "series":
        shared = f"{shared}\n{days(claim)}"
    return ((f"{type_}\n{by}\n{shared}", "", claim),)
