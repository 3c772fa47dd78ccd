"""Ledgers of several things, drawn for the readings, and a read model that holds nothing else.

The second opinions answer from the same claims; a read here folds them as the read model does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, fold
from events.amounts import Quantity
from events.body import Body, SourceRef
from events.catalogue import body_class
from tests.properties.histories import (
    AGREEMENT,
    PARTIES,
    RESERVE,
    Pool,
    Question,
    histories,
    questions,
)

FLOWS = (
    "reserve.acquired",
    "reserve.disposed",
    "reserve.transferred",
    "reserve.seized",
    "reserve.forfeited",
    "reserve.lost",
    "reserve.reconciled",
)
REPORTED = ("reserve.holding-reported",) * 2
RESERVES = (
    ("reserve/x", (*FLOWS, *REPORTED, "reserve.holding-observed")),
    ("reserve/x", ("reserve.acquired", *REPORTED)),
    ("reserve/x", ("reserve.acquired", "reserve.disposed", "reserve.lost", *REPORTED)),
    ("reserve/x", ("reserve.seized", "reserve.forfeited", "reserve.disposed")),
    ("reserve/x", ("reserve.transferred", "reserve.holding-observed", *REPORTED)),
)
VALUED = (("reserve/x", (*REPORTED, "reserve.valued")),)
PRICES = (("price/x", ("price.observed",)), ("price/y", ("price.observed",)))
TIMED = (("agreement/x", AGREEMENT), ("reserve/x", RESERVE))
FIRST_DAY = date(2025, 7, 15)


class Ledger(NamedTuple):
    """The claims of a ledger by thing, and a question to it."""

    claims: dict[str, list[Claim]]
    question: Question

    @property
    def clocks(self) -> Clocks:
        return Clocks(self.question.day, self.question.public_at, self.question.known_at)


class Holding:
    """What a reading asks of the read model, answered from claims that are given."""

    def __init__(self, claims: dict[str, list[Claim]]) -> None:
        self.given = claims
        self.position = max((one.position for of in claims.values() for one in of), default=0)

    def claims(self, thing: str, known_at: int | None = None) -> tuple[Claim, ...]:
        found = self.given.get(thing, ())
        return tuple(c for c in found if known_at is None or c.position <= known_at)

    def view(self, thing: str, clocks: Clocks, policy: Policy) -> Resolution:
        return fold(self.claims(thing, clocks.known_at), clocks, policy)

    def folded(self, things: Iterable[str], clocks: Clocks, policy: Policy) -> Iterator[Any]:
        for thing in things:
            if self.claims(thing, clocks.known_at):
                yield thing, self.view(thing, clocks, policy)

    def things(self, kind: str, known_at: int | None = None) -> list[str]:
        found = (thing for thing in self.given if thing.startswith(f"{kind}/"))
        return sorted(thing for thing in found if self.claims(thing, known_at))

    def plain_names(self, parties: Sequence[str], clocks: Clocks) -> dict[str, str]:
        return {}


@st.composite
def reserves(draw: Callable[..., Any]) -> Ledger:
    """Draw a reserve of many flows and reports, and a question."""
    claims = draw(histories(longest=12, scenes=RESERVES, few=6))
    return Ledger({"reserve/x": claims}, draw(questions(claims[-1].position)))


@st.composite
def priced(draw: Callable[..., Any]) -> Ledger:
    """Draw a reserve that is reported and valued, up to two prices, and a question."""
    return _together(draw, VALUED, *((one,) for one in PRICES[: draw(st.integers(1, 2))]))


@st.composite
def timed(draw: Callable[..., Any]) -> Ledger:
    """Draw up to two things, recorded in turns, and a question."""
    return _together(draw, *((one,) for one in TIMED[: draw(st.integers(1, 2))]))


def parties() -> st.SearchStrategy[str | None]:
    """Draw a party to ask about, or none."""
    return st.none() | st.sampled_from(PARTIES)


def _together(draw: Callable[..., Any], *scenes: tuple[tuple[str, Pool], ...]) -> Ledger:
    """Draw a history of each scene; their positions alternate, and a day passes at each."""
    found = [draw(histories(longest=9, scenes=scene)) for scene in scenes]
    claims = {
        told[0].thing: [_recorded(one, one.position * len(found) + n) for one in told]
        for n, told in enumerate(found)
    }
    last = max(one.position for told in claims.values() for one in told)
    return Ledger(claims, draw(questions(last)))


def _recorded(one: Claim, position: int) -> Claim:
    time = f"{FIRST_DAY + timedelta(position)}T12:00:00.000000Z"
    return Claim(position, one.version, one.thing, one.type, one.body, time)


def told(thing: str, *bodies: tuple[str, Body], day: date = date(2026, 1, 1)) -> Ledger:
    """Return a ledger in which these were recorded of a thing one after the other, and a day."""
    made = (Claim(n, n, thing, name, body) for n, (name, body) in enumerate(bodies, 1))
    claims = [_recorded(one, one.position) for one in made]
    return Ledger({thing: claims}, Question(day, None, None, "primary-first"))


def said(name: str, by: str = "party/pcc", effective: str | None = None, **own: Any) -> Any:
    """Return the name and the body of a claim: its own publication, from one post."""
    own.setdefault("sources", (SourceRef(source="source/post", published="2025-07-17"),))
    own.setdefault("basis", "own-publication")
    return name, body_class(name)(asserted_by=by, effective=effective, **own)


def exactly(figure: int, unit: str = "sat") -> Quantity:
    """Return an exact amount."""
    return Quantity(unit=unit, lower=figure, upper=figure)
