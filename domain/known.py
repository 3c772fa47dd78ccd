"""What was said of a thing before, found without looking through all of it?

The checks of form that `decide` makes against every earlier claim, each answered by an index: a
thing with thousands of observations takes as long a fact as a new one. A thing with claims about
its claims is left to `decide`, for there what stands is no matter of one look.
"""

from collections.abc import Iterator

from domain.claim import Claim, days
from domain.decide import differing, judged
from domain.history import History
from domain.occurrences import by_field, once_key
from domain.refusals import ContradictsItselfError, KeyTakenError, Verdict
from domain.undisputed import Undisputed
from events.catalogue import about_claims, family

Place = tuple[object, ...]
ABOUT_CLAIMS = about_claims.name
_COMPARED = ("once", "series")


class Known:
    """A thing's claims in their order, with the stored bytes of each body as its identity."""

    def __init__(self, thing: str) -> None:
        self.thing = thing
        self.claims: list[Claim] = []
        self.plain = True
        self._same: dict[tuple[str, bytes], Claim] = {}
        self._keys: dict[tuple[str, str], Claim] = {}
        self._said: dict[Place, list[Claim]] = {}
        self._undisputed: Undisputed | None = None

    @property
    def version(self) -> int:
        """Return the number of events about the thing."""
        return len(self.claims)

    def history(self) -> History:
        """Return the claims as the aggregate that `decide` takes."""
        return History(self.thing, tuple(self.claims))

    def add(self, claim: Claim, data: bytes, how: str) -> None:
        """Take up the thing's next claim; `data` is its body as stored, `how` its type joins."""
        self.claims.append(claim)
        self._same.setdefault((claim.type, data), claim)
        body = claim.body
        if body.key is not None:
            self._keys.setdefault((body.asserted_by, body.key), claim)
        if how in _COMPARED:
            for place, part in _places(claim):
                self._said.setdefault(place, []).append(part)
        elif how == ABOUT_CLAIMS:
            self.plain = False
        if self._undisputed is not None:
            self._undisputed.add(claim)

    def repeated(self, type_: str, data: bytes) -> Claim | None:
        """Return the claim that says the same already, None if there is none."""
        return self._same.get((type_, data))

    def check(self, claim: Claim, how: str) -> None:
        """Raise KeyTakenError or ContradictsItselfError where `decide` would, for a plain thing."""
        body = claim.body
        if body.key is not None and (taken := self._keys.get((body.asserted_by, body.key))):
            raise KeyTakenError(
                f"the key '{body.key}' of {body.asserted_by} stands for {taken.id}, "
                f"which says something else: correct {taken.id}"
            )
        if how not in _COMPARED:
            return
        for place, part in _places(claim):
            for other in self._said.get(place, ()):
                if name := differing(part, other, how):
                    raise ContradictsItselfError(
                        f"{body.asserted_by} said something else of {place[2] or name} in "
                        f"{other.id}: correct {other.id} if it was wrong"
                    )

    def judged(self, claim: Claim) -> Verdict:
        """Return what the rules say of a fact, as `decide` would, for a plain thing."""
        if self._undisputed is None:
            self._undisputed = Undisputed(self.thing)
            for earlier in self.claims:
                self._undisputed.add(earlier)
        found = self._undisputed.judged(claim)
        return judged(self.history(), claim) if found is None else found


def _places(claim: Claim) -> Iterator[tuple[Place, Claim]]:
    """Yield where a claim may meet another of the same asserter that it must agree with."""
    day = days(claim) if family(claim.type).name == "series" else ()
    for field, part in by_field(claim):
        yield (claim.type, claim.body.asserted_by, field, once_key(part), day), part
