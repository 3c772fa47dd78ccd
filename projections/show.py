"""What is the whole answer about one thing, and what is its history?"""

from domain.claim import Claim, Clocks
from domain.policy import DEFAULT, Policy, policy
from domain.revisions import is_public
from events.claims import Corrected, Denied, DistinctOccurrence, Resolved, Retracted, SameOccurrence
from events.ids import kind_of
from projections import document as written
from projections.answers import Answers
from projections.document import Document
from projections.summary import answer, summary


class NotKnownError(LookupError):
    """Of a thing something was recorded, and public, by the time that is asked about."""

    def __init__(self, thing: str, first: Claim | None, unknown: int = 0) -> None:
        super().__init__(thing)
        self.thing, self.first, self.unknown = thing, first, unknown


def show(answers: Answers, thing: str, clocks: Clocks, chosen: Policy) -> Document:
    """Return the answer about a thing; raise NotKnownError where there is nothing to tell."""
    view = answers.view(thing, clocks, chosen)
    if not view.standing.claims:
        raise NotKnownError(thing, _first(answers, thing, clocks), view.standing.unknown)
    position = answers.position if clocks.known_at is None else clocks.known_at
    found: Document = {
        "thing": thing,
        "kind": kind_of(thing),
        **written.asked(view, position),
        "answer": answer(thing, view),
        "occurrences": [written.occurrence(o) for o in view.occurrences if o.holds != "no"],
        "series": [written.measurements(m) for m in view.series],
        "denials": [written.claim(claim) for claim in view.standing.denials],
        "lapsed_resolutions": [claim.id for claim in view.lapsed],
    }
    found["names"] = names(answers, _parties(found), clocks)
    return found


def listed(answers: Answers, kind: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return a line for each thing of a kind of which something is known and public by then."""
    found = []
    ready = answers.current(kind, clocks) if str(chosen) == DEFAULT else {}
    for thing in answers.things(kind, clocks.known_at):
        line = ready.get(thing)
        if line is None:
            view = answers.view(thing, clocks, chosen)
            if not view.standing.claims:
                continue
            line = summary(thing, view)
        found.append({"thing": thing, **line})
    return found


def history(answers: Answers, thing: str, clocks: Clocks) -> list[Document]:
    """Return every event about a thing by then, in the order recorded, with what became of it."""
    claims = answers.claims(thing, clocks.known_at)
    shown = [claim for claim in claims if is_public(claim, clocks.public_at)]
    if not shown:
        raise NotKnownError(thing, _first(answers, thing, clocks), len(claims))
    stands = answers.view(thing, clocks, policy(DEFAULT)).standing
    return [
        {
            **written.claim(claim),
            "about": _target(claim),
            "retracted_by": _id(stands.retracted.get(claim.id)),
            "corrected_by": _id(stands.corrected.get(claim.id)),
        }
        for claim in shown
    ]


def names(answers: Answers, parties: set[str], clocks: Clocks) -> dict[str, str]:
    """Return the names of parties as known by then; a party without one is left out."""
    found = {}
    for party in sorted(parties):
        name = answers.only_name(party, clocks) or _folded_name(answers, party, clocks)
        if name:
            found[party] = name
    return found


def _folded_name(answers: Answers, party: str, clocks: Clocks) -> str | None:
    view = answers.view(party, clocks, policy(DEFAULT))
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
