"""Read from the claims about a party that it ceased to exist, or that others continue it.

The answer about an agreement reads them of each party that it names, at its own clocks and policy
(docs/spec/treaties.md, 9).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from domain.claims.claim import Claim
from domain.claims.interval import UNKNOWN, Interval
from events.dates import Interned
from events.fields import Getter, getter

if TYPE_CHECKING:
    from domain.claims.resolution import Resolution

DISSOLVED, CONTINUED = "party.dissolved", "party.continued-by"


class PartyEnd(Struct, frozen=True, gc=False):
    """That a party ceased to exist, `dissolved` being its last day, or that others continue it.

    `continued` are the continuing parties, each from a day.
    """

    party: str
    dissolved: Interval | None = None
    continued: tuple[tuple[str, Interval], ...] = ()


def party_end(party: str, view: "Resolution") -> PartyEnd | None:
    """Return what the selected claims about a party say of its end; None where they say nothing.

    A claim without a day says that it ended, and not when: it changes no answer.
    """
    dissolved: Interval | None = None
    continued: list[tuple[str, Interval]] = []
    for found in view.occurrences:
        if not found.pick:
            continue
        claim, body = found.pick[0], _body(found.pick[0])
        when = claim.dates.from_
        if claim.type == DISSOLVED and when != UNKNOWN:
            dissolved = when
        elif claim.type == CONTINUED and when != UNKNOWN:
            continued.append((body.party, when))
    if dissolved is None and not continued:
        return None
    return PartyEnd(party, dissolved, tuple(continued))


def read_ends(
    claims: Iterable[Claim], view_of: Callable[[str], "Resolution | None"]
) -> tuple[PartyEnd, ...]:
    """Return the ends of the parties that claims name, and of those that continue them.

    `view_of` returns the view of a party that may have ended, None for every other.
    """
    found: dict[str, PartyEnd | None] = {}
    waiting = sorted(named_parties(claims))
    while waiting:
        party = waiting.pop(0)
        if party in found:
            continue
        view = view_of(party)
        end = found[party] = party_end(party, view) if view is not None else None
        if end is not None:
            waiting += [successor for successor, _ in end.continued]
    return tuple(end for end in found.values() if end is not None)


def with_party_ends(
    view: "Resolution", view_of: Callable[[str], "Resolution | None"]
) -> "Resolution":
    """Return the view of an agreement with the ends of the parties that it names.

    What perhaps was public of the agreement goes with what perhaps was public of those parties.
    """

    def perhaps_of(party: str) -> "Resolution | None":
        found = view_of(party)
        return (found.perhaps or found) if found is not None else None

    ends = read_ends(view.standing.claims, view_of)
    perhaps = view.perhaps
    if view.clocks.public_at is not None:
        second = perhaps or view
        perhaps_ends = read_ends(second.standing.claims, perhaps_of)
        if perhaps is not None or perhaps_ends != ends:
            perhaps = second._replace(ends=perhaps_ends)
    return view._replace(ends=ends, perhaps=perhaps) if ends or perhaps else view


def named_parties(claims: Iterable[Claim]) -> set[str]:
    """Return the parties that claims about an agreement name, as its parties or as who acts."""
    found: set[Any] = set()
    for claim in claims:
        body = _body(claim)
        one, several = _NAMING[type(body)]
        found.update(one(body))
        for name in several:
            found.update(getattr(body, name) or ())
        if claim.type == "claim.corrected":
            found |= _parties_in(body.data)
    found.discard(None)
    return found


def _naming(cls: type) -> tuple[Getter, tuple[str, ...]]:
    """Return how to get the one party that a field of a body names, and which fields name some."""
    has = getattr(cls, "__struct_fields__", ())
    one = [name for name in ("party", "for_", "by") if name in has]
    return getter(one), tuple(name for name in ("parties", "between") if name in has)


_NAMING = Interned(_naming)


def _parties_in(data: object) -> set[str]:
    """Return every party in the text that a correction puts in, be it of another correction."""
    if isinstance(data, Mapping):
        return set().union(*map(_parties_in, data.values()))
    if isinstance(data, list | tuple):
        return set().union(*map(_parties_in, data))
    return {data} if isinstance(data, str) and data.startswith("party/") else set()


def _body(claim: Claim) -> Any:
    return claim.body
