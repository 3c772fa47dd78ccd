"""Answer about one thing, list the things of a kind, and the history of one."""

from collections.abc import Iterable
from datetime import date

from domain.claims.claim import Claim, Clocks, begun_by
from domain.claims.publication import NONE_EXCLUDED, Excluded, holds_at_every_day, publication_at
from domain.claims.ranking import DEFAULT, Policy, policy
from domain.claims.resolution import Resolution
from events.dates import parse_date
from events.identifiers import kind_of
from events.kinds import claim_events as meta
from projections.kinds.registry import answer, perhaps_values, summary
from projections.queries.document import (
    AnswerRows,
    Document,
    claim_document,
    clocks_and_policy,
    occurrence_documents,
    series_documents,
)
from projections.read_model.database import ReadModel
from projections.read_model.rows import NewerVersionError


class NotKnownError(LookupError):
    """The thing has no claim that was recorded and public at the clocks asked about."""

    def __init__(self, thing: str, first: Claim | None, excluded: Excluded = NONE_EXCLUDED) -> None:
        super().__init__(thing)
        self.thing, self.first, self.excluded = thing, first, excluded


def is_spoken_of(answers: ReadModel, thing: str) -> bool:
    """Say whether the log has an event about a thing, or one that mentions it."""
    found = answers.connection.execute("SELECT 1 FROM things WHERE thing = ?", (thing,))
    return found.fetchone() is not None


def show_subject(answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy) -> Document:
    """Return the answer about a thing, with what would differ in `perhaps`; raise NotKnownError."""
    view = known_view(answers, thing, clocks, chosen)
    answered = answer(thing, view)
    perhaps = perhaps_values(thing, view, answered)
    found: Document = {
        **answer_header(answers, thing, view),
        "answer": answered,
        **({"perhaps": perhaps} if perhaps else {}),
        "occurrences": occurrence_documents(view),
        "series": series_documents(view),
        "denials": [
            claim_document(one) for one in view.standing.denials if _may_have_been(one, view)
        ],
        "resolutions": [
            claim_document(claim) for claim in view.standing.resolutions if claim not in view.lapsed
        ],
        "lapsed_resolutions": [claim.id for claim in view.lapsed],
    }
    if kind_of(thing) in ("party", "source"):
        from projections.queries.statements import mentions_beside  # other kinds need none

        found |= mentions_beside(answers, thing, view)
    if kind_of(thing) == "agreement":
        from projections.kinds.agreement import contested_statuses  # only of agreements

        if contested := contested_statuses(thing, view.certainly_public, answered["statuses"]):
            found["contested_statuses"] = contested
    return add_names(answers, found, clocks)


def _may_have_been(denial: Claim, view: Resolution) -> bool:
    """Say whether what is denied may have been by D: before, a denial says nothing of it."""
    body, clocks = denial.body, view.clocks
    assert isinstance(body, meta.Denied)
    if body.span is not None:
        first = parse_date(body.span).earliest
        return first is None or first <= clocks.as_of
    if any(
        claim.id == body.target for one in view.occurrences if one.shown for claim in one.claims
    ):
        return True
    told = (claim for claim in view.standing.claims if claim.id == body.target)
    return all(begun_by(claim, clocks) != "no" for claim in told)


def known_view(answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy) -> Resolution:
    """Return the view of a thing; raise NotKnownError where no claim was or perhaps was public."""
    view = answers.view(thing, clocks, chosen)
    if not view.standing.claims and (view.perhaps is None or not view.perhaps.standing.claims):
        raise NotKnownError(thing, _first(answers, thing, clocks), view.standing.excluded)
    return view


def answer_header(answers: ReadModel, thing: str, view: Resolution) -> Document:
    """Return how every document about a thing begins: the thing, the clocks, the policy."""
    known_at = view.clocks.known_at
    position = answers.position if known_at is None else known_at
    return {"subject": thing, "kind": kind_of(thing), **clocks_and_policy(view, position)}


def add_names(answers: ReadModel, found: Document, clocks: Clocks) -> Document:
    """Return a document with the names, at its clocks, of all parties that it mentions."""
    return {**found, "names": party_names(answers, parties_in(found), clocks)}


def list_kind(answers: ReadModel, kind: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return a line for each thing of a kind with a claim that is known and public."""
    return list_lines(answers, kind, clocks, chosen).rows


def list_lines(answers: ReadModel, kind: str, clocks: Clocks, chosen: Policy) -> AnswerRows:
    """Return the list of a kind, and what its clocks left out."""
    ready = answers.ready(kind, clocks) if chosen.is_default else {}
    things = answers.things(kind, clocks.known_at)
    found = {thing: {"subject": thing, **line} for thing, line in ready.items() if line is not None}
    excluded = NONE_EXCLUDED
    rest = (thing for thing in things if thing not in ready)
    for thing, view in answers.folded(rest, clocks, chosen):
        if view is None:
            found[thing] = {"subject": thing}  # listed, and its own page says why no more
            continue
        excluded = excluded.plus(view.standing.excluded)
        if view.standing.claims:
            found[thing] = {"subject": thing, **summary(thing, view)}
    return AnswerRows([found[thing] for thing in things if thing in found], excluded)


def list_history(
    answers: ReadModel, thing: str, clocks: Clocks, *, until: date | None = None
) -> AnswerRows:
    """Return every event about a thing at the clocks, in the order recorded, with its corrections.

    What perhaps was public is marked `perhaps`. `until` excludes what certainly takes effect later.
    Raises NotKnownError.
    """
    claims = answers.claims(thing, clocks.known_at)
    public = {claim.id: publication_at(claim, clocks) for claim in claims}
    shown = [claim for claim in claims if public[claim.id] in ("public", "perhaps")]
    if not shown:
        raise NotKnownError(thing, _first(answers, thing, clocks), count_excluded(claims, clocks))
    stands = answers.view(thing, clocks, policy(DEFAULT)).standing
    rows = [
        {
            **claim_document(claim),
            **({"perhaps": True} if public[claim.id] == "perhaps" else {}),
            "about": _target(claim),
            "retracted_by": _id(stands.retracted.get(claim.id)),
            "corrected_by": _id(stands.corrected.get(claim.id)),
        }
        for claim in shown
        if until is None or begun_by(claim, Clocks(until)) != "no"
    ]
    return AnswerRows(rows, count_excluded(claims, clocks))


def count_excluded(claims: Iterable[Claim], clocks: Clocks) -> Excluded:
    """Return how many of the events perhaps were public, and of how many it is unknown."""
    found = [publication_at(claim, clocks) for claim in claims if not holds_at_every_day(claim)]
    return Excluded(found.count("unknown"), found.count("perhaps"))


def public_claims(claims: Iterable[Claim], clocks: Clocks) -> list[Claim]:
    """Return the events that were or perhaps were public at the clocks, as they were recorded."""
    answers = ("public", "perhaps")
    return [claim for claim in claims if publication_at(claim, clocks) in answers]


def party_names(answers: ReadModel, parties: set[str], clocks: Clocks) -> dict[str, str]:
    """Return the names of parties at the clocks; a party without a name is absent."""
    if not parties:
        return {}
    wanted = sorted(parties)
    plain = answers.plain_names(wanted, clocks)
    named = ((party, plain.get(party) or _folded_name(answers, party, clocks)) for party in wanted)
    return {party: name for party, name in named if name}


def _folded_name(answers: ReadModel, party: str, clocks: Clocks) -> str | None:
    try:
        view = answers.view(party, clocks, policy(DEFAULT))
    except NewerVersionError:
        return None  # the page can do without the name, and the party's own page says why
    found: str | None = answer(party, view).get("name") if view.standing.claims else None
    return found


def _first(answers: ReadModel, thing: str, clocks: Clocks) -> Claim | None:
    claims = answers.claims(thing)
    return claims[0] if claims and clocks.known_at is not None else None


def _target(claim: Claim) -> list[str]:
    match claim.body:
        case meta.Corrected(target=target) | meta.Retracted(target=target):
            return [target]
        case meta.Denied(target=target):
            return [target] if target else []
        case meta.Resolved(among=among):
            return list(among)
        case meta.SameOccurrence() | meta.DistinctOccurrence():
            return [claim.body.target, claim.body.with_]
    return []


def _id(claim: Claim | None) -> str | None:
    return claim.id if claim else None


def parties_in(found: object) -> set[str]:
    """Return the ids of parties that stand anywhere in a document."""
    met: set[str] = set()
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if one.startswith("party/"):
                met.add(one)
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return met
