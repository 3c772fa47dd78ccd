"""The state in which an act is judged, kept from one act to the next while nothing is in doubt.

The same state as a fold of everything before makes, without folding the thing anew for each of its
acts: there is one world where every claim is certainly of one day and none has a rival. The state
grows by one step where acts come in the order of their days. Where one comes out of it the state
before is made from the nearest that is kept: of every so many acts, once they do not come in order.
Whatever is not so simple is left to the fold; a property test holds the two equal.
"""

from bisect import bisect_right
from datetime import date
from typing import Any

from domain.claims.claim import Claim, Clocks, as_notice, chronological
from domain.claims.occurrences import by_field, once_key
from domain.claims.ranking import DEFAULT, eligible, policy
from domain.claims.resolution import fold
from domain.kinds.registry import evolve_claims, fold_claims, on_day
from events.catalogue import about_claims, family

_Order = tuple[date, date, date, int]
_Kept = tuple[int, Any]  # after so many acts, the state

APART = 32  # acts at the least between states that are kept, and
MOST = 16  # so many of them, or a few more, over all acts: a state may be large


class StateCache:
    """A thing after its last act, for as long as nothing about it is in doubt.

    It takes every claim about the thing, in the order of their positions. `kept` are the states
    after some of the acts.
    """

    def __init__(self, thing: str) -> None:
        self._thing = thing
        self._acts: list[tuple[_Order, Claim]] = []  # in the order of their days
        self._described: list[Claim] = []
        self._occurrences: set[tuple[str, ...]] = set()
        self._certain = True
        self._state: Any = None  # after the last act; None: to be made anew
        self._first: Any = None  # before any act, where those kept began
        self.kept: list[_Kept] = []

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
            self._certain = self._occurrences.isdisjoint(keys)
            self._occurrences.update(keys)
            if claim.type == "agreement.described":
                self._described.append(claim)
                self._state = None  # what it binds, and whom, may have become another
        if not as_notice(claim).body.effective:
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
        state, done = self._begin(day), 0
        place = bisect_right(self.kept, count, key=_count)
        if place:
            done, state = self.kept[place - 1]
        state = on_day(state, day)
        apart = max(APART, len(self._acts) // MOST)
        for end in (*range(done - done % apart + apart, count + 1, apart), count):
            state = evolve_claims(state, *(claim for _, claim in self._acts[done:end]))
            if done < end and end % apart == 0:
                self.kept.insert(place, (end, state))
                place += 1
            done = end
        return state

    def _begin(self, day: date) -> Any:
        """Return the state before any act; where it is not what it was, none is kept."""
        # Of a view, the state at first asks what describes an agreement, and no more.
        view = fold(self._described, Clocks(day), policy(DEFAULT))
        first = on_day(fold_claims(self._thing, view, ()), date.min)
        if first != self._first:
            self._first, self.kept = first, []
        return first

    def _follow(self, claim: Claim, day: date) -> None:
        order = chronological(claim)
        place = bisect_right(self._acts, order, key=_order)
        if place < len(self._acts):
            self._state = None
            del self.kept[bisect_right(self.kept, place, key=_count) :]
        elif self._state is not None:
            self._state = evolve_claims(on_day(self._state, day), claim)
        self._acts.insert(place, (order, claim))


def _count(kept: _Kept) -> int:
    return kept[0]


def _order(act: tuple[_Order, Claim]) -> _Order:
    return act[0]


def _only_day(claim: Claim) -> date | None:
    """Return the day of an act that is certainly of one day, else None."""
    return claim.dates.day if as_notice(claim) is claim else None


def _keys(claim: Claim) -> list[tuple[str, ...]]:
    if family(claim.type).name != "once":
        return []
    if claim.type != "agreement.described":
        return [(claim.type, *once_key(claim))]
    return [(claim.type, *once_key(part)) for _, part in by_field(claim)]
