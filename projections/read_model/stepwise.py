"""What is answered about a thing, with ever more of what is heard of it?

Each happening is one step from the state before it. Only a description makes the state anew, for
it says what binds whom from the first act on, and one whose parts do not come last.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from typing import Generic, TypeVar

from domain.claims.claim import Claim, chronological
from domain.claims.resolution import Answered, Measurements, View
from domain.kinds.registry import States, evolved, states
from projections.kinds.registry import answer, updated_answer
from projections.queries.document import Document

Unit = Answered | Measurements
One = TypeVar("One")


def claims_of(unit: Unit) -> tuple[Claim, ...]:
    """Return all claims about an occurrence, or all measurements that a series weighs."""
    return unit.claims if isinstance(unit, Answered) else (*unit.certain, *unit.maybe)


def unheard(thing: str, view: View) -> Document:
    """Return what is answered where no claim is heard, though the thing is known."""
    return answer(thing, _Heard(thing, view).view())


def growing(thing: str, view: View) -> Iterator[tuple[Unit, Document]]:
    """Yield each happening, by its day, then each series: and the answer with it and those before.

    What is still to come counts too: that a paper is binding is asked of all who say so.
    """
    heard = _Heard(thing, view)
    said = answer(thing, heard.view())
    units: list[Unit] = [*sorted(view.occurrences, key=_told), *view.series]
    for unit in units:
        before = heard.states
        heard.add(unit)
        said = updated_answer(thing, heard.view(), heard.states, before, said)
        yield unit, said


def _told(one: Answered) -> tuple[date, date, date, int]:
    return chronological((one.pick or one.ranked[0])[0])


class _Heard:
    """So much of a view as is heard, and what the thing is by it."""

    def __init__(self, thing: str, view: View) -> None:
        self._thing, self._whole = thing, view
        self._occurrences = _Some(view.occurrences)
        self._series = _Some(view.series)
        self._claims = _Some(view.standing.claims)
        self._unheard = {claim.id: claim for claim in view.standing.claims}
        self._last: Claim | None = None  # of those picked
        self.states = states(thing, self.view())

    def view(self) -> View:
        """Return the view as if nothing else had been said."""
        return self._whole._replace(
            occurrences=self._occurrences.there(),
            series=self._series.there(),
            standing=self._whole.standing._replace(claims=self._claims.there()),
        )

    def add(self, unit: Unit) -> None:
        """Hear one more."""
        for claim in claims_of(unit):
            if stands := self._unheard.pop(claim.id, None):
                self._claims.add(stands)
        if isinstance(unit, Answered):
            self._occurrences.add(unit)
            self._step(unit)
        else:
            self._series.add(unit)  # measurements change no state

    def _step(self, one: Answered) -> None:
        picked = sorted(one.pick, key=chronological)
        late = self._last and picked and chronological(picked[0]) < chronological(self._last)
        if late or one.claims[0].type == "agreement.described":
            self.states = states(self._thing, self.view())
        elif one.holds != "no":
            self.states = _after(self.states, picked, certainly=one.holds == "yes")
        if picked:
            self._last = max(picked[-1], self._last or picked[-1], key=chronological)


def _after(found: States, claims: list[Claim], *, certainly: bool) -> States:
    """Return the states after claims that come later than all before them."""
    including = evolved(found.including, *claims)
    if not certainly:
        return States(found.without, including)
    same = found.without is found.including
    return States(including if same else evolved(found.without, *claims), including)


class _Some(Generic[One]):
    """Some of a sequence, in its order."""

    def __init__(self, every: tuple[One, ...]) -> None:
        # The very ones: comparing all they hold would take long.
        self._place = {id(one): place for place, one in enumerate(every)}
        self._places: list[int] = []
        self._there: list[One] = []

    def add(self, one: One) -> None:
        """Put one more of the sequence in its place."""
        place = self._place[id(one)]
        at = bisect_left(self._places, place)
        self._places.insert(at, place)
        self._there.insert(at, one)

    def there(self) -> tuple[One, ...]:
        """Return those that are there."""
        return tuple(self._there)
