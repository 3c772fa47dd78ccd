"""Apply what happens to an agreement as a whole, to its end (docs/spec/treaties.md, 8)."""

from datetime import date
from typing import Any

from msgspec import Struct

from domain.agreement.binding import BINDING, binds
from domain.agreement.entry_into_force import Instrument
from domain.agreement.state import (
    NOBODY,
    ActDays,
    Agreement,
    Lasting,
    Side,
    differs_from_rule,
    in_force_by,
    last_end,
    name_of_untold,
    note_day,
    start_in_force,
)
from domain.agreement.status_table import BOUND, CONSENTED, ENDING, Name, transition
from domain.claims.interval import before, interval
from events.dates import parse_date
from events.kinds import agreement as acts
from events.value import replace


class ActOutcome(Struct, frozen=True, gc=False):
    """Whose act it is, and what is odd about it, by the names of the findings."""

    who: str = ""
    found: tuple[str, ...] = ()

    def finding(self, *names: str) -> "ActOutcome":
        """Return the outcome with more findings."""
        return ActOutcome(self.who, (*self.found, *names)) if names else self


def move(state: Agreement, who: str, act: str, at: ActDays, **kept: Any) -> ActOutcome:
    """Take a side through one row; `kept` is what its record keeps of an act that counts.

    An instrument among it counts for the rule of entry into force.
    """
    side = new = state.acting.get(who, NOBODY)
    noted = NOBODY if side is NOBODY else note_day(state, who, at.clock)
    now = noted.name
    to, found = transition(act, now, treaty=state.binding in BINDING)
    if to != now and side is NOBODY:  # as most acts are a side's first
        new = Side(name=to, since=at.text, **kept)
    elif to != now:
        new = replace(noted, **{**_moved(now, to, at), **kept})
    elif kept and not found:
        new = replace(side, **kept)
    elif side is NOBODY and act in ENDING:
        new = Side()  # what it says of itself is recorded: its status is none, and not unknown
    state.acting[who] = new
    if new.consent is not None and new.consent is not side.consent:
        state.consents.append(new.consent)
    return ActOutcome(who, (found,) if found else ())


def consent(
    state: Agreement, instrument: Instrument, at: ActDays, act: str, **kept: Any
) -> ActOutcome:
    """Bind a side; its instrument counts for the rule if it is bound.

    A consent given while withdrawing waits for the day of the end.
    """
    who = instrument.party
    outcome = move(state, who, act, at, consent=instrument, consented=at, **kept)
    if "revoke-first" in outcome.found:
        state.acting[who] = replace(state.acting[who], again=(instrument, at))
        state.consents.append(instrument)
    return outcome


def uncount(state: Agreement, who: str) -> None:
    """Leave out the instruments of a side that took its consent back."""
    state.consents = [one for one in state.consents if one.party != who]


def is_third(state: Agreement, who: str) -> bool:
    """Say whether one is none of the two sides of a bilateral agreement."""
    return state.bilateral and len(state.sides) >= 2 and who not in state.sides


def _moved(now: Name, to: Name, at: ActDays) -> dict[str, Any]:
    """Return what is so of a side in another standing, and that what no longer holds is gone."""
    moved: dict[str, Any] = {"name": to, "since": at.text}
    moved |= {"notice": None, "held": None, "intends_not": False, "again": None}
    if to in CONSENTED:
        moved["offered"] = None
    else:
        moved |= {"consent": None, "consented": None, "own": None}
    if to == "contracting":
        moved["own"] = None  # that of an earlier period
    return moved | {"provisional": ()} if now in BOUND else moved


def reach_stage(state: Agreement, stage: str) -> ActOutcome:
    """Note that the agreement has come so far."""
    if stage not in state.stages:
        state.stages |= {stage}
    return ActOutcome()


def adopted(state: Agreement, _: acts.TextAdopted, at: ActDays) -> ActOutcome:
    """Adopt the text (VCLT 9); who consented before is odd."""
    early = any(before(one.acted, at.effective) == "yes" for one in state.consents)
    outcome = reach_stage(state, "adopted")
    return outcome.finding("consent-before-adoption") if early else outcome


def opened(state: Agreement, body: acts.OpenedForSignature, at: ActDays) -> ActOutcome:
    """Open it for signature, perhaps until a day."""
    state.opened = at.effective
    state.closes = interval(body.until) if body.until else None
    return reach_stage(state, "open")


def rule_set(state: Agreement, body: acts.EntryIntoForceRuleSet, _: ActDays) -> ActOutcome:
    """Set the rule by which it enters into force."""
    state.rule = body.rule
    return ActOutcome()


def notified(state: Agreement, body: acts.NotificationMade, at: ActDays) -> ActOutcome:
    """Receive a notification: only one about the entry into force feeds a rule."""
    if "entry into force" in body.purpose.casefold():
        state.notifications = (*state.notifications, (body.party, at.acted))
    return ActOutcome(body.party)


def entered(state: Agreement, body: acts.EnteredIntoForce, at: ActDays) -> ActOutcome:
    """Enter into force (VCLT 24, 25), or come into operation without binding."""
    mode = body.mode
    if (mode == "operation") == binds(state.binding):
        if mode == "operation":
            return ActOutcome(found=("operation-of-a-binding-text",))
        return ActOutcome(found=("not-binding",))
    if mode in state.in_force:
        return ActOutcome(found=("enters-twice",))
    state.in_force = {**state.in_force, mode: at}
    if mode == "provisional":
        _apply_by_all(state, at)
        return ActOutcome()
    outcome = ActOutcome()
    bound = any(note_day(state, who, at.clock).name in CONSENTED for who in state.acting)
    if mode == "definitive" and not state.consents and not bound:
        outcome = ActOutcome(found=("consents-not-recorded",))
    if before(at.effective, at.acted) == "yes":
        outcome = outcome.finding("retroactive")
    differs = differs_from_rule(state, at.effective)
    return outcome.finding("not-the-computed-day") if differs else outcome


def suspended(state: Agreement, body: acts.Suspended, at: ActDays) -> ActOutcome:
    """Suspend the operation, of all, for one or between some (VCLT 57-60, 72)."""
    if not binds(state.binding):
        return ActOutcome(body.for_ or "", found=("out-of-order",))
    whom = _concerned(body)
    day = parse_date(body.effective) if body.effective else None
    lasting = Lasting(day, body.zone, frozenset(whom))
    if state.bilateral or not whom:
        state.suspended = (*state.suspended, lasting)
        return _in_operation(state, at, whom)
    found: tuple[str, ...] = ()
    for who in whom:
        # For a party that applies it provisionally this application is suspended (VCLT 25).
        outcome = ActOutcome() if state.side(who).provisional else move(state, who, "suspends", at)
        side = state.side(who)
        halted = replace(lasting, unbound=bool(outcome.found or side.provisional))
        state.acting[who] = replace(side, suspended=(*side.suspended, halted))
        found = found or outcome.found
    return ActOutcome(whom[0], found)


def resumed(state: Agreement, body: acts.Resumed, at: ActDays) -> ActOutcome:
    """Resume the operation: every suspension ends, or those of the parties named (VCLT 57)."""
    if not binds(state.binding):
        return ActOutcome(body.for_ or "", found=("out-of-order",))
    outcome = _in_operation(state, at, _concerned(body))
    whom = frozenset() if state.bilateral else frozenset(_concerned(body))
    idle = _still_suspended(state.suspended, whom) == state.suspended
    state.suspended = _still_suspended(state.suspended, whom)
    for who, side in state.acting.items():
        still = _still_suspended(side.suspended, whom)
        idle = idle and still == side.suspended
        if side.suspended:
            state.acting[who] = replace(side, suspended=still)
    return outcome.finding("out-of-order") if idle and not outcome.found else outcome


def _concerned(body: acts.Suspended | acts.Resumed) -> tuple[str, ...]:
    return tuple(filter(None, (body.for_, *(body.between or ()))))


def _still_suspended(halted: tuple[Lasting, ...], whom: frozenset[str]) -> tuple[Lasting, ...]:
    """Return the suspensions that a resumption for some, or for all (none named), does not end."""
    return tuple(one for one in halted if whom and one.of != whom)


def terminated(state: Agreement, _: object, at: ActDays) -> ActOutcome:
    """End it (VCLT 54, 59-62): parties become former, the others have nothing left."""
    if state.terminated:
        return ActOutcome()
    started, treaty = start_in_force(state), binds(state.binding)
    acting = {}
    for who, side in state.acting.items():
        if side is NOBODY:  # of which nothing is known now, nothing is known then
            acting[who] = side
            continue
        now = note_day(state, who, at.clock, started)
        to = transition("terminates", now.name, treaty=treaty).to
        since = at.text if to != now.name else now.since
        acting[who] = replace(side, name=to, since=since, provisional=(), suspended=(), notice=None)
    state.acting, state.terminated = acting, at
    return ActOutcome()


def revive(state: Agreement, day: date) -> None:
    """Begin the next period of a text of two sides that one had denounced."""
    acting, end, untold = {}, last_end(state, day), name_of_untold(state)
    for who in state.sides | state.acting.keys():
        side = note_day(state, who, day)
        kept = {name: getattr(side, name) for name in ("continues", "ceased", "continued_by")}
        name = untold if side is NOBODY and who in state.sides else side.name
        acting[who] = Side(name=name, since=side.since, **kept)
    state.acting, state.lapsed = acting, end
    state.consents, state.notifications, state.suspended = [], (), ()
    state.in_force = {}
    state.coming = {
        of: tuple(at for at in days if at.effective.first > day)
        for of, days in state.coming.items()
    }


def registered(state: Agreement, _: acts.Registered, at: ActDays) -> ActOutcome:
    """Register it (VCLT 80(1)): after its entry into force, provisional at least."""
    provisional = state.in_force.get("provisional")
    if provisional and before(at.effective, provisional.effective) != "yes":
        return ActOutcome()
    early = in_force_by(state, at.effective) == "no"
    return ActOutcome(found=("registered-before-in-force",) if early else ())


def _apply_by_all(state: Agreement, at: ActDays) -> None:
    """Let signatories and contracting States apply the agreement provisionally in force."""
    applying = [
        who
        for who in state.acting
        if note_day(state, who, at.clock).name in ("signatory", "contracting")
    ]
    for who in applying:
        state.acting[who] = replace(state.acting[who], provisional=(Lasting(),))


def _in_operation(state: Agreement, at: ActDays, whom: tuple[str, ...]) -> ActOutcome:
    """Return what is to be said of suspending or resuming the operation on a day.

    What is applied provisionally can be suspended before it is in force (VCLT 25).
    """
    if "provisional" in state.in_force or any(state.side(who).provisional for who in whom):
        return ActOutcome()
    in_force = in_force_by(state, at.effective)
    if in_force == "no":
        return ActOutcome(found=("not-in-force",))
    return ActOutcome(found=() if in_force == "yes" else ("order-unclear",))
