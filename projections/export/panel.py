"""Tell the standing of each party under each agreement at the end of every year, month or day.

A panel as quantitative work needs it: a row a party, an agreement and a date. A party has rows from
its first act under the agreement on.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution
from domain.kinds.registry import public_states
from events.dates import add_months
from projections.kinds.agreement import in_force_answer, party_statuses
from projections.queries.standing import status_of
from projections.read_model.database import ReadModel

Every = Literal["year", "quarter", "month", "day"]
EVERY = {"year": 12, "quarter": 3, "month": 1}
COLUMNS = ("date", "party", "agreement", "status", "since", "in_force", "certain")


class PanelRow(NamedTuple):
    """Where a party stands under an agreement on a day; `certain` is 0 where dates cannot tell."""

    date: str
    party: str
    agreement: str
    status: str
    since: str | None
    in_force: str
    certain: int


def period_ends(every: Every, first: date, last: date) -> Iterator[date]:
    """Yield the last day of each year, quarter or month that ends between two days, or each day."""
    if every == "day":
        yield from (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
        return
    months = EVERY[every]
    begin = date(first.year, (first.month - 1) // months * months + 1, 1)
    while begin <= last:
        begin = add_months(begin, months)
        end = begin - timedelta(days=1)
        if end <= last:
            yield end


def panel_rows(
    answers: ReadModel,
    every: Every,
    clocks: Clocks,
    chosen: Policy,
    *,
    first: date | None = None,
    last: date | None = None,
) -> Iterator[PanelRow]:
    """Yield the panel, agreement by agreement, from the first act or `first` until D or `last`."""
    known_at = answers.position if clocks.known_at is None else clocks.known_at
    for agreement in answers.things("agreement", clocks.known_at):
        claims = answers.claims(agreement, known_at)
        begin = max(filter(None, (first, _first_act(claims))), default=None)
        if begin is None:
            continue
        for day in period_ends(every, begin, last or clocks.as_of):
            yield from _rows_at(
                agreement, answers.view(agreement, clocks._replace(as_of=day), chosen)
            )


def _rows_at(agreement: str, view: Resolution) -> Iterator[PanelRow]:
    found, day = public_states(agreement, view), view.clocks.as_of.isoformat()
    in_force = in_force_answer(found)
    for row in party_statuses(found):
        status = status_of(row)
        if status != "none":
            sure = int(status == row["status"])
            since = row["since"]
            yield PanelRow(day, row["party"], agreement, status, since, in_force, sure)


def _first_act(claims: tuple[Claim, ...]) -> date | None:
    """Return the first day on which any claim may hold, as far as one is known."""
    days = (claim.dates.first or claim.dates.last for claim in claims)
    return min((day for day in days if day is not None), default=None)
