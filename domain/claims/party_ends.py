"""Read from the claims about a party that it ceased, or is continued (docs/spec/treaties.md, 9)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from domain.claims.claim import Claim
from domain.claims.interval import UNKNOWN, Interval
from domain.claims.resolution import Resolution
from events.value import replace

DISSOLVED, CONTINUED = "party.dissolved", "party.continued-by"
ENDING_TYPES = (DISSOLVED, CONTINUED)


class PartyEnd(Struct, frozen=True, gc=False):
    """That a party ceased, `dissolved` being its last day, or which `continued` it from when."""

    party: str
    dissolved: Interval | None = None
    continued: tuple[tuple[str, Interval], ...] = ()


def party_end(view: Resolution) -> PartyEnd | None:
    """Return what the selected claims about a party say of its end; None where they say nothing."""
    dissolved: Interval | None = None
    continued: list[tuple[str, Interval]] = []
    party = ""
    for found in view.occurrences:
        if not found.pick:
            continue
        claim, body = found.pick[0], _body(found.pick[0])
        when = claim.dates.from_
        if claim.type == DISSOLVED and when != UNKNOWN:
            party, dissolved = claim.thing, when
        elif claim.type == CONTINUED and when != UNKNOWN:
            party = claim.thing
            continued.append((body.party, when))
    return PartyEnd(party, dissolved, tuple(continued)) if party else None


def party_ends(view: Resolution) -> tuple[PartyEnd, ...]:
    """Return which of the parties read with the view of an agreement cease to exist, and how."""
    return tuple(end for party in view.parties if (end := party_end(party)))


def with_parties(view: Resolution, view_of: Callable[[str], Resolution | None]) -> Resolution:
    """Return the view of an agreement with those of the parties that it names, as to their end.

    `view_of` returns the view of a party that may have ended, None for every other. What perhaps
    was public of the agreement goes with what perhaps was public of those parties.
    """
    known: dict[str, Resolution | None] = {}

    def read(claims: Iterable[Claim]) -> tuple[Resolution, ...]:
        waiting, found = sorted(named_parties(claims)), dict[str, Resolution]()
        while waiting:
            party = waiting.pop(0)
            if party not in known:
                known[party] = _of_its_end(view_of(party))
            if (one := known[party]) is not None and party not in found:
                found[party] = one
                both = (*one.occurrences, *(one.perhaps.occurrences if one.perhaps else ()))
                said = (claim for each in both for claim in each.claims)
                waiting += [_body(claim).party for claim in said if claim.type == CONTINUED]
        return tuple(found.values())

    parties, perhaps = read(view.standing.claims), view.perhaps
    if perhaps is not None or any(party.perhaps for party in parties):
        second = perhaps or view
        others = tuple(party.perhaps or party for party in read(second.standing.claims))
        perhaps = replace(second, parties=others)
    return replace(view, parties=parties, perhaps=perhaps) if parties or perhaps else view


def _of_its_end(view: Resolution | None) -> Resolution | None:
    """Return the view of a party with what is said of its end alone; None where nothing ever was.

    What was retracted is kept: a difference names it.
    """
    if view is None:
        return None
    ends = tuple(
        one for one in view.occurrences if any(claim.type in ENDING_TYPES for claim in one.claims)
    )
    perhaps = _of_its_end(view.perhaps)
    if not (ends or perhaps or view.standing.retracted):
        return None
    return replace(view, occurrences=ends, series=(), perhaps=perhaps)


def named_parties(claims: Iterable[Claim]) -> set[str]:
    """Return the parties that claims about an agreement name, as its parties or as who acts."""
    found: set[Any] = set()
    for claim in claims:
        body = _body(claim)
        found.update(getattr(body, name, None) for name in ("party", "for_", "by"))
        for name in ("parties", "between"):
            found.update(getattr(body, name, None) or ())
        if claim.type == "claim.corrected":
            found |= _parties_in(body.data)
    found.discard(None)
    return found


def _parties_in(data: object) -> set[str]:
    """Return every party in the text that a correction puts in, be it of another correction."""
    if isinstance(data, Mapping):
        return set().union(*map(_parties_in, data.values()))
    if isinstance(data, list | tuple):
        return set().union(*map(_parties_in, data))
    return {data} if isinstance(data, str) and data.startswith("party/") else set()


def _body(claim: Claim) -> Any:
    return claim.body
