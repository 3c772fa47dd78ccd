"""List the claims about things in the order of their effective dates, with all three clocks.

There is one row for each effective claim: in effect, published, recorded. A denial or a resolution
has its row too; what was retracted is in the history alone.
"""

from collections.abc import Iterable
from datetime import date
from operator import itemgetter
from typing import NamedTuple

from domain.claims.claim import Claim, Clocks, Order, began_at, chronological, days
from domain.claims.publication import NONE_EXCLUDED
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution
from projections.queries.document import AnswerRows, Document, claim_document
from projections.queries.perhaps import perhaps_claims
from projections.read_model.database import ReadModel

_NAMING = (
    "SELECT DISTINCT thing FROM claims WHERE position <= ? AND (thing = ? OR instr(data, ?) > 0)"
    " ORDER BY thing"
)


class TimelineFilter(NamedTuple):
    """Which rows: recorded `late_days` after their day or later, after D, contested."""

    late_days: int | None = None
    future: bool = False
    contested: bool = False


UNFILTERED = TimelineFilter()
_WORST_FIRST = ("contested", "resolved", "single source", "corroborated")


def build_timeline(
    answers: ReadModel,
    things: Iterable[str],
    clocks: Clocks,
    chosen: Policy,
    wanted: TimelineFilter = UNFILTERED,
    *,
    party: str | None = None,
) -> AnswerRows:
    """Return the timeline of things; of a party, only the claims that name it or that it asserts.

    Without `future` it ends at D, and what certainly begins later is excluded; with it, the
    timeline holds only that. What perhaps was public and no more is marked `perhaps`.
    """
    found: list[tuple[tuple[date, date, date, int], Document]] = []
    excluded = NONE_EXCLUDED
    for thing, folded in answers.folded(things, clocks, chosen):
        # For a thing with events of a newer version, the view raises and names the event.
        view = folded or answers.view(thing, clocks, chosen)
        excluded = excluded.plus(view.standing.excluded)
        states = _states(view)
        for claim in (*view.standing.claims, *view.standing.denials, *view.standing.resolutions):
            if party is None or thing == party or _names(claim, party):
                state = states.get(claim.id, ("", False))
                if _is_wanted(claim, state[0], clocks, wanted):
                    found.append((_place(claim), _row(claim, state, clocks)))
        for claim in perhaps_claims(view):
            named = party is None or thing == party or _names(claim, party)
            if named and _is_wanted(claim, "", clocks, wanted):
                row = {**_row(claim, ("", False), clocks), "perhaps": True}
                found.append((_place(claim), row))
    found.sort(key=itemgetter(0))
    return AnswerRows([row for _, row in found], excluded)


def things_naming_party(answers: ReadModel, party: str, known_at: int) -> list[str]:
    """Return the things with a claim recorded at the clocks that a party makes or is named in."""
    rows = answers.connection.execute(_NAMING, (known_at, party, f'"{party}"'))
    return [thing for (thing,) in rows]


def days_late(claim: Claim) -> int | None:
    """Return how many days after its last possible day a claim was recorded; None if unknown."""
    _, latest = days(claim)
    if latest is None or not claim.time:
        return None
    return (date.fromisoformat(claim.time[:10]) - latest).days


def _states(view: Resolution) -> dict[str, tuple[str, bool]]:
    """Return by claim the (worst) support of what it states, and whether it was selected."""
    found: dict[str, tuple[str, bool]] = {}
    for one in view.occurrences:
        of_all, picks = one.support, {claim.id for claim in one.pick}
        for claim in one.claims:
            support, picked = found.get(claim.id, (of_all, False))
            worst = min(support, of_all, key=_WORST_FIRST.index)
            found[claim.id] = worst, picked or claim.id in picks
    for series in view.series:
        for claim in (*series.certain, *series.maybe):
            support = series.support or "" if claim.id in series.alike else ""
            found[claim.id] = support, series.pick is not None and series.pick.id == claim.id
    return found


def _place(claim: Claim) -> Order:
    """Return where a claim stands in a timeline: at its effect, of a notice too."""
    if claim.dates.when is None:
        return chronological(claim)
    return (*claim.dates.order, claim.position)


def _row(claim: Claim, state: tuple[str, bool], clocks: Clocks) -> Document:
    support, picked = state
    return {
        **claim_document(claim),
        "subject": claim.thing,
        "support": support or None,
        "selected": picked,
        "begun": began_at(claim, clocks),
        "late_days": days_late(claim),
    }


def _is_wanted(claim: Claim, status: str, clocks: Clocks, wanted: TimelineFilter) -> bool:
    if wanted.contested and status != "contested":
        return False
    if wanted.late_days is not None:
        late = days_late(claim)
        if late is None or late < wanted.late_days:
            return False
    return (began_at(claim, clocks) == "no") == wanted.future


def _names(claim: Claim, party: str) -> bool:
    return claim.body.asserted_by == party or _contains(claim_document(claim)["says"], party)


def _contains(given: object, party: str) -> bool:
    if isinstance(given, dict):
        return any(_contains(inner, party) for inner in given.values())
    if isinstance(given, list):
        return any(_contains(inner, party) for inner in given)
    return given == party
