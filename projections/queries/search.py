"""Search the claims that hold words."""

from typing import NamedTuple

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, Policy, policy
from projections.queries import document as written
from projections.queries.document import Document
from projections.read_model.database import Answers

LIMIT = 200


class Hits(NamedTuple):
    """The claims found, and how many were left out: the day of their publication is unknown."""

    claims: list[Document]
    left_out: int


def find(answers: Answers, text: str, clocks: Clocks, chosen: Policy | None = None) -> Hits:
    """Return the claims known and public that hold every word, at most 200, oldest first.

    Case does not matter for ASCII letters. What was retracted is not found.
    """
    found: list[Document] = []
    left_out = 0
    for thing in answers.holding(text.split(), clocks.known_at):
        view = answers.view(thing, clocks, chosen or policy(DEFAULT))
        left_out += view.standing.unknown
        for claim in view.standing.claims:
            document = written.claim(claim)
            said = f"{thing} {written.canonical_text(document)}".lower()
            if all(word.lower() in said for word in text.split()):
                found.append(document)
    return Hits(sorted(found, key=lambda claim: int(claim["position"]))[:LIMIT], left_out)
