"""Find the claims that hold given words."""

from typing import NamedTuple

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, Policy, policy
from projections.queries.document import Document, canonical_text, claim_document
from projections.read_model.database import ReadModel

LIMIT = 200


class SearchHits(NamedTuple):
    """The claims found, and how many were excluded because their publication date is unknown."""

    claims: list[Document]
    left_out: int


def find_claims(
    answers: ReadModel, text: str, clocks: Clocks, chosen: Policy | None = None
) -> SearchHits:
    """Return the claims known at the clocks that hold every word; at most 200, oldest first.

    Case does not matter for ASCII letters. Retracted claims are not found.
    """
    found: list[Document] = []
    left_out = 0
    for thing in answers.holding(text.split(), clocks.known_at):
        view = answers.view(thing, clocks, chosen or policy(DEFAULT))
        left_out += view.standing.unknown
        for claim in view.standing.claims:
            document = claim_document(claim)
            said = f"{thing} {canonical_text(document)}".lower()
            if all(word.lower() in said for word in text.split()):
                found.append(document)
    return SearchHits(sorted(found, key=lambda claim: int(claim["position"]))[:LIMIT], left_out)
