"""List the claims about things in the order of their effective dates, with all three clocks.

There is one row for each effective claim: in effect, published, recorded. A denial or a resolution
has its row too; what was retracted is in the history alone. A notice of withdrawal is listed from
the day on which it was given; where it took no effect on the day that it states, it stands there.
"""

import json
from collections.abc import Iterable
from datetime import date
from operator import itemgetter
from typing import NamedTuple

from domain.claims.claim import (
    Claim,
    Clocks,
    Order,
    as_notice,
    began_at,
    begun_by,
    chronological,
    days,
)
from domain.claims.periods import unmet_notices
from domain.claims.publication import NONE_EXCLUDED
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution
from events.dates import Answer
from events.identifiers import kind_of
from events.references import references
from projections.queries.document import AnswerRows, Document, claim_document, perhaps_claims
from projections.read_model.database import ReadModel
from projections.read_model.date_effects import ALWAYS, may_be_between
from projections.read_model.mentions import ASSERTS, NAMES

_NAMING = (
    f"SELECT thing FROM mentions WHERE name = ?2 AND role IN ({NAMES}, {ASSERTS})"  # noqa: S608
    " AND position <= ?1 AND from_day <= ?3"
    " UNION SELECT thing FROM things WHERE thing = ?2 AND first_position <= ?1 ORDER BY thing"
)
_DATED = (
    "SELECT thing, moves_from, settled_from, data FROM claims"
    " WHERE position <= ? AND settled_from >= ? AND moves_from <= ? ORDER BY thing"
)


class TimelineFilter(NamedTuple):
    """Which rows: recorded `late_days` after their day or later, after D, contested.

    And those that may have been on a day from `first` to `last`; the undated are not.
    """

    late_days: int | None = None
    future: bool = False
    contested: bool = False
    first: date | None = None
    last: date | None = None


UNFILTERED = TimelineFilter()
_MARGIN_DAYS = 2  # the day of an instant may be the next one elsewhere
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
    timeline holds only that: of a notice given before, too. `unmet_by` is what took back a notice
    of withdrawal, or gave it another day, before its day came. Of a span, what may also be of
    another day comes last. What perhaps was public and no more is marked `perhaps`.
    """
    found: list[tuple[Order, Document]] = []
    excluded = NONE_EXCLUDED
    for thing in things:
        view = answers.view(thing, clocks, chosen)
        standing, perhaps = view.standing, perhaps_claims(view)
        excluded = excluded.plus(standing.excluded)
        claims = [
            claim
            for claim in (*standing.claims, *standing.denials, *standing.resolutions, *perhaps)
            if (party in (None, thing) or _names(claim, party))
            and _is_wanted(claim, clocks, wanted)
        ]
        states = _states(view, {claim.id for claim in claims})
        only_perhaps = {claim.id for claim in perhaps}
        unmet = unmet_notices(standing.claims, clocks)
        for claim in claims:
            row = _row(claim, states.get(claim.id, ("", False)), clocks, wanted)
            if by := unmet.get(claim.id):
                row |= {"unmet_by": by.id, "unmet": {"position": by.position, "type": by.type}}
            if wanted.contested and row["support"] != "contested":
                continue
            if claim.id in only_perhaps:
                row["perhaps"] = True
            found.append((_place(claim, met=claim.id not in unmet), row))
    found.sort(key=itemgetter(0))
    found.sort(key=lambda one: one[1]["within"] == "cannot tell")
    return AnswerRows([row for _, row in found], excluded)


def things_naming_party(
    answers: ReadModel, party: str, known_at: int, last: date | None = None
) -> list[str]:
    """Return the things with a claim recorded at the clocks that a party makes or is named in.

    Those that begin after the `last` day need not be among them.
    """
    day = (date.max if last is None else last).toordinal() + _MARGIN_DAYS
    return [thing for (thing,) in answers.connection.execute(_NAMING, (known_at, party, day))]


def things_dated_between(answers: ReadModel, known_at: int, first: date, last: date) -> list[str]:
    """Return the things with a claim recorded at the clocks that may be of a day between."""
    days = first.isoformat(), last.isoformat()
    rows = answers.connection.execute(_DATED, (known_at, *days))
    found = dict.fromkeys(
        thing
        for thing, *moves, data in rows
        if tuple(moves) != ALWAYS or may_be_between(json.loads(data), *days)
    )
    return [thing for thing in found if kind_of(thing) != "ledger"]


def days_late(claim: Claim) -> int | None:
    """Return how many days after its last possible day a claim was recorded; None if unknown."""
    _, latest = days(claim)
    if latest is None or not claim.time:
        return None
    return (date.fromisoformat(claim.time[:10]) - latest).days


def _states(view: Resolution, ids: set[str]) -> dict[str, tuple[str, bool]]:
    """Return of some claims the (worst) support of what each states, and if it was selected."""
    found: dict[str, tuple[str, bool]] = {}
    for one in view.occurrences:
        asked = [claim.id for claim in one.claims if claim.id in ids]
        of_all = one.support if asked else ""
        for id_ in asked:
            support, picked = found.get(id_, (of_all, False))
            worst = min(support, of_all, key=_WORST_FIRST.index)
            found[id_] = worst, picked or any(claim.id == id_ for claim in one.pick)
    for series in view.series:
        for claim in (*series.certain, *series.maybe):
            support = series.support or "" if claim.id in series.alike else ""
            found[claim.id] = support, series.pick is not None and series.pick.id == claim.id
    return found


def _place(claim: Claim, *, met: bool) -> Order:
    """Return where a claim stands in a timeline: at its effect, of a notice too that has one."""
    dates = claim.dates if met and claim.dates.when else as_notice(claim).dates
    return (*dates.order, claim.position) if dates.when else chronological(claim)


def _row(claim: Claim, state: tuple[str, bool], clocks: Clocks, wanted: TimelineFilter) -> Document:
    support, picked = state
    return {
        **claim_document(claim),
        "subject": claim.thing,
        "support": support or None,
        "selected": picked,
        "begun": began_at(claim, clocks),
        "within": _within(claim, wanted),
        "late_days": days_late(claim),
    }


def _is_wanted(claim: Claim, clocks: Clocks, wanted: TimelineFilter) -> bool:
    if wanted.late_days is not None:
        late = days_late(claim)
        if late is None or late < wanted.late_days:
            return False
    if _within(claim, wanted) == "no":
        return False
    if begun_by(claim, clocks) == "no":
        return wanted.future
    return not wanted.future or began_at(claim, clocks) == "no"


def _within(claim: Claim, wanted: TimelineFilter) -> Answer | None:
    """Say whether a claim is of a day from the first to the last asked for; None: any will do.

    It may be of them by the day of its effect or by that of its act.
    """
    first, last = wanted.first or date.min, wanted.last or date.max
    if (first, last) == (date.min, date.max):
        return None
    several = [days(claim)] if claim.dates.when else []
    if acted := claim.dates.acted_on:
        several.append((acted.first, acted.last))
    answers = [_between(begins, ends, first, last) for begins, ends in several]
    return next((one for one in ("yes", "cannot tell") if one in answers), "no")


def _between(begins: date | None, ends: date | None, first: date, last: date) -> Answer:
    if (ends and ends < first) or (begins and begins > last):
        return "no"
    return "yes" if begins and ends and first <= begins and ends <= last else "cannot tell"


def _names(claim: Claim, party: str) -> bool:
    """Say whether a claim names a party in what it says, or is asserted by it."""
    body = claim.body
    if body.asserted_by == party or party not in references(body):
        return body.asserted_by == party
    return contains(claim_document(claim)["says"], party)  # a citation may name it too


def contains(given: object, party: str) -> bool:
    """Say whether an id stands as a whole value in JSON data."""
    if isinstance(given, dict):
        return any(contains(inner, party) for inner in given.values())
    if isinstance(given, list):
        return any(contains(inner, party) for inner in given)
    return given == party
