"""The status of parties as docs/spec/treaties.md, 3 says, for the second naive fold.

For texts of many sides that bind and whose acts are known by plain days: the table alone.
"""

from datetime import date
from typing import NamedTuple

from tests.properties.second_claims import NOTICE, Claim, side_of
from tests.properties.second_fold import SecondFold

CONSENT, OWN_DAY = "agreement.consent-expressed", "agreement.entered-into-force-for"
BOUND = ("party", "withdrawing")


class Step(NamedTuple):
    """What moves a side, when: an act, a notice, or the day on which a notice takes effect."""

    day: date
    position: int
    what: str
    claim: Claim


def statuses(fold: SecondFold) -> dict[str, str]:
    """Return the status of each side that did anything by D."""
    picked = [claim for one in fold.occurrences for claim in one.selected]
    in_force = _general_day(picked)
    found = {}
    for side in sorted({str(side_of(c)) for c in picked if side_of(c)}):
        own = [c for c in picked if side_of(c) == side]
        ends = [c for c in picked if c.type == "agreement.terminated"]
        steps = [s for c in (*own, *ends) for s in steps_of(c) if s.day <= fold.question.as_of]
        end = min((day_of(claim) for claim in ends), default=date.max)
        if any(side_of(step.claim) == side and step.day <= end for step in steps):
            found[side] = _status(sorted(steps), [*own, *ends], in_force, fold.question.as_of)
    return found


def day_of(claim: Claim) -> date:
    """Return the day of an act that is known by one."""
    assert claim.when
    assert claim.when.first
    return claim.when.first


def _general_day(picked: list[Claim]) -> date | None:
    days = [
        day_of(c)
        for c in picked
        if c.type == "agreement.entered-into-force" and c.data["mode"] == "definitive"
    ]
    return min(days, default=None)


def steps_of(claim: Claim) -> list[Step]:
    """Return what an act moves and when: a notice on its day, and on that of its effect."""
    what = claim.type.partition(".")[2]
    position = claim.event.position
    if claim.type != NOTICE:
        return [Step(day_of(claim), position, what, claim)]
    notice = date.fromisoformat(str(claim.data.get("acted", claim.data["effective"])))
    return [Step(notice, position, what, claim), Step(day_of(claim), position, "effect", claim)]


def _status(  # noqa: C901, PLR0912 - the table, act by act
    steps: list[Step], own: list[Claim], in_force: date | None, today: date
) -> str:
    status, signed, waiting = "none", False, False
    notice: Claim | None = None
    moments = list(steps)
    if in_force is not None and in_force <= today:
        moments.append(Step(in_force, -1, "in-force", steps[0].claim))
    for step in sorted(moments, key=order_of):
        general = in_force is not None and in_force <= step.day
        waits = _waits_for_own_day(own, step.day)
        bound = "party" if general and not waits else "contracting"
        what = step.what
        if what == "signed":
            if step.claim.data["mode"] == "simple":
                status = "signatory" if status in ("none", "former") else status
                signed = signed or status == "signatory"  # one that changes nothing does not count
        elif what == "consent-expressed":
            waiting = waiting or status == "withdrawing"
            status = status if status in BOUND else bound
        elif what == "in-force":
            status = "party" if status == "contracting" and not waits else status
        elif what == "entered-into-force-for":
            status = status if status in BOUND else "party"
        elif what == "withdrawal-notified":
            if status != "former" and (status != "withdrawing" or waiting):
                status, notice, waiting = "withdrawing", step.claim, False
        elif what == "effect":
            if status == "withdrawing" and step.claim is notice:
                status = bound if waiting else "former"
                waiting = False
        elif what == "withdrawal-revoked":
            status = "party"
            waiting = False
        elif what == "consent-withdrawn":
            status = "signatory" if signed else "none"
        elif what == "terminated":
            status = "former" if status in (*BOUND, "former") else "none"
            break  # what comes after the end moves nothing
    return status


def order_of(step: Step) -> tuple[date, int, int]:
    """Return the place of a step: an effect begins its day, then what ends, then all other acts."""
    at_once = step.claim.data.get("acted", step.claim.data["effective"]) == str(step.day)
    ends = ("withdrawal-notified", "consent-withdrawn")
    place = (2 if at_once else 0) if step.what == "effect" else 1 if step.what in ends else 3
    return step.day, place, step.position


def _waits_for_own_day(own: list[Claim], day: date) -> bool:
    """Say whether a claimed own day lies after a day, with no turn in between."""
    later = sorted(day_of(c) for c in own if c.type == OWN_DAY and day_of(c) > day)
    if not later:
        return False
    turning = (CONSENT, NOTICE, "agreement.consent-withdrawn", "agreement.terminated")
    turns = [steps_of(c)[0].day for c in own if c.type in turning]
    return not any(day < turn <= later[0] for turn in turns)
