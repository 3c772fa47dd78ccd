"""Fold and judge what is said of a source."""

from datetime import date

from domain.claims.claim import Claim
from domain.decisions.errors import Findings
from events.body import Body
from events.kinds.source import Archived, Cited, Rechecked
from events.value import Value, replace


class Source(Value):
    """A source on a day: how it was cited, the copies kept (SHA-256), how it was found last."""

    id: str
    on: date
    publisher: str | None = None
    title: str | None = None
    locator: str | None = None
    published: str | None = None
    via: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    outcome: str | None = None


initial = Source


def evolve(state: Source, claim: Claim) -> Source:
    """Return what is known of the source after a claim; a later citation fills in, or replaces."""
    match claim.body:
        case Cited(publisher=publisher, title=title, locator=locator, published=day, via=via):
            return replace(
                state,
                publisher=publisher or state.publisher,
                title=title or state.title,
                locator=locator or state.locator,
                published=day or state.published,
                via=via or state.via,
            )
        case Archived(sha256=digest):
            return replace(state, copies=(*state.copies, digest))
        case Rechecked(outcome=outcome):
            return replace(state, outcome=outcome)
    return state


JUDGED = (Archived,)


def judge(state: Source, body: Body) -> Findings:
    """Return the findings a new fact gives rise to: nothing about a source is refused."""
    if isinstance(body, Archived) and state.outcome == "gone":
        return (("archived-after-gone", f"{state.id} was found gone before"),)
    return ()
