"""Facts of agreements, short to write, and their fold."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from domain.agreement.binding import Binding
from domain.agreement.state import Agreement, standing_of
from domain.claims.claim import Claim, chronological
from domain.kinds.agreement import evolve, evolve_all, initial, judge
from events.body import Body, SourceRef
from events.kinds import agreement as e
from events.kinds.entry_into_force_rule import Later, Rule, Trigger

ON = date(1990, 1, 1)
A, B, C = "party/aa", "party/bb", "party/cc"
SOURCE = (SourceRef(source="source/list"),)


def fact(cls: type[Body], on: str | None = "1990-01-01", **fields: Any) -> Any:
    said = {"asserted_by": "party/un", "basis": "official-record", "sources": SOURCE}
    return cls(**{**said, "effective": on, **fields})


def signed(on: str = "1980-01-01", mode: str = "simple", party: str = A, **fields: Any) -> Any:
    return fact(e.Signed, on, party=party, mode=mode, **fields)


def consented(
    on: str = "1985-01-01", mode: str = "ratification", party: str = A, **fields: Any
) -> Any:
    return fact(e.ConsentExpressed, on, party=party, mode=mode, **fields)


def in_force(on: str = "1986-01-01", mode: str = "definitive", **fields: Any) -> Any:
    return fact(e.EnteredIntoForce, on, mode=mode, **fields)


def notice(acted: str, on: str, party: str = A) -> Any:
    return fact(e.WithdrawalNotified, on, acted=acted, party=party)


def reserved(on: str, ref: str = "r1", party: str = A, **fields: Any) -> Any:
    return fact(e.ReservationFormulated, on, party=party, ref=ref, gist="not article 5", **fields)


def fold(
    bodies: Iterable[Body], on: date = ON, gate: Binding = "binding", sides: Iterable[str] = ()
) -> Agreement:
    claims = [Claim(n, n, "agreement/x", "", body) for n, body in enumerate(bodies, 1)]
    state = first = initial("agreement/x", on, gate, frozenset(sides))
    ordered = sorted(claims, key=chronological)
    for claim in ordered:
        state = evolve(state, claim)
    assert evolve_all(first, ordered) == state
    return state


def after(state: Agreement, body: Body) -> Agreement:
    return evolve(state, Claim(99, 99, state.id, "", body))


def name(state: Agreement, party: str = A) -> str:
    return standing_of(state, party).name


def both(state: Agreement) -> tuple[str, str]:
    return name(state, A), name(state, B)


def names(state: Agreement, body: Body) -> list[str]:
    """Return the names of the findings: nothing about an agreement is refused by its state."""
    return [found for found, _ in judge(state, body)]


STANDING = {
    "none": "none",
    "SAR": "signatory ad referendum",
    "S": "signatory",
    "C": "contracting",
    "P": "party",
    "W": "withdrawing",
    "X": "former",
    "PT": "participant",
    "FP": "former participant",
    "U": "unknown",
}


def ruled(**fields: Any) -> Any:
    """Return a rule in words, which computes nothing, with what is said of later instruments."""
    words = Trigger(on="words", words="as the parties agree")
    return fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(when=words, **fields))


PARTY = [signed(), consented(), in_force()]
A_YEAR_LATER = ruled(later=Later(delay="P1Y"))  # so that who consents anew is no party at once
GIVEN = {
    "none": [],
    "SAR": [signed(mode="ad-referendum")],
    "S": [signed()],
    "C": [signed(), consented()],
    "P": PARTY,
    "W": [*PARTY, notice("1989-06-01", "1990-06-01")],
    "X": [A_YEAR_LATER, *PARTY, notice("1987-01-01", "1988-01-01")],
}


def read(cell: str, before: str) -> tuple[list[str], str]:
    """Return the findings and the next status of a cell."""
    head, _, to = cell.partition(" -> ")
    letter, _, rule = head.partition(":")
    if letter == "F":
        return [rule], STANDING[to or before]
    return [], STANDING[before if head == "=" else head]
