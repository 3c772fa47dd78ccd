"""What was said of a thing before, found without looking through all of it?

The checks that `decide` makes against every earlier claim, each answered by an index that is made
when it is first asked and grows with the thing: a thing with thousands of observations takes as
long a fact as a new one. A thing with claims about its claims is left to `decide`, for there what
stands is no matter of one look.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from domain.claims.claim import Claim, days
from domain.claims.occurrences import by_field, once_key
from domain.decisions.decide import Decision, check_type, decide, differing, judged, recorded
from domain.decisions.errors import ContradictsItselfError, KeyTakenError, Verdict
from domain.decisions.stream import NOT_YET, History
from domain.decisions.undisputed import Undisputed
from domain.kinds.registry import is_judged, may_be_against
from events.body import Body
from events.build import build
from events.catalogue import about_claims, body_class, family, type_of
from events.event import OpenedRow
from events.store.errors import RecordDamagedError
from events.value import replace

Place = tuple[object, ...]
ABOUT_CLAIMS = about_claims.name
_COMPARED = ("once", "series")


class Stored(NamedTuple):
    """What is known of an event of the record; its time once it was read back."""

    position: int
    topic: str
    written: bytes  # of its body
    time: str | None = None


class Known:
    """A thing's claims in their order, with the stored bytes of each body as its identity.

    What was read back is built when somebody asks for it.
    """

    def __init__(self, thing: str) -> None:
        self.thing = thing
        self.version = 0
        self.plain = True
        self._claims: list[Claim] = []
        self._unbuilt: list[OpenedRow | Claim] = []  # what comes after the claims
        self._tail: list[Stored] = []  # the last event that was read back, and those written since
        self.seen = 1  # the version of the first of these
        self._types: set[str] = set()
        self._same: dict[tuple[str, bytes], int] = {}
        self._keys: dict[tuple[str, str], Claim] = {}
        self._keyed = 0  # so many claims are in the index, and so on
        self._said: dict[Place, list[Claim]] = {}
        self._placed = 0
        self._undisputed = Undisputed(thing)
        self._followed = 0
        self._history = History(thing)

    @property
    def claims(self) -> Sequence[Claim]:
        """Return the events about the thing as claims."""
        if self._unbuilt:
            self._claims += list(_built(self.thing, self._unbuilt))  # all of them or none
            self._unbuilt = []
        return self._claims

    def history(self) -> History:
        """Return the claims as the aggregate that `decide` takes."""
        history = self._history
        if not history.version:
            history = History(self.thing, tuple(self.claims))
        for claim in self.claims[history.version :]:
            history = history.after(claim)
        self._history = history
        return history

    def read(self, rows: Iterable[OpenedRow]) -> None:
        """Take up the thing's next events as they are read back."""
        opened = None
        for opened in rows:
            type_ = type_of(opened.topic)
            self._same.setdefault((type_, opened.written), self.version)
            self._types.add(type_)
            self._unbuilt.append(opened)
            self.version += 1
            if family(type_).name == ABOUT_CLAIMS:
                self.plain = False
        if opened is not None:
            self._saw(_stored(opened))

    def met_again(self, rows: Sequence[OpenedRow]) -> int | None:
        """Return how many of the rows from version `seen` on are known; None where they are others.

        So they are where a database fell back on an older copy of itself: no two events have one
        time, but those of one transaction. What was written here is known without its time, and
        is held against the bytes of all that was written since one was read back.
        """
        tail = self._tail
        if len(rows) < len(tail) or not all(map(_is, rows, tail)):
            return None
        if tail:
            self._saw(_stored(rows[len(tail) - 1]))
        return len(tail)

    def _saw(self, last: "Stored") -> None:
        self._tail, self.seen = [last], self.version

    def add(self, claim: Claim, data: bytes, how: str) -> None:
        """Take up the thing's next claim; `data` is its body as stored, `how` its type joins."""
        (self._unbuilt or self._claims).append(claim)
        self._types.add(claim.type)
        self._same.setdefault((claim.type, data), self.version)
        if self._keyed == self.version:
            self._key(claim)
        self.version += 1
        if how == ABOUT_CLAIMS:
            self.plain = False

    def settle(self, written: Sequence["Stored"]) -> None:
        """Give the last claims, which were added before they were written, their positions."""
        first = self.version - len(written)
        last: list[Any] = self._unbuilt or self._claims
        for n, one in enumerate(written, -len(written)):
            last[n] = replace(last[n], position=one.position)
        self._tail += written
        if self._followed > first:  # it holds acts by an order in which positions have a part
            self._undisputed, self._followed = Undisputed(self.thing), 0
        if self._history.version > first:
            self._history = History(self.thing)

    def decide(self, type_: str, body: Body, data: bytes, *, as_reported: bool = False) -> Decision:
        """Return the decision on a fact, or raise the Refusal, that `decide` would."""
        check_type(self.thing, type_)
        how = family(type_).name
        if not self.plain or how == ABOUT_CLAIMS:
            return decide(self.history(), type_, body, as_reported=as_reported)
        if already := self.repeated(type_, data):
            return Decision(None, already)
        number = self.version + 1
        claim = Claim(NOT_YET + number, number, self.thing, type_, body)
        self.check(claim, how)
        return recorded(claim, self.judged(claim), as_reported=as_reported)

    def repeated(self, type_: str, data: bytes) -> Claim | None:
        """Return the claim that says the same already, None if there is none."""
        found = self._same.get((type_, data))
        return None if found is None else self.claims[found]

    def check(self, claim: Claim, how: str) -> None:
        """Raise KeyTakenError or ContradictsItselfError where `decide` would, for a plain thing."""
        body = claim.body
        if body.key is not None and (taken := self._by_key().get((body.asserted_by, body.key))):
            raise KeyTakenError(
                f"the key '{body.key}' of {body.asserted_by} stands for {taken.id}, "
                f"which says something else: correct {taken.id}"
            )
        if how not in _COMPARED:
            return
        said = self._by_place()
        for place, part in _places(claim):
            for other in said.get(place, ()):
                if name := differing(part, other, how):
                    raise ContradictsItselfError(
                        f"{body.asserted_by} said something else of {place[2] or name} in "
                        f"{other.id}: correct {other.id} if it was wrong"
                    )

    def judged(self, claim: Claim) -> Verdict:
        """Return what the rules say of a fact, as `decide` would, for a plain thing."""
        if None in days(claim) or not is_judged(claim) or not may_be_against(claim, self._types):
            return Verdict()
        for earlier in self.claims[self._followed :]:
            self._undisputed.add(earlier)
        self._followed = self.version
        found = self._undisputed.judged(claim)
        return judged(self.history(), claim) if found is None else found

    def _by_key(self) -> dict[tuple[str, str], Claim]:
        if self._keyed < self.version:
            for claim in self.claims[self._keyed :]:
                self._key(claim)
        return self._keys

    def _key(self, claim: Claim) -> None:
        body = claim.body
        if body.key is not None:
            self._keys.setdefault((body.asserted_by, body.key), claim)
        self._keyed += 1

    def _by_place(self) -> dict[Place, list[Claim]]:
        for claim in self.claims[self._placed :]:
            if family(claim.type).name in _COMPARED:
                for place, part in _places(claim):
                    self._said.setdefault(place, []).append(part)
        self._placed = self.version
        return self._said


def _stored(row: OpenedRow) -> Stored:
    return Stored(row.position, row.topic, row.written, row.time)


def _is(row: OpenedRow, known: Stored) -> bool:
    """Say whether a row is the event that is known."""
    return _stored(row)[:3] == known[:3] and known.time in (None, row.time)


def _built(thing: str, events: Iterable[OpenedRow | Claim]) -> Iterator[Claim]:
    for one in events:
        if isinstance(one, Claim):
            yield one
            continue
        position, version, topic, _, data, time = one
        type_, make = _maker(topic)
        try:
            claim = Claim(position, version, thing, type_, make(data), time)
        except (LookupError, TypeError, ValueError) as error:
            raise RecordDamagedError(f"@{position} is damaged: {error}") from None
        yield claim


@cache
def _maker(topic: str) -> tuple[str, Callable[[dict[str, Any]], Body]]:
    """Return the type of a topic and how its bodies are built."""
    type_ = type_of(topic)
    return type_, partial(build, body_class(type_))


def _places(claim: Claim) -> Iterator[tuple[Place, Claim]]:
    """Yield where a claim may meet another of the same asserter that it must agree with."""
    day = days(claim) if family(claim.type).name == "series" else ()
    for field, part in by_field(claim):
        yield (claim.type, claim.body.asserted_by, field, once_key(part), day), part
