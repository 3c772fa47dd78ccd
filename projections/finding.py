"""Which claims hold these words?"""

from domain.claim import Clocks
from domain.policy import DEFAULT, policy
from projections import document as written
from projections.answers import Answers
from projections.document import Document

LIMIT = 200


def find(answers: Answers, text: str, clocks: Clocks) -> list[Document]:
    """Return the claims known and public by then that hold every word, at most 200, oldest first.

    Case does not matter for ASCII letters. What was retracted is not found.
    """
    found: list[Document] = []
    for thing in answers.holding(text.split(), clocks.known_at):
        view = answers.view(thing, clocks, policy(DEFAULT))
        for claim in view.standing.claims:
            document = written.claim(claim)
            said = f"{thing} {written.canonical_text(document)}".lower()
            if all(word.lower() in said for word in text.split()):
                found.append(document)
    return sorted(found, key=lambda claim: int(claim["position"]))[:LIMIT]
