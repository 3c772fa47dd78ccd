"""The status of parties to papers and to texts of two sides, as docs/spec/treaties.md, 4 and 5 say.

For the second naive fold: acts known by plain days, walked in their order, a table line each.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.properties.second_claims import Claim, side_of
from tests.properties.second_fold import SecondFold
from tests.properties.second_status import Step, day_of, order_of, steps_of

SIDES = ("party/a", "party/d")


@dataclass
class Side:
    """What one side did: its status in words, its signature and consent, and its notice."""

    status: str = "none"
    signed: date | None = None
    consented: date | None = None
    offered: bool = False
    own: date | None = None
    notice: Claim | None = None
    acted: bool = False


class Text:
    """A paper or a text of two sides, walked act by act; `ended` once it has ended."""

    def __init__(self, fold: SecondFold, *, paper: bool) -> None:
        self.paper, self.today = paper, fold.question.as_of
        self.ended = self.terminated = False
        self.sides = {side: Side() for side in SIDES}
        picked = [claim for one in fold.occurrences for claim in one.selected]
        came = [c for c in picked if c.type == "agreement.entered-into-force"]
        self.days = sorted(day_of(claim) for claim in came)
        self.claimed = self.days[0] if self.days else None
        self.end = date.max
        own = [c for c in picked if c.type == "agreement.entered-into-force-for"]
        for claim in own:
            if (who := str(side_of(claim))) in self.sides:
                self.sides[who].own = day_of(claim)
        acts = [c for c in picked if c.type not in ("agreement.described", *_ENTRIES)]
        acts += own
        steps = [step for claim in acts for step in steps_of(claim) if step.day <= self.today]
        self.walk(sorted(steps, key=order_of))

    def started(self) -> date | None:
        """Return from when it is in force, or in operation: as claimed, else when both acted."""
        if self.claimed is not None:
            return self.claimed
        days = [one.signed if self.paper else one.consented for one in self.sides.values()]
        known = [day for day in days if day is not None]
        return max(known) if len(known) == len(days) else None

    def now(self, side: Side, day: date) -> str:
        """Return the status of a side as the clock leaves it on a day."""
        start = self.started()
        begun = start is not None and start <= day
        if self.paper:
            return "participant" if side.status == "signatory" and begun else side.status
        if side.status == "contracting":
            bound = side.own <= day if side.own is not None else begun
            return "party" if bound else "contracting"
        return side.status

    def walk(self, steps: list[Step]) -> None:
        """Take one act after the other; after the end none moves a side."""
        for step in steps:
            who = str(side_of(step.claim))
            if self.ended and who in self.sides and self.begins_again(step):
                self.revive(step.day)
            if self.ended or (step.what != "terminated" and who not in self.sides):
                continue
            act = step.what.replace("-", "_")
            side = self.sides.get(who)
            if side is not None and act not in (_IDLE if self.paper else ()):
                side.acted = True
            getattr(self, f"_{act}")(side, step)

    def begins_again(self, step: Step) -> bool:
        """Say whether a side consents after an end that a notice brought (4)."""
        if self.terminated or step.claim.data.get("mode") == "succession":
            return False
        if step.what == "signed":
            return self.paper or bool(step.claim.data["mode"] == "definitive")
        return step.what == "consent-expressed" and not self.paper

    def revive(self, day: date) -> None:
        """Begin again: of each side its status is left, and where nothing is told of it unknown."""
        come = self.claimed is not None and self.claimed <= self.end
        for who, one in self.sides.items():
            status = "unknown" if come and not one.acted else one.status
            self.sides[who] = Side(status, acted=True)
        self.ended, self.end = False, date.max
        self.claimed = next((one for one in self.days if one > day), None)  # of this period

    def statuses(self) -> dict[str, str]:
        """Return the status of each side on the day asked; of whom nothing is told perhaps."""
        come = self.claimed is not None and self.claimed <= min(self.today, self.end)
        return {
            who: "unknown" if come and not one.acted else self.now(one, self.today)
            for who, one in self.sides.items()
        }

    def _signed(self, side: Side, step: Step) -> None:
        now = self.now(side, step.day)
        if self.paper:
            if now in ("none", "unknown", "former participant"):
                side.status, side.signed = "signatory", step.day
        elif step.claim.data["mode"] == "definitive":
            if now != "withdrawing":
                self._consents(side, step.day)
        elif now in ("none", "unknown", "former"):
            side.status = "signatory"

    def _consent_expressed(self, side: Side, step: Step) -> None:
        if self.paper:
            return
        other = next(one for one in self.sides.values() if one is not side)
        bound = {self.now(one, step.day) for one in (side, other)} & {*_CONSENTED}
        if step.claim.data.get("established_by") == "exchange":
            other.acted = True
            self._consents(side, step.day)
            self._consents(other, step.day)
        elif step.claim.data["mode"] != "exchange" or bound:
            self._consents(side, step.day)
        elif other.offered:
            self._consents(side, step.day)
            self._consents(other, step.day)
        else:
            side.offered = True

    def _consents(self, side: Side, day: date) -> None:
        now = self.now(side, day)
        if now == "withdrawing":
            side.consented = side.consented or day
        elif now in ("none", "signatory", "unknown", "former"):
            side.status, side.consented, side.offered = "contracting", day, False

    def _entered_into_force_for(self, side: Side, step: Step) -> None:
        if not self.paper and self.now(side, step.day) not in ("party", "withdrawing"):
            side.status = "party"

    def _withdrawal_notified(self, side: Side, step: Step) -> None:
        now = self.now(side, step.day)
        if self.paper and now == "participant":
            side.notice = side.notice or step.claim
        elif not self.paper and now not in ("withdrawing", "former"):
            side.status, side.notice = "withdrawing", step.claim
            if now == "contracting":
                side.consented = None

    def _effect(self, side: Side, step: Step) -> None:
        if side.notice is step.claim:
            self._end(step.day)

    def _withdrawal_revoked(self, side: Side, step: Step) -> None:
        if self.paper:
            return
        side.status, side.notice = "party", None

    def _intention_not_to_become_party(self, side: Side, step: Step) -> None:
        if self.now(side, step.day) in ("signatory", "unknown"):
            side.status, side.signed = "none", None

    def _provisionally_applied(self, side: Side, step: Step) -> None:
        """Change nothing: a paper that does not bind is not applied."""

    def _terminated(self, _: Any, step: Step) -> None:
        self.terminated = True
        self._end(step.day)

    def _end(self, day: date) -> None:
        self.ended, self.end = True, day
        for side in self.sides.values():
            if side.status == "unknown":
                continue
            if self.paper:
                side.status = "none" if side.status == "none" else "former participant"
            else:
                bound = self.now(side, day) in ("party", "withdrawing", "former")
                side.status = "former" if bound else "none"


_ENTRIES = ("agreement.entered-into-force", "agreement.entered-into-force-for")
_IDLE = ("withdrawal_notified", "effect", "provisionally_applied")
_CONSENTED = ("contracting", "party", "withdrawing")
