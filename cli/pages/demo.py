"""Which three answers does the demo show, and how?"""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from cli.output import Look
from cli.pages.say import Document
from cli.pages.thing import page as page_of

if TYPE_CHECKING:
    from projections.answers import Answers

ASKED = {
    "agreement show pk-sv-bitcoin-2025": ("agreement/pk-sv-bitcoin-2025", None),
    "reserve show sv --as-of 2025-07-19": ("reserve/sv", date(2025, 7, 19)),
    "reserve show pk": ("reserve/pk", None),
}


def answers_to(answers: "Answers") -> dict[str, Document]:
    """Return what the ledger answers to each of the three questions."""
    from domain.claim import Clocks
    from domain.policy import DEFAULT, policy
    from projections.show import show

    today = datetime.now(UTC).date()
    return {
        question: show(answers, thing, Clocks(as_of or today), policy(DEFAULT))
        for question, (thing, as_of) in ASKED.items()
    }


def page(found: dict[str, Document], how: Look) -> list[str]:
    """Return the lines of the three pages, each below its question."""
    lines: list[str] = []
    for question, document in found.items():
        shown = page_of(document, how)
        while shown[-1].startswith("next: ") or not shown[-1]:
            shown.pop()  # what to run next, the demo says once, and for its own ledger
        lines += ["", f"$ depositary {question}", "", *shown]
    return lines
