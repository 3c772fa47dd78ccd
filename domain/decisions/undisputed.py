"""What do the rules say of an act about a thing of which nothing is in doubt?

The same as `decide.judged`, without folding the thing anew for each of its acts: there is one world
where every claim is certainly of one day and none has a rival. Its state grows by one step where
acts come in the order of their days. Where one comes out of it the state before is made from the
nearest that is kept: of every so many acts, once they do not come in order.
Whatever is not so simple is left to `decide`; a property test holds the two equal.
"""

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from typing import Any

from domain.claims.claim import Claim, Clocks, begun, chronological, days
from domain.claims.occurrences import by_field, once_key
from domain.claims.ranking import DEFAULT, eligible, policy
from domain.claims.resolution import fold
from domain.decisions.errors import Verdict
from domain.kinds.registry import evolved, folded, is_judged, judge, on_day
from events.catalogue import family
from events.dates import days_at_place, happened_by, parse_date

_Order = tuple[date, date, date, int]
_Kept = tuple[int, Any]  # after so many acts, the state

APART = 32  # acts at the least between states that are kept, and
MOST = 16  # so many of them, or a few more, over all acts: a state may be large


class Undisputed:
    """A thing after its last act, for as long as nothing about it is in doubt.

    It takes every claim about the thing, in the order of their positions, none of them a claim
    about claims.
    """

    def __init__(self, thing: str) -> None:
        self._thing = thing
        self._acts: list[tuple[_Order, Claim]] = []  # in the order of their days
        self._described: list[Claim] = []
        self._occurrences: set[tuple[str, ...]] = set()
        self._certain = True
        self._state: Any = None  # after the last act; None: to be made anew
        self._first: Any = None  # before any act, where those kept began
        self._kept: list[_Kept] = []

    def add(self, claim: Claim) -> None:
        """Take up the thing's next claim."""
        how = family(claim.type).name
        if not self._certain or how == "series":
            return  # measurements change no state
        if how == "once":
            keys = _keys(claim)
            self._certain = self._occurrences.isdisjoint(keys)
            self._occurrences.update(keys)
            if claim.type == "agreement.described":
                self._described.append(claim)
                self._state = None  # what it binds, and whom, may have become another
        if not begun(claim).body.effective:
            return  # it comes after every act that has a day
        day = _only_day(claim)
        if day is None:
            self._certain = False
        elif eligible(claim):
            self._follow(claim, day)

    def judged(self, claim: Claim) -> Verdict | None:
        """Return what the rules say of a fact about the thing, None where `decide` is to say."""
        if None in days(claim) or not is_judged(claim):
            return Verdict()
        day = _only_day(claim)
        if not self._certain or day is None or not self._occurrences.isdisjoint(_keys(claim)):
            return None
        verdict = judge(self._before(chronological(claim), day), claim.body)
        if verdict.refusal is not None:
            return verdict
        return Verdict(findings=tuple(dict.fromkeys(verdict.findings)))

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
        place = bisect_right(self._kept, count, key=_count)
        if place:
            done, state = self._kept[place - 1]
        state = on_day(state, day)
        apart = max(APART, len(self._acts) // MOST)
        for end in (*range(done - done % apart + apart, count + 1, apart), count):
            state = evolved(state, *(claim for _, claim in self._acts[done:end]))
            if done < end and end % apart == 0:
                self._kept.insert(place, (end, state))
                place += 1
            done = end
        return state

    def _begin(self, day: date) -> Any:
        """Return the state before any act; where it is another than before, none is kept."""
        # Of a view, the state at first asks what describes an agreement, and no more.
        view = fold(self._described, Clocks(day), policy(DEFAULT))
        first = on_day(folded(self._thing, view, ()), date.min)
        if first != self._first:
            self._first, self._kept = first, []
        return first

    def _follow(self, claim: Claim, day: date) -> None:
        order = chronological(claim)
        place = bisect_right(self._acts, order, key=_order)
        if place < len(self._acts):
            self._state = None
            del self._kept[bisect_right(self._kept, place, key=_count) :]
        elif self._state is not None:
            self._state = evolved(on_day(self._state, day), claim)
        self._acts.insert(place, (order, claim))


def _count(kept: _Kept) -> int:
    return kept[0]


def _order(act: tuple[_Order, Claim]) -> _Order:
    return act[0]


def _only_day(claim: Claim) -> date | None:
    """Return the day of an act that is certainly of one day, else None."""
    body = claim.body
    if not body.effective or begun(claim) is not claim:
        return None
    return _certain(body.effective, body.zone)


@lru_cache(maxsize=8_192)
def _certain(effective: str, zone: str | None) -> date | None:
    """Return the one day that a date certainly means, None if it may mean another or is a span."""
    edtf = parse_date(effective)
    earliest, latest = days_at_place(edtf, zone)
    if latest is None or earliest != latest or edtf.is_span:
        return None
    return latest if happened_by(edtf, latest, zone) == "yes" else None


def _keys(claim: Claim) -> list[tuple[str, ...]]:
    if family(claim.type).name != "once":
        return []
    if claim.type != "agreement.described":
        return [(claim.type, *once_key(claim))]
    return [(claim.type, *once_key(part)) for _, part in by_field(claim)]
