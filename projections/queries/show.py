"""Answer about one thing as a whole, and list its history."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from domain.claims.claim import Claim, Clocks, began_by, published_on
from domain.claims.effective_claims import is_public
from domain.claims.ranking import DEFAULT, Policy, policy
from domain.claims.resolution import Resolution
from events.identifiers import kind_of
from events.kinds.claim_events import (
    Corrected,
    Denied,
    DistinctOccurrence,
    Resolved,
    Retracted,
    SameOccurrence,
)
from projections.kinds.registry import answer
from projections.queries import document as written
from projections.queries.document import Document
from projections.read_model.database import Answers
from projections.read_model.rows import NewerVersionError


class NotKnownError(LookupError):
    """Of a thing something was recorded, and public, by the time asked about."""

    def __init__(self, thing: str, first: Claim | None, unknown: int = 0) -> None:
        super().__init__(thing)
        self.thing, self.first, self.unknown = thing, first, unknown


def show(answers: Answers, thing: str, clocks: Clocks, chosen: Policy) -> Document:
    """Return the answer about a thing; raise NotKnownError where there is nothing to tell."""
    view = known(answers, thing, clocks, chosen)
    found: Document = {
        **headed(answers, thing, view),
        "answer": answer(thing, view),
        "occurrences": [written.occurrence(o) for o in view.occurrences if o.holds != "no"],
        "series": [written.measurements(m) for m in view.series],
        "denials": [written.claim(claim) for claim in view.standing.denials],
        "resolutions": [
            written.resolution(claim)
            for claim in view.standing.resolutions
            if claim not in view.lapsed
        ],
        "lapsed_resolutions": [claim.id for claim in view.lapsed],
    }
    return with_names(answers, found, clocks)


def known(answers: Answers, thing: str, clocks: Clocks, chosen: Policy) -> Resolution:
    """Return the view of a thing; raise NotKnownError where there is nothing to tell."""
    view = answers.view(thing, clocks, chosen)
    if not view.standing.claims:
        raise NotKnownError(thing, _first(answers, thing, clocks), view.standing.unknown)
    return view


def headed(answers: Answers, thing: str, view: Resolution) -> Document:
    """Return how every document about a thing begins: the clocks and the policy it answers."""
    known_at = view.clocks.known_at
    position = answers.position if known_at is None else known_at
    return {"thing": thing, "kind": kind_of(thing), **written.asked(view, position)}


def with_names(answers: Answers, found: Document, clocks: Clocks) -> Document:
    """Return a document with the names, as of the clocks, of all parties that stand in it."""
    return {**found, "names": names(answers, _parties(found), clocks)}


class History(NamedTuple):
    """The events about a thing, and how many were left out: publication unknown."""

    rows: list[Document]
    left_out: int


def history(answers: Answers, thing: str, clocks: Clocks, *, until: date | None = None) -> History:
    """Return every event about a thing in the order recorded, with what became of it.

    `until` leaves out what certainly takes effect later. Raises NotKnownError.
    """
    claims = answers.claims(thing, clocks.known_at)
    shown = public(claims, clocks)
    if not shown:
        raise NotKnownError(thing, _first(answers, thing, clocks), len(claims))
    stands = answers.view(thing, clocks, policy(DEFAULT)).standing
    rows = [
        {
            **written.claim(claim),
            "about": _target(claim),
            "retracted_by": _id(stands.retracted.get(claim.id)),
            "corrected_by": _id(stands.corrected.get(claim.id)),
        }
        for claim in shown
        if until is None or began_by(claim, until) != "no"
    ]
    return History(rows, undated(claims) if clocks.public_at else 0)


def undated(claims: Iterable[Claim]) -> int:
    """Return how many of the events have an unknown day of publication."""
    return sum(1 for claim in claims if published_on(claim) is None)


def public(claims: Iterable[Claim], clocks: Clocks) -> list[Claim]:
    """Return the events that were public by the clocks, each with the text it was recorded with."""
    return [claim for claim in claims if is_public(claim, clocks.public_at)]


def names(answers: Answers, parties: set[str], clocks: Clocks) -> dict[str, str]:
    """Return the names of parties as of the clocks; a party without one is left out."""
    if not parties:
        return {}
    wanted = sorted(parties)
    plain = answers.plain_names(wanted, clocks)
    named = ((party, plain.get(party) or _folded_name(answers, party, clocks)) for party in wanted)
    return {party: name for party, name in named if name}


def _folded_name(answers: Answers, party: str, clocks: Clocks) -> str | None:
    try:
        view = answers.view(party, clocks, policy(DEFAULT))
    except NewerVersionError:
        return None  # the page can do without the name, and the party's own page says why
    found: str | None = answer(party, view).get("name") if view.standing.claims else None
    return found


def _first(answers: Answers, thing: str, clocks: Clocks) -> Claim | None:
    claims = answers.claims(thing)
    return claims[0] if claims and clocks.known_at is not None else None


def _target(claim: Claim) -> list[str]:
    match claim.body:
        case Corrected(target=target) | Retracted(target=target):
            return [target]
        case Denied(target=target):
            return [target] if target else []
        case Resolved(among=among):
            return list(among)
        case SameOccurrence() | DistinctOccurrence():
            return [claim.body.target, claim.body.with_]
    return []


def _id(claim: Claim | None) -> str | None:
    return claim.id if claim else None


def _parties(found: object) -> set[str]:
    if isinstance(found, dict):
        return set().union(*map(_parties, found.values()))
    if isinstance(found, list):
        return set().union(*map(_parties, found))
    return {found} if isinstance(found, str) and found.startswith("party/") else set()
