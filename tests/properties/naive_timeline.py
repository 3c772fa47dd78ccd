"""The timeline as a patient reader would write it from docs/spec/answers.md and the help.

Rows are the claims that stand, and the denials and resolutions that do, in the order of their
effective dates. Written apart from `projections.queries.timeline`, slow and plain.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from domain.claims.claim import Claim
from domain.claims.interval import interval
from events.dates import days_at_place, parse_date
from events.value import replace
from tests.properties.histories import plain
from tests.properties.naive import all_hold, begun, by_effect, in_order, naive_live, naive_view
from tests.properties.naive_claims import Said, day_of
from tests.properties.naive_periods import number_notices

WORST_FIRST = ("contested", "resolved", "single source", "corroborated")
COMMON = (
    *("asserted_by", "basis", "effective", "acted", "zone", "place", "relayed", "sources"),
    *("note", "key", "ground"),
)


class Asked(NamedTuple):
    """Which rows: those so many days late, those of the future alone, the contested, a party's."""

    late_days: int | None = None
    future: bool = False
    contested: bool = False
    party: str | None = None


def naive_timeline(
    claims: Mapping[str, Iterable[Claim]],
    day: date,
    public_at: date | None,
    known_at: int | None,
    policy: str,
    *,
    asked: Asked,
) -> dict[str, Any]:
    """Return the rows in order, and how many claims were left out: unknown, and perhaps public."""
    rows, left_out = list[tuple[tuple[int, ...], dict[str, Any]]](), (0, 0)
    for thing, told in claims.items():
        live, about, excluded = naive_live(told, public_at, known_at)
        left_out = left_out[0] + excluded[0], left_out[1] + excluded[1]
        view = naive_view(told, day, public_at, known_at, policy)
        times = {claim.id: claim.time for claim in told}
        unmet = _unmet(live, day)
        spoken = [said for said in about if said.type in ("claim.denied", "claim.resolved")]
        for said in live + spoken:
            row = _row(said, thing, day, times[said.id], view)
            if _is_asked_for(row, said, asked, day):
                rows.append((_place(said, unmet), row))
        certain = {said.id for said in live + spoken}
        more, about, _ = naive_live(told, public_at, known_at, perhaps=True)
        more += [said for said in about if said.type in ("claim.denied", "claim.resolved")]
        for said in more:
            if said.id not in certain:
                row = _row(said, thing, day, times[said.id], {"occurrences": {}, "series": {}})
                if _is_asked_for(row, said, asked, day):
                    rows.append((_place(said, unmet), {**row, "perhaps": True}))
    return {"rows": [row for _, row in sorted(rows, key=lambda one: one[0])], "excluded": left_out}


def _row(said: Said, thing: str, day: date, time: str, view: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": said.id,
        "subject": thing,
        "position": said.position,
        "recorded": time,
        "type": said.type,
        "asserted_by": said.body.asserted_by,
        "effective": said.body.effective,
        "acted": said.body.acted,
        "published": said.shown.text,
        "perhaps": False,
        "support": _status(said, view),
        "selected": _is_picked(said, view),
        "begun": begun(said, day),
        "late_days": _late_days(said, time),
    }


def _status(said: Said, view: dict[str, Any]) -> str | None:
    """Return the worst status of what the claim speaks of; of another day's measurement none."""
    found = {one["support"] for one in view["occurrences"].values() if said.id in one["claims"]}
    found |= {one["support"] for one in view["series"].values() if said.id in one["near"]}
    return next((status for status in WORST_FIRST if status in found), None)


def _is_picked(said: Said, view: dict[str, Any]) -> bool:
    of_acts = any(said.id in one["pick"] for one in view["occurrences"].values())
    return of_acts or any(said.id == one["pick"] for one in view["series"].values())


def _late_days(said: Said, time: str) -> int | None:
    written = day_of(said)
    if written is None:
        return None
    last = days_at_place(parse_date(written), said.body.zone)[1]
    return (date.fromisoformat(time[:10]) - last).days if last else None


def _place(said: Said, unmet: set[str]) -> tuple[int, ...]:
    return by_effect(said) if day_of(said) and said.id not in unmet else in_order(said)


def _unmet(live: list[Said], day: date) -> set[str]:
    """Return the notices and postponements that by the day were revoked, or given another day."""
    found: set[str] = set()
    leaving = [said for said in live if said.type.startswith("agreement.withdrawal-")]
    for party in {said.body.party for said in leaving}:
        own = [said for said in leaving if said.body.party == party]
        notices, back, moves = (
            [said for said in own if said.type.endswith(verb)]
            for verb in ("notified", "revoked", "postponed")
        )
        back = [said for said in back if had_come(said, day)]
        moves = sorted(
            (said for said in moves if had_come(said, day)), key=lambda s: _given(s)[::2]
        )
        begun = [said for said in live if _begins(said) == party]
        numbers, revoked = number_notices(notices, back, begun)
        for number in {numbers[said.id] for said in notices}:
            group = [said for said in notices if numbers[said.id] == number]
            later = [_given(said)[0] for said in notices if numbers[said.id] > number]
            since, until = min(_given(said)[0] for said in group), min(later, default=date.max)
            chain = [said.id for said in moves if since <= _given(said)[0] < until]
            if group[0].id in revoked:
                found |= {*chain, *(said.id for said in group)}
            elif chain:
                found |= {*chain[:-1], *(said.id for said in group)}
    return found


def had_come(said: Said, day: date) -> bool:
    """Say whether an act certainly had come by a day."""
    return all_hold([said], day) == "yes"


def _given(said: Said) -> tuple[date, date, int]:
    return *interval(said.body.acted or said.body.effective, said.body.zone), said.position


def _begins(said: Said) -> str | None:
    if said.type.partition(".")[2] in ("consent-expressed", "signed", "entered-into-force-for"):
        return str(getattr(said.body, "for_", None) or said.body.party)
    return None


def _is_asked_for(row: dict[str, Any], said: Said, asked: Asked, day: date) -> bool:
    late = asked.late_days is None or (
        row["late_days"] is not None and row["late_days"] >= asked.late_days
    )
    to_come = given_later = row["begun"] == "no"
    given = said.type.removeprefix("agreement.withdrawal-") in ("notified", "postponed")
    if given and said.body.acted:  # listed from the day on which it was given
        itself = said._replace(body=replace(said.body, effective=said.body.acted))
        given_later = begun(itself, day) == "no"
    future = to_come or given_later if asked.future else not given_later
    contested = row["support"] == "contested" or not asked.contested
    return late and future and contested and (asked.party is None or _names(said, asked.party))


def _names(said: Said, party: str) -> bool:
    own = {name: value for name, value in plain(said.body).items() if name not in COMMON}
    return said.body.asserted_by == party or party in _leaves(own)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in _leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]
